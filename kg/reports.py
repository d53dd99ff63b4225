"""Validation reports as RDF.

Source: https://www.w3.org/TR/shacl/#validation-report
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import terms

if TYPE_CHECKING:
    # Not at run time: the shapes bring pySHACL along, which takes most of a second.
    from kg.shapes import Result

_SH = terms.PREFIXES["sh"]
_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_PREFIXES = {prefix: terms.PREFIXES[prefix] for prefix in ("sh", "shape", "pg", "xsd")}


def serialise(results: Sequence["Result"], rdf_format: ox.RdfFormat = ox.RdfFormat.TURTLE) -> bytes:
    """Write results as a `sh:ValidationReport`; without any, it says that the graph conforms."""
    return ox.serialize(_report(results), format=rdf_format, prefixes=_PREFIXES) or b""


def _report(results: Sequence["Result"]) -> Iterator[ox.Triple]:
    report = ox.BlankNode("report")
    yield ox.Triple(report, _TYPE, _sh("ValidationReport"))
    yield ox.Triple(report, _sh("conforms"), ox.Literal(not results))
    for number, result in enumerate(results, 1):
        node = ox.BlankNode(f"result{number}")
        yield ox.Triple(report, _sh("result"), node)
        yield ox.Triple(node, _TYPE, _sh("ValidationResult"))
        yield from (ox.Triple(node, predicate, value) for predicate, value in _facts(result))


def _facts(result: "Result") -> Iterable[tuple[ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]]:
    yield _sh("resultSeverity"), _sh("Violation")
    yield _sh("focusNode"), _term(result.focus)
    if _is_iri(result.path):
        yield _sh("resultPath"), ox.NamedNode(result.path)
    if _is_iri(result.shape):
        yield _sh("sourceShape"), ox.NamedNode(result.shape)
    component = ox.NamedNode(result.component) if _is_iri(result.component) else _sh(result.component)
    yield _sh("sourceConstraintComponent"), component
    if result.value:
        yield _sh("value"), _term(result.value)
    for language, text in result.messages:
        yield _sh("resultMessage"), ox.Literal(text, language=language) if language else ox.Literal(text)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SH + name)


def _is_iri(text: str) -> bool:
    return text.startswith(("http://", "https://", "urn:"))


def _term(text: str) -> ox.NamedNode | ox.Literal:
    """Return the term for a text; results do not keep of which kind it was."""
    return ox.NamedNode(text) if _is_iri(text) and not any(mark in text for mark in ' <>"{}|^`\\') else ox.Literal(text)
