"""What every engine does with a query before it is evaluated, and with the answer to a query for rows."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg.engine import Answer, Formats, Limits, Query, Row, SearchIndex, Term
from kg.engine.binding import bind
from kg.errors import NotAcceptable, NotIndexed

_ROWS_ONLY = Formats(bindings=QueryResultsFormat.JSON, boolean=None, graph=None)


class BaseEngine(ABC):
    """What all engines have in common; `Engine` says what the methods do."""

    @abstractmethod
    def query(
        self,
        query: Query,
        *,
        timeout: float | None = None,
        result_bytes: int | None = None,
        rows: int | None = None,
    ) -> Answer:
        """Answer a query."""

    def rows(self, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        """Answer a SELECT query with one dict per solution."""
        return _read_rows(self.query(Query(text, formats=_ROWS_ONLY, bindings=bindings or {})))


def bound(query: Query) -> Query:
    """Put the bindings of a query into its text."""
    return replace(query, text=bind(query.text, query.bindings), bindings={}) if query.bindings else query


def indexed(ask: Callable[[], Answer], index: Callable[[], SearchIndex | None]) -> Answer:
    """Ask; where that shows that the search index is not there, make it and ask again.

    Raises: what making it raises.
    """
    try:
        return ask()
    except NotIndexed:
        found = index()
        if found is None:
            raise
    found.make()
    return ask()


def narrowed(limits: Limits, timeout: float | None, result_bytes: int | None, rows: int | None) -> Limits:
    """Replace the limits that are given."""
    return Limits(
        limits.timeout if timeout is None else timeout,
        limits.result_bytes if result_bytes is None else result_bytes,
        limits.rows if rows is None else rows,
        limits.memory,
    )


def _read_rows(answer: Answer) -> list[Row]:
    """Read the solutions out of an answer in JSON."""
    solutions = parse_query_results(answer.read(), format=QueryResultsFormat.JSON)
    if not isinstance(solutions, QuerySolutions):
        raise NotAcceptable(answer.form)
    names = [variable.value for variable in solutions.variables]
    return [
        {name: value for name, value in zip(names, solution, strict=True) if value is not None}
        for solution in solutions
    ]
