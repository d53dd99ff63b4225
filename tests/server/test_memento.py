"""Memento: the past of an address is found by a date, as RFC 7089 has it, by our client and by its authors' own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from memento_client import MementoClient
from werkzeug.http import parse_options_header

from kg import edits, iris
from kg.versions import Home, history
from tests.server.conftest import BROWSER, application
from tests.server.served import Served, serving

pytestmark = pytest.mark.xdist_group("memento")

OLD, NEW = iris.entity("theme", "old"), iris.entity("theme", "new")
TIMES = ("2020-01-01T10:00:00", "2021-01-01T10:00:00", "2022-01-01T10:00:00", "2023-01-01T10:00:00")
DATES = [datetime.fromisoformat(f"{time}+00:00").strftime("%a, %d %b %Y %H:%M:%S GMT") for time in TIMES]
QUERY = "/sparql?query=" + quote("SELECT ?l { ?s <x:l> ?l } ORDER BY ?l")
LD = {"Accept": "application/n-triples"}


def _edit(home: Home, text: str) -> None:
    edits.apply(home, edits.SparqlUpdate(text), author="a", message="m", validate=False)


def make(path: Path) -> Home:
    """Make four versions of known times: a thing comes in the second and goes in the fourth."""
    home, graph = Home(path, durable=False), iris.graph("g")
    label = ox.Quad(ox.NamedNode(OLD), ox.NamedNode("x:l"), ox.Literal("1"), ox.NamedNode(graph))
    home.publish([label], "a", "m", {})
    _edit(home, f'INSERT DATA {{ GRAPH <{graph}> {{ <{NEW}> <x:l> "1" }} }}')
    _edit(
        home,
        f'DELETE DATA {{ GRAPH <{graph}> {{ <{OLD}> <x:l> "1" }} }} ; '
        f'INSERT DATA {{ GRAPH <{graph}> {{ <{OLD}> <x:l> "2" }} }}',
    )
    _edit(home, f"DELETE WHERE {{ GRAPH <{graph}> {{ <{NEW}> ?p ?o }} }}")
    for number, time in enumerate(TIMES, 1):
        record = home.versions / str(number) / "version.json"
        record.write_text(json.dumps(json.loads(record.read_text()) | {"time": f"{time}+00:00"}))
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a home with four versions."""
    return make(tmp_path_factory.mktemp("memento"))


@pytest.fixture(scope="module")
def app(home: Home) -> Iterator[Flask]:
    """Make an application over it."""
    with application(home, workers=1) as app:
        yield app


def links(header: str) -> list[tuple[str, set[str], str | None]]:
    """Read links as RFC 8288 has them: address, relations, datetime."""
    found = []
    for part in _split(header):
        address, _, rest = part.partition(">")
        _, options = parse_options_header("x" + rest)
        found.append((address.lstrip("<"), set(options.get("rel", "").split()), options.get("datetime")))
    return found


def _split(header: str) -> list[str]:
    parts, depth, quoted, start = [], 0, False, 0
    for place, sign in enumerate(header):
        quoted ^= sign == '"'
        depth += (sign == "<" and not quoted) - (sign == ">" and not quoted)
        if sign == "," and not quoted and not depth:
            parts.append(header[start:place].strip())
            start = place + 1
    return [*parts, header[start:].strip()]


