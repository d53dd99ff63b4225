"""Choose a media type from an Accept header: pure functions, no request in sight.

Source: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_TYPE = re.compile(r"[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+", re.ASCII)
HTML = "text/html"


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header; parameters other than `q` are ignored."""

    type: str
    subtype: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """Tell how exactly this range names a type: 3 wholly, 2 by its main type, 1 by `*/*`, 0 not."""
        main, _, sub = media_type.partition("/")
        if (self.type, self.subtype) == (main, sub):
            return 3
        if self.subtype == "*" and self.type == main:
            return 2
        return 1 if self.type == self.subtype == "*" else 0


def parse(header: str) -> list[MediaRange]:
    """Read an Accept header; elements that are no media range are skipped, as RFC 9110 lets a server do."""
    ranges = []
    for element in header.split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        if _TYPE.fullmatch(name):
            main, _, sub = name.lower().partition("/")
            ranges.append(MediaRange(main, sub, _quality(parameters)))
    return ranges


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            return float(value.strip()) if _QUALITY.fullmatch(value.strip()) else 0.0
    return 1.0


def choose(header: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer the client likes best, the earlier offer between equals, `None` when nothing fits.

    A missing or empty header accepts everything.
    """
    if header is None or not header.strip():
        return offers[0] if offers else None
    ranges = parse(header)
    ranked = [(_rank(ranges, offer), -place, offer) for place, offer in enumerate(offers)]
    best = max(ranked, default=None)
    return best[2] if best and best[0][0] > 0 else None


def _rank(ranges: Sequence[MediaRange], offer: str) -> tuple[float, int]:
    fits = [(found, entry.quality) for entry in ranges if (found := entry.specificity(offer))]
    specificity, quality = max(fits, default=(0, 0.0))
    return quality, specificity


def prefers_html(header: str | None) -> bool:
    """Tell a browser from a program: the client names HTML and likes no data format better."""
    if not header:
        return False
    ranges = parse(header)
    data = ("application/json", "application/sparql-results+json", "text/turtle", "application/problem+json")
    named = any(entry.specificity(HTML) == 3 and entry.quality > 0 for entry in ranges)
    return named and choose(header, (HTML, *data)) == HTML
