"""The content of a version as sorted lines of N-Triples, and the digests over them.

A graph's digest is the SHA-256 of its sorted lines in the form the store keeps; the content hash is that of all graphs'
digests and names.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

DEFAULT_GRAPH: Final = ""
"""Stands for the default graph among the names of graphs; only a store for conformance suites has anything in it."""

EMPTY_GRAPH: Final = hashlib.sha256().hexdigest()
"""The digest of a graph without triples."""

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


@dataclass(frozen=True, slots=True)
class Content:
    """The digest of every graph, the number of quads, and how many were added and removed since the parent."""

    graphs: Mapping[str, str]
    quads: int
    added: int
    removed: int

    @property
    def hash(self) -> str:
        """Return the content hash."""
        return digest(f"{value} {graph}\n".encode() for graph, value in sorted(self.graphs.items()))


def digest(lines: Iterable[bytes]) -> str:
    """Return the SHA-256 of lines."""
    sha = hashlib.sha256()
    for line in lines:
        sha.update(line)
    return sha.hexdigest()


def key(name: GraphName) -> str:
    """Return the name of a graph as versions write it."""
    if isinstance(name, ox.DefaultGraph):
        return DEFAULT_GRAPH
    return name.value if isinstance(name, ox.NamedNode) else str(name)


def name(graph: str) -> GraphName:
    """Return the graph for a name as versions write it."""
    if graph == DEFAULT_GRAPH:
        return ox.DefaultGraph()
    return ox.BlankNode(graph[2:]) if graph.startswith("_:") else ox.NamedNode(graph)


def graphs(store: ox.Store) -> set[str]:
    """Return the names of all graphs of a store, the default graph only where it has triples."""
    found = {key(graph) for graph in store.named_graphs()}
    if next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None:
        found.add(DEFAULT_GRAPH)
    return found


def lines(store: ox.Store, graph: str) -> list[bytes]:
    """Return the triples of a graph as sorted lines of N-Triples, each with its line end."""
    dump = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=name(graph))
    # N-Triples escapes every line end inside a term, so a line feed ends a triple and nothing else.
    return sorted(line + b"\n" for line in (dump or b"").split(b"\n")[:-1])


def in_graph(triples: Iterable[bytes], graph: str) -> Iterator[bytes]:
    """Turn lines of N-Triples into lines of N-Quads."""
    suffix = b" .\n" if graph == DEFAULT_GRAPH else f" {name(graph)} .\n".encode()
    for line in triples:
        yield line.removesuffix(b" .\n") + suffix


def sorted_graphs(quads: Iterable[ox.Quad]) -> dict[str, list[bytes]]:
    """Group quads by graph, each as its sorted lines in the form the store keeps."""
    store = ox.Store()
    store.extend(quads)
    return {graph: lines(store, graph) for graph in sorted(graphs(store))}
