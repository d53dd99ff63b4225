"""Writing over HTTP: who may, within which limits, and what is answered when it is done."""

import contextlib
import logging
from functools import cached_property
from typing import Final

from flask import Flask, Response, current_app, request

from kg import edits
from kg.characters import is_printable
from kg.edits import Edit, EditLimits, Expect, Outcome, SparqlUpdate
from kg.engine import Limits, Query
from kg.engine.running import Watch
from kg.errors import HomeBusy, PraksisError, UpdateCancelled
from kg.versions import Home, history
from server import auth, bodies, elsewhere, limits, reader, running, silent
from server.config import Settings
from server.errors import BadRequest
from server.protocol import UpdateOperation

_EXTENSION: Final = "praksisgrafen-writer"
_KEPT: Final = 3
"""How many versions a conformance suite leaves behind at a time."""
_log = logging.getLogger(__name__)


class Writer:
    """The way into the home that requests write through; what they write is listed among the running queries."""

    def __init__(self, settings: Settings) -> None:
        self._conformance = settings.conformance
        self._home = Home(settings.home, durable=not settings.conformance)

    @cached_property
    def _watch(self) -> Watch:
        """Watch from the first write on: this belongs to the process that serves, not to one that forks it."""
        return Watch(reader.snapshots().registry, lambda _: None, UpdateCancelled)

    def write(self, edit: Edit, message: str, expect: Expect | None = None) -> Outcome:
        """Make an edit in the name of the request's token, within the time the request has.

        Raises: Forbidden, Unauthorized, ScopeMissing, BadRequest, and what `kg.edits.apply` raises.
        """
        token, timeout = auth.require("write"), limits.timeout(request)
        if not is_printable(message):
            raise BadRequest("The message has characters that cannot be printed.", "Write it as one line of text.")
        query = Query(edits.described(edit), key=running.key(request))
        version = self._home.versions / str(self._home.current_number())
        with self._watch.over(query, Limits(timeout), version / "store") as entry:
            outcome = edits.apply(
                self._home,
                edit,
                author=token.name,
                message=message,
                expect=expect,
                limits=EditLimits(timeout=timeout),
                validate=not self._conformance,
                admin="admin" in token.scopes,
                control=edits.Listed(self._watch, entry),
            )
        if self._conformance and outcome.changed:
            with contextlib.suppress(HomeBusy):  # whoever writes now prunes after that
                history.prune(self._home, _KEPT)
        return outcome


def install(app: Flask, settings: Settings) -> None:
    """Let the requests of an app write."""
    app.extensions[_EXTENSION] = Writer(settings)


def warm(app: Flask) -> None:
    """Start what the first write needs, where anybody may write, and only once queries are answered."""
    with app.app_context():
        try:
            if auth.writing_is_offered():
                reader.snapshots().current().rows("SELECT * { ?s ?p ?o } LIMIT 1")
                edits.warm(validate=not reader.is_conformance())
        except PraksisError as error:
            _log.warning("the first write will have to wait: %s", error.detail)


def writer() -> Writer:
    """Return the way into the home of this app."""
    installed: Writer = current_app.extensions[_EXTENSION]
    return installed


def update(operation: UpdateOperation, base_iri: str) -> Response:
    """Make a SPARQL update; the answer names the version that is in force after it."""
    auth.require("write")
    bodies.require_length()
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
