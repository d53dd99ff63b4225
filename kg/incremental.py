"""Rules and validation after an edit: of what the edit can have changed, and with the results of the full ones.

Rules are run again over a copy in memory, and what they conclude otherwise than before is written. Validation takes the
shapes whose readings match a changed triple, aims each at the focus nodes that the triple can matter to, and reads what
it needs of the dataset. Where that is not sure to be right, the whole dataset is validated.
"""

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import Graph
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from kg import patterns, readings, rules, shapes
from kg.focus import BeforeAndAfter

MOST_QUADS = 2_000
"""More changed quads than this are validated in full: it is as fast then."""

_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))
_Content = dict[str, set[ox.Quad]]


def conclude(store: ox.Store, added: set[ox.Quad], removed: set[ox.Quad]) -> None:
    """Bring the graphs of the rules into line with an edit that is already in the store.

    What the rules add and take back is put into `added` and `removed`, so that together they stay the whole difference.
    """
    before, after = _conclusions(store, added | removed)
    gained = {quad for graph, quads in after.items() for quad in quads - before[graph]}
    lost = {quad for graph, quads in after.items() for quad in before[graph] - quads}
    for quad in lost:
        store.remove(quad)
    store.extend(gained)
    added |= gained
    removed |= lost
    both = added & removed
    added -= both
    removed -= both


def _conclusions(store: ox.Store, changed: set[ox.Quad]) -> tuple[_Content, _Content]:
    """Return what the graphs that a change can matter to hold, and what they hold when their rules run again.

    A graph is filled anew whole. Graphs are added until no other rule reads what has changed.
    """
    every_rule = rules.rules_of(store)
    concluded = _concluded_graphs(store, changed)
    before: _Content = {}
    after: _Content = {}
    while not (stale := _stale(every_rule, concluded, changed, before, after)) <= after.keys():
        before |= {graph: _quads_in(store, graph) for graph in stale - before.keys()}
        again = _from_the_first(every_rule, stale, stale - after.keys())
        running = [rule for rule in every_rule if rule.target in again]
        copy = _copy_for(running, store, stale)
        for graph in stale - again:
            copy.extend(after[graph])
        rules.run(copy, running)
        after |= {graph: _quads_in(copy, graph) for graph in again}
    return before, after


def _concluded_graphs(store: ox.Store, changed: set[ox.Quad]) -> set[str]:
    """Return the graphs of the rules there are, and of those that an edit took away."""
    once = (quad.object for quad in changed if quad.predicate == rules.TARGET_GRAPH)
    return rules.targets(store) | {graph.value for graph in once if isinstance(graph, ox.NamedNode)}


def _copy_for(running: Iterable[rules.Rule], store: ox.Store, without: set[str]) -> ox.Store:
    """Copy what some rules may read, but for some graphs, into memory."""
    read: set[ox.NamedNode | None] = set()
    for rule in running:
        read |= {None} if rule.reads is None else {ox.NamedNode(predicate) for predicate in rule.reads}
    copy = ox.Store()
    for predicate in [None] if None in read else read:
        quads = store.quads_for_pattern(None, predicate, None, None)
        copy.extend(quad for quad in quads if _graph(quad) not in without)
    return copy


def _from_the_first(every_rule: list[rules.Rule], stale: set[str], fresh: set[str]) -> set[str]:
    """Return those stale graphs that are not complete before the first rule of the newly stale ones runs."""
    first = min((rule.order for rule in every_rule if rule.target in fresh), default=0)
    return fresh | {rule.target for rule in every_rule if rule.target in stale and rule.order >= first}


def _stale(
    every_rule: list[rules.Rule], concluded: set[str], changed: set[ox.Quad], before: _Content, after: _Content
) -> set[str]:
    """Return the graphs whose rules may read a change in what they see, those known already included."""
    if any(rules.is_of_rule(quad) for quad in changed):
        return concluded
    differing = changed.union(*(before[graph] ^ quads for graph, quads in after.items()))
    predicates = {quad.predicate.value for quad in differing}
    stale = {rule.target for rule in every_rule if rule.may_read(predicates) or _sees_half(rule, every_rule, after)}
    return stale | after.keys() | {_graph(quad) for quad in changed if _graph(quad) in concluded}


def _sees_half(rule: rules.Rule, every_rule: list[rules.Rule], after: Iterable[str]) -> bool:
    """Tell whether a rule runs between the rules that fill a stale graph, where it sees other than the end."""
    for graph in after:
        orders = [other.order for other in every_rule if other.target == graph]
        if orders and min(orders) <= rule.order <= max(orders):
            return True
    return False


def validate(store: ox.Store, added: set[ox.Quad], removed: set[ox.Quad]) -> list[shapes.Result]:
    """Validate what a change, conclusions of the rules included, can have broken in the dataset it led to.

    Where the dataset conformed before, the results are those of a full validation.

    Raises: ShapesFault when the shapes are not well formed.
    """
    changed = added | removed
    all_shapes = shapes.shapes_of(store)
    if _needs_all(changed) or not readings.are_plain(all_shapes):
        return shapes.validate(store)
    data = shapes.View(store)
    _aim(all_shapes, data, affected(all_shapes, store, added, removed))
    return shapes.validate_graphs(data, all_shapes)


def affected(
    all_shapes: Graph, store: ox.Store, added: Iterable[ox.Quad], removed: Iterable[ox.Quad]
) -> dict[Node, set[Node] | None]:
    """Return for each shape with targets the nodes that a change can matter to, None for all its targets."""
    known = readings.readings_of(all_shapes)
    union = BeforeAndAfter(store, removed)
    nodes: dict[Node, set[patterns.Node]] = defaultdict(set)
    for triple in {(quad.subject, quad.predicate, quad.object) for quad in (*added, *removed)}:
        for reading, readers in known.of(triple[1]):
            found = set(union.focus_nodes(reading, triple))
            for shape in readers if found else ():
                nodes[shape] |= found
    return {
        shape: None if shape in known.unknown else {shapes.to_rdflib(node) for node in nodes[shape]}
        for shape in readings.targeted(all_shapes)
    }


def _aim(all_shapes: Graph, data: Graph, focus: dict[Node, set[Node] | None]) -> None:
    """Replace the targets of shapes by those focus nodes that are among them."""
    for shape, nodes in focus.items():
        if nodes is None:
            continue
        aimed = [node for node in nodes if _is_target(node, shape, all_shapes, data)]
        for kind in readings.TARGETS:
            all_shapes.remove((shape, kind, None))
        for node in aimed:
            all_shapes.add((shape, SH.targetNode, node))


def _is_target(node: Node, shape: Node, all_shapes: Graph, data: Graph) -> bool:
    classes = set(all_shapes.objects(shape, SH.targetClass))
    return (
        (shape, SH.targetNode, node) in all_shapes
        or any(
            above in classes
            for kind in (data.objects(node, RDF.type) if classes else ())
            for above in data.transitive_objects(kind, RDFS.subClassOf)
        )
        or any((node, predicate, None) in data for predicate in all_shapes.objects(shape, SH.targetSubjectsOf))
        or any((None, predicate, node) in data for predicate in all_shapes.objects(shape, SH.targetObjectsOf))
    )


def _needs_all(changed: set[ox.Quad]) -> bool:
    """Tell whether a change is one of shapes or of the class tree, or too large to follow."""
    return len(changed) > MOST_QUADS or any(shapes.is_shape(quad) or quad.predicate == _SUBCLASS for quad in changed)


def _quads_in(store: ox.Store, graph: str) -> set[ox.Quad]:
    return set(store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))


def _graph(quad: ox.Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
