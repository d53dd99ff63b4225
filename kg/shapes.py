"""SHACL validation of a dataset, and its report in words.

The shapes that judge are those in the dataset (graphs `shapes-…`), the data is the union of all other graphs.
Source: https://www.w3.org/TR/shacl/
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
from pyshacl.errors import ReportableRuntimeError, ValidationFailure
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.paths import Path
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query as ParsedQuery
from rdflib.term import Node

from kg import iris, terms
from kg.errors import PraksisError
from kg.skolem import blank_again

_BLANK: Final = re.compile(r"N[0-9a-f]{32}")
"""What the name of a blank node of rdflib looks like."""

SHAPES_GRAPH = iris.GRAPH + "shapes-"
_FOR_FORMS = {str(SH.name), str(SH.description), str(SH.order), str(SH.group), str(SH.defaultValue)}


class ParsingOnce(Graph):
    """A graph that parses each SPARQL text once a process.

    pySHACL asks the same constraint of every focus node, and parsing takes rdflib far longer than answering.
    """

    def query(self, query_object: str | ParsedQuery, *args: Any, **kwargs: Any) -> Any:
        """Answer a query; see `rdflib.Graph.query`."""
        return super().query(_parsed(query_object) if isinstance(query_object, str) else query_object, *args, **kwargs)


@lru_cache(maxsize=256)
def _parsed(text: str) -> ParsedQuery:
    return prepareQuery(text)


class View(ParsingOnce):
    """The data of a dataset, fetched when it is first asked for.

    What validation reads of a few focus nodes is then all that is copied, and nothing of it can be left out. A subject
    is fetched whole, since whoever asks one thing of it asks more.
    """

    def __init__(self, store: ox.Store) -> None:
        super().__init__()
        self._dataset = store
        self._fetched: set[tuple[Node | None, Node | None, Node | None]] = set()

    def triples(self, triple: Any) -> Any:
        """Give the triples that match; see `rdflib.Graph.triples`."""
        subject, predicate, value = triple
        if isinstance(predicate, Path):
            return super().triples(triple)
        self._fetch((subject, None, None) if subject is not None else (None, predicate, value))
        return iter(list(super().triples(triple)))  # a list: whoever is reading may have more fetched meanwhile

    def _fetch(self, pattern: tuple[Node | None, Node | None, Node | None]) -> None:
        if pattern in self._fetched or isinstance(pattern[0], Literal):
            return
        self._fetched.add(pattern)
        subject, predicate, value = (None if term is None else to_oxigraph(term) for term in pattern)
        quads = self._dataset.quads_for_pattern(subject, predicate, value, None)
        _fill(self, (quad for quad in quads if not is_shape(quad)))


class ShapesFault(PraksisError):
    """The shapes themselves cannot be used."""

    title = "The shapes cannot be used"


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One result of a validation: what is wrong where, by which shape, in words (nb, nn and en)."""

    focus: str
    path: str
    shape: str
    component: str
    value: str
    messages: tuple[tuple[str, str], ...]

    def message(self, language: str = "en") -> str:
        """Return the message in a language, else in the first there is."""
        found = dict(self.messages)
        return found.get(language) or next(iter(found.values()), self.component)

    def __str__(self) -> str:
        """Write focus node, path, message and shape on one line, in English."""
        return self.told("en")

    @property
    def other_value(self) -> str:
        """The value where it tells more than the focus node does: no blank node, whose name means nothing."""
        return "" if self.value == self.focus or _BLANK.fullmatch(self.value) else self.value

    def told(self, language: str) -> str:
        """Write focus node, path, message and shape on one line."""
        path = f" {terms.shorten(self.path)}" if self.path else ""
        value = f" (value: {terms.shorten(self.other_value)})" if self.other_value else ""
        return f"{terms.shorten(self.focus)}{path}: {self.message(language)}{value} [{terms.shorten(self.shape)}]"


def validate(store: ox.Store) -> list[Result]:
    """Validate a whole dataset against its own shapes; an empty list means that it conforms.

    Raises: ShapesFault when the shapes are not well formed.
    """
    data = ParsingOnce()
    _fill(data, (quad for quad in store if not is_shape(quad)))
    return validate_graphs(data, shapes_of(store))


def shapes_of(store: ox.Store) -> Graph:
    """Return the shapes of a dataset, without what they say to forms only."""
    shapes = Graph()
    graphs = [graph for graph in store.named_graphs() if _holds_shapes(graph)]
    quads = (quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph))
    _fill(shapes, blank_again(quad for quad in quads if quad.predicate.value not in _FOR_FORMS))
    return shapes


def validate_graphs(data: Graph, shapes: Graph) -> list[Result]:
    """Validate one rdflib graph against another.

    Raises: ShapesFault when the shapes are not well formed.
    """
    try:
        conforms, report, text = pyshacl.validate(
            data, shacl_graph=shapes, inference="none", advanced=False, inplace=True
        )
    except (ReportableRuntimeError, ValidationFailure) as error:
        raise ShapesFault(str(error)) from error
    if not isinstance(report, Graph):  # pySHACL hands back a failure instead of raising it
        raise ShapesFault(f"{report or text}")
    if conforms:
        return []
    return sorted({_result(report, shapes, node) for node in report.subjects(RDF.type, SH.ValidationResult)})


def is_shape(quad: ox.Quad) -> bool:
    """Tell whether a quad belongs to the shapes, not to the data."""
    return _holds_shapes(quad.graph_name)


def _holds_shapes(graph: object) -> bool:
    return isinstance(graph, ox.NamedNode) and graph.value.startswith(SHAPES_GRAPH)


def _result(report: Graph, shapes: Graph, node: Node) -> Result:
    def text(predicate: URIRef) -> str:
        """Read a value of the result as text; the empty string where it has none."""
        return str(report.value(node, predicate) or "")

    messages = _messages(report.objects(node, SH.resultMessage))
    source = report.value(node, SH.sourceShape)
    if source is not None and not any(language for language, _ in messages):
        # pySHACL takes the language off the messages of SPARQL constraints: the shape itself has them.
        messages = _messages(shapes.objects(source, SH.message)) or messages
    shape = _named_shape(shapes, source)
    component = text(SH.sourceConstraintComponent).removeprefix(str(SH))
    return Result(text(SH.focusNode), text(SH.resultPath), shape, component, text(SH.value), tuple(messages))


def _messages(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    return sorted((node.language or "", str(node)) for node in nodes if isinstance(node, Literal))


def _named_shape(shapes: Graph, shape: Node | None) -> str:
    """Climb from a property shape without a name to the named shape it belongs to."""
    seen: set[Node] = set()
    while isinstance(shape, BNode) and shape not in seen:
        seen.add(shape)
        shape = next((subject for subject in shapes.subjects(None, shape)), None)
    return str(shape or "")


def _fill(graph: Graph, items: Iterable[ox.Quad | ox.Triple]) -> None:
    for item in items:
        graph.add((to_rdflib(item.subject), to_rdflib(item.predicate), to_rdflib(item.object)))


def to_rdflib(term: object) -> Node:
    """Give the rdflib term for a pyoxigraph term.

    Raises: TypeError for what rdflib cannot hold, such as triple terms.
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        return Literal(term.value, datatype=None if datatype == terms.PREFIXES["xsd"] + "string" else URIRef(datatype))
    raise TypeError(f"rdflib has no term for {term}")


def to_oxigraph(term: Node) -> Any:
    """Give the pyoxigraph term for an rdflib term."""
    if isinstance(term, Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype and not term.language else None
        return ox.Literal(str(term), datatype=datatype, language=term.language)
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else ox.NamedNode(str(term))
