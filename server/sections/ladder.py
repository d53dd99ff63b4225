"""A code list whose codes follow each other, drawn as a ladder with the figures of each step."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from server import language as lang
from server import plots, queries, series
from server.labels import Labels, Link, Rows, Text, literal
from server.language import N_
from server.rows import column, value
from server.sections.section import Section, terms

_UNSAID: Final = {"not-stated", "not-applicable"}


@dataclass(frozen=True)
class Reading:
    """A figure of a step, in words."""

    figure: Link
    population: Text
    year: str
    written: str
    note: str
    """What to read it with: the response scale, how it came about, that it is disputed."""


@dataclass(frozen=True)
class Step:
    """One step: its name, what it means, and the levels that sources give for it."""

    link: Link
    definition: Text | None
    indicators: list[tuple[Link, list[Reading]]]


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Return the ladder a code list makes, or nothing where its codes have no order."""
    answer = rows(queries.bind("ladder", scheme=thing))
    if not answer:
        return []
    found = series.read(rows, dict.fromkeys(column(answer, "indicator")))
    by_step: dict[str, list[Row]] = {}
    for row in answer:
        by_step.setdefault(value(row["step"]), []).append(row)
    labels.fetch(rows, [*found.terms(), *(NamedNode(step) for step in by_step)])
    steps = [_step(iri, group, found, labels) for iri, group in by_step.items()]
    others = {figure.level for figure in found.figures if iris.slug_of(figure.level) not in _UNSAID} - {*by_step}
    spanning = [_step(iri, [], found, labels) for iri in sorted(others)]
    return [
        Section(
            "ladder", N_("The ladder"), "indicators/ladder.html",
            {"steps": steps, "spanning": [one for one in spanning if one.indicators]},
            covers=terms("skos:hasTopConcept"), covers_incoming=terms("skos:inScheme", "skos:topConceptOf"),
        )
    ]  # fmt: skip


def _step(iri: str, rows: list[Row], found: series.Found, labels: Labels) -> Step:
    text = series.best_text((one for row in rows if isinstance(one := row.get("definition"), Literal)), labels.language)
    by_indicator: dict[str, list[series.Figure]] = {}
    for figure in sorted(found.figures, key=lambda figure: (figure.year or 0, figure.iri)):
        if figure.level == iri and figure.is_level:
            by_indicator.setdefault(figure.indicator, []).append(figure)
    return Step(
        link=labels.link(iri),
        definition=literal(text, labels.language) if text else None,
        indicators=[
            (labels.link(indicator), [_reading(figure, found, labels) for figure in figures])
            for indicator, figures in by_indicator.items()
        ],
    )


def _reading(figure: series.Figure, found: series.Found, labels: Labels) -> Reading:
    scale = [] if iris.slug_of(figure.scale) in _UNSAID else [figure.scale]
    notes = [labels.text(one).value for one in (*scale, *plots.reservations(figure))]
    if found.conflicts(figure):
        notes.append(lang.words(labels.language).gettext("disputed"))
    return Reading(
        figure=labels.link(figure.iri),
        population=labels.text(figure.population),
        year=str(figure.year),
        written=plots.written(figure, labels.language),
        note=", ".join(notes),
    )
