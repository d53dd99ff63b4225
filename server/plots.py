"""Charts of figures: what is drawn, said in the reader's language, and the table of the same numbers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Final

from kg import iris
from server import language as lang
from server.charts import Axis, Bound, Break, Chart, Mark, Series, axes
from server.charts.model import COLOURS
from server.labels import Labels, Link, Text, literal
from server.language import N_
from server.series import PERCENT, Discrepancy, Figure, Found, best_text, by_series, main_unit

_BOUNDS: Final = {iris.entity("bound", "lower"): Bound.LOWER, iris.entity("bound", "upper"): Bound.UPPER}
_UNSAID: Final = {iris.entity("precision", name) for name in ("as-stated", "approximate", "calculated")}
_REPORTED: Final = iris.entity("status", "reported")
_FRACTION: Final = iris.entity("precision", "fraction")
_UNITS: Final = {
    iris.entity("unit", "factor"): N_("%(number)s times"),
    iris.entity("unit", "page"): N_("%(number)s pages"),
    iris.entity("unit", "ordinal"): N_("no. %(number)s"),
}
MOST_MARKS: Final = 120
"""How many marks there is room for in one chart."""
_POINTS: Final = iris.entity("unit", "percentage-point")
_ABOUT: Final = N_("about %(amount)s")
_BOUNDED: Final = {Bound.LOWER: N_("over %(amount)s"), Bound.UPPER: N_("under %(amount)s")}
_DIMENSIONS: Final = ("indicator", "population", "comparison", "level", "scale")


@dataclass(frozen=True)
class Row:
    """One figure as the table has it."""

    figure: Link
    indicator: Link
    population: Link
    level: Link | None
    scale: Link | None
    year: str
    written: str
    how: list[Link]
    conflicts: list[Link]
    sources: list[Link]


@dataclass(frozen=True)
class Beside:
    """A figure that is no level, or not of the chart's unit: what it is, in words."""

    figure: Link
    indicator: Link
    kind: Text
    name: str
    period: str
    written: str
    how: list[Link]
    sources: list[Link]


@dataclass(frozen=True)
class Remark:
    """A break or conflict that touches the figures, with its reason."""

    link: Link
    reason: Text | None
    is_break: bool


@dataclass(frozen=True)
class Plot:
    """A chart of figures, and all that stands around it."""

    chart: Chart
    rows: list[Row]
    beside: list[Beside]
    remarks: list[Remark]
    common: list[Text]
    """What all series have in common, and the names of the series therefore leave out."""
    left_out: int
    """How many figures there was no room for."""

    @property
    def has_levels(self) -> bool:
        """Whether the table needs a column for levels of the ladder."""
        return any(row.level for row in self.rows)

    @property
    def has_scales(self) -> bool:
        """Whether the table needs a column for response scales."""
        return any(row.scale for row in self.rows)

    @property
    def has_indicators(self) -> bool:
        """Whether the table needs a column for indicators."""
        return len({row.indicator.iri for row in self.rows}) > 1


def plot(title: str, found: Found, shown: Iterable[Figure], labels: Labels) -> Plot:
    """Make the chart of the shown figures among those found; their names have to have been fetched."""
    figures = list(shown)
    unit = main_unit(figures)
    levels = [figure for figure in figures if figure.is_level and figure.unit == unit and figure.value >= 0]
    on_axis = {figure.iri for figure in levels}
    beside = [figure for figure in figures if figure.iri not in on_axis]
    groups = _drawable(by_series(levels))
    drawn = [one for group in groups for one in group]
    names, shared = _names(groups, labels)
    common = _common(shared, labels.language)
    series = [
        Series(name, tuple(_mark(one, found, labels) for one in group))
        for name, group in zip(names, groups, strict=True)
    ]
    breaks = [*_breaks(found, drawn, labels), *_scale_breaks(groups, labels)]
    chart = Chart(
        title=title,
        description=_description(common, series, breaks, labels.language),
        axis=_axis(unit, levels, labels),
        series=tuple(series),
        breaks=tuple(one for one, _ in breaks),
        legend=tuple(legend(series, labels.language)),
        common=common,
    )
    touching = {reason.iri: reason for _, reason in breaks if reason}
    touching |= {one.iri: one for figure in figures for one in found.conflicts(figure)}
    return Plot(
        chart=chart,
        rows=[_row(one, found, labels) for one in drawn],
        beside=[_beside(one, labels) for one in beside[:MOST_MARKS]],
        remarks=[_remark(one, labels) for one in touching.values()],
        common=shared,
        left_out=len(levels) - len(drawn) + len(beside[MOST_MARKS:]),
    )


