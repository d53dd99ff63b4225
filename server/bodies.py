"""The bodies of requests: whole, or refused before anything is done with them.

The web server passes on what it got of a body, be it that the client went away in the middle of it or that the chunks
of it were not put together as they should be. So a body is compared with the length it was announced with, and what is
to be written has to announce one.
Source: https://www.rfc-editor.org/rfc/rfc9112#name-handling-incomplete-message
"""

from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from typing import IO, Any, Final

import flask
from flask import request

from server.errors import BadRequest, UnsupportedType

_PART: Final = 1 << 16


class IncompleteBody(BadRequest):
    """The body ended before it was complete.

    Units: bytes.
    """

    title = "Body is incomplete"

    def __init__(self, received: int, announced: int) -> None:
        super().__init__(
            "The body ended after %(received)s of %(announced)s bytes; nothing was done with it.",
            "Send it again.",
            received=received,
            announced=announced,
        )


class LengthRequired(BadRequest):
    """The body does not say how long it is, so nobody could tell whether all of it has come."""

    status = 411
    title = "Length of the body is missing"

    def __init__(self) -> None:
        super().__init__(
            "What is to be written has to come with its length; nothing was done.",
            "Send it with Content-Length, not in chunks.",
        )


class BodyTooLarge(BadRequest):
    """The body has more bytes than are read.

    Units: bytes.
    """

    status = 413
    title = "Body is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "The body of the request has more than %(limit)s bytes.",
            "Send a shorter query, or less at a time.",
            limit=limit,
        )
        self.limit = limit

    def members(self) -> Mapping[str, str | int | float | None]:
        """Return the limit."""
        return {"limit": self.limit}


class Request(flask.Request):
    """A request whose body, in whichever way it is read, is whole; GET and the like are answered without theirs."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body.

        Raises: IncompleteBody, BodyTooLarge, BadRequest; UnsupportedType where it is compressed.
        """
        if self.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise UnsupportedType("Compressed bodies are not read.", "Send the body as it is.")
        return BytesIO(_whole(self.environ, self.max_content_length or 0))


def require_length() -> None:
    """Make sure that the current request says how long its body is, or that it has none.

    Raises: LengthRequired.
    """
    environ = request.environ
    has_none = environ["SERVER_PROTOCOL"].startswith("HTTP/1") and "HTTP_TRANSFER_ENCODING" not in environ
    if request.content_length is None and not has_none:
        raise LengthRequired


def _whole(environ: Mapping[str, Any], most: int) -> bytes:
    said = "" if "HTTP_TRANSFER_ENCODING" in environ else environ.get("CONTENT_LENGTH", "")
    if said and not (said.isascii() and said.isdecimal()):
        raise BadRequest("Content-Length is not a number.", "Send the number of bytes of the body.")
    announced = int(said) if said else None
    if announced is not None and announced > most:
        raise BodyTooLarge(most)
    if announced is None and not environ.get("wsgi.input_terminated"):
        return b""
    body = _read(environ["wsgi.input"], most + 1 if announced is None else announced)
    if len(body) > most:
        raise BodyTooLarge(most)
    if announced is not None and len(body) < announced:
        raise IncompleteBody(len(body), announced)
    return body


def _read(stream: IO[bytes], most: int) -> bytes:
    parts, left = list[bytes](), most
    while left and (part := stream.read(min(left, _PART))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
