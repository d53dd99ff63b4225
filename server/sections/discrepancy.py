"""A discrepancy: what cannot be put together, source by source, under the reason."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from server.figures import Book
from server.labels import Labels, Link, Rows
from server.language import N_
from server.sections import items
from server.sections.section import Section, terms


@dataclass(frozen=True)
class Card:
    """One of the things at odds, and what tells it from the others."""

    figure: items.Figure
    about: list[tuple[str, Link | str]]


@dataclass(frozen=True)
class Side:
    """What one source says."""

    source: Link | None
    cards: list[Card]


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show the findings, or what else is at odds, side by side."""
    related = items.neighbours(rows, "section-discrepancy", thing)
    book = items.read(rows, thing, related, labels)
    concerned = related.get("concerned", [])
    if not concerned:
        return []
    sources = dict.fromkeys(book.thing(iri).one("prov:wasDerivedFrom") for iri in concerned)
    sides = [
        Side(
            labels.link(source) if source else None,
            [_card(iri, book) for iri in concerned if book.thing(iri).one("prov:wasDerivedFrom") == source],
        )
        for source in sources
    ]
    title = N_("Side by side")
    return [Section("sides", title, "sections/sides.html", {"sides": sides}, covers=terms("pg:concerns"))]


def _card(iri: str, book: Book) -> Card:
    found = book.thing(iri)
    about: tuple[tuple[str, Link | str | None], ...] = (
        (N_("Population"), items.link(found, "pg:population", book) if found.code("pg:population") else None),
        (N_("Edition"), items.link(found, "pg:edition", book)),
        (N_("Method"), items.link(found, "pg:surveyMethod", book)),
        (N_("Expression"), found.one("pg:expression")),
    )
    return Card(items.figure(iri, book), [(name, shown) for name, shown in about if shown])
