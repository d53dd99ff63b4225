"""What an edit is, what it expects, what it may use and what comes of it."""

import copyreg
from dataclasses import dataclass

from pyoxigraph import RdfFormat

from kg.versions import Version


def _format(extension: str) -> RdfFormat:
    found = RdfFormat.from_extension(extension)
    if found is None:
        raise ValueError(f"no format of RDF has files named .{extension}")
    return found


# Edits travel to the process that makes them, and pyoxigraph's formats cannot be pickled by themselves.
copyreg.pickle(RdfFormat, lambda rdf_format: (_format, (rdf_format.file_extension,)))


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
    """Make a graph (None: the default graph) exactly what a document says; PUT of the Graph Store Protocol."""

    graph: str | None
    content: bytes
    format: RdfFormat
    base_iri: str | None = None


@dataclass(frozen=True, slots=True)
class MergeGraph:
    """Add what a document says to a graph (None: the default graph); POST of the Graph Store Protocol."""

    graph: str | None
    content: bytes
    format: RdfFormat
    base_iri: str | None = None


@dataclass(frozen=True, slots=True)
class DropGraph:
    """Remove a graph (None: empty the default graph); DELETE of the Graph Store Protocol."""

    graph: str | None


Edit = SparqlUpdate | ReplaceGraph | MergeGraph | DropGraph


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
