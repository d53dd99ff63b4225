"""What is fetched from other servers, and that nothing inside is ever reached."""

import gzip
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

from kg.errors import (
    EngineUnavailable,
    PraksisError,
    RemoteFailed,
    RemoteForbidden,
    RemoteTooLarge,
)
from kg.origins import AllowList
from kg.remote import FetchLimits, fetch, fetch_graph
from tests.kg.federation.conftest import LIMITS, NAME, TURTLE


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
