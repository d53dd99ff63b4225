"""A person: the roles sources have seen them in, and what they have said."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from server.figures import Book
from server.labels import Labels, Link, Rows, Text
from server.language import N_
from server.sections import items, statements
from server.sections.section import Section, terms
from server.values import Value


@dataclass(frozen=True)
class Role:
    """A role somebody is known to have held at one time."""

    link: Link
    person: Link | None
    organisation: Link | None
    title: Text | None
    observed: list[Value]
    sources: list[Link]
    note: Text | None


def role(iri: str, book: Book) -> Role:
    """Show one membership."""
    membership = book.thing(iri)
    return Role(
        link=book.labels.link(iri),
        person=items.link(membership, "org:member", book),
        organisation=items.link(membership, "org:organization", book),
        title=items.text(membership, "pg:roleTitle", book),
        observed=items.values(membership, "pg:observedOn", book),
        sources=items.links(membership, "prov:wasDerivedFrom", book),
        note=items.text(membership, "skos:editorialNote", book),
    )


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show roles over time, then statements."""
    related = items.neighbours(rows, "section-person", thing)
    found = []
    if "role" in related:
        book = items.read(rows, thing, related, labels)
        found.append(
            Section(
                "roles", N_("Roles"), "sections/roles.html",
                {"roles": [role(iri, book) for iri in related["role"]], "of_person": True},
                covers=terms("org:hasMembership"), covers_incoming=terms("org:member"),
            )
        )  # fmt: skip
    return [*found, *statements.by_and_about(rows, thing, labels)]
