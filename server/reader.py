"""What belongs to one request: the reader's language, the version they read, the names their page needs."""

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app, g, request

from kg.engine import Answer
from kg.errors import PraksisError
from kg.versions import Version
from server import language as lang
from server.errors import BadRequest
from server.labels import Labels
from server.snapshot import Snapshot, Snapshots

_EXTENSION = "praksisgrafen"
DONE: Final = "praksisgrafen.evaluated"
"""Where in the WSGI environment an evaluation that `server.express` made waits for the view."""


@dataclass(frozen=True)
class Evaluated:
    """What came of a query before the view was asked, and which version it was put to."""

    snapshot: Snapshot
    result: Answer | PraksisError


def install(app: Flask, published: Snapshots) -> None:
    """Give the requests of an app their versions."""
    app.extensions[_EXTENSION] = published


def snapshots() -> Snapshots:
    """Return where this app's versions come from."""
    installed: Snapshots = current_app.extensions[_EXTENSION]
    return installed


def snapshot() -> Snapshot:
    """Return the version this request reads, the same one however often it is asked for.

    Raises: UnknownVersion when `?version=` names none; NoVersion when nothing has been published.
    """
    if "snapshot" not in g:
        done, wanted = request.environ.get(DONE), request.args.get("version")
        current = done.snapshot if isinstance(done, Evaluated) else snapshots().current()
        g.snapshot = current if wanted is None else snapshots().at(version_number(wanted))
    held: Snapshot = g.snapshot
    return held


def is_conformance() -> bool:
    """Tell whether this app serves a conformance suite: an empty graph, a plain default graph, open to writes."""
    return snapshots().is_conformance


def choose_version(wanted: str) -> None:
    """Read this version from here on: for a parameter that does not stand in the address."""
    g.snapshot = snapshots().at(version_number(wanted))


def version_number(text: str) -> int:
    """Read the number of a version.

    Raises: BadRequest when it is no number.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadRequest("“%(text)s” is not the number of a version.", "Versions are numbered 1, 2, 3 …", text=text)
    return int(text)


def held_snapshot() -> Snapshot | None:
    """Return the version this request has read, if it has read any."""
    held: Snapshot | None = g.get("snapshot")
    return held


def language() -> str:
    """Return the language to answer in."""
    return lang.choose(request.args.get("lang"), request.accept_languages)


def carried() -> dict[str, str]:
    """Return the language and version the address asks for, to be kept in the links of the page."""
    wanted, version = request.args.get("lang"), earlier_version()
    language = {"lang": wanted} if wanted in lang.LANGUAGES and wanted is not None else {}
    return language | ({"version": str(version.number)} if version else {})


def earlier_version() -> Version | None:
    """Return the version the request asks for by number and reads, so that its page can say so."""
    held = held_snapshot()
    return held.version if held is not None and "version" in request.args else None


def labels() -> Labels:
    """Return an empty collection of names in the reader's language."""
    return Labels(language(), carried())


def page_number() -> int:
    """Return the page of a list the address asks for, the first where it asks for nonsense."""
    return max(1, min(request.args.get("page", 1, type=int), 1_000_000))
