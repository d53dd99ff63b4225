"""Writing over HTTP: who may, within which limits, and what is answered when it is done."""

from typing import Final

from flask import Flask, Response, current_app

from kg import edits
from kg.edits import Edit, EditLimits, Expect, Outcome, SparqlUpdate
from kg.versions import Home, history
from server import auth, elsewhere, reader, silent
from server.config import Settings
from server.protocol import UpdateOperation

_EXTENSION: Final = "praksisgrafen-writer"
_KEPT: Final = 3
"""How many versions a conformance suite leaves behind at a time."""


class Writer:
    """The way into the home that requests write through."""

    def __init__(self, settings: Settings) -> None:
        self._conformance = settings.conformance
        self._home = Home(settings.home, durable=not settings.conformance)
        self._timeout = settings.query_timeout

    def write(self, edit: Edit, message: str, expect: Expect | None = None) -> Outcome:
        """Make an edit in the name of the request's token.

        Raises: Forbidden, Unauthorized, ScopeMissing, and what `kg.edits.apply` raises.
        """
        token = auth.require("write")
        outcome = edits.apply(
            self._home,
            edit,
            author=token.name,
            message=message,
            expect=expect,
            limits=EditLimits(timeout=max(self._timeout, token.query_timeout or 0.0)),
            validate=not self._conformance,
        )
        if self._conformance and outcome.changed:
            history.prune(self._home, _KEPT)
        return outcome


def install(app: Flask, settings: Settings) -> None:
    """Let the requests of an app write."""
    app.extensions[_EXTENSION] = Writer(settings)


def writer() -> Writer:
    """Return the way into the home of this app."""
    installed: Writer = current_app.extensions[_EXTENSION]
    return installed


def update(operation: UpdateOperation, base_iri: str) -> Response:
    """Make a SPARQL update; the answer names the version that is in force after it."""
    auth.require("write")
    named = bool(operation.using_graphs or operation.using_named_graphs)
    edit = SparqlUpdate(
        elsewhere.loaded(silent.failed(operation.text) if reader.is_conformance() else operation.text, base_iri),
        base_iri,
        operation.using_graphs if named else None,
        operation.using_named_graphs if named else None,
    )
    return done(writer().write(edit, operation.message or "SPARQL update"))


def done(outcome: Outcome, location: str | None = None) -> Response:
    """Answer that it is written: 201 with the place of what is new, else 204."""
    response = Response(status=204) if location is None else Response(status=201, headers={"Location": location})
    del response.headers["Content-Type"]
    response.headers["Praksisgrafen-Version"] = str(outcome.version.number)
    return response
