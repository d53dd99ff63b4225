"""A chart as a file of its own, for download and embedding: with title, legend, source and its own style."""

import base64
import hashlib
from typing import Final

from markupsafe import Markup

from server.charts import bars, frames, marks, over_time, svg
from server.charts.frames import Drawing, Frame
from server.charts.metrics import width, wrap_evenly
from server.charts.model import Bound, Chart, Mark

_LIGHT: Final = {
    "ground": "#fcfbf8", "ink": "#242d31", "quiet": "#585e62", "rule": "#d3cfc5", "track": "#eeebe4",
    "s1": "#17657b", "s2": "#99441a", "s3": "#645490", "s4": "#056d13", "s5": "#242d31", "s6": "#585e62",
}  # fmt: skip
_DARK: Final = {
    "ground": "#12171a", "ink": "#ececed", "quiet": "#a5a8a9", "rule": "#394449", "track": "#232b2f",
    "s1": "#8cc8da", "s2": "#e3a381", "s3": "#b8a6ee", "s4": "#82c487", "s5": "#ececed", "s6": "#a5a8a9",
}  # fmt: skip
_DASHES: Final = {"s2": "7 4", "s3": "2 4", "s4": "10 4 2 4", "s5": "4 3", "s6": "12 3"}
CARD: Final = Frame(width=1072, plot=330, text=26, labels=340, radius=10)
_CARD_SIZE: Final = (1200, 630)


def _rules(colours: dict[str, str]) -> str:
    template = (
        ".ground{fill:%(ground)s}text{fill:%(ink)s}.quiet,.grid text,.break-name{fill:%(quiet)s}"
        ".grid path{stroke:%(rule)s}.grid .axis,.break,.leader{stroke:%(quiet)s}"
        ".track{fill:%(track)s}.hollow{fill:%(ground)s}"
        ".values text,.row .value,.break-name,.name"
        "{paint-order:stroke;stroke:%(ground)s;stroke-width:4;stroke-linejoin:round}"
    )
    plain = template % colours
    series = "".join(
        f".{name} .filled,.bar.{name},text.{name}{{fill:{colours[name]}}}"
        f".{name} .filled,.{name} .hollow,.{name} .whisker,.{name} .ring,.line.{name}{{stroke:{colours[name]}}}"
        for name in ("s1", "s2", "s3", "s4", "s5", "s6")
    )
    return plain + series


STYLE: Final = (
    'text{font-family:"Inter Variable",Inter,system-ui,sans-serif}.title,.value{font-weight:600}'
    "path{fill:none}.line{stroke-width:2}.mark>*,.whisker{stroke-width:2;fill:none}.ring{stroke-dasharray:2 2}"
    ".break{stroke-dasharray:3 3;stroke-width:1.5}.leader{stroke-dasharray:1 2}.bar{opacity:.45}"
    + "".join(f".line.{name}{{stroke-dasharray:{pattern}}}" for name, pattern in _DASHES.items())
    + ".line.broken{stroke-dasharray:1 4;stroke-width:1.25;stroke-linecap:round}"
    + _rules(_LIGHT)
)
ADAPTING: Final = f"{STYLE}@media (prefers-color-scheme:dark){{{_rules(_DARK)}}}"
"""The style of the file: dark where its reader prefers that."""
POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(ADAPTING.encode()).digest()).decode()
    + "'; frame-ancestors *"
)
"""The Content-Security-Policy under which the file shows itself as it is meant to, and may do nothing else."""


def draw(chart: Chart, footer: str, frame: Frame = frames.WIDE) -> Markup:
    """Return a whole SVG document."""
    return _document(chart, footer, frame, None, ADAPTING)


def for_picture(chart: Chart, footer: str, *, card: bool = False) -> Markup:
    """Return the SVG document a picture is made of: light, and of the size that links are shown with if `card`."""
    return _document(chart, footer, CARD if card else frames.WIDE, _CARD_SIZE if card else None, STYLE)


def plain(chart: Chart, frame: Frame) -> Drawing:
    """Draw a chart in the way that fits it: over its years, or as bars where there is only one."""
    return over_time.draw(chart, frame) if chart.is_over_time else bars.draw(chart, frame)


def _document(chart: Chart, footer: str, frame: Frame, size: tuple[int, int] | None, style: str) -> Markup:
    margin = frame.text * 1.6
    large = Frame(frame.width, frame.plot, frame.text * 1.35, 0, frame.radius)
    title = wrap_evenly(chart.title, large.text, frame.width)
    top = margin + large.text + (len(title) - 1) * large.line + frame.text * 1.6
    drawing = plain(chart, frame)
    legend, legend_height = _legend(chart, frame)
    after = top + drawing.height + frame.text * 1.4
    end = after + legend_height + frame.line
    content = [
        frames.lines(title, 0, margin + large.text * 0.8, large, class_="title"),
        svg.group([drawing.content], transform=f"translate(0 {top:.1f})"),
        svg.group([legend], transform=f"translate(0 {after:.1f})"),
        svg.element("text", footer, x=0, y=end, class_="quiet", font_size=frame.text * 0.9),
    ]
    wide, high = frame.width + 2 * margin, end + margin * 0.8
    box = (0.0, 0.0, wide, high)
    if size:
        scale = max(wide / size[0], high / size[1])
        whole_width, whole_height = size[0] * scale, size[1] * scale
        box = ((wide - whole_width) / 2, (high - whole_height) / 2, whole_width, whole_height)
    return svg.element(
        "svg",
        svg.element("title", chart.title),
        svg.element("desc", chart.description),
        svg.element("style", Markup(style)),  # noqa: S704 a constant of this module
        svg.element("rect", x=box[0], y=box[1], width=box[2], height=box[3], class_="ground"),
        svg.group(content, transform=f"translate({margin:.1f} 0)"),
        xmlns=svg.NAMESPACE,
        view_box=" ".join(f"{value:.1f}" for value in box),
        width=size[0] if size else round(wide),
        height=size[1] if size else round(high),
        role="img",
    )


def _legend(chart: Chart, frame: Frame) -> tuple[Markup, float]:
    """Return what the marks mean, as many beside each other as there is room for, and the height it takes."""
    x, y, parts = 0.0, 0.0, []
    for mark, words in chart.legend:
        taken = frame.radius * 5 + width(words, frame.text) + frame.text * 1.4
        if x and x + taken > frame.width:
            x, y = 0.0, y + frame.line * 1.2
        parts += [
            sample(mark, x + frame.radius * 2, y, frame.radius),
            svg.element(
                "text", words, x=x + frame.radius * 5, y=y + frame.text * 0.35, font_size=frame.text, class_="quiet"
            ),
        ]
        x += taken
    return svg.group(parts, class_="legend"), y + frame.line if chart.legend else 0.0


def sample(mark: Mark | None, x: float, y: float, radius: float) -> Markup:
    """Return a mark as a sample for the legend; None gives a line with a gap."""
    if mark is not None:
        aside = 0 if mark.bound is Bound.POINT else radius * 1.8
        return marks.draw(mark, x - aside, y, radius * 0.9, "s6", lying=True)
    pieces = ((x - radius * 2, x - radius * 0.8), (x + radius * 0.8, x + radius * 2))
    return Markup("").join(svg.path((start, y), (end, y), class_="line s6 broken") for start, end in pieces)
