"""Charts over time: one mark for each figure, and lines only between years that follow each other.

A line is broken over years without figures and at a break, and does not reach what is only a bound. A figure stands at
each mark, or is tied to it by a thin line. Names stand beside the last mark of their series: to the right of the plot
where that is of the last year and the plot stays wide enough, else in the plot where there is room, else below it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from markupsafe import Markup

from server.charts import frames, marks, svg
from server.charts.frames import Drawing, Frame
from server.charts.metrics import width, wrap_evenly
from server.charts.model import Break, Chart, Mark, Series, look
from server.charts.placing import Box, first_free, stack, ticks

_EDGE = 2.4
_WIDE_EDGE = 3.6
"""How far from the edges of the plot the first and the last year stand, the latter where marks have to move aside.
Units: radii of a mark."""
_ASIDE = 2.2
"""How far from each other marks of one year stand that would cover each other. Units: radii of a mark."""
_SPREAD = 0.6
"""The share of the way to the next year that such marks may take up together."""
_BESIDE = 18
"""From the end of the plot to the names at its right."""
_HIGHEST = 2.5
"""How far over its mark the figure of a series may stand beside it. Units: lines of text."""
_LEAST = 0.25
"""The share of the width that a plot has at least; where names beside it would leave less, all go below."""
_STUB = 0.28
"""The share of the way between two marks that a broken line goes from each of them."""


@dataclass
class _Plot:
    """Where things stand in one chart over time."""

    chart: Chart
    frame: Frame
    room: float
    """How much room there is for names to the right of the plot."""
    top: float = 0
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    taken: list[Box] = field(default_factory=list)
    lines: list[Box] = field(default_factory=list)
    height: float = 0

    @cached_property
    def left(self) -> float:
        """Where the plot begins, to the right of what is written at the ticks."""
        return frames.widest((written for _, written in self.chart.axis.ticks), self.frame) + 8

    @property
    def right(self) -> float:
        """Where the plot ends; to the right of it is room for the names of the series."""
        return self.frame.width - self.room

    @property
    def bottom(self) -> float:
        """Where the plot has its zero."""
        return self.top + self.height

    @cached_property
    def is_crowded(self) -> bool:
        """Whether marks of one year are so near each other that one has to move aside."""
        near = self.frame.radius * _ASIDE * self.chart.axis.top / self.frame.plot
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

    def arrow(self, mark: Mark) -> float:
        """Return how long the arrow of a bound may be."""
        return marks.room(mark, self.y(mark.value), self.frame.radius, (self.top, self.bottom))

    def box(self, mark: Mark) -> Box:
        """Return the rectangle a mark takes where it was placed."""
        return marks.box(mark, *self.places[id(mark)], self.frame.radius, self.arrow(mark))


@dataclass(frozen=True)
class _Label:
    """The name of a series beside its last mark."""

    mark: Mark
    look: str
    series: str
    name: tuple[str, ...]

    def height(self, frame: Frame) -> float:
        """Return how much room value and name take, with the gap to the next label."""
        return (1 + len(self.name)) * frame.line + frame.text * 0.6

    def width(self, frame: Frame) -> float:
        """Return how wide value and name are."""
        return frames.widest((self.mark.written, *self.name), frame)


def draw(chart: Chart, frame: Frame) -> Drawing:
    """Draw the figures of a chart over its years, of which there are two at least."""
    labels = [_label(series, look(number), frame) for number, series in enumerate(chart.series) if series.marks]
    last = [label for label in labels if label.mark.year == chart.years[-1]]
    plot = _Plot(chart, frame, max(label.width(frame) for label in last) + _BESIDE + 1)
    if plot.right - plot.left < frame.width * _LEAST:
        last, plot = [], _Plot(chart, frame, frame.text * 0.6)
    others = [label for label in labels if label not in last]
    header, starts = _break_names(plot)
    plot.height = max(frame.plot, sum(label.height(frame) for label in last))
    _place(plot)
    parts = [
        _grid(plot),
        *_break_lines(plot, starts),
        *header,
        *_connections(plot),
        _names(plot, last),
        svg.group(_marks(plot), class_="marks"),
    ]
    ends = {id(label.mark) for label in labels}
    found = [(mark, look(number)) for number, one in enumerate(chart.series) for mark in one.marks]
    values = [*_values(plot, [one for one in found if id(one[0]) not in ends])]
    inside = [(label, _inside(plot, label)) for label in others]
    below = [label for label, drawn in inside if drawn is None]
    values += [drawn for _, drawn in inside if drawn is not None]
    values += _values(plot, [(label.mark, label.look) for label in below])
    key, height = _key(below, plot.bottom + frame.line * 2.4 + 6, frame)
    parts += [svg.group(values, class_="values"), key]
    return Drawing(svg.group(parts), frame.width, plot.bottom + frame.line + 6 + height)


def _label(series: Series, style: str, frame: Frame) -> _Label:
    room = frame.labels - _BESIDE - 1
    return _Label(series.marks[-1], style, series.name, tuple(wrap_evenly(series.name, frame.text, room)))


def _break_names(plot: _Plot) -> tuple[list[Markup], list[tuple[float, float]]]:
    """Put the names of the breaks above the plot, and return them and where their lines begin, under all words."""
    frame, names = plot.frame, []
    places: dict[float, list[Break]] = {}
    for found in plot.chart.breaks:
        before, after = _gap(plot.chart.years, found)
        places.setdefault(plot.x((before + after) / 2), []).append(found)
    at = frame.text
    spans: list[tuple[float, Box]] = []
    for x, breaks in sorted(places.items()):
        rows = [row for found in breaks for row in wrap_evenly(found.name, frame.text, frame.width * 0.86)]
        half = frames.widest(rows, frame) / 2
        middle = max(half, min(x, frame.width - half))
        names.append(frames.lines(rows, middle, at, frame, text_anchor="middle", class_="break-name"))
        end = at + (len(rows) - 1) * frame.line + frame.text * 0.4
        spans.append((x, Box(middle - half - 4, at, middle + half + 4, end)))
        at += len(rows) * frame.line + frame.text * 0.3
    plot.top = at + frame.text * 0.7
    boxes = [box for _, box in spans]
    starts = [
        (x, max(box.bottom for box in boxes[number:] if box is own or box.left <= x <= box.right))
        for number, (x, own) in enumerate(spans)
    ]
    return names, starts


def _gap(years: Sequence[int], found: Break) -> tuple[int, int]:
    """Return the two years with figures between which a break is drawn: those farthest apart, or in the middle."""
    middle = (found.before + found.after) / 2
    gaps = [(one, other) for one, other in pairwise(years) if found.before <= one and other <= found.after]
    return max(gaps, key=lambda gap: (gap[1] - gap[0], -abs(sum(gap) / 2 - middle)))


def _break_lines(plot: _Plot, starts: Iterable[tuple[float, float]]) -> Iterator[Markup]:
    for x, start in starts:
        plot.lines.append(Box(x - 2, start, x + 2, plot.bottom))
        yield svg.path((x, start), (x, plot.bottom), class_="break")


def _grid(plot: _Plot) -> Markup:
    frame, parts = plot.frame, []
    for value, written in plot.chart.axis.ticks:
        y = plot.y(value)
        parts.append(svg.path((plot.left, y), (plot.right, y), class_="axis" if value == 0 else None))
        parts.append(svg.element("text", written, x=plot.left - 8, y=y + frame.text * 0.35, text_anchor="end"))
    years = plot.chart.years
    places = [plot.x(year) for year in years]
    parts += [svg.path((x, plot.bottom), (x, plot.bottom + 5), class_="axis") for x in places]
    for index in ticks(places, [width(str(year), frame.text) / 2 for year in years], frame.text * 0.4):
        x, y = places[index], plot.bottom + frame.line + 2
        parts.append(svg.element("text", str(years[index]), x=x, y=y, text_anchor="middle"))
    return svg.group(parts, class_="grid", font_size=frame.text)


def _place(plot: _Plot) -> None:
    """Give each mark its place; those of a year that would cover each other stand side by side round its tick."""
    next_year = min(plot.x(other) - plot.x(one) for one, other in pairwise(plot.chart.years))
    for run in _runs(plot):
        step = min(plot.frame.radius * _ASIDE, next_year * _SPREAD / max(1, len(run) - 1))
        for number, mark in enumerate(run):
            x, y = plot.x(mark.year) + (number - (len(run) - 1) / 2) * step, plot.y(mark.value)
            plot.places[id(mark)] = (x, y)
            plot.taken.append(plot.box(mark))


def _runs(plot: _Plot) -> Iterator[list[Mark]]:
    """Yield the marks of each year, those together that would cover each other."""
    radius = plot.frame.radius
    for year in plot.chart.years:
        found = [mark for one in plot.chart.series for mark in one.marks if mark.year == year]
        boxes = {
            id(mark): marks.box(replace(mark, is_disputed=False), 0, plot.y(mark.value), radius, plot.arrow(mark))
            for mark in found
        }
        run: list[Mark] = []
        for mark in sorted(found, key=lambda mark: boxes[id(mark)].top):
            if run and boxes[id(mark)].top + radius * 0.4 > max(boxes[id(one)].bottom for one in run):
                yield run
                run = []
            run.append(mark)
        yield run


def _connections(plot: _Plot) -> Iterator[Markup]:
    for number, series in enumerate(plot.chart.series):
        for one, other in pairwise(series.joinable):
            pieces = _pieces(plot, one, other)
            for start, end in pieces:
                plot.lines += _along(start, end)
                yield svg.path(start, end, class_=f"line {look(number)}" + (" broken" if len(pieces) > 1 else ""))


def _pieces(plot: _Plot, one: Mark, other: Mark) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the parts of the line between two marks that are drawn."""
    (x1, y1), (x2, y2) = plot.places[id(one)], plot.places[id(other)]
    if plot.chart.is_continuous(one, other):
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
            x, y = plot.places[id(mark)]
            yield marks.draw(mark, x, y, plot.frame.radius, look(number), room=plot.arrow(mark))


