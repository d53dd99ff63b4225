"""What an edit is, what it expects, what it may use and what comes of it."""

from dataclasses import dataclass

from kg.documents import Document
from kg.versions import Version


@dataclass(frozen=True, slots=True)
class SparqlUpdate:
    """A SPARQL update request; the two lists are `using-graph-uri` and `using-named-graph-uri` of the protocol.

    Where neither the lists nor the text name a dataset, WHERE reads what queries read: the union of all graphs, outside
    GRAPH too. Unvalidated, it reads the plain default graph there.
    Source: https://www.w3.org/TR/sparql11-protocol/#update-operation
    """

    text: str
    base_iri: str | None = None
    using_graphs: tuple[str, ...] | None = None
    using_named_graphs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReplaceGraph:
    """Make a graph (None: the default graph) exactly what documents say; PUT of the Graph Store Protocol."""

    graph: str | None
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class MergeGraph:
    """Add what documents say to a graph (None: the default graph); POST of the Graph Store Protocol."""

    graph: str | None
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class DropGraph:
    """Remove a graph (None: empty the default graph); DELETE of the Graph Store Protocol."""

    graph: str | None


Edit = SparqlUpdate | ReplaceGraph | MergeGraph | DropGraph


def described(edit: Edit) -> str:
    """Return what an operator is told of an edit: the text of an update, else the request and the graph."""
    if isinstance(edit, SparqlUpdate):
        return edit.text
    verb = {ReplaceGraph: "PUT", MergeGraph: "POST", DropGraph: "DELETE"}[type(edit)]
    return f"{verb} {'the default graph' if edit.graph is None else f'<{edit.graph}>'}"


@dataclass(frozen=True, slots=True)
class Expect:
    """What a graph (None: the default graph) has to be for the edit to be made.

    The sets hold digests as in `Version.graphs`, without quotes; "*" stands for any graph that is there.
    Source: https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
    """

    graph: str | None
    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class EditLimits:
    """What one edit may use; None means no limit.

    Units: seconds; bytes of memory beyond the opened store; bytes of new files; bytes that stay free on the disk.
    """

    timeout: float | None = 30.0
    memory: int | None = 1024 * 2**20
    disk: int | None = 1024 * 2**20
    free_disk: int = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an edit: the version now in force, whether the edit made it, and what that changed.

    `created` tells whether the graph of a ReplaceGraph or MergeGraph was not there before; `added` and `removed` count
    the quads, those concluded by rules included.
    """

    version: Version
    changed: bool
    created: bool
    added: int
    removed: int
