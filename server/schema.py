"""What the editor proposes: prefixes, classes, properties, functions and named things of the version that is read.

The vocabulary, the shapes and the names in the graph say it all; a version and a language always give the same bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from pyoxigraph import Literal, NamedNode

from kg.engine import Row
from kg.terms import PREFIXES, shorten
from server import caching, queries, reader
from server import language as lang
from server.labels import Labels, Rows
from server.rows import value

blueprint = Blueprint("schema", __name__)

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_SAFE: Final = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


@dataclass(frozen=True)
class Term:
    """A class, a property or a function: as a query writes it, what it is called, what it means."""

    name: str
    label: str
    about: str


@dataclass(frozen=True)
class Property(Term):
    """A property, the classes of things that have it, and those of its values, each as a query writes it."""

    classes: tuple[str, ...]
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class Thing:
    """Something with a name, and its classes."""

    name: str
    label: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """All that is proposed."""

    prefixes: dict[str, str]
    classes: tuple[Term, ...]
    properties: tuple[Property, ...]
    functions: tuple[Term, ...]
    things: tuple[Thing, ...]


@blueprint.get("/sparql/schema.json")
def document() -> Response:
    """Give the schema; under the address that holds its own tag, for good."""
    tag = _tag()
    response = caching.not_modified(tag)
    if response is None:
        response = caching.stamp(jsonify(asdict(read(reader.snapshot().rows, reader.labels()))), tag)
    if request.args.get("tag") == tag:
        response.headers["Cache-Control"] = _FOR_EVER
    response.vary.add("Accept-Language")
    return response


def address() -> str:
    """Return the address of the schema in the reader's language and of the version they read, for good."""
    version, language = reader.snapshot().version, reader.language()
    return "/sparql/schema.json?" + urlencode({"version": version.number, "lang": language, "tag": _tag()})


def _tag() -> str:
    return caching.tag("schema", reader.language())


def read(rows: Rows, labels: Labels) -> Schema:
    """Read the schema of a version, with five queries."""
    roles, uses = rows(queries.bind("schema-terms")), rows(queries.bind("schema-uses"))
    members: dict[str, list[str]] = {}
    for row in rows(queries.bind("schema-things")):
        members.setdefault(value(row["thing"]), []).append(written(value(row["class"])))
    terms = [row["term"] for row in roles]
    labels.fetch(rows, [*terms, *(NamedNode(thing) for thing in members)])
    about = _definitions(rows, terms, labels.language)
    return Schema(
        prefixes=PREFIXES,
        classes=tuple(_term(iri, labels, about) for iri in _of_role(roles, "class")),
        properties=tuple(
            Property(
                **asdict(_term(iri, labels, about)),
                classes=_used(uses, iri, "class"),
                ranges=_used(uses, iri, "range"),
            )
            for iri in _of_role(roles, "property")
        ),
        functions=tuple(_term(iri, labels, about) for iri in _of_role(roles, "function")),
        things=tuple(Thing(written(iri), labels.text(iri).value, tuple(classes)) for iri, classes in members.items()),
    )


def written(iri: str) -> str:
    """Write an IRI as a query does: with its prefix where that needs no escapes."""
    short = shorten(iri)
    return short if _SAFE.fullmatch(short) else f"<{iri}>"


def _term(iri: str, labels: Labels, about: dict[str, str]) -> Term:
    label = labels.text(iri).value
    return Term(written(iri), "" if label == shorten(iri) else label, about.get(iri, ""))


def _of_role(roles: Iterable[Row], role: str) -> list[str]:
    return [value(row["term"]) for row in roles if value(row["role"]) == role]


def _used(uses: Iterable[Row], iri: str, name: str) -> tuple[str, ...]:
    found = (value(row.get(name)) for row in uses if value(row["property"]) == iri)
    return tuple(dict.fromkeys(written(other) for other in found if other))


def _definitions(rows: Rows, terms: Iterable[object], language: str) -> dict[str, str]:
    """Return what terms mean, in the best language there is."""
    found: dict[str, list[Literal]] = {}
    things = [term for term in terms if isinstance(term, NamedNode)]
    for row in rows(queries.bind("definitions", thing=things)):
        if isinstance(row["text"], Literal):
            found.setdefault(value(row["thing"]), []).append(row["text"])
    return {iri: min(texts, key=lambda text: lang.rank(text, language)).value for iri, texts in found.items()}
