"""From changed triples to the focus nodes whose validation they can change.

A reading is answered over the triples before and after together: whatever joined a focus node to a changed triple, then
or now, is in there, so no focus node is missed. One too many costs time only.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.patterns import Node, Pattern, Place
from kg.readings import FOCUS, Reading

Triple = tuple[Node, ox.NamedNode, Node]
_Bound = dict[ox.Variable, Node]


class BeforeAndAfter:
    """The triples of a dataset as it is, and those that were taken out of it."""

    def __init__(self, store: ox.Store, removed: Iterable[ox.Quad]) -> None:
        gone = ox.Store()
        gone.extend(removed)
        self._stores = (store, gone)

    def focus_nodes(self, reading: Reading, changed: Triple) -> Iterator[Node]:
        """Give the focus nodes that a reading joins to a changed triple, some more than once."""
        bound = _match(reading.read, changed, {})
        if bound is not None:
            yield from self._focus(bound, reading.way)

    def _focus(self, bound: _Bound, way: tuple[Pattern, ...]) -> Iterator[Node]:
        if not way:
            if FOCUS in bound:
                yield bound[FOCUS]
            return
        known = FOCUS in bound
        pattern, triples = self._fewest(bound, way)
        rest = tuple(other for other in way if other is not pattern)
        for triple in triples:
            extended = _match(pattern, triple, bound)
            if extended is None:
                continue
            for node in self._focus(extended, rest):
                yield node
                if known:  # one way is enough
                    return

    def _fewest(self, bound: _Bound, way: tuple[Pattern, ...]) -> tuple[Pattern, list[Triple]]:
        """Choose the pattern with the fewest matches: ask all in turn for one more until one has none left."""
        open_ones = [(pattern, self._matching(bound, pattern), list[Triple]()) for pattern in way]
        while True:
            for pattern, matches, taken in open_ones:
                if (triple := next(matches, None)) is None:
                    return pattern, taken
                taken.append(triple)

    def _matching(self, bound: _Bound, pattern: Pattern) -> Iterator[Triple]:
        s, p, o = (bound.get(place) if isinstance(place, ox.Variable) else place for place in pattern)
        if isinstance(s, ox.Literal) or not isinstance(p, ox.NamedNode | None):
            return
        for store in self._stores:
            for quad in store.quads_for_pattern(s, p, o, None):
                yield quad.subject, quad.predicate, quad.object


def _match(pattern: Pattern, triple: Triple, bound: _Bound) -> _Bound | None:
    """Bind the variables of a pattern to the terms of a triple, or return None where they do not agree."""
    extended = dict(bound)
    for place, term in zip(pattern, triple, strict=True):
        if place is not None and not _agrees(place, term, extended):
            return None
    return extended


def _agrees(place: Place, term: Node, bound: _Bound) -> bool:
    return bound.setdefault(place, term) == term if isinstance(place, ox.Variable) else place == term
