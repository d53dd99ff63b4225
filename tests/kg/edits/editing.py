"""Making an edit in a test, and seeing what came of it."""

import pyoxigraph as ox

from kg import edits
from kg.documents import Document
from kg.edits import ReplaceGraph, SparqlUpdate

PREFIXES = """
PREFIX ex: <http://example.org/>
PREFIX pg: <https://w3id.org/praksisgrafen/def/>
PREFIX graph: <https://w3id.org/praksisgrafen/graph/>
PREFIX person: <https://w3id.org/praksisgrafen/id/person/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r"


def update(home, text, *, validate=True, **options):
    """Make an update; the prefixes above are declared."""
    edit = SparqlUpdate(PREFIXES + text, **{key: options.pop(key) for key in list(options) if key.startswith("using")})
    return edits.apply(home, edit, author="tests", message="an edit", validate=validate, **options)


def put_graph(home, graph, turtle, kind=ReplaceGraph, **options):
    """Replace a graph by a document in Turtle, or merge it into the graph."""
    edit = kind(graph, (Document(turtle.encode(), ox.RdfFormat.TURTLE, "http://example.org/"),))
    return edits.apply(home, edit, author="tests", message="an edit", **options)


def lines(version) -> set[str]:
    """Return all that a version says."""
    return {str(quad) for quad in version.open()}


def assert_untouched(home, version):
    """See that a version is still in force, and that nothing is left of an attempt at another."""
    assert home.current() == version
    assert [entry.name for entry in home.versions.iterdir() if entry.name.startswith(".")] == []
