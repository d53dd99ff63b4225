"""The media types the server speaks, in its own order of preference, and the suffixes that stand for them."""

from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat

TURTLE: Final = "text/turtle"
NTRIPLES: Final = "application/n-triples"
JSONLD: Final = "application/ld+json"
RDFXML: Final = "application/rdf+xml"
TRIG: Final = "application/trig"
NQUADS: Final = "application/n-quads"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
JSON_RESULTS: Final = "application/sparql-results+json"
XML_RESULTS: Final = "application/sparql-results+xml"

RESULTS: Final = {
    JSON_RESULTS: QueryResultsFormat.JSON,
    XML_RESULTS: QueryResultsFormat.XML,
    CSV: QueryResultsFormat.CSV,
    TSV: QueryResultsFormat.TSV,
    "application/json": QueryResultsFormat.JSON,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
"""Answers to SELECT and ASK."""

GRAPHS: Final = {
    TURTLE: RdfFormat.TURTLE,
    NTRIPLES: RdfFormat.N_TRIPLES,
    JSONLD: RdfFormat.JSON_LD,
    RDFXML: RdfFormat.RDF_XML,
    "application/json": RdfFormat.JSON_LD,
    "application/xml": RdfFormat.RDF_XML,
    "text/xml": RdfFormat.RDF_XML,
    "text/plain": RdfFormat.N_TRIPLES,
}
"""Answers to CONSTRUCT and DESCRIBE."""

SUFFIXES: Final = {"ttl": TURTLE, "nt": NTRIPLES, "jsonld": JSONLD, "rdf": RDFXML, "csv": CSV}
"""What a suffix after the address of a thing stands for."""

DUMPS: Final = {
    "ttl": "turtle",
    "nt": "ntriples",
    "nq": "nquads",
    "trig": "trig",
    "jsonld": "jsonld",
    "rdf": "rdfxml",
}
"""What a suffix after the address of the whole graph stands for: a format of `kg.dumps`."""

DUMP_TYPES: Final = {
    "ttl": TURTLE,
    "nt": NTRIPLES,
    "nq": NQUADS,
    "trig": TRIG,
    "jsonld": JSONLD,
    "rdf": RDFXML,
}
"""The media type of each dump."""


def with_charset(media_type: str) -> str:
    """Add the charset where the media type has such a parameter and would be misread without."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
