"""Charts over time: one mark for each figure, and lines only between years that follow each other.

A line is broken over years without figures and at a break, and does not reach what is only a bound. Names stand beside
the last mark of their series; a figure stands at each mark.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from markupsafe import Markup

from server.charts import frames, marks, svg
from server.charts.frames import Drawing, Frame
from server.charts.metrics import width, wrap
from server.charts.model import Bound, Break, Chart, Mark, Series, look
from server.charts.placing import Box, first_free, stack

_EDGE = 2.4
_WIDE_EDGE = 5.4
"""How far from the edges of the plot the first and the last year stand, the latter where marks have to move aside.
Units: radii of a mark."""
_STUB = 0.28
"""The share of the way between two marks that a broken line goes from each of them."""


@dataclass
class _Plot:
    """Where things stand in one chart over time."""

    chart: Chart
    frame: Frame
    top: float = 0
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    taken: list[Box] = field(default_factory=list)
    lines: list[Box] = field(default_factory=list)
    height: float = 0

    @property
    def left(self) -> float:
        """Where the plot begins, to the right of what is written at the ticks."""
        return frames.widest((written for _, written in self.chart.axis.ticks), self.frame) + 8

    @property
    def right(self) -> float:
        """Where the plot ends; to the right of it is room for the names of the series."""
        return self.frame.width - self.frame.labels

    @property
    def bottom(self) -> float:
        """Where the plot has its zero."""
        return self.top + self.height

    @property
    def is_crowded(self) -> bool:
        """Whether marks of one year are so near each other that one has to move aside."""
        near = self.frame.radius * 4.5 * self.chart.axis.top / self.frame.plot
        found = sorted((mark.year, mark.value) for one in self.chart.series for mark in one.marks)
        return any(one[0] == other[0] and other[1] - one[1] < near for one, other in pairwise(found))

    def x(self, year: float) -> float:
        """Return where a year is."""
        first, last = self.chart.years[0], self.chart.years[-1]
        edge = self.frame.radius * (_WIDE_EDGE if self.is_crowded else _EDGE)
        return self.left + edge + (year - first) * (self.right - self.left - 2 * edge) / (last - first)

    def y(self, value: float) -> float:
        """Return where a value is; greater ones are further up, which is less."""
        return self.bottom - value / self.chart.axis.top * self.height


@dataclass(frozen=True)
class _Label:
    """The name of a series beside its last mark."""

    mark: Mark
    look: str
    value: str
    name: tuple[str, ...]

    def height(self, frame: Frame) -> float:
        """Return how much room value and name take, with the gap to the next label."""
        return (1 + len(self.name)) * frame.line + frame.text * 0.6


def draw(chart: Chart, frame: Frame) -> Drawing:
    """Draw the figures of a chart over its years, of which there are two at least."""
    labels = [_label(series, look(number), frame) for number, series in enumerate(chart.series) if series.marks]
    plot = _Plot(chart, frame)
    header, plot.top = _breaks(plot)
    plot.height = max(frame.plot, sum(label.height(frame) for label in labels))
    _place(plot)
    parts = [
        _grid(plot),
        *header,
        *_connections(plot),
        _names(plot, labels),
        svg.group(_marks(plot), class_="marks"),
        svg.group(_values(plot, labels), class_="values"),
    ]
    return Drawing(svg.group(parts), frame.width, plot.bottom + frame.line + 6)


def _label(series: Series, style: str, frame: Frame) -> _Label:
    last = series.marks[-1]
    room = frame.labels - 19
    return _Label(last, style, last.written, tuple(wrap(series.name, frame.text, room)))


def _breaks(plot: _Plot) -> tuple[list[Markup], float]:
    """Return the names of the breaks, above the plot, each with a line down through it, and where the plot begins."""
    frame, names = plot.frame, []
    places: dict[float, list[Break]] = {}
    for found in plot.chart.breaks:
        places.setdefault(plot.x((found.before + found.after) / 2), []).append(found)
    at = frame.text
    starts = []
    for x, breaks in sorted(places.items()):
        rows = [row for found in breaks for row in wrap(found.name, frame.text, frame.width * 0.86)]
        half = frames.widest(rows, frame) / 2
        middle = max(half, min(x, frame.width - half))
        names.append(frames.lines(rows, middle, at, frame, text_anchor="middle", class_="break-name"))
        at += len(rows) * frame.line
        starts.append((x, at - frame.line + frame.text * 0.4))
        at += frame.text * 0.3
    top = at + frame.text * 0.7
    plot.top, plot.height = top, max(plot.frame.plot, 1)
    heights = [_label(one, "", frame).height(frame) for one in plot.chart.series if one.marks]
    bottom = top + max(frame.plot, sum(heights))
    lines = [svg.path((x, start), (x, bottom), class_="break") for x, start in starts]
    plot.lines += [Box(x - 2, start, x + 2, bottom) for x, start in starts]
    return [*lines, *names], top


def _grid(plot: _Plot) -> Markup:
    frame, parts = plot.frame, []
    for value, written in plot.chart.axis.ticks:
        y = plot.y(value)
        parts.append(svg.path((plot.left, y), (plot.right, y), class_="axis" if value == 0 else None))
        parts.append(svg.element("text", written, x=plot.left - 8, y=y + frame.text * 0.35, text_anchor="end"))
    end = 0.0
    for year in plot.chart.years:
        x, half = plot.x(year), width(str(year), frame.text) / 2
        parts.append(svg.path((x, plot.bottom), (x, plot.bottom + 5), class_="axis"))
        if x - half >= end:
            parts.append(svg.element("text", str(year), x=x, y=plot.bottom + frame.line + 2, text_anchor="middle"))
            end = x + half + frame.text * 0.4
    return svg.group(parts, class_="grid", font_size=frame.text)


def _place(plot: _Plot) -> None:
    """Give each mark its place; one that would cover another moves aside."""
    step = plot.frame.radius * 2.4
    for series in plot.chart.series:
        for mark in series.marks:
            x, y = plot.x(mark.year), plot.y(mark.value)
            aside = (x, x + step, x - step, x + 2 * step, x - 2 * step)
            free = [at for at in aside if not _is_taken(plot, marks.box(mark, at, y, plot.frame.radius))]
            x = free[0] if free else x
            plot.places[id(mark)] = (x, y)
            plot.taken.append(marks.box(mark, x, y, plot.frame.radius))


def _is_taken(plot: _Plot, box: Box) -> bool:
    return any(box.meets(other) for other in plot.taken)


def _connections(plot: _Plot) -> Iterator[Markup]:
    for number, series in enumerate(plot.chart.series):
        for one, other in pairwise(_joinable(series)):
            pieces = _pieces(plot, one, other)
            for start, end in pieces:
                plot.lines += _along(start, end)
                yield svg.path(start, end, class_=f"line {look(number)}" + (" broken" if len(pieces) > 1 else ""))


def _joinable(series: Series) -> list[Mark]:
    """Return the marks a line may go through: values, one in its year."""
    years = [mark.year for mark in series.marks]
    return [mark for mark in series.marks if mark.bound is Bound.POINT and years.count(mark.year) == 1]


def _pieces(plot: _Plot, one: Mark, other: Mark) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the parts of the line between two marks that are drawn."""
    (x1, y1), (x2, y2) = plot.places[id(one)], plot.places[id(other)]
    years = other.year - one.year
    broken = any(one.year <= found.before and found.after <= other.year for found in plot.chart.breaks)
    if years == 1 and not broken:
        return [((x1, y1), (x2, y2))]
    dx, dy = (x2 - x1) * _STUB, (y2 - y1) * _STUB
    return [((x1, y1), (x1 + dx, y1 + dy)), ((x2 - dx, y2 - dy), (x2, y2))]


