"""The picture that links to this site are shown with, where a page has none of its own; and how pictures are made."""

from typing import Final

from flask import Blueprint, Response
from markupsafe import Markup

from server import assets, reader
from server.caching import conditional
from server.charts import svg
from server.language import N_, words

blueprint = Blueprint("cards", __name__)

WIDTH: Final = 1200
HEIGHT: Final = 630
"""Units: pixels."""
_LINE: Final = N_("Figures from IT i praksis, with sources")
_FONTS: Final = ("inter-latin-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2")
_DOTS: Final = ((8, 25), (16, 16), (24, 7))


@blueprint.get("/card.png")
@conditional
def card() -> Response:
    """Give the picture of the site."""
    return png(draw(words(reader.language()).gettext(_LINE)), 1)


def draw(line: str) -> Markup:
    """Draw the mark of the site, as in static/icon.svg, with its name and a line about it."""
    mark = [
        svg.element("path", d="M8 25h8v-9h8V7", fill="none", stroke="#fff", stroke_width=2.5),
        *(svg.element("circle", cx=x, cy=y, r=3.25, fill="#fff") for x, y in _DOTS),
    ]
    return svg.element(
        "svg",
        svg.element("rect", width=WIDTH, height=HEIGHT, fill="#00566e"),
        svg.group(mark, transform="translate(66 96) scale(7)"),
        svg.element("text", "Praksisgrafen", x=96, y=430, font_size=112, font_weight="700", letter_spacing=-3),
        svg.element("text", line, x=100, y=510, font_size=46),
        fill="#fff",
        xmlns=svg.NAMESPACE,
        width=WIDTH,
        height=HEIGHT,
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        font_family="Inter, sans-serif",
    )


def png(document: Markup, scale: float) -> Response:
    """Send an SVG document as a PNG."""
    from server.charts import pictures  # noqa: PLC0415 - the renderer is large, and few processes ever need it

    fonts = tuple(assets.FOLDER / built for name in _FONTS if (built := assets.manifest().get(name)))
    return Response(pictures.png(document, fonts, scale), mimetype="image/png")
