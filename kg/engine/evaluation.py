"""Evaluate one query over one opened store and write the answer, in whichever process holds the store."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from kg.characters import unfit_in_utf8
from kg.engine import Form, Limits, Query
from kg.engine.counting import RowCounter, row_counter
from kg.engine.lexer import form_keyword
from kg.engine.syntax import explain, refuse_service, uses
from kg.errors import EngineUnavailable, NotAcceptable, NotInXml, QueryError, QueryEvaluationError, ResultTooLarge
from kg.search.function import SCORE, Scoring

_PART = 256 * 1024
_UNCOUNTED = 4 * 2**20
"""How much of an answer is kept so that its rows need not be counted unless there may be too many. Units: bytes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a store is asked: the prefixes of RDF answers, whether the default graph is the union, the search index."""

    prefixes: Mapping[str, str]
    union: bool = True
    index: str | None = None
    """The folder that `pg:score` looks in; without one there is no such function."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of an answer once it is written; only that of a CONSTRUCT or DESCRIBE has triples."""

    form: Form
    media_type: str
    triples: int | None = None


class BoundedWriter:
    """A binary file that hands on what is written in parts of 256 KiB, and fails past a limit."""

    def __init__(self, emit: Callable[[bytes], object], limits: Limits) -> None:
        self._emit = emit
        self._limits = limits
        self._written: list[bytes] = []
        self._waiting = 0
        self._length = 0
        self._uncounted: list[bytes] = []
        self._end = b""
        self.counter: RowCounter | None = None
        self.is_xml = False

    def write(self, data: bytes) -> int:
        """Take bytes.

        Raises: ResultTooLarge.
        """
        self._length += len(data)
        if self._limits.result_bytes is not None and self._length > self._limits.result_bytes:
            raise ResultTooLarge(self._limits.result_bytes, "bytes")
        self._written.append(data)
        self._waiting += len(data)
        if self._waiting >= _PART:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand on what is waiting.

        Raises: ResultTooLarge; NotInXml.
        """
        if not self._waiting:
            return
        part = b"".join(self._written)
        self._written.clear()
        self._waiting = 0
        if self.is_xml:
            self._check_xml(part)
        if self.counter is not None and self._limits.rows is not None:
            self._count(part, self.counter, self._limits.rows)
        self._emit(part)

    def _check_xml(self, part: bytes) -> None:
        """Look for characters that XML cannot hold; one may begin at the end of the part before."""
        if character := unfit_in_utf8(self._end + part):
            raise NotInXml(character)
        self._end = part[-2:]

    def _count(self, part: bytes, counter: RowCounter, limit: int) -> None:
        """Count the rows of all parts so far, unless the answer is too short for too many."""
        self._uncounted.append(part)
        if self._length > min(limit * counter.shortest, _UNCOUNTED):
            for uncounted in self._uncounted:
                counter.feed(uncounted)
            self._uncounted.clear()
            self.check_rows(counter.rows)

    def check_rows(self, rows: int) -> None:
        """Fail past the limit of rows.

        Raises: ResultTooLarge.
        """
        if self._limits.rows is not None and rows > self._limits.rows:
            raise ResultTooLarge(self._limits.rows, "rows")


def evaluate(store: Store, query: Query, setting: Setting, limits: Limits, emit: Callable[[bytes], object]) -> Outcome:
    """Evaluate a query whose variables are bound already, handing the answer on in parts.

    Raises: the errors below QueryError; ResultTooLarge; EngineUnavailable.
    """
    writer = BoundedWriter(emit, limits)
    with _translated(query):
        refuse_service(query.text, query.base_iri)
        try:
            return _write(store, query, setting, writer)
        except BaseException as error:
            # Only the thread that made pyoxigraph's results may drop them, so no traceback keeps them.
            traceback.clear_frames(error.__traceback__)
            raise


def _write(store: Store, query: Query, setting: Setting, writer: BoundedWriter) -> Outcome:
    """Evaluate and write an answer of either sort."""
    scoring = Scoring(setting.index) if setting.index else None
    functions: dict[NamedNode, Callable[..., Any]] | None = {SCORE: scoring} if scoring else None
    results = store.query(query.text, base_iri=query.base_iri, custom_functions=functions, **_dataset(query, setting))
    if isinstance(results, QueryTriples):
        outcome = _write_graph(results, query, setting, writer)
    else:
        outcome = _write_result(results, query, writer)
    if scoring:
        scoring.check()
    return outcome


def _dataset(query: Query, setting: Setting) -> dict[str, Any]:
    """Choose the dataset; the union has to be off where there is a FROM, which it would overrule."""
    if query.default_graphs is None and query.named_graphs is None:
        return {"use_default_graph_as_union": setting.union and not uses(query.text, "FROM", query.base_iri)}
    return {
        "default_graph": [NamedNode(iri) for iri in query.default_graphs or ()],
        "named_graphs": [NamedNode(iri) for iri in query.named_graphs or ()],
    }


def _write_result(results: QuerySolutions | QueryBoolean, query: Query, writer: BoundedWriter) -> Outcome:
    """Write solutions, or a yes or no."""
    form: Form = "SELECT" if isinstance(results, QuerySolutions) else "ASK"
    chosen = query.formats.bindings if form == "SELECT" else query.formats.boolean
    if chosen is None:
        raise NotAcceptable(form)
    if form == "SELECT":
        writer.counter = row_counter(chosen)
    writer.is_xml = chosen == QueryResultsFormat.XML
    results.serialize(cast(IO[bytes], writer), chosen)
    writer.flush()
    return Outcome(form, chosen.media_type)


def _write_graph(triples: QueryTriples, query: Query, setting: Setting, writer: BoundedWriter) -> Outcome:
    """Write the triples of a CONSTRUCT or DESCRIBE."""
    form = cast(Form, form_keyword(query.text))
    chosen = query.formats.graph
    if chosen is None:
        raise NotAcceptable(form)
    writer.is_xml = chosen == RdfFormat.RDF_XML
    rows = 0

    def counted() -> Iterator[Triple]:
        """Give the triples and count them.

        Raises: ResultTooLarge where there are more than allowed.
        """
        nonlocal rows
        for triple in triples:
            rows += 1
            writer.check_rows(rows)
            yield triple

    serialize(counted(), cast(IO[bytes], writer), chosen, prefixes=dict(setting.prefixes))
    writer.flush()
    return Outcome(form, chosen.media_type, rows)


@contextmanager
def _translated(query: Query) -> Iterator[None]:
    """Turn what pyoxigraph raises into errors of the project."""
    try:
        yield
    except SyntaxError as error:
        raise explain(query.text, error, query.base_iri) from error
    except RuntimeError as error:
        raise QueryEvaluationError("The query engine says: %(words)s", words=str(error)) from error
    except ValueError as error:
        raise QueryError(
            "The query engine says: %(words)s",
            "The IRIs of graphs have to be absolute, and the text has to be Unicode.",
            words=str(error),
        ) from error
    except OSError as error:
        raise EngineUnavailable("The store could not be read: %(words)s", words=str(error)) from error
