"""The trends of the front page: the best followed indicator of each theme, with how sure its figures are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from pyoxigraph import NamedNode

from kg import iris
from server import charts, language, plots, queries, series
from server.charts import Bound, Break, Mark, Series
from server.labels import Labels, Link, Rows
from server.language import N_
from server.plots import Plot
from server.rows import value
from server.series import Figure, Found

SHOWN: Final = 4
_UP: Final = N_("%(who)s: up from %(first)s in %(start)s to %(last)s in %(end)s.")
_DOWN: Final = N_("%(who)s: down from %(first)s in %(start)s to %(last)s in %(end)s.")
_SAME: Final = N_("%(who)s: %(first)s in %(start)s, %(last)s in %(end)s.")
_BROKEN: Final = N_("%(who)s: %(first)s in %(start)s, %(last)s in %(end)s. The two cannot be compared as they are.")


@dataclass(frozen=True)
class Trend:
    """One indicator over time: its chart, a sentence for each series, and the sources."""

    indicator: Link
    plot: Plot
    image: Markup
    sentences: list[str]
    sources: list[Link]


def trends(rows: Rows, labels: Labels) -> list[Trend]:
    """Return the trends of the graph, of as many themes as are shown: six queries at most, whatever there is."""
    chosen: dict[str, str] = {}
    for row in rows(queries.bind("trends")):
        chosen.setdefault(value(row["theme"]), value(row["indicator"]))
    themes = dict(list(chosen.items())[:SHOWN])
    found = series.read(rows, themes.values())
    labels.fetch(rows, [*found.terms(), *(NamedNode(iri) for iri in themes.values())])
    return [_trend(indicator, found, labels) for indicator in themes.values()]


def _trend(indicator: str, found: Found, labels: Labels) -> Trend:
    figures = _followed(found, indicator)
    plot = plots.plot(labels.text(indicator).value, found, figures, labels)
    name = f"trend-{iris.slug_of(indicator)}"
    return Trend(
        indicator=labels.link(indicator),
        plot=plot,
        image=charts.image(plot.chart, name, is_beside=True),
        sentences=[_sentence(one, plot.chart.breaks, labels.language) for one in plot.chart.series],
        sources=[labels.link(source) for source in dict.fromkeys(s for one in figures for s in one.sources)],
    )


def _followed(found: Found, indicator: str) -> list[Figure]:
    """Return the figures of the series that have more than one year."""
    own = [one for one in found.figures if one.indicator == indicator and one.is_level]
    return [one for group in series.by_series(own) if len({one.year for one in group}) > 1 for one in group]


def _sentence(one: Series, breaks: Iterable[Break], tag: str) -> str:
    """Say how a series went from its first year to its last, in the figures' own words; nothing is computed."""
    first, last = one.marks[0], one.marks[-1]
    return language.words(tag).gettext(_message(first, last, breaks)) % {
        "who": one.name, "first": _figure(first), "start": first.year, "last": _figure(last), "end": last.year,
    }  # fmt: skip


def _message(first: Mark, last: Mark, breaks: Iterable[Break]) -> str:
    """Return the sentence for two figures: neither up nor down where a break lies between them, or for a bound."""
    if any(first.year <= found.before and found.after <= last.year for found in breaks):
        return _BROKEN
    if not first.bound is last.bound is Bound.POINT or first.value == last.value:
        return _SAME
    return _UP if first.value < last.value else _DOWN


def _figure(mark: Mark) -> str:
    return f"{mark.written} ({mark.note})" if mark.note else mark.written
