"""Fetch from other servers: the only code that opens connections outwards.

Only servers that the operator allows are asked, and only where their name leads to a public address. The name is looked
up once for each connection, here; the connection goes to just the address that was judged, so a name that answers
differently the second time gains nothing. Redirects start all over.

`http.client` speaks HTTP over the socket it is given, and is forbidden to open one itself. It knows no proxies,
cookies, redirects or pools that would have to be switched off; urllib3 does, and cannot publicly be given a socket.
"""

import contextlib
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Final
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from pyoxigraph import RdfFormat

from kg.errors import EngineUnavailable, RemoteFailed, RemoteForbidden, RemoteTooLarge
from kg.origins import AllowList, Origin, is_public, origin

_REDIRECTS: Final = 5
_AT_ONCE: Final = threading.BoundedSemaphore(4)
_PATIENCE: Final = 5.0
"""How long a fetch waits for others of this process to end. Units: seconds."""
_PART: Final = 64 * 1024
_HEADERS: Final = {"User-Agent": "praksisgrafen", "Accept-Encoding": "gzip", "Connection": "close"}
_KEPT: Final = "/%:@!$&'()*+,;=~?"
_FORM: Final = "application/x-www-form-urlencoded"
_GRAPHS: Final = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may use, redirects included; a body is counted as sent and again as unpacked.

    Units: seconds; bytes.
    """

    timeout: float = 10.0
    size: int = 10 * 2**20


_DEFAULTS: Final = FetchLimits()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, and at which address in the end."""

    iri: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent; with a form it is a POST."""

    accept: str
    form: bytes | None
    headers: dict[str, str] = field(default_factory=lambda: dict(_HEADERS))


def fetch(
    iri: str, allowed: AllowList, accept: str, *, form: bytes | None = None, limits: FetchLimits = _DEFAULTS
) -> Reply:
    """Get what an IRI names, or post a form to it.

    Raises: RemoteForbidden, RemoteFailed, RemoteTooLarge; EngineUnavailable when too many are being fetched already.
    """
    deadline = time.monotonic() + limits.timeout
    if not _AT_ONCE.acquire(timeout=max(0.0, min(_PATIENCE, limits.timeout))):
        raise EngineUnavailable("Too many other servers are being asked at once.")
    try:
        return _follow(iri, allowed, _Request(accept, form), limits.size, deadline)
    finally:
        _AT_ONCE.release()


def fetch_graph(iri: str, allowed: AllowList, limits: FetchLimits = _DEFAULTS) -> tuple[Reply, RdfFormat]:
    """Get an RDF document and the format it is in.

    Raises: what `fetch` raises; RemoteFailed also when it is in no format of graphs.
    """
    reply = fetch(iri, allowed, ", ".join(known.media_type for known in _GRAPHS), limits=limits)
    sent = RdfFormat.from_media_type(reply.media_type) if reply.media_type else None
    if sent not in _GRAPHS or sent is None:
        raise RemoteFailed(
            iri,
            "<%(iri)s> answered in “%(media_type)s”, which is not a format of an RDF graph.",
            media_type=reply.media_type,
        )
    return reply, sent


def _follow(iri: str, allowed: AllowList, request: _Request, size: int, deadline: float) -> Reply:
    for _ in range(_REDIRECTS + 1):
        with _translated(iri, deadline), _asked(iri, allowed, request, deadline) as response:
            if 200 <= response.status < 300:
                return _read(iri, response, size)
            location = response.headers["Location"]
            followed = (307, 308) if request.form is not None else (301, 302, 303, 307, 308)
            if response.status not in followed or location is None:
                raise RemoteFailed(iri, "<%(iri)s> answered with status %(code)s.", code=str(response.status))
            following = urljoin(iri, location)
        iri = following
    raise RemoteFailed(iri, "<%(iri)s>: there were more than %(most)s redirects.", most=_REDIRECTS)


@contextlib.contextmanager
def _translated(iri: str, deadline: float) -> Iterator[None]:
    """Turn what fails on the way into an error of the project; past the deadline nothing counts as read."""
    try:
        yield
    except (RemoteFailed, RemoteForbidden, RemoteTooLarge):
        raise
    except (OSError, HTTPException, zlib.error, ValueError) as error:
        if time.monotonic() < deadline:
            raise _failure(iri, error) from error
    if time.monotonic() >= deadline:
        raise RemoteFailed(iri, "<%(iri)s> did not answer in time.")


def _failure(iri: str, error: Exception) -> RemoteFailed:
    """Say what failed without the addresses and paths that messages of the system may hold."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return RemoteFailed(iri, "The certificate of <%(iri)s> is not trusted: %(words)s", words=error.verify_message)
    if isinstance(error, socket.gaierror):
        return RemoteFailed(iri, "The name of <%(iri)s> is not known.")
    if isinstance(error, OSError):
        words = error.strerror or type(error).__name__
        return RemoteFailed(iri, "The connection to <%(iri)s> failed: %(words)s", words=words)
    return RemoteFailed(iri, "The answer of <%(iri)s> is not proper HTTP.")


