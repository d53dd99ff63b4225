"""Errors of the server, and the one handler that answers for every error.

    PraksisError (kg.errors)
    ├── BadRequest               400   the request itself is wrong
    │   ├── Unauthorized         401   a token is needed, or the one sent counts for nothing
    │   ├── Forbidden            403   not offered here
    │   │   └── ScopeMissing     403   the token is good, but not for this
    │   ├── UnknownThing         404   the graph says nothing about it
    │   ├── Unacceptable         406   no format of ours fits the Accept header
    │   ├── UnsupportedType      415   the body is of a type we do not read
    │   └── IncompleteBody 400, LengthRequired 411, BodyTooLarge 413 (bodies)
    ├── CannotServe                    the server does not start
    └── SettingError (config)          the server does not start

Programs get `application/problem+json`, browsers a page; nobody gets a stack trace. Both are in the language asked for:
a page is in Bokmål where none is, a problem in English.
Source: https://www.rfc-editor.org/rfc/rfc9457
"""

import json
import logging
import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final, Self

from flask import Flask, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request as Asked
from werkzeug.wrappers import Response as Reply

from kg import iris
from kg.errors import N_, InvalidEdit, PraksisError
from server import negotiation, refusals, wording
from server.language import choose, words
from server.segments import SEGMENTS

_log = logging.getLogger(__name__)
_RELEVANT_HEADERS = ("Allow", "Retry-After", "Accept-Post", "Content-Range")
_WORDED = ("message", "reason")
"""Members that say in words what the detail says too."""
_REALM = 'Bearer realm="praksisgrafen"'


class BadRequest(PraksisError):
    """The request cannot be understood."""

    status = 400
    title = "Bad request"


class Forbidden(BadRequest):
    """The request is understood, and not offered here."""

    status = 403
    title = "Not offered here"


class Unauthorized(BadRequest):
    """The request needs a token, or the one it carries counts for nothing.

    Source: https://www.rfc-editor.org/rfc/rfc6750#section-3
    """

    status = 401
    title = "Token needed"

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail, "Send “Authorization: Bearer …” with a token that `kg token create` gave.")
        self.challenge = f'{_REALM}, error="invalid_token"' if sent else _REALM


class ScopeMissing(Forbidden):
    """The token is good, but not for this."""

    title = "Token without the needed scope"

    def __init__(self, scope: str) -> None:
        super().__init__(
            "The token does not have the scope “%(scope)s”.",
            "Make one with: kg token create NAME --scope %(scope)s",
            scope=scope,
        )
        self.challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'


class CannotServe(PraksisError):
    """The server cannot listen, or keep its state, where it should."""

    title = "Server cannot start"


class UnknownThing(BadRequest):
    """The graph says nothing about what was asked for."""

    status = 404
    title = "Not found"

    def __init__(self, iri: str) -> None:
        super().__init__(
            "The graph says nothing about <%(iri)s>.", "Start from the front page, or ask at /sparql.", iri=iri
        )


class Unacceptable(BadRequest):
    """None of the formats there are is acceptable to the client."""

    status = 406
    title = "No acceptable media type"

    def __init__(self, offers: tuple[str, ...]) -> None:
        super().__init__(
            "This is not available in any of the media types asked for.",
            "Available: %(offers)s.",
            offers=", ".join(offers),
        )


class UnsupportedType(BadRequest):
    """The body of the request is of a type that is not read here."""

    status = 415
    title = "Unsupported media type"


class TooMany(BadRequest):
    """A client asks too often, or too much at once.

    Source: https://www.rfc-editor.org/rfc/rfc6585#section-4
    """

    status = 429
    title = "Too Many Requests"


