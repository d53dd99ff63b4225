"""A small graph, published once a session, and an application over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg import files, iris
from kg.versions import Home, Version
from server import create_app, reader
from server.config import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HUB_SIZE = 123


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish the graph of `graph.trig`, the vocabulary, and a hub that many things point at."""
    quads = list(ox.parse(path=Path(__file__).with_name("graph.trig"), format=ox.RdfFormat.TRIG))
    ontology = ox.NamedNode(iris.graph("ontology"))
    vocabulary = ox.parse(path=files.ontology_dir() / "praksis.ttl", format=ox.RdfFormat.TURTLE)
    quads += [ox.Quad(triple.subject, triple.predicate, triple.object, ontology) for triple in vocabulary]
    home = Home(tmp_path_factory.mktemp("home"))
    home.publish([*quads, *_hub()], "tests", "the small graph", {})
    return home


def _hub() -> Iterator[ox.Quad]:
    hub = ox.NamedNode(iris.entity("theme", "hub"))
    graph = ox.NamedNode(iris.graph("hub"))
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    yield ox.Quad(hub, label, ox.Literal("Navet", language="nb"), graph)
    for number in range(HUB_SIZE):
        spoke = ox.NamedNode(iris.entity("indicator", f"spoke-{number:04d}"))
        yield ox.Quad(spoke, label, ox.Literal(f"Eike {number}", language="nb"), graph)
        yield ox.Quad(spoke, ox.NamedNode(iris.DEF + "theme"), hub, graph)


@pytest.fixture(scope="session")
def version(home: Home) -> Version:
    """Return the version everything reads."""
    current = home.current()
    assert current is not None
    return current


@pytest.fixture(scope="session")
def app(home: Home) -> Iterator[Flask]:
    """Make one application for the session, with real workers."""
    with application(home, workers=2, query_timeout=10.0, request_bytes=20_000) as app:
        yield app


class WholeAnswers(FlaskClient):
    """A client that reads each answer to its end and closes it, as a real one does."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        return super().open(*args, **{"buffered": True, **kwargs})


@contextmanager
def application(home: Home, **settings: Any) -> Iterator[Flask]:
    """Make an application over a home, and let go of what it holds in the end."""
    app = create_app(Settings(home=home.path, **settings))
    app.test_client_class = WholeAnswers
    try:
        yield app
    finally:
        with app.app_context():
            reader.snapshots().close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a program that asks the application."""
    return app.test_client()


@pytest.fixture(scope="session")
def real_app(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make an application over the real graph."""
    home = Home(tmp_path_factory.mktemp("real"), durable=False)
    home.publish(graph, "tests", "the real graph", {})
    with application(home, workers=1) as app:
        yield app


@pytest.fixture
def real_client(real_app: Flask) -> FlaskClient:
    """Return somebody who reads the real graph."""
    return real_app.test_client()
