"""What there is in a version, counted: kept with it as an artefact, so that it is counted once.

Source: https://www.w3.org/TR/void/#statistics
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.artefacts import Artefacts
from kg.engine import Row
from kg.versions import Version

Rows = Callable[[str], Iterable[Row]]
"""Answers a SELECT query, within the limits that hold for every query."""
_NAME: Final = "statistics.json"
_QUERIES: Final = Path(__file__).parent / "queries"


@dataclass(frozen=True, slots=True)
class Class:
    """A class and how many things there are of it."""

    iri: str
    entities: int


@dataclass(frozen=True, slots=True)
class Property:
    """A property, how often it is used, and how many different subjects and objects it has."""

    iri: str
    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True, slots=True)
class Links:
    """How often a property links things here to things whose names begin with `space`."""

    property: str
    space: str
    triples: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a version; `entities` are things under names of our own, `examples` the IRIs of some.

    Of classes, properties and links, the thousand with most are told one by one.
    """

    triples: int
    entities: int
    subjects: int
    objects: int
    class_count: int
    property_count: int
    classes: tuple[Class, ...]
    properties: tuple[Property, ...]
    links: tuple[Links, ...]
    examples: tuple[str, ...]


def of_version(home: Path, version: Version, rows: Rows) -> Statistics:
    """Return the numbers of a version, which `rows` answers about; they are counted where nobody has counted yet.

    Raises: BeingMade, UnknownVersion, DiskLow; and what `rows` raises, such as QueryTimeout.
    """
    path = Artefacts(home, version).get(_NAME, lambda path: path.write_text(_written(count(rows)), encoding="utf-8"))
    return _read(path.read_text(encoding="utf-8"))


def count(rows: Rows) -> Statistics:
    """Count what there is.

    Raises: what `rows` raises.
    """
    (totals,), (things,), (kinds,) = (rows(_query(name)) for name in ("totals", "entities", "class-count"))
    return Statistics(
        triples=_number(totals, "triples"),
        entities=_number(things, "entities"),
        subjects=_number(totals, "subjects"),
        objects=_number(totals, "objects"),
        class_count=_number(kinds, "classes"),
        property_count=_number(totals, "properties"),
        classes=tuple(Class(_text(row, "class"), _number(row, "entities")) for row in rows(_query("classes"))),
        properties=tuple(
            Property(_text(row, "property"), *(_number(row, name) for name in ("triples", "subjects", "objects")))
            for row in rows(_query("properties"))
        ),
        links=tuple(
            Links(_text(row, "property"), _text(row, "space"), _number(row, "triples")) for row in rows(_query("links"))
        ),
        examples=tuple(_text(row, "example") for row in rows(_query("examples"))),
    )


@cache
def _query(name: str) -> str:
    return (_QUERIES / f"void-{name}.rq").read_text(encoding="utf-8")


def _text(row: Row, name: str) -> str:
    term = row[name]
    if not isinstance(term, ox.NamedNode | ox.Literal):
        raise TypeError(f"?{name} is no IRI and no literal")
    return term.value


def _number(row: Row, name: str) -> int:
    return int(_text(row, name))


def _written(found: Statistics) -> str:
    return json.dumps(asdict(found), ensure_ascii=False)


def _read(text: str) -> Statistics:
    found: dict[str, Any] = json.loads(text)
    parts = {"classes": Class, "properties": Property, "links": Links}
    told = {name: tuple(kind(**one) for one in found[name]) for name, kind in parts.items()}
    return Statistics(**{**found, **told, "examples": tuple(found["examples"])})
