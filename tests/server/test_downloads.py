"""The whole graph as a file: made once, by a process of its own, and fetched whole or in parts."""

import gzip
import hashlib
import shutil
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import distributions, dumps, iris
from kg.versions import Home, history
from server import compression, downloads, formats, making
from tests.server.conftest import BROWSER, application
from tests.server.served import serving

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
    with application(own_home, workers=1, rate="off") as app:
        yield app


@pytest.fixture
def own(own_app: Flask) -> FlaskClient:
    """Return a client of it."""
    return own_app.test_client()


def test_many_who_ask_at_once_have_it_made_once(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown parameters make no new file, no new tag and no new place in the cache, and this process writes none."""
    makers, answers = list[object](), list[tuple[int, str]]()
    make = distributions._maker.make
    monkeypatch.setattr(distributions._maker, "make", lambda *given: (makers.append(given[4]), make(*given)))
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
    assert own_app.test_client().get("/downloads/1/praksisgrafen.nq?x=1").status_code == 200
    assert own_app.wsgi_app.cache.state()[0] == kept  # type: ignore[attr-defined]


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
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.data)}")
    head = own.head(f"/praksisgrafen.{suffix}")
    assert (head.headers["Content-Length"], head.data) == (whole.headers["Content-Length"], b"")


@pytest.mark.parametrize("sent", ["items=0-1", "bytes=0-1,4-5", "bytes=5-1", "bytes=x-", "nonsense"])
def test_parts_that_cannot_be_given_alone_come_with_the_rest(own: FlaskClient, sent: str) -> None:
    """Another unit, several parts and what is no range are left aside, as RFC 9110 wants or allows."""
    whole = own.get("/downloads/1/findings.parquet")
    found = own.get("/downloads/1/findings.parquet", headers={"Range": sent})
    assert (found.status_code, found.data) == (200, whole.data)


def test_an_end_that_is_longer_than_the_file_is_all_of_it(own: FlaskClient) -> None:
    """Readers of Parquet ask for the last 64 kB first; source: RFC 9110, 14.1.2."""
    whole = own.get("/downloads/1/findings.parquet").data
    found = own.get("/downloads/1/findings.parquet", headers={"Range": "bytes=-65536"})
    assert (found.status_code, found.data) == (206, whole)
    assert found.headers["Content-Range"] == f"bytes 0-{len(whole) - 1}/{len(whole)}"


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_refused_parts_and_conditions_are_told_in_words(own: FlaskClient, language: str) -> None:
    """A condition that does not hold gives no file, nothing to keep, and words of the reader's language."""
    address = f"/downloads/1/findings.csv?lang={language}"
    for headers, status in (({"If-Match": '"another"'}, 412), ({"Range": "bytes=99999999-"}, 416)):
        told, english = own.get(address, headers=headers), own.get(address[:-2] + "en", headers=headers)
        assert told.status_code == english.status_code == status
        assert told.mimetype == "application/problem+json"
        assert told.headers["Cache-Control"] == "no-store"
        for name in ("title", "detail"):
            assert told.json[name] != english.json[name]


def test_a_client_that_has_the_file_gets_304_compressed_or_not(own: FlaskClient) -> None:
    plain = own.get("/praksisgrafen.ttl")
    packed = own.get("/praksisgrafen.ttl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    for response, accepted in ((plain, "identity"), (packed, "gzip")):
        sent = {"If-None-Match": response.headers["ETag"], "Accept-Encoding": accepted}
        for address in ("/praksisgrafen.ttl", "/praksisgrafen.ttl?y=1", "/praksisgrafen.ttl?version=1"):
            again = own.get(address, headers=sent)
            assert (again.status_code, again.headers["ETag"]) == (304, response.headers["ETag"])


def test_the_packed_file_is_what_clients_get_who_take_it(own: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compressed for one request; parts are of the plain file, and a packed file is not packed again."""
    monkeypatch.setattr(compression, "_compress", None)
    file = own.get("/downloads/1/praksisgrafen.trig.gz", headers={"Accept-Encoding": "gzip, br, zstd"})
    assert (file.mimetype, file.headers.get("Content-Encoding")) == ("application/gzip", None)
    plain = own.get("/downloads/1/praksisgrafen.trig", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in plain.headers
    coded = own.get("/downloads/1/praksisgrafen.trig", headers={"Accept-Encoding": "gzip, br, zstd"})
    assert (coded.headers["Content-Encoding"], coded.mimetype) == ("gzip", "application/trig")
    assert coded.data == file.data
    assert gzip.decompress(coded.data) == plain.data
    assert coded.headers["Repr-Digest"] == file.headers["Repr-Digest"] != plain.headers["Repr-Digest"]
    assert coded.headers["ETag"] != plain.headers["ETag"]
    assert {"Accept-Encoding"} <= set(plain.vary) & set(coded.vary)
    part = own.get("/downloads/1/praksisgrafen.trig", headers={"Accept-Encoding": "gzip", "Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, plain.data[5:10])


def test_a_numbered_file_is_for_ever_and_the_latest_leads_to_it(own: FlaskClient) -> None:
    numbered = own.get("/downloads/1/findings.csv")
    assert numbered.headers["Cache-Control"] == "public, max-age=31536000, immutable, no-transform"
    assert 'rel="describedby"' in numbered.headers["Link"]
    leading = own.get("/downloads/latest/findings.csv")
    assert (leading.status_code, leading.headers["Location"]) == (302, "/downloads/1/findings.csv")
    assert leading.headers["Cache-Control"] == "public, max-age=60"
    assert own.get("/downloads/latest/SHA256SUMS").headers["Location"] == "/downloads/1/SHA256SUMS"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/praksisgrafen.zip", 404),
        ("/downloads/latest/praksisgrafen.zip", 404),
        ("/downloads/1/praksisgrafen.zip", 404),
        ("/downloads/1/class/none.ttl", 404),
        ("/downloads/1/edition/1066.ttl", 404),
        ("/downloads/1/SHA256SUMS/x", 404),
        ("/downloads/1/../../../../etc/passwd", 404),
        ("/downloads/1/class%2F..%2F..%2FSHA256SUMS", 404),
        ("/downloads/99/findings.csv", 404),
        ("/downloads/-1/findings.csv", 400),
        ("/downloads/one/SHA256SUMS", 400),
        ("/downloads/99999999999999999999/findings.csv", 400),
        ("/downloads?version=x", 400),
    ],
)
def test_what_is_not_there_is_said(own: FlaskClient, path: str, status: int) -> None:
    response = own.get(path)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_a_file_that_makes_room_this_very_moment_is_to_be_asked_for_again(
    own: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(downloads, "send_file", gone)
    response = own.get("/downloads/1/findings.csv")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")


def test_the_context_is_there_for_pages_of_others(own: FlaskClient) -> None:
    """Its address is stable, and scripts of other sites may read it."""
    response = own.get("/context.jsonld", headers={"Origin": "https://example.org"})
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.get_json()["@context"]["pg"] == f"{iris.BASE}def/"
    exposed = response.headers["Access-Control-Expose-Headers"].replace(" ", "").split(",")
    assert {"Repr-Digest", "Content-Range", "ETag", "Link", "Memento-Datetime"} <= set(exposed)
    assert own.get("/context.jsonld", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_the_bytes_stay_after_three_more_versions_and_go_with_theirs(graph: ox.Store, tmp_path: Path) -> None:
    """The artefacts may be lost and made anew; a version that was removed is gone, one that never was is unknown."""
    home = Home(tmp_path, durable=False)
    quads = sorted(graph, key=str)[:300]
    home.publish(quads, "tests", "the first", {})
    with application(home, workers=1, rate="off") as app:
        client = app.test_client()
        names = ("praksisgrafen.jsonld", "praksisgrafen.ttl.gz", "findings.parquet", "class/claim.ttl", "SHA256SUMS")
        before = {name: client.get(f"/downloads/1/{name}").data for name in names}
        for number in range(3):
            home.publish(quads[: 200 + number], "tests", "another", {})
        shutil.rmtree(home.path / "artefacts" / "1")
        assert {name: client.get(f"/downloads/1/{name}").data for name in names} == before
        assert client.get("/praksisgrafen.jsonld?version=1").data == before["praksisgrafen.jsonld"]
        assert client.get("/downloads/4/praksisgrafen.jsonld").data != before["praksisgrafen.jsonld"]
        history.prune(home, 1)
        for name in names:
            assert client.get(f"/downloads/1/{name}").status_code == 410


@pytest.mark.parametrize(
    ("language", "size", "waiting"),
    [("nb", "2,5 kB", "Lages når noen ber om den"), ("en", "2.5 kB", "Made when it is asked for")],
)
def test_the_page_says_what_is_made_and_how_large_it_is(
    own_home: Home, own: FlaskClient, language: str, size: str, waiting: str
) -> None:
    shutil.rmtree(own_home.path / "artefacts" / "1", ignore_errors=True)
    first = own.get(f"/downloads?lang={language}", headers=BROWSER)
    assert waiting in first.text
    assert 'href="/downloads/1/praksisgrafen.ttl"' in first.text
    own.get("/downloads/1/praksisgrafen.ttl")
    then = own.get(f"/downloads?lang={language}", headers=BROWSER | {"If-None-Match": first.headers["ETag"]})
    assert then.status_code == 200
    length = len(own.get("/downloads/1/praksisgrafen.ttl").data)
    assert downloads.size(length, language) in then.text
    assert downloads.size(2_499, language) == size.replace(" ", "\N{NO-BREAK SPACE}")
    again = own.get(f"/downloads?lang={language}", headers=BROWSER | {"If-None-Match": then.headers["ETag"]})
    assert again.status_code == 304


def test_the_files_of_what_is_published_are_made_without_being_asked_for(graph: ox.Store, tmp_path: Path) -> None:
    """A server makes them for the version it starts with and for the next, and clears up after earlier ones."""
    home = Home(tmp_path / "home", durable=False)
    quads = sorted(graph, key=str)[:300]
    home.publish(quads, "tests", "the first", {})
    with serving(home.path, tmp_path / "log", earlier_files=0):
        wait_until(lambda: is_ready(home, 1))
        home.publish(quads[:200], "tests", "the second", {})
        wait_until(lambda: is_ready(home, 2))
    making.trim(home, 0)
    assert not is_ready(home, 1)
    assert is_ready(home, 2)


def is_ready(home: Home, number: int) -> bool:
    """Tell whether all files of a version and its search index are made."""
    version = home.version(number)
    table = distributions.distributions(home.path, version)
    states = {distributions.status(home.path, version, one) for one in table}
    return states == {"ready"} and any(home.path.glob(f"artefacts/{number}/*/search-*"))


def wait_until(holds: Callable[[], bool]) -> None:
    """Give what happens in the background generous time."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_what_fails_is_tried_again_and_another_version_goes_first(
    own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making gives up as soon as another version is in force."""
    version = own_home.version(1)
    monkeypatch.setattr(own_home, "current_number", lambda: 2)
    assert not making.make(own_home, version)
    monkeypatch.undo()
    assert making.make(own_home, version)
