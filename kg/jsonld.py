"""JSON-LD with the names of the published context, one node a line.

The context is written into every document, so that nobody who reads one has to fetch anything. What it cannot say of a
value, such as a text without a language where texts have one, is said under the full IRI, where it says nothing.

Source: https://www.w3.org/TR/json-ld11/#compacted-document-form
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import IO, Any, Final

import pyoxigraph as ox

from kg import files

_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_LOCAL: Final = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


@cache
def published() -> bytes:
    """Return the document of the published context."""
    return (files.ontology_dir() / "context.jsonld").read_bytes()


@cache
def context() -> Mapping[str, Any]:
    """Return the published context."""
    found: Mapping[str, Any] = json.loads(published())["@context"]
    return found


def write(quads: Iterable[ox.Quad], output: IO[bytes]) -> None:
    """Write quads, sorted by graph and subject, as they come; those of the default graph stand in no graph."""
    held = list(quads)
    compact = Compact(_fitting(context(), held))
    output.write(f'{{"@context":{_json(compact.context)},"@graph":[\n'.encode())
    for place, (graph, members) in enumerate(groupby(held, key=lambda quad: quad.graph_name)):
        output.write(b",\n" if place else b"")
        nodes = compact.nodes(quad.triple for quad in members)
        if isinstance(graph, ox.DefaultGraph):
            _write_nodes(nodes, output)
        else:
            output.write(f'{{"@id":{_json(compact.iri(graph))},"@graph":[\n'.encode())
            _write_nodes(nodes, output)
            output.write(b"\n]}")
    output.write(b"\n]}\n")


def _write_nodes(nodes: Iterable[Mapping[str, Any]], output: IO[bytes]) -> None:
    for place, node in enumerate(nodes):
        output.write((",\n" if place else "").encode() + _json(node).encode())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _fitting(names: Mapping[str, Any], quads: Iterable[ox.Quad]) -> dict[str, Any]:
    """Leave out prefixes that IRIs of the data have for a scheme, and would be taken for."""
    schemes = {
        match[1]
        for quad in quads
        for term in (quad.graph_name, quad.subject, quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode) and (match := _SCHEME.match(term.value))
    }
    return {
        name: meaning
        for name, meaning in names.items()
        if name not in schemes
        and not (isinstance(meaning, dict) and {name.partition(":")[0], meaning["@id"].partition(":")[0]} & schemes)
    }


class Compact:
    """Writes nodes with the names of a context: prefixes, a vocabulary, and terms for predicates."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.context = names
        self._vocabulary: str = names["@vocab"]
        prefixes = ((name, iri) for name, iri in names.items() if name[0] != "@" and isinstance(iri, str))
        self._prefixes = sorted(prefixes, key=lambda pair: -len(pair[1]))

    def nodes(self, triples: Iterable[ox.Triple]) -> Iterator[Mapping[str, Any]]:
        """Return a node object for each subject of sorted triples."""
        for subject, said in groupby(triples, key=lambda triple: triple.subject):
            node: dict[str, Any] = {"@id": self.iri(subject)}
            for triple in said:
                self._add(node, triple.predicate.value, triple.object)
            yield {key: _single(value) for key, value in node.items()}

    def iri(self, term: object) -> str:
        """Return an IRI with its prefix where one fits; a blank node by its label."""
        if not isinstance(term, ox.NamedNode):
            return str(term)
        for prefix, namespace in self._prefixes:
            if term.value.startswith(namespace):
                local = term.value[len(namespace) :]
                return term.value if local.startswith("//") else f"{prefix}:{local}"
        return term.value

    def _name(self, iri: str) -> str:
        """Return an IRI as a term: without a prefix where it is of our vocabulary."""
        local = iri.removeprefix(self._vocabulary)
        if local != iri and _LOCAL.fullmatch(local) and not isinstance(self.context.get(local), str):
            return local
        return self.iri(ox.NamedNode(iri))

    def _add(self, node: dict[str, Any], predicate: str, value: object) -> None:
        if predicate == _TYPE and not isinstance(value, ox.Literal):
            types = self._name(value.value) if isinstance(value, ox.NamedNode) else str(value)
            node.setdefault("@type", []).append(types)
            return
        key = self._name(predicate)
        meaning = self.context.get(key, {})
        if "@container" not in meaning:
            node.setdefault(key, []).append(self._value(value, meaning.get("@type")))
        elif isinstance(value, ox.Literal) and value.language and not _direction(value):
            node.setdefault(key, {}).setdefault(value.language, []).append(value.value)
        else:
            node.setdefault(predicate, []).append(self._value(value, None))

    def _value(self, value: object, kind: str | None) -> Any:
        if not isinstance(value, ox.Literal):
            return self.iri(value) if kind == "@id" else {"@id": self.iri(value)}
        if value.language:
            text = {"@value": value.value, "@language": value.language}
            return text | ({"@direction": direction} if (direction := _direction(value)) else {})
        datatype = self._name(value.datatype.value)
        if value.datatype.value == _STRING:
            return {"@value": value.value} if kind else value.value
        return value.value if datatype == kind else {"@value": value.value, "@type": datatype}


def _direction(literal: ox.Literal) -> str | None:
    found = literal.direction
    return found.value if found is not None else None


def _single(value: Any) -> Any:
    """Write a list of one as what is in it, in maps of languages too."""
    if isinstance(value, dict):
        return {key: _single(inner) for key, inner in value.items()}
    return value[0] if isinstance(value, list) and len(value) == 1 else value
