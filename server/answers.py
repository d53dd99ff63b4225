"""HTTP answers made from the engine's answers and from templates."""

import re
from collections.abc import Mapping

from flask import Response, render_template, request
from werkzeug.wsgi import wrap_file

from kg.engine import Answer, spool
from server import formats, negotiation, reader
from server.errors import Unacceptable

IN_MEMORY = spool.MEMORY
PART = 1 << 18
"""Units: bytes."""
_PREFIX = re.compile(rb"^(@prefix ([\w-]*): <[^>\n]*> \.\n)", re.MULTILINE)


def whole(answer: Answer, media_type: str) -> Response:
    """Send a complete answer with its length; a large one straight from its file."""
    content_type = formats.with_charset(media_type)
    if answer.length <= IN_MEMORY:
        body = answer.read()
        body = without_idle_prefixes(body) if media_type == formats.TURTLE and len(body) <= PART else body
        return Response(body, content_type=content_type)
    parts = wrap_file(request.environ, answer.body, PART)
    response = Response(parts, content_type=content_type, direct_passthrough=True)
    response.content_length = answer.length
    response.call_on_close(answer.close)
    return response


def without_idle_prefixes(turtle: bytes) -> bytes:
    """Drop the prefixes a Turtle document does not use, so that a short one begins with its content."""
    declared = _PREFIX.findall(turtle)
    body = _PREFIX.sub(b"", turtle)
    kept = sorted(line for line, prefix in declared if re.search(rb"(?<![\w-])" + prefix + b":", body))
    return b"".join(kept) + (b"\n" if kept else b"") + body


def page(template: str, **context: object) -> Response:
    """Send a page."""
    response = Response(render_template(template, **context), mimetype="text/html")
    response.content_language.add(reader.language())
    return response


def see_other(location: str) -> Response:
    """Send the reader on to a document about what they asked for."""
    return Response(status=303, headers={"Location": location})


def suffix_for_accept(offers: Mapping[str, str]) -> str:
    """Return the suffix (of suffix → media type) the client likes best.

    Raises: Unacceptable when it likes none.
    """
    chosen = negotiation.choose(request.headers.get("Accept"), tuple(offers.values()))
    if chosen is None:
        raise Unacceptable(tuple(offers.values()))
    return next(suffix for suffix, media_type in offers.items() if media_type == chosen)
