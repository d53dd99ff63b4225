"""Clients nobody here wrote: SPARQLWrapper, rdflib's store, and curl as the README uses it."""

import csv
import io
import re
import subprocess
from pathlib import Path

import pytest
from rdflib import RDF, XSD, Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, GET, JSON, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

pytestmark = pytest.mark.xdist_group("suites")

README = Path(__file__).parents[2] / "README.md"
CURL = re.compile(r"^```sh\n((?:(?!```).)*?curl .*?)^```", re.MULTILINE | re.DOTALL)
FINDINGS = "SELECT ?s WHERE { ?s a <https://w3id.org/praksisgrafen/def/NumericFinding> } ORDER BY ?s LIMIT 5"


def wrapper(address: str, query: str, method: str = GET, form: str | None = None) -> SPARQLWrapper:
    """Return a SPARQLWrapper about to ask."""
    client = SPARQLWrapper(f"{address}/sparql")
    client.setMethod(method)
    client.setQuery(query)
    if form is not None:
        client.setReturnFormat(form)
    return client


@pytest.mark.parametrize("method", [GET, POST])
def test_sparqlwrapper_gets_the_same_rows_in_every_format(graph_server: str, method: str) -> None:
    """Each of its return formats reads five rows."""
    rows = wrapper(graph_server, FINDINGS, method, JSON).queryAndConvert()["results"]["bindings"]
    found = [row["s"]["value"] for row in rows]
    assert len(found) == 5
    bindings = wrapper(graph_server, FINDINGS, method, XML).queryAndConvert().getElementsByTagName("uri")
    assert [binding.firstChild.data for binding in bindings] == found
    table = wrapper(graph_server, FINDINGS, method, CSV).queryAndConvert().decode()
    assert [row["s"] for row in csv.DictReader(io.StringIO(table))] == found
    assert wrapper(graph_server, FINDINGS, method, TSV).queryAndConvert().decode().splitlines()[1:] == [
        f"<{iri}>" for iri in found
    ]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("form", [TURTLE, N3, RDFXML])
def test_sparqlwrapper_gets_graphs(graph_server: str, form: str) -> None:
    """CONSTRUCT in each of its RDF formats."""
    query = "CONSTRUCT { ?s a <urn:c> } WHERE { { " + FINDINGS + " } }"
    answer = wrapper(graph_server, query, POST, form).queryAndConvert()
    graph = answer if isinstance(answer, Graph) else Graph().parse(data=answer, format="turtle")
    assert len(list(graph.subjects(RDF.type, URIRef("urn:c")))) == 5


def test_sparqlwrapper_is_told_what_is_wrong(graph_server: str) -> None:
    """A syntax error reaches the person with its place."""
    with pytest.raises(QueryBadFormed, match=r'"line": 1, "column": 11, .*"token": "WHRE"'):
        wrapper(graph_server, "SELECT ?s WHRE { ?s ?p ?o }").query()


def test_sparqlwrapper_updates(suite_server: str) -> None:
    """Its update is read by its next query."""
    wrapper(suite_server, "DROP ALL ; INSERT DATA { GRAPH <urn:w> { <urn:s> <urn:p> 'Å'@nb } }", POST).query()
    client = wrapper(suite_server, "SELECT ?o { GRAPH ?g { ?s ?p ?o } }", GET, JSON)
    assert client.queryAndConvert()["results"]["bindings"] == [
        {"o": {"type": "literal", "value": "Å", "xml:lang": "nb"}}
    ]


def test_rdflib_reads_the_graph_as_if_it_were_its_own(graph_server: str) -> None:
    """Patterns, counts and queries of a graph that lies elsewhere."""
    graph = Graph(SPARQLStore(f"{graph_server}/sparql", method="POST"))
    rows = [row.s for row in graph.query(FINDINGS)]
    assert len(rows) == 5
    assert (rows[0], RDF.type, URIRef("https://w3id.org/praksisgrafen/def/NumericFinding")) in graph
    assert len(list(graph.predicate_objects(rows[0]))) > 5
    graph.close()


def test_rdflib_writes_into_a_named_graph_and_reads_it_back(suite_server: str) -> None:
    """What is added is there, what is removed is gone."""
    endpoint = f"{suite_server}/sparql"
    dataset = Dataset(SPARQLUpdateStore(endpoint, endpoint, autocommit=True))
    graph = dataset.graph(URIRef("urn:rdflib"))
    triple = (URIRef("urn:s"), URIRef("urn:p"), Literal(7, datatype=XSD.integer))
    graph.remove((None, None, None))
    graph.add(triple)
    graph.add((URIRef("urn:s"), URIRef("urn:p"), Literal("gone")))
    graph.remove((None, None, Literal("gone")))
    again = Graph(SPARQLStore(endpoint), URIRef("urn:rdflib"))
    assert list(again) == [triple]
    dataset.close()


def recipes() -> list[str]:
    """Return the shell recipes of the README that use curl."""
    return [match[1] for match in CURL.finditer(README.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("recipe", recipes())
def test_the_curl_recipes_of_the_readme_work_as_written(graph_server: str, recipe: str) -> None:
    """They succeed and print a table with rows."""
    assert "http://127.0.0.1:8000" in recipe
    here = recipe.replace("http://127.0.0.1:8000", graph_server).replace("curl ", "curl --silent --show-error --fail ")
    done = subprocess.run(["sh", "-c", here], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["source", "figures"]
    assert len(rows) > 3


def test_the_readme_has_a_curl_recipe() -> None:
    """Otherwise the test above would pass by testing nothing."""
    assert recipes()