@dataclass(frozen=True)
class Problem:
    """One error, ready to be shown in any language; `detail` and `hint` are in English."""

    status: int
    type: str
    title: str
    detail: str
    hint: str | None
    error: PraksisError = field(compare=False, repr=False)
    members: dict[str, object] = field(hash=False)
    headers: dict[str, str] = field(hash=False)

    @classmethod
    def of(
        cls,
        error: PraksisError,
        kind: str = "about:blank",
        members: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Self:
        """Describe an error of the tree."""
        return cls(
            error.status, kind, error.title, error.detail, error.hint, error, dict(members or {}), dict(headers or {})
        )

    def json(self, language: str) -> str:
        """Write the problem as RFC 9457 has it, its words in a language."""
        detail = wording.detail(self.error, language)
        known = {
            "type": self.type,
            "title": words(language).gettext(self.title),
            "status": self.status,
            "detail": detail,
            "hint": wording.hint(self.error, language),
        }
        members = {
            name: wording.text(self.error, language) if name in _WORDED else value
            for name, value in self.members.items()
        }
        whole = {name: value for name, value in {**members, **known}.items() if value is not None}
        return json.dumps(whole, ensure_ascii=False) + "\n"

    def html(self, language: str, *, placed: bool = True) -> Markup:
        """Return what went wrong for a page, with line and column or without."""
        return wording.marked(self.error, self.error.template, language, placed=placed)

    def advice(self, language: str) -> Markup | None:
        """Return what would help, for a page."""
        return wording.marked(self.error, self.error.advice, language) if self.error.advice else None


def problem(error: Exception) -> Problem:
    """Describe any error; one nobody foresaw says nothing of the server's inside."""
    if isinstance(error, PraksisError) and error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
        members: dict[str, object] = dict(error.members())
        if isinstance(error, InvalidEdit):
            members["results"] = refusals.messages(error)
        retry = members.get("retry_after")
        headers = {"Retry-After": str(retry)} if retry is not None else {}
        if isinstance(error, Unauthorized | ScopeMissing):
            headers["WWW-Authenticate"] = error.challenge
        kind = "about:blank" if isinstance(error, TooMany) else _type(error)
        return Problem.of(error, kind, members, headers)
    if isinstance(error, HTTPException) and error.code:
        return _http_problem(error)
    _log.error("unforeseen error at %s", request.path, exc_info=error)
    unforeseen = PraksisError("Something went wrong here that should not have; it has been written to the log.")
    return Problem.of(unforeseen)


def noted(error: Exception) -> Problem:
    """Describe an error that is about to be shown, and note for the measurements how the request ended."""
    found = problem(error)
    request.environ["praksisgrafen.outcome"] = found.type.rpartition("/")[2] if "/" in found.type else "error"
    return found


def _type(error: PraksisError) -> str:
    return f"{iris.BASE}problem/{_slug(type(error))}"


def kinds(root: type[PraksisError] = PraksisError) -> dict[str, type[PraksisError]]:
    """Return every kind of problem that is told, by the last part of its IRI; of a 500 nothing is."""
    found = {} if root.status == HTTPStatus.INTERNAL_SERVER_ERROR else {_slug(root): root}
    for child in root.__subclasses__():
        found |= kinds(child)
    return found


def _slug(kind: type[PraksisError]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


_HTTP: Final = {
    400: (N_("Bad request"), N_("The request cannot be understood."), None),
    404: (
        N_("Not found"),
        N_("There is nothing at this address."),
        N_("Start from the front page, or ask at /sparql."),
    ),
    405: (
        N_("Method Not Allowed"),
        N_("The method is not allowed at this address."),
        N_("The methods allowed here are in the Allow header."),
    ),
    413: (N_("Body is too large"), N_("What was sent is longer than is read here."), N_("Send a shorter query.")),
    416: (
        N_("No such part"),
        N_("The file ends before the part that the header Range asks for."),
        N_("The length of the file is in the header Content-Range."),
    ),
}


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    found = error.get_response()
    headers = {name: found.headers[name] for name in _RELEVANT_HEADERS if name in found.headers}
    phrase = HTTPStatus(status).phrase
    title, detail, hint = _HTTP.get(status, (phrase, str(error.description or phrase), None))
    return replace(Problem.of(PraksisError(detail, hint), headers=headers), status=status, title=title)


def too_many(rate: float, seconds: int) -> Problem:
    """Describe that a client asks too often."""
    return problem(
        TooMany(
            "Your address has sent more than %(limit)s requests a second.",
            N_("Wait %(retry_after)s seconds, then send fewer at a time; /limits has the limits."),
            limit=float(rate),
            retry_after=seconds,
        )
    )


def too_many_at_once(most: int) -> Problem:
    """Describe that too many requests of a client are under way."""
    return problem(
        TooMany(
            "More than %(limit)s requests of your address are under way.",
            "Wait a second, then send fewer at a time; /limits has the limits.",
            limit=most,
            retry_after=1,
        )
    )


def language_of(asked: Asked) -> str:
    """Return the language of a problem for a program: the one it asks for, else English."""
    return choose(asked.args.get("lang"), asked.accept_languages, otherwise="en")


def page(app: Flask, found: Problem, language: str) -> str:
    """Write the page of a problem outside of any request."""
    with app.test_request_context("/", query_string={"lang": language}):
        return _page(found, "/")


def _page(found: Problem, path: str) -> str:
    segment = SEGMENTS.get((path.split("/") + [""] * 3)[2])
    return render_template("error.html", problem=found, segment=segment)


def install(app: Flask) -> None:
    """Make the app answer every error the same way."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Reply:
        """Answer with a validation report, a page or a problem, whichever the client takes; let redirects be."""
        if isinstance(error, HTTPException) and 300 <= (error.code or 500) < 400:
            return redirect(error.get_response().headers["Location"], error.code or 302)
        found = noted(error)
        accept = request.headers.get("Accept")
        report = refusals.report(error, accept) if isinstance(error, InvalidEdit) else None
        if report is not None:
            response = report
        elif negotiation.prefers_html(accept):
            response = Response(_page(found, request.path), mimetype="text/html")
            response.content_language.add(choose(request.args.get("lang"), request.accept_languages))
        else:
            language = language_of(request)
            response = Response(found.json(language), mimetype="application/problem+json")
            response.content_language.add(language)
        response.status_code = found.status
        response.headers.update(found.headers)
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("Accept", "Accept-Language"))
        return response
