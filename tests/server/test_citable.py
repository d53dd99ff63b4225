"""Citable answers: a permalink that tells whether the answer is the one that was cited, and what it is today."""

import hashlib
import json
import re
import subprocess
import sys
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import bibtexparser
import pyoxigraph as ox
import pytest
import rispy
from flask.testing import FlaskClient

from kg import citable, iris
from kg.errors import QueryTimeout
from kg.versions import Home, history
from server import create_app, reader, shares
from server.cited import checking, recompute
from server.config import Settings
from server.snapshot import Snapshot
from tests.server.conftest import BROWSER, WholeAnswers

SKOS = "http://www.w3.org/2004/02/skos/core#"
NAMES = f"SELECT ?thing ?name {{ ?thing <{SKOS}prefLabel> ?name }}"
WHOLE = "SELECT ?finding ?value { ?finding <https://w3id.org/praksisgrafen/def/value> ?value }"
JSON = {"Accept": "application/json"}


def _named(*names: str) -> list[ox.Quad]:
    label, graph = ox.NamedNode(SKOS + "prefLabel"), ox.NamedNode(iris.graph("g"))
    things = ((ox.NamedNode(iris.entity("theme", name)), ox.Literal(name.title(), language="nb")) for name in names)
    return [ox.Quad(thing, label, literal, graph) for thing, literal in things]


def _publish(folder: Path) -> Home:
    """Publish three versions: two names, the same two and another graph, one of them and a new one."""
    home = Home(folder, durable=False)
    home.publish(_named("ake", "berg"), "tests", "first", {})
    other = ox.Quad(*_named("ake")[0].triple, ox.NamedNode(iris.graph("h")))
    home.publish([*_named("ake", "berg"), other], "tests", "second", {})
    home.publish(_named("berg", "dal"), "tests", "third", {})
    return home


@contextmanager
def _serving(home: Home) -> Iterator[FlaskClient]:
    app = create_app(Settings(home=home.path, workers=1, publisher="Etaten & Co."))
    app.test_client_class = WholeAnswers
    yield app.test_client()
    with app.app_context():
        reader.snapshots().close()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a program that asks an application over three versions, which nobody changes."""
    with _serving(_publish(tmp_path_factory.mktemp("cited"))) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three versions of a test's own."""
    return _publish(tmp_path)


