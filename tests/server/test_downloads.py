"""The whole graph as a file: made once, by a process of its own, and fetched whole or in parts."""

import hashlib
import threading
from base64 import b64encode
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import artefacts, dumps
from kg.versions import Home
from server import create_app, formats, reader
from server.config import Settings
from tests.server.conftest import WholeAnswers

pytestmark = pytest.mark.xdist_group("downloads")


@pytest.fixture(scope="module")
def own_home(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish a part of the real graph where no other test has made its files."""
    home = Home(tmp_path_factory.mktemp("downloads"), durable=False)
    home.publish(sorted(graph, key=str)[:500], "tests", "a part", {})
    return home


@pytest.fixture(scope="module")
def own_app(own_home: Home) -> Iterator[Flask]:
    """Make an application over it."""
    app = create_app(Settings(home=own_home.path, workers=1, rate="off"))
    app.test_client_class = WholeAnswers
    yield app
    with app.app_context():
        reader.snapshots().close()


@pytest.fixture
def own(own_app: Flask) -> FlaskClient:
    """Return a client of it."""
    return own_app.test_client()


def test_many_who_ask_at_once_have_it_made_once(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown parameters make no new file, no new tag and no new place in the cache, and this process writes none."""
    makers, answers = list[str](), list[tuple[int, str]]()
    call = artefacts._makers.call
    monkeypatch.setattr(artefacts._makers, "call", lambda *given: (makers.append(given[3]), call(*given)))
    monkeypatch.setattr(dumps, "write", None)

    def ask(number: int) -> None:
        response = own_app.test_client().get(f"/praksisgrafen.nq?x={number}&utm_source=letter")
        answers.append((response.status_code, response.headers.get("ETag", "")))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert makers == ["nquads"]
    assert {status for status, _ in answers} <= {200, 503}
    ask(99)
    assert len({tag for status, tag in answers if status == 200}) == 1
    kept, _ = own_app.wsgi_app.cache.state()  # type: ignore[attr-defined]
    assert kept == 1


@pytest.mark.parametrize("suffix", formats.DUMPS)
def test_a_file_has_its_length_its_digest_and_its_parts(own: FlaskClient, suffix: str) -> None:
    whole = own.get(f"/praksisgrafen.{suffix}")
    assert whole.status_code == 200
    digest = hashlib.sha256(whole.data).digest()
    assert whole.headers["Content-Length"] == str(len(whole.data))
    assert whole.headers["ETag"] == f'"{digest.hex()}"'
    assert whole.headers["Repr-Digest"] == f"sha-256=:{b64encode(digest).decode()}:"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.mimetype == formats.DUMP_TYPES[suffix]
    assert f"filename=praksisgrafen.{suffix}" in whole.headers["Content-Disposition"].replace('"', "")
    part = own.get(f"/praksisgrafen.{suffix}", headers={"Range": "bytes=10-", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[10:])
    assert part.headers["Content-Range"] == f"bytes 10-{len(whole.data) - 1}/{len(whole.data)}"
    other = own.get(f"/praksisgrafen.{suffix}", headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (other.status_code, other.data) == (200, whole.data)
    beyond = own.get(f"/praksisgrafen.{suffix}", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    head = own.head(f"/praksisgrafen.{suffix}")
    assert (head.headers["Content-Length"], head.data) == (whole.headers["Content-Length"], b"")


def test_a_client_that_has_the_file_gets_304_compressed_or_not(own: FlaskClient) -> None:
    plain = own.get("/praksisgrafen.ttl")
    packed = own.get("/praksisgrafen.ttl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Repr-Digest" not in packed.headers
    for response, accepted in ((plain, "identity"), (packed, "gzip")):
        sent = {"If-None-Match": response.headers["ETag"], "Accept-Encoding": accepted}
        for address in ("/praksisgrafen.ttl", "/praksisgrafen.ttl?y=1", "/praksisgrafen.ttl?version=1"):
            again = own.get(address, headers=sent)
            assert (again.status_code, again.headers["ETag"]) == (304, response.headers["ETag"])


def test_an_unknown_format_is_not_found(own: FlaskClient) -> None:
    assert own.get("/praksisgrafen.zip").status_code == 404
