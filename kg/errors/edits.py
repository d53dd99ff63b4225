"""Errors of an edit: it cannot be made as it was asked, and nothing of it was kept."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kg.errors.base import Member, PraksisError

if TYPE_CHECKING:
    from kg.shapes import Result


class EditError(PraksisError):
    """The edit cannot be made as it was asked; nothing of it was kept."""

    status = 400
    title = "Edit cannot be made"


class LoadForbidden(EditError):
    """The update loads a document from elsewhere."""

    status = 403
    title = "LOAD is not allowed"
    arguments = ("line", "column", "host")

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


class ContextForbidden(EditError):
    """A JSON-LD document has its context elsewhere."""

    status = 403
    title = "JSON-LD context is elsewhere"
    arguments = ("context",)

    def __init__(self, context: str) -> None:
        super().__init__(
            "The context <%(context)s> is not fetched from here.",
            "Put what it says into the document, in the place of its IRI, or send the graph as Turtle.",
            context=context,
        )
        self.context = context


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
    """A statement would be in two graphs, where a query over all graphs would count it twice."""

    status = 422
    title = "Statement is in two graphs"


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
