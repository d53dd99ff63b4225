"""Praksisgrafen on the web: SPARQL, pages, data and downloads of the published versions."""

from functools import partial
from pathlib import Path

from flask import Flask

from server import (
    about,
    assets,
    auth,
    bodies,
    cards,
    catalogue,
    cited,
    compression,
    crawlers,
    downloads,
    elsewhere,
    entities,
    errors,
    findings,
    front,
    graphs,
    headers,
    health,
    indicators,
    limits,
    memento,
    metrics,
    neighbourhood,
    openapi,
    reader,
    reconciliation,
    rendering,
    reuse,
    running,
    schema,
    search,
    shares,
    sparql,
    stored,
    updates,
    versions,
    vocabulary,
)
from server.config import Settings
from server.gate import Gate
from server.rates import Rates
from server.snapshot import Snapshots

BLUEPRINTS = (
    assets.blueprint,
    cards.blueprint,
    front.blueprint,
    findings.blueprint,
    entities.blueprint,
    indicators.blueprint,
    neighbourhood.blueprint,
    vocabulary.blueprint,
    about.blueprint,
    catalogue.blueprint,
    sparql.blueprint,
    stored.blueprint,
    openapi.blueprint,
    schema.blueprint,
    search.blueprint,
    reconciliation.blueprint,
    crawlers.blueprint,
    shares.blueprint,
    cited.blueprint,
    graphs.blueprint,
    downloads.blueprint,
    health.blueprint,
    limits.blueprint,
    running.blueprint,
    memento.blueprint,
    versions.blueprint,
    metrics.blueprint,
)


def create_app(settings: Settings | None = None, shared: Path | None = None) -> Flask:
    """Make the application over the versions in the home of the settings.

    The processes of one server share what is in a folder; without one, the application counts for itself.
    """
    settings = settings or Settings()
    app = Flask(__name__)
    app.request_class = bodies.Request
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = settings.request_bytes
    app.config.update(PUBLISHER=settings.publisher, CONTACT=settings.contact, CONTACT_ADDRESS=settings.contact_address)
    app.config["PUBLISHER_NUMBER"] = settings.publisher_number
    app.config["EARLIER_FILES"] = settings.earlier_files * 2**20
    app.url_map.merge_slashes = False
    snapshots = Snapshots(settings)
    reader.install(app, snapshots)
    limits.install(app, settings)
    auth.install(app, settings)
    elsewhere.install(app, settings)
    updates.install(app, settings)
    rendering.install(app)
    reuse.install(app)
    headers.install(app)
    memento.install(app)
    compression.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    rate = settings.requests_per_second
    rates = None if rate is None else Rates(rate, shared and shared / "rates")
    gate = Gate(app.wsgi_app, settings, snapshots, rates, partial(errors.page, app))
    metrics.install(app, settings.home, gate.cache)
    app.wsgi_app = gate  # type: ignore[method-assign]
    return app