def _drawable(groups: Sequence[list[Figure]]) -> list[list[Figure]]:
    """Return what there is room for, in the order it came in: the series with most years, then the latest."""

    def rank(group: Sequence[Figure]) -> tuple[int, int]:
        """Sort by the number of years, then by the last of them, the most first."""
        return -len({one.year for one in group}), -(group[-1].year or 0)

    kept: set[str] = set()
    room = MOST_MARKS
    for group in sorted(groups, key=rank)[:COLOURS]:
        kept |= {one.iri for one in group[-room:]} if room else set()
        room -= min(room, len(group))
    left = ([one for one in group if one.iri in kept] for group in groups)
    return [group for group in left if group]


def written(figure: Figure, language: str) -> str:
    """Write a value with its unit, its bound or whether it is approximate."""
    number = coarse(figure.value) if figure.is_about else figure.value
    value = number_with_unit(number, figure.unit, language, signed=iris.slug_of(figure.kind) == "change")
    return reserved(value, _BOUNDS.get(figure.bound, Bound.POINT), language, is_about=figure.is_about)


def coarse(number: Decimal) -> Decimal:
    """Return a value that is not measured as it is written: from 1 up without decimals."""
    return number.quantize(Decimal(1), ROUND_HALF_UP) if abs(number) >= 1 else number


def reserved(value: str, bound: Bound, language: str, *, is_about: bool) -> str:
    """Put “over”, “under” or “about” before a value, where it is that."""
    message = _BOUNDED.get(bound, _ABOUT if is_about else "%(amount)s")
    return lang.words(language).gettext(message) % {"amount": value}


def number_with_unit(number: Decimal | float, unit: str, language: str, *, signed: bool = False) -> str:
    """Write a number with its unit, as the language does."""
    text = lang.number(f"{number:f}" if isinstance(number, Decimal) else f"{number:g}", language)
    text = f"+{text}" if signed and number > 0 else text
    if unit == PERCENT:
        return percent(text, language)
    words = lang.words(language)
    if unit == _POINTS:
        singular, plural = "%(number)s percentage point", "%(number)s percentage points"
        return words.ngettext(singular, plural, 1 if abs(number) == 1 else 2) % {"number": text}
    message = _UNITS.get(unit)
    return words.gettext(message) % {"number": text} if message else text


def percent(text: str, language: str) -> str:
    """Write the sign after a share, as the language does."""
    return f"{text}%" if language == "en" else f"{text}\N{NO-BREAK SPACE}%"


def _mark(figure: Figure, found: Found, labels: Labels) -> Mark:
    words = [labels.text(one).value for one in reservations(figure) if one != _FRACTION]
    if found.conflicts(figure):
        words.append(lang.words(labels.language).gettext("disputed"))
    return Mark(
        year=figure.year or 0,
        value=float(figure.value),
        written=written(figure, labels.language),
        bound=_BOUNDS.get(figure.bound, Bound.POINT),
        is_hollow=figure.is_uncertain,
        is_derived=figure.is_derived,
        is_disputed=bool(found.conflicts(figure)),
        note="; ".join(words),
    )


def reservations(figure: Figure) -> list[str]:
    """Return what sets a figure apart from one that is simply reported: IRIs of statuses and precisions."""
    status = [figure.status] if figure.status != _REPORTED else []
    return status + _precision(figure)


def _precision(figure: Figure) -> list[str]:
    """Return the precision where it says more than the figure as it is written."""
    return [figure.precision] if figure.precision not in _UNSAID else []


