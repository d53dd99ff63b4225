"""IRIs for blank nodes, and back: released files hold no blank nodes, SHACL needs them for paths and lists.

Source: https://www.w3.org/TR/rdf11-concepts/#section-skolemization
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final, TypeVar

import pyoxigraph as ox

from kg import iris

_Quads = Mapping[ox.BlankNode, list[ox.Quad]]
_LONGEST: Final = 10_000
"""What is longer is told by its hash, so that a list does not cost the square of its length. Units: characters."""
_Any = TypeVar("_Any", bound=ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple)


def skolemise(quads: list[ox.Quad], name: str) -> list[ox.Quad]:
    """Replace blank nodes by IRIs under `.well-known/genid/<name>/`.

    The IRI depends on the named node a blank node hangs from and on what it says, not on its place in the file, so that
    nothing else in the file changes it. However long a list is, no more is done than once for each of its nodes.

    Raises: ValueError when blank nodes point at each other in a circle.
    """
    outgoing: dict[ox.BlankNode, list[ox.Quad]] = defaultdict(list)
    parents: dict[ox.BlankNode, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, ox.BlankNode):
            outgoing[quad.subject].append(quad)
        if isinstance(quad.object, ox.BlankNode):
            parents[quad.object].append(quad)
    if not outgoing and not parents:
        return quads
    inner_first = _inner_first(outgoing, parents)
    content = _content(inner_first, outgoing)
    names: dict[object, ox.NamedNode] = {}
    for node in reversed(inner_first):
        hangs_from = sorted(f"{names.get(q.subject, q.subject)} {q.predicate}" for q in parents.get(node, []))
        digest = hashlib.sha256("\n".join([*hangs_from, content[node]]).encode()).hexdigest()[:20]
        names[node] = ox.NamedNode(f"{iris.GENID}{name}/{digest}")

    def named(node: _Any) -> _Any | ox.NamedNode:
        """Give a blank node its IRI; any other term stays as it is."""
        return names[node] if isinstance(node, ox.BlankNode) else node

    return [ox.Quad(named(q.subject), q.predicate, named(q.object), q.graph_name) for q in quads]


def _inner_first(outgoing: _Quads, parents: _Quads) -> list[ox.BlankNode]:
    """Put blank nodes in an order in which each comes after those it points at.

    Raises: ValueError where they point at each other in a circle.
    """
    inside = {
        node: [quad.object for quad in outgoing.get(node, []) if isinstance(quad.object, ox.BlankNode)]
        for node in {**outgoing, **parents}
    }
    try:
        return list(TopologicalSorter(inside).static_order())
    except CycleError:
        raise ValueError("blank nodes point at each other in a circle; give one of them an IRI") from None


def _content(inner_first: Iterable[ox.BlankNode], outgoing: _Quads) -> dict[object, str]:
    """Write what each node holds, and what the blank nodes in it hold, as a text that does not depend on order."""
    content: dict[object, str] = {}
    for node in inner_first:
        text = " ; ".join(
            sorted(
                f"{q.predicate} {'[' + content[q.object] + ']' if isinstance(q.object, ox.BlankNode) else q.object}"
                for q in outgoing.get(node, [])
            )
        )
        content[node] = text if len(text) <= _LONGEST else hashlib.sha256(text.encode()).hexdigest()
    return content


def blank_again(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    """Give the triples of the quads with every skolem IRI turned into a blank node."""

    def blank(node: _Any) -> _Any | ox.BlankNode:
        """Turn a skolem IRI into a blank node; any other term stays as it is."""
        if isinstance(node, ox.NamedNode) and node.value.startswith(iris.GENID):
            return ox.BlankNode("b" + node.value[len(iris.GENID) :].replace("/", "").replace("-", ""))
        return node

    for quad in quads:
        yield ox.Triple(blank(quad.subject), quad.predicate, blank(quad.object))
