"""Every error the project raises on purpose, in one tree.

    PraksisError                     500
    ├── QueryError                   400   the query cannot be answered as asked
    │   ├── QuerySyntaxError         400   line, column, token
    │   ├── QueryEvaluationError     400   an unknown function, a service that failed
    │   ├── ServiceForbidden         403   SERVICE outside the allow list
    │   ├── ServiceNotCallable       501   SERVICE inside the allow list, in a place where it cannot be called from here
    │   ├── NotInXml                 406   the answer has a character that XML cannot hold
    │   └── NotAcceptable            406   no acceptable media type for this form of query
    ├── LimitExceeded                      a published limit was reached; nothing of the answer is sent
    │   ├── QueryTimeout             503   limit in seconds
    │   ├── UpdateTimeout            503   limit in seconds
    │   ├── UpdateTooLarge           413   limit in bytes on disk
    │   ├── QueryMemoryExceeded      503   limit in bytes
    │   ├── RemoteTooLarge           422   what another server answered; limit in bytes or rows
    │   └── ResultTooLarge           422   limit in bytes or rows
    ├── RemoteError                  502   another server was to be asked, for a SERVICE or a LOAD
    │   ├── RemoteFailed             502   it did not answer as it should
    │   └── RemoteForbidden          403   it, or one it redirects to, must not be asked
    ├── QueryCancelled               503   its client or an operator ended it
    │   └── UpdateCancelled          503   nothing of it was kept
    ├── EngineUnavailable            503   retry_after, in seconds
    │   ├── EngineBusy               503   no worker was free in time
    │   ├── SpoolFull                503   no room for large answers until others have been sent
    │   ├── BeingMade                503   a file that takes a while to make
    │   └── WorkerCrashed            503   the worker died under this query
    ├── EditError                    400   the edit cannot be made as asked; nothing of it was kept
    │   ├── LoadForbidden            403   LOAD outside the allow list
    │   ├── ContextForbidden         403   a JSON-LD document whose context is elsewhere
    │   ├── GraphNotWritable         403   the default graph, and graphs that only rules write to
    │   ├── UnknownGraph             404   the graph to delete is not there
    │   ├── PreconditionFailed       412   the graph is not, or is, what If-Match or If-None-Match name
    │   ├── DocumentSyntaxError      400   line and column, where they are known
    │   ├── UnfitTerm                422   a literal against its datatype, a term that cannot be validated
    │   ├── SaidTwice                422   a statement that would stand in two graphs
    │   └── InvalidEdit              422   results of the SHACL validation
    ├── InvalidInput                 422   the files or the graph have faults; all of them, each with its place
    ├── InvalidToken                 400   a token cannot be made or revoked as asked
    ├── TokensError                  500   the file of tokens cannot be used
    └── VersionError                 500   the home cannot be read or written
        ├── UnknownVersion           404   there is no such version
        │   └── PrunedVersion        410   it was removed
        ├── EditsInTheWay            409   a build would lose edits
        ├── HomeBusy                 503   another process is writing
        └── DiskLow                  507   too little room on the disk to write

The HTTP status is on the class. `members()` are the further members of the `application/problem+json`
answer; they are also the arguments of the constructor, so an error can be rebuilt in another process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

if TYPE_CHECKING:
    from kg.shapes import Result

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

    def __init__(self, line: int | None = None, column: int | None = None, host: str | None = None) -> None:
        where = f"Line {line}, column {column}: s" if line else "S"
        super().__init__(
            f"{where}ervices elsewhere are not called from here."
            if host is None
            else f"{where}ervices of {host} are not called from here.",
            "Ask the other service from your own program and give its answers to this one in a VALUES block.",
        )
        self.line = line
        self.column = column
        self.host = host

    def members(self) -> Mapping[str, Member]:
        """Return the place of the keyword and the host, where they are known."""
        return {"line": self.line, "column": self.column, "host": self.host}


class ServiceNotCallable(QueryError):
    """The query calls a service that may be called, but in a place or a way that cannot be done from here."""

    status = 501
    title = "SERVICE cannot be called like this"

    def __init__(self, line: int | None, column: int | None, reason: str) -> None:
        where = f"Line {line}, column {column}: t" if line else "T"
        super().__init__(
            f"{where}his SERVICE cannot be called from here: {reason}.",
            "Services are asked before the query is evaluated: name the service by its IRI, and call it in the pattern "
            "of the query itself; or ask it from your own program and give its answers in a VALUES block.",
        )
        self.line = line
        self.column = column
        self.reason = reason

    def members(self) -> Mapping[str, Member]:
        """Return the place of the keyword and what stands in the way."""
        return {"line": self.line, "column": self.column, "reason": self.reason}


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


class NotInXml(QueryError):
    """The answer has a character that XML cannot hold, and XML was asked for."""

    status = 406
    title = "Answer cannot be written in XML"

    def __init__(self, character: str) -> None:
        super().__init__(
            f"A text of the answer has the character {character}, which XML cannot hold.",
            "JSON, CSV, TSV, Turtle and N-Triples can carry it.",
        )
        self.character = character

    def members(self) -> Mapping[str, Member]:
        """Return the code point of the character."""
        return {"character": self.character}


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


class UpdateTimeout(LimitExceeded):
    """The update took longer than allowed; nothing of it was kept. Units: seconds."""

    title = "Update took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            f"The update was ended after {limit:g} seconds; nothing of it was kept.",
            "Make its patterns more selective, or write fewer triples at a time.",
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class UpdateTooLarge(LimitExceeded):
    """The update would write more to the disk than allowed; nothing of it was kept. Units: bytes."""

    status = 413
    title = "Update is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The update would write more than {limit:,} bytes to the disk; nothing of it was kept.",
            "Write fewer triples at a time.",
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


class RemoteTooLarge(LimitExceeded):
    """Another server answered with more bytes or rows than are taken from it."""

    status = 422
    title = "Answer of another server is too large"

    def __init__(self, iri: str, limit: int, unit: Literal["bytes", "rows"]) -> None:
        super().__init__(
            f"<{iri}> answered with more than {limit:,} {unit}.",
            "Ask it for less: a more selective pattern inside SERVICE, or a subquery with LIMIT.",
        )
        self.iri = iri
        self.limit = limit
        self.unit = unit

    def members(self) -> Mapping[str, Member]:
        """Return the address, the limit and its unit."""
        return {"iri": self.iri, "limit": self.limit, "unit": self.unit}


class RemoteError(PraksisError):
    """Another server was to be asked, and nothing came of it."""

    status = 502
    title = "Another server could not be asked"

    def __init__(self, iri: str, reason: str) -> None:
        super().__init__(f"<{iri}>: {reason}.")
        self.iri = iri
        self.reason = reason

    def members(self) -> Mapping[str, Member]:
        """Return the address and what happened."""
        return {"iri": self.iri, "reason": self.reason}


class RemoteFailed(RemoteError):
    """The other server did not answer as it should; where the text says SILENT, that is no error."""

    title = "Another server failed"


class RemoteForbidden(RemoteError):
    """The other server, or one it redirects to, is on no list or has an address that is not public."""

    status = 403
    title = "Another server must not be asked"


class QueryCancelled(PraksisError):
    """The query was ended on purpose before it had its answer."""

    status = 503
    title = "Query was cancelled"
    _what: ClassVar[str] = "the query while it ran"

    def __init__(self, by: Literal["operator", "client"]) -> None:
        who = "An operator of this server" if by == "operator" else "The client that sent it, or one with its key,"
        super().__init__(
            f"{who} ended {self._what}.",
            "Make it more selective before you send it again." if by == "operator" else None,
        )
        self.by = by

    def members(self) -> Mapping[str, Member]:
        """Return who ended it."""
        return {"by": self.by}


class UpdateCancelled(QueryCancelled):
    """The update was ended on purpose; nothing of it was kept."""

    title = "Update was cancelled"
    _what = "the update before it was done; nothing of it was kept"


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


class SpoolFull(EngineUnavailable):
    """The answers that wait to be sent take all the room for them, or (no limit) the disk is full. Units: bytes."""

    title = "No room for a large answer"

    def __init__(self, limit: int | None, retry_after: int = 10) -> None:
        room = "the whole disk" if limit is None else f"the {limit:,} bytes there are for them"
        super().__init__(f"Large answers that are being made or sent take {room}.", retry_after)
        self.hint = f"Ask for less, with LIMIT, or try again in {retry_after} seconds."
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit and when to try again."""
        return {"limit": self.limit, "retry_after": self.retry_after}


