"""A cell of the cube: what it says in words, who reports it, or how it was computed."""

from typing import Final

from pyoxigraph import NamedNode

from kg.terms import PREFIXES
from server import sentences
from server.figures import Book, Thing
from server.labels import Labels, Rows
from server.language import N_
from server.sections import items
from server.sections.section import Section, terms

_CONFLICT: Final = PREFIXES["pg"] + "Conflict"


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Say the figure, and show the findings or the computation behind it."""
    related = items.neighbours(rows, "section-observation", thing)
    book = items.read(rows, thing, related, labels)
    cell = book.thing(thing.value)
    words = {"sentence": sentences.sentence(cell, book), "notes": [], "is_derived": "rule" in related}
    found = [
        Section(
            "words", N_("The figure in words"), "sections/words.html", words,
            covers=terms("sdmx-measure:obsValue", "sdmx-attribute:unitMeasure"),
        )
    ]  # fmt: skip
    if "rule" in related:
        found.append(_derivation(cell, related, book))
    elif "finding" in related:
        reported = [items.figure(iri, book) for iri in related["finding"]]
        found.append(
            Section(
                "findings", N_("Who reports it"), "sections/figures.html", {"figures": reported},
                covers_incoming=terms("pg:observation"),
            )
        )  # fmt: skip
    found += _cautions(related, book)
    if "derived" in related:
        computed = [items.figure(iri, book) for iri in related["derived"]]
        found.append(
            Section(
                "derived", N_("Computed from this figure"), "sections/figures.html", {"figures": computed},
                covers_incoming=terms("prov:wasDerivedFrom", "prov:used"),
            )
        )  # fmt: skip
    return found


def _cautions(related: dict[str, list[str]], book: Book) -> list[Section]:
    """Say what the figure, or one it was computed from, conflicts or cannot be compared with."""
    own, behind = related.get("discrepancy", []), related.get("operand-discrepancy", [])
    if not own and not behind:
        return []
    differences = [items.difference(iri, book) for iri in dict.fromkeys([*own, *behind])]
    is_disputed = any(_CONFLICT in book.thing(iri).all("rdf:type") for iri in own)
    context = {"differences": differences, "is_disputed": is_disputed}
    return [Section("caution", N_("Compare with care"), "sections/differences.html", context)]


def _derivation(cell: Thing, related: dict[str, list[str]], book: Book) -> Section:
    rule = book.thing(related["rule"][0])
    return Section(
        "derivation", N_("How it was computed"), "sections/derivation.html",
        {
            "rule": book.labels.link(rule.iri),
            "explanation": items.text(rule, "dct:description", book),
            "assumption": items.text(cell, "pg:assumption", book),
            "operands": [items.figure(iri, book) for iri in related.get("operand", [])],
            "findings": [items.figure(iri, book) for iri in related.get("operand-finding", [])],
            "result": sentences.amount(cell, book),
        },
        covers=terms(
            "pg:rule", "pg:assumption", "prov:wasDerivedFrom", "prov:wasGeneratedBy", "pg:exactNumerator",
            "pg:exactDenominator",
        ),
    )  # fmt: skip
