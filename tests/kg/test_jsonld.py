"""JSON-LD with the published context: short names, and nothing lost or changed by them."""

import io
import json

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kg import iris, jsonld

NAMES = st.sampled_from(
    [
        f"{iris.DEF}value",
        f"{iris.DEF}population",
        f"{iris.DEF}id",
        f"{iris.DEF}schema",
        f"{iris.DEF}",
        f"{iris.DEF}a/b:c",
        f"{iris.DEF}b:c",
        f"{iris.ID}//x",
        f"{iris.ID}finding/x",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://www.w3.org/ns/org#member",
        "http://example.org/@type",
        "id:not-a-prefix",
        "skos:prefLabel",
        "value:x",
        "urn:isbn:0",
    ]
).map(ox.NamedNode)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
DATATYPES = st.sampled_from(["decimal", "integer", "boolean", "gYear", "string", "date"]).map(
    lambda name: ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}")
)
LITERALS = (
    st.builds(ox.Literal, TEXTS)
    | st.builds(lambda text, tag: ox.Literal(text, language=tag), TEXTS, st.sampled_from(["nb", "nn", "en-gb"]))
    | st.builds(lambda text, datatype: ox.Literal(text, datatype=datatype), TEXTS, DATATYPES)
)
BLANKS = st.sampled_from([ox.BlankNode("a"), ox.BlankNode("b")])
GRAPHS = st.just(ox.DefaultGraph()) | NAMES
QUADS = st.builds(ox.Quad, NAMES | BLANKS, NAMES, NAMES | BLANKS | LITERALS, GRAPHS)


def written(quads: list[ox.Quad]) -> bytes:
    """Write sorted quads."""
    output = io.BytesIO()
    jsonld.write(sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad))), output)
    return output.getvalue()


@given(st.lists(QUADS, max_size=8))
def test_whatever_is_written_reads_as_it_was(quads: list[ox.Quad]) -> None:
    """Names that look like prefixes, terms with the wrong kind of value, and blank nodes are no exception."""
    read = ox.Dataset(ox.parse(written(quads), format=ox.RdfFormat.JSON_LD))
    meant = ox.Dataset(quads)
    for dataset in (read, meant):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert read == meant


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_another_library_reads_the_same(graph: ox.Store) -> None:
    """RDFLib expands the context by its own lights."""
    quads = sorted(graph, key=str)[:4000]
    read = rdflib.Dataset()
    read.parse(data=written(quads), format="json-ld")
    found = {(str(graph), str(s), str(p), str(o), getattr(o, "language", None)) for s, p, o, graph in read.quads()}
    assert found == {
        (q.graph_name.value, q.subject.value, q.predicate.value, q.object.value, getattr(q.object, "language", None))
        for q in quads
    }


def test_the_context_names_what_the_graph_says(graph: ox.Store) -> None:
    """Every predicate is written short, and those that always have one kind of value say which."""
    document = json.loads(written(list(graph)))
    nodes = [node for part in document["@graph"] for node in part["@graph"]]
    long = {key for node in nodes for key in node if "://" in key}
    assert not long
    finding = next(node for node in nodes if node["@id"] == "id:finding/ladder-bodies-municipalities-article-2020")
    assert finding["value"] == "33.3"
    assert finding["population"] == "id:population/municipalities"
    assert set(finding["skos:prefLabel"]) == {"nb", "nn", "en"}
    assert "NumericFinding" in finding["@type"]


def test_the_document_holds_the_published_context(graph: ox.Store) -> None:
    """Nobody who reads it has to fetch anything."""
    document = json.loads(written(sorted(graph, key=str)[:100]))
    assert document["@context"] == json.loads(jsonld.published())["@context"]
