"""What is fetched from other servers, and that nothing inside is ever reached.

127.0.0.1 stands for a public address here and 127.0.0.2 for one inside; both listen on the same port.
"""

import gzip
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.contexts import refuse_remote
from kg.engine import Query
from kg.errors import (
    ContextForbidden,
    EngineUnavailable,
    LoadForbidden,
    PraksisError,
    QueryTimeout,
    RemoteFailed,
    RemoteForbidden,
    RemoteTooLarge,
    ServiceForbidden,
    ServiceNotCallable,
    WorkerCrashed,
)
from kg.federation import refuse_services, with_documents, with_services
from kg.origins import AllowList, is_public
from kg.remote import FetchLimits, fetch, fetch_graph

TURTLE = "text/turtle"
JSON = "application/sparql-results+json"
NAME = "data.example"
LIMITS = FetchLimits(timeout=5, size=100_000)


@pytest.fixture
def allowed(internet: Any) -> AllowList:
    """Allow one server, whose name leads to the public one."""
    internet.names[NAME] = ["127.0.0.1"]
    return AllowList.parse(internet.origin(NAME))


@pytest.fixture
def url(internet: Any) -> str:
    return f"{internet.origin(NAME)}/x"


# Which servers


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1"),
        *("fe80::1%lo", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::"),
        *("2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d822", "100::1", "3fff::1"),
        *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "5f00::1", "::ffff:0:5db8:d822"),
    ],
)
def test_addresses_that_not_everybody_reaches_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2a00:1450:400f::1", "::ffff:93.184.216.34", "2002:5db8:d822::1", "64:ff9b::5db8:d822"],
)
def test_addresses_of_the_internet_are_public_however_they_are_written(address: str) -> None:
    assert is_public(address)


def test_an_entry_of_the_allow_list_is_one_scheme_one_name_and_one_port() -> None:
    allowed = AllowList.parse("example.org, Sparql.example.org:8443 ,http://old.example.org,[2a00:1450::1]")
    for iri in (
        *("https://example.org/a?b#c", "https://EXAMPLE.org:443/", "https://sparql.example.org:8443/q"),
        *("http://old.example.org/", "http://old.example.org:80/", "https://[2a00:1450::1]/"),
    ):
        assert allowed.allows(iri), iri
    for iri in (
        *("http://example.org/", "https://example.org:8443/", "https://sub.example.org/", "https://example.org.evil/"),
        *("https://sparql.example.org/", "https://old.example.org/", "ftp://example.org/", "file:///etc/passwd"),
        *("https://user@example.org/", "https://example.org@evil.org/", "https://example.org./", "https:example.org"),
        *("https://example.org\\@evil.org/", "https://example.org:x/", "https://[::1/", "//example.org/", ""),
    ):
        assert not allowed.allows(iri), iri
    assert not AllowList.parse(" , ")


@pytest.mark.parametrize("entry", ["https://example.org/sparql", "*.example.org", "example.org:port", "ftp://a", "a b"])
def test_what_is_no_server_is_no_entry_of_the_allow_list(entry: str) -> None:
    with pytest.raises(ValueError, match=r"server|port"):
        AllowList.parse(entry)


# Fetching


def test_a_document_comes_with_its_type_and_the_server_sees_its_own_name(
    internet: Any, allowed: AllowList, url: str
) -> None:
    internet.answer("/x?q=%C3%A6", b"<a:b> <a:c> 1 .", f"{TURTLE}; charset=utf-8")
    reply, sent = fetch_graph(f"{url}?q=æ#part", allowed, LIMITS)
    assert (reply.body, sent) == (b"<a:b> <a:c> 1 .", ox.RdfFormat.TURTLE)
    assert internet.asked[0].headers["Host"] == f"{NAME}:{internet.port}"
    assert internet.lookups == [NAME]


def test_a_document_that_is_no_graph_is_refused(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b"<p>", "text/html")
    with pytest.raises(RemoteFailed, match="text/html"):
        fetch_graph(url, allowed)