@contextlib.contextmanager
def _asked(iri: str, allowed: AllowList, request: _Request, deadline: float) -> Iterator[HTTPResponse]:
    """Connect, send the request, and give the answer with its body unread."""
    try:
        target = origin(iri)
    except ValueError as error:
        raise RemoteForbidden(iri, "<%(iri)s> is not a plain http or https address.") from error
    if target not in allowed.origins:
        raise RemoteForbidden(
            iri, "<%(iri)s>: %(server)s is not on the list of servers that may be asked.", server=str(target)
        )
    addresses = _public_addresses(iri, target, deadline)
    with _connected(addresses, target, deadline) as stream:
        connection = HTTPConnection(target.host, target.port)
        connection.auto_open = 0
        connection.sock = stream
        headers = {**request.headers, "Host": str(target).partition("://")[2], "Accept": request.accept}
        if request.form is not None:
            headers["Content-Type"] = _FORM
        connection.request("GET" if request.form is None else "POST", _path(iri), request.form, headers)
        with connection.getresponse() as response:
            yield response


def _path(iri: str) -> str:
    parts = urlsplit(urldefrag(iri).url)
    return quote(parts.path or "/", safe=_KEPT) + ("?" + quote(parts.query, safe=_KEPT) if parts.query else "")


def _public_addresses(iri: str, target: Origin, deadline: float) -> list[str]:
    """Look a name up, and return its addresses if every one of them is public."""
    addresses = list(dict.fromkeys(_resolve(target.host, target.port, deadline)))
    if not addresses or not all(is_public(address) for address in addresses):
        raise RemoteForbidden(
            iri, "<%(iri)s>: the name %(host)s leads to an address that is not public.", host=target.host
        )
    return addresses


def _resolve(host: str, port: int, deadline: float) -> list[str]:
    """Look a name up in a thread of its own, since nothing else bounds how long that takes."""
    found: list[str] = []
    failures: list[OSError] = []

    def look_up() -> None:
        """Note the addresses of the name, or what went wrong."""
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failures.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=look_up, name="name-lookup", daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if failures:
        raise failures[0]
    if thread.is_alive():
        raise TimeoutError
    return found


@contextlib.contextmanager
def _connected(addresses: list[str], target: Origin, deadline: float) -> Iterator[socket.socket]:
    """Connect to the first address that answers; the connection is cut at the deadline, whatever it is doing then."""
    plain = _dial(addresses, target.port, deadline)
    lifeline = plain.dup()
    timer = threading.Timer(_left(deadline), _cut, (lifeline,))
    timer.start()
    try:
        with _secured(plain, target) as stream:
            yield stream
    finally:
        timer.cancel()
        timer.join()
        lifeline.close()
        plain.close()


def _dial(addresses: list[str], port: int, deadline: float) -> socket.socket:
    error: OSError = TimeoutError()
    for address in addresses:
        try:
            return socket.create_connection((address, port), _left(deadline))
        except OSError as failure:
            error = failure
    raise error


def _secured(plain: socket.socket, target: Origin) -> socket.socket:
    if target.scheme == "http":
        return plain
    # A ragged end is an error: a body without a length would otherwise look complete.
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=target.host, suppress_ragged_eofs=False)


def _cut(lifeline: socket.socket) -> None:
    with contextlib.suppress(OSError):
        lifeline.shutdown(socket.SHUT_RDWR)


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _read(iri: str, response: HTTPResponse, limit: int) -> Reply:
    """Read and unpack a body to its very end."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise RemoteFailed(
            iri, "The answer of <%(iri)s> is packed in a way that is not read here: “%(encoding)s”.", encoding=encoding
        )
    unpacker = None if encoding == "identity" else zlib.decompressobj(wbits=31)
    body, received = bytearray(), 0
    while part := response.read(_PART):
        received += len(part)
        body += unpacker.decompress(part, limit + 1 - len(body)) if unpacker else part
        if max(received, len(body)) > limit:
            raise RemoteTooLarge(iri, limit, "bytes")
    if response.length or (unpacker and not unpacker.eof):
        raise RemoteFailed(iri, "The answer of <%(iri)s> ended too early.")
    return Reply(iri, response.headers.get_content_type() if response.headers["Content-Type"] else "", bytes(body))
