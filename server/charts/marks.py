"""The shapes of marks: a figure's shape says how sure it is, its place what it says.

Filled is reported, hollow approximate or inferred, a diamond derived; a bound is a cap with an arrow towards where the
value lies; a ring says that sources disagree.
"""

from markupsafe import Markup

from server.charts import svg
from server.charts.model import Bound, Mark
from server.charts.placing import Box


def draw(mark: Mark, x: float, y: float, radius: float, look: str, *, lying: bool = False) -> Markup:  # noqa: PLR0913
    """Return the shape of a figure with its middle at a point; in a lying chart values grow to the right."""
    words = f"{mark.written} ({mark.note})" if mark.note else mark.written
    return svg.group([svg.element("title", words), *_shapes(mark, x, y, radius, lying=lying)], class_=f"mark {look}")


def sample(mark: Mark, x: float, y: float, radius: float, look: str) -> Markup:
    """Return the shape of a figure once more, beside its name, where it says nothing of its own."""
    aside = 0 if mark.bound is Bound.POINT else radius * 1.8 if mark.bound is Bound.LOWER else -radius * 1.8
    return svg.group(_shapes(mark, x - aside, y, radius, lying=True), class_=f"mark {look}")


def _shapes(mark: Mark, x: float, y: float, radius: float, *, lying: bool) -> list[Markup]:
    parts = [_whisker(mark, x, y, radius, lying=lying) if mark.bound is not Bound.POINT else _body(mark, x, y, radius)]
    if mark.is_disputed:
        parts.insert(0, svg.element("circle", cx=x, cy=y, r=radius * 1.9, class_="ring"))
    return parts


def box(mark: Mark, x: float, y: float, radius: float) -> Box:
    """Return the rectangle a mark over time takes."""
    reach = radius * (2 if mark.is_disputed else 1.2)
    above = radius * 4.4 if mark.bound is Bound.LOWER else reach
    below = radius * 4.4 if mark.bound is Bound.UPPER else reach
    return Box(x - reach, y - above, x + reach, y + below)


def _body(mark: Mark, x: float, y: float, radius: float) -> Markup:
    kind = "hollow" if mark.is_hollow else "filled"
    if mark.is_derived:
        reach = radius * 1.3
        points = f"{x:.1f},{y - reach:.1f} {x + reach:.1f},{y:.1f} {x:.1f},{y + reach:.1f} {x - reach:.1f},{y:.1f}"
        return svg.element("polygon", points=points, class_=kind)
    return svg.element("circle", cx=x, cy=y, r=radius, class_=kind)


def _whisker(mark: Mark, x: float, y: float, radius: float, *, lying: bool) -> Markup:
    """Return a cap at the bound and an arrow from it towards the values that are possible."""
    sign = 1 if mark.bound is Bound.LOWER else -1
    tip, head, half = sign * radius * 4.2, sign * radius * 3.1, radius * 0.9

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
