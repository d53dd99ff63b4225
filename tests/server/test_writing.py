"""Writing to the real graph: who may, what a shape refuses, and that every version stays readable."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg import iris
from kg.tokens import Tokens
from kg.versions import Home, history
from tests.server.conftest import application

pytestmark = pytest.mark.xdist_group("writing")

UPDATE = "application/sparql-update"
EXTRA = iris.graph("extra")
NOTE = (
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    f"INSERT DATA {{ GRAPH <{EXTRA}> {{ <{iris.entity('theme', 'extra')}> skos:altLabel '%s'@nb }} }}"
)
NAMELESS = (
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> DELETE { GRAPH ?g { ?s skos:prefLabel ?l } } "
    f"WHERE {{ VALUES ?s {{ <{iris.entity('indicator', 'ladder-bodies')}> }} GRAPH ?g {{ ?s skos:prefLabel ?l }} }}"
)
SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture(scope="module")
def home(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish the real graph where the tests may change it."""
    home = Home(tmp_path_factory.mktemp("writable"), durable=False)
    home.publish(graph, "tests", "the real graph", {})
    return home


@pytest.fixture(scope="module")
def secrets(home: Home) -> dict[str, str]:
    """Make a token for each scope, and one that was revoked."""
    tokens = Tokens(home.path)
    made = {name: tokens.create(name, [name]) for name in ("write", "admin")}
    made["revoked"] = tokens.create("revoked", ["write"])
    tokens.revoke("revoked")
    return made


@pytest.fixture(scope="module")
def app(home: Home) -> Iterator[Flask]:
    """Make an application over the writable home."""
    with application(home, workers=1, query_timeout=120.0) as app:
        yield app


def update(client: FlaskClient, text: str, secret: str | None, accept: str = "*/*", **query: str) -> TestResponse:
    """Send an update, with or without a token."""
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {secret}"} if secret is not None else {})
    return client.post("/sparql", data=text, content_type=UPDATE, headers=headers, query_string=query)


def count(client: FlaskClient, graph: str, **query: str) -> int:
    """Count the triples of a graph, in this or an earlier version."""
    text = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    response = client.get("/sparql", query_string={"query": text, **query})
    assert response.status_code == 200, response.text
    return int(response.json["results"]["bindings"][0]["n"]["value"])


def test_without_any_token_writing_is_off(tmp_path: Path, graph: ox.Store) -> None:
    """It is off, not open, and the answer says how to switch it on."""
    home = Home(tmp_path, durable=False)
    home.publish(list(graph)[:10], "tests", "a few", {})
    with application(home, workers=1) as app:
        client = app.test_client()
        for response in (update(client, NOTE % "x", None), client.delete("/graphs/claims")):
            assert response.status_code == 403
            assert "kg token create" in response.json["hint"]
        Tokens(tmp_path).create("of yesterday", ["write"], days=-1)
        assert update(client, NOTE % "x", None).status_code == 401
        assert b"SPARQL11Update" not in client.get("/sparql").data
        assert home.current_number() == 1


@pytest.mark.parametrize(
    ("header", "status", "challenge"),
    [
        (None, 401, 'Bearer realm="praksisgrafen"'),
        ("Basic YTpi", 401, 'Bearer realm="praksisgrafen"'),
        ("Bearer nonsense", 401, 'Bearer realm="praksisgrafen", error="invalid_token"'),
        ("Bearer {revoked}", 401, 'Bearer realm="praksisgrafen", error="invalid_token"'),
        ("Bearer {admin}", 403, 'Bearer realm="praksisgrafen", error="insufficient_scope", scope="write"'),
    ],
)
@pytest.mark.parametrize(
    ("method", "url"),
    [("POST", "/sparql"), ("PUT", "/graphs/extra"), ("POST", "/graphs"), ("DELETE", "/graphs/claims")],
)
def test_only_a_token_with_the_scope_may_write(  # noqa: PLR0917
    client: FlaskClient,
    home: Home,
    secrets: dict[str, str],
    header: str | None,
    status: int,
    challenge: str,
    method: str,
    url: str,
) -> None:
    """Everybody else is told what is missing, and nothing is written."""
    before = home.current_number()
    kind = UPDATE if url == "/sparql" else "text/turtle"
    headers = {"Authorization": header.format(**secrets)} if header else {}
    response = client.open(
        url, method=method, data="DROP ALL" if kind == UPDATE else "", content_type=kind, headers=headers
    )
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (status, challenge)
    assert response.mimetype == "application/problem+json"
    assert home.current_number() == before