def _names(plot: _Plot, labels: list[_Label]) -> Markup:
    """Return the names beside the plot, each with its last figure, and a thin line to the mark where that is away."""
    frame = plot.frame
    heights = [label.height(frame) for label in labels]
    level = frame.line * 0.8 - frame.text * 0.05
    at = [plot.places[id(label.mark)][1] for label in labels]
    wanted = [y + height / 2 - level for y, height in zip(at, heights, strict=True)]
    parts: list[Markup] = []
    for label, height, top in zip(labels, heights, stack(wanted, heights, plot.top, plot.bottom), strict=True):
        left, baseline = plot.right + _BESIDE, top + level + frame.text * 0.35
        parts.append(_leader(plot, label, left - 5, baseline - frame.text * 0.35))
        parts.append(_written(label, left, baseline, frame))
        plot.taken.append(Box(left, top, frame.width, top + height))
    return svg.group(parts, class_="names")


def _written(label: _Label, x: float, y: float, frame: Frame) -> Markup:
    """Return a figure and under it the name of its series."""
    value = svg.element("tspan", label.mark.written, class_="value")
    name = (svg.element("tspan", row, x=x, y=y + (number + 1) * frame.line) for number, row in enumerate(label.name))
    return svg.element("text", value, *name, x=x, y=y, class_=label.look, font_size=frame.text)


