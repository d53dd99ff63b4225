"""Errors of a query: what cannot be answered as it was asked, and what was ended on purpose."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from kg.errors.base import N_, Member, PraksisError, filled


class QueryError(PraksisError):
    """The query cannot be answered as it was asked."""

    status = 400
    title = "Query cannot be answered"


class QuerySyntaxError(QueryError):
    """The text is not a SPARQL query; line and column count from 1, in Unicode code points."""

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
    arguments = ("line", "column", "host")

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
    arguments = ("form",)

    def __init__(self, form: str) -> None:
        super().__init__(
            "None of the media types asked for can carry the answer to %(form)s.",
            "SELECT and ASK answer in JSON, XML, CSV and TSV, CONSTRUCT and DESCRIBE in formats of RDF.",
            form=form,
        )
        self.form = form


class NotCitable(QueryError):
    """The answer cannot be cited: it would not be the same another time, or its hash cannot be made."""

    status = 422
    title = "Answer cannot be cited"


class NotInXml(QueryError):
    """The answer has a character that XML cannot hold, and XML was asked for."""

    status = 406
    title = "Answer cannot be written in XML"
    arguments = ("character",)

    def __init__(self, character: str) -> None:
        super().__init__(
            "A text of the answer has the character %(character)s, which XML cannot hold.",
            "JSON, CSV, TSV, Turtle and N-Triples can carry it.",
            character=character,
        )
        self.character = character


class QueryCancelled(PraksisError):
    """The query was ended on purpose before it had its answer."""

    status = 503
    title = "Query was cancelled"
    arguments = ("by",)
    _said: ClassVar[Mapping[str, str]] = {
        "operator": N_("An operator of this server ended the query while it ran."),
        "client": N_("The client that sent the query, or one with its key, ended it while it ran."),
    }

    def __init__(self, by: Literal["operator", "client"]) -> None:
        hint = "Make it more selective before you send it again." if by == "operator" else None
        super().__init__(self._said[by], hint, by=by)
        self.by = by


class UpdateCancelled(QueryCancelled):
    """The update was ended on purpose; nothing of it was kept."""

    title = "Update was cancelled"
    _said = {  # noqa: RUF012 - the class above says that it is one of the class
        "operator": N_("An operator of this server ended the update before it was done; nothing of it was kept."),
        "client": N_(
            "The client that sent the update, or one with its key, ended it before it was done; nothing of it was kept."
        ),
    }
