"""Partnerships: who did what for an edition, each as one source tells it."""

from dataclasses import dataclass

from server.figures import Book
from server.labels import Link, Text
from server.sections import items


@dataclass(frozen=True)
class Partner:
    """What one source says an organisation did for one edition."""

    link: Link
    organisation: Link | None
    edition: Link | None
    role: Link | None
    written: str
    sources: list[Link]
    note: Text | None


def partner(iri: str, book: Book) -> Partner:
    """Show one partnership."""
    partnership = book.thing(iri)
    return Partner(
        link=book.labels.link(iri),
        organisation=items.link(partnership, "pg:organisation", book),
        edition=items.link(partnership, "pg:edition", book),
        role=items.link(partnership, "pg:partnerRole", book),
        written=partnership.one("pg:nameAsWritten"),
        sources=items.links(partnership, "prov:wasDerivedFrom", book),
        note=items.text(partnership, "skos:editorialNote", book),
    )
