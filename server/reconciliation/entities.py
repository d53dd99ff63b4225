"""What can be reconciled: organisations, policy documents and indicators, and their properties. Never people."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.reconciliation import Name
from kg.terms import PREFIXES
from server import language as lang
from server import queries
from server.labels import Labels, Rows
from server.language import N_
from server.rows import column, value
from server.values import best

_DESCRIPTIONS: Final = {PREFIXES["dct"] + "description", PREFIXES["skos"] + "definition"}
_CODE: Final = PREFIXES["rov"] + "registration"
_FORMER: Final = PREFIXES["org"] + "originalOrganization"
_PERSON: Final = iris.ID + "person/"
_INTEGERS: Final = {lang.XSD + name for name in ("integer", "int", "long", "gYear")}
_DATE: Final = lang.XSD + "date"
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""How the protocol writes them; others, such as a year with a time zone, are given as they stand."""


def _term(written: str) -> NamedNode:
    prefix, _, local = written.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


@dataclass(frozen=True)
class Property:
    """A property: its identifier is its prefixed name; `name` stands where the graph's own does not do."""

    id: str
    name: str | None = None

    @property
    def term(self) -> NamedNode:
        """Return the property itself."""
        return _term(self.id)


@dataclass(frozen=True)
class Type:
    """A type of entities: the segment of their addresses, their class, what can be asked about them."""

    id: str
    term: NamedNode
    properties: tuple[Property, ...]


_ALSO: Final = Property("skos:altLabel")
_SAME: Final = Property("owl:sameAs")
_ABOUT: Final = Property("dct:description")
TYPES: Final = {
    one.id: one
    for one in (
        Type(
            "organisation",
            _term("org:Organization"),
            (
                Property("rov:registration", N_("Organisation number")),
                _ALSO,
                _ABOUT,
                Property("org:originalOrganization", N_("Formed from")),
                Property("org:resultingOrganization", N_("Became part of")),
                Property("org:unitOf"),
                _SAME,
            ),
        ),
        Type(
            "policy",
            _term("pg:PolicyDocument"),
            (
                Property("pg:policyType"),
                Property("pg:owner"),
                Property("dct:identifier"),
                _ALSO,
                _ABOUT,
                Property("dct:isReplacedBy"),
                Property("rdfs:seeAlso"),
            ),
        ),
        Type(
            "indicator",
            _term("pg:Indicator"),
            (Property("skos:definition"), _ALSO, Property("pg:theme"), Property("pg:unitOfAnalysis")),
        ),
    )
}
PROPERTIES: Final = {one.id: one for kind in TYPES.values() for one in kind.properties}


def iri_of(identifier: str) -> str | None:
    """Return the IRI for an identifier, or an IRI, of something that may be reconciled; None for all else."""
    segment, _, slug = identifier.strip().removeprefix(iris.ID).partition("/")
    return iris.entity(segment, slug) if segment in TYPES and iris.is_slug(slug) else None


def id_of(iri: str) -> str:
    """Return the identifier of a thing of ours; others keep their IRI."""
    return iri.removeprefix(iris.ID)


def kind_of(iri: str) -> str:
    """Return the identifier of the type of a thing."""
    return id_of(iri).partition("/")[0]


@dataclass(frozen=True)
class Known:
    """What is known of a thing: what it is called and was called, and what it is, in all languages."""

    names: list[Name] = field(default_factory=list)
    descriptions: list[object] = field(default_factory=list)


@dataclass
class Naming:
    """The names of things that were found, and of what those became."""

    known: dict[str, Known] = field(default_factory=dict)
    near: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    """Thing → itself and those it became."""


def named(rows: Rows, found: Iterable[str]) -> Naming:
    """Read what things are called, with one query."""
    naming = Naming()
    things = [NamedNode(iri) for iri in sorted(set(found))]
    for row in rows(queries.bind("reconciliation-names", found=things)) if things else ():
        iri, property_ = value(row["thing"]), value(row["property"])
        if kind_of(iri) not in TYPES:
            continue
        naming.near[value(row["found"])][iri] = None
        known = naming.known.setdefault(iri, Known([Name(iri, "code"), Name(id_of(iri), "code")]))
        if property_ in _DESCRIPTIONS:
            known.descriptions.append(row["text"])
        else:
            role = {_CODE: "code", _FORMER: "former"}.get(property_, "name")
            known.names.append(Name(value(row["text"]), role))  # type: ignore[arg-type]
    return naming


def members(rows: Rows, kinds: Collection[str]) -> list[str]:
    """Return the things of some types."""
    found = column(
        rows(queries.bind("reconciliation-members", **{"class": [TYPES[kind].term for kind in kinds]})), "thing"
    )
    return [iri for iri in found if kind_of(iri) in kinds]


@dataclass(frozen=True)
class Held:
    """The values of one property of one thing, and all that they are called."""

    terms: dict[object, None] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)


Table = Mapping[str, Mapping[str, Held]]


def held(rows: Rows, things: Iterable[str], properties: Iterable[str]) -> Table:
    """Read the values of properties of things, with one query: thing → identifier of the property → values."""
    table: dict[str, dict[str, Held]] = {}
    terms = [NamedNode(iri) for iri in sorted(set(things))]
    wanted = {PROPERTIES[name].term.value: name for name in sorted(set(properties))}
    if not (terms and wanted):
        return table
    bound = {"thing": terms, "property": [NamedNode(iri) for iri in wanted]}
    for row in rows(queries.bind("reconciliation-values", **bound)):
        term = row["value"]
        if value(term).startswith(_PERSON):
            continue
        own = table.setdefault(value(row["thing"]), {}).setdefault(wanted[value(row["property"])], Held())
        own.terms[term] = None
        own.texts.update(dict.fromkeys(filter(None, (value(term), id_of(value(term)), value(row.get("called"))))))
    return table


def cell(terms: Iterable[object], labels: Labels) -> list[dict[str, Any]]:
    """Write values as the protocol has them, texts in the best language there is; names have to have been fetched."""
    every = list(terms)
    tagged = [term for term in every if isinstance(term, Literal) and term.language]
    kept: Sequence[object] = best(tagged, labels) if tagged else ()
    return [_written(term, labels) for term in every if term not in tagged or term in kept]


def _written(term: object, labels: Labels) -> dict[str, Any]:
    text = value(term)
    if isinstance(term, NamedNode):
        return {"id": id_of(text), "name": labels.text(text).value} if text.startswith(iris.ID) else {"str": text}
    if isinstance(term, Literal) and term.datatype.value in _INTEGERS and _WHOLE.fullmatch(text):
        return {"int": int(text)}
    if isinstance(term, Literal) and term.datatype.value == _DATE and _DAY.fullmatch(text):
        return {"date": f"{text}T00:00:00"}
    return {"str": text}


def description(known: Known, labels: Labels) -> str | None:
    """Return what a thing is, in the best language there is."""
    return next((one.value for one in best(known.descriptions, labels)), None) if known.descriptions else None


def type_(kind: str, labels: Labels) -> dict[str, str]:
    """Write a type; its name has to have been fetched."""
    return {"id": kind, "name": labels.text(TYPES[kind].term.value).value}


def property_(one: Property, labels: Labels) -> dict[str, str]:
    """Write a property; its name has to have been fetched."""
    own = lang.words(labels.language).gettext(one.name) if one.name else labels.text(one.term.value).value
    return {"id": one.id, "name": own}
