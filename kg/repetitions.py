"""Statements that stand in more than one graph: the engine does not merge its union, so there they count once for each.

Source: docs/decisions/0012-each-statement-in-one-graph.md
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox


def repetitions(store: ox.Store, quads: Iterable[ox.Quad]) -> Iterator[tuple[ox.Quad, ox.Quad]]:
    """Give each of some quads of a store together with every quad that says the same in another graph."""
    for quad in quads:
        for other in store.quads_for_pattern(quad.subject, quad.predicate, quad.object):
            if other.graph_name != quad.graph_name:
                yield quad, other
