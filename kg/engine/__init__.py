"""The query engine: one protocol, several ways to evaluate.

`embedded` evaluates in this process (command line, build); `workers` evaluates in processes that can be
killed (server). Both give whole answers: an `Answer` is complete before anyone reads it, and every limit is
an error of `kg.errors`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Protocol, Self

from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, RdfFormat, Triple
from pyoxigraph import Literal as RdfLiteral

from kg.engine.counting import row_counter

Term = NamedNode | BlankNode | RdfLiteral | Triple
Row = dict[str, Term]
Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
_PART = 256 * 1024


@dataclass(frozen=True, slots=True)
class Formats:
    """The caller's choice for each kind of answer; None means that nothing acceptable can carry it.

    The form of a query is known only once the engine has parsed it, so the caller chooses for all three
    beforehand.
    """

    bindings: QueryResultsFormat | None = QueryResultsFormat.JSON
    boolean: QueryResultsFormat | None = QueryResultsFormat.JSON
    graph: RdfFormat | None = RdfFormat.TURTLE


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the dataset it is asked of.

    With neither default nor named graphs, the dataset is what FROM and FROM NAMED say, else the whole store,
    whose default graph is the union of all its graphs. With either, it is exactly those graphs, whatever the
    text says.
    Source: https://www.w3.org/TR/sparql11-protocol/#dataset

    Whoever knows the key, which nobody can guess, may cancel the query while it runs.
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    formats: Formats = field(default_factory=Formats)
    bindings: Mapping[str, Term] = field(default_factory=dict)
    base_iri: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use; None means no limit.

    Units: seconds, bytes of answer, rows (solutions or triples), bytes of memory beyond the opened store.
    """

    timeout: float | None = 30.0
    result_bytes: int | None = 256 * 2**20
    rows: int | None = 1_000_000
    memory: int | None = 512 * 2**20


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """Where the search index of a version is, or would be, and how it is made; the function `pg:score` asks it."""

    folder: Path
    make: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer: a binary file at position 0 and what is known of it. Closing it frees its file."""

    form: Form
    media_type: str
    body: IO[bytes]
    length: int
    triples: int | None = None

    @property
    def rows(self) -> int | None:
        """Count solutions or triples, before the body is read; None for a yes or no.

        The rows of a SELECT are counted here, since hardly anyone asks.
        """
        if self.form != "SELECT":
            return self.triples
        form = QueryResultsFormat.from_media_type(self.media_type)
        assert form is not None  # noqa: S101 - pyoxigraph gave the media type
        counter = row_counter(form)
        while part := self.body.read(_PART):
            counter.feed(part)
        self.body.seek(0)
        return counter.rows

    def read(self) -> bytes:
        """Return the whole body and close it."""
        with self:
            return self.body.read()

    def close(self) -> None:
        """Free the body, which may be a file on disk."""
        self.body.close()

    def __enter__(self) -> Self:
        """Give the answer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the body."""
        self.close()


class Engine(Protocol):
    """Something that answers SPARQL queries about one version of the graph."""

    def query(
        self,
        query: Query,
        *,
        timeout: float | None = None,
        result_bytes: int | None = None,
        rows: int | None = None,
    ) -> Answer:
        """Answer a query; the limits given here replace the engine's own where they are not None.

        Raises: the errors of `kg.errors` below QueryError, LimitExceeded and EngineUnavailable.
        """
        ...

    def rows(self, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        """Answer a SELECT query with one dict per solution; unbound variables are left out.

        Raises: what `query` raises; NotAcceptable where the query is no SELECT.
        """
        ...

    def close(self) -> None:
        """Free what the engine holds; it answers no more queries."""
        ...
