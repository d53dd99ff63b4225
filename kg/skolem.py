"""IRIs for blank nodes, and back: released files hold no blank nodes, SHACL needs them for paths and lists.

Source: https://www.w3.org/TR/rdf11-concepts/#section-skolemization
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

import pyoxigraph as ox

from kg import iris

_Any = TypeVar("_Any", bound=ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple)


def skolemise(quads: list[ox.Quad], name: str) -> list[ox.Quad]:
    """Replace blank nodes by IRIs under `.well-known/genid/<name>/`.

    The IRI depends on the named node a blank node hangs from and on what it says, not on its place in the file, so that
    nothing else in the file changes it.

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
    naming = _Naming(outgoing, parents, name)

    def named(node: _Any) -> _Any | ox.NamedNode:
        """Give a blank node its IRI; any other term stays as it is."""
        return naming.iri(node) if isinstance(node, ox.BlankNode) else node

    return [ox.Quad(named(q.subject), q.predicate, named(q.object), q.graph_name) for q in quads]


class _Naming:
    """Names for the blank nodes of one file, each computed once."""

    def __init__(
        self,
        outgoing: dict[ox.BlankNode, list[ox.Quad]],
        parents: dict[ox.BlankNode, list[ox.Quad]],
        name: str,
    ) -> None:
        self._outgoing, self._parents, self._name = outgoing, parents, name
        self._content: dict[ox.BlankNode, str | None] = {}
        self._iris: dict[ox.BlankNode, ox.NamedNode] = {}

    def iri(self, node: ox.BlankNode) -> ox.NamedNode:
        """Return the IRI of a node, made of what it hangs from and what it holds."""
        if node not in self._iris:
            hangs_from = sorted(
                f"{self.iri(q.subject) if isinstance(q.subject, ox.BlankNode) else q.subject} {q.predicate}"
                for q in self._parents.get(node, [])
            )
            digest = hashlib.sha256("\n".join([*hangs_from, self.content(node)]).encode()).hexdigest()[:20]
            self._iris[node] = ox.NamedNode(f"{iris.GENID}{self._name}/{digest}")
        return self._iris[node]

    def content(self, node: ox.BlankNode) -> str:
        """Write what a node holds, and what the blank nodes in it hold, as a text that does not depend on order.

        Raises: ValueError where blank nodes point at each other in a circle.
        """
        if node in self._content:
            if (known := self._content[node]) is None:
                raise ValueError("blank nodes point at each other in a circle; give one of them an IRI")
            return known
        self._content[node] = None
        lines = sorted(
            f"{q.predicate} {'[' + self.content(q.object) + ']' if isinstance(q.object, ox.BlankNode) else q.object}"
            for q in self._outgoing.get(node, [])
        )
        self._content[node] = text = " ; ".join(lines)
        return text


def blank_again(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    """Give the triples of the quads with every skolem IRI turned into a blank node."""

    def blank(node: _Any) -> _Any | ox.BlankNode:
        """Turn a skolem IRI into a blank node; any other term stays as it is."""
        if isinstance(node, ox.NamedNode) and node.value.startswith(iris.GENID):
            return ox.BlankNode("b" + node.value[len(iris.GENID) :].replace("/", "").replace("-", ""))
        return node

    for quad in quads:
        yield ox.Triple(blank(quad.subject), quad.predicate, blank(quad.object))
