"""How the server is, and whether it should be sent requests."""

import shutil
from typing import Final

from flask import Blueprint, Response, jsonify

from kg.errors import EngineUnavailable
from server import reader
from server.caching import software_version

blueprint = Blueprint("health", __name__)
_ENOUGH: Final = 64 * 2**20
"""Free disk below which large answers may have nowhere to wait. Units: bytes."""


class NotReady(EngineUnavailable):
    """The server should get no requests now."""

    title = "Not ready"


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer with the state of the server; an error of the engine or a missing version is not 200."""
    version = reader.snapshots().probe()
    response = jsonify(
        status="ok",
        version=version.number,
        content_hash=version.content_hash,
        software=software_version(),
        sandboxed=reader.snapshots().is_sandboxed(),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/readyz")
def readyz() -> Response:
    """Tell a balancer whether to send requests: a version is there, a worker answers, the disk has room."""
    version = reader.snapshots().probe()
    if shutil.disk_usage(version.path).free < _ENOUGH:
        raise NotReady("The disk of the home is full.", 30)
    response = jsonify(status="ready", version=version.number)
    response.headers["Cache-Control"] = "no-store"
    return response