_OF_THE_REQUEST: Final = frozenset(f"by {name}" for name in ("SIGSEGV", "SIGBUS", "SIGABRT"))
"""How a process ends whose stack was too small for what it was given."""


class BeingMade(EngineUnavailable):
    """The file is being made, which is done once for each version, or others are before it."""

    title = "The file is being made"

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("The file is being made, or waits for others that are.", retry_after)

    def members(self) -> Mapping[str, Member]:
        """Return when to try again."""
        return {"retry_after": self.retry_after}


class WorkerCrashed(EngineUnavailable):
    """The worker died while it evaluated this query; other queries are not touched."""

    title = "Query worker crashed"

    def __init__(self, cause: str = "for an unknown reason") -> None:
        super().__init__(f"The worker that evaluated the query ended {cause}.", 1)
        self.cause = cause
        if cause in _OF_THE_REQUEST:
            self.hint = (
                "The same request would end the same way: this happens to what nests too deeply. Make it flatter."
            )

    def members(self) -> Mapping[str, Member]:
        """Return how the worker ended."""
        return {"cause": self.cause}


class EditError(PraksisError):
    """The edit cannot be made as it was asked; nothing of it was kept."""

    status = 400
    title = "Edit cannot be made"


class LoadForbidden(EditError):
    """The update loads a document from elsewhere."""

    status = 403
    title = "LOAD is not allowed"

    def __init__(self, line: int | None = None, column: int | None = None, host: str | None = None) -> None:
        where = f"Line {line}, column {column}: d" if line else "D"
        super().__init__(
            f"{where}ocuments elsewhere are not loaded from here."
            if host is None
            else f"{where}ocuments of {host} are not loaded from here.",
            "Fetch the document yourself and send its content with PUT or POST to the Graph Store at /graphs.",
        )
        self.line = line
        self.column = column
        self.host = host

    def members(self) -> Mapping[str, Member]:
        """Return the place of the keyword and the host, where they are known."""
        return {"line": self.line, "column": self.column, "host": self.host}


