"""Writes small RDF documents about the data: what is said of each thing, in the order it is said."""

import io
from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from kg.terms import PREFIXES

Term = ox.NamedNode | ox.Literal
Texts = Mapping[str, str]
"""One text in each language."""
NAMESPACES: Final = {
    **{
        name: PREFIXES[name]
        for name in "rdf rdfs owl xsd skos dct dcat void prov foaf org adms qb schema graph".split()
    },
    "dcatap": "http://data.europa.eu/r5r/",
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
"""The prefixes of these documents; several are of no use in the graph itself."""


class Statements:
    """The statements of a document, collected one thing after the other."""

    def __init__(self) -> None:
        self.triples: list[ox.Triple] = []

    def describe(self, subject: str, types: str, said: Mapping[str, Iterable[Term]]) -> None:
        """Say of a thing what it is (classes with prefixes, separated by spaces), and the values of its properties."""
        node = ox.NamedNode(subject)
        values: dict[str, Iterable[Term]] = {"rdf:type": iris(*types.split()), **said}
        self.triples += [
            ox.Triple(node, iri(name), value) for name, several in values.items() for value in dict.fromkeys(several)
        ]

    def written(self, form: ox.RdfFormat) -> bytes:
        """Return the document in a format of RDF; it has no blank nodes, so every format holds it."""
        names = {str(term).strip("<>") for triple in self.triples for term in (triple.predicate, triple.object)}
        used = {prefix: space for prefix, space in NAMESPACES.items() if any(name.startswith(space) for name in names)}
        with io.BytesIO() as output:
            ox.serialize(self.triples, output, format=form, prefixes=used)
            return output.getvalue()


def iri(name: str) -> ox.NamedNode:
    """Return an IRI, written in full or with one of our prefixes."""
    prefix, _, local = name.partition(":")
    return ox.NamedNode(NAMESPACES[prefix] + local if prefix in NAMESPACES else name)


def iris(*names: str) -> list[Term]:
    """Return several IRIs of our own choice, in full or with one of our prefixes; empty ones are left out."""
    return [iri(name) for name in names if name]


def full(*names: str) -> list[Term]:
    """Return several IRIs from the data, in full: what looks like one of our prefixes may be a scheme of theirs."""
    return [ox.NamedNode(name) for name in names]


def texts(said: Texts) -> list[Term]:
    """Return a text in each of its languages."""
    return [ox.Literal(text, language=language) for language, text in said.items()]


def plain(*said: str) -> list[Term]:
    """Return texts that are in no language; empty ones are left out."""
    return [ox.Literal(text) for text in said if text]


def typed(value: object, datatype: str) -> list[Term]:
    """Return a value of a datatype of XML Schema, nothing for None."""
    return [] if value is None else [ox.Literal(str(value), datatype=iri(f"xsd:{datatype}"))]
