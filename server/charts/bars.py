"""Bar charts: a row for each figure, its name before the bar or above it, its mark at the end."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from server.charts import frames, marks, svg
from server.charts.frames import Drawing, Frame
from server.charts.metrics import width, wrap_evenly
from server.charts.model import Bound, Chart, Mark, look
from server.charts.placing import ticks

_NAMES = 0.36
"""The share of the width that names take beside the bars."""


def draw(chart: Chart, frame: Frame) -> Drawing:
    """Draw the figures of a chart as bars, in their order."""
    left = frame.width * _NAMES if frame.names_beside else 0.0
    room = max((width(mark.written, frame.text) for series in chart.series for mark in series.marks), default=0)
    right = frame.width - room - frame.radius * 7
    last = chart.axis.ticks[-1][1]
    right = min(right, frame.width - width(last, frame.text) / 2)
    at, parts, zones = frame.text * 0.2, [], []
    for name, mark, style in _rows(chart):
        names = wrap_evenly(name, frame.text, left - 20 if left else frame.width)
        end = left + mark.value / chart.axis.top * (right - left)
        place = _Place(left, at, end, right, frame, has_track=chart.axis.is_whole)
        row, height, middle = _row(names, mark, style, place)
        parts.append(row)
        zones.append((middle - frame.radius * 2.2, middle + frame.radius * 2.2))
        at += height
    grid = _grid(chart, frame, (left, right), at, [(0, at)] if left else zones)
    return Drawing(svg.group([grid, *parts]), frame.width, at + frame.line * 1.4)


def _rows(chart: Chart) -> Iterator[tuple[str, Mark, str]]:
    """Yield the figures with their names."""
    for number, series in enumerate(chart.series):
        for mark in series.marks:
            yield series.name, mark, look(number)


@dataclass(frozen=True)
class _Place:
    """Where a row stands: its top, where bars begin, where this one ends, and where the longest could.

    A track shows that length where it is the whole of which the bar is a part.
    """

    left: float
    top: float
    end: float
    right: float
    frame: Frame
    has_track: bool


def _row(names: list[str], mark: Mark, style: str, place: _Place) -> tuple[Markup, float, float]:
    """Return one row, its height, and where the middle of its bar is."""
    left, top, x, right, frame = place.left, place.top, place.end, place.right, place.frame
    bar = frame.radius * 1.5
    if left:
        height = max(len(names) * frame.line, frame.radius * 4) + frame.text
        middle = top + height / 2
        first = middle - (len(names) - 1) * frame.line / 2 + frame.text * 0.35
    else:
        height = len(names) * frame.line + frame.radius * 5 + frame.text * 0.6
        middle = top + len(names) * frame.line + frame.radius * 2.6
        first = top + frame.text
    after = x + frame.radius * (5.4 if mark.bound is Bound.LOWER else 2.6 if mark.is_disputed else 2)
    track = svg.element("rect", x=left, y=middle - bar / 2, width=right - left, height=bar, class_="track")
    parts = [
        frames.lines(names, 0, first, frame, class_="name"),
        *([track] if place.has_track else []),
        svg.element("rect", x=left, y=middle - bar / 2, width=max(0, x - left), height=bar, class_=f"bar {style}"),
        svg.group(
            [marks.draw(mark, x, middle, frame.radius, style, lying=True, room=_room(mark, place))], class_="marks"
        ),
        svg.element(
            "text", mark.written, x=after, y=middle + frame.text * 0.35, class_=f"value {style}", font_size=frame.text
        ),
    ]
    return svg.group(parts, class_="row"), height, middle


def _room(mark: Mark, place: _Place) -> float:
    """Return how long the arrow of a bound may be: one of an upper bound keeps off names and the edge."""
    return place.end - place.left if mark.bound is Bound.UPPER else math.inf


def _grid(
    chart: Chart, frame: Frame, span: tuple[float, float], bottom: float, zones: list[tuple[float, float]]
) -> Markup:
    """Return the lines of the scale, in the zones where nothing is written, and its numbers below."""
    (left, right), parts = span, []
    halves = [width(written, frame.text) / 2 for _, written in chart.axis.ticks]
    places = [left + value / chart.axis.top * (right - left) for value, _ in chart.axis.ticks]
    for (value, _), x in zip(chart.axis.ticks, places, strict=True):
        parts += [svg.path((x, top), (x, foot), class_="axis" if value == 0 else None) for top, foot in zones]
    middles = [max(x, half) for x, half in zip(places, halves, strict=True)]
    for index in ticks(middles, halves, frame.text * 0.4):
        words = chart.axis.ticks[index][1]
        parts.append(svg.element("text", words, x=middles[index], y=bottom + frame.line, text_anchor="middle"))
    return svg.group(parts, class_="grid", font_size=frame.text)
