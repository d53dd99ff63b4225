"""An indicator's figures as a reader chose to see them: the chart, its table, and what else could be chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode
from werkzeug.datastructures import MultiDict

from kg import iris
from kg.engine import Row
from server import choices, plots, queries, series
from server.choices import Choices, Mistake
from server.labels import Labels, Link, Rows, Text, literal
from server.language import N_
from server.plots import Plot
from server.rows import value
from server.series import Figure, best_text

_UNKNOWN: Final = N_("We know no indicator called “%(name)s”.")
_UNLIKE: Final = N_("“%(name)s” cannot stand on the same axis: it is given in another unit (%(unit)s) than this one.")
_NO_LEVELS: Final = N_(
    "“%(name)s” cannot stand on the same axis: no source gives its level, only changes or differences."
)
_SAID: Final = 50
"""How many findings without a number are listed."""
_TOGETHER: Final = 3
"""How many indicators may stand in one chart."""
_TITLES: Final = {
    "from": N_("From year"),
    "to": N_("To year"),
    "population": N_("About whom"),
    "derived": N_("Leave out what we have derived"),
    "with": N_("Compare with another indicator"),
}
_TOO_MANY: Final = N_("Three indicators at most fit into one chart, so “%(name)s” was left out.")


@dataclass(frozen=True)
class Indicator:
    """An indicator as the lists have it. The theme is an IRI, units are those of its levels."""

    iri: str
    theme: str
    is_survey_fact: bool
    definitions: tuple[Literal, ...]
    units: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """An indicator that could stand in the same chart, or the unit that keeps it from that."""

    slug: str
    link: Link
    other_unit: str | None
    is_chosen: bool


@dataclass(frozen=True)
class Option:
    """A population to choose."""

    slug: str
    link: Link
    is_chosen: bool


@dataclass(frozen=True)
class Chosen:
    """One choice that was made, and the parameters of the address without it; `title` is a message."""

    title: str
    value: Text | None
    without: list[tuple[str, str]]


@dataclass(frozen=True)
class Selection:
    """What the page of an indicator shows, and the files beside it hold.

    `unquantified` are the findings without a number, with their sources.
    """

    indicator: Link
    definition: Text | None
    plot: Plot
    figures: tuple[Figure, ...]
    unquantified: list[tuple[Link, Link]]
    choices: Choices
    mistakes: list[Mistake]
    years: list[int]
    populations: list[Option]
    candidates: list[Candidate]
    has_derived: bool
    is_whole: bool

    @property
    def is_chosen(self) -> bool:
        """Whether anything but the usual is shown."""
        return self.choices != Choices()

    @property
    def chosen(self) -> list[Chosen]:
        """The choices, one by one."""
        names = {("population", one.slug): one.link.label for one in self.populations}
        names |= {("with", one.slug): one.link.label for one in self.candidates}
        years = {("from", str(self.choices.start)), ("to", str(self.choices.end))}
        pairs = self.choices.parameters()
        return [
            Chosen(
                _TITLES[pair[0]],
                Text(pair[1]) if pair in years else names.get(pair),
                [*pairs[:place], *pairs[place + 1 :]],
            )
            for place, pair in enumerate(pairs)
        ]

    def address(self, name: str, carried: Iterable[tuple[str, str]] = ()) -> str:
        """Return the address of a file with this very selection: chart.svg, chart.png, card.png, figures.csv."""
        parameters = urlencode([*self.choices.parameters(), *carried])
        path = f"/indicator/{iris.slug_of(self.indicator.iri)}/{name}"
        return f"{path}?{parameters}" if parameters else path


def known(rows: Rows) -> dict[str, Indicator]:
    """Return all indicators by their IRIs."""
    grouped: dict[str, list[Row]] = {}
    for row in rows(queries.bind("comparable")):
        grouped.setdefault(value(row["indicator"]), []).append(row)
    return {iri: _indicator(iri, grouped[iri]) for iri in sorted(grouped)}


def _indicator(iri: str, rows: list[Row]) -> Indicator:
    definitions = {row["definition"] for row in rows if isinstance(row.get("definition"), Literal)}
    return Indicator(
        iri=iri,
        theme=next((value(row["theme"]) for row in rows if row.get("theme") is not None), ""),
        is_survey_fact=any(value(row.get("fact")) == "true" for row in rows),
        definitions=tuple(sorted((one for one in definitions if isinstance(one, Literal)), key=str)),
        units=frozenset(value(row["unit"]) for row in rows if row.get("unit") is not None),
    )


def select(rows: Rows, iri: str, labels: Labels, parameters: MultiDict[str, str]) -> Selection | None:
    """Read what a reader chose to see of an indicator; None when it has no figures."""
    chosen, mistakes = choices.read(parameters)
    indicators = known(rows)
    wanted = [other for other in chosen.others if other != iri]
    beside = _beside(wanted, indicators[iri].units if iri in indicators else frozenset(), indicators)
    found = series.read(rows, [iri, *beside], series.OF_ONE)
    wordy = rows(queries.bind("said-without-numbers", finding=found.looked_at)) if found.looked_at else []
    said = [row for row in wordy if value(row["indicator"]) == iri]
    own = [figure for figure in found.figures if figure.indicator == iri]
    if not own:
        return None
    unit = series.main_unit(own)
    named = {unit, *indicators, *(one for other in indicators.values() for one in other.units)}
    labels.fetch(
        rows,
        [
            *found.terms(),
            *(term for row in said for term in row.values()),
            *(NamedNode(name) for name in named if name),
        ],
    )
    others, refused = _comparable(wanted, unit, indicators, beside, labels)
    present = [figure for figure in found.figures if figure.indicator in (iri, *others)]
    populations = sorted({figure.population for figure in present})
    strange = choices.unknown(chosen, populations)
    kept = Choices(
        chosen.start, chosen.end, chosen.populations & set(populations), chosen.with_derived, tuple(others)
    )  # fmt: skip
    figures = tuple(filter(kept.keeps, present))
    drawn = plots.plot(_title([iri, *others], labels), found, figures, labels)
    return Selection(
        indicator=labels.link(iri),
        definition=definition(indicators[iri], labels.language) if iri in indicators else None,
        plot=drawn,
        figures=figures,
        unquantified=_unquantified(said[:_SAID], labels),
        choices=kept,
        mistakes=[*mistakes, *refused, *strange],
        years=sorted({figure.year for figure in present if figure.year is not None}),
        populations=[
            Option(iris.slug_of(one), labels.link(one), not kept.populations or one in kept.populations)
            for one in populations
        ],
        candidates=_candidates(iri, unit, indicators, others, labels),
        has_derived=any(figure.is_derived for figure in present),
        is_whole=found.is_whole and len(said) <= _SAID and not drawn.left_out,
    )


def _unquantified(rows: Iterable[Row], labels: Labels) -> list[tuple[Link, Link]]:
    pairs = [(labels.link(value(row["finding"])), labels.link(value(row["source"]))) for row in rows]
    return sorted(pairs, key=lambda pair: (pair[1].label.value, pair[0].label.value))


def _title(indicators: list[str], labels: Labels) -> str:
    return " · ".join(labels.text(one).value for one in indicators)


def _beside(wanted: Iterable[str], units: frozenset[str], indicators: dict[str, Indicator]) -> list[str]:
    """Return the first indicators with one of these units, as many as there is room for."""
    fitting = (one for one in wanted if one in indicators and indicators[one].units & units)
    return list(islice(fitting, _TOGETHER - 1))


def _comparable(
    wanted: Iterable[str], unit: str, indicators: dict[str, Indicator], read: Sequence[str], labels: Labels
) -> tuple[list[str], list[Mistake]]:
    """Part what the reader wants to compare with into what can stand on the same axis, and why the rest cannot."""
    others: list[str] = []
    mistakes: list[Mistake] = []
    for one in wanted:
        name = labels.text(one).value
        if one not in indicators:
            mistakes.append(Mistake(_UNKNOWN, {"name": iris.slug_of(one)}))
        elif not indicators[one].units:
            mistakes.append(Mistake(_NO_LEVELS, {"name": name}))
        elif unit not in indicators[one].units:
            units = ", ".join(sorted(labels.text(other).value for other in indicators[one].units))
            mistakes.append(Mistake(_UNLIKE, {"name": name, "unit": units}))
        elif one not in read:
            mistakes.append(Mistake(_TOO_MANY, {"name": name}))
        else:
            others.append(one)
    return others, mistakes


def _candidates(
    iri: str, unit: str, indicators: dict[str, Indicator], others: list[str], labels: Labels
) -> list[Candidate]:
    """Return the other indicators: those of the same unit first, each group by name."""
    found = []
    for other in indicators.values():
        if other.iri == iri or not other.units:
            continue
        reason = None if unit in other.units else ", ".join(sorted(labels.text(one).value for one in other.units))
        found.append(Candidate(iris.slug_of(other.iri), labels.link(other.iri), reason, other.iri in others))
    return sorted(found, key=lambda one: (one.other_unit is not None, one.link.label.value.casefold()))


def definition(indicator: Indicator, language: str) -> Text | None:
    """Return what an indicator means, in the best language there is."""
    text = best_text(indicator.definitions, language)
    return literal(text, language) if text else None
