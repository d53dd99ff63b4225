"""Charts as they stand in a page, for tests to look into."""

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def images(markup: str) -> dict[str, ET.Element]:
    """Return the SVG elements of a page or of a picture by their variant."""
    found = re.findall(r'<svg class="chart-(?:wide|middle|narrow|small)".*?</svg>', markup, re.DOTALL)
    parsed = [ET.fromstring(one.replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1)) for one in found]  # noqa: S314 our own
    return {one.attrib["class"].removeprefix("chart-"): one for one in parsed}


def marks(image: ET.Element) -> list[str]:
    """Return what the marks of an image say."""
    return [title.text or "" for one in image.iter(f"{SVG}g") if (title := one.find(f"{SVG}title")) is not None]