def _cite(client: FlaskClient, query: str, **said: object) -> str:
    answer = client.get("/answers/cite?" + urlencode({"query": query, **said}))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def _record(client: FlaskClient, permalink: str) -> Any:
    answer = client.get(permalink, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_permalink_verifies_itself_and_tells_what_changed(client: FlaskClient) -> None:
    """Version 1 still gives what was cited; version 3 has one row more and one less."""
    record = _record(client, _cite(client, NAMES, version=1))
    assert (record["verified"], record["reason"], record["query"]) == (True, None, NAMES)
    assert record["algorithm"] == citable.ALGORITHM
    assert record["result_hash"] == record["cited_hash"]
    assert record["version"]["number"] == 1
    assert len(record["version"]["content_hash"]) == 64
    today = record["today"]
    assert (today["version"]["number"], today["same"], today["added"], today["removed"]) == (3, False, 1, 1)
    ordered = _record(client, _cite(client, f"{NAMES} ORDER BY ?name", version=3))
    assert (ordered["today"]["same"], ordered["reproducible"]) == (True, True)


def test_same_answer_from_another_version_is_the_same_today(client: FlaskClient) -> None:
    """A query about what has not changed is answered the same, though the version is another."""
    record = _record(
        client, _cite(client, f"SELECT DISTINCT ?c {{ <{iris.entity('theme', 'berg')}> ?c ?o }}", version=2)
    )
    assert (record["version"]["number"], record["today"]["version"]["number"]) == (2, 3)
    assert record["today"]["same"]


@pytest.mark.parametrize("media_type", ["text/tab-separated-values", "application/sparql-results+json"])
@pytest.mark.parametrize("modifier", ["", "ORDER BY DESC(?value) ?finding"])
def test_hash_is_recomputed_from_what_the_endpoint_answers(
    real_client: FlaskClient, media_type: str, modifier: str
) -> None:
    """By code that shares nothing with ours, from the formats that keep the terms whole."""
    query = f"{WHOLE} {modifier}".strip()
    answer = real_client.get("/sparql?" + urlencode({"query": query}), headers={"Accept": media_type})
    lines = _lines_of_tsv(answer.text) if "tab" in media_type else _lines_of_json(answer.json)
    head, rows = lines[0], lines[1:]
    assert len(rows) > 50
    text = "\n".join(["praksisgrafen-answer-1", head, *(rows if modifier else sorted(rows)), ""])
    assert f"/{hashlib.sha256(text.encode()).hexdigest()}/" in _cite(real_client, query)


def _lines_of_tsv(text: str) -> list[str]:
    """Write the numbers out, which SPARQL's TSV shortens."""
    lines = text.splitlines()
    number = r'"\1"^^<http://www.w3.org/2001/XMLSchema#%s>'
    decimals = (re.sub(r"(?<=\t)(-?\d*\.\d+)$", number % "decimal", line) for line in lines)
    return [re.sub(r"(?<=\t)(-?\d+)$", number % "integer", line) for line in decimals]


def _lines_of_json(answer: Any) -> list[str]:
    names = answer["head"]["vars"]
    rows = answer["results"]["bindings"]
    literals = [f'<{row["finding"]["value"]}>\t"{row["value"]["value"]}"^^<{row["value"]["datatype"]}>' for row in rows]
    return ["\t".join("?" + name for name in names), *literals]


@pytest.mark.parametrize(
    ("query", "flags"),
    [
        (NAMES, []),
        (f"{NAMES} ORDER BY DESC(?name)", ["--ordered"]),
        ("ASK { ?s ?p ?o }", []),
        (r'SELECT ?x ?y { VALUES (?x ?y) { ("a\"\\\t\n\r\b\f\u0001\u007Få" UNDEF) (<http://a.b/å> 1.50) } }', []),
        (r'SELECT (<<( <http://a.b/> <http://a.b/p> "\uFFFE\uFFFF" )>> AS ?x) ("x"@en--ltr AS ?y) {}', []),
    ],
)
def test_published_program_recomputes_the_hash(
    client: FlaskClient, tmp_path: Path, query: str, flags: list[str]
) -> None:
    """The program on the page about citable answers, run as it stands there."""
    shown = client.get("/answers?lang=en").text
    assert "def document(" in shown
    file = tmp_path / "answer.json"
    file.write_bytes(client.get("/sparql?" + urlencode({"query": query}), headers=JSON).data)
    program = subprocess.run(
        [sys.executable, str(recompute.__file__), str(file), *flags], capture_output=True, text=True, check=True
    )
    assert f"/{program.stdout.strip()}/" in _cite(client, query)


def test_text_that_is_hashed_can_be_fetched(client: FlaskClient) -> None:
    """`curl … | sha256sum` gives the hash."""
    permalink = _cite(client, "CONSTRUCT { ?s <http://example.org/p> [] } { ?s ?p ?o }", version=1)
    assert hashlib.sha256(client.get(f"{permalink}.txt").data).hexdigest() == permalink.split("/")[3]


def test_changed_link_shows(client: FlaskClient) -> None:
    """Another query, another hash or another version: the answer is not confirmed and cannot be cited."""
    _, path, version, digest, _code = _cite(client, NAMES, version=1).split("/")
    third = _cite(client, NAMES, version=3).split("/")[2]
    other = shares.code("SELECT * { ?s ?p ?o }")
    wrong = "0" * 64
    for changed, reason in (
        (f"/{path}/{version}/{digest}/{other}", "altered"),
        (f"/{path}/{version}/{wrong}/{_code}", "altered"),
        (f"/{path}/{third}/{digest}/{_code}", "altered"),
        (f"/{path}/3-{version[2:]}/{digest}/{_code}", "replaced"),
    ):
        answer = client.get(changed, headers=JSON)
        assert (answer.json["verified"], answer.json["reason"]) == (False, reason)
        assert "cite-as" not in str(answer.headers)
        page = client.get(f"{changed}?lang=en", headers=BROWSER).text
        assert "Not confirmed" in page
        assert "@misc" not in page
        assert client.get(f"{changed}.bib").status_code == 409


def test_link_to_a_version_with_other_content_shows(client: FlaskClient) -> None:
    """The answer is the same, but not what the link says of the version."""
    _, path, version, digest, code = _cite(client, NAMES, version=1).split("/")
    number, _ = version.split("-")
    record = _record(client, f"/{path}/{number}-{'0' * 12}/{digest}/{code}")
    assert (record["verified"], record["caveats"]) == (True, ["content"])
    assert _record(client, f"/{path}/{version}/{digest}/{code}")["caveats"] == []


def test_failure_to_ask_the_version_in_force_is_not_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may succeed the next time, so it has no entity tag."""
    permalink = _cite(client, NAMES, version=1)
    evaluate = checking.evaluate

    def slow(query: str, at: Snapshot) -> citable.Result:
        if at.version.number == 3:
            raise QueryTimeout(1.0)
        return evaluate(query, at)

    monkeypatch.setattr(checking, "evaluate", slow)
    answer = client.get(permalink, headers=JSON)
    assert (answer.status_code, answer.json["today"]["same"]) == (200, None)
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    monkeypatch.undo()
    assert "ETag" in client.get(permalink, headers=JSON).headers


def test_limit_without_order_is_marked(client: FlaskClient) -> None:
    """It can be cited, but says of itself that it is not reproducible."""
    permalink = _cite(client, f"{NAMES} LIMIT 1")
    assert _record(client, permalink)["reproducible"] is False
    assert _record(client, permalink)["caveats"] == ["cut"]
    assert "not reproducible" in client.get(f"{permalink}?lang=en", headers=BROWSER).text


def test_removed_version_is_gone(home: Home) -> None:
    """410, however often the page was read before: what was kept of it is not given out any more."""
    with _serving(home) as client:
        permalink = _cite(client, NAMES, version=1)
        assert client.get(permalink, headers=BROWSER).status_code == 200
        history.prune(home, 1)
        for headers in (BROWSER, JSON):
            assert client.get(permalink, headers=headers).status_code == 410


def test_page_is_asked_for_again_only_when_something_changed(home: Home) -> None:
    """A new version makes the page another one: it tells of today."""
    with _serving(home) as client:
        permalink = _cite(client, NAMES, version=3)
        known = {**BROWSER, "If-None-Match": client.get(permalink, headers=BROWSER).headers["ETag"]}
        assert client.get(permalink, headers=known).status_code == 304
        home.publish(_named("ake"), "tests", "fourth", {})
        again = client.get(f"{permalink}?lang=en", headers=BROWSER).text
        assert client.get(permalink, headers=known).status_code == 200
    for words in ("The current version, 4, answers differently", "1 row is new", "2 rows are gone"):
        assert words in again


def test_programs_are_led_on(client: FlaskClient) -> None:
    """Signposting: what to cite, where its citations are, and the data at the endpoint as it was."""
    permalink = _cite(client, NAMES, version=1, title="Names")
    links = ", ".join(client.get(permalink, headers=BROWSER).headers.getlist("Link"))
    assert f'<http://localhost{permalink}>; rel="cite-as"' in links
    assert links.count('rel="describedby"') == 3
    data = re.search(r'<([^>]*)>; rel="memento"; datetime="[^"]+ GMT"', links)
    assert data is not None
    assert client.get(data[1], headers=JSON).headers["Praksisgrafen-Version"] == "1"


def test_citations_say_what_is_needed_to_find_and_check_the_answer(client: FlaskClient) -> None:
    """Title, version, publisher, address, hash and the day it was read, in each format."""
    permalink = _cite(client, NAMES, version=1, title="Navn & slikt")
    digest, (path, _, beside) = permalink.split("/")[3], permalink.partition("?")
    (written,) = bibtexparser.parse_string(client.get(f"{path}.bib?{beside}&lang=nb").text).entries
    entry = {field.key: field.value for field in written.fields}
    assert entry["title"] == r"{Navn \& slikt}"
    assert entry["url"] == f"http://localhost{permalink}"
    assert entry["organization"] == r"{Etaten \& Co.}"
    assert entry["note"] == f"Kontrollsum for svaret (SHA-256): {digest}."
    (record,) = rispy.loads(client.get(f"{path}.ris?{beside}").text)
    assert (record["title"], record["publisher"], record["edition"]) == ("Navn & slikt", "Etaten & Co.", "1")
    assert record["access_date"] == entry["urldate"].replace("-", "/")
    (item,) = client.get(f"{path}.csl.json?{beside}").get_json(force=True)
    assert (item["type"], item["version"], item["publisher"]) == ("dataset", "1", "Etaten & Co.")
    assert item["accessed"]["date-parts"] == [[int(part) for part in entry["urldate"].split("-")]]
    page = client.get(f"{permalink}&lang=nn", headers=BROWSER).text
    for sentence in ("versjon 1 (", "version 1 (", "Lest ", "Lese ", "Read on "):
        assert sentence in page


def test_accessed_day_is_part_of_the_page_not_of_the_hash(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another day, another page, the same hash."""
    permalink = _cite(client, NAMES)
    tag = client.get(permalink, headers=BROWSER).headers["ETag"]
    monkeypatch.setattr("server.cited.page.today", lambda: "2031-02-03")
    later = client.get(f"{permalink}", headers={**BROWSER, "If-None-Match": tag})
    assert later.status_code == 200
    assert "3. februar 2031" in later.text
    assert _record(client, permalink)["verified"]


def test_stored_query_gives_its_title_and_chart(real_client: FlaskClient) -> None:
    """Whatever was chosen in it; the link on its page leads to the permalink."""
    page = real_client.get("/queries/maturity-ladder?lang=en", headers=BROWSER).text
    link = re.search(r'href="(/answers/cite[^"]*)"', page)
    assert link is not None
    permalink = real_client.get(link[1].replace("&amp;", "&")).headers["Location"]
    shown = {
        tag: real_client.get(f"{permalink.partition('?')[0]}?lang={tag}", headers=BROWSER).text for tag in ("nb", "en")
    }
    title = re.search(r"<h1>(.*)</h1>", page)
    assert title is not None
    assert f"<h1>{title[1]}</h1>" in shown["en"]
    assert f"<h1>{title[1]}</h1>" not in shown["nb"]
    assert "<svg" in shown["en"].partition('id="answer-title"')[2].partition('id="cite"')[0]


def test_answer_page_offers_to_cite_without_script(client: FlaskClient) -> None:
    """The form holds the query and the version that was asked, and leads to a page that is confirmed."""
    page = client.get("/sparql?" + urlencode({"query": NAMES, "lang": "en", "version": 2}), headers=BROWSER).text
    form = page.partition('action="/answers/cite"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert (fields["version"], fields["lang"]) == ("2", "en")
    fields["query"] = NAMES + "\r\n"  # as browsers send line ends
    answer = client.get(
        "/answers/cite?" + urlencode({**fields, "title": "<b>Names</b>"}), headers=BROWSER, follow_redirects=True
    )
    assert "<h1>&lt;b&gt;Names&lt;/b&gt;</h1>" in answer.text
    assert "The title was given by whoever cited the answer." in answer.text
    assert "Confirmed" in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text


def test_answer_page_does_not_offer_what_cannot_be_cited(client: FlaskClient) -> None:
    """Neither the hour nor the answer of a dataset that the link does not hold."""
    for query, more in (("SELECT (NOW() AS ?x) {}", {}), (NAMES, {"default-graph-uri": iris.graph("g")})):
        page = client.get("/sparql?" + urlencode({"query": query, **more}), headers=BROWSER)
        assert page.status_code == 200
        assert "/answers/cite" not in page.text


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 400),
        ({"query": "  "}, 400),
        ({"query": "SELECT * {"}, 400),
        ({"query": "SELECT * { <relative> ?p ?o }"}, 400),
        ({"query": "INSERT DATA {}"}, 400),
        ({"query": "ASK {}", "title": "x" * 201}, 400),
        ({"query": "ASK {}", "title": "\0"}, 400),
        ({"query": "ASK {}", "title": "\N{RIGHT-TO-LEFT OVERRIDE}"}, 400),
        ({"query": "ASK {}", "version": "x"}, 400),
        ({"query": "ASK {}", "version": "99"}, 404),
        ({"query": "SELECT (NOW() AS ?x) {}"}, 422),
        ({"query": f"ASK {{}} #{'x' * 20_000}"}, 422),
    ],
)
def test_what_cannot_be_cited_is_refused_with_a_reason(client: FlaskClient, said: dict[str, str], status: int) -> None:
    """As a problem, not as an error of the server's own."""
    answer = client.get("/answers/cite?" + urlencode(said))
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["detail"]


