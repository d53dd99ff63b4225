"""An organisation: its people, the editions it had a part in, what it owns, what it came from and became."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg import iris
from server.figures import Book
from server.labels import Labels, Link, Rows, Text
from server.language import N_
from server.sections import items, statements
from server.sections.partners import partner
from server.sections.person import role
from server.sections.section import Section, terms
from server.values import Value

_GROUP: Final = re.compile(r"\d{3}")
_THIN: Final = "\N{NARROW NO-BREAK SPACE}"
_REGISTER: Final = "https://virksomhet.brreg.no/nb/oppslag/enheter/"
"""Where Brønnøysundregistrene shows a Norwegian organisation; its number follows."""


@dataclass(frozen=True)
class Event:
    """A reorganisation: what there was before and after."""

    link: Link
    day: list[Value]
    before: list[Link]
    after: list[Link]
    text: Text | None


@dataclass(frozen=True)
class Number:
    """A number in a register."""

    link: Link
    number: str
    agency: str
    href: str | None
    note: Text | None

    @property
    def written(self) -> str:
        """The number as Norwegians write it: nine digits in groups of three."""
        is_grouped = len(self.number) == 9 and self.number.isdecimal()
        return _THIN.join(_GROUP.findall(self.number)) if is_grouped else self.number


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what an organisation has to do with, then what it and others have said."""
    related = items.neighbours(rows, "section-organisation", thing)
    book = items.read(rows, thing, related, labels)
    return [*_parts(related, book), *statements.by_and_about(rows, thing, labels)]


def _parts(related: dict[str, list[str]], book: Book) -> Iterator[Section]:
    if "role" in related:
        yield Section(
            "people", N_("People"), "sections/roles.html", {"roles": [role(iri, book) for iri in related["role"]]},
            covers_incoming=terms("org:organization"),
        )  # fmt: skip
    if "partnership" in related:
        yield Section(
            "editions", N_("Part in the survey"), "sections/partnerships.html",
            {"partners": [partner(iri, book) for iri in related["partnership"]]},
            covers_incoming=terms("pg:organisation"),
        )  # fmt: skip
    if "owned" in related:
        yield Section(
            "owned", N_("Strategies, reforms and schemes"), "sections/links.html",
            {"links": items.all_of(related["owned"], book)}, covers_incoming=terms("pg:owner"),
        )  # fmt: skip
    if "event" in related:
        yield Section(
            "events", N_("Before and after"), "sections/events.html",
            {"events": [event(iri, book) for iri in related["event"]]},
            covers_incoming=terms("org:originalOrganization", "org:resultingOrganization"),
        )  # fmt: skip
    if "identifier" in related:
        yield Section(
            "numbers", N_("In the registers"), "sections/numbers.html",
            {"numbers": [_number(iri, book) for iri in related["identifier"]]}, covers=terms("rov:registration"),
        )  # fmt: skip
    if "published" in related:
        yield Section(
            "published", N_("Published sources"), "sections/links.html",
            {"links": items.all_of(related["published"], book)}, covers_incoming=terms("dct:publisher"),
        )  # fmt: skip


def event(iri: str, book: Book) -> Event:
    """Show one reorganisation."""
    change = book.thing(iri)
    return Event(
        link=book.labels.link(iri),
        day=items.values(change, "dct:date", book),
        before=items.links(change, "org:originalOrganization", book),
        after=items.links(change, "org:resultingOrganization", book),
        text=items.text(change, "dct:description", book),
    )


def _number(iri: str, book: Book) -> Number:
    identifier = book.thing(iri)
    agency = items.link(identifier, "dct:creator", book)
    number = identifier.one("skos:notation")
    is_registered = iris.slug_of(identifier.one("dct:creator")) == "bronnoysundregistrene" and number.isdecimal()
    return Number(
        link=book.labels.link(iri),
        number=number,
        agency=agency.label.value if agency else identifier.one("adms:schemaAgency"),
        href=_REGISTER + number if is_registered else None,
        note=items.text(identifier, "skos:editorialNote", book),
    )
