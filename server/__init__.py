"""Praksisgrafen on the web: SPARQL, pages, data and downloads of the published versions."""

from flask import Flask

from server import downloads, entities, errors, front, headers, health, reader, rendering, sparql, vocabulary
from server.config import Settings
from server.snapshot import Snapshots

BLUEPRINTS = (
    front.blueprint,
    entities.blueprint,
    vocabulary.blueprint,
    sparql.blueprint,
    downloads.blueprint,
    health.blueprint,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application over the versions in the home of the settings."""
    settings = settings or Settings()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.request_bytes
    app.url_map.merge_slashes = False
    reader.install(app, Snapshots(settings))
    rendering.install(app)
    headers.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
