"""An edition of the survey: what each source says of it, side by side, and where they differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg import iris
from server import language as lang
from server import links, sentences
from server.figures import Book, Thing
from server.labels import Labels, Link, Rows, Text
from server.language import N_
from server.sections import items
from server.sections.section import Section


@dataclass(frozen=True)
class Said:
    """One thing a source says of the edition: where it stands, and in a few words what."""

    link: Link
    words: str


@dataclass(frozen=True)
class Row:
    """One property of the edition: what each source says, in the order of the sources."""

    name: Text
    cells: list[list[Said]]


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what the sources say of the edition in one table, then where they differ."""
    related = items.neighbours(rows, "section-edition", thing)
    book = items.read(rows, thing, related, labels)
    found = []
    sources = _sources(related, book)
    if sources:
        context = {
            "sources": items.all_of(sources, book),
            "rows": [row for row in _table(related, sources, book) if any(row.cells)],
            "findings": links.listing("finding", labels.carried, edition=iris.slug_of(thing.value)),
        }
        found.append(Section("told", N_("What each source says of the edition"), "sections/told.html", context))
    if "discrepancy" in related:
        differences = [items.difference(iri, book) for iri in related["discrepancy"]]
        context = {"differences": differences}
        found.append(Section("differences", N_("Compare with care"), "sections/differences.html", context))
    return found


def _sources(related: dict[str, list[str]], book: Book) -> list[str]:
    """Return the sources that say something of the edition, its own first, then by date."""
    own = related.get("source", [])
    told = {iri for name in ("figure", "method", "partnership") for other in related.get(name, [])
            for iri in book.thing(other).all("prov:wasDerivedFrom")}  # fmt: skip
    return [*own, *sorted(told - set(own))]


def _table(related: dict[str, list[str]], sources: list[str], book: Book) -> Iterable[Row]:
    figures = [book.thing(iri) for iri in related.get("figure", [])]
    for indicator in dict.fromkeys(figure.one("pg:indicator") for figure in figures):
        told = [figure for figure in figures if figure.one("pg:indicator") == indicator]
        yield Row(book.labels.text(indicator), _cells(told, sources, book, _figure))
    methods = [book.thing(iri) for iri in related.get("method", [])]
    yield Row(Text(lang.words(book.labels.language).gettext(N_("Method"))), _cells(methods, sources, book, _name))
    partnerships = [book.thing(iri) for iri in related.get("partnership", [])]
    for role in dict.fromkeys(one.one("pg:partnerRole") for one in partnerships):
        told = [one for one in partnerships if one.one("pg:partnerRole") == role]
        yield Row(book.labels.text(role), _cells(told, sources, book, _organisation))


def _cells(told: list[Thing], sources: list[str], book: Book, show: Callable[[Thing, Book], Said]) -> list[list[Said]]:
    return [[show(one, book) for one in told if source in one.all("prov:wasDerivedFrom")] for source in sources]


def _figure(figure: Thing, book: Book) -> Said:
    population = book.labels.text(figure.one("pg:population")).value if figure.code("pg:population") else ""
    words = sentences.amount(figure, book)
    return Said(book.labels.link(figure.iri), f"{words} ({population})" if population else words)


def _name(finding: Thing, book: Book) -> Said:
    return Said(book.labels.link(finding.iri), book.labels.text(finding.iri).value)


def _organisation(partnership: Thing, book: Book) -> Said:
    organisation = partnership.one("pg:organisation")
    return Said(book.labels.link(partnership.iri), book.labels.text(organisation).value)
