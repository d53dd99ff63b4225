"""Deterministic files of a version: the same graph gives the same bytes, whoever writes them and when.

Triples are sorted before they are written, things grouped by what they are: vocabulary first, then codes, then data.
A dump carries no time and no checksum of itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import IO, Final

import pyoxigraph as ox

from kg import iris, jsonld, terms

FORMATS: Final[Mapping[str, ox.RdfFormat]] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}

_SECTIONS: Final = (
    ("Vocabulary", re.compile(re.escape(iris.DEF) + ".*")),
    ("Shapes", re.compile(re.escape(iris.BASE) + r"(shapes/|\.well-known/genid/).*")),
    ("Code lists", re.compile(re.escape(iris.ID) + f"(scheme|collection|{'|'.join(terms.CODE_LISTS)})/.*")),
    ("The cube and its rules", re.compile(re.escape(iris.ID) + "(dataset|component|rule|agent)/.*")),
    (
        "Survey, sources and partners",
        re.compile(re.escape(iris.ID) + "(survey|edition|report|source|capture|partnership)/.*"),
    ),
    (
        "Organisations and people",
        re.compile(re.escape(iris.ID) + "(organisation|identifier|event|person|membership)/.*"),
    ),
    (
        "Policies and solutions",
        re.compile(re.escape(iris.ID) + "(policy|reform|funding|solution|dated-assertion)/.*"),
    ),
    ("Findings", re.compile(re.escape(iris.ID) + "(finding|discrepancy)/.*")),
    ("Observations", re.compile(re.escape(iris.ID) + "observation/.*")),
    ("Derived observations", re.compile(re.escape(iris.ID) + "(derived|derivation)/.*")),
    ("Claims", re.compile(re.escape(iris.ID) + "claim/.*")),
    ("Evidence", re.compile(re.escape(iris.ID) + "annotation/.*")),
)


def write(store: ox.Store, name: str, output: IO[bytes]) -> None:
    """Write the whole graph in one of `FORMATS`; only N-Quads, TriG and JSON-LD tell the named graphs apart.

    Raises: KeyError for an unknown format.
    """
    dump_format = FORMATS[name]
    if name == "turtle":
        write_turtle((quad.triple for quad in store), output)
    elif dump_format.supports_datasets:
        quads = sorted(store, key=lambda quad: (str(quad.graph_name), *_order(quad.triple)))
        if name == "jsonld":
            jsonld.write(quads, output)
        else:
            ox.serialize(quads, output, format=dump_format, prefixes=_used(store))
    else:
        triples = sorted({quad.triple for quad in store}, key=_order)
        ox.serialize(triples, output, format=dump_format, prefixes=_used(store))


def write_jsonld(triples: Iterable[ox.Triple], output: IO[bytes]) -> None:
    """Write triples as JSON-LD, in no named graph."""
    jsonld.write([ox.Quad(*triple) for triple in sorted(set(triples), key=_order)], output)


def write_turtle(triples: Iterable[ox.Triple], output: IO[bytes]) -> None:
    """Write triples as Turtle: only the prefixes in use, a heading for each group, a blank line between subjects."""
    ordered = sorted(set(triples), key=lambda triple: (_section(triple), *_order(triple)))
    used = _used(ordered)
    shortener = _Shortener(used)
    output.write("".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in used.items()).encode())
    for section, members in groupby(ordered, key=_section):
        title = _SECTIONS[section][0] if section < len(_SECTIONS) else "Terms of others"
        output.write(f"\n# {title}\n".encode())
        for subject, statements in groupby(members, key=lambda triple: triple.subject):
            output.write(f"\n{shortener(subject)} {_predicates(list(statements), shortener)} .\n".encode())


def _predicates(statements: list[ox.Triple], shortener: "_Shortener") -> str:
    parts = []
    for predicate, group in groupby(statements, key=lambda triple: triple.predicate):
        name = "a" if predicate.value == _LEADING[0] else shortener(predicate)
        objects = [shortener(triple.object) for triple in group]
        one_line = f"{name} {', '.join(objects)}"
        several = f"{name}\n        " + ",\n        ".join(objects)
        parts.append(one_line if len(objects) == 1 or len(one_line) <= 100 else several)
    return " ;\n    ".join(parts)


def _section(triple: ox.Triple) -> int:
    subject = str(triple.subject).strip("<>")
    return next((n for n, (_, pattern) in enumerate(_SECTIONS) if pattern.fullmatch(subject)), len(_SECTIONS))


_LEADING: Final = tuple(
    terms.PREFIXES[prefix] + name
    for prefix, name in (
        ("rdf", "type"),
        ("skos", "prefLabel"),
        ("rdfs", "label"),
        ("dct", "title"),
        ("skos", "altLabel"),
        ("foaf", "name"),
        ("skos", "definition"),
        ("dct", "description"),
    )
)
"""What a thing is and is called comes before all else that is said of it."""

_LANGUAGE_ORDER: Final = {"nb": 0, "nn": 1, "en": 2}


def _order(triple: ox.Triple) -> tuple[str, int, str, int, str]:
    """Sort by subject, names first, then predicate; texts by language in the project's order."""
    language = triple.object.language if isinstance(triple.object, ox.Literal) else None
    rank = _LANGUAGE_ORDER.get(language or "", 3)
    predicate = triple.predicate.value
    place = _LEADING.index(predicate) if predicate in _LEADING else len(_LEADING)
    return str(triple.subject), place, predicate, rank, str(triple.object)