def _how(figure: Figure, labels: Labels) -> list[Link]:
    """Return how a figure is known: its status, then its precision."""
    return [labels.link(one) for one in (figure.status, *_precision(figure))]


def _names(groups: Sequence[Sequence[Figure]], labels: Labels) -> tuple[list[str], list[Text]]:
    """Name each series by what it does not share with all others, and return what they share."""
    firsts = [group[0] for group in groups]
    varying = [name for name in _DIMENSIONS if len({getattr(figure, name) for figure in firsts}) > 1]
    shown = varying or ["population"]
    names = [
        ", ".join(_part(figure, name, labels) for name in shown if _part(figure, name, labels)) for figure in firsts
    ]
    names = [name or labels.text(figure.indicator).value for name, figure in zip(names, firsts, strict=True)]
    common = [name for name in _DIMENSIONS[1:] if firsts and name not in shown and _part(firsts[0], name, labels)]
    return [name[:1].upper() + name[1:] for name in names], [labels.text(getattr(firsts[0], name)) for name in common]


def _part(figure: Figure, dimension: str, labels: Labels) -> str:
    """Return the short name of what a figure has in one dimension, "" where that says nothing."""
    iri = getattr(figure, dimension)
    if iri.endswith("/not-applicable") or (dimension == "scale" and iri.endswith("/not-stated")):
        return ""
    if dimension == "population" and iri.endswith("/not-stated"):
        return lang.words(labels.language).gettext("population not stated")
    name = labels.text(iri).value
    if dimension == "level":
        name = name.partition(":")[0]
        return (name[:1].lower() + name[1:]).replace(" ", "\N{NO-BREAK SPACE}")
    return name


def _axis(unit: str, levels: Sequence[Figure], labels: Labels) -> Axis:
    if unit == PERCENT and all(one.value <= 100 for one in levels):
        return axes.percent(lambda tick: number_with_unit(tick, PERCENT, labels.language))
    return axes.counting(
        (float(one.value) for one in levels), lambda tick: lang.number(f"{tick:.10g}", labels.language)
    )


def _breaks(found: Found, levels: Sequence[Figure], labels: Labels) -> list[tuple[Break, Discrepancy | None]]:
    """Return where the chart passes from one edition of a break to the next, with figures on both sides."""
    breaks: list[tuple[Break, Discrepancy | None]] = []
    for one in found.discrepancies:
        if not one.is_break:
            continue
        touched = [figure for figure in levels if not one.findings or one.findings & set(figure.findings)]
        years: dict[str, list[int]] = {}
        for figure in touched:
            if figure.edition in one.editions and figure.year is not None:
                years.setdefault(figure.edition, []).append(figure.year)
        ordered = sorted(years.values(), key=min)
        name = labels.text(one.iri).value
        for earlier, later in pairwise(ordered):
            if max(earlier) < min(later):
                breaks.append((Break(max(earlier), min(later), name), one))
    return breaks


def _scale_breaks(groups: Sequence[Sequence[Figure]], labels: Labels) -> list[tuple[Break, Discrepancy | None]]:
    """Return where the same thing is measured with another response scale than before."""
    same: dict[tuple[str, ...], list[Sequence[Figure]]] = {}
    for group in groups:
        one = group[0]
        same.setdefault((one.indicator, one.population, one.comparison, one.level), []).append(group)
    say = lang.words(labels.language).gettext
    breaks: list[tuple[Break, Discrepancy | None]] = []
    for alike in same.values():
        ordered = sorted(alike, key=lambda group: group[0].year or 0)
        for earlier, later in pairwise(ordered):
            before, after = earlier[-1].year or 0, later[0].year or 0
            if before < after:
                words = {"one": labels.text(earlier[0].scale).value, "other": labels.text(later[0].scale).value}
                breaks.append((Break(before, after, say(N_("New scale: from “%(one)s” to “%(other)s”")) % words), None))
    return breaks


def _common(shared: Sequence[Text], language: str) -> tuple[str, ...]:
    """Say what all series have in common, where that is anything."""
    message = lang.words(language).gettext(N_("Applies to: %(names)s"))
    return (message % {"names": ", ".join(text.value for text in shared)},) if shared else ()


