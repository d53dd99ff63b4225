"""How the server is, and what it serves."""

from flask import Blueprint, Response, jsonify

from server import reader
from server.caching import software_version

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer with the state of the server; an error of the engine or a missing version is not 200."""
    snapshot = reader.snapshot()
    snapshot.rows("SELECT * WHERE { ?s ?p ?o } LIMIT 1")
    response = jsonify(
        status="ok",
        version=snapshot.version.number,
        content_hash=snapshot.version.content_hash,
        software=software_version(),
        sandboxed=reader.snapshots().is_sandboxed(),
    )
    response.headers["Cache-Control"] = "no-store"
    return response