def test_a_write_is_a_version_with_its_author_and_earlier_ones_stay_readable(
    client: FlaskClient, home: Home, secrets: dict[str, str]
) -> None:
    """The answer names the version; queries, pages and downloads read whichever is asked for."""
    before = home.current_number()
    written = update(client, NOTE % "Tillegg", secrets["write"], message="A name more")
    assert written.status_code == 204, written.text
    number = int(written.headers["Praksisgrafen-Version"])
    version = home.version(number)
    assert (version.author, version.message, version.parent) == ("write", "A name more", before)
    assert count(client, EXTRA) == 1
    assert count(client, EXTRA, version=str(before)) == 0
    form = {"query": f"ASK {{ GRAPH <{EXTRA}> {{ ?s ?p ?o }} }}", "version": str(before)}
    assert client.post("/sparql", data=form).json["boolean"] is False
    for url, new, old in (
        (f"/graphs?graph={EXTRA}", 200, 404),
        ("/graph/extra.ttl", 200, 404),
        ("/id/theme/extra.html", 200, 404),
    ):
        assert client.get(url).status_code == new
        earlier = client.get(f"{url}{'&' if '?' in url else '?'}version={before}")
        assert (earlier.status_code, earlier.headers["Praksisgrafen-Version"]) == (old, str(before))
    assert b"Tillegg" in client.get("/praksisgrafen.nt").data
    assert b"Tillegg" not in client.get(f"/praksisgrafen.nt?version={before}").data
    sent_on = client.get(f"/def?version={before}", headers={"Accept": "text/turtle"})
    assert sent_on.headers["Location"] == f"/def.ttl?version={before}"


@pytest.mark.parametrize(
    ("wanted", "status"), [("999", 404), ("0", 404), ("-1", 400), ("1.0", 400), ("", 400), ("x", 400)]
)
@pytest.mark.parametrize(
    "url", ["/sparql?query=ASK%7B%7D&", "/?", "/praksisgrafen.nt?", "/graphs?default&", "/sparql?"]
)
def test_a_version_that_is_not_there_is_an_error(client: FlaskClient, url: str, wanted: str, status: int) -> None:
    """Never the current one instead."""
    response = client.get(f"{url}version={wanted}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_what_breaks_a_shape_is_refused_whole_and_reported_as_asked(
    client: FlaskClient, home: Home, secrets: dict[str, str]
) -> None:
    """A problem with the messages, or the validation report in RDF."""
    before, text = home.current_number(), f"{NOTE % 'Halv'} ; {NAMELESS}"
    refused = update(client, text, secrets["write"])
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    indicator = iris.entity("indicator", "ladder-bodies")
    told = next(result for result in refused.json["results"] if result["focus"] == indicator)
    assert told["path"] == "http://www.w3.org/2004/02/skos/core#prefLabel"
    assert set(told["messages"]) == {"nb", "nn", "en"}
    for accept, kind in (("text/turtle", ox.RdfFormat.TURTLE), ("application/ld+json", ox.RdfFormat.JSON_LD)):
        report = update(client, text, secrets["write"], accept)
        assert (report.status_code, report.mimetype) == (422, accept)
        quads = list(ox.parse(report.data, format=kind))
        focus = {quad.object.value for quad in quads if quad.predicate.value == f"{SH}focusNode"}
        assert focus == {result["focus"] for result in refused.json["results"]}
        assert [quad.object.value for quad in quads if quad.predicate.value == f"{SH}conforms"] == ["false"]
    assert home.current_number() == before
    assert count(client, EXTRA) == count(client, EXTRA, version=str(before))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> ", 400),
        ("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } } }", 400),
        ("INSERT DATA { <urn:s> <urn:p> 1 }", 403),
        ("LOAD <http://127.0.0.1:1/>", 403),
        ("LOAD SILENT <http://127.0.0.1:1/>", 403),
        ("INSERT { GRAPH <urn:g> { <urn:s> ?p ?o } } WHERE { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        ("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> '1'^^<http://www.w3.org/2001/XMLSchema#date> } }", 422),
    ],
)
def test_an_update_that_cannot_be_made_is_refused_with_a_reason(
    client: FlaskClient, home: Home, secrets: dict[str, str], text: str, status: int
) -> None:
    """No version comes of it."""
    before = home.current_number()
    response = update(client, text, secrets["write"])
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    assert response.json["detail"]
    assert home.current_number() == before


