"""The vocabulary, documented from the graph itself."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg import iris
from kg.engine import Formats, Query, Row
from kg.terms import PREFIXES
from server import answers, formats, links, queries, reader, rendering, reuse, signposting
from server.caching import conditional
from server.description import is_known
from server.errors import UnknownThing
from server.labels import Labels, Link, by_name
from server.language import N_, words
from server.rows import number, value
from server.values import Fact, fact, grouped

blueprint = Blueprint("vocabulary", __name__)

_RDF_SUFFIXES: Final = {suffix: kind for suffix, kind in formats.SUFFIXES.items() if kind != formats.CSV}
_DOCUMENTS: Final = {"html": "text/html", **_RDF_SUFFIXES}
_IRI: Final = iris.DEF.rstrip("/")
_TITLE: Final = N_("The vocabulary of Praksisgrafen")
_RDFS: Final = PREFIXES["rdfs"]
_UNSAID: Final = {
    _RDFS + "label",
    _RDFS + "isDefinedBy",
    PREFIXES["skos"] + "prefLabel",
    PREFIXES["rdf"] + "type",
}
_DEFINITIONS: Final = {PREFIXES["skos"] + "definition", PREFIXES["rdfs"] + "comment"}
_CLASSES: Final = {PREFIXES["owl"] + "Class", PREFIXES["rdfs"] + "Class"}
_FUNCTION: Final = PREFIXES["sd"] + "Function"


@dataclass(frozen=True)
class Term:
    """One class or property."""

    link: Link
    anchor: str
    is_class: bool
    is_function: bool
    definitions: list[Fact]
    facts: list[Fact]


@blueprint.get("/def", strict_slashes=False)
@conditional
def vocabulary() -> Response:
    """Send programs to the RDF, show readers the page."""
    suffix = answers.suffix_for_accept(_DOCUMENTS)
    return (
        _page() if suffix == "html" else answers.see_other(links.data(iris.DEF.rstrip("/"), suffix, reader.carried()))
    )


@blueprint.get("/def.<suffix>")
@conditional
def whole(suffix: str) -> Response:
    """Give the vocabulary as RDF."""
    if suffix == "html":
        return _page()
    return _rdf(queries.bind("vocabulary-data"), suffix)


@blueprint.get("/def/<name>")
@conditional
def term(name: str) -> Response:
    """Send the reader of a term to its place on the page, or give its RDF."""
    local, dot, suffix = name.rpartition(".")
    local, suffix = (local, suffix) if dot and suffix in _DOCUMENTS else (name, "")
    iri = iris.DEF + local
    if not is_known(reader.snapshot().rows, links.named(iri).value):
        raise UnknownThing(iri)
    if suffix and suffix != "html":
        return _rdf(queries.bind("entity", thing=NamedNode(iri)), suffix)
    chosen = suffix or answers.suffix_for_accept(_DOCUMENTS)
    carried = reader.carried()
    location = links.page(iri, carried) if chosen == "html" else links.data(iri, chosen, carried)
    return answers.see_other(str(location))


def _rdf(query: str, suffix: str) -> Response:
    if suffix not in _RDF_SUFFIXES:
        raise UnknownThing(f"{iris.DEF.rstrip('/')}.{suffix}")
    media_type = _RDF_SUFFIXES[suffix]
    answer = reader.snapshot().engine.query(Query(query, formats=Formats(graph=formats.GRAPHS[media_type])))
    return answers.whole(answer, media_type)


def _page() -> Response:
    rows, labels = reader.snapshot().rows, reader.labels()
    statements = rows(queries.bind("vocabulary"))
    schemes = rows(queries.bind("schemes"))
    labels.fetch(rows, [term for row in (*statements, *schemes) for term in row.values()])
    terms = _terms(statements, labels)
    lists = by_name((labels.link(value(row["scheme"])), number(row, "count")) for row in schemes)
    shown = answers.page(
        "vocabulary.html",
        classes=[term for term in terms if term.is_class],
        properties=[term for term in terms if not (term.is_class or term.is_function)],
        functions=[term for term in terms if term.is_function],
        lists=lists,
        suffixes=_RDF_SUFFIXES,
        citation=reuse.of_page(words(reader.language()).gettext(_TITLE), _IRI, reader.snapshot(), reader.language()),
    )
    documents = {
        rendering.located(links.data(_IRI, suffix, reader.carried())): kind for suffix, kind in _RDF_SUFFIXES.items()
    }
    return signposting.put(shown, signposting.landing(_IRI, ("DefinedTermSet",), documents, {}))


def _terms(statements: list[Row], labels: Labels) -> list[Term]:
    """Read every term with its definition and what it is aligned with, in the order of their names."""
    by_term: dict[str, list[Row]] = {}
    for row in statements:
        if isinstance(row["term"], NamedNode):
            by_term.setdefault(row["term"].value, []).append(row)
    found = [_term(iri, grouped(rows), labels) for iri, rows in by_term.items()]
    return sorted(found, key=lambda term: term.link.label.value.casefold())


def _term(iri: str, groups: dict[str, list[object]], labels: Labels) -> Term:
    types = {term.value for term in groups.get(PREFIXES["rdf"] + "type", []) if isinstance(term, NamedNode)}
    facts = {name: fact(name, terms, labels) for name, terms in groups.items() if name not in _UNSAID}
    return Term(
        link=labels.link(iri),
        anchor=iri.removeprefix(iris.DEF),
        is_class=bool(types & _CLASSES),
        is_function=_FUNCTION in types,
        definitions=[found for name, found in facts.items() if name in _DEFINITIONS],
        facts=sorted(
            (found for name, found in facts.items() if name not in _DEFINITIONS),
            key=lambda found: found.property.label.value.casefold(),
        ),
    )
