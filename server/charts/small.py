"""Small charts for lists: the marks of a chart with as few words as can be.

Over the years, a figure stands at an end where its mark does, in the first or the last year, where it can be of no
other mark, and where it leaves the plot room; of a single year, there is a bar for each figure.
"""

import math
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from server.charts import frames, marks, svg
from server.charts.frames import Drawing, Frame
from server.charts.metrics import width
from server.charts.model import Bound, Chart, Mark, look

FRAME: Final = Frame(width=240, plot=44, text=13, labels=0, radius=4)
"""Drawn 240 CSS pixels wide or wider, so that its text is never smaller than 12."""
_EDGE: Final = 12
_GAP: Final = 6
"""Between the plot and a figure at its end."""
_LEAST: Final = 72
"""How wide the plot is at least, with figures at its ends."""
_BAR: Final = 0.62
"""The share of the width that bars may take, so that those of a list are of one length."""


def draw(chart: Chart, name: str) -> Markup:
    """Return a small image of a chart, with what it shows in words. `name` has to be alone of its kind on the page."""
    return frames.titled(_over_time(chart) if chart.is_over_time else _bars(chart), chart, name, "small")


def _over_time(chart: Chart) -> Drawing:
    frame, years = FRAME, chart.years
    height = frame.plot + 2 * _EDGE
    first, last = _of_year(chart, years[0]), _of_year(chart, years[-1])
    last = last if frame.width - _room(last) >= _LEAST else None
    first = first if frame.width - _room(last) - _room(first) >= _LEAST else None
    left, right = _room(first), frame.width - _room(last)

    def place(mark: Mark) -> tuple[float, float]:
        """Return where a mark stands."""
        x = left + _EDGE + (mark.year - years[0]) * (right - left - 2 * _EDGE) / (years[-1] - years[0])
        return x, _EDGE + frame.plot * (1 - mark.value / chart.axis.top)

    parts = [svg.path((left, height - _EDGE), (right, height - _EDGE), class_="axis")]
    for number, series in enumerate(chart.series):
        joined = [pair for pair in pairwise(series.joinable) if chart.is_continuous(*pair)]
        parts += [svg.path(place(one), place(other), class_=f"line {look(number)}") for one, other in joined]
        for mark in series.marks:
            room = marks.room(mark, place(mark)[1], frame.radius, (_EDGE, height - _EDGE))
            parts.append(marks.draw(mark, *place(mark), frame.radius, look(number), room=room))
    if last:
        parts.append(_value(last[0], right + _GAP, place(last[0])[1], "start", last[1]))
    if first:
        parts.append(_value(first[0], left - _GAP, place(first[0])[1], "end", first[1]))
    return Drawing(svg.group(parts), frame.width, height)


def _of_year(chart: Chart, year: int) -> tuple[Mark, str] | None:
    """Return the figure to write beside a year, and its look: the only one, or that of the series with most years.

    There is none where another mark stands so near that the figure could be of either.
    """
    found = [(series, mark) for series in chart.series for mark in series.marks if mark.year == year]
    series, mark = max(found, key=lambda one: len({mark.year for mark in one[0].marks}))
    near = FRAME.text / FRAME.plot * chart.axis.top
    if any(other is not mark and abs(other.value - mark.value) < near for _, other in found):
        return None
    return mark, look(chart.series.index(series))


def _room(end: tuple[Mark, str] | None) -> float:
    """Return how much room the figure at an end takes."""
    return width(end[0].written, FRAME.text) + _GAP if end else 0.0


def _value(mark: Mark, x: float, y: float, anchor: str, style: str) -> Markup:
    middle = y + FRAME.text * 0.35
    return svg.element(
        "text", mark.written, x=x, y=middle, text_anchor=anchor, class_=f"value {style}", font_size=FRAME.text
    )


def _bars(chart: Chart) -> Drawing:
    frame, at, parts = FRAME, float(_EDGE), []
    found = [(mark, look(number)) for number, series in enumerate(chart.series) for mark in series.marks]
    room = max(width(mark.written, frame.text) for mark, _ in found) + frame.radius * 6
    right = min(frame.width - room, frame.width * _BAR)
    for mark, style in found:
        x = mark.value / chart.axis.top * right
        after = x + frame.radius * (5.4 if mark.bound is Bound.LOWER else 3.2 if mark.is_disputed else 2.4)
        arrow = x if mark.bound is Bound.UPPER else math.inf
        if chart.axis.is_whole:
            parts.append(svg.element("rect", x=0, y=at - 3, width=right, height=6, class_="track"))
        parts += [
            svg.element("rect", x=0, y=at - 3, width=max(0, x), height=6, class_=f"bar {style}"),
            marks.draw(mark, x, at, frame.radius, style, lying=True, room=arrow),
            _value(mark, after, at, "start", style),
        ]
        at += frame.line + 6
    return Drawing(svg.group(parts), frame.width, at - frame.line - 6 + _EDGE)
