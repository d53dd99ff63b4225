"""Every error the project raises on purpose, in one tree.

    PraksisError                     500
    ├── QueryError                   400   the query cannot be answered as asked
    │   ├── QuerySyntaxError         400   line, column, token
    │   ├── QueryEvaluationError     400   an unknown function, a service that failed
    │   ├── ServiceForbidden         403   SERVICE outside the allow list
    │   ├── ServiceNotCallable       501   SERVICE inside the allow list, in a place where it cannot be called from here
    │   ├── NotCitable               422   the answer has no hash that lasts
    │   ├── NotInXml                 406   the answer has a character that XML cannot hold
    │   └── NotAcceptable            406   no acceptable media type for this form of query
    ├── LimitExceeded                      a published limit was reached; nothing of the answer is sent
    │   ├── QueryTimeout             503   limit in seconds
    │   ├── UpdateTimeout            503   limit in seconds
    │   ├── UpdateTooLarge           413   limit in bytes on disk
    │   ├── QueryMemoryExceeded      503   limit in bytes
    │   ├── RemoteTooLarge           422   what another server answered; limit in bytes or rows
    │   ├── ResultTooLarge           422   limit in bytes or rows
    │   └── RangeTooLarge            422   too much changed between two versions; limit in statements
    ├── RemoteError                  502   another server was to be asked, for a SERVICE or a LOAD
    │   ├── RemoteFailed             502   it did not answer as it should
    │   └── RemoteForbidden          403   it, or one it redirects to, must not be asked
    ├── QueryCancelled               503   its client or an operator ended it
    │   └── UpdateCancelled          503   nothing of it was kept
    ├── EngineUnavailable            503   retry_after, in seconds
    │   ├── EngineBusy               503   no worker was free in time
    │   ├── SpoolFull                503   no room for large answers until others have been sent
    │   ├── BeingMade                503   a file that takes a while to make
    │   ├── NotIndexed               503   the search index that a query asks is not made yet
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

What an error says is a template in English with values at `%(name)s`: the server translates the template, and the first
line of the docstring for the page of the kind. The value `words` is what a library said, in English; it stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

if TYPE_CHECKING:
    from kg.shapes import Result

Member = str | int | float | None
_PLACE: Final = re.compile(r"%\((\w+)\)s")


def N_(message: str) -> str:  # noqa: N802 - the name gettext has for it
    """Mark a message that is translated where it is shown."""
    return message


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put values into a template; a place without a value, and any other percent sign, stays as it is."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


class PraksisError(Exception):
    """Something of ours failed.

    `template` says what went wrong and `advice` what would help; `detail` and `hint` are the same with their values,
    in English. Where `line` and `column` are known, they count from 1. Numbers among the values are written as the
    language writes numbers; what only looks like one, such as a version, is text.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    line: int | None = None
    column: int | None = None

    def __init__(self, detail: str, hint: str | None = None, **values: Member) -> None:
        super().__init__(detail)
        self.template = detail
        self.advice = hint
        self.values: Mapping[str, Member] = values

    def __str__(self) -> str:
        """Say what went wrong."""
        return self.detail

    @property
    def detail(self) -> str:
        """What went wrong, in English."""
        where = f"Line {self.line}, column {self.column}: " if self.line else ""
        return where + filled(self.template, self._written)

    @property
    def hint(self) -> str | None:
        """What would help, in English."""
        return self.advice and filled(self.advice, self._written)

    @property
    def _written(self) -> Mapping[str, str]:
        return {name: _written(value) for name, value in self.told("en").items()}

    def told(self, language: str) -> Mapping[str, Member]:
        """Return the values, in a language where they come in several."""
        del language
        return self.values

    def members(self) -> Mapping[str, Member]:
        """Return the values that make up this error, by argument name."""
        return {"detail": self.template, "hint": self.advice, **self.values}


def _written(value: Member) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else value or ""


class QueryError(PraksisError):
    """The query cannot be answered as it was asked."""

    status = 400
    title = "Query cannot be answered"


