"""A chart as a file of its own, for download and embedding: with title, legend, source and its own style."""

import base64
import hashlib
from dataclasses import replace
from typing import Final

from markupsafe import Markup

from server.charts import bars, frames, marks, over_time, svg
from server.charts.frames import Drawing, Frame
from server.charts.metrics import width, wrap, wrap_evenly
from server.charts.model import COLOURS, Chart, Mark, look

_LIGHT: Final = {
    "ground": "#fcfbf8", "ink": "#242d31", "quiet": "#585e62", "rule": "#d3cfc5", "track": "#eeebe4",
    "s1": "#17657b", "s2": "#99441a", "s3": "#645490", "s4": "#056d13", "s5": "#242d31", "s6": "#585e62",
    "s7": "#6f4b00", "s8": "#b32474", "s9": "#1b49b8", "s10": "#737416",
}  # fmt: skip
_DARK: Final = {
    "ground": "#12171a", "ink": "#ececed", "quiet": "#a5a8a9", "rule": "#394449", "track": "#232b2f",
    "s1": "#8cc8da", "s2": "#e3a381", "s3": "#b8a6ee", "s4": "#82c487", "s5": "#ececed", "s6": "#a5a8a9",
    "s7": "#bd9522", "s8": "#ee6fb0", "s9": "#5594fb", "s10": "#e3e374",
}  # fmt: skip
_DASHES: Final = {
    "s2": "7 4", "s3": "2 4", "s4": "10 4 2 4", "s5": "4 3", "s6": "12 3",
    "s7": "10 3 2 3 2 3", "s8": "6 3 1 3", "s9": "16 6", "s10": "1 3 5 3 5 3",
}  # fmt: skip
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
        for name in map(look, range(COLOURS))
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
    """Return a whole SVG document; every line of the footer begins a new one in the picture."""
    return _document(chart, footer, frame, None, ADAPTING)


def for_picture(chart: Chart, footer: str, *, card: bool = False) -> Markup:
    """Return the SVG document a picture is made of: light, and of the size that links are shown with if `card`."""
    return _document(chart, footer, CARD if card else frames.WIDE, _CARD_SIZE if card else None, STYLE)


def plain(chart: Chart, frame: Frame) -> Drawing:
    """Draw a chart in the way that fits it: over its years, or as bars where there is only one."""
    return over_time.draw(chart, frame) if chart.is_over_time else bars.draw(chart, frame)


def _document(chart: Chart, footer: str, frame: Frame, size: tuple[int, int] | None, style: str) -> Markup:
    margin = frame.text * 1.6
    large, small = replace(frame, text=frame.text * 1.35), replace(frame, text=frame.text * 0.9)
    title = wrap_evenly(chart.title, large.text, frame.width)
    under = margin + large.text + (len(title) - 1) * large.line
    common = wrap(", ".join(chart.common), frame.text, frame.width) if chart.common else []
    top = under + len(common) * frame.line + frame.text * 1.6
    last = [row for line in footer.splitlines() for row in wrap(line, small.text, frame.width)]
    drawing = plain(chart, frame)
    legend, legend_height = _legend(chart, frame)
    after = top + drawing.height + frame.text * 1.4
    end = after + legend_height + frame.line
    content = [
        frames.lines(title, 0, margin + large.text * 0.8, large, class_="title"),
        *([frames.lines(common, 0, under + frame.line, frame, class_="quiet")] if common else []),
        svg.group([drawing.content], transform=f"translate(0 {top:.1f})"),
        svg.group([legend], transform=f"translate(0 {after:.1f})"),
        frames.lines(last, 0, end, small, class_="quiet"),
    ]
    wide, high = frame.width + 2 * margin, end + (len(last) - 1) * small.line + margin * 0.8
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
        return marks.sample(mark, x, y, radius * 0.9, "s6")
    pieces = ((x - radius * 2, x - radius * 0.8), (x + radius * 0.8, x + radius * 2))
    return Markup("").join(svg.path((start, y), (end, y), class_="line s6 broken") for start, end in pieces)
