"""A finding: what it says in words, how its words became a figure, and what it has to do with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg import iris
from server import language as lang
from server import sentences
from server.figures import Book, Thing
from server.labels import Labels, Link, Rows, Text, literal
from server.language import N_
from server.sections import items
from server.sections.section import Section, terms

_ENCODING: Final = (
    "pg:kind",
    "pg:comparisonPopulation",
    "pg:basePeriod",
    "pg:bound",
    "pg:precision",
    "sdmx-attribute:unitMeasure",
    "pg:assumedUnit",
    "pg:level",
    "pg:scale",
    "pg:assertionStatus",
    "pg:confidence",
)
_VOID: Final = "not-applicable"
_FRACTION: Final = ("pg:numerator", "pg:denominator")
_WORDED: Final = (
    "pg:findingType",
    "pg:direction",
    "pg:quantifier",
    "pg:comparisonPopulation",
    "pg:basePeriod",
    "pg:level",
    "pg:surveyMethod",
    "pg:assertionStatus",
    "pg:confidence",
)
_RELATED: Final = terms(
    "pg:conflictsWith", "pg:notComparableWith", "pg:restates", "pg:sameClaimAs", "pg:antecedent",
    "pg:alternativeReading", "pg:observation",
)  # fmt: skip
_GROUPS: Final = (
    ("same-cell", N_("The same figure elsewhere")),
    ("restates", N_("Repeats this place in the same source")),
    ("restated-by", N_("Repeated in the same source")),
    ("same-claim", N_("The same claim in another form")),
    ("antecedent", N_("Refers back to")),
    ("refers-here", N_("Is referred back to by")),
    ("other-reading", N_("Another reading of the same place")),
    ("conflict", N_("Conflicts with")),
    ("not-comparable", N_("Cannot be compared with")),
    ("derived", N_("Computed from this figure")),
)


@dataclass(frozen=True)
class Reading:
    """One thing that was read out of the words: what, as which code, and what that means."""

    name: Link
    code: Link
    meaning: Text | None


@dataclass(frozen=True)
class Disagreement:
    """A reasoned statement that this finding and others cannot be put together."""

    link: Link
    reason: Text | None
    others: list[items.Figure]


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Say the finding in words, how it was read, and what it has to do with."""
    related = items.neighbours(rows, "section-finding", thing)
    book = items.read(rows, thing, related, labels)
    finding = book.thing(thing.value)
    first = _figure(finding, book) if finding.number() is not None else _worded(finding, book)
    return [*first, *_relations(related, book)]


def _figure(finding: Thing, book: Book) -> list[Section]:
    language = book.labels.language
    parts = [lang.number(finding.one(written), language) for written in _FRACTION]
    return [
        Section(
            "words", N_("The figure in words"), "sections/words.html",
            {"sentence": sentences.sentence(finding, book), "notes": _notes(finding, book)},
            covers=terms("pg:value", "skos:editorialNote", "prov:wasDerivedFrom"),
        ),
        Section(
            "reading", N_("How we read it"), "sections/reading.html",
            {
                "expression": finding.one("pg:expression"),
                "fraction": parts if all(parts) else None,
                "value": sentences.encoded(finding, book),
                "readings": list(_readings(finding, _ENCODING, book)),
                "is_inferred": finding.code("pg:assertionStatus") == "inferred",
            },
            covers=terms(*_ENCODING, *(_FRACTION if all(parts) else ())),
        ),
    ]  # fmt: skip


def _worded(finding: Thing, book: Book) -> list[Section]:
    return [
        Section(
            "reading", N_("How we read it"), "sections/reading.html",
            {"readings": list(_readings(finding, _WORDED, book)), "notes": _notes(finding, book)},
            covers=terms(*_WORDED, "skos:editorialNote", "prov:wasDerivedFrom"),
        )
    ]  # fmt: skip


def _readings(finding: Thing, properties: tuple[str, ...], book: Book) -> Iterator[Reading]:
    """Name each code that says something, with its definition."""
    labels = book.labels
    for written in properties:
        name = next(iter(terms(written)))
        for iri in finding.all(written):
            if iris.slug_of(iri) == _VOID:
                continue
            meaning = book.meaning(iri)
            shown = literal(meaning, labels.language) if meaning is not None else None
            yield Reading(labels.link(name), labels.link(iri), shown)


def _notes(finding: Thing, book: Book) -> list[Text]:
    note = items.text(finding, "skos:editorialNote", book)
    return [note] if note else []


def _relations(related: dict[str, list[str]], book: Book) -> list[Section]:
    reasons = [_disagreement(iri, related.get("concerned", []), book) for iri in related.get("discrepancy", [])]
    explained = {other.link.iri for reason in reasons for other in reason.others}
    repeated = {*related.get("restates", []), *related.get("restated-by", [])}
    told = {"same-cell": repeated, "conflict": explained, "not-comparable": explained}
    groups = []
    for relation, title in _GROUPS:
        known = told.get(relation, set())
        others = [items.figure(iri, book) for iri in related.get(relation, []) if iri not in known]
        if others:
            groups.append((title, others))
    said = [items.statement(iri, book) for iri in related.get("statement", [])]
    cells = items.all_of(related.get("observation", []), book)
    if not (groups or reasons or said or cells):
        return []
    context = {"groups": groups, "disagreements": reasons, "statements": said, "cells": cells}
    incoming = _RELATED | terms("pg:concerns", "oa:hasBody", "schema:about")
    title = N_("In context")
    return [Section("relations", title, "sections/relations.html", context, _RELATED, incoming)]


def _disagreement(iri: str, concerned: list[str], book: Book) -> Disagreement:
    discrepancy = book.thing(iri)
    others = [items.figure(other, book) for other in discrepancy.all("pg:concerns") if other in concerned]
    return Disagreement(book.labels.link(iri), items.text(discrepancy, "dct:description", book), others)