def _along(start: tuple[float, float], end: tuple[float, float]) -> list[Box]:
    """Return small boxes along a line, for labels to keep away from."""
    (x1, y1), (x2, y2) = start, end
    steps = max(2, int(max(abs(x2 - x1), abs(y2 - y1)) / 5))
    points = [(x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps) for step in range(steps + 1)]
    return [Box(x - 2, y - 2, x + 2, y + 2) for x, y in points]


def _marks(plot: _Plot) -> Iterator[Markup]:
    for number, series in enumerate(plot.chart.series):
        for mark in series.marks:
            yield marks.draw(mark, *plot.places[id(mark)], plot.frame.radius, look(number))


def _names(plot: _Plot, labels: list[_Label]) -> Markup:
    """Return the names of the series, each with its last figure, and a thin line to the mark where that is away."""
    frame = plot.frame
    heights = [label.height(frame) for label in labels]
    wanted = [plot.places[id(label.mark)][1] for label in labels]
    parts: list[Markup] = []
    for label, height, top in zip(labels, heights, stack(wanted, heights, plot.top, plot.bottom), strict=True):
        left, baseline = plot.right + 18, top + frame.text * 0.3 + frame.line * 0.8
        parts.append(_leader(plot, label, left - 5, baseline - frame.text * 0.35))
        value = svg.element("tspan", label.value, class_="value")
        name = (
            svg.element("tspan", row, x=left, y=baseline + (number + 1) * frame.line)
            for number, row in enumerate(label.name)
        )
        parts.append(svg.element("text", value, *name, x=left, y=baseline, class_=label.look, font_size=frame.text))
        plot.taken.append(Box(left, top, frame.width, top + height))
    return svg.group(parts, class_="names")