class QuerySyntaxError(QueryError):
    """The text is no SPARQL query; line and column count from 1, in Unicode code points."""

    title = "Syntax error in query"
    line: int
    column: int

    def __init__(
        self, line: int, column: int, token: str | None, message: str, hint: str | None = None, **values: Member
    ) -> None:
        super().__init__(message, hint, token=token, **values)
        self.line = line
        self.column = column
        self.token = token

    @property
    def message(self) -> str:
        """What is wrong, without its place, in English."""
        return filled(self.template, self._written)

    def members(self) -> Mapping[str, Member]:
        """Return line, column, offending token, message and hint."""
        return {
            "line": self.line,
            "column": self.column,
            "message": self.template,
            "hint": self.advice,
            **self.values,
        }


class QueryEvaluationError(QueryError):
    """The query is well formed, but the engine cannot evaluate it."""

    title = "Query cannot be evaluated"


class ServiceForbidden(QueryError):
    """The query calls another service."""

    status = 403
    title = "SERVICE is not allowed"

    def __init__(self, line: int | None = None, column: int | None = None, host: str | None = None) -> None:
        super().__init__(
            "Services elsewhere are not called from here."
            if host is None
            else "Services of %(host)s are not called from here.",
            "Ask the other service from your own program and give its answers to this one in a VALUES block.",
            host=host,
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

    def __init__(self, line: int | None, column: int | None, reason: str, **values: Member) -> None:
        super().__init__(
            reason,
            "Services are asked before the query is evaluated: name the service by its IRI, and call it in the pattern "
            "of the query itself; or ask it from your own program and give its answers in a VALUES block.",
            **values,
        )
        self.line = line
        self.column = column

    def members(self) -> Mapping[str, Member]:
        """Return the place of the keyword and what stands in the way."""
        return {"line": self.line, "column": self.column, "reason": self.template, **self.values}


class NotAcceptable(QueryError):
    """None of the media types the client accepts can carry the answer to this form of query."""

    status = 406
    title = "No acceptable media type"

    def __init__(self, form: str) -> None:
        super().__init__(
            "None of the media types asked for can carry the answer to %(form)s.",
            "SELECT and ASK answer in JSON, XML, CSV and TSV, CONSTRUCT and DESCRIBE in formats of RDF.",
            form=form,
        )
        self.form = form

    def members(self) -> Mapping[str, Member]:
        """Return the form of the query."""
        return {"form": self.form}


class NotCitable(QueryError):
    """The answer cannot be cited: it would not be the same another time, or its hash cannot be made."""

    status = 422
    title = "Answer cannot be cited"


class NotInXml(QueryError):
    """The answer has a character that XML cannot hold, and XML was asked for."""

    status = 406
    title = "Answer cannot be written in XML"

    def __init__(self, character: str) -> None:
        super().__init__(
            "A text of the answer has the character %(character)s, which XML cannot hold.",
            "JSON, CSV, TSV, Turtle and N-Triples can carry it.",
            character=character,
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
    """The query took longer than allowed.

    Units: seconds.
    """

    title = "Query took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            "The query was ended after %(limit)s seconds.",
            "Make it more selective: bind more terms, join on shared variables, or count in smaller steps.",
            limit=float(limit),
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class UpdateTimeout(LimitExceeded):
    """The update took longer than allowed; nothing of it was kept.

    Units: seconds.
    """

    title = "Update took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            "The update was ended after %(limit)s seconds; nothing of it was kept.",
            "Make its patterns more selective, or write fewer triples at a time.",
            limit=float(limit),
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class UpdateTooLarge(LimitExceeded):
    """The update would write more to the disk than allowed; nothing of it was kept.

    Units: bytes.
    """

    status = 413
    title = "Update is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "The update would write more than %(limit)s bytes to the disk; nothing of it was kept.",
            "Write fewer triples at a time.",
            limit=limit,
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class QueryMemoryExceeded(LimitExceeded):
    """The query needed more memory than allowed.

    Units: bytes.
    """

    title = "Query needed too much memory"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "The query needed more than %(limit)s bytes of memory.",
            "ORDER BY, DISTINCT and GROUP BY over many rows hold them all: make the pattern more selective.",
            limit=limit,
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
            "The answer has more than %(limit)s bytes."
            if unit == "bytes"
            else "The answer has more than %(limit)s rows.",
            "Ask for fewer rows with LIMIT and OFFSET, or download a whole dump.",
            limit=limit,
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
            "<%(iri)s> answered with more than %(limit)s bytes."
            if unit == "bytes"
            else "<%(iri)s> answered with more than %(limit)s rows.",
            "Ask it for less: a more selective pattern inside SERVICE, or a subquery with LIMIT.",
            iri=iri,
            limit=limit,
        )
        self.iri = iri
        self.limit = limit
        self.unit = unit

    def members(self) -> Mapping[str, Member]:
        """Return the address, the limit and its unit."""
        return {"iri": self.iri, "limit": self.limit, "unit": self.unit}


class RangeTooLarge(LimitExceeded):
    """More changed between two versions than is told statement by statement. Units: statements."""

    status = 422
    title = "Too much changed between the versions"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "More than %(limit)s statements were added and removed.",
            "Choose versions that are closer to each other, or download both and compare the files.",
            limit=limit,
        )
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit."""
        return {"limit": self.limit}


class RemoteError(PraksisError):
    """Another server was to be asked, and nothing came of it."""

    status = 502
    title = "Another server could not be asked"

    def __init__(self, iri: str, reason: str, **values: Member) -> None:
        super().__init__(reason, None, iri=iri, **values)
        self.iri = iri

    def members(self) -> Mapping[str, Member]:
        """Return the address and what happened."""
        return {"reason": self.template, **self.values}


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
    _said: ClassVar[Mapping[str, str]] = {
        "operator": N_("An operator of this server ended the query while it ran."),
        "client": N_("The client that sent the query, or one with its key, ended it while it ran."),
    }

    def __init__(self, by: Literal["operator", "client"]) -> None:
        hint = "Make it more selective before you send it again." if by == "operator" else None
        super().__init__(self._said[by], hint, by=by)
        self.by = by

    def members(self) -> Mapping[str, Member]:
        """Return who ended it."""
        return {"by": self.by}


class UpdateCancelled(QueryCancelled):
    """The update was ended on purpose; nothing of it was kept."""

    title = "Update was cancelled"
    _said = {  # noqa: RUF012 - the class above says that it is one of the class
        "operator": N_("An operator of this server ended the update before it was done; nothing of it was kept."),
        "client": N_(
            "The client that sent the update, or one with its key, ended it before it was done; nothing of it was kept."
        ),
    }


class EngineUnavailable(PraksisError):
    """The engine cannot take the query now.

    Units: seconds.
    """

    status = 503
    title = "Query engine is not available"

    def __init__(self, detail: str, retry_after: int = 5, **values: Member) -> None:
        hint = "Try again in a second." if retry_after == 1 else "Try again in %(retry_after)s seconds."
        super().__init__(detail, hint, **{**values, "retry_after": retry_after})
        self.retry_after = retry_after

    def members(self) -> Mapping[str, Member]:
        """Return what happened and when to try again."""
        return {"detail": self.template, **self.values}


class EngineBusy(EngineUnavailable):
    """Every worker was busy for as long as a query may wait."""

    title = "All query workers are busy"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Every query worker was busy for as long as a query may wait.", retry_after)

    def members(self) -> Mapping[str, Member]:
        """Return when to try again."""
        return {"retry_after": self.retry_after}


class SpoolFull(EngineUnavailable):
    """The answers that wait to be sent take all the room for them, or (no limit) the disk is full.

    Units: bytes.
    """

    title = "No room for a large answer"

    def __init__(self, limit: int | None, retry_after: int = 10) -> None:
        super().__init__(
            "Large answers that are being made or sent take the whole disk."
            if limit is None
            else "Large answers that are being made or sent take the %(limit)s bytes there are for them.",
            retry_after,
            limit=limit,
        )
        self.advice = N_("Ask for less, with LIMIT, or try again in %(retry_after)s seconds.")
        self.limit = limit

    def members(self) -> Mapping[str, Member]:
        """Return the limit and when to try again."""
        return {"limit": self.limit, "retry_after": self.retry_after}


_OF_THE_REQUEST: Final = frozenset(("SIGSEGV", "SIGBUS", "SIGABRT"))
"""How a process ends whose stack was too small for what it was given."""


class BeingMade(EngineUnavailable):
    """The file is being made, which is done once for each version, or others are before it."""

    title = "The file is being made"

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("The file is being made, or waits for others that are.", retry_after)

    def members(self) -> Mapping[str, Member]:
        """Return when to try again."""
        return {"retry_after": self.retry_after}


class NotIndexed(EngineUnavailable):
    """The query asks the search index of a version, and that is not made yet."""

    title = "The search index is not made yet"

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("The search index of this version is not made yet.", retry_after)

    def members(self) -> Mapping[str, Member]:
        """Return when to try again."""
        return {"retry_after": self.retry_after}


class WorkerCrashed(EngineUnavailable):
    """The worker died while it evaluated this query; other queries are not touched."""

    title = "Query worker crashed"

    def __init__(self, cause: str | None = None) -> None:
        super().__init__(
            "The worker that evaluated the query ended for an unknown reason."
            if cause is None
            else "The worker that evaluated the query ended with %(cause)s.",
            1,
            cause=cause,
        )
        self.cause = cause
        if cause in _OF_THE_REQUEST:
            self.advice = N_(
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
        super().__init__(
            "Documents elsewhere are not loaded from here."
            if host is None
            else "Documents of %(host)s are not loaded from here.",
            "Fetch the document yourself and send its content with PUT or POST to the Graph Store at /graphs.",
            host=host,
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
            "The context <%(context)s> is not fetched from here.",
            "Put what it says into the document, in the place of its IRI, or send the graph as Turtle.",
            context=context,
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

    def __init__(self, line: int | None, column: int | None, words: str, file: str | None = None) -> None:
        super().__init__(
            "The parser says: %(words)s" if file is None else "In the file “%(file)s”: %(words)s",
            "Does the Content-Type of the request name the format of its body?",
            words=words,
            file=file,
        )
        self.line = line
        self.column = column

    def members(self) -> Mapping[str, Member]:
        """Return line and column, what the parser said, and the name of the file where it is one of several."""
        return {"line": self.line, "column": self.column, **self.values}


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
        super().__init__(
            "The graph would not conform to the shapes, 1 result:\n%(results)s"
            if len(self.results) == 1
            else "The graph would not conform to the shapes, %(count)s results:\n%(results)s",
            "Nothing was changed. Mend what the messages name and send the edit again.",
            count=len(self.results),
        )

    def told(self, language: str) -> Mapping[str, Member]:
        """Return the values; every result is a line."""
        return {**self.values, "results": "\n".join(result.told(language) for result in self.results)}

    def members(self) -> Mapping[str, Member]:
        """Return the number of results; they themselves are beside it."""
        return self.values

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
    """There is too little room on the disk to write a version.

    Units: bytes.
    """

    status = 507
    title = "Too little room on the disk"

    def __init__(self, free: int, wanted: int) -> None:
        super().__init__(
            "Only %(free)s bytes are free on the disk of the home, %(wanted)s have to be; nothing was written.",
            "Free some room, for example with `kg prune`.",
            free=free,
            wanted=wanted,
        )
        self.free = free
        self.wanted = wanted

    def members(self) -> Mapping[str, Member]:
        """Return what is free and what has to be."""
        return {"free": self.free, "wanted": self.wanted}
