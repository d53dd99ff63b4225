"""Answers of stored queries for programs: in four formats, whole or in pages with links to the others.

Source: https://www.rfc-editor.org/rfc/rfc8288 (Link)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Response, request
from werkzeug.datastructures import MultiDict

from kg import federation
from kg.engine import Answer, Formats, Query
from kg.stored_queries import StoredQuery
from server import answers, caching, elsewhere, formats, limits, negotiation, reader, rendering, running
from server.errors import BadRequest, Unacceptable
from server.language import N_
from server.rows import number
from server.signposting import Signpost, put
from server.stored import choices
from server.stored.choices import ImpossibleChoice, Values

SUFFIXES: Final = {
    "csv": formats.CSV,
    "tsv": formats.TSV,
    "json": formats.JSON_RESULTS,
    "xml": formats.XML_RESULTS,
}
"""What a suffix after the address of a stored query stands for."""
MOST_ROWS: Final = 10_000
"""The most rows that a page may be asked to have."""
LAST_PAGE: Final = 1_000_000
PER_PAGE: Final = 100
"""Rows of a page where only its number is given."""
OF_EVERY_QUERY: Final = ("limit", "page", "version", "timeout", "query-id", "lang")
"""Parameters that any stored query takes beside its own."""


class UnknownParameter(BadRequest):
    """A stored query was asked with a parameter that it does not have: most often a slip in the name."""

    title = "Unknown parameter"

    def __init__(self, parameter: str, known: str) -> None:
        super().__init__(
            N_("There is no parameter “%(parameter)s” here."),
            N_("Known: %(known)s."),
            parameter=parameter[:100],
            known=known,
        )


@dataclass(frozen=True)
class Window:
    """One page of the rows of an answer."""

    limit: int
    page: int

    @property
    def clause(self) -> str:
        """Return what the page adds to a query."""
        return f"\nLIMIT {self.limit:d} OFFSET {self.limit * (self.page - 1):d}"

    def links(self, total: int) -> Iterator[Signpost]:
        """Lead to the other pages of an answer with so many rows."""
        last = max(1, -(-total // self.limit))
        pages = {"first": 1, "prev": min(self.page - 1, last), "next": self.page + 1, "last": last}
        for rel, page in pages.items():
            if 1 <= page <= last:
                yield Signpost(rendering.absolute(limit=self.limit, page=page), rel)


def answer(query: StoredQuery, suffix: str | None) -> Response:
    """Answer a stored query in the format of the suffix, else in the one the client likes best.

    Raises: ImpossibleChoice, UnknownParameter, Unacceptable; what a query raises.
    """
    timeout, media_type, window = limits.timeout(request), _media_type(suffix), _window()
    _refuse_unknown(query)
    text = query.bound(_values(query))
    whole = text + (window.clause if window else "")
    tag = caching.tag("stored", whole, media_type, request.url)
    unchanged = caching.not_modified(tag)
    if unchanged is not None:
        return caching.vary(unchanged)
    found = _evaluate(whole, media_type, timeout)
    response = answers.whole(found, media_type)
    response.content_language.add(reader.language())
    if window:
        total = number(reader.snapshot().rows(query.counting(text))[0], "count")
        put(response, window.links(total))
    return caching.vary(caching.stamp(response, tag))


def _values(query: StoredQuery) -> Values:
    return choices.read(query, request.args, reader.snapshot().rows, reader.language())


def _evaluate(text: str, media_type: str, timeout: float) -> Answer:
    results = formats.RESULTS[media_type]
    asked = Query(text, formats=Formats(results, results, None), key=running.key(request))
    return federation.ask(reader.snapshot().engine, asked, elsewhere.allowed(), timeout)


def _media_type(suffix: str | None) -> str:
    if suffix is not None:
        return SUFFIXES[suffix]
    chosen = negotiation.choose(request.headers.get("Accept"), tuple(formats.RESULTS))
    if chosen is None:
        raise Unacceptable(tuple(SUFFIXES.values()))
    return chosen


def _window() -> Window | None:
    if "limit" not in request.args and "page" not in request.args:
        return None
    return Window(whole_number("limit", PER_PAGE, MOST_ROWS), whole_number("page", 1, LAST_PAGE))


def whole_number(name: str, default: int, most: int) -> int:
    """Read a number of the address, from 1 to the most that is allowed.

    Raises: ImpossibleChoice.
    """
    sent = request.args.getlist(name)
    if not sent:
        return default
    value = sent[-1]
    if not (value.isascii() and value.isdecimal() and len(value) <= 7 and 1 <= int(value) <= most):
        raise ImpossibleChoice(name, value, f"1 – {most}")
    return int(value)


def _refuse_unknown(query: StoredQuery) -> None:
    known = [*(parameter.name for parameter in query.parameters), *OF_EVERY_QUERY]
    sent: MultiDict[str, str] = request.args
    unknown = next((name for name in sent if name not in known), None)
    if unknown is not None:
        raise UnknownParameter(unknown, ", ".join(dict.fromkeys(known)))
