"""Every error the project raises on purpose, in one tree.

    PraksisError                     500
    ├── QueryError                   400   the query cannot be answered as asked
    │   ├── QuerySyntaxError         400   line, column, token
    │   ├── QueryEvaluationError     400   an unknown function, a service that failed
    │   ├── ServiceForbidden         403   SERVICE outside the allow list
    │   └── NotAcceptable            406   no acceptable media type for this form of query
    ├── LimitExceeded                      a published limit was reached; nothing of the answer is sent
    │   ├── QueryTimeout             503   limit in seconds
    │   ├── QueryMemoryExceeded      503   limit in bytes
    │   └── ResultTooLarge           422   limit in bytes or rows
    ├── EngineUnavailable            503   retry_after, in seconds
    │   ├── EngineBusy               503   no worker was free in time
    │   └── WorkerCrashed            503   the worker died under this query
    ├── InvalidInput                 422   the files or the graph have faults; all of them, each with its place
    └── VersionError                 500   the home cannot be read or written
        ├── UnknownVersion           404   there is no such version
        └── HomeBusy                 503   another process is writing

The HTTP status is on the class. `members()` are the further members of the `application/problem+json`
answer; they are also the arguments of the constructor, so an error can be rebuilt in another process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Member = str | int | float | None


class PraksisError(Exception):
    """Root of the tree: what went wrong (`detail`) and what would help (`hint`)."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint

    def members(self) -> Mapping[str, Member]:
        """Return the values that make up this error, by argument name."""
        return {"detail": self.detail, "hint": self.hint}


class QueryError(PraksisError):
    """The query cannot be answered as it was asked."""

    status = 400
    title = "Query cannot be answered"


class QuerySyntaxError(QueryError):
    """The text is no SPARQL query; line and column count from 1, in Unicode code points."""

    title = "Syntax error in query"

    def __init__(self, line: int, column: int, token: str | None, message: str, hint: str | None = None) -> None:
        super().__init__(f"Line {line}, column {column}: {message}", hint)
        self.line = line
        self.column = column
        self.token = token
        self.message = message

    def members(self) -> Mapping[str, Member]:
        """Return line, column, offending token, message and hint."""
        return {
            "line": self.line,
            "column": self.column,
            "token": self.token,
            "message": self.message,
            "hint": self.hint,
        }


class QueryEvaluationError(QueryError):
    """The query is well formed, but the engine cannot evaluate it."""

    title = "Query cannot be evaluated"


class ServiceForbidden(QueryError):
    """The query calls another service."""

    status = 403
    title = "SERVICE is not allowed"

    def __init__(self, line: int | None = None, column: int | None = None) -> None:
        where = f"Line {line}, column {column}: s" if line else "S"
        super().__init__(
            f"{where}ervices elsewhere are not called from here.",
            "Ask the other service from your own program and give its answers to this one in a VALUES block.",
        )
        self.line = line
        self.column = column

    def members(self) -> Mapping[str, Member]:
        """Return the place of the keyword, where it is known."""
        return {"line": self.line, "column": self.column}


class NotAcceptable(QueryError):
    """None of the media types the client accepts can carry the answer to this form of query."""

    status = 406
    title = "No acceptable media type"

    def __init__(self, form: str) -> None:
        super().__init__(
            f"None of the media types asked for can carry the answer to {form}.",
            "SELECT and ASK answer in JSON, XML, CSV and TSV, CONSTRUCT and DESCRIBE in formats of RDF.",
        )
        self.form = form

    def members(self) -> Mapping[str, Member]:
        """Return the form of the query."""
        return {"form": self.form}


class LimitExceeded(PraksisError):
    """A published limit was reached."""

    status = 503
    title = "Limit exceeded"


class QueryTimeout(LimitExceeded):
    """The query took longer than allowed. Units: seconds."""

    title = "Query took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            f"The query was ended after {limit:g} seconds.",
            "Make it more selective: bind more terms, join on shared variables, or count in smaller steps.",
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class QueryMemoryExceeded(LimitExceeded):
    """The query needed more memory than allowed. Units: bytes."""

    title = "Query needed too much memory"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The query needed more than {limit:,} bytes of memory.",
            "ORDER BY, DISTINCT and GROUP BY over many rows hold them all: make the pattern more selective.",
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class ResultTooLarge(LimitExceeded):
    """The answer has more bytes or rows than allowed."""

    status = 422
    title = "Answer is too large"

    def __init__(self, limit: int, unit: Literal["bytes", "rows"]) -> None:
        super().__init__(
            f"The answer has more than {limit:,} {unit}.",
            "Ask for fewer rows with LIMIT and OFFSET, or download a whole dump.",
        )
        self.limit = limit
        self.unit = unit

    def members(self) -> Mapping[str, Member]:
        """Return the limit and its unit."""
        return {"limit": self.limit, "unit": self.unit}


class EngineUnavailable(PraksisError):
    """The engine cannot take the query now. Units: seconds."""

    status = 503
    title = "Query engine is not available"

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__(detail, f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after

    def members(self) -> Mapping[str, Member]:
        """Return what happened and when to try again."""
        return {"detail": self.detail, "retry_after": self.retry_after}


class EngineBusy(EngineUnavailable):
    """Every worker was busy for as long as a query may wait."""

    title = "All query workers are busy"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Every query worker was busy for as long as a query may wait.", retry_after)

    def members(self) -> Mapping[str, Member]:
        """Return when to try again."""
        return {"retry_after": self.retry_after}


class WorkerCrashed(EngineUnavailable):
    """The worker died while it evaluated this query; other queries are not touched."""

    title = "Query worker crashed"

    def __init__(self, cause: str = "for an unknown reason") -> None:
        super().__init__(f"The worker that evaluated the query ended {cause}.", 1)
        self.cause = cause

    def members(self) -> Mapping[str, Member]:
        """Return how the worker ended."""
        return {"cause": self.cause}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault in the input and where it is; line and column count from 1, in Unicode code points."""

    file: str
    line: int | None
    column: int | None
    message: str

    def __str__(self) -> str:
        """Write the fault as editors and people read it: `file:line:column: message`."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message}"


class InvalidInput(PraksisError):
    """The files or the graph they make have faults; nothing was published."""

    status = 422
    title = "Invalid input"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(
            sorted(faults, key=lambda fault: (fault.file, fault.line or 0, fault.column or 0, fault.message))
        )
        super().__init__("\n".join(str(fault) for fault in self.faults))


class VersionError(PraksisError):
    """The home of the versions cannot be read or written as asked."""

    title = "Version store cannot be used"


class UnknownVersion(VersionError):
    """There is no such version."""

    status = 404
    title = "Unknown version"


class HomeBusy(VersionError):
    """Another process writes to the home."""

    status = 503
    title = "Another process is writing"
