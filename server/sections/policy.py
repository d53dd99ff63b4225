"""A strategy, reform, shared solution or funding scheme: period, owner, successor, and what has been said of it."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from server.figures import Book
from server.labels import Labels, Link, Rows, Text
from server.language import N_
from server.sections import items, statements
from server.sections.section import Section, terms
from server.values import Value

_RELATIONS: Final = (
    ("owner", N_("Owner")),
    ("subject", N_("Sets out")),
    ("predecessor", N_("Replaces")),
    ("successor", N_("Replaced by")),
    ("edition", N_("Editions of the survey in its time")),
    ("sector", N_("Sector as the source has it")),
)


@dataclass(frozen=True)
class Dated:
    """When something held or happened, as one source says."""

    link: Link
    aspect: Link | None
    start: list[Value]
    end: list[Value]
    status: Link | None
    sources: list[Link | Value]
    note: Text | None


def dated(iri: str, book: Book) -> Dated:
    """Show one dated assertion."""
    assertion = book.thing(iri)
    return Dated(
        link=book.labels.link(iri),
        aspect=items.link(assertion, "pg:dateAspect", book),
        start=items.values(assertion, "pg:from", book),
        end=items.values(assertion, "pg:until", book),
        status=items.link(assertion, "pg:assertionStatus", book),
        sources=[*items.links(assertion, "prov:wasDerivedFrom", book), *items.values(assertion, "dct:source", book)],
        note=items.text(assertion, "skos:editorialNote", book),
    )


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show whose it is, when it held, what came before and after, and what has been said about it."""
    related = items.neighbours(rows, "section-policy", thing)
    book = items.read(rows, thing, related, labels)
    found = []
    relations = [(title, items.all_of(related[name], book)) for name, title in _RELATIONS if name in related]
    if relations:
        found.append(
            Section(
                "context", N_("Whose, and when"), "sections/pairs.html", {"pairs": relations},
                covers=terms("pg:owner", "dct:isReplacedBy", "schema:about", "pg:sectorAsStated"),
                covers_incoming=terms("dct:isReplacedBy", "pg:strategyInForce"),
            )
        )  # fmt: skip
    if "dated" in related:
        found.append(
            Section(
                "dates", N_("Dates, as each source has them"), "sections/dates.html",
                {"dates": [dated(iri, book) for iri in related["dated"]]}, covers=terms("dct:temporal"),
                covers_incoming=terms("pg:about"),
            )
        )  # fmt: skip
    return [*found, *statements.about(rows, thing, labels)]
