"""Facts: properties and their values, as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.engine import Row
from server import language as lang
from server import links
from server.labels import Labels, Link, Text, literal

_NUMBERS: Final = {lang.XSD + name for name in ("decimal", "integer", "double", "float", "int", "long")}

Value = Link | Text


@dataclass(frozen=True)
class Fact:
    """One property of the thing and its values."""

    property: Link
    values: list[Value]


def grouped(statements: Iterable[Row]) -> dict[str, list[object]]:
    """Gather the values of each property."""
    groups: dict[str, list[object]] = {}
    for row in statements:
        name = row["property"]
        if isinstance(name, NamedNode):
            groups.setdefault(name.value, []).append(row["value"])
    return groups


def best(terms: Iterable[object], labels: Labels) -> list[Literal]:
    """Keep the literals in the best language there is."""
    literals = [term for term in terms if isinstance(term, Literal)]
    ranks = [lang.rank(term, labels.language) for term in literals]
    return [term for term, rank in zip(literals, ranks, strict=True) if rank == min(ranks)]


def fact(name: str, terms: list[object], labels: Labels) -> Fact:
    """Name one property and its values, in the best language there is."""
    tagged = [term for term in terms if isinstance(term, Literal) and term.language]
    kept = best(tagged, labels) if tagged else []
    values = [shown(term, labels) for term in terms if term not in tagged or term in kept]
    return Fact(labels.link(name), sorted(values, key=lambda value: _words(value).value.casefold()))


def _words(value: Value) -> Text:
    return value.label if isinstance(value, Link) else value


def shown(term: object, labels: Labels) -> Value:
    """Return a term as a reader sees it: a named link, a number or a day as their language writes it, a text."""
    if isinstance(term, NamedNode):
        return labels.link(term.value)
    return _literal(term, labels) if isinstance(term, Literal) else Text(str(term))


def is_number(term: object) -> bool:
    """Tell whether a term is a number, to be aligned and drawn as one."""
    return isinstance(term, Literal) and term.datatype.value in _NUMBERS


def _literal(term: Literal, labels: Labels) -> Value:
    language, datatype = labels.language, term.datatype.value
    if datatype == lang.XSD + "anyURI":
        return Link(term.value, Text(term.value), links.page(term.value))
    if datatype == lang.XSD + "boolean":
        word = "yes" if term.value in ("true", "1") else "no"
        return Text(lang.words(language).gettext(word), language)
    if datatype in _NUMBERS:
        return Text(lang.number(term.value, language))
    return literal(term, language) if term.language else Text(lang.day(term.value, datatype, language))