def test_an_error_of_the_other_server_is_told(allowed: AllowList, url: str) -> None:
    with pytest.raises(RemoteFailed, match="404"):
        fetch(url, allowed, "*/*")


def test_an_unknown_name_is_told(internet: Any, allowed: AllowList, url: str) -> None:
    del internet.names[NAME]
    with pytest.raises(RemoteFailed, match=r"The name of .* is not known"):
        fetch(url, allowed, "*/*")


def test_a_server_that_is_not_allowed_is_not_even_looked_up(internet: Any, allowed: AllowList) -> None:
    internet.names["other.example"] = ["127.0.0.1"]
    for iri in (f"{internet.origin('other.example')}/", f"http://127.0.0.2:{internet.port}/", f"https://{NAME}/"):
        with pytest.raises(RemoteForbidden):
            fetch(iri, allowed, "*/*")
    assert (internet.lookups, internet.asked) == ([], [])
    assert not internet.was_reached_inside()


def test_an_allowed_name_that_leads_inside_is_refused_without_a_connection(
    internet: Any, allowed: AllowList, url: str
) -> None:
    internet.names[NAME] = ["127.0.0.2"]
    with pytest.raises(RemoteForbidden, match="not public") as refused:
        fetch(url, allowed, "*/*")
    assert "127.0.0.2" not in refused.value.detail
    assert not internet.was_reached_inside()


def test_one_address_inside_spoils_the_public_ones(
    internet: Any, allowed: AllowList, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(_host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [(2, 1, 6, "", (address, port)) for address in ("127.0.0.1", "127.0.0.2")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(RemoteForbidden, match="not public"):
        fetch(url, allowed, "*/*")
    assert internet.asked == []
    assert not internet.was_reached_inside()


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    internet: Any, allowed: AllowList, url: str
) -> None:
    """The connection goes to the address that was judged, not to the name."""
    internet.names[NAME] = ["127.0.0.1", "127.0.0.2"]
    internet.answer("/x", b"here", TURTLE)
    assert fetch(url, allowed, "*/*").body == b"here"
    assert internet.lookups == [NAME]
    assert not internet.was_reached_inside()


def test_a_redirect_to_the_same_name_is_looked_up_and_judged_anew(internet: Any, allowed: AllowList, url: str) -> None:
    internet.names[NAME] = ["127.0.0.1", "127.0.0.2"]
    internet.answer("/x", b"", TURTLE, "Location: /y", status="302 Found")
    with pytest.raises(RemoteForbidden, match="not public"):
        fetch(url, allowed, "*/*")
    assert internet.lookups == [NAME, NAME]
    assert not internet.was_reached_inside()


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "http://2130706434:{port}/",
        "https://data.example/",
        "file:/x",
    ],
)
def test_a_redirect_away_from_the_allowed_servers_is_not_followed(
    internet: Any, allowed: AllowList, url: str, target: str
) -> None:
    internet.answer(
        "/x", b"", TURTLE, f"Location: {target.format(port=internet.port)}", status="307 Temporary Redirect"
    )
    with pytest.raises(RemoteForbidden):
        fetch(url, allowed, "*/*")
    assert len(internet.asked) == 1
    assert not internet.was_reached_inside()


def test_a_redirect_among_allowed_servers_is_followed_five_times(internet: Any, allowed: AllowList) -> None:
    for number in range(6):
        internet.answer(f"/{number}", b"", TURTLE, f"Location: {number + 1}", status="303 See Other")
    internet.answer("/6", b"here", TURTLE)
    reply = fetch(f"{internet.origin(NAME)}/1", allowed, "*/*")
    assert (reply.body, reply.iri) == (b"here", f"{internet.origin(NAME)}/6")
    with pytest.raises(RemoteFailed, match="more than 5 redirects"):
        fetch(f"{internet.origin(NAME)}/0", allowed, "*/*")


