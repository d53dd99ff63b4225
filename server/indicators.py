"""Indicators: the list by theme, and the chart of one as SVG, PNG and table."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, request
from markupsafe import Markup
from pyoxigraph import NamedNode

from kg import iris
from server import answers, cards, charts, links, plots, reader, rendering, reuse, selection, series, signposting
from server.caching import conditional
from server.charts import standalone
from server.errors import BadRequest, UnknownThing
from server.labels import Labels, Link, Text
from server.language import N_, words
from server.selection import Selection
from server.series import Figure

blueprint = Blueprint("indicators", __name__)

_COLUMNS: Final = (
    "figure", "indicator", "indicator_label", "population", "population_label", "comparison_population", "level",
    "scale", "kind", "period", "base_period", "value", "bound", "unit", "assumed_unit", "precision", "status",
    "edition", "sources", "conflicts",
)  # fmt: skip
_TITLE: Final = N_("Indicators of the survey IT i praksis")
_SCALE: Final = 2
"""How many pixels of a picture stand for one of the chart."""


@dataclass(frozen=True)
class Entry:
    """One indicator in the list: its small chart, and what figures there are."""

    link: Link
    definition: Text | None
    figures: int
    populations: list[Text]
    years: list[int]
    chart: Markup | None


@dataclass(frozen=True)
class Theme:
    """The indicators of one theme."""

    link: Link | None
    entries: list[Entry]


@blueprint.get("/indicators")
@conditional
def overview() -> Response:
    """Show all indicators by theme, each with a small chart."""
    rows, labels = reader.snapshot().rows, reader.labels()
    indicators = selection.known(rows)
    found = series.read(rows, indicators, series.OF_ALL)
    named = {*indicators, *(one.theme for one in indicators.values() if one.theme)}
    labels.fetch(rows, [*found.terms(), *(NamedNode(name) for name in named)])
    by_indicator: dict[str, list[Figure]] = {}
    for figure in found.figures:
        by_indicator.setdefault(figure.indicator, []).append(figure)
    themes: dict[tuple[bool, str], list[Entry]] = {}
    for indicator in indicators.values():
        entry = _entry(indicator, by_indicator.get(indicator.iri, []), found, labels)
        themes.setdefault((indicator.is_survey_fact, indicator.theme), []).append(entry)
    address, title = rendering.permanent(), words(reader.language()).gettext(_TITLE)
    page = answers.page(
        "indicators/overview.html", themes=_sorted(themes, labels), total=len(indicators),
        is_whole=found.is_whole, most=series.OF_ALL,
        citation=reuse.of_page(title, address, reader.snapshot(), reader.language()),
    )  # fmt: skip
    return signposting.put(page, signposting.landing(address, ("CollectionPage",), {}, {}))


@blueprint.get("/list/indicator")
def listing() -> Response:
    """Send readers of the plain list on to the list by theme."""
    return answers.see_other(links.listing("indicator", reader.carried()))


def _sorted(themes: dict[tuple[bool, str], list[Entry]], labels: Labels) -> list[Theme]:
    """Put themes in the order of their names, what concerns the survey itself last; indicators by names too."""
    found = [
        (is_fact, Theme(labels.link(iri) if iri else None, sorted(entries, key=lambda entry: _place(entry.link))))
        for (is_fact, iri), entries in themes.items()
    ]
    return [theme for _, theme in sorted(found, key=lambda pair: (pair[0], _place(pair[1].link)))]


def _place(link: Link | None) -> tuple[bool, str]:
    """Return what a list is sorted by: names, and after all of them what has none."""
    return link is None, link.label.value.casefold() if link else ""


def _entry(
    indicator: selection.Indicator, figures: list[Figure], found: series.Found, labels: Labels
) -> Entry:  # fmt: skip
    link = labels.link(indicator.iri)
    plot = plots.plot(link.label.value, found, figures, labels)
    return Entry(
        link=link,
        definition=selection.definition(indicator, labels.language),
        figures=len(figures),
        populations=[labels.text(one) for one in dict.fromkeys(figure.population for figure in figures)
                     if not one.endswith(("/not-applicable", "/not-stated"))],
        years=sorted({figure.year for figure in figures if figure.year is not None}),
        chart=charts.small_image(plot.chart, f"small-{iris.slug_of(indicator.iri)}") if plot.chart.series else None,
    )  # fmt: skip


@blueprint.get("/indicator/<slug>/<name>")
@conditional
def file(slug: str, name: str) -> Response:
    """Give the chart of an indicator as a file, with the choices in the address."""
    make = _FILES.get(name) or abort(404)
    iri = iris.ID + f"indicator/{slug}"
    links.named(iri)
    selected = selection.select(reader.snapshot().rows, iri, reader.labels(), request.args)
    if selected is None:
        raise UnknownThing(iri)
    if selected.mistakes:
        mistake = selected.mistakes[0]
        hint = "Choose on the page of the indicator; it makes the address."
        raise BadRequest(mistake.message, hint, **mistake.values)
    if name != "figures.csv" and not selected.plot.chart.series:
        raise BadRequest("With these choices there is nothing to draw.", "Choose other years or populations.")
    response = make(selected)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _svg(selected: Selection) -> Response:
    response = Response(standalone.draw(selected.plot.chart, _footer(selected)), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = standalone.POLICY
    return response


def _chart_png(selected: Selection) -> Response:
    return cards.png(standalone.for_picture(selected.plot.chart, _footer(selected)), _SCALE)


def _card_png(selected: Selection) -> Response:
    return cards.png(standalone.for_picture(selected.plot.chart, _footer(selected), card=True), 1)


def _footer(selected: Selection) -> str:
    """Return what a file says of where it is from: the sources of what is drawn, but for what we derived, and us."""
    sources = dict.fromkeys(source.label.value for row in selected.plot.rows for source in row.sources)
    message = words(reader.language()).gettext(N_("Source: IT i praksis, as reported in %(sources)s"))
    reported = message % {"sources": ", ".join(sources)} + "\n" if sources else ""
    return f"{reported}Praksisgrafen · {selected.indicator.iri}"


def _csv(selected: Selection) -> Response:
    """Write the figures shown, one a row, with codes that stay the same in every language and two names."""
    labels, text = reader.labels(), io.StringIO()
    labels.fetch(reader.snapshot().rows, {NamedNode(iri) for one in selected.figures for iri in one.series[:2]})
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    conflicts = {row.figure.iri: row.conflicts for row in selected.plot.rows}
    writer.writerows(_cells(one, conflicts.get(one.iri, ()), labels) for one in selected.figures)
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{iris.slug_of(selected.indicator.iri)}.csv"'
    return response


def _cells(one: Figure, conflicts: Iterable[Link], labels: Labels) -> list[str]:
    slug = iris.slug_of
    codes = [slug(iri) for iri in (one.comparison, one.level, one.scale, one.kind, one.period, one.base)]
    after = [slug(iri) if iri else "" for iri in (one.bound, one.unit, one.assumed, one.precision, one.status)]
    return [
        one.iri, slug(one.indicator), labels.text(one.indicator).value, slug(one.population),
        labels.text(one.population).value, *codes, f"{one.value:f}", *after, slug(one.edition),
        " ".join(slug(source) for source in one.sources), " ".join(slug(conflict.iri) for conflict in conflicts),
    ]  # fmt: skip


_FILES: Final[dict[str, Callable[[Selection], Response]]] = {
    "chart.svg": _svg,
    "chart.png": _chart_png,
    "card.png": _card_png,
    "figures.csv": _csv,
}
