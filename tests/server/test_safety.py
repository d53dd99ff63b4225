"""No request makes the server reach what it must not: a listener inside sees nothing, whatever is asked.

127.0.0.1 stands for a public address here and 127.0.0.2 for one inside; both listen on the same port.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg import iris
from kg.tokens import Tokens
from kg.versions import Home
from server import create_app, reader
from server.config import SettingError, Settings
from tests.server.conftest import WholeAnswers

pytestmark = pytest.mark.xdist_group("safety")

NAME = "data.example"
GRAPH = iris.graph("extra")
QUERIES = [
    "SELECT * {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{at}> {{ ?s ?p ?o }} }}",
    "ASK {{ sErViCe#why not\n<{at}>#really\n{{ ?s ?p ?o }} }}",
    "SELECT * {{ SERV\\u0049CE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\U00000053ERVICE SILENT <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{escaped}> {{ ?s ?p ?o }} }}",
    "PREFIX at: <{at}> SELECT * {{ SERVICE at:x {{ ?s ?p ?o }} }}",
    "PREFIX : <{at}> SELECT * {{ SERVICE: {{ ?s ?p ?o }} }}",
    "BASE <{at}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
    "SELECT * {{ {{ SELECT ?s {{ {{ SERVICE <{at}> {{ ?s ?p ?o }} }} }} LIMIT 1 }} }}",
    "SELECT * {{ ?s ?p ?o FILTER EXISTS {{ SERVICE <{at}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ ?s ?p ?o FILTER NOT EXISTS {{ {{ SERVICE SILENT <{at}> {{ ?s ?p ?o }} }} }} }}",
    "SELECT (EXISTS {{ SERVICE <{at}> {{ ?s ?p ?o }} }} AS ?is) {{}}",
    "SELECT * {{ VALUES ?x {{ <{at}> }} SERVICE ?x {{ ?s ?p ?o }} }}",
    "SELECT * {{ OPTIONAL {{ ?s ?p ?o MINUS {{ SERVICE <{at}> {{ ?s ?p ?o }} }} }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    'SELECT * {{ FILTER(1<2)#>"""\nSERVICE <{at}> {{ ?s ?p ?o }} #"""\n }}',
    "SELECT * {{ ?s ?p trueSERVICE<{at}> {{ ?s ?p ?o }} }}",
]
UPDATES = [
    "LOAD <{at}>",
    "LOAD SILENT <{at}> INTO GRAPH <http://e/g>",
    "lOaD#why not\nsilent <{at}> into graph <http://e/g>",
    "L\\u004FAD <{at}> INTO GRAPH <http://e/g>",
    "PREFIX at: <{at}> LOAD at:x INTO GRAPH <http://e/g>",
    "BASE <{at}> LOAD <> INTO GRAPH <http://e/g>",
    "INSERT DATA {{ GRAPH <http://e/g> {{ <http://e/a> <http://e/b> 1 }} }} ; LOAD <{at}> INTO GRAPH <http://e/g>",
    "INSERT {{ GRAPH <http://e/g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    "DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER EXISTS {{ SERVICE <{at}> {{ }} }} }}",
    "INSERT {{ GRAPH <http://e/g> {{ ?s ?p ?o }} }} WHERE {{ {{ SELECT * {{ SERVICE <{at}> {{ ?s ?p ?o }} }} }} }}",
]
HARMLESS = [
    "SELECT * { # SERVICE <http://127.0.0.2/> { ?s ?p ?o }\n ?s ?p 'SERVICE <http://127.0.0.2/> {}' }",
    'SELECT * { ?s ?p """\nSERVICE <http://127.0.0.2/> { ?s ?p ?o }""" , "LOAD <http://127.0.0.2/>" }',
    "SELECT ?service { ?service <http://127.0.0.2/SERVICE#SERVICE> ?LOAD }",
    "PREFIX service: <http://127.0.0.2/> SELECT * { ?s service:SERVICE 'x'@service , service: , _:service }",
    "SELECT ?SILENT { ?s ?p ?SILENT . FILTER(lang(?SILENT) = 'service') }",
    "SELECT * FROM <http://127.0.0.2/> FROM NAMED <http://data.example/> { ?s ?p ?o }",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish one statement."""
    home = Home(tmp_path_factory.mktemp("safe"), durable=False)
    quad = ox.Quad(ox.NamedNode("http://e/1"), ox.NamedNode("http://e/p"), ox.Literal("here"), ox.NamedNode(GRAPH))
    home.publish([quad], "tests", "one statement", {})
    return home


@pytest.fixture(scope="module")
def secret(home: Home) -> str:
    """Make a token that may write."""
    return Tokens(home.path).create("writer", ["write"])


@pytest.fixture(scope="module")
def closed(home: Home) -> Iterator[Flask]:
    """Make an application that allows no other server."""
    yield from _made(Settings(home=home.path, workers=1, query_timeout=60.0))


@pytest.fixture
def open_to_one(internet: Any, home: Home) -> Iterator[Flask]:
    """Make an application that allows one other server, whose name is to lead to the public one."""
    internet.names[NAME] = ["127.0.0.1"]
    yield from _made(
        Settings(home=home.path, workers=1, query_timeout=60.0, rate="off", allowed_hosts=internet.origin(NAME))
    )


def _made(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.test_client_class = WholeAnswers
    yield app
    with app.app_context():
        reader.snapshots().close()


def ask(client: FlaskClient, text: str, **more: str) -> TestResponse:
    """Ask as a program does, by POST, which no cache answers."""
    return client.post("/sparql", data={"query": text, **more}, headers={"Accept": "application/json"})


def update(client: FlaskClient, text: str, secret: str, **more: str) -> TestResponse:
    """Send an update with a token."""
    headers = {"Authorization": f"Bearer {secret}"}
    return client.post("/sparql", data={"update": text, **more}, headers=headers)


def put(client: FlaskClient, document: str, secret: str) -> TestResponse:
    """Send a document in JSON-LD to the graph store."""
    headers = {"Authorization": f"Bearer {secret}"}
    return client.put("/graphs/extra", data=document, content_type="application/ld+json", headers=headers)


def aimed(text: str, port: int, host: str = "127.0.0.2") -> str:
    """Aim a text at the listener."""
    at = f"http://{host}:{port}/"
    return text.format(at=at, escaped=at.replace("1", "\\u0031").replace("/", "\\u002F"))


def kind(response: TestResponse) -> str:
    """Return the last part of the type of a problem."""
    return str(json.loads(response.text)["type"]).rpartition("/")[2]


@pytest.mark.parametrize("text", QUERIES)
def test_no_query_reaches_inside(closed: Flask, open_to_one: Flask, internet: Any, text: str) -> None:
    """It is refused: with no server allowed, with another one allowed, and with an allowed name that leads inside."""
    query = aimed(text, internet.port)
    for app in (closed, open_to_one):
        response = ask(app.test_client(), query)
        assert response.status_code in (400, 403, 501), response.text
    internet.names[NAME] = ["127.0.0.2"]
    response = ask(open_to_one.test_client(), aimed(text, internet.port, NAME))
    assert response.status_code in (400, 403, 501), response.text
    assert not internet.was_reached_inside()
    assert internet.asked == []


@pytest.mark.parametrize("text", UPDATES)
def test_no_update_reaches_inside(  # noqa: PLR0917
    closed: Flask, open_to_one: Flask, internet: Any, secret: str, home: Home, text: str
) -> None:
    """It is refused as a whole, and nothing of it is kept."""
    before = home.current()
    for app in (closed, open_to_one):
        response = update(app.test_client(), aimed(text, internet.port), secret)
        assert response.status_code in (400, 403, 501), response.text
    internet.names[NAME] = ["127.0.0.2"]
    response = update(open_to_one.test_client(), aimed(text, internet.port, NAME), secret)
    assert response.status_code in (400, 403, 501), response.text
    assert not internet.was_reached_inside()
    assert internet.asked == []
    assert home.current() == before


def test_a_refusal_says_where_the_word_stands_and_whom_it_is_about(
    closed: Flask, open_to_one: Flask, internet: Any, secret: str
) -> None:
    """Four ways to be refused have four types, each with line and column."""
    query, load = aimed("SELECT * {{\n SERVICE <{at}> {{}} }}", internet.port), "\n LOAD <http://inside.example/>"
    exists = f"ASK {{\n FILTER EXISTS {{ SERVICE <{internet.origin(NAME)}> {{}} }} }}"
    for response, status, problem in (
        (ask(closed.test_client(), query), 403, "service-forbidden"),
        (ask(open_to_one.test_client(), query), 403, "service-forbidden"),
        (ask(open_to_one.test_client(), exists), 501, "service-not-callable"),
        (update(closed.test_client(), load, secret), 403, "load-forbidden"),
        (update(open_to_one.test_client(), load, secret), 403, "load-forbidden"),
    ):
        assert (response.status_code, kind(response)) == (status, problem), response.text
        assert response.json["line"] == 2
        assert response.json["hint"]


@pytest.mark.parametrize("text", HARMLESS)
def test_the_word_in_another_place_is_no_offence(closed: Flask, open_to_one: Flask, internet: Any, text: str) -> None:
    """Comments, strings, IRIs, names, variables and language tags are not calls; FROM fetches nothing."""
    for app in (closed, open_to_one):
        response = ask(app.test_client(), text)
        assert response.status_code == 200, response.text
    assert internet.asked == []
    assert internet.lookups == []
    assert not internet.was_reached_inside()


def test_naming_a_dataset_elsewhere_fetches_nothing(closed: Flask, internet: Any, secret: str, home: Home) -> None:
    """FROM, USING and their parameters name graphs that are here, or nothing."""
    at, before = f"http://127.0.0.2:{internet.port}/", home.current()
    client = closed.test_client()
    for response in (
        ask(client, aimed("SELECT * FROM <{at}> {{ ?s ?p ?o }}", internet.port)),
        ask(client, "SELECT * { ?s ?p ?o }", **{"default-graph-uri": at}),
        ask(client, "SELECT * { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": at}),
    ):
        assert response.json["results"]["bindings"] == []
    for using, more in (
        (f"USING <{at}>", {}),
        (f"USING NAMED <{at}>", {}),
        ("", {"using-graph-uri": at}),
        ("", {"using-named-graph-uri": at}),
    ):
        text = f"INSERT {{ GRAPH <{GRAPH}> {{ ?s <http://e/q> ?o }} }} {using} WHERE {{ ?s ?p ?o }}"
        response = update(client, text, secret, **more)
        assert response.status_code == 204, response.text
    assert not internet.was_reached_inside()
    assert home.current() == before


@pytest.mark.parametrize("context", ['"{at}"', '["{at}"]', '{{"@import": "{at}", "@version": 1.1}}'])
def test_a_context_elsewhere_is_named_and_not_fetched(
    closed: Flask, open_to_one: Flask, internet: Any, secret: str, context: str
) -> None:
    """Neither inside nor at a server that is allowed; nor in one file of a form."""
    for app, host in ((closed, "127.0.0.2"), (open_to_one, NAME)):
        document = f'{{"@context": {aimed(context, internet.port, host)}, "@id": "http://e/1", "p": 1}}'
        response = put(app.test_client(), document, secret)
        assert (response.status_code, kind(response)) == (403, "context-forbidden"), response.text
        assert response.json["context"] == f"http://{host}:{internet.port}/"
        assert "Put what it says into the document" in response.json["hint"]
    assert not internet.was_reached_inside()
    assert internet.asked == []


def test_an_allowed_server_may_not_redirect_inside(open_to_one: Flask, internet: Any, secret: str) -> None:
    """Neither by address nor by its own name when that has come to lead elsewhere."""
    client = open_to_one.test_client()
    query = f"SELECT * {{ SERVICE SILENT <{internet.origin(NAME)}/x> {{ ?s ?p ?o }} }}"
    load = f"LOAD SILENT <{internet.origin(NAME)}/x> INTO GRAPH <{GRAPH}>"
    for target in (f"http://127.0.0.2:{internet.port}/", "/y"):
        internet.answer("/x", b"", "text/turtle", f"Location: {target}", status="307 Temporary Redirect")
        internet.names[NAME] = ["127.0.0.1", "127.0.0.2"]
        assert kind(ask(client, query)) == "remote-forbidden"
        internet.names[NAME] = ["127.0.0.1", "127.0.0.2"]
        assert kind(update(client, load, secret)) == "remote-forbidden"
    assert len(internet.asked) == 4
    assert not internet.was_reached_inside()


def test_an_allowed_service_is_asked_once_and_its_answer_not_kept(open_to_one: Flask, internet: Any) -> None:
    """The answer joins with the graph here, has no tag, and the next request asks again, also by GET."""
    internet.names[NAME] = ["127.0.0.1", "127.0.0.1", "127.0.0.2"]
    rows = [{"s": {"type": "uri", "value": f"http://e/{number}"}} for number in (1, 2)]
    answer = {"head": {"vars": ["s"]}, "results": {"bindings": rows}}
    internet.answer("/x", json.dumps(answer).encode(), "application/sparql-results+json")
    text = f"SELECT ?o {{ ?s <http://e/p> ?o SERVICE <{internet.origin(NAME)}/x> {{ ?s a <http://e/T> }} }}"
    client = open_to_one.test_client()
    for asked in (1, 2):
        response = client.get("/sparql", query_string={"query": text})
        assert response.status_code == 200, response.text
        assert [row["o"]["value"] for row in response.json["results"]["bindings"]] == ["here"]
        assert "ETag" not in response.headers
        assert len(internet.asked) == asked
    assert not internet.was_reached_inside()


def test_a_service_that_fails_is_a_502_that_says_so(open_to_one: Flask, internet: Any) -> None:
    """It is neither an empty answer nor an error of ours."""
    response = ask(open_to_one.test_client(), f"ASK {{ SERVICE <{internet.origin(NAME)}/x> {{ ?s ?p ?o }} }}")
    assert (response.status_code, kind(response)) == (502, "remote-failed")
    assert "404" in response.json["detail"]


def test_an_allowed_document_is_loaded_and_only_for_those_who_may_write(
    open_to_one: Flask, internet: Any, secret: str, home: Home
) -> None:
    """Without a token nobody is asked; a document larger than a request may be is not taken."""
    client, url = open_to_one.test_client(), f"{internet.origin(NAME)}/x"
    load = f"LOAD <{url}> INTO GRAPH <{GRAPH}>"
    internet.answer("/x", b"<http://e/2> <http://e/p> 'there' .", "text/turtle")
    assert update(client, load, "wrong").status_code == 401
    assert client.post("/sparql", data={"update": load}).status_code == 401
    assert internet.asked == []
    assert update(client, load, secret).status_code == 204
    rows = ask(client, f"SELECT ?o {{ GRAPH <{GRAPH}> {{ <http://e/2> ?p ?o }} }}").json["results"]["bindings"]
    assert [row["o"]["value"] for row in rows] == ["there"]
    before = home.current()
    internet.answer("/x", b"#" * 1_000_001, "text/turtle")
    assert kind(update(client, load, secret)) == "remote-too-large"
    assert home.current() == before


def test_an_impossible_allow_list_stops_the_start(tmp_path: Path) -> None:
    """A path in it would look as if only that path were allowed."""
    with pytest.raises(SettingError, match="allowed_hosts"):
        Settings(home=tmp_path, allowed_hosts="https://example.org/sparql")