def related(response: Any, relation: str) -> list[str]:
    """Return the addresses with a relation in the headers Link of an answer."""
    header = ", ".join(response.headers.getlist("Link"))
    return [address for address, relations, _ in links(header) if relation in relations]


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/id/theme/old.nt", LD), ("/id/theme/old.html", BROWSER), ("/id/theme/old", LD), (QUERY, {})],
)
def test_an_original_leads_to_its_timegate_and_timemap(client: FlaskClient, path: str, accept: dict[str, str]) -> None:
    """What answers for the present says where its past is, and that it negotiates, kept answers too."""
    for _ in range(2):
        response = client.get(path, headers=accept)
        assert response.status_code in (200, 303)
        assert "Memento-Datetime" not in response.headers
        assert related(response, "timegate") == [f"http://localhost/timegate/http://localhost{path}"]
        assert related(response, "timemap") == [f"http://localhost/timemap/http://localhost{path}"]
        assert "accept-datetime" in response.headers["Vary"].lower()


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/id/theme/old.nt", LD), ("/id/theme/old.html", BROWSER), ("/id/theme/old", LD), (QUERY, {})],
)
def test_a_version_is_a_memento(client: FlaskClient, path: str, accept: dict[str, str]) -> None:
    """It says of when it is, of what, and what there is before and after it."""
    join = "&" if "?" in path else "?"
    response = client.get(f"{path}{join}version=2", headers=accept)
    assert response.headers["Memento-Datetime"] == DATES[1]
    assert related(response, "original") == [f"http://localhost{path}"]
    for relation, number in (("first", 1), ("prev", 1), ("memento", 1), ("next", 3), ("last", 4)):
        assert f"http://localhost{path}{join}version={number}" in related(response, relation), relation
    assert "accept-datetime" not in response.headers.get("Vary", "").lower()


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("Mon, 01 Jan 2001 00:00:00 GMT", 1),
        (DATES[0], 1),
        ("Fri, 01 Jan 2021 09:59:59 GMT", 1),
        (DATES[1], 2),
        (DATES[2], 3),
        ("Tue, 01 Jan 2999 00:00:00 GMT", 4),
        (None, 4),
    ],
)
@pytest.mark.parametrize("path", ["/id/theme/old.nt", QUERY])
def test_a_timegate_leads_to_what_was_in_force(client: FlaskClient, path: str, moment: str | None, number: int) -> None:
    """At that moment, the first before there was any, the newest where none is asked for; the original too."""
    headers = {} if moment is None else {"Accept-Datetime": moment}
    for address in (f"/timegate/http://localhost{path}", *([path] if moment else [])):
        response = client.get(address, headers=headers)
        assert response.status_code == 302
        assert response.headers["Location"] == f"http://localhost{path}{'&' if '?' in path else '?'}version={number}"
        assert "accept-datetime" in response.headers["Vary"].lower()
        assert "Memento-Datetime" not in response.headers
        assert related(response, "original") == [f"http://localhost{path}"]
        memento = client.get(response.headers["Location"], headers=headers)
        assert memento.headers["Memento-Datetime"] == DATES[number - 1]


def test_a_kept_answer_does_not_hide_the_past(client: FlaskClient) -> None:
    """The cache in front of the application, and the short way past it, know the header."""
    for _ in range(3):
        assert client.get(QUERY).status_code == 200
    assert client.get(QUERY, headers={"Accept-Datetime": DATES[0]}).status_code == 302
    now, then = client.get(QUERY).json, client.get(f"{QUERY}&version=1").json
    assert [row["l"]["value"] for row in now["results"]["bindings"]] == ["2"]
    assert [row["l"]["value"] for row in then["results"]["bindings"]] == ["1"]


@pytest.mark.parametrize(
    "sent", ["yesterday", "", "2020-01-01", "Wed, 32 Jan 2020 10:00:00 GMT", "01 Jan 2020 10:00:00 GMT"]
)
@pytest.mark.parametrize("path", ["/timegate/http://localhost/id/theme/old", "/id/theme/old", QUERY])
def test_a_malformed_date_is_refused(client: FlaskClient, path: str, sent: str) -> None:
    """With 400, as the RFC has it."""
    response = client.get(path, headers={"Accept-Datetime": sent})
    assert response.status_code == 400
    assert "Accept-Datetime" in response.json["detail"]


def test_a_thing_has_mementos_only_where_it_was(client: FlaskClient) -> None:
    """What came in the second version and went in the fourth has two, and the nearest stands for other moments."""
    told = client.get(f"/timemap/{NEW}", headers={"Accept": "application/json"}).json
    assert [one["uri"] for one in told["mementos"]["list"]] == [
        f"http://localhost/id/theme/new?version={number}" for number in (2, 3)
    ]
    for moment, number in ((DATES[0], 2), (DATES[2], 3), (DATES[3], 3)):
        response = client.get("/id/theme/new", headers={"Accept-Datetime": moment})
        assert response.headers["Location"] == f"http://localhost/id/theme/new?version={number}"


def test_a_timemap_lists_the_mementos(client: FlaskClient) -> None:
    """In the format of links, with the span it covers, and in JSON; by the address here or by the IRI."""
    for address in ("http://localhost/id/theme/old", OLD, "http:/localhost/id/theme/old"):
        response = client.get(f"/timemap/{address}")
        assert response.mimetype == "application/link-format"
        found = links(response.text.replace("\n", " "))
        assert [(one, date) for one, relations, date in found if "memento" in relations] == [
            (f"http://localhost/id/theme/old?version={number}", DATES[number - 1]) for number in (1, 2, 3, 4)
        ]
        assert f'from="{DATES[0]}"; until="{DATES[3]}"' in response.text
        assert [one for one, relations, _ in found if "original" in relations] == ["http://localhost/id/theme/old"]
    told = client.get("/timemap/http://localhost/sparql?query=ASK%7B%7D", headers={"Accept": "application/json"}).json
    assert told["mementos"]["last"] == {
        "datetime": f"{TIMES[3]}Z",
        "uri": "http://localhost/sparql?query=ASK%7B%7D&version=4",
    }


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "http://elsewhere.example/id/theme/old",
        "http://localhost/versions",
        "http://localhost/id/theme/never",
        "http://localhost/id/theme/%3Cx%3E",
        "http://localhost/graph/never",
    ],
)
@pytest.mark.parametrize("what", ["timegate", "timemap"])
def test_what_never_was_has_no_past(client: FlaskClient, what: str, address: str) -> None:
    """404, not a failure."""
    assert client.get(f"/{what}/{address}").status_code == 404


