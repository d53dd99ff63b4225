"""What the shapes refuse, as faults of the files: each told once, where the files speak of it.

Where the files have other faults, only part of what they say is known. What the shapes say of that part is told where
it is sure to hold of the whole.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import pyoxigraph as ox
from rdflib.namespace import SH

from kg import findings, iris, readings, shapes, terms
from kg.errors import Fault
from kg.files import Place, Reading
from kg.shapes import Result

LASTING: Final = frozenset(
    f"{name}ConstraintComponent"
    for name in (
        "Datatype NodeKind In Pattern LanguageIn UniqueLang MaxCount MinLength MaxLength MinInclusive MaxInclusive "
        "MinExclusive MaxExclusive LessThan LessThanOrEquals Disjoint Closed"
    ).split()
)
"""Constraints that further statements cannot make a value or a node conform to."""
_CALCULATED: Final = re.compile(r"\bAS\s+\?value\b", re.IGNORECASE)
_FROM_ORIGIN: Final = [
    ox.NamedNode(terms.PREFIXES[prefix] + name)
    for prefix, name in (
        ("pg", "observation"),
        ("oa", "hasTarget"),
        ("oa", "hasSelector"),
        ("prov", "wasGeneratedBy"),
        ("prov", "qualifiedAssociation"),
    )
]
_TO_ORIGIN: Final = [
    ox.NamedNode(terms.PREFIXES[prefix] + name)
    for prefix, name in (("prov", "wasDerivedFrom"), ("oa", "hasBody"), ("pg", "concerns"))
]
_SELECT, _SPARQL = ox.NamedNode(str(SH.select)), ox.NamedNode(str(SH.sparql))


def all_faults(store: ox.Store, reading: Reading) -> list[Fault]:
    """Validate a whole dataset, in which the rules have been applied."""
    return list(_told(shapes.validate(store), store, reading))


def lasting_faults(reading: Reading) -> list[Fault]:
    """Validate what could be read of the files; tell the faults that the rest of them cannot take away.

    These are values that no further statement can mend, and what the row of a table alone shows.
    """
    store = ox.Store()
    store.extend(reading.quads)
    every_shape = shapes.shapes_of(store)
    of_rows = {
        str(shape)
        for shape, predicates in readings.of_focus_alone(every_shape).items()
        if iris.ID not in reading.hidden and not predicates & findings.LINKS
    }
    _leave_out_queries(store, {str(shape) for shape in readings.targeted(every_shape)} - of_rows)
    results = [
        result
        for result in shapes.validate(store)
        if result.focus in reading.places
        and (result.component in LASTING or (result.shape in of_rows and _is_whole_row(result.focus, reading)))
    ]
    return list(_told(results, store, reading))


def _leave_out_queries(store: ox.Store, of_shapes: Collection[str]) -> None:
    """Take the SPARQL constraints of some shapes away: nobody wants to know their results, and they take longest."""
    for quad in list(store.quads_for_pattern(None, _SPARQL, None)):
        if str(quad.subject).strip("<>") in of_shapes:
            store.remove(quad)


def _told(results: Iterable[Result], store: ox.Store, reading: Reading) -> Iterator[Fault]:
    """Give the faults; what a thing that the rules concluded has in common with its origin is told of that alone."""
    known = list(results)
    seen = {key for result in known for key in _keys(result, result.focus)}
    for result in known:
        origins = [] if result.focus in reading.places else sorted(_origins(result.focus, store, reading))
        if any(key in seen for origin in origins for key in _keys(result, origin)):
            continue
        place = reading.places.get(origins[0] if origins else result.focus)
        if place is None:
            yield Fault("(concluded by the rules)", None, None, _words(result, store))
        else:
            yield Fault(place.file, place.line, _cell(result, place, reading), _words(result, store))


def _keys(result: Result, focus: str) -> Iterator[tuple[str, str, str]]:
    """Give what makes two results tell of the same fault: the shape, or the constraint and the value."""
    yield focus, result.shape, ""
    if result.value not in ("", result.focus):
        yield focus, result.component, result.value


def _origins(focus: str, store: ox.Store, reading: Reading, depth: int = 4) -> set[str]:
    """Find the things in the files that a concluded one rests on, such as the findings of an observation."""
    node = ox.NamedNode(focus)
    before = (q.subject for link in _FROM_ORIGIN for q in store.quads_for_pattern(None, link, node))
    after = (q.object for link in _TO_ORIGIN for q in store.quads_for_pattern(node, link, None))
    found = {term.value for term in (*before, *after) if isinstance(term, ox.NamedNode)}
    known = found & reading.places.keys()
    if known or depth == 0:
        return known
    return set[str]().union(*(_origins(other, store, reading, depth - 1) for other in found))


def _words(result: Result, store: ox.Store) -> str:
    """Write a result on one line, the value as what it is: one that stands in the data or one that was calculated."""
    path = f" {terms.shorten(result.path)}" if result.path.startswith("http") else ""
    value = ""
    if result.other_value:
        said = "calculated" if _is_calculated(result, store) else "value"
        value = f" ({said}: {terms.shorten(result.other_value)})"
    return f"{terms.shorten(result.focus)}{path}: {result.message()}{value} [{terms.shorten(result.shape)}]"


def _is_calculated(result: Result, store: ox.Store) -> bool:
    if not result.shape.startswith("http") or result.component != "SPARQLConstraintComponent":
        return False
    constraints = (quad.object for quad in store.quads_for_pattern(ox.NamedNode(result.shape), _SPARQL, None))
    texts = (
        quad.object
        for node in constraints
        if isinstance(node, ox.NamedNode | ox.BlankNode)
        for quad in store.quads_for_pattern(node, _SELECT, None)
    )
    return any(isinstance(text, ox.Literal) and _CALCULATED.search(text.value) for text in texts)


def _is_row(place: Place) -> bool:
    return place.file.endswith(".csv")


def _is_whole_row(focus: str, reading: Reading) -> bool:
    """Tell whether a row is all that the files say of a thing, and could be read."""
    return _is_row(reading.places[focus]) and iris.slug_of(focus) not in reading.lost


def _cell(result: Result, place: Place, reading: Reading) -> int | None:
    """Return the number of the cell a result is about, where it is about one cell of a row."""
    if not _is_row(place) or not result.path.startswith("http"):
        return None
    said = (
        quad.object.language
        for quad in reading.quads
        if isinstance(quad.object, ox.Literal)
        and quad.object.value == result.value
        and (str(quad.subject), quad.predicate.value) == (f"<{result.focus}>", result.path)
    )
    return findings.cell(result.path, next(said, None))
