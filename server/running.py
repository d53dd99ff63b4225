"""Running queries and updates: operators list and end them, clients end their own.

A client that may want to end its query or update sends a name for it that nobody can guess, in the header `Query-Id` or
the parameter `query-id`; whoever knows the name may end it with `DELETE /queries/running/<name>`.
"""

import re
from typing import Final

from flask import Blueprint, Request, Response, jsonify

from server import auth, reader
from server.errors import BadRequest, UnknownThing

blueprint = Blueprint("running", __name__)

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{22,128}")


def key(request: Request) -> str | None:
    """Return the name the client gave its query.

    Raises: BadRequest when it could be guessed.
    """
    said = request.headers.get("Query-Id") or request.args.get("query-id")
    if said is not None and not _KEY.fullmatch(said):
        raise BadRequest(
            "The query’s name is too easy to guess, or has characters it may not have.",
            "Query-Id takes 22 to 128 letters, digits, “-” and “_”: a random UUID, for example.",
        )
    return said


@blueprint.get("/admin/queries")
def queries() -> Response:
    """List what has been running for more than a tenth of a second, in all processes of the server."""
    auth.require("admin")
    response = jsonify(queries=[running.described() for running in reader.snapshots().registry.all()])
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/admin/queries/<identifier>")
def kill(identifier: str) -> Response:
    """End a query, whichever process it runs in."""
    auth.require("admin")
    if not reader.snapshots().registry.kill(identifier):
        raise UnknownQuery
    return Response(status=204)


@blueprint.delete("/queries/running/<name>")
def cancel(name: str) -> Response:
    """End a query of one's own."""
    if not _KEY.fullmatch(name) or not reader.snapshots().registry.cancel(name):
        raise UnknownQuery
    return Response(status=204)


class UnknownQuery(UnknownThing):
    """No such query is running."""

    title = "No such query is running"

    def __init__(self) -> None:
        BadRequest.__init__(self, "No query of this name is running: it may have ended.")
