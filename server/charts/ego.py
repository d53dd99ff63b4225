"""A thing and its neighbours as SVG, pure.

The thing stands in the middle, what points at it to the left, what it points at to the right; where one side would be
much longer, branches move over, so that neither half stays empty. The arrow on a branch says which way it points. Every
neighbour is a link beside its dot, and neighbours of one property hang on one branch. The narrow drawing has all
branches below the thing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from server.charts import svg
from server.charts.metrics import width, wrap, wrap_evenly


@dataclass(frozen=True)
class Leaf:
    """A neighbour, or what stands for many: its name with the language where that is another, and where it leads."""

    name: str
    href: str | None
    lang: str | None = None
    is_many: bool = False


@dataclass(frozen=True)
class Branch:
    """The neighbours of one property; the name says what they are to the thing, or what it is to them."""

    name: str
    leaves: Sequence[Leaf]
    is_incoming: bool = False


@dataclass(frozen=True)
class Ego:
    """A thing and its branches, those that point at it first."""

    title: str
    description: str
    name: str
    branches: Sequence[Branch]


@dataclass(frozen=True)
class _Frame:
    """Sizes, in units of the viewBox. `centre` is the width of the box of the thing."""

    width: float
    text: float
    centre: float
    reach: float
    lines: int

    @property
    def line(self) -> float:
        """The height of a line of text."""
        return self.text * 1.3

    @property
    def room(self) -> float:
        """The width of a name beside its dot."""
        beside = 0.0 if self.centre >= self.width else (self.width + self.centre) / 2
        return self.width - beside - self.reach - _INDENT - _MARGIN


_INDENT: Final = 18.0
_MARGIN: Final = 4.0
_DOT: Final = 4.5
_GAP: Final = 0.4
"""Room between two leaves. Units: lines of text."""
_BETWEEN: Final = 0.8
"""Room between two branches. Units: lines of text."""
_ARROW: Final = 8.0
_WIDEST: Final = 320.0
"""How wide the box of the thing may become for a long word."""
_LOPSIDED: Final = 2.0
"""How many times as long as the other side one may be."""
_SPLIT: Final = 6
"""A branch of this many leaves may go on at the other side."""
WIDE: Final = _Frame(width=1072, text=16, centre=232, reach=56, lines=3)
"""Drawn at least 832 CSS pixels wide, so that the text is never smaller than 12."""
NARROW: Final = _Frame(width=288, text=13.5, centre=288, reach=14, lines=4)


def draw(ego: Ego, name: str) -> Markup:
    """Return a drawing for wide pages and one for narrow ones; css/reuse.css shows the one that fits."""
    return _wide(ego, name) + _narrow(ego, name)


def _wide(ego: Ego, name: str) -> Markup:
    frame = replace(WIDE, centre=_box_width(ego.name, WIDE))
    left, right = _sides(ego.branches, frame)
    sides = [(_height(left, frame), left, -1), (_height(right, frame), right, 1)]
    box = _box(ego.name, frame)
    high = max(*(height for height, _, _ in sides), box[0]) + 4
    parts: list[Markup] = []
    for height, branches, direction in sides:
        parts += _side(branches, direction, (high - height) / 2, high / 2, frame)
    parts.append(_centre(box, (frame.width - frame.centre) / 2, (high - box[0]) / 2, frame))
    return _document(ego, parts, name, "wide", high)


def _sides(branches: Sequence[Branch], frame: _Frame) -> tuple[list[Branch], list[Branch]]:
    """Part the branches by direction, or where that leaves a half empty, in the middle."""
    left = [branch for branch in branches if branch.is_incoming]
    right = [branch for branch in branches if not branch.is_incoming]
    short, long = sorted((_height(left, frame), _height(right, frame)))
    if long <= _LOPSIDED * short:
        return left, right
    half = (short + long) / 2
    left, right = [], []
    for branch in branches:
        room = half - _height(left, frame)
        if right or room <= 0:
            right.append(branch)
        elif _height([branch], frame) <= room:
            left.append(branch)
        else:
            here, there = _split(branch, room, frame)
            left += here
            right += there
    return left, right


def _split(branch: Branch, room: float, frame: _Frame) -> tuple[list[Branch], list[Branch]]:
    """Part a branch that is longer than the room there is; a short one goes where more of it fits."""
    if len(branch.leaves) < _SPLIT:
        return ([branch], []) if room > _height([branch], frame) / 2 else ([], [branch])
    parts = (replace(branch, leaves=branch.leaves[:end]) for end in range(len(branch.leaves) - 2, 1, -1))
    here = next((part for part in parts if _height([part], frame) <= room), None)
    if here is None:
        return [], [branch]
    return [here], [replace(branch, leaves=branch.leaves[len(here.leaves) :])]


def _box_width(name: str, frame: _Frame) -> float:
    """Return how wide the box of the thing is, so that its longest word stays whole."""
    longest = max(width(word, frame.text * 1.05) for word in name.split(" "))
    return min(_WIDEST, max(frame.centre, longest + 2 * frame.text))


def _narrow(ego: Ego, name: str) -> Markup:
    frame = NARROW
    box = _box(ego.name, frame)
    top = box[0] + frame.line * _BETWEEN
    parts = [_centre(box, 0, 0, frame)]
    at, ends = top, [box[0]]
    for branch in ego.branches:
        drawn, high, heads = _branch(branch, frame.reach, 1, at, frame)
        ends.append(heads)
        parts += [svg.path((frame.reach / 2, heads), (frame.reach, heads), class_="twig"), *drawn]
        at += high + frame.line * _BETWEEN
    parts.insert(0, svg.path((frame.reach / 2, box[0]), (frame.reach / 2, ends[-1]), class_="twig"))
    return _document(ego, parts, name, "narrow", at)


def _document(ego: Ego, parts: Sequence[Markup], name: str, variant: str, high: float) -> Markup:
    title, description = f"{name}-{variant}-title", f"{name}-{variant}-desc"
    return svg.element(
        "svg",
        svg.element("title", ego.title, id=title),
        svg.element("desc", ego.description, id=description),
        *parts,
        class_=f"ego-{variant}",
        view_box=f"-2 -2 {(WIDE if variant == 'wide' else NARROW).width + 4:.0f} {high + 4:.0f}",
        role="group",
        aria_labelledby=title,
        aria_describedby=description,
    )


def _box(name: str, frame: _Frame) -> tuple[float, list[str]]:
    """Return the height of the box of the thing, and the lines in it."""
    lines = wrap(name, frame.text * 1.05, frame.centre - 2 * frame.text)
    return (len(lines) * frame.line + 1.4 * frame.text, lines)


def _centre(box: tuple[float, list[str]], x: float, y: float, frame: _Frame) -> Markup:
    high, lines = box
    rows = (
        svg.element("tspan", line, x=x + frame.centre / 2, y=y + frame.text * 1.65 + number * frame.line)
        for number, line in enumerate(lines)
    )
    return svg.group(
        [
            svg.element("rect", x=x, y=y, width=frame.centre, height=high, rx=6),
            svg.element("text", *rows, font_size=frame.text * 1.05, text_anchor="middle"),
        ],
        class_="self",
    )


def _height(branches: Sequence[Branch], frame: _Frame) -> float:
    """Return how high a side becomes."""
    rows = sum(len(_lines(leaf, frame)) + _GAP for branch in branches for leaf in branch.leaves)
    heads = sum(len(_head(branch, frame)) + 0.2 for branch in branches)
    return frame.line * (rows + heads + max(0, len(branches) - 1) * _BETWEEN)


def _side(branches: Sequence[Branch], direction: int, top: float, middle: float, frame: _Frame) -> list[Markup]:
    """Draw the branches of one side, each on a curve from the thing."""
    parts, at = list[Markup](), top
    edge = frame.width / 2 + direction * frame.centre / 2
    stem = edge + direction * frame.reach
    for branch in branches:
        drawn, high, heads = _branch(branch, stem, direction, at, frame)
        bend = edge + direction * frame.reach / 2
        curve = f"M{edge:.1f} {middle:.1f}C{bend:.1f} {middle:.1f} {bend:.1f} {heads:.1f} {stem:.1f} {heads:.1f}"
        parts += [svg.element("path", d=curve, class_="twig"), *drawn]
        at += high + frame.line * _BETWEEN
    return parts


def _branch(
    branch: Branch, stem: float, direction: int, top: float, frame: _Frame
) -> tuple[list[Markup], float, float]:
    """Draw a branch outwards from its stem; return it with its height and where its name stands."""
    head = _head(branch, frame)
    anchor = "start" if direction > 0 else "end"
    heads = top + frame.line * 0.5
    parts = [
        _arrow(branch, stem, heads, direction),
        _words(head, stem + direction * 8, top, anchor, frame, class_="property"),
    ]
    at, last = top + frame.line * (len(head) + 0.2), heads
    for leaf in branch.leaves:
        lines = _lines(leaf, frame)
        last = at + frame.line * 0.5
        parts.append(_leaf(leaf, lines, (stem, at), direction, frame))
        at += frame.line * (len(lines) + _GAP)
    parts.insert(0, svg.path((stem, heads), (stem, last), class_="twig"))
    return parts, at - top, heads


def _arrow(branch: Branch, stem: float, y: float, direction: int) -> Markup:
    """Point from the thing to its neighbours, or from them to it."""
    tip, base = stem, stem - direction * _ARROW
    if branch.is_incoming:
        tip, base = base, tip
    return svg.element("path", d=f"M{tip:.1f} {y:.1f}L{base:.1f} {y - 4:.1f}V{y + 4:.1f}Z", class_="arrow")


def _leaf(leaf: Leaf, lines: list[str], place: tuple[float, float], direction: int, frame: _Frame) -> Markup:
    stem, top = place
    middle = top + frame.line * 0.5
    shape = (
        svg.element("rect", x=stem - _DOT, y=middle - _DOT, width=2 * _DOT, height=2 * _DOT)
        if leaf.is_many
        else svg.element("circle", cx=stem, cy=middle, r=_DOT)
    )
    words = _words(lines, stem + direction * _INDENT, top, "start" if direction > 0 else "end", frame, lang=leaf.lang)
    if leaf.href is None:
        return svg.group([shape, words], class_="leaf")
    wide = _INDENT + max(width(line, frame.text) for line in lines) + _MARGIN
    area = svg.element(
        "rect", x=stem - _DOT - 2 if direction > 0 else stem - wide, y=top - 1, width=wide + _DOT + 2,
        height=len(lines) * frame.line + 2, class_="area",
    )  # fmt: skip
    return svg.element("a", area, shape, words, href=leaf.href, class_="leaf")


def _words(lines: list[str], x: float, top: float, anchor: str, frame: _Frame, **attributes: svg.Value) -> Markup:
    rows = (
        svg.element("tspan", line, x=x, y=top + frame.text + number * frame.line) for number, line in enumerate(lines)
    )
    return svg.element("text", *rows, font_size=frame.text, text_anchor=anchor, **attributes)


def _head(branch: Branch, frame: _Frame) -> list[str]:
    return _cut(wrap(branch.name, frame.text, frame.room), frame)


def _lines(leaf: Leaf, frame: _Frame) -> list[str]:
    return _cut(wrap_evenly(leaf.name, frame.text, frame.room), frame)


def _cut(lines: list[str], frame: _Frame) -> list[str]:
    """Keep as many lines as there may be, and say that there was more."""
    if len(lines) <= frame.lines:
        return lines
    last = lines[frame.lines - 1]
    while width(last + "…", frame.text) > frame.room:
        last = last.rpartition(" ")[0] or last[:-1]
    return [*lines[: frame.lines - 1], last.rstrip(" ,.:–-") + "…"]
