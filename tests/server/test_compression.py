"""Compressed answers."""

import gzip
from collections.abc import Callable
from urllib.parse import quote

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient

from kg.versions import Home
from server import create_app, reader
from server.config import Settings
from tests.server.conftest import WholeAnswers

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
FILE = "/downloads/1/class/indicator.ttl"
LONG = (FILE, "/def", "/sparql?query=SELECT*%7B?s?p?o%7D")


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("url", LONG)
def test_a_compressed_answer_is_the_same_one_and_shorter(client: FlaskClient, url: str, coding: str) -> None:
    """Whichever way it is made: in memory, from a file, from a folder."""
    plain, packed = client.get(url), client.get(url, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert UNPACK[coding](packed.data) == plain.data
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    for response in (plain, packed):
        assert "Accept-Encoding" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("identity", None),
        ("gzip;q=0", None),
        ("deflate", None),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.1, gzip;q=0.9", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("*", "zstd"),
    ],
)
def test_the_client_chooses_the_coding(client: FlaskClient, accepted: str | None, coding: str | None) -> None:
    """Quality values count; without the header nothing is compressed."""
    response = client.get("/def", headers={"Accept-Encoding": accepted} if accepted else {})
    assert response.headers.get("Content-Encoding") == coding


def test_a_short_answer_is_sent_as_it_is(client: FlaskClient) -> None:
    """Compressing it would make it longer."""
    response = client.get("/sparql?query=ASK%7B%7D", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("url", ["/def", "/sparql?query=SELECT*%7B?s?p?o%7D", "/graphs?default", FILE])
def test_each_coding_has_a_tag_of_its_own_and_each_tag_a_304(client: FlaskClient, url: str) -> None:
    """Other bytes, another strong tag; both are known when they come back."""
    tags = {
        coding: client.get(url, headers={"Accept-Encoding": coding}).headers["ETag"] for coding in (*UNPACK, "identity")
    }
    assert len(set(tags.values())) == len(tags)
    for coding, tag in tags.items():
        again = client.get(url, headers={"Accept-Encoding": coding, "If-None-Match": tag})
        assert (again.status_code, again.headers["ETag"], again.data) == (304, tag, b"")
        assert "Accept-Encoding" in again.headers["Vary"]


def test_head_names_the_length_of_the_compressed_answer(client: FlaskClient) -> None:
    """HEAD says what GET would send."""
    headers = {"Accept-Encoding": "gzip"}
    head, got = client.head("/def", headers=headers), client.get("/def", headers=headers)
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(got.data))


def test_a_compressed_answer_takes_room_like_any_other(home: Home) -> None:
    """Where there is none, the client is told so properly; none is lost by it."""
    app = create_app(Settings(home=home.path, rate="off", workers=1, cache=0, spool=12))
    app.test_client_class = WholeAnswers
    text = "SELECT (SHA512(CONCAT(STR(?a), STR(?b), STR(?c))) AS ?x) { ?a ?p ?b . ?c ?q ?d } LIMIT 90000"
    url = "/sparql?query=" + quote(text)
    with app.test_client() as client, app.app_context():
        whole = client.get(url, headers={"Accept": "text/csv"})
        assert (whole.status_code, len(whole.data) > 11_000_000) == (200, True)
        refused = client.get(url, headers={"Accept": "text/csv", "Accept-Encoding": "gzip"})
        assert (refused.status_code, refused.mimetype) == (503, "application/problem+json")
        assert refused.headers["Retry-After"]
        assert client.get(url, headers={"Accept": "text/csv"}).data == whole.data
        reader.snapshots().close()
