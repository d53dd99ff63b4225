"""What belongs to one request: the reader's language, the version they read, the names their page needs."""

from flask import Flask, current_app, g, request

from server import language as lang
from server.labels import Labels
from server.snapshot import Snapshot, Snapshots

_EXTENSION = "praksisgrafen"


def install(app: Flask, published: Snapshots) -> None:
    """Give the requests of an app their versions."""
    app.extensions[_EXTENSION] = published


def snapshots() -> Snapshots:
    """Return where this app's versions come from."""
    installed: Snapshots = current_app.extensions[_EXTENSION]
    return installed


def snapshot() -> Snapshot:
    """Return the version this request reads, the same one however often it is asked for."""
    if "snapshot" not in g:
        g.snapshot = snapshots().current()
    held: Snapshot = g.snapshot
    return held


def held_snapshot() -> Snapshot | None:
    """Return the version this request has read, if it has read any."""
    held: Snapshot | None = g.get("snapshot")
    return held


def language() -> str:
    """Return the language to answer in."""
    return lang.choose(request.args.get("lang"), request.accept_languages)


def carried() -> str | None:
    """Return the language the address asks for, to be kept in the links of the page."""
    wanted = request.args.get("lang")
    return wanted if wanted in lang.LANGUAGES else None


def labels() -> Labels:
    """Return an empty collection of names in the reader's language."""
    return Labels(language(), carried())


def page_number() -> int:
    """Return the page of a list the address asks for, the first where it asks for nonsense."""
    return max(1, min(request.args.get("page", 1, type=int), 1_000_000))
