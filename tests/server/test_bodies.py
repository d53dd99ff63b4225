"""Bodies that do not come whole, that are too large or too deep, and requests that are no good HTTP: a real server."""

import contextlib
import json
import shutil
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from kg import iris
from kg.tokens import Tokens
from kg.versions import Home
from server.config import Settings
from server.errors import CannotServe
from server.serve import serve
from tests.server.served import Served, serving

LINES = b"".join(b'<urn:s> <urn:p> "%d" .\n' % number for number in range(10))
GRAPH = iris.graph("sent")
INSERT = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> 1 }} }}".encode()
LARGEST = 1_000_000
DEEP = 30_000
OK = b"HTTP/1.1 200 "


@pytest.fixture(scope="module")
def own(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of this module's own."""
    path = tmp_path_factory.mktemp("own") / "home"
    shutil.copytree(home.path, path, symlinks=True)
    return Home(path)


@pytest.fixture(scope="module")
def bearer(own: Home) -> str:
    """What a writer sends."""
    return f"Bearer {Tokens(own.path).create('tests', ('write',))}"


@pytest.fixture(scope="module")
def served(own: Home, bearer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that lets a token write."""
    assert bearer
    log = tmp_path_factory.mktemp("served") / "log"
    with serving(own.path, log, query_timeout=20, request_bytes=LARGEST) as running:
        yield running
    assert "Traceback" not in log.read_text(errors="replace")


@pytest.fixture
def version(own: Home) -> Iterator[None]:
    """Make sure that a test makes no version."""
    before = own.current_number()
    yield
    assert own.current_number() == before


def head(method: str, path: str, *fields: str, host: str = "localhost") -> bytes:
    """Write the head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()


def chunks(content: bytes, *, end: bytes = b"0\r\n\r\n") -> bytes:
    """Write a chunked body."""
    return b"%x\r\n" % len(content) + content + b"\r\n" + end


def send(served: Served, request: bytes, *, cut: bool = False) -> tuple[int, dict[str, object]]:
    """Send bytes, perhaps with nothing behind them; return the status and the problem that come back."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        with contextlib.suppress(OSError):  # the server may answer before it has read all
            connection.sendall(request)
        if cut:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while b"\r\n\r\n" not in answer or not _is_whole(answer):
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    status, _, body = int(answer.split(b" ", 2)[1]), *answer.partition(b"\r\n\r\n")[1:]
    return status, json.loads(body) if body.startswith(b"{") else {}


def _is_whole(answer: bytes) -> bool:
    headers, _, body = answer.partition(b"\r\n\r\n")
    length = next((line for line in headers.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return len(body) >= int(length.partition(b":")[2])


def _fields(bearer: str, media_type: str, *more: str) -> tuple[str, ...]:
    return (f"Authorization: {bearer}", f"Content-Type: {media_type}", *more)


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_document_cut_short_is_refused(served: Served, bearer: str, method: str) -> None:
    """What has arrived reads well, and is not all that was announced."""
    fields = _fields(bearer, "application/n-triples", "Content-Length: 5000")
    status, problem = send(served, head(method, "/graphs/sent", *fields) + LINES, cut=True)
    assert (status, str(problem["type"]).rpartition("/")[2]) == (400, "incomplete-body")
    assert "5,000" in str(problem["detail"])


@pytest.mark.usefixtures("version")
def test_a_document_of_a_client_that_is_gone_is_not_kept(served: Served, bearer: str) -> None:
    """A reset connection ends a body as little as a closed one."""
    fields = _fields(bearer, "application/n-triples", "Content-Length: 5000")
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(head("PUT", "/graphs/gone", *fields) + LINES)
        time.sleep(0.5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(3)


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("end", [b"", b"ZZ\r\n", b"0\r\n\r\n"], ids=["cut", "broken", "whole"])
@pytest.mark.parametrize(
    ("method", "path", "media_type", "body"),
    [
        ("PUT", "/graphs/sent", "application/n-triples", LINES),
        ("POST", "/graphs/sent", "application/n-triples", LINES),
        ("POST", "/sparql", "application/sparql-update", INSERT),
        ("POST", "/sparql", "application/x-www-form-urlencoded", b"update=" + INSERT.replace(b" ", b"+")),
    ],
)
def test_what_writes_has_to_tell_its_length(  # noqa: PLR0917
    served: Served, bearer: str, method: str, path: str, media_type: str, body: bytes, end: bytes
) -> None:
    """Nobody can tell whether a chunked body has ended or was cut."""
    fields = _fields(bearer, media_type, "Transfer-Encoding: chunked")
    status, problem = send(served, head(method, path, *fields) + chunks(body, end=end), cut=not end)
    assert (status, "Content-Length" in str(problem["hint"])) == (411, True)


def test_what_has_no_body_needs_no_length(served: Served, bearer: str) -> None:
    """With neither a length nor chunks it is empty, and nobody can cut it."""
    assert send(served, head("POST", "/graphs/sent", *_fields(bearer, "text/turtle")))[0] in (201, 204)


def test_a_chunked_query_is_answered_and_one_that_is_too_large_refused(served: Served) -> None:
    """It is not cut at the limit and carried out."""
    fields = ("Content-Type: application/sparql-query", "Transfer-Encoding: chunked")
    start = head("POST", "/sparql", *fields, "Accept: application/json")
    assert send(served, start + chunks(b"ASK {}")) == (200, {"head": {}, "boolean": True})
    assert send(served, start + chunks(b"ASK {}".ljust(LARGEST)))[0] == 200
    status, problem = send(served, start + chunks(b"ASK {}".ljust(LARGEST + 1)))
    assert (status, problem["limit"]) == (413, LARGEST)


def test_a_form_may_be_as_large_as_any_other_body(served: Served) -> None:
    """The limit is the published one."""
    fields = ("Content-Type: application/x-www-form-urlencoded", "Accept: application/json")
    body = b"query=ASK+%7B%7D%23".ljust(LARGEST - 1, b"x")
    assert send(served, head("POST", "/sparql", *fields, f"Content-Length: {len(body)}") + body)[0] == 200


@pytest.mark.usefixtures("version")
def test_rdf_xml_that_ends_too_early_is_refused(served: Served, bearer: str) -> None:
    """A document whose elements are not closed was cut somewhere; in one file of a form, too."""
    document = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
        b'<rdf:Description rdf:about="urn:s"><e:p>1</e:p></rdf:Description>\n'
    )
    form = (
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="f.rdf"\r\n'
        b"Content-Type: application/rdf+xml\r\n\r\n" + document + b"\r\n--B--\r\n"
    )
    for media_type, body in (("application/rdf+xml", document), ("multipart/form-data; boundary=B", form)):
        fields = _fields(bearer, media_type, f"Content-Length: {len(body)}")
        status, problem = send(served, head("PUT", "/graphs/sent", *fields) + body)
        assert (status, problem["type"]) == (400, f"{iris.BASE}problem/document-syntax-error"), problem
        assert problem["line"] == 3


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/turtle", b"<urn:s> <urn:p> " + b"<<( <urn:s> <urn:p> " * DEEP + b"1" + b" )>>" * DEEP + b" ."),
        ("application/ld+json", b'{"http://e/p":' * DEEP + b"1" + b"}" * DEEP),
        ("application/ld+json", b'{"@context":"http://e/c","http://e/p":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    ],
    ids=["triple terms", "objects", "a context elsewhere"],
)
def test_documents_that_are_too_deep_harm_nobody(served: Served, bearer: str, media_type: str, body: bytes) -> None:
    """They are read in a process of their own, alone and in a form; whoever sends one is not told to try again."""
    before = set(_servers(served))
    form = (
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: %s\r\n\r\n'
        % media_type.encode()
    )
    for kind, sent in ((media_type, body), ("multipart/form-data; boundary=B", form + body + b"\r\n--B--\r\n")):
        fields = _fields(bearer, kind, f"Content-Length: {len(sent)}")
        status, problem = send(served, head("PUT", "/graphs/sent", *fields) + sent)
        assert status >= 400
        assert "Try again" not in str(problem.get("hint"))
    assert set(_servers(served)) == before


def _servers(served: Served) -> list[int]:
    """Return the processes that serve: those whose children are fork servers."""
    return [pid for pid, command in served.family().items() if "kg.engine.forkserver" not in command]


def test_a_compressed_body_is_not_read_as_if_it_were_none(served: Served) -> None:
    """At the endpoint as at the graph store."""
    fields = ("Content-Type: application/sparql-query", "Content-Encoding: gzip", "Content-Length: 6")
    assert send(served, head("POST", "/sparql", *fields) + b"ASK {}")[0] == 415


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_browser_is_told_in_a_page_what_the_gate_refuses(served: Served, language: str) -> None:
    """In the language it asks for."""
    reply = served.ask(f"/?lang={language}", Accept="text/html", Host="a b")
    assert (reply.status, reply.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert f'lang="{language}"'.encode() in reply.body


@pytest.mark.parametrize("host", ["", "a b", "x\r\nHost: y", "x<y>", "x:abc", "x/y", "a@b", "[::1", "x:123456"])
def test_a_request_without_one_good_host_is_refused(served: Served, host: str) -> None:
    """Links are made from it."""
    status, problem = send(served, head("GET", "/sparql?query=ASK%7B%7D", host=host))
    assert (status, "Host" in str(problem["hint"])) == (400, True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8000", "data.example.org.", "xn--bl-xka", "a_b"])
def test_every_good_host_is_answered(served: Served, host: str) -> None:
    """Names, addresses, ports."""
    assert send(served, head("GET", "/sparql?query=ASK%7B%7D", "Accept: application/json", host=host))[0] == 200


@pytest.mark.parametrize("header", ["Bearer\t%s", "%s", "Basic %s", "Bearer,%s"])
def test_a_token_that_is_sent_wrongly_is_not_sent_back(served: Served, bearer: str, header: str) -> None:
    """An answer may be shown or logged by others."""
    secret = bearer.removeprefix("Bearer ")
    status, problem = send(served, head("DELETE", "/graphs/sent", f"Authorization: {header % secret}"))
    assert status == 401
    assert secret not in json.dumps(problem)


def test_a_token_that_counts_for_nothing_gets_no_304(served: Served) -> None:
    """It is refused before anybody looks at what the client has."""
    tag = served.query("ASK {}").headers["etag"]
    path = "/sparql?query=ASK+%7B%7D"
    assert served.ask(path, If_None_Match=tag).status == 304
    assert served.ask(path, If_None_Match=tag, Authorization="Bearer pg_wrong").status == 401


@pytest.mark.parametrize("timeout", ["1_0", "%D9%A3", "%2B5", "0x10", "nan", "inf", "1e400", "-1", "0", "5%20", "."])
def test_a_time_that_is_no_plain_number_is_refused(served: Served, timeout: str) -> None:
    """However Python would read it."""
    assert send(served, head("GET", f"/sparql?query=ASK%7B%7D&timeout={timeout}"))[0] == 400


@pytest.mark.parametrize("timeout", ["5", "5.", ".5", "0.25", "1e-1", "2E%2B0", ""])
def test_a_time_that_is_a_plain_number_counts(served: Served, timeout: str) -> None:
    """With or without a fraction or an exponent."""
    assert send(served, head("GET", f"/sparql?query=ASK%7B%7D&timeout={timeout}"))[0] == 200


def test_tokens_that_others_may_read_stop_nobody_from_reading(served: Served, own: Home) -> None:
    """The description says that nobody writes; whoever tries is told no secrets."""
    tokens = Tokens(own.path).path
    tokens.chmod(0o644)
    try:
        description = served.ask("/sparql", Accept="text/turtle")
        assert (description.status, b"SPARQL11Update" in description.body) == (200, False)
    finally:
        tokens.chmod(0o600)
    assert b"SPARQL11Update" in served.ask("/sparql", Accept="text/turtle").body


@pytest.mark.parametrize(("host", "helps"), [("300.1.1.1", "--host"), ("192.0.2.1", "--host"), (None, "--port")])
def test_the_hint_names_what_is_wrong_with_the_address(served: Served, own: Home, host: str | None, helps: str) -> None:
    """The host or the port."""
    with pytest.raises(CannotServe) as raised:
        serve(Settings(home=own.path, host=host or "127.0.0.1", port=served.port))
    assert raised.value.hint is not None
    assert helps in raised.value.hint


def test_http_1_0_needs_no_host(served: Served) -> None:
    """It knew none."""
    assert send(served, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200


def test_slow_bodies_of_one_client_leave_room_for_others(own: Home, tmp_path: Path) -> None:
    """One client holds only so many requests; who checks the health of the server is not among them."""
    slow = head("POST", "/sparql", "Content-Type: application/sparql-query", "Content-Length: 1000") + b"SEL"
    with (
        serving(own.path, tmp_path / "log", rate=1000, concurrency=8, processes=1, queue=8) as served,
        contextlib.ExitStack() as held,
    ):
        connections = [held.enter_context(socket.create_connection(("127.0.0.1", served.port))) for _ in range(100)]
        for connection in connections:
            connection.sendall(slow)
        time.sleep(2)
        assert served.ask("/healthz", patience=10).status == 200
        refused = served.query("ASK { FILTER(1 = 1) }")
        assert (refused.status, refused.json["limit"]) == (429, 8)
        assert refused.headers["retry-after"]
        held.close()
        assert served.answers_within(20)


def test_slow_readers_of_large_answers_count_until_they_have_read(own: Home, tmp_path: Path) -> None:
    """And a client that goes away in the middle of one counts no longer."""
    text = "SELECT ?a ?b ?c { ?a ?p ?c . ?b ?q ?o } LIMIT 60000"
    with (
        serving(own.path, tmp_path / "log", rate=1000, concurrency=2, processes=1, cache=0) as served,
        contextlib.ExitStack() as held,
    ):
        for number in range(2):
            _slow_reader(held, served, f"{text} # {number}")
        assert served.query("ASK {}").status == 429
        held.close()
        assert served.answers_within(20)


def _slow_reader(held: contextlib.ExitStack, served: Served, text: str) -> None:
    """Ask for much, wait until the answer begins, and read nothing of it."""
    connection = held.enter_context(socket.socket())
    connection.settimeout(60)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", served.port))
    fields = ("Content-Type: application/sparql-query", "Accept: text/csv", f"Content-Length: {len(text)}")
    connection.sendall(head("POST", "/sparql", *fields) + text.encode())
    assert connection.recv(len(OK), socket.MSG_PEEK | socket.MSG_WAITALL) == OK


def test_answers_that_wait_to_be_read_take_only_so_much_disk(own: Home, tmp_path: Path) -> None:
    """Beyond that a large answer is refused, a small one not; what is read or given up makes room again."""
    text = 'SELECT ?a ?b ("%s" AS ?x) { ?a ?p ?c . ?b ?q ?o } LIMIT 60000' % ("x" * 100)
    with (
        serving(own.path, tmp_path / "log", processes=1, spool=20, cache=0) as served,
        contextlib.ExitStack() as held,
    ):
        _slow_reader(held, served, text)
        reply = served.ask(_address(text), Accept="text/csv")
        assert (reply.status, reply.json["type"]) == (503, f"{iris.BASE}problem/spool-full")
        assert reply.headers["retry-after"]
        assert served.query("ASK {}").status == 200
        held.close()
        deadline = time.monotonic() + 30
        while (reply := served.ask(_address(text), Accept="text/csv")).status != 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert (reply.status, reply.body.count(b"\r\n")) == (200, 60_001)
        assert len(reply.body) > 8 * 2**20


def _address(text: str) -> str:
    return "/sparql?" + urlencode({"query": text})


def test_health_does_not_queue_behind_the_queries_of_users(own: Home, tmp_path: Path) -> None:
    """A server that is busy is well."""
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } # %d"
    with (
        serving(own.path, tmp_path / "log", query_timeout=8, queue_timeout=3, processes=1) as served,
        ThreadPoolExecutor(14) as threads,
    ):
        replies = [threads.submit(served.query, heavy % number) for number in range(14)]
        time.sleep(1)
        for path in ("/healthz", "/readyz"):
            assert served.ask(path).status == 200
        kinds = [reply.result().json["type"].rpartition("/")[2] for reply in replies]
    assert kinds.count("engine-busy") >= 8, kinds
