"""What has to hold for an edit to be kept: terms, blank nodes, rules and shapes.

Imported only where edits are judged: the shapes bring rdflib and pySHACL along.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

import pyoxigraph as ox

from kg import incremental, iris, rules, shapes
from kg.edits.delta import Delta
from kg.edits.literals import refuse_unfit
from kg.errors import EditError, GraphNotWritable, InvalidEdit, SaidTwice, UnfitTerm
from kg.repetitions import repetitions
from kg.skolem import skolemise
from kg.versions.content import DEFAULT_GRAPH, key

_JUDGING: Final = frozenset(ox.NamedNode(iris.graph(name)) for name in ("cube", "ontology", "rules"))
"""The graphs that judge what is written, beside those of the shapes, or that shapes and rules take the classes from."""
_NAMED_AT_MOST: Final = 5
"""How many repeated statements a refusal names."""


def judge(old: ox.Store, store: ox.Store, delta: Delta, *, admin: bool = False) -> set[str]:
    """Judge what an edit changed, complete it with what the rules conclude, and return the graphs that may differ now.

    Only an `admin` changes what judges: without shapes and rules, anything would pass.

    Raises: GraphNotWritable, UnfitTerm, SaidTwice, InvalidEdit; EditError when rules or shapes are themselves spoilt.
    """
    concluded = rules.targets(old) | rules.targets(store)
    _refuse_graphs(delta.digests, concluded)
    written = _parsed(delta.added)
    for quad in written:
        refuse_unfit(quad)
    added, removed = _without_blank_nodes(old, store, written, _parsed(delta.removed))
    if not admin:
        _refuse_judges(added | removed)
    try:
        incremental.conclude(store, added, removed)
    except (RuntimeError, SyntaxError) as error:
        raise EditError("The rules cannot be applied after this edit: %(words)s", words=str(error)) from error
    _refuse_repetitions(store, added)
    if results := incremental.validate(store, added, removed):
        raise InvalidEdit(results)
    # `conclude` completed the two sets: together they are the whole difference now.
    return {key(quad.graph_name) for quad in added | removed} | delta.digests.keys()


def _parsed(lines: list[bytes]) -> list[ox.Quad]:
    return list(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))


def _refuse_graphs(changed: Iterable[str], concluded: set[str]) -> None:
    for graph in changed:
        if graph == DEFAULT_GRAPH or graph.startswith("_:"):
            raise GraphNotWritable("Only graphs with an IRI can be written.", "Name the graph to write to.")
        if graph in concluded:
            raise GraphNotWritable(
                "<%(graph)s> holds what the rules conclude, and nothing else.",
                "Change what the rules conclude from: the findings and claims themselves.",
                graph=graph,
            )


def _refuse_judges(changed: Iterable[ox.Quad]) -> None:
    """Refuse to change what edits are judged by; a rule is one in whichever graph it stands.

    Raises: GraphNotWritable.
    """
    for quad in changed:
        if quad.graph_name in _JUDGING or shapes.is_shape(quad) or rules.is_of_rule(quad):
            raise GraphNotWritable(
                "“%(triple)s” in %(graph)s is among what edits are judged by.",
                "Change shapes, rules and the vocabulary in the files, or with a token of the scopes write and admin.",
                triple=str(quad.triple),
                graph=str(quad.graph_name),
            )


def _refuse_repetitions(store: ox.Store, added: set[ox.Quad]) -> None:
    """Refuse what would stand in two graphs of the version, be it stated or concluded.

    Raises: SaidTwice.
    """
    found = list(islice(repetitions(store, added), _NAMED_AT_MOST))
    if found:
        told = sorted(f"“{quad.triple}”: {quad.graph_name}, {other.graph_name}" for quad, other in found)
        raise SaidTwice(
            "A statement in two graphs would count twice in the union of all graphs:\n%(statements)s",
            "Leave out what another graph says or the rules conclude, or delete it there in the same update.",
            statements="\n".join(told),
        )


def _without_blank_nodes(
    old: ox.Store, store: ox.Store, added: list[ox.Quad], removed: list[ox.Quad]
) -> tuple[set[ox.Quad], set[ox.Quad]]:
    """Give the blank nodes of added quads IRIs, in the store too; return what was added and removed then."""
    blank = [q for q in added if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)]
    if not blank:
        return set(added), set(removed)
    try:
        named = skolemise(blank, _naming(blank))
    except ValueError as error:
        raise UnfitTerm("The blank nodes cannot be given IRIs: %(words)s", words=str(error)) from error
    for quad in blank:
        store.remove(quad)
    store.extend(named)
    now = set(added) - set(blank) | set(named)
    return {quad for quad in now if quad not in old}, set(removed) - now


def _naming(quads: list[ox.Quad]) -> str:
    """Return the name the build gives the blank nodes of a graph: writing a file's content anew changes nothing."""
    names = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
    graph = names.pop() if len(names) == 1 else ""
    if not graph.startswith(iris.GRAPH):
        return "edit"
    name = graph.removeprefix(iris.GRAPH)
    return "praksis" if name == "ontology" else name.removeprefix("codes-").removeprefix("shapes-")