def _iris(items: Iterable[ox.Quad | ox.Triple]) -> Iterator[str]:
    for item in items:
        for term in (item.subject, item.predicate, item.object):
            if isinstance(term, ox.NamedNode):
                yield term.value
            elif isinstance(term, ox.Literal):
                yield term.datatype.value


def _used(items: Iterable[ox.Quad | ox.Triple]) -> dict[str, str]:
    """Return the prefixes that the IRIs of the items make use of, in the project's order."""
    namespaces = {re.sub(r"[^/#]*$", "", iri) for iri in _iris(items)}
    return {prefix: iri for prefix, iri in terms.PREFIXES.items() if iri in namespaces}


class _Shortener:
    """Writes terms for Turtle with the given prefixes."""

    _LOCAL: Final = re.compile(r"[\w](?:[\w.-]*[\w-])?", re.ASCII)
    _PLAIN: Final = {
        terms.PREFIXES["xsd"] + "integer": re.compile(r"[+-]?[0-9]+"),
        terms.PREFIXES["xsd"] + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
        terms.PREFIXES["xsd"] + "boolean": re.compile(r"true|false"),
    }

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._by_namespace = {iri: prefix for prefix, iri in prefixes.items()}

    def __call__(self, term: object) -> str:
        if isinstance(term, ox.NamedNode):
            return self._iri(term)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        return str(term)

    def _iri(self, term: ox.NamedNode) -> str:
        namespace = re.sub(r"[^/#]*$", "", term.value)
        local = term.value[len(namespace) :]
        prefix = self._by_namespace.get(namespace)
        return f"{prefix}:{local}" if prefix and (not local or self._LOCAL.fullmatch(local)) else str(term)

    def _literal(self, term: ox.Literal) -> str:
        datatype = term.datatype.value
        if (plain := self._PLAIN.get(datatype)) and plain.fullmatch(term.value):
            return term.value
        if "\n" in term.value:
            return _long(term)
        if term.language or datatype == terms.PREFIXES["xsd"] + "string":
            return str(term)
        return f"{ox.Literal(term.value)}^^{self(term.datatype)}"


def _long(term: ox.Literal) -> str:
    """Write a text of several lines between triple quotes, as it is read."""
    text = term.value.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\r", "\\r")
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    tag = f"@{term.language}" if term.language else ""
    return f'"""{text}"""{tag}'
