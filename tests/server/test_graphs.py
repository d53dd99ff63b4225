"""The Graph Store Protocol over a store of a conformance suite: what it does to graphs, whatever they say."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg.versions import Home
from tests.server.conftest import application

TURTLE = "text/turtle"
ONE = "<urn:s> <urn:p> 1 ."
TWO = "<urn:s> <urn:p> 2 ."
HERE = "http://localhost/graphs/"


@pytest.fixture(scope="module")
def store_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make an application in conformance mode over an empty home."""
    home = Home(tmp_path_factory.mktemp("suite"), durable=False)
    home.publish([], "tests", "nothing", {})
    with application(home, workers=1, conformance=True) as app:
        yield app


@pytest.fixture
def store(store_app: Flask) -> FlaskClient:
    """Return a program that writes, to a store that has just been emptied."""
    client = store_app.test_client()
    emptied = client.post("/sparql", data="DROP ALL", content_type="application/sparql-update")
    assert emptied.status_code == 204
    return client


def put(client: FlaskClient, url: str, content: str, **headers: str) -> TestResponse:
    """Replace a graph by a document in Turtle."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.put(url, data=content, content_type=TURTLE, headers=names)


def triples(response: TestResponse) -> set[str]:
    """Read the triples of an answer in N-Triples."""
    assert response.status_code == 200, response.text
    return set(response.text.splitlines())


def get(client: FlaskClient, url: str) -> set[str]:
    """Read the triples of a graph."""
    return triples(client.get(url, headers={"Accept": "application/n-triples"}))


def test_a_graph_is_made_read_replaced_extended_and_removed(store: FlaskClient) -> None:
    """The whole life of a graph, with the status of each step."""
    url = "/graphs/person/1.ttl"
    assert store.get(url).status_code == store.head(url).status_code == 404
    made = put(store, url, ONE)
    assert (made.status_code, made.headers["Location"]) == (201, HERE + "person/1.ttl")
    assert put(store, url, TWO).status_code == 204
    assert len(get(store, url)) == 1
    assert store.post(url, data=ONE, content_type=TURTLE).status_code == 204
    assert len(get(store, url)) == 2
    head = store.head(url)
    assert (head.status_code, head.data, int(head.headers["Content-Length"]) > 0) == (200, b"", True)
    assert store.delete(url).status_code == 204
    assert store.get(url).status_code == store.delete(url).status_code == 404


def test_a_graph_has_the_same_content_by_its_address_by_parameter_and_in_sparql(store: FlaskClient) -> None:
    """Direct and indirect identification name one graph."""
    put(store, "/graphs/a", "<urn:s> <urn:p> <> .")
    expected = {f"<urn:s> <urn:p> <{HERE}a> ."}
    assert get(store, "/graphs/a") == get(store, f"/graphs?graph={HERE}a") == expected
    asked = store.get("/sparql", query_string={"query": f"ASK {{ GRAPH <{HERE}a> {{ ?s ?p <{HERE}a> }} }}"})
    assert asked.json == {"head": {}, "boolean": True}


def test_post_to_the_store_makes_a_graph_and_says_where(store: FlaskClient) -> None:
    """Each POST makes another one; its place can be read."""
    made = [store.post("/graphs", data=ONE, content_type=TURTLE) for _ in range(2)]
    places = {response.headers["Location"] for response in made}
    assert [response.status_code for response in made] == [201, 201]
    assert len(places) == 2
    for place in places:
        assert get(store, place) == {'<urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'}


def test_the_default_graph_is_written_read_and_emptied(store: FlaskClient) -> None:
    """It is always there, and apart from the named ones."""
    put(store, "/graphs/a", TWO)
    assert put(store, "/graphs?default", ONE).status_code in (201, 204)
    assert len(get(store, "/graphs?default")) == 1
    assert store.delete("/graphs?default").status_code == 204
    assert get(store, "/graphs?default") == set()
    assert len(get(store, "/graphs/a")) == 1


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_every_format_is_read_and_written(store: FlaskClient, media_type: str) -> None:
    """What comes in as one format goes out as each."""
    triple = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:x#p"), ox.Literal("å", language="nb"))
    kind = ox.RdfFormat.from_media_type(media_type)
    assert kind is not None
    written = store.put("/graphs/a", data=ox.serialize([triple], format=kind), content_type=media_type)
    assert written.status_code == 201, written.text
    assert get(store, "/graphs/a") == {f"{triple} ."}
    back = store.get("/graphs/a", headers={"Accept": media_type})
    assert back.mimetype == media_type
    assert {quad.triple for quad in ox.parse(back.data, format=kind)} == {triple}


def test_the_files_of_a_form_are_merged_and_their_blank_nodes_kept_apart(store: FlaskClient) -> None:
    """One POST with two files, in two formats, adds what both say."""
    put(store, "/graphs/a", ONE)
    parts = ("first.ttl", TURTLE, "_:b <urn:p> 3 ."), ("second.nt", "application/n-triples", "_:b <urn:q> <urn:o> .")
    named = 'Content-Disposition: form-data; name="{0}"; filename="{0}"\r\nContent-Type: {1}\r\n\r\n{2}\r\n'
    body = "".join("--xyz\r\n" + named.format(*part) for part in parts)
    sent = store.post("/graphs/a", data=body + "--xyz--\r\n", content_type="multipart/form-data; boundary=xyz")
    assert sent.status_code == 204, sent.text
    found = get(store, "/graphs/a")
    assert len(found) == 3
    assert len({line.split()[0] for line in found}) == 3


def test_an_edit_is_made_only_to_the_graph_the_client_has_seen(store: FlaskClient) -> None:
    """If-Match and If-None-Match compare with the graph's digest, in whichever format it was read."""
    put(store, "/graphs/a", ONE)
    seen = store.get("/graphs/a", headers={"Accept": "application/rdf+xml"}).headers["ETag"]
    other = store.get("/graphs/a", headers={"Accept": "application/n-triples"}).headers["ETag"]
    assert seen != other
    put(store, "/graphs/b", ONE)
    assert put(store, "/graphs/a", TWO, If_Match=seen).status_code == 204
    for response in (
        put(store, "/graphs/a", ONE, If_Match=seen),
        put(store, "/graphs/a", ONE, If_None_Match="*"),
        put(store, "/graphs/new", ONE, If_Match="*"),
        store.delete("/graphs/a", headers={"If-Match": seen}),
        store.post("/graphs/a", data=ONE, content_type=TURTLE, headers={"If-Match": other}),
        store.get("/graphs/a", headers={"If-Match": seen}),
    ):
        assert (response.status_code, response.mimetype) == (412, "application/problem+json")
    assert get(store, "/graphs/a") == {'<urn:s> <urn:p> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .'}
    assert put(store, "/graphs/new", ONE, If_None_Match="*").status_code == 201


