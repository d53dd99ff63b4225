"""What a page says about one thing, read from the graph with a fixed number of queries.

The number depends on how many properties point at the thing, never on how many neighbours it has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES
from server import language as lang
from server import queries
from server.labels import Labels, Link, Rows, Text, literal
from server.language import N_
from server.rows import value
from server.sections import Section, sections
from server.values import Fact, best, fact, grouped

INCOMING_SHOWN: Final = 10
INCOMING_PAGE: Final = 50
_ORDERED: Final = 500
"""How many things are put in order before the first of them are shown."""
_PG, _RDF, _SKOS, _DCT = (PREFIXES[prefix] for prefix in ("pg", "rdf", "skos", "dct"))
_TITLE: Final = {_SKOS + "prefLabel", _RDF + "type", _DCT + "description", _PG + "inSentence"}
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
_GENERAL: Final = (
    _SKOS + "Concept",
    _PG + "Finding",
    _PG + "Discrepancy",
    PREFIXES["qb"] + "Observation",
    PREFIXES["org"] + "FormalOrganization",
    PREFIXES["rov"] + "RegisteredOrganization",
    PREFIXES["eli"] + "LegalResource",
)
"""Classes that say nothing more to a reader where a thing has another one as well."""
_WIRING: Final = {
    _RDF + "first",
    PREFIXES["sh"] + "targetNode",
    PREFIXES["sh"] + "defaultValue",
}
"""Properties that hold lists and shapes together, and lead a reader nowhere."""
_NAMES: Final = (PREFIXES["foaf"] + "name", PREFIXES["dct"] + "title")
_DERIVED_FROM: Final = PREFIXES["prov"] + "wasDerivedFrom"
_STATUS: Final = _PG + "assertionStatus"
_NOT_APPLICABLE: Final = "/not-applicable"
_REPORTERS: Final = ("author", "publisher")
_HAS_BODY: Final = PREFIXES["oa"] + "hasBody"
"""What the evidence on the page says in words."""
_QUALIFYING: Final = (
    _PG + "precision",
    _PG + "bound",
    _PG + "assertionStatus",
    PREFIXES["sdmx-attribute"] + "obsStatus",
)
_RESERVATIONS: Final = {
    iris.entity(*name.split("/"))
    for name in (
        "precision/approximate",
        "precision/figurative",
        "precision/fraction",
        "bound/lower",
        "bound/upper",
        "status/inferred",
        "status/derived",
    )
}
"""Codes that say a figure is not to be read as it stands; a page shows them beside its title."""


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
    kinds: list[Link]
    """The classes that tell a reader what the thing is."""
    marks: list[Link]
    disputed: str
    """The section that says what the thing conflicts with, "" where it conflicts with nothing."""
    facts: list[Fact]
    not_applicable: list[Link]
    sections: list[Section]
    evidence: list[Evidence]
    incoming: list[Incoming]
    queries: list[tuple[str, str]]
    """The queries behind the page: a message that says what each gives, and its text."""
    statements: Mapping[str, Sequence[object]]
    """Property → values, as the graph has them."""

    @property
    def is_code(self) -> bool:
        """Tell whether it is a code: such a name begins in lower case, to stand inside a sentence."""
        return any(one.iri == _SKOS + "Concept" for one in self.classes)


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
    by_property = grouped(statements)
    classes = [term.value for term in by_property.get(_RDF + "type", []) if isinstance(term, NamedNode)]
    added = sections(rows, iri, classes, labels)
    evidence = rows(queries.bind("evidence", thing=thing))
    shown = {_HAS_BODY, *_WIRING} if evidence else _WIRING
    incoming = _incoming(rows, thing, focus, shown.union(*(section.covers_incoming for section in added)))
    mentioned = [term for row in (*statements, *evidence) for term in row.values()]
    mentioned += [term for name, _, subjects in incoming for term in (name, *subjects)]
    labels.fetch(rows, [thing, *mentioned])
    said = _repeated(by_property, labels.text(iri).value, evidence).union(*(section.covers for section in added))
    applicable, not_applicable = _split(by_property, said)
    return Description(
        iri=iri,
        title=labels.text(iri),
        descriptions=[
            literal(term, labels.language) for term in best(by_property.get(_DCT + "description", []), labels)
        ],
        classes=[labels.link(name) for name in classes],
        kinds=[labels.link(name) for name in _specific(classes)],
        marks=_marks(by_property, labels),
        disputed=_disputed(by_property, added),
        facts=sorted((fact(name, terms, labels) for name, terms in applicable.items()), key=_fact_order),
        not_applicable=[labels.link(name) for name in not_applicable],
        sections=added,
        evidence=[_evidence(row, labels) for row in evidence],
        incoming=[Incoming(labels.link(n.value), c, [labels.link(s.value) for s in found]) for n, c, found in incoming],
        queries=_queries(thing, query, added, incoming),
        statements=by_property,
    )


def _specific(classes: list[str]) -> list[str]:
    """Leave out general classes where there are others."""
    return [name for name in classes if name not in _GENERAL] or classes[:1]


def _repeated(groups: Mapping[str, Sequence[object]], title: str, evidence: Iterable[Row]) -> set[str]:
    """Return the properties that say no more than the title of the page or its table of evidence."""
    names = {name for name in _NAMES if {value(term) for term in groups.get(name, ())} == {title}}
    told = [(_DERIVED_FROM, "source"), (_STATUS, "status")]
    rows = list(evidence)
    return names | {
        name for name, column in told if {*groups.get(name, ())} <= {row.get(column) for row in rows} and rows
    }


def _split(groups: dict[str, list[object]], said: Collection[str]) -> tuple[dict[str, list[object]], list[str]]:
    """Part what a table of facts shows, and no section says, from the dimensions that do not apply to this thing."""
    shown = {name: terms for name, terms in groups.items() if name not in _TITLE | _EVIDENCE}
    void = [name for name, terms in shown.items() if all(_is_not_applicable(term) for term in terms)]
    return {name: terms for name, terms in shown.items() if name not in {*void, *said}}, void


def _marks(groups: dict[str, list[object]], labels: Labels) -> list[Link]:
    """Return the reservations with which a figure is to be read."""
    codes = [term.value for name in _QUALIFYING for term in groups.get(name, []) if isinstance(term, NamedNode)]
    return [labels.link(code) for code in codes if code in _RESERVATIONS]


def _queries(
    thing: NamedNode, said: str, added: Iterable[Section], incoming: Sequence[object]
) -> list[tuple[str, str]]:
    own = [(N_("The figures"), str(one.context["query"])) for one in added if one.context.get("query")]
    referring = [(N_("What refers to this"), queries.bind("referring", object=thing))] if incoming else []
    return [*own, (N_("What is said about this"), said), *referring]


def _disputed(groups: Mapping[str, Sequence[object]], added: Iterable[Section]) -> str:
    """Return the section about the conflicts of the thing: a finding has them itself, a cell by what reports it."""
    if _PG + "conflictsWith" in groups:
        return "relations"
    return next((section.name for section in added if section.context.get("is_disputed")), "")


def _is_not_applicable(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.endswith(_NOT_APPLICABLE)


def _fact_order(found: Fact) -> tuple[int, str]:
    """Put what a figure says first, then our own properties, then those of others, each by their names."""
    iri = found.property.iri
    if iri in _LEADING:
        return _LEADING.index(iri), ""
    return len(_LEADING) + (not iri.startswith(_PG)), found.property.label.value.casefold()


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
        reported_by=[labels.link(iri) for iri in dict.fromkeys(value(row.get(role)) for role in _REPORTERS) if iri],
    )


def _position(term: object, labels: Labels) -> str:
    return lang.number(value(term), labels.language) if value(term) else ""


def _optional(term: object, labels: Labels) -> Link | None:
    return labels.link(term.value) if isinstance(term, NamedNode) else None


def _incoming(
    rows: Rows, thing: NamedNode, focus: Focus | None, said: Collection[str]
) -> list[tuple[NamedNode, int, list[NamedNode]]]:
    """Count the things that point here, by property, and read the first of them; leave out what a section has said."""
    found = []
    for row in rows(queries.bind("incoming-counts", thing=thing)):
        name, count = row["property"], row["count"]
        if not isinstance(name, NamedNode) or not isinstance(count, Literal):
            continue
        if name.value != focus.property if focus else name.value in said:
            continue
        query = queries.bind(
            "incoming" if int(count.value) <= _ORDERED else "incoming-unordered", thing=thing, property=name
        )
        limit, start = (INCOMING_PAGE, (focus.page - 1) * INCOMING_PAGE) if focus else (INCOMING_SHOWN, 0)
        subjects = [row["subject"] for row in rows(queries.window(query, limit, start))]
        found.append((name, int(count.value), [term for term in subjects if isinstance(term, NamedNode)]))
    return found