def test_more_bytes_than_allowed_are_not_taken_packed_or_not(internet: Any, allowed: AllowList, url: str) -> None:
    limits = FetchLimits(timeout=5, size=1000)
    internet.answer("/x", b"x" * 1000, TURTLE)
    assert len(fetch(url, allowed, "*/*", limits=limits).body) == 1000
    internet.answer("/x", b"x" * 1001, TURTLE)
    with pytest.raises(RemoteTooLarge):
        fetch(url, allowed, "*/*", limits=limits)
    internet.answers["/x"] = [b"HTTP/1.0 200 OK\r\n\r\n", *[b"x" * 500] * 20]
    with pytest.raises(RemoteTooLarge):
        fetch(url, allowed, "*/*", limits=limits)


def test_a_packed_document_is_unpacked_no_further_than_allowed(internet: Any, allowed: AllowList, url: str) -> None:
    packed = gzip.compress(b"x" * 50_000_000)
    internet.answer("/x", packed, TURTLE, "Content-Encoding: gzip")
    tracemalloc.start()
    try:
        with pytest.raises(RemoteTooLarge):
            fetch(url, allowed, "*/*", limits=FetchLimits(timeout=5, size=len(packed)))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_packed_document_is_unpacked(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", gzip.compress(b"x" * 5000), TURTLE, "Content-Encoding: gzip")
    assert fetch(url, allowed, "*/*").body == b"x" * 5000


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", id="short of its length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort", id="no last chunk"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 5000)[:-9], id="gzip cut off"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", id="unknown packing"),
        pytest.param(b"no HTTP at all\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_an_answer_that_is_not_whole_is_no_answer(internet: Any, allowed: AllowList, url: str, answer: bytes) -> None:
    internet.answers["/x"] = answer
    with pytest.raises(RemoteFailed):
        fetch(url, allowed, "*/*")


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_server_that_drips_is_cut_off_at_the_deadline(
    internet: Any, allowed: AllowList, url: str, start: bytes
) -> None:
    """Each byte comes in good time; together they never end, in the body as in the head."""
    internet.answers["/x"] = [start, *[b"x"] * 60]
    started = time.monotonic()
    with pytest.raises(RemoteFailed, match="in time"):
        fetch(url, allowed, "*/*", limits=FetchLimits(timeout=0.5))
    assert time.monotonic() - started < 3


def test_a_name_that_is_not_found_in_time_holds_nobody_up(
    allowed: AllowList, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(20) and [])
    started = time.monotonic()
    with pytest.raises(RemoteFailed, match="in time"):
        fetch(url, allowed, "*/*", limits=FetchLimits(timeout=0.3))
    release.set()
    assert time.monotonic() - started < 3


def test_no_more_than_four_fetches_run_at_once(internet: Any, allowed: AllowList, url: str) -> None:
    def attempt() -> None:
        with pytest.raises(PraksisError):
            fetch(url, allowed, "*/*", limits=FetchLimits(timeout=2))

    internet.answers["/x"] = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 60]
    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 5
    while len(internet.asked) < 4:
        assert time.monotonic() < end
        time.sleep(0.02)
    with pytest.raises(EngineUnavailable, match="at once"):
        fetch(url, allowed, "*/*", limits=FetchLimits(timeout=0.2))
    for thread in threads:
        thread.join()
    assert len(internet.asked) == 4


@pytest.fixture
def tls_server(internet: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Serve with a certificate for one name, which is trusted here."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing: it makes the certificate of the test")

    def serve(name: str) -> str:
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
        command += ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        listening = socket.create_server(("127.0.0.1", 0))

        def answer() -> None:
            with listening, listening.accept()[0] as plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as stream:
                        stream.recv(10_000)
                        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        internet.names[NAME] = ["127.0.0.1"]
        return f"{NAME}:{listening.getsockname()[1]}"

    return serve


