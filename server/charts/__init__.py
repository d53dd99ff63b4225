"""Charts as SVG, drawn on the server: pure functions of what they show.

`image` gives what a page needs, `small` an image for a list, `standalone` a file of its own, `pictures` a PNG.
"""

from markupsafe import Markup

from server.charts import axes, frames, small, standalone, svg
from server.charts.model import Axis, Bound, Break, Chart, Mark, Series

__all__ = ["Axis", "Bound", "Break", "Chart", "Mark", "Series", "axes", "image", "sample", "small_image"]


def image(chart: Chart, name: str, *, is_beside: bool = False) -> Markup:
    """Return a chart as images of two widths, of which css/charts.css shows the one that fits.

    `name` begins the ids of their titles; it has to be alone of its kind on the page. Where the chart stands beside
    another, the wide one is of half the width of a page.
    """
    frame, variant = (frames.MIDDLE, "middle") if is_beside else (frames.WIDE, "wide")
    narrow = frames.titled(standalone.plain(chart, frames.NARROW), chart, name, "narrow")
    return frames.titled(standalone.plain(chart, frame), chart, name, variant) + narrow


def small_image(chart: Chart, name: str) -> Markup:
    """Return a chart as one small image for a list."""
    return small.draw(chart, name)


def sample(mark: Mark | None) -> Markup:
    """Return a mark for the legend of a page, where words beside it say what it means."""
    return svg.element(
        "svg", standalone.sample(mark, 16, 10, 5), class_="chart-sample", view_box="0 0 32 20", aria_hidden="true"
    )