def _inside(plot: _Plot, label: _Label) -> Markup | None:
    """Return figure and name to the right of their mark, in the plot; None where they would cover something."""
    frame = plot.frame
    inside = Box(plot.left, plot.top - frame.text, plot.right, plot.bottom - 2)
    own = plot.box(label.mark)
    others = [box for box in plot.taken if box != own]

    def is_clear(box: Box) -> bool:
        """Tell whether no other mark stands so near that the name could be of it."""
        near = replace(box, left=own.left, top=box.top - 3, bottom=box.bottom + 3)
        return not any(near.meets(other) for other in others)

    for room in (frame.labels, frame.labels * 0.75):
        narrow = replace(label, name=tuple(wrap_evenly(label.series, frame.text, room - _BESIDE)))
        box = first_free(filter(is_clear, _beside(plot, narrow)), [*plot.taken, *plot.lines], inside)
        if box is not None:
            plot.taken.append(box)
            return _written(narrow, box.left, box.top + frame.text, frame)
    return None


def _beside(plot: _Plot, label: _Label) -> Iterator[Box]:
    """Yield the places for figure and name of a series: its first line level with the mark, or its middle or end."""
    frame = plot.frame
    left, (_, y) = plot.box(label.mark).right + 4, plot.places[id(label.mark)]
    rows = len(label.name)
    for lines in (0, *(up for up in (rows / 2, rows, rows + 0.5) if up <= _HIGHEST)):
        top = y - frame.text * 0.65 - lines * frame.line
        yield Box(left, top, left + label.width(frame), top + rows * frame.line + frame.text * 1.25)


