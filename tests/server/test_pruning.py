"""Readers of old versions while these are pruned: the right answer, or a refusal that says so."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
from flask import Flask

from kg import iris
from kg.versions import Home, history
from server import create_app, reader
from server.config import Settings
from tests.server.conftest import WholeAnswers

VERSIONS = 12
ADDRESSES = (
    "/sparql?query=SELECT%20%3Fo%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D",
    "/praksisgrafen.nt?",
    "/graphs/g?",
    "/graphs?default",
)


@pytest.fixture
def home(tmp_path) -> Home:
    """Version n says that something is “value n”."""
    home = Home(tmp_path, durable=False)
    subject, graph = ox.NamedNode(iris.entity("theme", "x")), ox.NamedNode(iris.graph("g"))
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    for number in range(1, VERSIONS + 1):
        value = ox.Literal(f"value {number}", language="nb")
        home.publish([ox.Quad(subject, label, value, graph)], "tests", f"version {number}", {})
    return home


@pytest.fixture
def app(home: Home) -> Iterator[Flask]:
    """An application that keeps no answers."""
    app = create_app(Settings(home=home.path, workers=2, cache=0))
    app.test_client_class = WholeAnswers
    yield app
    with app.app_context():
        reader.snapshots().close()


def test_pruned_version_is_gone_from_the_kept_answers_too(home: Home) -> None:
    """What is kept is of the version in force."""
    app = create_app(Settings(home=home.path, workers=1))
    try:
        for status in (200, 410):
            for address in ADDRESSES:
                assert app.test_client().get(f"{address}&version=1").status_code == status
            history.prune(home, 1)
    finally:
        with app.app_context():
            reader.snapshots().close()


def test_version_named_with_escapes_is_not_kept_as_the_one_in_force(home: Home) -> None:
    """Whoever spells the parameter otherwise neither changes what others get nor reads on after a pruning."""
    app = create_app(Settings(home=home.path, workers=1))
    app.test_client_class = WholeAnswers
    try:
        for address in ADDRESSES:
            assert 'value 1"' in app.test_client().get(f"{address}&%76ersion=1").text
            assert f'value {VERSIONS}"' in app.test_client().get(address).text
        history.prune(home, 1)
        for address in ADDRESSES:
            assert app.test_client().get(f"{address}&%76ersion=1").status_code == 410
    finally:
        with app.app_context():
            reader.snapshots().close()


def test_page_of_the_version_in_force_does_not_lead_to_pruned_ones(home: Home) -> None:
    """What is kept of it, here or by a client, told of changes that can no longer be looked at."""
    app = create_app(Settings(home=home.path, workers=1))
    app.test_client_class = WholeAnswers
    try:
        first = app.test_client().get("/id/theme/x.html")
        assert "/versions/5" in first.text
        history.prune(home, 1)
        again = app.test_client().get("/id/theme/x.html", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 200
        assert "/versions/5" not in again.text
    finally:
        with app.app_context():
            reader.snapshots().close()


def test_readers_of_pruned_versions_get_the_right_answer_or_a_refusal(app: Flask, home: Home) -> None:
    """Never an error of the server's own, never the data of another version; what is there can be read all the time."""
    wanted = random.Random(1)  # noqa: S311 - no secrets
    asked = [(wanted.choice(ADDRESSES), wanted.randint(1, VERSIONS)) for _ in range(300)]

    def ask(address: str, number: int) -> tuple[int, int]:
        response = app.test_client().get(f"{address}&version={number}", headers={"Accept": "*/*"})
        if response.status_code == 200:
            assert f'value {number}"' in response.text
            assert response.text.count("value") - response.text.count('"value"') == 1
        else:
            assert response.mimetype == "application/problem+json"
            assert response.status_code in (410, 503), response.text
            assert number <= VERSIONS - 2
        return number, response.status_code

    with ThreadPoolExecutor(4) as threads:
        replies = [threads.submit(ask, *one) for one in asked]
        for keep in range(VERSIONS - 1, 1, -1):
            replies[len(asked) * (VERSIONS - keep) // VERSIONS].result()
            history.prune(home, keep)
        answers = [reply.result() for reply in replies]
    assert {status for _, status in answers} >= {200, 410}
    assert history.prune(home, 2).in_use == []
    assert home.numbers() == [VERSIONS - 1, VERSIONS]
    for number in range(1, VERSIONS + 1):
        for address in ADDRESSES:
            assert ask(address, number) == (number, 200 if number > VERSIONS - 2 else 410)
