"""Compressed answers for clients that take them.

A tag names bytes, so that of a compressed answer ends in the coding; whoever compares tags asks for them `plain`.
Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final, cast

import brotli
import zstandard
from flask import Flask, Response, current_app, request
from werkzeug.wsgi import wrap_file

from kg.engine.spool import Spool
from kg.errors import SpoolFull
from server import reader

WORTH_IT: Final = 1024
"""Shorter answers are sent as they are. Units: bytes."""
_TYPES: Final = ("text/", "application/", "image/svg+xml")
_STATUSES: Final = (200, 304, 404, 422)
"""Of what is no page: pages are compressed whatever they say."""


def _zstd(parts: Iterable[bytes]) -> Iterator[bytes]:
    work = zstandard.ZstdCompressor(level=5).compressobj()
    yield from (work.compress(part) for part in parts)
    yield work.flush()


def _br(parts: Iterable[bytes]) -> Iterator[bytes]:
    work = brotli.Compressor(quality=4)
    yield from (work.process(part) for part in parts)
    yield work.finish()


def _gzip(parts: Iterable[bytes]) -> Iterator[bytes]:
    # 16 asks for a gzip header, which has no time in it: the same bytes each time, as the tag promises.
    work = zlib.compressobj(5, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    yield from (work.compress(part) for part in parts)
    yield work.flush()


CODINGS: Final[dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]]] = {"zstd": _zstd, "br": _br, "gzip": _gzip}
"""What is offered, in our own order of preference: the fastest first."""


def install(app: Flask) -> None:
    """Compress the answers of an app."""
    app.after_request(compressed)


def plain(tag: str) -> str:
    """Return the tag an answer has without its coding."""
    stem, dash, coding = tag.rpartition("-")
    return stem if dash and coding in CODINGS else tag


def compressed(response: Response) -> Response:
    """Compress an answer that is worth it for a client that takes it, and say that it depends on that."""
    is_among = response.status_code in _STATUSES or response.mimetype == "text/html"
    if not is_among or "Content-Encoding" in response.headers:
        return response
    if response.status_code == 304:
        response.vary.add("Accept-Encoding")
        return _with_tag_sent(response)
    if response.cache_control.no_transform or not (response.mimetype or "").startswith(_TYPES):
        return response
    response.vary.add("Accept-Encoding")
    coding = _chosen()
    if coding is None or (response.content_length or response.calculate_content_length() or 0) < WORTH_IT:
        return response
    try:
        return _compress(response, coding)
    except SpoolFull as error:
        response.close()
        return current_app.make_response(current_app.handle_user_exception(error))


def _chosen() -> str | None:
    """Return the coding the client likes best; without a header it takes none."""
    accepted = request.accept_encodings
    quality, _, coding = max((accepted.quality(name), -place, name) for place, name in enumerate(CODINGS))
    return coding if quality > 0 and quality >= accepted.quality("identity") else None


def _compress(response: Response, coding: str) -> Response:
    spool = Spool(reader.snapshots().room)
    whole = response.response
    try:
        for part in CODINGS[coding](_parts(response)):
            spool.write(part)
    except BaseException:
        spool.close()
        raise
    # The web server has a wrapper of its own for files; each can be closed, and a list of parts cannot.
    if close := getattr(whole, "close", None):
        close()
    file, length = spool.body()
    response.direct_passthrough = True
    response.response = wrap_file(request.environ, file)
    response.call_on_close(file.close)
    response.content_length = length
    response.headers["Content-Encoding"] = coding
    for of_the_whole in ("Accept-Ranges", "Repr-Digest"):
        response.headers.pop(of_the_whole, None)
    tag, weak = response.get_etag()
    if tag is not None:
        response.set_etag(f"{tag}-{coding}", weak=bool(weak))
    return response


def _parts(response: Response) -> Iterable[bytes]:
    """Return the body, that of a file in parts as it is read."""
    return cast(Iterable[bytes], response.response) if response.direct_passthrough else [response.get_data()]


def _with_tag_sent(response: Response) -> Response:
    """Give the 304 the tag the client has, which may be that of a compressed answer."""
    tag, _ = response.get_etag()
    known = (sent for sent in request.if_none_match.as_set(include_weak=True) if sent and plain(sent) == tag)
    if (sent := next(known, None)) is not None:
        response.set_etag(sent)
    return response