def _bomb() -> str:
    return urlsafe_b64encode(zlib.compress(b"x" * 10_000_000)).decode().rstrip("=")


@pytest.mark.parametrize(
    "path",
    [
        "x/y/z",
        "1/{digest}/{code}",
        "1-{content}/{digest}/",
        "1-{content}/{digest}/AAAA",
        "1-{content}/{digest}/{code}x",
        "1-{content}/{digest}/{code}.exe",
        "1-{content}/{digest}/%C3%A5",
        "1-{content}/{digest}/..",
        "1-{content}/{upper}/{code}",
        "1-{content}/abc/{code}",
        "1-xyz/{digest}/{code}",
        "1234567890-{content}/{digest}/{code}",
        "%D9%A1-{content}/{digest}/{code}",
        "1-{content}/{digest}/{bomb}",
    ],
)
def test_hostile_links_are_refused(client: FlaskClient, path: str) -> None:
    """Cut, mistyped or made up: 400, or 404 where nothing is at all."""
    _, _, version, digest, code = _cite(client, NAMES, version=1).split("/")
    given = {"content": version[2:], "digest": digest, "code": code, "upper": digest.upper(), "bomb": _bomb()}
    status = client.get("/answers/" + path.format(**given)).status_code
    assert status == 400 if not path.endswith(("/", "..")) else status in (400, 404)


def test_too_large_answer_is_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is told."""
    monkeypatch.setattr(citable, "MOST_ROWS", 1)
    answer = client.get("/answers/cite?" + urlencode({"query": NAMES}))
    assert (answer.status_code, answer.json["limit"]) == (422, 1)


def test_record_is_chosen_by_accept_or_suffix(client: FlaskClient) -> None:
    """Browsers get the page, programs JSON or the citation they ask for, others a refusal."""
    permalink = _cite(client, NAMES)
    types = {"application/json": JSON, "text/html": BROWSER, "application/x-bibtex": {"Accept": "application/x-bibtex"}}
    for media_type, headers in types.items():
        answer = client.get(permalink, headers=headers)
        assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert json.loads(client.get(f"{permalink}.json").data)["verified"]
    assert client.get(permalink, headers={"Accept": "image/png"}).status_code == 406
