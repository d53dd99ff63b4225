"""What a class adds to the page of a thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode

from kg.terms import PREFIXES
from server.labels import Labels, Rows


@dataclass(frozen=True)
class Section:
    """One part of a page: its anchor, its heading (an English word of the catalogue), its template and what that shows.

    `covers` are properties of the thing, `covers_incoming` properties that point at it, which the section says already:
    the page leaves them out of the bare facts and of the lists of what refers to the thing.
    """

    name: str
    title: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    covers: frozenset[str] = frozenset()
    covers_incoming: frozenset[str] = frozenset()


Builder = Callable[[Rows, NamedNode, Labels], list[Section]]
"""Makes the sections of one thing. How many queries it asks must not depend on the number of neighbours."""

NONE: Final[frozenset[str]] = frozenset()


def terms(*written: str) -> frozenset[str]:
    """Return the IRIs of terms written with our prefixes."""
    pairs = (one.partition(":") for one in written)
    return frozenset(PREFIXES[prefix] + local for prefix, _, local in pairs)