class ContextForbidden(EditError):
    """A JSON-LD document has its context elsewhere."""

    status = 403
    title = "JSON-LD context is elsewhere"

    def __init__(self, context: str) -> None:
        super().__init__(
            f"The context <{context}> is not fetched from here.",
            "Put what it says into the document, in the place of its IRI, or send the graph as Turtle.",
        )
        self.context = context

    def members(self) -> Mapping[str, Member]:
        """Return the IRI of the context."""
        return {"context": self.context}


class GraphNotWritable(EditError):
    """The graph is one that edits do not write to."""

    status = 403
    title = "Graph is not writable"


class UnknownGraph(EditError):
    """There is no such graph."""

    status = 404
    title = "Unknown graph"


class PreconditionFailed(EditError):
    """The graph is not in the state that If-Match or If-None-Match ask for."""

    status = 412
    title = "Precondition failed"


class DocumentSyntaxError(EditError):
    """The document to write is not in the format it was sent as; line and column count from 1."""

    title = "Syntax error in document"

    def __init__(self, line: int | None, column: int | None, message: str) -> None:
        where = f"Line {line}, column {column}: " if line else ""
        super().__init__(where + message, "Does the Content-Type of the request name the format of its body?")
        self.line = line
        self.column = column
        self.message = message

    def members(self) -> Mapping[str, Member]:
        """Return line, column and message."""
        return {"line": self.line, "column": self.column, "message": self.message}


class UnfitTerm(EditError):
    """A term that must not be written: a literal that its datatype does not allow, or one that no shape can judge."""

    status = 422
    title = "Unfit term"


class SaidTwice(EditError):
    """A statement would stand in two graphs, where a query over all graphs would count it twice."""

    status = 422
    title = "Statement stands in two graphs"


class InvalidEdit(EditError):
    """The graph after the edit would not conform to the shapes."""

    status = 422
    title = "Edit breaks a shape"

    def __init__(self, results: Sequence["Result"]) -> None:
        self.results = tuple(results)
        number = f"{len(self.results)} {'result' if len(self.results) == 1 else 'results'}"
        super().__init__(
            f"The graph would not conform to the shapes, {number}:\n"
            + "\n".join(str(result) for result in self.results),
            "Nothing was changed. Mend what the messages name and send the edit again.",
        )

    def members(self) -> Mapping[str, Member]:
        """Return detail and hint; the results are beside them."""
        return {"detail": self.detail, "hint": self.hint}

    def report_turtle(self) -> bytes:
        """Write the validation report as Turtle; `kg.reports.serialise` writes it in other formats."""
        # Imported here: this module is below all others, and every process loads it.
        from kg.reports import serialise  # noqa: PLC0415

        return serialise(self.results)


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


class InvalidToken(PraksisError):
    """A token cannot be made or revoked as asked."""

    status = 400
    title = "Token cannot be made or revoked"


class TokensError(PraksisError):
    """The file of tokens cannot be used; for the operator, whose business the place of the file is."""

    title = "Tokens cannot be used"


class VersionError(PraksisError):
    """The home of the versions cannot be read or written as asked."""

    title = "Version store cannot be used"


class UnknownVersion(VersionError):
    """There is no such version."""

    status = 404
    title = "Unknown version"


class PrunedVersion(UnknownVersion):
    """There was such a version; it has been removed to free its room."""

    status = 410
    title = "Version was removed"


class EditsInTheWay(VersionError):
    """A build would lose edits made since the last one."""

    status = 409
    title = "A build would lose edits"


class HomeBusy(VersionError):
    """Another process writes to the home."""

    status = 503
    title = "Another process is writing"


class DiskLow(VersionError):
    """There is too little room on the disk to write a version. Units: bytes."""

    status = 507
    title = "Too little room on the disk"

    def __init__(self, free: int, wanted: int) -> None:
        super().__init__(
            f"Only {free:,} bytes are free on the disk of the home, {wanted:,} have to be; nothing was written.",
            "Free some room, for example with `kg prune`.",
        )
        self.free = free
        self.wanted = wanted

    def members(self) -> Mapping[str, Member]:
        """Return what is free and what has to be."""
        return {"free": self.free, "wanted": self.wanted}
