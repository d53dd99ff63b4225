"""What is in a version, for programs that decide whether it is worth asking: VoID.

Source: https://www.w3.org/TR/void/
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kg import iris as minted
from kg.statements import Statements, Term, Texts, full, iris, plain, texts, typed
from kg.statistics import Links, Statistics
from kg.terms import PREFIXES, shorten

DOCUMENT: Final = minted.BASE + ".well-known/void"
"""The address every VoID description is looked for at: https://www.w3.org/TR/void/#well-known."""
_TITLE: Final[Texts] = {
    "nb": "Hva Praksisgrafen inneholder, i tall",
    "nn": "Kva Praksisgrafen inneheld, i tal",
    "en": "What Praksisgrafen holds, in numbers",
}
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_FORMATS: Final = {
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/n-quads": "N-Quads",
    "application/trig": "TriG",
    "application/ld+json": "JSON-LD",
    "application/rdf+xml": "RDF_XML",
}
"""The names that https://www.w3.org/ns/formats/ has for media types of dumps."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where a version can be had: addresses of the endpoint, the search and the dumps, and the dumps' media types."""

    endpoint: str
    search: str
    dumps: Sequence[str]
    media_types: Iterable[str]


def describe(document: Statements, dataset: str, found: Statistics, said: dict[str, list[Term]]) -> None:
    """Describe a data set with its numbers, and what else is to be said of it."""
    document.describe(dataset, "void:Dataset", {**said, **_about(found, dataset)})
    partition(document, dataset, found)
    for links in found.links:
        _linkset(document, dataset, links)


def introduce(document: Statements, dataset: str) -> None:
    """Say that this document describes a data set."""
    said = {"dct:title": texts(_TITLE), "foaf:primaryTopic": iris(dataset)}
    document.describe(DOCUMENT, "void:DatasetDescription", said)


def access(found: Access, homepage: str) -> dict[str, list[Term]]:
    """Return what is said of how a data set is had."""
    return {
        "foaf:homepage": iris(homepage),
        "void:sparqlEndpoint": iris(found.endpoint),
        "void:openSearchDescription": iris(found.search),
        "void:dataDump": iris(*found.dumps),
        "void:feature": iris(*(f"formats:{_FORMATS[kind]}" for kind in found.media_types if kind in _FORMATS)),
    }


def totals(found: Statistics) -> dict[str, list[Term]]:
    """Return the numbers of the whole, but for that of its triples."""
    return {
        "void:entities": typed(found.entities, "integer"),
        "void:classes": typed(found.class_count, "integer"),
        "void:properties": typed(found.property_count, "integer"),
        "void:distinctSubjects": typed(found.subjects, "integer"),
        "void:distinctObjects": typed(found.objects, "integer"),
    }


def _about(found: Statistics, dataset: str) -> dict[str, list[Term]]:
    return {
        "void:uriSpace": plain(minted.ID),
        "void:exampleResource": full(*found.examples),
        "void:vocabulary": iris(*_vocabularies(found)),
        "void:triples": typed(found.triples, "integer"),
        **totals(found),
        "void:subset": full(*(_link_name(dataset, links) for links in found.links)),
    }


def partition(document: Statements, dataset: str, found: Statistics) -> None:
    """Say how many things of each class, and how many triples with each property, a data set has."""
    classes = {_name("class", dataset, one.iri): one for one in found.classes}
    properties = {_name("property", dataset, one.iri): one for one in found.properties}
    partitions = {"void:classPartition": full(*classes), "void:propertyPartition": full(*properties)}
    document.describe(dataset, "", partitions)
    for name, kind in classes.items():
        said = {"void:class": full(kind.iri), "void:entities": typed(kind.entities, "integer")}
        document.describe(name, "void:Dataset", said)
    for name, used in properties.items():
        numbers = {
            "void:property": full(used.iri),
            "void:triples": typed(used.triples, "integer"),
            "void:distinctSubjects": typed(used.subjects, "integer"),
            "void:distinctObjects": typed(used.objects, "integer"),
        }
        document.describe(name, "void:Dataset", numbers)


def _linkset(document: Statements, dataset: str, links: Links) -> None:
    target = f"{DOCUMENT}#at-{_slug(links.space)}"
    said = {
        "void:linkPredicate": full(links.property),
        "void:subjectsTarget": iris(dataset),
        "void:objectsTarget": iris(target),
        "void:triples": typed(links.triples, "integer"),
    }
    document.describe(_link_name(dataset, links), "void:Linkset", said)
    document.describe(target, "void:Dataset", {"void:uriSpace": plain(links.space)})


def _link_name(dataset: str, links: Links) -> str:
    return f"{_name('links', dataset, links.property)}-{_slug(links.space)}"


def _name(kind: str, dataset: str, term: str) -> str:
    """Mint the IRI of a part of a data set, after the term that it is about."""
    local = _slug(shorten(term))
    if "#" in dataset:
        return f"{dataset}-{kind}-{local}"
    whole = dataset.removeprefix(minted.BASE).strip("/").replace("/", "-")
    return f"{DOCUMENT}#{'-'.join(filter(None, (whole, kind, local)))}"


def _slug(text: str) -> str:
    """Return what can stand in an IRI for a text that is none or another: readable where it is short and plain."""
    short = text.replace("://", "-").replace(":", "-").rstrip("/")
    return short if _PLAIN.fullmatch(short) else hashlib.sha256(text.encode()).hexdigest()[:12]


def _vocabularies(found: Statistics) -> list[str]:
    """Return the vocabularies that classes and properties are from, of those the project has a prefix for."""
    terms = [*(one.iri for one in found.classes), *(one.iri for one in found.properties)]
    used = {re.sub(r"[^/#]*$", "", term) for term in terms}
    return [namespace for namespace in PREFIXES.values() if namespace in used]
