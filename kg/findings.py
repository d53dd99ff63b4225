"""Findings tables: rows of `data/findings/<source>.csv` to quads, and the graph to the tidy table.

Reading is pure: text in, quads and faults out. Columns are described in `data/findings/csv-metadata.json` (CSVW).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kg import iris, terms
from kg.errors import Fault
from kg.files import Folders, Place, Reading, graph_of, read_text
from kg.rows import read_rows

FINDINGS: Final = iris.ID + "finding/"
"""What the IRIs of findings begin with."""
LANGUAGES: Final = ("nb", "nn", "en")
TIDY_COLUMNS: Final = (
    "finding source start end expression edition period base_period indicator population comparison_population level "
    "scale kind bound value numerator denominator unit assumed_unit precision confidence status observation"
).split()

_PG, _SKOS = terms.PREFIXES["pg"], terms.PREFIXES["skos"]
_RDF_TYPE = terms.PREFIXES["rdf"] + "type"
_EXPRESSION: Final = _PG + "expression"
_XSD = terms.PREFIXES["xsd"]
_INTEGER, _DECIMAL = ox.NamedNode(_XSD + "integer"), ox.NamedNode(_XSD + "decimal")

_CODES: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "edition": (_PG + "edition", "edition", None),
    "period": (terms.PREFIXES["sdmx-dimension"] + "refPeriod", "period", None),
    "base_period": (_PG + "basePeriod", "period", "not-applicable"),
    "indicator": (_PG + "indicator", "indicator", None),
    "population": (_PG + "population", "population", None),
    "comparison_population": (_PG + "comparisonPopulation", "population", "not-applicable"),
    "level": (_PG + "level", "level", "not-applicable"),
    "scale": (_PG + "scale", "scale", None),
    "kind": (_PG + "kind", "kind", None),
    "bound": (_PG + "bound", "bound", None),
    "unit": (terms.PREFIXES["sdmx-attribute"] + "unitMeasure", "unit", None),
    "assumed_unit": (_PG + "assumedUnit", "unit", ""),
    "precision": (_PG + "precision", "precision", None),
    "confidence": (_PG + "confidence", "confidence", None),
    "status": (_PG + "assertionStatus", "status", None),
}
"""Column → property, segment of its values, and what an empty cell stands for (None: must be filled, "": nothing)."""

_RELATIONS: Final = {
    "restates": _PG + "restates",
    "same_claim_as": _PG + "sameClaimAs",
    "antecedent": _PG + "antecedent",
    "alternative_reading": _PG + "alternativeReading",
}
_NUMBERS: Final[Mapping[str, tuple[str, ox.NamedNode, str]]] = {
    "start": (_PG + "evidenceStart", _INTEGER, r"\d+"),
    "end": (_PG + "evidenceEnd", _INTEGER, r"\d+"),
    "value": (_PG + "value", _DECIMAL, r"-?\d+(\.\d+)?"),
    "numerator": (_PG + "numerator", _INTEGER, r"\d+"),
    "denominator": (_PG + "denominator", _INTEGER, r"[1-9]\d*"),
}
LINKS: Final = frozenset(
    (*_RELATIONS.values(), *(_PG + name for name in ("observation", "conflictsWith", "notComparableWith")))
)
"""What rules say of a finding too, and other rows with them: a row alone does not tell all of these."""
_TEXTS: Final = {"title": _SKOS + "prefLabel", "note": _SKOS + "editorialNote", "words": iris.DEF + "inSentence"}
_REQUIRED: Final = {
    "finding",
    "start",
    "end",
    "expression",
    "value",
    *(f"title_{lang}" for lang in LANGUAGES),
}

COLUMNS: Final = (
    "finding start end expression edition period base_period indicator population comparison_population level "
    "scale kind bound value numerator denominator unit assumed_unit precision confidence status restates "
    "same_claim_as antecedent alternative_reading title_nb title_nn title_en note_nb note_nn note_en "
    "words_nb words_nn words_en"
).split()


def read_table(path: Path, folders: Folders, reading: Reading) -> None:
    """Read one findings table into its named graph, after the files that describe what it points at.

    Faults name file, line and column; a row with a fault is left out, the others are read.
    """
    name, text = folders.name(path), read_text(path, folders, reading.faults)
    graph = graph_of(path, folders, reading.faults)
    if text is None or graph is None:
        reading.hidden.add(FINDINGS)
        return
    found = read_rows(text, name, COLUMNS)
    reading.faults.extend(found.faults)
    reading.lost |= found.misshapen
    if not found.whole or not all(iris.is_slug(name) for name in found.misshapen):
        reading.hidden.add(FINDINGS)
    if not found.rows and not found.faults:
        reading.faults.append(
            Fault(name, 1, None, "the table has no rows; write one for each figure, or remove the file")
        )
        reading.hidden.add(FINDINGS)
    slugs = {row["finding"] for _, row in found.rows} | reading.lost
    for place, row in found.rows:
        faults = list(_row_faults(place, row, reading.may_describe, slugs if found.whole else None))
        if FINDINGS + row["finding"] in reading.places:
            faults.append(_fault(place, "finding", f"the name “{row['finding']}” is taken already"))
        reading.faults.extend(faults)
        if faults:
            reading.lost.add(row["finding"])
            if not iris.is_slug(row["finding"]):
                reading.hidden.add(FINDINGS)
            continue
        for quad in row_quads(row, path.stem, graph):
            reading.add(quad, place)


def cell(predicate: str, language: str | None = None) -> int | None:
    """Return the number of the cell, counted from 1, that says this of a finding; None where none or several do."""
    return _CELLS.get((predicate, language))


def _cells() -> Iterator[tuple[tuple[str, str | None], int]]:
    single = {"expression": _EXPRESSION, **_RELATIONS}
    single |= {column: predicate for column, (predicate, _, _) in (*_CODES.items(), *_NUMBERS.items())}
    for column, predicate in single.items():
        yield (predicate, None), COLUMNS.index(column) + 1
    for (stem, predicate), language in product(_TEXTS.items(), LANGUAGES):
        yield (predicate, language), COLUMNS.index(f"{stem}_{language}") + 1


_CELLS: Final = dict(_cells())


def _fault(place: Place, column: str, message: str) -> Fault:
    return Fault(place.file, place.line, COLUMNS.index(column) + 1, f"{column}: {message}")


def _row_faults(
    place: Place, row: Mapping[str, str], known: Callable[[str], bool], slugs: set[str] | None
) -> Iterator[Fault]:
    for column in COLUMNS:
        cell = row[column]
        if cell != cell.strip():
            yield _fault(place, column, f"“{cell}” has a space before or after it")
        elif not cell:
            if column in _REQUIRED or (column in _CODES and _CODES[column][2] is None):
                yield _fault(place, column, "is empty, but must be filled")
        elif message := _cell_message(column, cell, known, slugs):
            yield _fault(place, column, message)


def _cell_message(column: str, cell: str, known: Callable[[str], bool], slugs: set[str] | None) -> str | None:
    if column == "finding" and not iris.is_slug(cell):
        return f"“{cell}” cannot name a finding: use a-z, 0-9 and single hyphens"
    if column in _NUMBERS and not re.fullmatch(_NUMBERS[column][2], cell, re.ASCII):
        hint = (
            "; write a plain number with a full stop, such as 33.3" if column == "value" else "; write a whole number"
        )
        return f"“{cell}” is not a number{hint}"
    if column in _CODES and not (iris.is_slug(cell) and known(iris.entity(_CODES[column][1], cell))):
        return f"“{cell}” is not in the list “{_CODES[column][1]}”"
    if column in _RELATIONS and slugs is not None and cell not in slugs:
        return f"“{cell}” is not a finding of this table"
    return None


def row_quads(row: Mapping[str, str], source: str, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    """Make the quads of one checked row of the table of a source."""
    subject = ox.NamedNode(iris.entity("finding", row["finding"]))
    for predicate, term in _statements(row, source):
        yield ox.Quad(subject, ox.NamedNode(predicate), term, graph)


def _statements(row: Mapping[str, str], source: str) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    for class_name in ("Finding", "NumericFinding"):
        yield _RDF_TYPE, ox.NamedNode(_PG + class_name)
    yield terms.PREFIXES["prov"] + "wasDerivedFrom", ox.NamedNode(iris.entity("source", source))
    yield _EXPRESSION, ox.Literal(row["expression"])
    for column, (predicate, segment, default) in _CODES.items():
        if slug := row[column] or default:
            yield predicate, ox.NamedNode(iris.entity(segment, slug))
    for column in (column for column in _NUMBERS if row[column]):
        predicate, datatype, _ = _NUMBERS[column]
        yield predicate, ox.Literal(row[column], datatype=datatype)
    for column in (column for column in _RELATIONS if row[column]):
        yield _RELATIONS[column], ox.NamedNode(iris.entity("finding", row[column]))
    for (stem, predicate), language in product(_TEXTS.items(), LANGUAGES):
        if text := row[f"{stem}_{language}"]:
            yield predicate, ox.Literal(text, language=language)


_TIDY_QUERY: Final = Path(__file__).parent / "queries" / "tidy-findings.rq"


def tidy_rows(store: ox.Store) -> list[dict[str, str]]:
    """Return the tidy table, one figure a row, in the order of the sources and their texts.

    Shape: the columns `TIDY_COLUMNS`; codes, finding and observation by the last part of their IRI; what does not apply
    is empty.
    """
    text = _TIDY_QUERY.read_text(encoding="utf-8")
    solutions = cast("ox.QuerySolutions", store.query(text, use_default_graph_as_union=True))
    return [{column: _tidy_cell(solution[column]) for column in TIDY_COLUMNS} for solution in solutions]


def _tidy_cell(term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        slug = iris.slug_of(term.value)
        return "" if slug == "not-applicable" else slug
    literal = cast("ox.Literal", term)
    return f"{Decimal(literal.value).normalize():f}" if literal.datatype == _DECIMAL else literal.value
