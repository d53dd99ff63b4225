"""The index is made of what has a name: its names, other names, texts and quotations, its kind and edition."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import tantivy

from kg import iris
from kg.search.fields import KINDS, LANGUAGES, STEMMED, WORDS, registered, schema
from kg.terms import PREFIXES

_PROPERTIES: Final = {
    "name": ("skos:prefLabel", "rdfs:label", "dct:title", "foaf:name"),
    "other": ("skos:altLabel", "dct:alternative", "dct:identifier", "skos:notation", "pg:nameAsWritten"),
    "quote": ("pg:expression",),
    "text": ("dct:description", "skos:definition", "rdfs:comment", "pg:roleTitle", "pg:assumption"),
}
_HEAP: Final = 15_000_000
"""Units: bytes; the least the library takes."""

_Fields = Mapping[str, Sequence[str]]


def write(store: ox.Store, folder: Path) -> None:
    """Make the index of all that has a name in a store, in an empty folder."""
    writer = registered(tantivy.Index(schema(), str(folder))).writer(_HEAP, 1)
    for iri, fields in sorted(_described(store).items()):
        writer.add_document(_document(iri, fields))
    writer.commit()
    writer.wait_merging_threads()


def _described(store: ox.Store) -> dict[str, dict[str, list[str]]]:
    """Return for each thing that people look for what stands in the fields of the index."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind in KINDS:
        for subject, literal in _literals(store, _PROPERTIES[kind]):
            tag = (literal.language or "").split("-")[0]
            for language in [tag] if tag in LANGUAGES else LANGUAGES:
                _add(found[subject][f"{kind}_{language}"], unicodedata.normalize("NFC", literal.value))
    for subject, identifier in _links(store, "rov:registration"):
        for number in store.quads_for_pattern(identifier, _term("skos:notation"), None):
            if isinstance(number.object, ox.Literal):
                _add(found[subject]["other_nb"], number.object.value)
    for subject, edition in _links(store, "pg:edition"):
        _add(found[subject]["edition"], iris.slug_of(edition.value))
    return {iri: fields for iri, fields in found.items() if _is_named(fields) and _segment(iri)}


def _add(values: list[str], value: str) -> None:
    if value not in values:
        values.append(value)


def _term(written: str) -> ox.NamedNode:
    prefix, _, local = written.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def _literals(store: ox.Store, properties: Iterable[str]) -> Iterator[tuple[str, ox.Literal]]:
    for written in properties:
        for quad in sorted(store.quads_for_pattern(None, _term(written), None), key=str):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                yield quad.subject.value, quad.object


def _links(store: ox.Store, written: str) -> Iterator[tuple[str, ox.NamedNode]]:
    for quad in sorted(store.quads_for_pattern(None, _term(written), None), key=str):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield quad.subject.value, quad.object


def _is_named(fields: _Fields) -> bool:
    return any(f"name_{language}" in fields for language in LANGUAGES)


def _segment(iri: str) -> str | None:
    """Return the part of an address that says what kind of thing it is; None for what nobody looks for."""
    if iri.startswith(iris.DEF):
        return "def"
    segment, _, slug = iri.removeprefix(iris.ID).partition("/")
    return segment if iri.startswith(iris.ID) and slug and segment not in iris.BEHIND_THE_SCENES else None


def _document(iri: str, fields: _Fields) -> tantivy.Document:
    own = [iris.slug_of(iri)] if _segment(iri) == "edition" else []
    named = [WORDS.analyze(text) for name in STEMMED if name[:5] in ("name_", "other") for text in fields.get(name, ())]
    single = {word for name in STEMMED for text in fields.get(name, ()) for word in WORDS.analyze(text)}
    held: dict[str, Sequence[str]] = {
        **fields,
        "iri": [iri],
        "class": [_segment(iri) or ""],
        "edition": fields.get("edition", own),
        "whole": sorted({" ".join(words) for words in named}),
        "name_word": sorted({word for words in named for word in words}),
        "word": sorted(single),
    }
    document = tantivy.Document()
    for name, values in held.items():
        for value in values:
            document.add_text(name, value)
    return document
