"""Code lists and codes: a list's codes in order with what they mean; a code's place, and the figures that use it."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg import iris
from server import links
from server.figures import Book
from server.labels import Labels, Link, Rows, Text, literal
from server.language import N_
from server.sections import items
from server.sections.section import Section, terms

_SHOWN: Final = 20
_FACETS: Final = {"population", "precision", "unit", "indicator"}
"""The code lists that the table of findings can be narrowed by."""


@dataclass(frozen=True)
class Code:
    """One code of a list."""

    link: Link
    notation: str
    meaning: Text | None


def scheme(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show the codes of a list with their definitions."""
    related = items.neighbours(rows, "section-scheme", thing)
    book = items.read(rows, thing, related, labels)
    codes = [_code(iri, book) for iri in related.get("code", [])]
    if not any(code.notation for code in codes):
        codes.sort(key=lambda code: code.link.label.value.casefold())
    if not codes:
        return []
    covered = terms("skos:inScheme", "skos:topConceptOf")
    return [
        Section(
            "codes", N_("Codes"), "sections/codes.html", {"codes": codes},
            covers=terms("skos:hasTopConcept"), covers_incoming=covered,
        )
    ]  # fmt: skip


def _code(iri: str, book: Book) -> Code:
    code = book.thing(iri)
    found = code.literal("skos:definition", book.labels.language)
    return Code(
        book.labels.link(iri), code.one("skos:notation"), literal(found, book.labels.language) if found else None
    )


def concept(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what a code means, where it stands in its list, a theme's indicators, and the first figures that use it.

    An indicator has charts of its own instead.
    """
    if thing.value.startswith(f"{iris.ID}indicator/"):
        return []
    related = items.neighbours(rows, "section-concept", thing)
    book = items.read(rows, thing, related, labels)
    titles = (("scheme", N_("Code list")), ("previous", N_("Previous step")), ("next", N_("Next step")))
    pairs = [(title, items.all_of(related[name], book)) for name, title in titles if name in related]
    found = [
        Section(
            "meaning", N_("What it means"), "sections/meaning.html",
            {"meaning": items.text(book.thing(thing.value), "skos:definition", book), "pairs": pairs},
            covers=terms("skos:definition", "skos:inScheme", "xkos:next", "xkos:previous"),
            covers_incoming=terms("xkos:next", "xkos:previous", "skos:member", "skos:hasTopConcept"),
        )
    ]  # fmt: skip
    if "indicator" in related:
        indicators = sorted(items.all_of(related["indicator"], book), key=lambda one: one.label.value.casefold())
        found.append(Section("indicators", N_("Indicators"), "sections/links.html", {"links": indicators}))
    used = [*related.get("figure", []), *related.get("derived", [])]
    if used:
        segment = thing.value.removeprefix(iris.ID).partition("/")[0]
        context = {
            "figures": [items.figure(iri, book) for iri in used[:_SHOWN]],
            "findings": links.listing("finding", labels.carried, **{segment: iris.slug_of(thing.value)})
            if segment in _FACETS
            else None,
            "is_cut": len(used) > _SHOWN,
        }
        found.append(Section("figures", N_("Figures that use it"), "sections/figures.html", context))
    return found