def test_weak_tags_allow_no_write(store: FlaskClient) -> None:
    """If-Match compares strongly, so a weak tag matches nothing; If-None-Match compares weakly.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
    """
    put(store, "/graphs/a", ONE)
    seen = store.get("/graphs/a").headers["ETag"]
    assert put(store, "/graphs/a", TWO, If_Match=f"W/{seen}").status_code == 412
    assert put(store, "/graphs/a", TWO, If_Match='W/"x"').status_code == 412
    assert put(store, "/graphs/a", TWO, If_None_Match=f"W/{seen}").status_code == 412
    assert put(store, "/graphs/a", TWO, If_None_Match='W/"x"').status_code == 204


def test_tags_that_are_none_match_nothing(store: FlaskClient) -> None:
    """An empty tag and what is no tag at all are not the graph's; If-Match is not passed over for that."""
    put(store, "/graphs/a", ONE)
    for odd in ('""', 'W/""', '"', ",", ""):
        assert put(store, "/graphs/a", TWO, If_Match=odd).status_code == 412, odd
        assert store.get("/graphs/a", headers={"If-Match": odd}).status_code == 412, odd
        assert store.get("/graphs/a", headers={"If-None-Match": odd}).status_code == 200, odd
    seen = store.get("/graphs/a").headers["ETag"]
    assert store.get("/graphs/a", headers={"If-None-Match": f'"", {seen}'}).status_code == 304
    assert put(store, "/graphs/a", TWO, If_None_Match='""').status_code == 204