def test_long_queries_have_no_links_that_a_proxy_would_refuse(client: FlaskClient) -> None:
    """Headers stay short; the header Accept-Datetime works all the same."""
    path = "/sparql?query=" + quote("SELECT ?l { ?s <x:l> ?l } # " + "x" * 3000)
    assert "Link" not in client.get(path).headers
    assert "Link" not in client.get(f"{path}&version=1").headers
    assert client.get(path, headers={"Accept-Datetime": DATES[1]}).headers["Location"].endswith("&version=2")


def test_a_graph_is_there_in_versions_that_have_statements_in_it(tmp_path: Path) -> None:
    """Neither before the first nor after the last statement, whatever else the versions changed."""
    home = Home(tmp_path, durable=False)
    label = ox.Quad(ox.NamedNode(OLD), ox.NamedNode("x:l"), ox.Literal("1"), ox.NamedNode(iris.graph("g")))
    home.publish([label], "a", "m", {})
    for text in ("INSERT DATA { GRAPH <%s> { <x:s> <x:p> 1 } }", "DELETE WHERE { GRAPH <%s> { ?s ?p ?o } }"):
        _edit(home, text % iris.graph("h"))
    with application(home, workers=1) as app:
        client = app.test_client()
        listed = client.get(f"/timemap/{iris.graph('h')}", headers={"Accept": "application/json"}).json
        there = [number for number in (1, 2, 3) if client.get(f"/graph/h.ttl?version={number}").status_code == 200]
    assert listed is not None
    uris = [memento["uri"] for memento in listed["mementos"]["list"]]
    assert uris == [f"http://localhost/graph/h?version={number}" for number in there] != []


def test_graphs_have_a_past_too(client: FlaskClient) -> None:
    """A named graph is there in the versions that have it."""
    response = client.get("/graph/g", headers={"Accept-Datetime": DATES[1]})
    assert response.headers["Location"] == "http://localhost/graph/g?version=2"


def test_pruned_versions_are_no_mementos(tmp_path: Path) -> None:
    """The first that is kept is the first there is."""
    home = make(tmp_path)
    with application(home, workers=1) as app:
        client = app.test_client()
        before = client.get(f"/timemap/{OLD}")
        history.prune(home, 2)
        after = client.get(f"/timemap/{OLD}", headers={"If-None-Match": before.headers["ETag"]})
        assert after.text.count("version=") == 2
        response = client.get("/id/theme/old", headers={"Accept-Datetime": DATES[0]})
        assert response.headers["Location"].endswith("version=3")


@pytest.fixture(scope="module")
def served(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the four versions for real."""
    with serving(home.path, tmp_path_factory.mktemp("log") / "log", workers=1) as server:
        yield server


@pytest.mark.parametrize("path", ["/id/theme/old.nt", QUERY])
def test_the_client_of_the_protocols_authors_finds_its_way(served: Served, path: str) -> None:
    """`memento_client` negotiates with the server and reads what it says."""
    root = f"http://127.0.0.1:{served.port}"
    found = MementoClient(timegate_uri=f"{root}/timegate/").get_memento_info(
        root + path, datetime(2021, 6, 1, tzinfo=UTC).replace(tzinfo=None)
    )
    join = "&" if "?" in path else "?"
    assert found["original_uri"] == root + path
    mementos = found["mementos"]
    assert mementos["closest"]["uri"] == [f"{root}{path}{join}version=2"]
    assert mementos["closest"]["http_status_code"] == 200
    assert mementos["closest"]["datetime"] == datetime.fromisoformat(TIMES[1])
    assert mementos["first"]["uri"] == [f"{root}{path}{join}version=1"]
    assert mementos["last"]["uri"] == [f"{root}{path}{join}version=4"]
    assert MementoClient.is_memento(f"{root}{path}{join}version=2")
    assert MementoClient.is_timegate(f"{root}/timegate/{root}{path}", accept_datetime=DATES[1])
