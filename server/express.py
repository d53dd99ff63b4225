"""The short way for the commonest request: a program's GET of one query, with nothing else in it.

Flask costs several times what a small query does. This takes only what it can answer exactly as the view in
`server.sparql` would; a test compares the two. What turns out to need more, an error, a large or compressed answer,
an RDF one, goes to the view with the evaluation already done.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeGuard
from urllib.parse import unquote_to_bytes

from kg.engine import Answer, Formats, Query
from kg.engine.volatile import is_volatile
from kg.errors import PraksisError
from server import answers, caching, compression, formats, headers, memento, negotiation, reader
from server.protocol import ACCEPT_QUERY, QueryOperation
from server.snapshot import Snapshot, Snapshots

_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(?::(?!80$|443$)[0-9]{1,5})?")
_ELSEWHERE: Final = ("HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_QUERY_ID", "HTTP_ACCEPT_DATETIME")
_LONGEST: Final = 1 << 14
_Start = Callable[..., Any]


@lru_cache(maxsize=256)
def _negotiated(accept: str | None) -> tuple[str, str | None, Formats] | None:
    """Return the media types of results and graphs a program gets, None where a person or nobody is served."""
    bindings = negotiation.choose(accept, tuple(formats.RESULTS))
    if bindings is None or negotiation.prefers_html(accept):
        return None
    graph = negotiation.choose(accept, tuple(formats.GRAPHS))
    results = formats.RESULTS[bindings]
    return bindings, graph, Formats(results, results, formats.GRAPHS[graph] if graph else None)


def _query(environ: dict[str, Any]) -> str | None:
    """Return the query of a request that holds nothing else."""
    given: str = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
        return None
    if any(name in environ for name in _ELSEWHERE):
        return None
    if not given.startswith("query=") or "&" in given or len(given) > _LONGEST or not given.isascii():
        return None
    try:
        return unquote_to_bytes(given[6:].replace("+", " ")).decode()
    except UnicodeDecodeError:
        return None


class Express:
    """Answers what it can; everything else is for the application."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    def answer(self, environ: dict[str, Any], start_response: _Start) -> list[bytes] | None:
        """Answer a request, or return None, perhaps with the evaluation done."""
        negotiated, text = _negotiated(environ.get("HTTP_ACCEPT")), _query(environ)
        if negotiated is None or not text or self._snapshots.is_conformance or is_volatile(text):
            return None
        bindings, graph, chosen = negotiated
        base = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}/sparql"
        done = self._evaluated(Query(text, formats=chosen, base_iri=base))
        if done is None or not _is_plain(done.result, environ):
            environ[reader.DONE] = done
            return None
        tag = caching.tag_of(done.snapshot, "sparql", QueryOperation(text, (), ()), base, bindings, graph)
        body = done.result.read()
        links = _links(environ)
        start_response("200 OK", _headers(bindings, len(body), tag, done.snapshot) + links)
        return [body]

    def _evaluated(self, query: Query) -> reader.Evaluated | None:
        try:
            snapshot = self._snapshots.current()
        except PraksisError:
            return None
        try:
            return reader.Evaluated(snapshot, snapshot.engine.query(query))
        except PraksisError as error:
            return reader.Evaluated(snapshot, error)


def _is_plain(result: Answer | PraksisError, environ: dict[str, Any]) -> TypeGuard[Answer]:
    """Tell whether an answer is sent as it is: no error, no RDF, not large, not to be compressed."""
    if isinstance(result, PraksisError) or result.form not in ("SELECT", "ASK"):
        return False
    most = compression.WORTH_IT - 1 if "HTTP_ACCEPT_ENCODING" in environ else answers.IN_MEMORY
    return result.length <= most


def _links(environ: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the header that leads to what the same query was answered in the past."""
    root = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
    links = memento.invitation(memento.Original(root, "/sparql", (environ["QUERY_STRING"],)).at(), root)
    return [("Link", ", ".join(links))] if links else []


def _headers(media_type: str, length: int, tag: str, snapshot: Snapshot) -> list[tuple[str, str]]:
    return [
        ("Content-Type", formats.with_charset(media_type)),
        ("Content-Length", str(length)),
        ("ETag", f'"{tag}"'),
        ("Cache-Control", caching.TRY_AGAIN_SOON),
        ("Accept-Query", ACCEPT_QUERY),
        ("Vary", "Accept, Accept-Language, Accept-Encoding, Accept-Datetime"),
        *headers.ALWAYS.items(),
        ("Praksisgrafen-Version", str(snapshot.version.number)),
    ]