def test_https_is_spoken_under_the_name_not_the_address(tls_server: Callable[[str], str]) -> None:
    server = tls_server(NAME)
    assert fetch(f"https://{server}/", AllowList.parse(server), "*/*").body == b"here"


def test_a_certificate_for_another_name_is_not_trusted(tls_server: Callable[[str], str]) -> None:
    server = tls_server("other.example")
    with pytest.raises(RemoteFailed, match=r"The certificate of .* is not trusted"):
        fetch(f"https://{server}/", AllowList.parse(server), "*/*")


# SERVICE


def results(names: list[str], *rows: dict[str, object]) -> bytes:
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


def uri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


TWO = results(
    ["s", "o"],
    {"s": uri("http://e/1"), "o": {"type": "literal", "value": 'a"}\n', "xml:lang": "nb"}},
    {"s": uri("http://e/2")},
)


def solve(text: str, allowed: AllowList) -> list[dict[str, str | None]]:
    """Answer a query over a store with one triple, its services asked first."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://e/1"), ox.NamedNode("http://e/here"), ox.Literal("x")))
    ready = with_services(Query(text, base_iri="http://base.example/sparql"), allowed, LIMITS)
    solutions = store.query(ready.text, base_iri=ready.base_iri)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [{n: None if row[n] is None else row[n].value for n in names} for row in solutions]


def test_the_solutions_of_a_service_join_with_what_is_here(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", TWO, JSON)
    text = f"SELECT * {{ ?s <http://e/here> ?x . SERVICE <{url}> {{ ?s <http://e/p> ?o }} }}"
    assert solve(text, allowed) == [{"s": "http://e/1", "x": "x", "o": 'a"}\n'}]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT * {{ sErViCe#<no>\n<{url}>{{ ?s ?p ?o }} }}", 2),
        ("PREFIX d: <{url}> BASE <http://e/> SELECT * {{ SERVICE d: {{ ?s <p> ?o }} }}", 2),
        ("PREFIX SERVICE: <{url}> SELECT * {{ SERVICE SERVICE: {{ ?s SERVICE:p ?o }} }}", 2),
        ("SELECT * {{ {{ SELECT ?s {{ SERVICE <{url}> {{ ?s ?p ?o }} }} LIMIT 1 }} }}", 1),
        ("SELECT * {{ OPTIONAL {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} FILTER(bound(?o)) }} }}", 1),
        ("SELECT * {{ ?s <http://e/here> ?x MINUS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}", 0),
        ("SELECT * {{ {{ SERVICE <{url}> {{ ?s ?p ?o }} }} UNION {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}", 4),
        ("SELECT * {{ SERVICE <{url}> {{ {{ SELECT ?s ?o {{ ?s ?p ?o }} }} }} BIND(1 AS ?one) }}", 2),
        ("SELECT ?service {{ SERVICE <{url}> {{ ?s ?p ?o FILTER(?o != 'SERVICE {{') }} BIND(?s AS ?service) }}", 2),
    ],
)
def test_a_service_is_asked_wherever_patterns_stand(
    internet: Any, allowed: AllowList, url: str, text: str, rows: int
) -> None:
    internet.answer("/x", TWO, JSON)
    assert len(solve(text.format(url=url), allowed)) == rows


def test_a_service_gets_the_pattern_with_what_it_needs_to_be_understood(
    internet: Any, allowed: AllowList, url: str
) -> None:
    internet.answer("/x", TWO, JSON)
    solve(f"PREFIX e: <e#> SELECT ?s {{ SERVICE <{url}> {{ ?s e:p ?o }} }} ORDER BY ?s", allowed)
    (asked,) = internet.asked
    assert asked.line == "POST /x HTTP/1.1"
    assert asked.body == (
        b"query=BASE+%3Chttp%3A%2F%2Fbase.example%2Fsparql%3E%0APREFIX+e%3A+%3Ce%23%3E%0A"
        b"SELECT+%2A+WHERE+%7B+%3Fs+e%3Ap+%3Fo+%7D"
    )


def test_a_pattern_without_variables_holds_or_not(internet: Any, allowed: AllowList, url: str) -> None:
    text = f"SELECT * {{ ?s <http://e/here> ?x SERVICE <{url}> {{ <http://e/a> <http://e/b> 1 }} }}"
    internet.answer("/x", results([], {}), JSON)
    assert len(solve(text, allowed)) == 1
    internet.answer("/x", results([]), JSON)
    assert solve(text, allowed) == []


def test_silent_forgives_what_the_other_server_does_wrong_and_nothing_else(
    internet: Any, allowed: AllowList, url: str
) -> None:
    text = f"SELECT * {{ ?s <http://e/here> ?x SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}"
    assert solve(text, allowed) == [{"s": "http://e/1", "x": "x"}]
    with pytest.raises(RemoteFailed, match="404"):
        solve(text.replace("SILENT", ""), allowed)
    internet.answer("/x", results(["s"], *[{"s": uri(f"http://e/{number}")} for number in range(10_001)]), JSON)
    with pytest.raises(RemoteTooLarge):
        with_services(Query(text), allowed, FetchLimits())
    internet.names[NAME] = ["127.0.0.2"]
    with pytest.raises(RemoteForbidden):
        solve(text, allowed)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (TWO, "text/html"),
        (TWO[:-2], JSON),
        (b'{"head":{},"boolean":true}', JSON),
        (results(["x"], {"x": uri("http://e/1")}), JSON),
        (results(["s", "s"]), JSON),
        (results(["s"], {"s": uri("http://e/1> } SERVICE <http://e/2")}), JSON),
        (results(["s"], {"s": {"type": "literal", "value": "x", "xml:lang": "en } #"}}), JSON),
        (results(["s) {} } #"]), JSON),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_not_believed(
    internet: Any, allowed: AllowList, url: str, body: bytes, media_type: str
) -> None:
    internet.answer("/x", body, media_type)
    with pytest.raises(RemoteFailed):
        solve(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", allowed)


def test_blank_nodes_of_another_service_are_not_handed_on(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", results(["s"], {"s": {"type": "bnode", "value": "b"}}), JSON)
    with pytest.raises(ServiceNotCallable, match="blank nodes"):
        solve(f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}", allowed)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * {{\n  SERVICE ?x {{ ?s ?p ?o }} VALUES ?x {{ <{url}> }} }}", ServiceNotCallable),
        ("SELECT * {{\n  FILTER NOT EXISTS {{ {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }}", ServiceNotCallable),
        ("SELECT * {{\n  SERVICE <{url}> {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}", ServiceNotCallable),
        ("SELECT * {{\n  SERVICE SILENT <http://other.example/> {{ ?s ?p ?o }} }}", ServiceForbidden),
        ("SELECT * {{\n  SERVICE <relative> {{ ?s ?p ?o }} }}", ServiceForbidden),
        (
            "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }}\n  SERVICE <http://127.0.0.2/> {{ ?s ?p ?o }} }}",
            ServiceForbidden,
        ),
        (f"SELECT * {{{{ {'SERVICE <{url}> {{ ?s ?p ?o }}' * 5} }}}}", ServiceNotCallable),
    ],
)
def test_what_cannot_be_asked_first_is_refused_before_anything_is(
    internet: Any, allowed: AllowList, url: str, text: str, error: type[PraksisError]
) -> None:
    internet.answer("/x", TWO, JSON)
    with pytest.raises(error, match=r"Line [12], column"):
        solve(text.format(url=url), allowed)
    assert internet.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ # SERVICE <{url}> {{ }}\n ?s ?p 'SERVICE <{url}> {{ ?s ?p ?o }}' }}",
        "PREFIX service: <{url}> SELECT ?service {{ ?service service:SERVICE 'x'@service }}",
        "SELECT * {{ ?s <{url}#SERVICE> ?o",
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o",
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} no query",
        "PREFIX : <{url}> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}",
        'SELECT * {{ FILTER(1<2)#>"""\nSERVICE <{url}> {{ ?s ?p ?o }} #"""\n }}',
    ],
)
def test_what_is_no_call_or_no_query_is_left_to_the_engine(
    internet: Any, allowed: AllowList, url: str, text: str
) -> None:
    query = Query(text.format(url=url))
    assert with_services(query, allowed, LIMITS) is query
    assert internet.asked == []


