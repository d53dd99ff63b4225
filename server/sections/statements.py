"""What has been said: by a person or an organisation, or about anything."""

from typing import Final

from pyoxigraph import NamedNode

from server import figures, queries
from server.labels import Labels, Rows
from server.language import N_
from server.rows import column
from server.sections import items
from server.sections.section import Section

_SHOWN: Final = 100
_KINDS: Final = (
    ("schema:author", "statements", N_("Statements")),
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
    found = list(dict.fromkeys(found))
    if not found:
        return []
    book = figures.read(rows, found[:_SHOWN], labels)
    context = {
        "statements": [items.statement(iri, book) for iri in found[:_SHOWN]],
        "is_by_one": written == "schema:author",
        "all": link if len(found) > _SHOWN else None,
        "thing": thing.value,
    }
    return [Section(name, title, "sections/statements.html", context, covers_incoming=frozenset({link}))]
