"""What the shapes read, and so which focus nodes a changed triple can matter to.

A shape's readings follow from the shape itself: its targets, paths, nested shapes and SPARQL queries say which triples
it looks at and how its focus node is joined to them. Nothing has to be declared beside a shape, and nothing can be
forgotten: a shape with anything in it that is not understood here counts as reading everything.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Node

from kg import patterns
from kg.patterns import Pattern, Place, Unreadable

FOCUS = ox.Variable("this")
_TYPE = ox.NamedNode(str(RDF.type))
TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
_LOCAL = {
    *TARGETS,
    *(SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.minExclusive, SH.minInclusive, SH.maxExclusive),
    *(SH.maxInclusive, SH.minLength, SH.maxLength, SH.pattern, SH.flags, SH.languageIn, SH.uniqueLang, SH.hasValue),
    *(SH["in"], SH.ignoredProperties, SH.qualifiedMinCount, SH.qualifiedMaxCount),
    *(SH.path, SH.name, SH.description, SH.message, SH.severity, SH.deactivated, SH.order, SH.group, SH.defaultValue),
}
"""Properties of a shape that look at the value itself, or at nothing."""
_PAIRS = {SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals}
_NESTED = {SH.node, SH.property, SH["not"], SH.qualifiedValueShape}
_NESTED_LISTS = {SH["and"], SH["or"], SH.xone}


class Reading(NamedTuple):
    """A triple pattern that a shape looks at, and the patterns that join it to the focus node."""

    read: Pattern
    way: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Readings:
    """Which shapes read what: readings by predicate (None is any), and the shapes that may read anything."""

    by_predicate: dict[Place, dict[Reading, set[Node]]] = field(default_factory=dict)
    unknown: set[Node] = field(default_factory=set)

    def of(self, predicate: ox.NamedNode) -> Iterator[tuple[Reading, set[Node]]]:
        """Give the readings that a triple with this predicate may match, with the shapes that have them."""
        for key in (predicate, None):
            yield from self.by_predicate.get(key, {}).items()


def readings_of(shapes: Graph) -> Readings:
    """Read all shapes of a graph that have targets."""
    found: dict[Place, dict[Reading, set[Node]]] = defaultdict(lambda: defaultdict(set))
    unknown = set()
    for shape in targeted(shapes):
        try:
            own = set(_Walk(shapes).all(shape))
        except Unreadable:
            unknown.add(shape)
            continue
        for reading in own:
            predicate = reading.read[1]
            found[None if isinstance(predicate, ox.Variable) else predicate][reading].add(shape)
    return Readings({key: dict(by_reading) for key, by_reading in found.items()}, unknown)


def of_focus_alone(shapes: Graph) -> dict[Node, set[str]]:
    """Return the shapes that look at nothing but what is said of the focus node, each with the predicates it reads."""
    found = {}
    for shape in targeted(shapes):
        try:
            own = [pattern for reading in _Walk(shapes).all(shape) for pattern in (reading.read, *reading.way)]
        except Unreadable:
            continue
        predicates = {pattern[1].value for pattern in own if isinstance(pattern[1], ox.NamedNode)}
        if all(pattern[0] == FOCUS and isinstance(pattern[1], ox.NamedNode) for pattern in own):
            found[shape] = predicates
    return found


def targeted(shapes: Graph) -> set[Node]:
    """Return the shapes that have targets of their own."""
    return set().union(*(shapes.subjects(kind, None) for kind in TARGETS))


def are_plain(shapes: Graph) -> bool:
    """Tell whether shapes have only the targets and constraints of SHACL Core and SPARQL constraints.

    Classes that are shapes, targets of other kinds and constraint components of the graph's own are all found in ways
    of their own, for which a full validation is the only sure way.
    """
    strange = (
        (None, SH.target, None),
        (None, RDF.type, SH.ConstraintComponent),
        (None, RDF.type, RDFS.Class),
        (None, RDF.type, OWL.Class),
        (None, RDFS.subClassOf, None),
    )
    return not any(pattern in shapes for pattern in strange)


class _Walk:
    """The walk through one shape and those nested in it.

    A variable on the way is named after its place, so that shapes that read alike have equal readings.
    """

    def __init__(self, shapes: Graph) -> None:
        self._shapes, self._open = shapes, set[Node]()

    def all(self, shape: Node) -> Iterator[Reading]:
        """Give what makes a node a target, and what the shape then reads."""
        if any(self._shapes.objects(shape, SH.targetClass)):
            yield Reading((FOCUS, _TYPE, None))
        for predicate in self._shapes.objects(shape, SH.targetSubjectsOf):
            yield Reading((FOCUS, _iri(predicate), None))
        for predicate in self._shapes.objects(shape, SH.targetObjectsOf):
            yield Reading((None, _iri(predicate), FOCUS))
        yield from self.constraints(shape, FOCUS, ())

    def constraints(self, shape: Node, at: ox.Variable, way: tuple[Pattern, ...]) -> Iterator[Reading]:
        """Give what a shape reads about the node `at`, which `way` joins to the focus node."""
        if shape in self._open:
            raise Unreadable("a shape inside itself")
        self._open.add(shape)
        ends = [(at, way)]
        if path := self._shapes.value(shape, SH.path):
            ends = []
            for end, steps in self._walk(path, at, way):
                yield from (Reading(step, steps[:place]) for place, step in enumerate(steps) if place >= len(way))
                ends.append((end, steps))
        for predicate, value in self._shapes.predicate_objects(shape):
            if predicate == SH.sparql:
                yield from self._query(value, at, way)
            elif predicate in _PAIRS:
                yield Reading((at, _iri(value), None), way)
            else:
                for end, steps in ends:
                    yield from self._of_value(predicate, value, end, steps)
        self._open.discard(shape)

    def _of_value(self, predicate: Node, value: Node, at: ox.Variable, way: tuple[Pattern, ...]) -> Iterator[Reading]:
        """Give what one property of a shape reads about a value node."""
        if predicate == SH["class"]:
            yield Reading((at, _TYPE, None), way)
        elif predicate == SH.closed:
            yield Reading((at, None, None), way)
        elif predicate in _NESTED:
            yield from self.constraints(value, at, way)
        elif predicate in _NESTED_LISTS:
            for member in self._shapes.items(value):
                yield from self.constraints(member, at, way)
        elif predicate not in _LOCAL and str(predicate).startswith(str(SH)):
            raise Unreadable(str(predicate))

    def _walk(
        self, path: Node, at: ox.Variable, way: tuple[Pattern, ...], *, back: bool = False
    ) -> Iterator[tuple[ox.Variable, tuple[Pattern, ...]]]:
        """Give the ends of a path that starts at a node, each with the patterns that lead there."""
        if isinstance(path, URIRef):
            end = ox.Variable(f"step{len(way)}")
            yield end, (*way, (end, _iri(path), at) if back else (at, _iri(path), end))
        elif inverse := self._shapes.value(path, SH.inversePath):
            yield from self._walk(inverse, at, way, back=not back)
        elif alternatives := self._shapes.value(path, SH.alternativePath):
            for alternative in self._shapes.items(alternatives):
                yield from self._walk(alternative, at, way, back=back)
        elif (path, RDF.first, None) in self._shapes:
            if back:
                raise Unreadable("the inverse of a sequence, which pySHACL and the specification walk differently")
            yield from self._sequence(list(self._shapes.items(path)), at, way)
        else:
            raise Unreadable("a path of any length")

    def _sequence(
        self, steps: list[Node], at: ox.Variable, way: tuple[Pattern, ...]
    ) -> Iterator[tuple[ox.Variable, tuple[Pattern, ...]]]:
        if not steps:
            yield at, way
            return
        for end, gone in self._walk(steps[0], at, way):
            yield from self._sequence(steps[1:], end, gone)

    def _query(self, constraint: Node, at: ox.Variable, way: tuple[Pattern, ...]) -> Iterator[Reading]:
        """Give what a SPARQL constraint reads, its own variables kept apart from those of the way."""

        def own(place: Place) -> Place:
            """Give a variable of the query a name that the way does not have; the focus node is where the way ends."""
            if not isinstance(place, ox.Variable):
                return place
            return at if place == FOCUS else ox.Variable(f"query_{place.value}")

        text = self._shapes.value(constraint, SH.select)
        if not isinstance(text, Literal):
            raise Unreadable("a constraint that is no SELECT query")
        for pattern, beside in patterns.where(str(text), self._prefixes(constraint)).in_context():
            s, p, o = (own(place) for place in pattern)
            joined = (*way, *((own(a), own(b), own(c)) for a, b, c in beside))
            if not any(FOCUS in one for one in ((s, p, o), *joined)):
                raise Unreadable("a pattern that nothing joins to the focus node")
            yield Reading((s, p, o), joined)

    def _prefixes(self, constraint: Node) -> dict[str, str]:
        return {
            str(self._shapes.value(declared, SH.prefix)): str(self._shapes.value(declared, SH.namespace))
            for ontology in self._shapes.objects(constraint, SH.prefixes)
            for declared in self._shapes.objects(ontology, SH.declare)
        }


def _iri(node: Node) -> ox.NamedNode:
    if isinstance(node, BNode | Literal):
        raise Unreadable(f"{node} where a property belongs")
    return ox.NamedNode(str(node))