DEEP = 100_000
NESTED = "{" * DEEP + "}" * DEEP


def test_what_nests_too_deeply_ends_no_process_of_ours(internet: Any, allowed: AllowList, url: str) -> None:
    """Be it a query, an update, or what another server answers to either."""
    with pytest.raises(WorkerCrashed):
        with_services(Query(f"SELECT * {{ SERVICE <{url}> {{}} {NESTED} }}"), allowed, LIMITS)
    with pytest.raises(WorkerCrashed):
        refuse_services(f"INSERT {{}} WHERE {{ SERVICE <{url}> {{}} {NESTED} }}", None, allowed)
    with pytest.raises(WorkerCrashed):
        with_documents(f"LOAD <{url}> ; INSERT {{}} WHERE {NESTED}", None, allowed, LIMITS)
    assert internet.asked == []
    limits = FetchLimits(timeout=5)
    internet.answer("/x", b"<a:b> <a:c> " + b"<<(<a:b> <a:c> " * DEEP + b"1" + b")>>" * DEEP + b" .", TURTLE)
    with pytest.raises(WorkerCrashed):
        with_documents(f"LOAD <{url}>", None, allowed, limits)
    iri = b'{"type":"uri","value":"a:b"}'
    triple = b'{"type":"triple","value":{"subject":%b,"predicate":%b,"object":' % (iri, iri)
    deep = triple * 10_000 + iri + b"}}" * 10_000
    body = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":' + deep + b"}]}}"
    internet.answer("/x", body, JSON)
    with pytest.raises((WorkerCrashed, QueryTimeout, ServiceNotCallable)):
        with_services(Query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"), allowed, limits)


def test_without_an_allow_list_every_query_is_left_to_the_engine(url: str) -> None:
    query = Query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
    assert with_services(query, AllowList(), LIMITS) is query


def test_a_service_in_an_update_is_refused_whoever_it_is(internet: Any, allowed: AllowList, url: str) -> None:
    text = "INSERT {{ GRAPH <http://e/g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{}> {{ ?s ?p ?o }} }}"
    with pytest.raises(ServiceNotCallable, match="in an update"):
        refuse_services(text.format(url), None, allowed)
    with pytest.raises(ServiceForbidden, match=r"http://other\.example"):
        refuse_services(text.format("http://other.example/"), None, allowed)
    refuse_services("INSERT DATA { <a:b> <a:c> 'SERVICE <http://other.example/> {}' }", None, allowed)
    assert internet.asked == []


# LOAD


def updated(text: str, allowed: AllowList) -> list[str]:
    """Return what an update writes, its documents fetched first."""
    store = ox.Store()
    store.update(with_documents(text, "http://base.example/", allowed, LIMITS), base_iri="http://base.example/")
    return sorted(str(quad) for quad in store)


def test_a_loaded_document_is_written_where_the_update_says(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b'PREFIX : <#> :a :b "}\\n\\u0007\\\\u0041"@nb .', TURTLE)
    text = f"PREFIX d: <{url}> PREFIX g: <http://g/> LOAD d: INTO GRAPH g:1 ; load silent # here\n <{url}>"
    (quad, other) = updated(f"{text} ;", allowed)
    assert quad == f'<{url}#a> <{url}#b> "}}\\n\\u0007\\\\u0041"@nb'
    assert other == f"{quad} <http://g/1>"


def test_blank_nodes_of_two_loaded_documents_stay_apart(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b"_:a <http://e/p> 1 .", TURTLE)
    assert len(updated(f"LOAD <{url}> ; LOAD <{url}> INTO GRAPH <http://g/1> ; LOAD <{url}>", allowed)) == 3


def test_load_silent_forgives_a_failure_and_load_does_not(internet: Any, allowed: AllowList, url: str) -> None:
    assert updated(f"LOAD SILENT <{url}>", allowed) == []
    with pytest.raises(RemoteFailed, match="404"):
        updated(f"LOAD <{url}>", allowed)
    internet.answer("/x", b"<a> <b", TURTLE)
    with pytest.raises(RemoteFailed, match="cannot be read"):
        updated(f"LOAD <{url}>", allowed)


@pytest.mark.parametrize("iri", ["http://other.example/", "file:///etc/passwd", "http://127.0.0.2:{port}/", "ftp://e/"])
def test_a_document_of_a_server_that_is_not_allowed_is_not_loaded(
    internet: Any, allowed: AllowList, url: str, iri: str
) -> None:
    text = f"LOAD <{url}> ;\nLOAD SILENT <{iri.format(port=internet.port)}> INTO GRAPH <http://g/>"
    with pytest.raises(LoadForbidden, match="Line 2, column 1"):
        updated(text, allowed)
    assert internet.asked == []
    assert not internet.was_reached_inside()


def test_a_loaded_document_with_its_context_elsewhere_is_refused(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b'{"@context": "/c", "@id": "a:b", "p": 1}', "application/ld+json")
    with pytest.raises(ContextForbidden, match=f"{internet.origin(NAME)}/c"):
        updated(f"LOAD SILENT <{url}>", allowed)
    assert len(internet.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {{ <a:b> <a:c> 'LOAD <{url}>' }} # LOAD <{url}>",
        "PREFIX load: <{url}> DELETE WHERE {{ ?load load:LOAD 'x'@load }}",
        "LOAD <{url}> INTO <http://g/>",
        "LOAD <{url}> INTO GRAPH",
        "INSERT DATA {{ LOAD <{url}> }}",
    ],
)
def test_what_loads_nothing_or_is_no_update_is_left_to_the_engine(
    internet: Any, allowed: AllowList, url: str, text: str
) -> None:
    text = text.format(url=url)
    assert with_documents(text, None, allowed, LIMITS) == text
    assert internet.asked == []