@pytest.mark.parametrize("message", ["\x1b[2Jgone", "two\nlines", "a\u202eb", "\x9b31m"])
def test_a_message_that_cannot_be_printed_is_refused(
    client: FlaskClient, home: Home, secrets: dict[str, str], message: str
) -> None:
    """Neither protocol takes what would move the cursor of whoever lists the versions; a no-break space may stand."""
    before = home.current_number()
    headers = {"Authorization": f"Bearer {secrets['write']}"}
    for response in (
        client.post("/sparql", data={"update": NOTE % "x", "message": message}, headers=headers),
        client.delete("/graphs/claims", query_string={"message": message}, headers=headers),
        client.put(f"/graphs/x?message={quote(message)}", data="#", content_type="text/turtle", headers=headers),
    ):
        assert response.status_code == 400, response.text
        assert "message" in response.json["detail"]
    assert home.current_number() == before
    assert update(client, NOTE % "spaced", secrets["write"], message="12\N{NO-BREAK SPACE}000 – så").status_code == 204


def test_a_client_may_lower_the_time_of_its_update(client: FlaskClient, home: Home, secrets: dict[str, str]) -> None:
    """As that of a query, and it is told the limit that was reached."""
    before = home.current_number()
    many = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    text = f"INSERT {{ GRAPH <{EXTRA}> {{ <urn:s> <urn:p> ?n }} }} WHERE {{ {{ {many} }} }}"
    assert update(client, text, secrets["write"], timeout="soon").status_code == 400
    late = update(client, text, secrets["write"], timeout="0.5")
    assert (late.status_code, late.json["limit"], late.json["title"]) == (503, 0.5, "Update took too long")
    assert home.current_number() == before


def test_a_statement_of_another_graph_is_refused_by_both_protocols(
    client: FlaskClient, home: Home, secrets: dict[str, str]
) -> None:
    """With the statement, the graph it stands in and what to do."""
    before = home.current()
    assert before is not None
    headers = {"Authorization": f"Bearer {secrets['write']}"}
    quad = next(before.open().quads_for_pattern(None, None, None, ox.NamedNode(iris.graph("people"))))
    for refused in (
        update(client, f"INSERT DATA {{ GRAPH <{EXTRA}> {{ {quad.triple} }} }}", secrets["write"]),
        client.post("/graphs/extra", data=f"{quad.triple} .", content_type="text/turtle", headers=headers),
    ):
        assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
        assert refused.json["type"].endswith("/said-twice")
        assert str(quad.triple) in refused.json["detail"]
        assert str(quad.graph_name) in refused.json["detail"]
        assert refused.json["hint"]
    assert home.current() == before


