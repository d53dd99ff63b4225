"""The limits of the server: published at `/limits`, narrowed by clients, raised by tokens.

/limits
├── query    time, rows, bytes, memory, how many at once and how long one waits for its turn
├── update   time, memory, bytes on disk, and how long one waits for another to end
├── request  the size of a body
└── client   how often one address may ask, and how much at once
"""

import math
import re
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Flask, Request, Response, current_app, jsonify

from kg.edits import EditLimits
from kg.versions.home import WRITERS_WAIT
from server import auth
from server.config import Settings
from server.errors import BadRequest
from server.rates import BURST

blueprint = Blueprint("limits", __name__)
_EXTENSION: Final = "praksisgrafen-limits"
_NUMBER: Final = re.compile(r"(?:[0-9]+\.?|[0-9]*\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
SHORTEST: Final = 0.01
"""Units: seconds."""


def install(app: Flask, settings: Settings) -> None:
    """Give the requests of an app their limits."""
    app.extensions[_EXTENSION] = settings


def _settings() -> Settings:
    settings: Settings = current_app.extensions[_EXTENSION]
    return settings


def timeout(request: Request) -> float:
    """Return how long the query of a request may run: what a token grants in the place of the setting, or less.

    The parameter or form field `timeout` lowers it, and never raises. Units: seconds.

    Raises: BadRequest when the parameter is no number of seconds; Unauthorized when the token counts for nothing.
    """
    token = auth.sent()
    highest = token.query_timeout if token and token.query_timeout else _settings().query_timeout
    said = request.args.get("timeout") or (request.form.get("timeout") if request.method in ("POST", "QUERY") else None)
    if not said:
        return highest
    wanted = float(said) if _NUMBER.fullmatch(said) else math.nan
    if not (wanted > 0 and math.isfinite(wanted)):
        raise BadRequest(
            "“timeout” is not a number of seconds: “%(said)s”.",
            "A number above 0 and up to %(highest)s.",
            said=said,
            highest=float(highest),
        )
    return min(highest, max(wanted, SHORTEST))


@dataclass(frozen=True)
class Limit:
    """One limit: its value, None for none, and its unit."""

    value: float | int | None
    unit: str
    meaning: str


def table(settings: Settings) -> dict[str, dict[str, Limit]]:
    """Return all limits as they are published."""
    rate, places, update = settings.requests_per_second, settings.processes * settings.workers, EditLimits()
    return {
        "query": {
            "timeout": Limit(settings.query_timeout, "seconds", "A query is ended then; “timeout” asks for less."),
            "rows": Limit(settings.query_rows, "rows", "Solutions or triples of an answer."),
            "bytes": Limit(settings.query_bytes, "bytes", "Size of an answer."),
            "memory": Limit(settings.query_memory * 2**20, "bytes", "Memory above what the opened graph needs."),
            "concurrency": Limit(places, "queries", "Evaluated at once; up to as many long ones run beside them."),
            "queue": Limit(settings.queue * settings.processes, "queries", "Waiting for their turn at once."),
            "wait": Limit(settings.queue_timeout, "seconds", "A query waits so long for its turn, then gets 503."),
            "spool": Limit(settings.spool * 2**20, "bytes", "Large answers that a server process sends at once."),
        },
        "update": {
            "timeout": Limit(settings.query_timeout, "seconds", "An update is ended then; “timeout” asks for less."),
            "memory": Limit(update.memory, "bytes", "Memory above what the opened graph needs."),
            "disk": Limit(update.disk, "bytes", "New files of the version that comes of it."),
            "wait": Limit(WRITERS_WAIT, "seconds", "An update waits so long for another to end, then gets 503."),
        },
        "request": {"bytes": Limit(settings.request_bytes, "bytes", "Size of the body of a request.")},
        "client": {
            "rate": Limit(rate, "requests per second", "What one address may keep up; 429 beyond it."),
            "burst": Limit(None if rate is None else int(max(rate * BURST, 1)), "requests", "At once, after a pause."),
            "concurrency": Limit(
                None if rate is None else settings.concurrency,
                "requests",
                "Under way at once in each server process; 429 beyond it.",
            ),
        },
    }


def published() -> dict[str, dict[str, Limit]]:
    """Return all limits of this app."""
    return table(_settings())


@blueprint.get("/limits")
def limits() -> Response:
    """Publish the limits."""
    response = jsonify(published())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
