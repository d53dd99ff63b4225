"""What the service says of itself in RDF; every statement is made from what the running server does.

Source: https://www.w3.org/TR/sparql11-service-description/
"""

from contextlib import suppress
from typing import Final

import pyoxigraph as ox
from flask import Response, request

from kg import void
from kg.errors import EngineUnavailable, LimitExceeded
from kg.search.function import SCORE
from kg.statements import Statements
from kg.terms import PREFIXES
from server import auth, caching, dataset, documents, formats, negotiation, queries, reader
from server.errors import BadRequest
from server.rows import number, value

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_SIMPLE: Final = ox.NamedNode("http://www.w3.org/ns/entailment/Simple")
_PREFIXES: Final = {
    "sd": _SD,
    "formats": _FORMATS,
    **{name: PREFIXES[name] for name in ("rdf", "rdfs", "owl", "dct", "void", "xsd", "graph")},
}
_OFFERS: Final = (formats.TURTLE, formats.JSONLD, formats.RDFXML, formats.NTRIPLES)
_NAMES: Final = {
    formats.JSON_RESULTS: "SPARQL_Results_JSON",
    formats.XML_RESULTS: "SPARQL_Results_XML",
    formats.CSV: "SPARQL_Results_CSV",
    formats.TSV: "SPARQL_Results_TSV",
    formats.TURTLE: "Turtle",
    formats.NTRIPLES: "N-Triples",
    formats.JSONLD: "JSON-LD",
    formats.RDFXML: "RDF_XML",
}
"""The names that https://www.w3.org/ns/formats/ has for our media types."""

Node = ox.NamedNode | ox.BlankNode


def document(accept: str | None) -> Response:
    """Describe the service in the form of RDF the client likes best.

    Raises: BadRequest when it likes none: it has come for something else, and forgot the query.
    """
    media_type = negotiation.choose(accept, _OFFERS)
    if media_type is None:
        raise BadRequest("The request holds no query.", "Send it in the parameter “query” or in the body of a POST.")
    chosen = formats.GRAPHS[media_type]
    body = ox.serialize(_Description(request.base_url).triples, format=chosen, prefixes=_PREFIXES)
    response = Response(body, content_type=formats.with_charset(media_type))
    # No tag: it says whether writing is offered, which changes without a new version.
    response.headers["Cache-Control"] = caching.TRY_AGAIN_SOON
    return response


class _Description:
    """The statements, collected one after the other."""

    def __init__(self, endpoint: str) -> None:
        self.triples: list[ox.Triple] = []
        self._endpoint = endpoint
        self._service()
        self._dataset()

    def _say(self, subject: Node, prefix: str, name: str, *objects: Node | ox.Literal) -> None:
        predicate = ox.NamedNode((_PREFIXES[prefix]) + name)
        self.triples += [ox.Triple(subject, predicate, object_) for object_ in objects]

    def _part(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(f"{self._endpoint}#{name}")

    def _service(self) -> None:
        service, writing = self._part("service"), auth.writing_is_offered()
        languages = ("SPARQL10Query", "SPARQL11Query", *(("SPARQL11Update",) if writing else ()))
        results = [*dict.fromkeys(_NAMES[kind] for kind in (*formats.RESULTS, *formats.GRAPHS) if kind in _NAMES)]
        self._say(service, "rdf", "type", _sd("Service"))
        self._say(service, "dct", "title", ox.Literal("Praksisgrafen"))
        self._say(service, "owl", "versionInfo", ox.Literal(caching.software_version()))
        self._say(service, "sd", "endpoint", ox.NamedNode(self._endpoint))
        self._say(service, "sd", "supportedLanguage", *map(_sd, languages))
        self._say(service, "sd", "resultFormat", *(ox.NamedNode(_FORMATS + name) for name in results))
        if writing:
            inputs = (ox.NamedNode(_FORMATS + _NAMES[kind]) for kind in documents.READABLE)
            self._say(service, "sd", "inputFormat", *inputs)
        if not reader.is_conformance():
            self._say(service, "sd", "feature", _sd("UnionDefaultGraph"))
        self._say(service, "sd", "extensionFunction", SCORE)
        self._say(SCORE, "rdf", "type", _sd("Function"))
        self._say(service, "sd", "defaultEntailmentRegime", _SIMPLE)
        self._say(service, "sd", "defaultDataset", self._part("dataset"))
        self._say(service, "rdfs", "seeAlso", ox.NamedNode(f"{request.host_url}graphs?default"))

    def _dataset(self) -> None:
        dataset, default, snapshot = self._part("dataset"), self._part("default-graph"), reader.snapshot()
        self._say(dataset, "rdf", "type", _sd("Dataset"))
        self._say(dataset, "owl", "versionInfo", ox.Literal(str(snapshot.version.number)))
        self._say(dataset, "dct", "modified", _date_time(snapshot.version.time))
        self._say(dataset, "dct", "identifier", ox.Literal(f"sha256:{snapshot.version.content_hash}"))
        self._say(dataset, "sd", "defaultGraph", default)
        self._say(default, "rdf", "type", _sd("Graph"))
        (size,) = snapshot.rows(queries.bind("size"))
        self._say(default, "void", "triples", ox.Literal(number(size, "triples")))
        self._numbers(default)
        for place, row in enumerate(snapshot.rows(queries.bind("graph-sizes")), 1):
            named, graph = self._part(f"named-graph-{place}"), self._part(f"graph-{place}")
            self._say(dataset, "sd", "namedGraph", named)
            self._say(named, "rdf", "type", _sd("NamedGraph"))
            self._say(named, "sd", "name", ox.NamedNode(value(row["graph"])))
            self._say(named, "sd", "graph", graph)
            self._say(graph, "rdf", "type", _sd("Graph"))
            self._say(graph, "void", "triples", ox.Literal(number(row, "triples")))

    def _numbers(self, graph: ox.NamedNode) -> None:
        """Say what there is of what in the default graph, which is the union; not where it is too large to be counted.

        Source: https://www.w3.org/TR/sparql11-service-description/#example-turtle
        """
        if reader.is_conformance():
            return
        with suppress(LimitExceeded, EngineUnavailable):
            document, found = Statements(), dataset.counted()
            document.describe(graph.value, "", void.totals(found))
            void.partition(document, graph.value, found)
            self.triples += document.triples


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)


def _date_time(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "dateTime"))
