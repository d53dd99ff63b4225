"""The shapes of marks: a figure's shape says how sure it is, its place what it says.

Filled is reported, hollow approximate or inferred, a diamond derived; a bound is a cap with an arrow towards where the
value lies; a ring says that sources disagree.
"""

import math
from typing import Final

from markupsafe import Markup

from server.charts import svg
from server.charts.model import Bound, Mark
from server.charts.placing import Box

_ARROW: Final = 4.2
"""How long the arrow of a bound is. Units: radii."""


def draw(  # noqa: PLR0913
    mark: Mark, x: float, y: float, radius: float, look: str, *, lying: bool = False, room: float = math.inf
) -> Markup:
    """Return the shape of a figure with its middle at a point; in a lying chart values grow to the right.

    The arrow of a bound is no longer than there is room for.
    """
    words = f"{mark.written} ({mark.note})" if mark.note else mark.written
    shapes = _shapes(mark, x, y, radius, lying=lying, room=room)
    return svg.group([svg.element("title", words), *shapes], class_=f"mark {look}")


def sample(mark: Mark, x: float, y: float, radius: float, look: str) -> Markup:
    """Return the shape of a figure once more, beside its name, where it says nothing of its own."""
    aside = 0 if mark.bound is Bound.POINT else radius * 1.8 if mark.bound is Bound.LOWER else -radius * 1.8
    return svg.group(_shapes(mark, x - aside, y, radius, lying=True), class_=f"mark {look}")


def _shapes(  # noqa: PLR0913
    mark: Mark, x: float, y: float, radius: float, *, lying: bool, room: float = math.inf
) -> list[Markup]:
    is_point, length = mark.bound is Bound.POINT, min(radius * _ARROW, room)
    parts = [_body(mark, x, y, radius) if is_point else _whisker(mark, x, y, radius, length, lying=lying)]
    if mark.is_disputed:
        parts.insert(0, svg.element("circle", cx=x, cy=y, r=radius * 1.9, class_="ring"))
    return parts


def box(mark: Mark, x: float, y: float, radius: float, room: float = math.inf) -> Box:
    """Return the rectangle a mark over time takes."""
    reach = radius * (2 if mark.is_disputed else 1.2)
    arrow = max(reach, min(radius * _ARROW, room) + radius * 0.2)
    above = arrow if mark.bound is Bound.LOWER else reach
    below = arrow if mark.bound is Bound.UPPER else reach
    return Box(x - reach, y - above, x + reach, y + below)


def room(mark: Mark, y: float, radius: float, span: tuple[float, float]) -> float:
    """Return how long the arrow of a bound over time may be: to the end of the scale, and always so that it shows."""
    top, bottom = span
    return max(y - top if mark.bound is Bound.LOWER else bottom - y, radius * 1.5)


def _body(mark: Mark, x: float, y: float, radius: float) -> Markup:
    kind = "hollow" if mark.is_hollow else "filled"
    if mark.is_derived:
        reach = radius * 1.3
        points = f"{x:.1f},{y - reach:.1f} {x + reach:.1f},{y:.1f} {x:.1f},{y + reach:.1f} {x - reach:.1f},{y:.1f}"
        return svg.element("polygon", points=points, class_=kind)
    return svg.element("circle", cx=x, cy=y, r=radius, class_=kind)


def _whisker(mark: Mark, x: float, y: float, radius: float, length: float, *, lying: bool) -> Markup:  # noqa: PLR0913
    """Return a cap at the bound and an arrow from it towards the values that are possible."""
    sign = 1 if mark.bound is Bound.LOWER else -1
    tip, head, half = sign * length, sign * max(0, length - radius * 1.1), radius * 0.9

    def at(along: float, across: float) -> tuple[float, float]:
        """Return the point so far from the mark in the direction of greater values, and at right angles to it."""
        return (x + along, y + across) if lying else (x + across, y - along)

    return svg.group(
        [
            svg.path(at(0, -radius * 1.2), at(0, radius * 1.2)),
            svg.path(at(0, 0), at(tip, 0)),
            svg.path(at(head, -half), at(tip, 0), at(head, half)),
        ],
        class_="whisker hollow" if mark.is_hollow else "whisker",
    )
