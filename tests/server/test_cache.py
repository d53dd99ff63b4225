"""Answers that are kept, and the short way; neither may be told from what the application answers."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.volatile import is_volatile
from kg.versions import Home
from server import create_app, reader
from server.cache import Cache
from server.config import Settings
from server.gate import OUTCOME, Gate
from tests.server.conftest import WholeAnswers

NAMES = "SELECT ?name WHERE { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?name } ORDER BY ?name LIMIT 3"
MANY = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50"
ODD = [
    "ASK {}",
    "ASK { FILTER(false) }",
    NAMES,
    MANY,
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3",
    "DESCRIBE <https://w3id.org/praksisgrafen/id/source/tale>",
    "SELECT ?x { ?x",
    'SELECT ("blåbær 🫐" AS ?x) {}',
    "SELECT (1/0 AS ?x) {}",
    "SELECT (NOW() AS ?x) (1 AS ?y) { FILTER(false) }",
    "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
]
PROGRAMS: list[dict[str, str]] = [
    {},
    {"Accept": "application/sparql-results+json"},
    {"Accept": "text/csv;q=0.9, application/sparql-results+xml;q=0.1"},
    {"Accept": "text/turtle"},
    {"Accept": "image/png"},
    {"Accept-Encoding": "gzip, br"},
    {"Host": "localhost:80"},
    {"Host": "localhost:8080"},
    {"X-Forwarded-Proto": "https"},
]


@pytest.fixture(scope="module")
def apps(home: Home) -> Iterator[tuple[Flask, Flask]]:
    """One application behind the gate, and the same one without it."""
    gated, bare = (create_app(Settings(home=home.path, rate="off", workers=1)) for _ in range(2))
    gated.test_client_class = bare.test_client_class = WholeAnswers
    assert isinstance(bare.wsgi_app, Gate)
    bare.wsgi_app = bare.wsgi_app._application  # type: ignore[method-assign]
    yield gated, bare
    for app in (gated, bare):
        with app.app_context():
            reader.snapshots().close()


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
@pytest.mark.parametrize("query", ODD)
def test_the_short_way_and_the_cache_answer_as_the_application_does(
    apps: tuple[Flask, Flask], query: str, program: dict[str, str]
) -> None:
    """Status, headers and body, the first time and the second, which comes from the cache."""
    gated, bare = apps
    url = "/sparql?query=" + quote(query)
    with bare.test_client() as client:
        expected = client.get(url, headers=program)
    for _ in range(2):
        with gated.test_client() as client:
            found = client.get(url, headers=program)
        assert found.status_code == expected.status_code
        assert dict(found.headers) == dict(expected.headers)
        assert found.data == expected.data


@pytest.mark.parametrize("suffix", ["%FF", "ASK%20%7B%7D&query=ASK%7B%7D", "", "ASK{}&default-graph-uri=urn:x", "å"])
def test_what_is_not_one_plain_query_goes_the_long_way(apps: tuple[Flask, Flask], suffix: str) -> None:
    """The same answers there, too."""
    gated, bare = apps
    with gated.test_client() as one, bare.test_client() as other:
        found, expected = one.get("/sparql?query=" + suffix), other.get("/sparql?query=" + suffix)
    assert (found.status_code, found.data) == (expected.status_code, expected.data)
    assert dict(found.headers) == dict(expected.headers)


class Outcomes:
    """A spy that notes how requests ended."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def note(self, _service: str, outcome: str, _seconds: float) -> None:
        """Note one."""
        self.seen.append(outcome)


@pytest.fixture
def outcomes(apps: tuple[Flask, Flask], monkeypatch: pytest.MonkeyPatch) -> Outcomes:
    gate = apps[0].wsgi_app
    assert isinstance(gate, Gate)
    spy = Outcomes()
    monkeypatch.setattr(gate, "_requests", spy)
    monkeypatch.setattr(gate, "cache", Cache(1 << 20))
    return spy


@pytest.fixture
def client(apps: tuple[Flask, Flask]) -> FlaskClient:
    return apps[0].test_client()


