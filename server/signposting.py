"""HTTP Link headers that lead programs from a page to what it is about.

Source: https://signposting.org/FAIR/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Response

from server.faces import LICENCE

SCHEMA: Final = "https://schema.org/"


@dataclass(frozen=True)
class Signpost:
    """One link: where to, how that is related to the page, and its media type where it has one."""

    href: str
    rel: str
    media_type: str | None = None

    def __str__(self) -> str:
        """Write the link as RFC 8288 has it."""
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.href}>; rel="{self.rel}"{kind}'


def landing(
    iri: str, types: Iterable[str], described_by: Mapping[str, str], items: Mapping[str, str]
) -> list[Signpost]:
    """Return the links of a page about a thing: `described_by` and `items` are addresses → media types."""
    return [
        Signpost(iri, "cite-as"),
        Signpost(SCHEMA + "AboutPage", "type"),
        *(Signpost(SCHEMA + kind, "type") for kind in types),
        Signpost(LICENCE, "license"),
        *(Signpost(href, "describedby", kind) for href, kind in described_by.items()),
        *(Signpost(href, "item", kind) for href, kind in items.items()),
    ]


def metadata(page: str) -> list[Signpost]:
    """Return the links of a document of data about a thing, which has a page."""
    return [Signpost(page, "describes", "text/html"), Signpost(LICENCE, "license")]


def put(response: Response, signposts: Iterable[Signpost]) -> Response:
    """Put links on an answer."""
    response.headers.add("Link", ", ".join(map(str, signposts)))
    return response
