"""Neighbours as a section shows them: figures, statements, and other named things with a line about each."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from server import figures, queries, sentences
from server import language as lang
from server.figures import Book, Thing
from server.labels import Labels, Link, Rows, Text, literal
from server.rows import value
from server.values import Value, shown


@dataclass(frozen=True)
class Figure:
    """A finding or an observation in one line."""

    link: Link
    amount: str
    sentence: str
    sources: list[Link]
    place: tuple[str, str] | None


@dataclass(frozen=True)
class Statement:
    """What somebody has said, in our words."""

    link: Link
    text: Text | None
    stance: Link | None
    author: Link | None
    role: Link | None
    source: Link | None
    place: tuple[str, str] | None
    about: list[Link]


@dataclass(frozen=True)
class Difference:
    """A discrepancy and its reason."""

    link: Link
    text: Text | None


def neighbours(rows: Rows, query: str, thing: NamedNode) -> dict[str, list[str]]:
    """Ask for what a thing has to do with: relation → things, in the order of the query."""
    found: dict[str, list[str]] = {}
    for row in rows(queries.bind(query, thing=thing)):
        found.setdefault(value(row["relation"]), []).append(value(row["other"]))
    return {relation: list(dict.fromkeys(others)) for relation, others in found.items()}


def read(rows: Rows, thing: NamedNode, related: dict[str, list[str]], labels: Labels) -> Book:
    """Read a thing and all that it has to do with."""
    return figures.read(rows, {thing.value, *(other for others in related.values() for other in others)}, labels)


def link(thing: Thing, written: str, book: Book) -> Link | None:
    """Return the first thing a property leads to."""
    iri = thing.one(written)
    return book.labels.link(iri) if iri else None


def links(thing: Thing, written: str, book: Book) -> list[Link]:
    """Return the things a property leads to, by their names."""
    found = [book.labels.link(iri) for iri in thing.all(written)]
    return sorted(found, key=lambda one: one.label.value.casefold())


def text(thing: Thing, written: str, book: Book) -> Text | None:
    """Return the text of a property in the best language there is."""
    found = thing.literal(written, book.labels.language)
    return literal(found, book.labels.language) if found is not None else None


def values(thing: Thing, written: str, book: Book) -> list[Value]:
    """Return the values of a property as a reader sees them."""
    return [shown(term, book.labels) for term in thing.statements.get(figures.expand(written), [])]


def place(thing: Thing, book: Book) -> tuple[str, str] | None:
    """Return from which character to which a text says it."""
    start, end = thing.one("pg:evidenceStart"), thing.one("pg:evidenceEnd")
    return (lang.number(start, book.labels.language), lang.number(end, book.labels.language)) if start and end else None


def figure(iri: str, book: Book) -> Figure:
    """Show one finding or observation."""
    thing = book.thing(iri)
    return Figure(
        link=book.labels.link(iri),
        amount=sentences.amount(thing, book),
        sentence=sentences.sentence(thing, book),
        sources=links(thing, "prov:wasDerivedFrom", book) if thing.one("pg:evidenceStart") else [],
        place=place(thing, book),
    )


def statement(iri: str, book: Book) -> Statement:
    """Show one claim."""
    thing = book.thing(iri)
    return Statement(
        link=book.labels.link(iri),
        text=text(thing, "dct:description", book),
        stance=link(thing, "pg:stance", book),
        author=link(thing, "schema:author", book),
        role=link(thing, "pg:inRole", book),
        source=link(thing, "prov:wasDerivedFrom", book),
        place=place(thing, book),
        about=links(thing, "schema:about", book),
    )


def all_of(iris: Iterable[str], book: Book) -> list[Link]:
    """Return the names of things in the order given."""
    return [book.labels.link(iri) for iri in iris]


def difference(iri: str, book: Book) -> Difference:
    """Show one discrepancy with its reason."""
    return Difference(book.labels.link(iri), text(book.thing(iri), "dct:description", book))
