"""A source: what was read from it, in the order of its text."""

from dataclasses import dataclass
from typing import Final

from flask import has_request_context, request
from pyoxigraph import NamedNode

from kg import iris
from kg.engine import Row
from server import figures, links, queries, reader, sentences
from server import language as lang
from server.figures import Book
from server.labels import Labels, Link, Rows
from server.language import N_
from server.rows import column, number, value
from server.sections.section import Section, terms

_SHOWN: Final = 100
_ORDERED: Final = 2000
"""How many things are put in order; more than that are listed as for any other thing that much points at."""
_KINDS: Final = {
    "finding": N_("Finding"),
    "claim": N_("Claim"),
    "membership": N_("Role"),
    "partnership": N_("Partnership"),
    "dated-assertion": N_("Dated assertion"),
    "policy": N_("Strategy or plan"),
    "solution": N_("Shared solution"),
    "reform": N_("Reform"),
    "funding": N_("Funding scheme"),
    "person": N_("Person"),
    "level": N_("Step of the ladder"),
}


@dataclass(frozen=True)
class Passage:
    """One thing read at one place of the text."""

    start: str
    end: str
    link: Link
    kind: str
    amount: str
    expression: str


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what was read from the source, a page at a time, unless it is too much to be put in order."""
    (counted,) = rows(queries.bind("section-source-count", thing=thing))
    count = number(counted, "count")
    if not 0 < count <= _ORDERED:
        return []
    page = min(_page(), -(-count // _SHOWN))
    query = queries.window(queries.bind("section-source", thing=thing), _SHOWN, (page - 1) * _SHOWN)
    found = rows(query)
    book = figures.read(rows, column(found, "other"), labels)
    passages = [_passage(row, book) for row in found]
    context = {
        "passages": passages,
        "total": count,
        "number": page,
        "per_page": _SHOWN,
        "findings": links.listing("finding", labels.carried, source=iris.slug_of(thing.value)),
    }
    covered = terms("prov:wasDerivedFrom", "schema:isPartOf", "pg:captureOf")
    title = N_("In the order of the text")
    return [Section("text", title, "sections/passages.html", context, covers_incoming=covered)]


def capture(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Lead from the text of a source to what was read from it."""
    found = rows(queries.bind("section-capture", thing=thing))
    if not found:
        return []
    labels.fetch(rows, [row["source"] for row in found])
    context = {"count": number(found[0], "count"), "sources": [labels.link(iri) for iri in column(found, "source")]}
    covers = terms("oa:hasSource", "pg:capture")
    title = N_("What is read from the text")
    return [Section("read", title, "sections/capture.html", context, terms("pg:captureOf"), covers)]


def _page() -> int:
    """Return the page asked for; where another list of the page is leafed through, the first."""
    return reader.page_number() if has_request_context() and "property" not in request.args else 1


def _passage(row: Row, book: Book) -> Passage:
    language, iri = book.labels.language, value(row["other"])
    start, end = value(row.get("start")), value(row.get("end"))
    return Passage(
        start=lang.number(start, language) if start else "",
        end=lang.number(end, language) if end else "",
        link=book.labels.link(iri),
        kind=_KINDS.get(iri.removeprefix(iris.ID).partition("/")[0], ""),
        amount=sentences.amount(book.thing(iri), book),
        expression=value(row.get("expression")),
    )
