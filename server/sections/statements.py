"""What has been said: by a person or an organisation, or about anything."""

from functools import partial
from typing import Final

from pyoxigraph import NamedNode

from server import figures, queries
from server.figures import Book
from server.labels import Labels, Rows
from server.language import N_
from server.rows import column
from server.sections import items
from server.sections.section import Section

_MOST: Final = 100
_OF_MORE: Final = 20
"""So many are shown at most, and so many of those that are more than that."""
_KINDS: Final = (
    ("schema:author", "statements", N_("Claims")),
    ("schema:about", "said", N_("What has been said about it")),
)


def by_and_about(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what somebody has said, and what has been said about them."""
    return [section for kind in _KINDS for section in _statements(rows, thing, labels, kind)]


def about(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what has been said about something."""
    return _statements(rows, thing, labels, _KINDS[1])


def _statements(rows: Rows, thing: NamedNode, labels: Labels, kind: tuple[str, str, str]) -> list[Section]:
    written, name, title = kind
    link = figures.expand(written)
    found = column(rows(queries.bind("section-statements", thing=thing, link=NamedNode(link))), "other")
    if not found:
        return []
    is_cut = len(found) > _MOST
    shown = found[:_OF_MORE] if is_cut else found
    book = figures.read(rows, shown, labels)
    context = {
        "statements": [items.statement(iri, book) for iri in sorted(shown, key=partial(_in_text, book))],
        "is_by_one": written == "schema:author",
        "all": link if is_cut else None,
        "thing": thing.value,
    }
    return [Section(name, title, "sections/statements.html", context, covers_incoming=frozenset({link}))]


def _in_text(book: Book, iri: str) -> tuple[str, int, str]:
    """Put statements source by source, in the order of the texts."""
    said = book.thing(iri)
    start = said.one("pg:evidenceStart")
    return min(said.all("prov:wasDerivedFrom"), default=""), int(start) if start else -1, iri
