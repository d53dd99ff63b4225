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

Programs get `application/problem+json`, browsers a page in the reader's language; nobody gets a stack trace.
Source: https://www.rfc-editor.org/rfc/rfc9457
"""

import json
import logging
import re
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Flask, Response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Reply

from kg import iris
from kg.errors import InvalidEdit, PraksisError
from server import negotiation, refusals
from server.segments import SEGMENTS

_log = logging.getLogger(__name__)
_RELEVANT_HEADERS = ("Allow", "Retry-After", "Accept-Post")
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
            f"The token does not have the scope “{scope}”.", f"Make one with: kg token create NAME --scope {scope}"
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
        super().__init__(f"The graph says nothing about <{iri}>.", "Start from the front page, or ask at /sparql.")


class Unacceptable(BadRequest):
    """None of the formats there are is acceptable to the client."""

    status = 406
    title = "No acceptable media type"

    def __init__(self, offers: tuple[str, ...]) -> None:
        super().__init__(
            "This is not available in any of the media types asked for.", f"Available: {', '.join(offers)}."
        )


class UnsupportedType(BadRequest):
    """The body of the request is of a type that is not read here."""

    status = 415
    title = "Unsupported media type"


@dataclass(frozen=True)
class Problem:
    """One error, ready to be shown."""

    status: int
    type: str
    title: str
    detail: str
    hint: str | None
    members: dict[str, object] = field(hash=False)
    headers: dict[str, str] = field(hash=False)

    def json(self) -> str:
        """Write the problem as RFC 9457 has it."""
        known = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
        }
        whole = {**{name: value for name, value in self.members.items() if value is not None}, **known}
        return (
            json.dumps({name: value for name, value in whole.items() if value is not None}, ensure_ascii=False) + "\n"
        )


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
        return Problem(error.status, _type(error), error.title, error.detail, error.hint, members, headers)
    if isinstance(error, HTTPException) and error.code:
        return _http_problem(error)
    _log.error("unforeseen error at %s", request.path, exc_info=error)
    detail = "Something went wrong here that should not have; it has been written to the log."
    return Problem(500, "about:blank", "Internal error", detail, None, {}, {})


def noted(error: Exception) -> Problem:
    """Describe an error that is about to be shown, and note for the measurements how the request ended."""
    found = problem(error)
    request.environ["praksisgrafen.outcome"] = found.type.rpartition("/")[2] if "/" in found.type else "error"
    return found


def _type(error: PraksisError) -> str:
    return f"{iris.BASE}problem/{_slug(type(error))}"


def kinds(root: type[PraksisError] = PraksisError) -> dict[str, type[PraksisError]]:
    """Return every kind of problem by the last part of its IRI."""
    found = {_slug(root): root}
    for child in root.__subclasses__():
        found |= kinds(child)
    return found


def _slug(kind: type[PraksisError]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


_HTTP_HINTS = {
    404: "Start from the front page, or ask at /sparql.",
    405: "The methods allowed here are in the Allow header.",
    413: "Send a shorter query.",
}


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    found = error.get_response()
    headers = {name: found.headers[name] for name in _RELEVANT_HEADERS if name in found.headers}
    title, detail = HTTPStatus(status).phrase, str(error.description or HTTPStatus(status).phrase)
    if status == 404:
        title, detail = "Not found", "There is nothing at this address."
    return Problem(status, "about:blank", title, detail, _HTTP_HINTS.get(status), {}, headers)


def too_many(rate: float, seconds: int) -> Problem:
    """Describe that a client asks too often.

    Source: https://www.rfc-editor.org/rfc/rfc6585#section-4
    """
    return _too_many(f"Your address has sent more than {rate:g} requests a second.", rate, seconds)


def too_many_at_once(most: int) -> Problem:
    """Describe that too many requests of a client are under way."""
    return _too_many(f"More than {most} requests of your address are under way.", most, 1)


def _too_many(detail: str, limit: float, seconds: int) -> Problem:
    return Problem(
        status=429,
        type="about:blank",
        title=HTTPStatus.TOO_MANY_REQUESTS.phrase,
        detail=detail,
        hint=f"Wait {seconds} seconds, then send fewer at a time; /limits has the limits.",
        members={"limit": limit, "retry_after": seconds},
        headers={"Retry-After": str(seconds)},
    )


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
        if isinstance(error, HTTPException) and 300 <= (error.code or 500) < 400:
            return redirect(error.get_response().headers["Location"], error.code or 302)
        found = noted(error)
        accept = request.headers.get("Accept")
        report = refusals.report(error, accept) if isinstance(error, InvalidEdit) else None
        if report is not None:
            response = report
        elif negotiation.prefers_html(accept):
            response = Response(_page(found, request.path), mimetype="text/html")
        else:
            response = Response(found.json(), mimetype="application/problem+json")
        response.status_code = found.status
        response.headers.update(found.headers)
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("Accept", "Accept-Language"))
        return response
