"""Figures of indicators, read from the graph, and which of them may stand in one chart.

Levels are compared only within one indicator, population, level of the ladder, scale and unit: that is a series.
Changes, differences and ratios are no levels; they are told beside the chart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from server import language as lang
from server import queries
from server.labels import Rows
from server.rows import value

MOST: Final = 500
"""How many things about indicators are looked at at a time."""
OF_ONE: Final = 60
"""How many for the page of one, which has room for no more."""
OF_ALL: Final = 1000
"""How many for the page about all of them."""
LEVEL: Final = iris.entity("kind", "level")
PERCENT: Final = iris.entity("unit", "percent")
_DERIVED: Final = iris.entity("status", "derived")
_INFERRED: Final = iris.entity("status", "inferred")
_ABOUT: Final = {iris.entity("precision", name) for name in ("approximate", "fraction")}
_ROUGH: Final = {*_ABOUT, iris.entity("precision", "figurative")}


@dataclass(frozen=True)
class Figure:
    """One figure: an observation, or a finding that has none. All but the value are IRIs, "" where there is none."""

    iri: str
    indicator: str
    population: str
    comparison: str
    level: str
    scale: str
    kind: str
    bound: str
    base: str
    period: str
    edition: str
    value: Decimal
    unit: str
    assumed: str
    status: str
    precision: str
    findings: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def year(self) -> int | None:
        """The year the figure is about, None where it is about no year."""
        name = iris.slug_of(self.period)
        return int(name) if name.isdecimal() and len(name) == 4 else None

    @property
    def is_level(self) -> bool:
        """Whether the figure is a point on the axis, or says something of such points."""
        return self.kind == LEVEL and self.year is not None

    @property
    def is_derived(self) -> bool:
        """Whether we computed it."""
        return self.status == _DERIVED

    @property
    def is_uncertain(self) -> bool:
        """Whether the figure is approximate, a fraction, figurative or inferred by us."""
        return self.precision in _ROUGH or self.status == _INFERRED

    @property
    def is_about(self) -> bool:
        """Whether the value is no measured number: “about ten per cent”, “one in three”."""
        return self.precision in _ABOUT

    @property
    def series(self) -> tuple[str, ...]:
        """What figures that may be compared have in common."""
        return (self.indicator, self.population, self.comparison, self.level, self.scale, self.unit)

    def terms(self) -> Iterable[str]:
        """Yield the things a reader may want the names of."""
        yield from (self.iri, *self.series, self.kind, self.bound, self.base, self.period, self.edition)
        yield from (self.assumed, self.status, self.precision, *self.findings, *self.sources)


@dataclass(frozen=True)
class Discrepancy:
    """What keeps figures from being compared as they are: within an edition, or (a break) between editions."""

    iri: str
    is_break: bool
    findings: frozenset[str]
    editions: frozenset[str]
    descriptions: tuple[Literal, ...]


@dataclass(frozen=True)
class Found:
    """The figures of some indicators and what stands between them."""

    figures: tuple[Figure, ...]
    discrepancies: tuple[Discrepancy, ...]
    is_whole: bool = True
    looked_at: tuple[NamedNode, ...] = ()
    """What is about the indicators, figures or not; all of it where this is the whole."""

    def conflicts(self, figure: Figure) -> list[Discrepancy]:
        """Return the conflicts a figure is part of."""
        own = set(figure.findings)
        return [found for found in self.discrepancies if not found.is_break and own & found.findings]

    def terms(self) -> list[NamedNode]:
        """Return all that a page about them names."""
        names = {term for figure in self.figures for term in figure.terms() if term}
        return [NamedNode(name) for name in names | {found.iri for found in self.discrepancies}]


def read(rows: Rows, indicators: Iterable[str], most: int = MOST) -> Found:
    """Read the figures of indicators and their discrepancies: four queries at most, however many there are."""
    wanted = [NamedNode(iri) for iri in indicators]
    if not wanted:
        return Found((), ())
    about = rows(queries.window(queries.bind("about-indicators", indicator=wanted), most + 1))
    things = [row["thing"] for row in about if isinstance(row["thing"], NamedNode)]
    looked_at = tuple(things[:most])
    answer = rows(queries.bind("series", figure=looked_at)) if looked_at else []
    known = rows(queries.window(queries.bind("discrepancies", indicator=wanted), most))
    figures = _figures(answer, _reports(rows, answer))
    return Found(figures, _discrepancies(known), len(things) <= most, looked_at)


def by_series(figures: Iterable[Figure]) -> list[list[Figure]]:
    """Part levels into their series, each in the order of its years."""
    groups: dict[tuple[str, ...], list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.series, []).append(figure)
    return [sorted(group, key=lambda figure: (figure.year or 0, figure.iri)) for group in groups.values()]


def main_unit(figures: Sequence[Figure]) -> str:
    """Return the unit that most levels have, "" where there are none."""
    units = Counter(figure.unit for figure in figures if figure.is_level)
    return units.most_common(1)[0][0] if units else ""


def _reports(rows: Rows, figures: Iterable[Row]) -> dict[str, list[Row]]:
    """Ask which findings report figures, and in which sources; joined to the figures this takes seconds."""
    wanted = {row["figure"] for row in figures}
    if not wanted:
        return {}
    return _grouped(
        rows(queries.bind("reports", figure=(one for one in wanted if isinstance(one, NamedNode)))), "figure"
    )


def _grouped(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(value(row[name]), []).append(row)
    return groups


def _figures(rows: Iterable[Row], reports: Mapping[str, list[Row]]) -> tuple[Figure, ...]:
    found = (_figure(iri, group[0], reports.get(iri, [])) for iri, group in _grouped(rows, "figure").items())
    return tuple(figure for figure in found if figure)


def _figure(iri: str, row: Row, reports: list[Row]) -> Figure | None:
    try:
        number = Decimal(value(row["value"]))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    names = ("indicator", "population", "comparison", "level", "scale", "kind", "bound", "base", "period", "edition")
    more = {name: value(row.get(name)) for name in (*names, "unit", "assumed", "status", "precision")}
    return Figure(
        iri=iri, value=number, findings=_column(reports, "finding"), sources=_column(reports, "source"), **more
    )  # fmt: skip


def _column(rows: Iterable[Row], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value(row[name]) for row in rows if row.get(name) is not None))


def _discrepancies(rows: Iterable[Row]) -> tuple[Discrepancy, ...]:
    return tuple(_discrepancy(iri, group) for iri, group in _grouped(rows, "discrepancy").items())


def _discrepancy(iri: str, rows: list[Row]) -> Discrepancy:
    descriptions = {row["description"] for row in rows if isinstance(row.get("description"), Literal)}
    return Discrepancy(
        iri=iri,
        is_break=any(value(row["class"]) == iris.DEF + "SeriesBreak" for row in rows),
        findings=frozenset(_column(rows, "finding")),
        editions=frozenset(_column(rows, "edition")),
        descriptions=tuple(sorted((one for one in descriptions if isinstance(one, Literal)), key=str)),
    )


def best_text(literals: Iterable[Literal], language: str) -> Literal | None:
    """Return the literal in the best language there is."""
    return min(literals, key=lambda one: (lang.rank(one, language), one.value), default=None)