def test_an_unchanged_graph_is_304_also_when_others_have_changed(store: FlaskClient) -> None:
    """The tag is of the graph, not of the version."""
    put(store, "/graphs/a", ONE)
    tag = store.get("/graphs/a").headers["ETag"]
    put(store, "/graphs/b", TWO)
    assert store.get("/graphs/a", headers={"If-None-Match": tag}).status_code == 304
    put(store, "/graphs/a", TWO)
    assert store.get("/graphs/a", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("method", "url", "content_type", "body", "status"),
    [
        ("GET", "/graphs", None, "", 400),
        ("PUT", "/graphs", TURTLE, ONE, 400),
        ("DELETE", "/graphs", None, "", 400),
        ("GET", "/graphs?default&graph=urn:a", None, "", 400),
        ("GET", "/graphs?graph=urn:a&graph=urn:b", None, "", 400),
        ("GET", "/graphs/a?default", None, "", 400),
        ("GET", "/graphs?graph=relative", None, "", 400),
        ("PUT", "/graphs/a?version=1", TURTLE, ONE, 400),
        ("PUT", "/graphs/a", TURTLE, "<urn:s> <urn:p> .", 400),
        ("PUT", "/graphs/a", "application/rdf+xml", ONE, 400),
        ("PUT", "/graphs/a", None, ONE, 415),
        ("PUT", "/graphs/a", "text/csv", ONE, 415),
        ("PUT", "/graphs/a", "text/turtle; charset=utf-16", ONE, 415),
        ("POST", "/graphs/a", "multipart/form-data; boundary=x", "--x--\r\n", 400),
        ("PATCH", "/graphs/a", TURTLE, ONE, 405),
        ("GET", "/graphs/none", None, "", 404),
    ],
)
def test_what_the_protocol_refuses_is_refused_with_a_reason(  # noqa: PLR0917
    store: FlaskClient, method: str, url: str, content_type: str | None, body: str, status: int
) -> None:
    """Nothing is written then."""
    response = store.open(url, method=method, content_type=content_type, data=body)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    assert store.get("/graphs/a").status_code == 404


def test_an_unacceptable_format_is_406_and_a_compressed_body_415(store: FlaskClient) -> None:
    """Neither a wrong format nor a wrong reading of the body."""
    put(store, "/graphs/a", ONE)
    assert store.get("/graphs/a", headers={"Accept": "text/csv"}).status_code == 406
    assert put(store, "/graphs/a", ONE, Content_Encoding="gzip").status_code == 415
    assert put(store, "/graphs/a", ONE, Content_Range="bytes 0-3/9").status_code == 400


def test_a_preflight_says_which_methods_and_headers_there_are(store: FlaskClient) -> None:
    """A browser on another site may write where it has a token."""
    response = store.options("/graphs/a", headers={"Origin": "https://example.org"})
    assert {"GET", "HEAD", "PUT", "POST", "DELETE"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "If-Match"} <= set(response.headers["Access-Control-Allow-Headers"].split(", "))


def test_load_and_service_are_refused_here_too_and_silent_ones_fail_silently(store: FlaskClient) -> None:
    """Open to writes is not open to the network."""

    def update(text: str) -> int:
        return store.post("/sparql", data=text, content_type="application/sparql-update").status_code

    assert update("LOAD <http://127.0.0.1:1/>") == 403
    assert update("LOAD SILENT <http://127.0.0.1:1/> INTO GRAPH <urn:g> ; INSERT DATA { <urn:s> <urn:p> 1 }") == 204
    assert len(get(store, "/graphs?default")) == 1
    called = "SELECT ?s ?x { ?s ?p ?o SERVICE %s <http://127.0.0.1:1/> { ?x ?y ?z } }"
    assert store.get("/sparql", query_string={"query": called % ""}).status_code == 403
    rows = store.get("/sparql", query_string={"query": called % "SILENT"}).json["results"]["bindings"]
    assert rows == [{"s": {"type": "uri", "value": "urn:s"}}]