def test_an_answer_is_evaluated_once_and_then_kept(client: FlaskClient, outcomes: Outcomes) -> None:
    """HEAD and 304 are answered from what is kept, other headers and other addresses are not."""
    url = "/sparql?query=" + quote(NAMES)
    first = client.get(url)
    assert client.get(url).data == first.data
    head = client.head(url)
    assert (head.data, head.headers["Content-Length"]) == (b"", first.headers["Content-Length"])
    unchanged = client.get(url, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    assert unchanged.headers["Vary"] == first.headers["Vary"]
    assert "Content-Length" not in unchanged.headers
    client.get(url, headers={"Accept": "text/csv"})
    client.get(url, headers={"Host": "other"})
    assert outcomes.seen == ["ok", "kept", "kept", "not-modified", "ok", "ok"]


def test_a_304_needs_no_query_even_where_nothing_is_kept(
    client: FlaskClient, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch, apps: tuple[Flask, Flask]
) -> None:
    """The tag is known before anything is evaluated."""
    url = "/sparql?query=" + quote(NAMES + " # once")
    tag = client.get(url).headers["ETag"]
    monkeypatch.setattr(apps[0].wsgi_app, "cache", Cache(1 << 20))
    monkeypatch.setattr("kg.engine.workers.WorkerPool.answer", lambda *_: pytest.fail("a query was evaluated"))
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert outcomes.seen == ["ok", "not-modified"]


@pytest.mark.parametrize("call", ["RAND()", "NOW()", "UUID()", "STRUUID()", "nOw()", "# no\nNOW()", "!true||NOW()=1"])
def test_what_differs_each_time_is_not_kept(client: FlaskClient, outcomes: Outcomes, call: str) -> None:
    """No tag, and evaluated each time."""
    url = "/sparql?query=" + quote(f"SELECT ({call} AS ?x) {{}}")
    for _ in range(2):
        response = client.get(url)
        assert response.status_code == 200
        assert "ETag" not in response.headers
    assert outcomes.seen == ["ok", "ok"]


def test_an_error_is_not_kept_and_says_how_it_ended(client: FlaskClient, outcomes: Outcomes) -> None:
    """The outcome is the kind of problem."""
    for _ in range(2):
        assert client.get("/sparql?query=ASK").status_code == 400
    assert outcomes.seen == ["query-syntax-error"] * 2
    assert OUTCOME == "praksisgrafen.outcome"


def test_a_new_version_makes_everything_kept_worthless(tmp_path: Path) -> None:
    """The next request reads the new version, on the short way and on the long one."""
    home = Home(tmp_path)
    graph, name = ox.NamedNode("urn:g"), ox.NamedNode("urn:p")
    app = create_app(Settings(home=tmp_path, rate="off", workers=1))
    url = "/sparql?query=" + quote("SELECT ?o { ?s <urn:p> ?o }")
    with app.test_client() as client:
        for number in range(3):
            home.publish([ox.Quad(name, name, ox.Literal(str(number)), graph)], "tests", "a number", {})
            for accept in ("text/csv", "text/csv", "text/csv, text/turtle"):
                response = client.get(url, headers={"Accept": accept})
                assert response.text == f"o\r\n{number}\r\n"
                assert response.headers["Praksisgrafen-Version"] == str(number + 1)
    with app.app_context():
        reader.snapshots().close()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), max_size=60))
def test_the_cache_never_takes_more_room_than_it_has(requests: list[tuple[int, int]]) -> None:
    """Old answers go, and what is found is what was kept last."""
    cache, kept = Cache(8192), {}
    for number, size in requests:
        body = bytes([number]) * size
        cache.keep((number,), {}, [("ETag", f'"{number}"'), ("Vary", "Accept")], body)
        kept[number] = body
        assert cache.state()[1] <= 8192
        found = cache.find((number,), {})
        assert found is not None
        assert found.body == body
    for number, body in kept.items():
        found = cache.find((number,), {})
        assert found is None or found.body == body


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT * { BIND(bnode() AS ?x) }",
        "SELECT * { FILTER EXISTS { SERVICE ?s { ?s ?p ?o } } }",
        "SELECT (\\u004e\\U0000004FW() AS ?x) {}",
        "SELECT * { FILTER(trueNOW()) }",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p [ ?p ?o ] } WHERE { ?s ?p ?o }",
        "CONSTRUCT { _:b ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p (1 2) } WHERE { ?s ?p ?o }",
        "CONSTRUCT WHERE { _:b ?p ?o }",
        f"SELECT * {{ {'?s ?p ?o . ' * 10_000} }} # RAND()",
    ],
)
def test_volatile_queries_are_recognised(query: str) -> None:
    """By their tokens; a very long text with such a word is not looked at closely."""
    assert is_volatile(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?now ?rand { ?now ?rand ?uuid } # NOW() RAND()",
        'SELECT * { ?s ?p "NOW() \\" UUID()" , """ " RAND() """ }',
        "SELECT * { ?s <http://example.org/SERVICE> <urn:bnode> }",
        "PREFIX now: <urn:now:> SELECT * { ?s now:now now:RAND }",
        "SELECT * { ?s ?p 'x'@now }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p [ ?q ?o ] . FILTER(?o = 1) }",
    ],
)
def test_words_in_comments_strings_and_names_make_nothing_volatile(query: str) -> None:
    """Such answers are kept."""
    assert not is_volatile(query)
