"""Praksisgrafen on the web: SPARQL, pages, data and downloads of the published versions."""

from pathlib import Path

from flask import Flask

from server import (
    auth,
    compression,
    downloads,
    elsewhere,
    entities,
    errors,
    front,
    graphs,
    headers,
    health,
    limits,
    metrics,
    reader,
    rendering,
    running,
    sparql,
    updates,
    vocabulary,
)
from server.config import Settings
from server.gate import Gate
from server.rates import Rates
from server.snapshot import Snapshots

BLUEPRINTS = (
    front.blueprint,
    entities.blueprint,
    vocabulary.blueprint,
    sparql.blueprint,
    graphs.blueprint,
    downloads.blueprint,
    health.blueprint,
    limits.blueprint,
    running.blueprint,
    metrics.blueprint,
)


def create_app(settings: Settings | None = None, shared: Path | None = None) -> Flask:
    """Make the application over the versions in the home of the settings.

    The processes of one server share what is in a folder; without one, the application counts for itself.
    """
    settings = settings or Settings()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.request_bytes
    app.url_map.merge_slashes = False
    snapshots = Snapshots(settings)
    reader.install(app, snapshots)
    limits.install(app, settings)
    auth.install(app, settings)
    elsewhere.install(app, settings)
    updates.install(app, settings)
    rendering.install(app)
    headers.install(app)
    compression.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    rate = settings.requests_per_second
    rates = None if rate is None else Rates(rate, shared and shared / "rates")
    gate = Gate(app.wsgi_app, settings, snapshots, rates)
    metrics.install(app, settings.home, gate.cache)
    app.wsgi_app = gate  # type: ignore[method-assign]
    return app