# Contexts


@pytest.mark.parametrize(
    "document",
    [
        '{"@context": "http://127.0.0.2/c", "@id": "a:b", "p": 1}',
        '{"@context": [{"x": "http://e/x"}, "c"], "@id": "a:b", "x": 1}',
        '{"@context": {"@version": 1.1, "@import": "c"}, "@id": "a:b", "x": 1}',
        '{"@context": {"x": {"@id": "http://e/x", "@context": "c"}}, "@id": "a:b", "x": {"y": 1}}',
        '[{"@id": "a:b", "@included": [{"@context": "c", "@id": "a:c", "x": 1}]}]',
    ],
)
def test_a_context_elsewhere_is_named_and_how_to_mend_it(document: str) -> None:
    with pytest.raises(ContextForbidden, match=r"<http://127\.0\.0\.2/c>") as refused:
        refuse_remote(document.encode(), "http://127.0.0.2/a")
    assert "Put what it says into the document" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "document",
    [
        '{"@context": {"p": "http://e/p"}, "@id": "a:b", "p": "@context"}',
        '{"@context": null, "@id": "a:b", "http://e/p": 1}',
        '{"@context": {"x": {"@id": "http://e/x", "@type": "@json"}}, "@id": "a:b", "x": {"@context": "http://e/c"}}',
        '{"@context": "http://e/c"',
        "[" * 100_000,
    ],
)
def test_a_document_without_a_context_elsewhere_is_left_to_its_reader(document: str) -> None:
    refuse_remote(document.encode())
