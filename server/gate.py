"""What every request passes before the application: the count of its client, the cache, the measurements.

It is WSGI, in front of Flask's routing, because an answer that is kept should cost next to nothing.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any, Final

from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from server import clients, downloads, errors, language, negotiation
from server.cache import Address, Cache, Headers, Kept
from server.concurrency import Concurrency
from server.config import Settings
from server.express import Express
from server.headers import ALWAYS
from server.metrics import Requests
from server.rates import Rates
from server.snapshot import Snapshots

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
OUTCOME: Final = "praksisgrafen.outcome"
"""Where in the WSGI environment the application says how a request ended, if it was not well."""
_UNCOUNTED: Final = frozenset(("/healthz", "/readyz", "/metrics"))
_UNKEPT: Final = frozenset(("/healthz", "/readyz", "/metrics", "/limits"))
_BESIDE: Final = ("/versions", "/timemap/", "/changes", "/catalogue", "/downloads", "/answers/")
"""What the addresses begin with whose answers change when versions are removed, or from day to day."""
_UNKEPT_HEADERS: Final = frozenset(("HTTP_AUTHORIZATION", "HTTP_IF_MATCH", "HTTP_RANGE"))
_MAY_NAME_A_VERSION: Final = re.compile(r"(?:^|&)(?:version(?:[=&]|$)|[^&=]*%)")
"""A parameter of this name, or of one that is written with escapes."""
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_NO_HOST: Final = errors.problem(
    errors.BadRequest("The request does not name one host.", "Send one header Host with a name or an address.")
)
_GATHERED: Final = 1 << 18
"""Units: bytes."""
_SERVICES: Final = frozenset(("sparql", "graphs", "graph", "id", "admin", "queries"))
_log = logging.getLogger("server.requests")


class Gate:
    """The middleware."""

    def __init__(
        self,
        application: Application,
        settings: Settings,
        snapshots: Snapshots,
        rates: Rates | None,
        page: Callable[[errors.Problem, str], str],
    ) -> None:
        """Stand before an application; `page` writes the page of a problem in a language."""
        self._application = application
        self._page = lru_cache(maxsize=64)(page)
        self._express = Express(snapshots)
        self._version = snapshots.mark
        self._proxies = settings.proxies
        self._rates = rates
        self._concurrency = Concurrency(settings.concurrency)
        self.cache = Cache(settings.cache * 2**20)
        self._requests = Requests()

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer from the cache, or have the application answer."""
        started = time.perf_counter()
        path, client = environ.get("PATH_INFO", ""), None
        if not _names_a_host(environ.get("HTTP_HOST", ""), environ["SERVER_PROTOCOL"]):
            return self._refuse(environ, start_response, started, _NO_HOST, "bad-request")
        if self._rates is not None and path not in _UNCOUNTED:
            client = clients.counted_as(clients.address(environ, self._proxies))
            wait = self._rates.take(client)
            if wait:
                found = errors.too_many(self._rates.rate, max(1, math.ceil(wait)))
                return self._refuse(environ, start_response, started, found, "rate-limited")
        if self._proxies and (scheme := clients.scheme(environ, self._proxies)):
            environ["wsgi.url_scheme"] = scheme
        place = self._place(environ, path)
        kept = place and self.cache.find(place, environ)
        if kept:
            status, outcome, body = _give(kept, environ, start_response)
            self._note(environ, started, status, outcome)
            return body
        if client is None:
            return self._ask(environ, start_response, place, started)
        if not self._concurrency.enter(client):
            found = errors.too_many_at_once(self._concurrency.most)
            return self._refuse(environ, start_response, started, found, "rate-limited")
        return self._counted(client, partial(self._ask, environ, start_response, place, started))

    def _counted(self, client: str, ask: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
        """Count a request as under way until its answer is made, or sent where that holds a thread."""
        leave = partial(self._concurrency.leave, client)
        try:
            body = ask()
        except BaseException:
            leave()
            raise
        if not isinstance(body, list):
            return ClosingIterator(body, leave)
        leave()
        return body

    def _refuse(
        self, environ: Environ, start_response: Start, started: float, found: errors.Problem, outcome: str
    ) -> list[bytes]:
        """Say what is wrong with a request; the graph is not touched for it."""
        self._note(environ, started, found.status, outcome)
        request = Request(environ)
        if negotiation.prefers_html(request.headers.get("Accept")):
            content_type = "text/html; charset=utf-8"
            chosen = language.choose(request.args.get("lang"), request.accept_languages)
            body = self._page(found, chosen).encode()
        else:
            content_type, chosen = "application/problem+json", errors.language_of(request)
            body = found.json(chosen).encode()
        about = {
            "Content-Type": content_type,
            "Content-Language": chosen,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
        }
        status = f"{found.status} {HTTPStatus(found.status).phrase}"
        start_response(status, list({**ALWAYS, **about, **found.headers}.items()))
        return [body]

    def _place(self, environ: Environ, path: str) -> Address | None:
        """Return where in the cache the answer is, None where it may not be there at all."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path in _UNKEPT or path.startswith(_BESIDE):
            return None
        if not _UNKEPT_HEADERS.isdisjoint(environ):
            return None
        version, given = self._version(), environ.get("QUERY_STRING", "")
        if version is None or not self.cache.largest or _MAY_NAME_A_VERSION.search(given):  # it may be pruned
            return None
        if path.startswith(downloads.ADDRESS):
            given = ""
        return (version, path, given, environ.get("HTTP_HOST"), environ["wsgi.url_scheme"])

    def _ask(self, environ: Environ, start_response: Start, place: Address | None, started: float) -> Iterable[bytes]:
        """Have the application answer; keep the answer where it stays the same."""
        said: list[tuple[str, Headers]] = []

        def listen(status: str, headers: Headers, exc_info: object = None) -> None:
            """Note how the application begins its answer, and pass it on."""
            said.append((status, headers))
            start_response(status, headers, exc_info)

        short = self._express.answer(environ, listen) if environ["PATH_INFO"] == "/sparql" else None
        body = self._application(environ, listen) if short is None else short
        line, headers = said[-1] if said else ("500", [])
        status = int(line[:3])
        outcome = environ.get(OUTCOME) or ("not-modified" if status == 304 else "ok")
        keep = place if status == 200 and environ["REQUEST_METHOD"] == "GET" else None
        body = self._whole(keep, environ, headers, body)
        self._note(environ, started, status, outcome)
        return body

    def _whole(
        self, place: Address | None, environ: Environ, headers: Headers, body: Iterable[bytes]
    ) -> Iterable[bytes]:
        """Gather a body that is not too large, which the server sends with one call, and keep it where it may be."""
        named = {name.lower(): value for name, value in headers}
        length = int(named.get("content-length", 2**62))
        keep = place is not None and "etag" in named and "set-cookie" not in named and length <= self.cache.largest
        if not keep and length > _GATHERED:
            return body
        try:
            whole = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        if keep and place is not None and len(whole) == length:
            self.cache.keep(place, environ, headers, whole)
        return [whole]

    def _note(self, environ: Environ, started: float, status: int, outcome: str) -> None:
        """Measure a request, and write a line about it where the log is that talkative; never who or what."""
        first = environ.get("PATH_INFO", "").split("/", 2)[1:2]
        service = first[0] if first and first[0] in _SERVICES else "page"
        seconds = time.perf_counter() - started
        self._requests.note(service, outcome, seconds)
        if _log.isEnabledFor(logging.INFO):
            method = environ["REQUEST_METHOD"]
            about = {"service": service, "method": method, "status": status, "outcome": outcome}
            _log.info("request", extra={"about": {**about, "seconds": round(seconds, 6)}})


@lru_cache(maxsize=256)
def _names_a_host(host: str, protocol: str) -> bool:
    """Tell whether the header Host, empty where there is none, is one host; of old clients none is asked.

    Source: https://www.rfc-editor.org/rfc/rfc9112#section-3.2
    """
    return _HOST.fullmatch(host) is not None or (not host and protocol in ("HTTP/1", "HTTP/1.0"))


def _give(kept: Kept, environ: Environ, start_response: Start) -> tuple[int, str, list[bytes]]:
    """Answer with what is kept, or say that the client has it already."""
    if_none_match = environ.get("HTTP_IF_NONE_MATCH")
    if if_none_match and kept.is_known_by(if_none_match):
        start_response("304 NOT MODIFIED", kept.without_body)
        return 304, "not-modified", []
    start_response("200 OK", kept.headers)
    return 200, "kept", [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]