def _leader(plot: _Plot, label: _Label, x: float, y: float) -> Markup:
    """Return the line from a mark to its name, or nothing where they stand side by side."""
    mark_x, mark_y = plot.places[id(label.mark)]
    start = mark_x + plot.frame.radius * (2.4 if label.mark.is_disputed else 1.8)
    turn = plot.right + 2
    if start > turn - plot.frame.radius * 3 and abs(y - mark_y) < plot.frame.text * 0.4:
        return Markup()
    plot.lines.append(Box(start, mark_y - 2, turn, mark_y + 2))
    return svg.path((start, mark_y), (max(start, turn), mark_y), (x, y), class_="leader")


def _values(plot: _Plot, labels: list[_Label]) -> Iterator[Markup]:
    """Yield the figures at the marks that have no name beside them."""
    named = {id(label.mark) for label in labels}
    inside = Box(plot.left, plot.top - plot.frame.text, plot.frame.width, plot.bottom)
    for number, series in enumerate(plot.chart.series):
        for mark in series.marks:
            if id(mark) in named:
                continue
            candidates = list(_around(plot, mark))
            hard = plot.taken
            box = first_free(candidates, [*hard, *plot.lines], inside) or first_free(candidates, hard, inside)
            if box is None:
                continue
            plot.taken.append(box)
            middle, base = (box.left + box.right) / 2, box.bottom - plot.frame.text * 0.3
            yield svg.element(
                "text", mark.written, x=middle, y=base, text_anchor="middle",
                class_=f"value {look(number)}", font_size=plot.frame.text,
            )  # fmt: skip


def _around(plot: _Plot, mark: Mark) -> Iterator[Box]:
    """Yield the places for the figure of a mark: over it, under it, beside it, then farther away over and under it."""
    x, y = plot.places[id(mark)]
    own = marks.box(mark, x, y, plot.frame.radius)
    wide, high = width(mark.written, plot.frame.text) + 2, plot.frame.text * 1.15
    for away in (3, 3 + high * 0.6, 3 + high * 1.3, 3 + high * 2.2):
        for middle in (x, x - wide * 0.3, x + wide * 0.3, x - wide * 0.5, x + wide * 0.5):
            yield Box(middle - wide / 2, own.top - away - high, middle + wide / 2, own.top - away)
            yield Box(middle - wide / 2, own.bottom + away, middle + wide / 2, own.bottom + away + high)
        if away < high:
            yield Box(own.left - away - wide, y - high / 2, own.left - away, y + high / 2)
            yield Box(own.right + away, y - high / 2, own.right + away + wide, y + high / 2)
