"""RDF documents in the bodies of requests."""

from typing import Final

import pyoxigraph as ox
from flask import request
from werkzeug.datastructures import FileStorage
from werkzeug.http import parse_options_header

from kg import contexts
from server import formats
from server.errors import BadRequest, UnsupportedType

READABLE: Final = {
    media_type: formats.GRAPHS[media_type]
    for media_type in (formats.TURTLE, formats.NTRIPLES, formats.JSONLD, formats.RDFXML)
}
_FORM: Final = "multipart/form-data"


def body(base_iri: str) -> tuple[bytes, ox.RdfFormat]:
    """Return the document of the request and its format; the files of a form become one document.

    Raises: BadRequest or UnsupportedType, each saying what to send instead; ContextForbidden.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedType("Compressed bodies are not read.", "Send the document as it is.")
    if parse_options_header(request.content_type)[0] == _FORM:
        return _form(base_iri), ox.RdfFormat.N_TRIPLES
    content, format_ = request.get_data(), _format(request.content_type)
    if format_ == ox.RdfFormat.JSON_LD:
        contexts.refuse_remote(content, base_iri)
    return content, format_


def _format(content_type: str | None) -> ox.RdfFormat:
    media_type, options = parse_options_header(content_type)
    if media_type not in READABLE:
        sent = f"“{media_type}”" if media_type else "a body without a media type"
        raise UnsupportedType(f"A graph is not read from {sent}.", f"Send one of {', '.join(READABLE)}.")
    charset = options.get("charset", "utf-8").strip().lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedType(f"The document is said to be in {charset}.", "Send UTF-8.")
    return READABLE[media_type]


def _form(base_iri: str) -> bytes:
    files = [file for name in request.files for file in request.files.getlist(name)]
    if request.form or not files:
        raise BadRequest("A form with graphs has files and nothing else.", "Give each part a file name and a type.")
    triples = (triple for file in files for triple in _triples(file, base_iri))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _triples(file: FileStorage, base_iri: str) -> list[ox.Triple]:
    """Read one file of a form; its blank nodes are not those of another."""
    content, format_ = file.read(), _format(file.content_type)
    if format_ == ox.RdfFormat.JSON_LD:
        contexts.refuse_remote(content, base_iri)
    try:
        quads = list(ox.parse(content, format=format_, base_iri=base_iri, rename_blank_nodes=True))
    except (SyntaxError, ValueError) as error:
        raise BadRequest(f"The file “{file.filename}” cannot be read: {error}", "Nothing was changed.") from error
    if any(not isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads):
        raise BadRequest(f"The file “{file.filename}” holds named graphs.", "Send one graph at a time.")
    return [quad.triple for quad in quads]
