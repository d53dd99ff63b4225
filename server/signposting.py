"""HTTP Link headers that lead programs from a page to what it is about.

Source: https://signposting.org/FAIR/
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response

from server.faces import LICENCE

SCHEMA: Final = "https://schema.org/"
LINKSETS: Final = {"linkset.json": "application/linkset+json", "linkset.txt": "application/linkset"}
"""What a suffix after the address of a thing stands for: all links of its page, in a document.

Source: https://www.rfc-editor.org/rfc/rfc9264
"""


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


def contexts(page: str, signposts: Iterable[Signpost]) -> dict[str, list[Signpost]]:
    """Return the links of a page with those of the documents it leads to, by what they start from.

    Source: https://signposting.org/FAIR/#linksetrec
    """
    own = [one for one in signposts if one.rel != "linkset"]
    found = {page: own} | {one.href: metadata(page) for one in own if one.rel == "describedby"}
    return found | {one.href: [Signpost(page, "collection", "text/html")] for one in own if one.rel == "item"}


def linkset(found: Mapping[str, Sequence[Signpost]]) -> dict[str, list[dict[str, object]]]:
    """Write links as JSON, by what they start from.

    Source: https://www.rfc-editor.org/rfc/rfc9264#section-4.2
    """
    return {"linkset": [{"anchor": anchor, **_by_relation(links)} for anchor, links in found.items()]}


def _by_relation(links: Iterable[Signpost]) -> dict[str, list[dict[str, str]]]:
    relations: dict[str, list[dict[str, str]]] = {}
    for one in links:
        kind = {"type": one.media_type} if one.media_type else {}
        relations.setdefault(one.rel, []).append({"href": one.href, **kind})
    return relations


def linkset_text(found: Mapping[str, Sequence[Signpost]]) -> str:
    """Write links as the header Link has them, by what they start from.

    Source: https://www.rfc-editor.org/rfc/rfc9264#section-4.1
    """
    lines = (f'{one}; anchor="{anchor}"' for anchor, links in found.items() for one in links)
    return ",\n".join(lines) + "\n"


def metadata(page: str) -> list[Signpost]:
    """Return the links of a document of data about a thing, which has a page."""
    return [Signpost(page, "describes", "text/html"), Signpost(LICENCE, "license")]


def put(response: Response, signposts: Iterable[Signpost]) -> Response:
    """Put links on an answer."""
    response.headers.add("Link", ", ".join(map(str, signposts)))
    return response
