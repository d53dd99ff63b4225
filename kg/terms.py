"""Every namespace and prefix, once.

`PREFIXES` is what dumps, queries, the editor and error messages use; its order is the order of prefixes in a dump.
"""

from typing import Final

from rdflib import Namespace

from kg import iris

PG: Final = Namespace(iris.DEF)
ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
OA: Final = Namespace("http://www.w3.org/ns/oa#")
QB: Final = Namespace("http://purl.org/linked-data/cube#")
SCHEMA: Final = Namespace("https://schema.org/")
SDMX_ATTRIBUTE: Final = Namespace("http://purl.org/linked-data/sdmx/2009/attribute#")
SDMX_DIMENSION: Final = Namespace("http://purl.org/linked-data/sdmx/2009/dimension#")
SDMX_MEASURE: Final = Namespace("http://purl.org/linked-data/sdmx/2009/measure#")

CODE_LISTS: Final = (
    "indicator population unit-of-analysis level scale kind bound precision unit period theme confidence status "
    "policy-type stance partner-role direction quantifier finding-type discrepancy-type date-aspect method"
).split()
"""Segments whose things are codes: one concept scheme each (`scheme:<segment>`)."""

_SEGMENT_PREFIXES: Final = {
    "src": "source",
    "cap": "capture",
    "rep": "report",
    "ed": "edition",
    **{
        segment: segment
        for segment in (
            "survey organisation person membership event identifier policy reform funding solution partnership "
            "claim finding observation derived derivation agent annotation discrepancy dataset component rule "
            "scheme collection query parameter"
        ).split()
    },
    "dated": "dated-assertion",
    **{code_list: code_list for code_list in CODE_LISTS},
}

PREFIXES: Final[dict[str, str]] = {
    "pg": iris.DEF,
    **{prefix: f"{iris.ID}{segment}/" for prefix, segment in _SEGMENT_PREFIXES.items()},
    "graph": iris.GRAPH,
    "shape": iris.BASE + "shapes/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xkos": "http://rdf-vocabulary.ddialliance.org/xkos#",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": str(OA),
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "rov": "http://www.w3.org/ns/regorg#",
    "adms": str(ADMS),
    "eli": "http://data.europa.eu/eli/ontology#",
    "schema": str(SCHEMA),
    "qb": str(QB),
    "sdmx-attribute": str(SDMX_ATTRIBUTE),
    "sdmx-dimension": str(SDMX_DIMENSION),
    "sdmx-measure": str(SDMX_MEASURE),
    "qunit": "http://qudt.org/vocab/unit/",
    "sh": "http://www.w3.org/ns/shacl#",
}


def segment_prefixes() -> dict[str, str]:
    """Return prefix → segment for the things of the project, e.g. `src` → `source`."""
    return dict(_SEGMENT_PREFIXES)


def shorten(iri: str) -> str:
    """Write an IRI with its prefix where one fits, else in full."""
    best = max((p for p in PREFIXES if iri.startswith(PREFIXES[p])), key=lambda p: len(PREFIXES[p]), default=None)
    if best is None:
        return iri
    local = iri[len(PREFIXES[best]) :]
    return f"{best}:{local}" if local and "/" not in local and "#" not in local else iri
