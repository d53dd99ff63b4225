"""The sizes charts are drawn in, and the parts that all of them share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from server.charts import svg
from server.charts.metrics import width
from server.charts.model import Chart


@dataclass(frozen=True)
class Frame:
    """A size to draw in. Units: those of the viewBox.

    `labels` is the room for names beside a plot over time. Names of rows stand beside their bars, or above them.
    """

    width: float
    plot: float
    text: float
    labels: float
    radius: float
    names_beside: bool = True

    @property
    def line(self) -> float:
        """The height of a line of text."""
        return round(self.text * 1.3, 1)


WIDE: Final = Frame(width=720, plot=300, text=15, labels=210, radius=6)
MIDDLE: Final = Frame(width=400, plot=180, text=14, labels=150, radius=5.5, names_beside=False)
"""Drawn 384 CSS pixels wide or wider."""
NARROW: Final = Frame(width=288, plot=240, text=13, labels=128, radius=5, names_beside=False)
"""Drawn 272 to 360 CSS pixels wide, so that the text is never smaller than 12."""


@dataclass(frozen=True)
class Drawing:
    """What was drawn, and the height it took."""

    content: Markup
    width: float
    height: float


def titled(drawing: Drawing, chart: Chart, name: str, variant: str) -> Markup:
    """Return a drawing as an image with a title and a description. `name` has to be alone of its kind on the page."""
    title, description = f"{name}-{variant}-title", f"{name}-{variant}-desc"
    return svg.element(
        "svg",
        svg.element("title", chart.title, id=title),
        svg.element("desc", chart.description, id=description),
        drawing.content,
        class_=f"chart-{variant}",
        view_box=f"0 0 {drawing.width:.0f} {drawing.height:.0f}",
        role="img",
        aria_labelledby=f"{title} {description}",
    )


def lines(rows: Iterable[str], x: float, y: float, frame: Frame, **attributes: svg.Value) -> Markup:
    """Return lines of text, the first with its baseline at y."""
    spans = (svg.element("tspan", row, x=x, y=y + number * frame.line) for number, row in enumerate(rows))
    return svg.element("text", *spans, **{"font_size": frame.text, **attributes})


def widest(texts: Iterable[str], frame: Frame) -> float:
    """Return the width of the widest of some texts."""
    return max((width(text, frame.text) for text in texts), default=0)
