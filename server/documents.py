"""RDF documents in the bodies of requests, as they came: whoever writes them reads them."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox
from flask import request
from werkzeug.http import parse_options_header

from kg.documents import Document
from server import formats
from server.errors import BadRequest, UnsupportedType

READABLE: Final = {
    media_type: formats.GRAPHS[media_type]
    for media_type in (formats.TURTLE, formats.NTRIPLES, formats.JSONLD, formats.RDFXML)
}
_FORM: Final = "multipart/form-data"


def body(base_iri: str) -> tuple[Document, ...]:
    """Return the document of the request, or those of a form.

    Raises: BadRequest or UnsupportedType, each saying what to send instead, and the errors of `server.bodies`.
    """
    content = request.get_data()
    if parse_options_header(request.content_type)[0] == _FORM:
        return tuple(_form(base_iri))
    return (Document(content, _format(request.content_type), base_iri),)


def _format(content_type: str | None) -> ox.RdfFormat:
    media_type, options = parse_options_header(content_type)
    if media_type not in READABLE:
        raise UnsupportedType(
            "A graph is not read from “%(media_type)s”."
            if media_type
            else "A graph is not read from a body without a media type.",
            "Send one of %(readable)s.",
            media_type=media_type,
            readable=", ".join(READABLE),
        )
    charset = options.get("charset", "utf-8").strip().lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedType("The document is said to be in %(charset)s.", "Send UTF-8.", charset=charset)
    return READABLE[media_type]


def _form(base_iri: str) -> Iterator[Document]:
    files = [file for name in request.files for file in request.files.getlist(name)]
    if request.form or not files:
        raise BadRequest("A form with graphs has files and nothing else.", "Give each part a file name and a type.")
    for file in files:
        yield Document(file.read(), _format(file.content_type), base_iri, file.filename)
