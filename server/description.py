"""What a page says about one thing, read from the graph with a fixed number of queries.

The number depends on how many properties point at the thing, never on how many neighbours it has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.engine import Row
from kg.terms import PREFIXES
from server import language as lang
from server import links, queries
from server.labels import Labels, Link, Rows, Text, literal
from server.rows import value

INCOMING_SHOWN: Final = 10
INCOMING_PAGE: Final = 50
_PG, _RDF, _SKOS, _DCT = (PREFIXES[prefix] for prefix in ("pg", "rdf", "skos", "dct"))
_TITLE: Final = {_SKOS + "prefLabel", _RDF + "type", _DCT + "description"}
_EVIDENCE: Final = {_PG + name for name in ("evidenceStart", "evidenceEnd", "expression")}
_LEADING: Final = (
    _PG + "value",
    PREFIXES["sdmx-measure"] + "obsValue",
    PREFIXES["sdmx-attribute"] + "unitMeasure",
    _PG + "indicator",
    _PG + "population",
    PREFIXES["sdmx-dimension"] + "refPeriod",
    _PG + "edition",
)
_NUMBERS: Final = {lang.XSD + name for name in ("decimal", "integer", "double", "float", "int", "long")}
_NOT_APPLICABLE: Final = "/not-applicable"

Value = Link | Text


@dataclass(frozen=True)
class Fact:
    """One property of the thing and its values."""

    property: Link
    values: list[Value]


@dataclass(frozen=True)
class Evidence:
    """One place in one source that the thing rests on."""

    source: Link
    finding: Link
    date: str
    date_status: Link | None
    start: str
    end: str
    expression: str
    status: Link | None
    reported_by: list[Link]


@dataclass(frozen=True)
class Incoming:
    """The things that point here with one property: how many, and the first of them."""

    property: Link
    count: int
    subjects: list[Link]


@dataclass(frozen=True)
class Description:
    """Everything on the page of one thing."""

    iri: str
    title: Text
    descriptions: list[Text]
    classes: list[Link]
    facts: list[Fact]
    not_applicable: list[Link]
    evidence: list[Evidence]
    incoming: list[Incoming]
    query: str


@dataclass(frozen=True)
class Focus:
    """The one incoming property a reader leafs through, and how far they have come."""

    property: str
    page: int


def is_known(rows: Rows, iri: str) -> bool:
    """Tell whether the graph says anything about a thing."""
    return bool(rows(queries.bind("known", thing=NamedNode(iri))))


def describe(rows: Rows, iri: str, labels: Labels, focus: Focus | None = None) -> Description | None:
    """Read all that the page of a thing shows, or `None` when the graph says nothing about it."""
    thing = NamedNode(iri)
    query = queries.bind("facts", thing=thing)
    statements = rows(query)
    if not statements:
        return None
    evidence = rows(queries.bind("evidence", thing=thing))
    incoming = _incoming(rows, thing, focus)
    mentioned = [term for row in (*statements, *evidence) for term in row.values()]
    mentioned += [term for name, _, subjects in incoming for term in (name, *subjects)]
    labels.fetch(rows, [thing, *mentioned])
    by_property = grouped(statements)
    applicable, not_applicable = _split(by_property)
    return Description(
        iri=iri,
        title=labels.text(iri),
        descriptions=[
            literal(term, labels.language) for term in _best(by_property.get(_DCT + "description", []), labels)
        ],
        classes=[labels.link(term.value) for term in by_property.get(_RDF + "type", []) if isinstance(term, NamedNode)],
        facts=sorted((fact(name, terms, labels) for name, terms in applicable.items()), key=_fact_order),
        not_applicable=[labels.link(name) for name in not_applicable],
        evidence=[_evidence(row, labels) for row in evidence],
        incoming=[Incoming(labels.link(n.value), c, [labels.link(s.value) for s in found]) for n, c, found in incoming],
        query=query,
    )


def grouped(statements: Iterable[Row]) -> dict[str, list[object]]:
    """Gather the values of each property."""
    groups: dict[str, list[object]] = {}
    for row in statements:
        name = row["property"]
        if isinstance(name, NamedNode):
            groups.setdefault(name.value, []).append(row["value"])
    return groups


def _split(groups: dict[str, list[object]]) -> tuple[dict[str, list[object]], list[str]]:
    """Part what a table of facts shows from the dimensions that do not apply to this thing."""
    shown = {name: terms for name, terms in groups.items() if name not in _TITLE | _EVIDENCE}
    void = [name for name, terms in shown.items() if all(_is_not_applicable(term) for term in terms)]
    return {name: terms for name, terms in shown.items() if name not in void}, void


def _is_not_applicable(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.endswith(_NOT_APPLICABLE)


def _best(terms: Iterable[object], labels: Labels) -> list[Literal]:
    """Keep the literals in the best language there is."""
    literals = [term for term in terms if isinstance(term, Literal)]
    ranks = [lang.rank(term, labels.language) for term in literals]
    return [term for term, rank in zip(literals, ranks, strict=True) if rank == min(ranks)]


def fact(name: str, terms: list[object], labels: Labels) -> Fact:
    """Name one property and its values, in the best language there is."""
    tagged = [term for term in terms if isinstance(term, Literal) and term.language]
    kept = _best(tagged, labels) if tagged else []
    values = [_value(term, labels) for term in terms if term not in tagged or term in kept]
    return Fact(labels.link(name), sorted(values, key=lambda shown: _words(shown).value.casefold()))


def _words(shown: Value) -> Text:
    return shown.label if isinstance(shown, Link) else shown


def _fact_order(found: Fact) -> tuple[int, str]:
    """Put what a figure says first, then our own properties, then those of others, each by their names."""
    iri = found.property.iri
    if iri in _LEADING:
        return _LEADING.index(iri), ""
    return len(_LEADING) + (not iri.startswith(_PG)), found.property.label.value.casefold()


def _value(term: object, labels: Labels) -> Value:
    if isinstance(term, NamedNode):
        return labels.link(term.value)
    return _literal(term, labels) if isinstance(term, Literal) else Text(str(term))


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


def _evidence(row: Row, labels: Labels) -> Evidence:
    date = row.get("date")
    return Evidence(
        source=labels.link(value(row["source"])),
        finding=labels.link(value(row["finding"])),
        date=lang.day(date.value, date.datatype.value, labels.language) if isinstance(date, Literal) else "",
        date_status=_optional(row.get("dateStatus"), labels),
        start=_position(row.get("start"), labels),
        end=_position(row.get("end"), labels),
        expression=value(row.get("expression")),
        status=_optional(row.get("status"), labels),
        reported_by=[labels.link(value(row[role])) for role in ("author", "publisher") if row.get(role)],
    )


def _position(term: object, labels: Labels) -> str:
    return lang.number(value(term), labels.language) if value(term) else ""


def _optional(term: object, labels: Labels) -> Link | None:
    return labels.link(term.value) if isinstance(term, NamedNode) else None


def _incoming(rows: Rows, thing: NamedNode, focus: Focus | None) -> list[tuple[NamedNode, int, list[NamedNode]]]:
    found = []
    for row in rows(queries.bind("incoming-counts", thing=thing)):
        name, count = row["property"], row["count"]
        if not isinstance(name, NamedNode) or not isinstance(count, Literal):
            continue
        if focus and name.value != focus.property:
            continue
        query = queries.bind("incoming", thing=thing, property=name)
        limit, start = (INCOMING_PAGE, (focus.page - 1) * INCOMING_PAGE) if focus else (INCOMING_SHOWN, 0)
        subjects = [row["subject"] for row in rows(queries.window(query, limit, start))]
        found.append((name, int(count.value), [term for term in subjects if isinstance(term, NamedNode)]))
    return found