def _key(labels: Sequence[_Label], top: float, frame: Frame) -> tuple[Markup, float]:
    """Return the names for which there is no room in the plot, each with its last mark, figure and year.

    The name stands beside these, or under them where they are long.
    """
    if not labels:
        return Markup(), 0.0
    value = frame.radius * 6
    year = value + frames.widest((label.mark.written for label in labels), frame) + frame.text * 0.7
    name = year + frames.widest((str(label.mark.year) for label in labels), frame) + frame.text * 0.7
    is_under = name > frame.width * _LEAST * 2
    name = value if is_under else name
    parts, at = [], top
    for label in labels:
        rows = wrap_evenly(label.series, frame.text, frame.width - name)
        parts += [
            marks.sample(label.mark, frame.radius * 2.2, at - frame.text * 0.35, frame.radius * 0.9, label.look),
            frames.lines([label.mark.written], value, at, frame, class_=f"value {label.look}"),
            frames.lines([str(label.mark.year)], year, at, frame, class_=label.look),
            frames.lines(rows, name, at + is_under * frame.line, frame, class_=label.look),
        ]
        at += (len(rows) + is_under) * frame.line + frame.text * 0.3
    return svg.group(parts, class_="key"), at - top + frame.line * 0.7


def _leader(plot: _Plot, label: _Label, x: float, y: float) -> Markup:
    """Return the line from a mark to its name, or nothing where they stand side by side or a mark is in between."""
    mark_x, mark_y = plot.places[id(label.mark)]
    start = mark_x + plot.frame.radius * (2.4 if label.mark.is_disputed else 1.8)
    turn = plot.right + 2
    if start > turn - plot.frame.radius * 3 and abs(y - mark_y) < plot.frame.text * 0.4:
        return Markup()
    way = Box(start, mark_y - 2, turn, mark_y + 2)
    if any(way.meets(box) for box in plot.taken if box.left + box.right > 2 * mark_x + 1):
        return Markup()
    plot.lines.append(way)
    return svg.path((start, mark_y), (max(start, turn), mark_y), (x, y), class_="leader")


def _values(plot: _Plot, found: Iterable[tuple[Mark, str]]) -> Iterator[Markup]:
    """Yield the figures at marks without a name beside them, each with the look of its series."""
    inside = Box(plot.left, plot.top - plot.frame.text, plot.frame.width, plot.bottom + plot.frame.text * 0.4)
    for mark, style in found:
        candidates = list(_around(plot, mark))
        hard = plot.taken
        box = first_free(candidates, [*hard, *plot.lines], inside) or first_free(candidates, hard, inside)
        if box is None:
            continue
        plot.taken.append(box)
        middle, base = (box.left + box.right) / 2, box.bottom - plot.frame.text * 0.3
        yield _stem(plot, mark, box)
        yield svg.element(
            "text", mark.written, x=middle, y=base, text_anchor="middle",
            class_=f"value {style}", font_size=plot.frame.text,
        )  # fmt: skip


def _stem(plot: _Plot, mark: Mark, box: Box) -> Markup:
    """Return the line from a mark to its figure, or nothing where that stands close by."""
    (x, _), own = plot.places[id(mark)], plot.box(mark)
    start, end = (own.top, box.bottom) if box.bottom <= own.top else (own.bottom, box.top)
    if abs(end - start) < plot.frame.text * 0.6 or (box.top < own.bottom and own.top < box.bottom):
        return Markup()
    middle = (box.left + box.right) / 2
    return svg.path((x, start), (middle, end), class_="leader")


def _around(plot: _Plot, mark: Mark) -> Iterator[Box]:
    """Yield the places for the figure of a mark: over it, under it, beside it, then farther away over and under it.

    Beside it, the figure is level with the mark, or over or under a line that goes on from there.
    """
    (x, y), own = plot.places[id(mark)], plot.box(mark)
    wide, high = width(mark.written, plot.frame.text) + 2, plot.frame.text * 1.15
    for away in (3, 3 + high * 0.6, 3 + high * 1.3, 3 + high * 2.2):
        for middle in (x, x - wide * 0.3, x + wide * 0.3, x - wide * 0.5, x + wide * 0.5):
            yield Box(middle - wide / 2, own.top - away - high, middle + wide / 2, own.top - away)
            yield Box(middle - wide / 2, own.bottom + away, middle + wide / 2, own.bottom + away + high)
        if away < high:
            for top in (y - high / 2, y, y - high):
                yield Box(own.left - away - wide, top, own.left - away, top + high)
                yield Box(own.right + away, top, own.right + away + wide, top + high)
