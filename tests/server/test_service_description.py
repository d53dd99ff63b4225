"""What the service says of itself, held against what it does."""

from typing import cast

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.versions import Version

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
VOID = "http://rdfs.org/ns/void#"
ENDPOINT = "http://localhost/sparql"
MEDIA_TYPES = {
    "SPARQL_Results_JSON": "application/sparql-results+json",
    "SPARQL_Results_XML": "application/sparql-results+xml",
    "SPARQL_Results_CSV": "text/csv",
    "SPARQL_Results_TSV": "text/tab-separated-values",
    "Turtle": "text/turtle",
    "N-Triples": "application/n-triples",
    "JSON-LD": "application/ld+json",
    "RDF_XML": "application/rdf+xml",
}


@pytest.fixture
def description(client: FlaskClient) -> ox.Store:
    """Read the description."""
    store = ox.Store()
    store.load(client.get("/sparql", headers={"Accept": "text/turtle"}).data, format=ox.RdfFormat.TURTLE)
    return store


def said(description: ox.Store, name: str, namespace: str = SD) -> set[str]:
    """Return what is said with a property."""
    found = description.quads_for_pattern(None, ox.NamedNode(namespace + name), None)
    return {cast("ox.NamedNode", quad.object).value for quad in found}


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples"]
)
def test_every_form_of_rdf_says_the_same(client: FlaskClient, description: ox.Store, accept: str) -> None:
    """Whoever asks for RDF and nothing else gets the description in that form."""
    response = client.get("/sparql", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, accept)
    kind = ox.RdfFormat.from_media_type(accept)
    assert kind is not None
    store = ox.Store()
    store.load(response.data, format=kind)
    assert set(store) == set(description)
    assert client.head("/sparql", headers={"Accept": accept}).headers["Content-Length"] == str(len(response.data))


def test_without_any_wish_it_is_turtle_and_for_results_a_query_is_missed(client: FlaskClient) -> None:
    """A client that wants results has forgotten its query."""
    assert client.get("/sparql").mimetype == "text/turtle"
    assert client.get("/sparql", headers={"Accept": "*/*"}).mimetype == "text/turtle"
    forgotten = client.get("/sparql", headers={"Accept": "text/csv"})
    assert (forgotten.status_code, forgotten.mimetype) == (400, "application/problem+json")


def test_the_endpoint_answers_in_every_format_it_names_and_in_no_other(
    client: FlaskClient, description: ox.Store
) -> None:
    """Each result format is tried."""
    assert said(description, "endpoint") == {ENDPOINT}
    assert said(description, "resultFormat") == {FORMATS + name for name in MEDIA_TYPES}
    for name, media_type in MEDIA_TYPES.items():
        query = "ASK {}" if name.startswith("SPARQL") else "CONSTRUCT WHERE { ?s ?p ?o }"
        response = client.get(ENDPOINT, query_string={"query": query}, headers={"Accept": media_type})
        assert (response.status_code, response.mimetype) == (200, media_type)


def test_languages_and_features_are_those_of_a_server_nobody_can_write_to(
    client: FlaskClient, description: ox.Store
) -> None:
    """No update language, no input format; the default graph is the union."""
    assert said(description, "supportedLanguage") == {f"{SD}SPARQL10Query", f"{SD}SPARQL11Query"}
    assert said(description, "inputFormat") == set()
    assert said(description, "feature") == {f"{SD}UnionDefaultGraph"}
    union = client.get("/sparql", query_string={"query": "ASK { ?s ?p ?o FILTER EXISTS { GRAPH ?g { ?s ?p ?o } } }"})
    assert union.json["boolean"] is True


def test_named_graphs_sizes_and_version_are_those_of_the_graph(
    client: FlaskClient, description: ox.Store, version: Version
) -> None:
    """Every named graph and no other, with its number of triples."""
    assert said(description, "name") == set(version.graphs)
    assert str(version.number) in said(description, "versionInfo", "http://www.w3.org/2002/07/owl#")
    rows = description.query(f"SELECT ?name ?n {{ ?named <{SD}name> ?name ; <{SD}graph>/<{VOID}triples> ?n }}")
    for row in cast("ox.QuerySolutions", rows):
        graph, told = cast("ox.NamedNode", row["name"]).value, cast("ox.Literal", row["n"]).value
        counted = client.get("/graphs", query_string={"graph": graph}, headers={"Accept": "application/n-triples"})
        assert len(counted.text.splitlines()) == int(told)


def test_function_it_names_can_be_called(client: FlaskClient, description: ox.Store) -> None:
    """A query that calls it over HTTP finds what the search finds."""
    (function,) = said(description, "extensionFunction")
    query = f'ASK {{ ?thing ?property ?name FILTER(<{function}>(?thing, "Navet") > 0) }}'
    assert client.get("/sparql", query_string={"query": query}).json == {"head": {}, "boolean": True}
    other = query.replace("Navet", "qqqqxx")
    assert client.get("/sparql", query_string={"query": other}).json == {"head": {}, "boolean": False}