def _description(
    common: Iterable[str], series: Iterable[Series], breaks: Iterable[tuple[Break, object]], language: str
) -> str:
    say = lang.words(language).gettext
    sentences = [f"{one}." for one in common]
    for one in series:
        figures = (f"{mark.year}: {mark.written}" + (f" ({mark.note})" if mark.note else "") for mark in one.marks)
        sentences.append(f"{one.name} – {', '.join(figures)}.")
    for found, _ in breaks:
        values = {"before": str(found.before), "after": str(found.after), "name": found.name}
        sentences.append(say(N_("Break between %(before)s and %(after)s: %(name)s.")) % values)
    return " ".join(sentences)


def legend(series: Sequence[Series], language: str) -> Iterable[tuple[Mark | None, str]]:
    """Yield a sample of each kind of mark there is, with what it means; None is a line over years without figures."""
    marks = [mark for one in series for mark in one.marks]
    kinds: list[tuple[Callable[[Mark], bool], Mark, str]] = [
        (lambda mark: not (mark.is_hollow or mark.is_derived) and mark.bound is Bound.POINT, Mark(0, 0, ""),
         N_("reported")),
        (lambda mark: mark.is_hollow and not mark.is_derived and mark.bound is Bound.POINT,
         Mark(0, 0, "", is_hollow=True), N_("inferred or not meant exactly")),
        (lambda mark: mark.is_derived and not mark.is_hollow, Mark(0, 0, "", is_derived=True), N_("derived by us")),
        (lambda mark: mark.is_derived and mark.is_hollow, Mark(0, 0, "", is_derived=True, is_hollow=True),
         N_("derived by us, approximate")),
        (lambda mark: mark.bound is Bound.LOWER, Mark(0, 0, "", bound=Bound.LOWER), N_("more than")),
        (lambda mark: mark.bound is Bound.UPPER, Mark(0, 0, "", bound=Bound.UPPER), N_("less than")),
        (lambda mark: mark.is_disputed, Mark(0, 0, "", is_disputed=True), N_("disputed")),
    ]  # fmt: skip
    say = lang.words(language).gettext
    for is_one, sample, words in kinds:
        if any(is_one(mark) for mark in marks):
            yield sample, say(words)
    if any(b.year - a.year > 1 for one in series for a, b in pairwise(one.marks)):
        yield None, say("no figures for the years between")


def _row(figure: Figure, found: Found, labels: Labels) -> Row:
    return Row(
        figure=labels.link(figure.iri),
        indicator=labels.link(figure.indicator),
        population=labels.link(figure.population),
        level=_applicable(figure.level, labels),
        scale=_applicable(figure.scale, labels),
        year=str(figure.year),
        written=written(figure, labels.language),
        how=_how(figure, labels),
        conflicts=[labels.link(one.iri) for one in found.conflicts(figure)],
        sources=[labels.link(one) for one in figure.sources],
    )


def _applicable(iri: str, labels: Labels) -> Link | None:
    return None if iri.endswith(("/not-applicable", "/not-stated")) else labels.link(iri)


def _beside(figure: Figure, labels: Labels) -> Beside:
    population, comparison = _part(figure, "population", labels), _part(figure, "comparison", labels)
    if comparison:
        words = lang.words(labels.language).gettext("%(one)s against %(other)s")
        population = words % {"one": population, "other": comparison}
    parts = [population, *(_part(figure, name, labels) for name in ("level", "scale"))]
    years = [iris.slug_of(one) for one in (figure.base, figure.period) if iris.slug_of(one).isdecimal()]
    return Beside(
        figure=labels.link(figure.iri),
        indicator=labels.link(figure.indicator),
        kind=labels.text(figure.kind),
        name=", ".join(part for part in parts if part),
        period="–".join(years),
        written=written(figure, labels.language),
        how=_how(figure, labels),
        sources=[labels.link(one) for one in figure.sources],
    )


def _remark(found: Discrepancy, labels: Labels) -> Remark:
    reason = best_text(found.descriptions, labels.language)
    return Remark(labels.link(found.iri), literal(reason, labels.language) if reason else None, found.is_break)