def test_a_graph_of_the_project_is_written_by_its_name(
    client: FlaskClient, home: Home, secrets: dict[str, str]
) -> None:
    """PUT to `/graphs/NAME` writes the graph whose IRI ends in that name."""
    headers = {"Authorization": f"Bearer {secrets['write']}"}
    content = f"<{iris.entity('theme', 'put')}> <http://www.w3.org/2004/02/skos/core#altLabel> 'Lagt til'@nb ."
    made = client.put("/graphs/put", data=content, content_type="text/turtle", headers=headers)
    assert (made.status_code, made.headers.get("Location")) == (201, "http://localhost/graphs/put"), made.text
    current = home.current()
    assert current is not None
    assert iris.graph("put") in current.graphs
    assert client.get("/graphs/put").data == client.get(f"/graphs?graph={iris.graph('put')}").data
    tag = client.get("/graphs/put").headers["ETag"]
    assert json.loads(f'"{tag.strip(chr(34)).partition(".")[0]}"') == current.graphs[iris.graph("put")]
    assert client.delete("/graphs/put", headers=headers).status_code == 204
    assert client.get("/graphs/put").status_code == 404
    refused = client.put("/graphs?default", data=content, content_type="text/turtle", headers=headers)
    assert refused.status_code == 403
    assert "default graph" in refused.json["detail"]


CLASS = "http://www.w3.org/2000/01/rdf-schema#Class"
JUDGING = [
    ("DELETE", "/graphs/shapes-claim", ""),
    ("DELETE", "/graphs/rules", ""),
    ("PUT", "/graphs/ontology", "# nothing"),
    ("POST", "/graphs/cube", f"<http://e/s> a <{CLASS}> ."),
    ("PUT", "/graphs/shapes-of-mine", f"<http://e/s> a <{SH}NodeShape> ; <{SH}deactivated> true ."),
    ("POST", "/sparql", f"DROP GRAPH <{iris.graph('shapes-claim')}>"),
    ("POST", "/sparql", f"DELETE WHERE {{ GRAPH ?g {{ ?shape a <{SH}NodeShape> }} }}"),
    ("POST", "/sparql", f"MOVE <{iris.graph('shapes-claim')}> TO <{EXTRA}>"),
    ("POST", "/sparql", f"INSERT {{ GRAPH <{EXTRA}> {{ ?r <{SH}order> -1 }} }} WHERE {{ ?r <{SH}construct> ?text }}"),
    ("POST", "/graphs/extra", f"<http://e/rule> <{SH}construct> 'CONSTRUCT {{}} {{}}' ."),
]


@pytest.mark.parametrize(("method", "url", "text"), JUDGING)
def test_what_judges_writes_is_changed_by_administrators_only(  # noqa: PLR0917
    client: FlaskClient, home: Home, secrets: dict[str, str], method: str, url: str, text: str
) -> None:
    """Shapes, rules and the vocabulary stay as they are, whichever protocol is tried and wherever a rule lies."""
    before = home.current_number()
    content_type = UPDATE if url == "/sparql" else "text/turtle"
    headers = {"Authorization": f"Bearer {secrets['write']}"}
    response = client.open(url, method=method, data=text, content_type=content_type, headers=headers)
    assert response.status_code == 403, response.text
    assert "admin" in response.json["hint"]
    assert home.current_number() == before


def test_an_administrator_changes_what_judges(client: FlaskClient, home: Home) -> None:
    """With both scopes a shape goes, and what it refused is accepted; undoing that brings it back."""
    secret = Tokens(home.path).create("steward of the shapes", ["write", "admin"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.delete("/graphs/shapes-claim", headers=headers).status_code == 204
    assert count(client, iris.graph("shapes-claim")) == 0
    history.undo(home, "tests")
    assert count(client, iris.graph("shapes-claim")) > 0


def test_a_page_of_an_earlier_version_says_so_and_leads_to_others_of_it(client: FlaskClient) -> None:
    """A reader who goes back stays there until they choose not to."""
    page = client.get("/list/theme?lang=nb&version=1").text
    assert "Dette er versjon 1, fra " in page
    assert 'href="/list/theme?lang=nb">Les den gjeldende versjonen</a>' in page
    things = [line for line in page.splitlines() if 'href="/id/theme/' in line]
    assert things
    assert all("lang=nb&amp;version=1" in line for line in things)
    entity = client.get(f"/id/theme/{things[0].split('/id/theme/')[1].partition('.')[0]}.html?version=1").text
    assert '.ttl?version=1"' in entity
    assert "Dette er versjon" not in client.get("/list/theme?lang=nb").text
