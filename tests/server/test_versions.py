"""Versions over HTTP on the real graph: lists, notes, differences, the feed, and that what was published stays."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import feedparser
import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import iris
from kg.errors import EngineBusy
from kg.tokens import Tokens
from kg.versions import Home, Version, changes, history
from server import reader, versions
from tests.server.conftest import BROWSER, application

pytestmark = pytest.mark.xdist_group("versions")

GOALS = iris.entity("finding", "digitisation-goals-blog-2016")
THEME = iris.entity("theme", "security")
PREFIXES = (
    "PREFIX pg: <https://w3id.org/praksisgrafen/def/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    "PREFIX id: <https://w3id.org/praksisgrafen/id/> "
)
CHANGE = (
    f"{PREFIXES} DELETE {{ GRAPH ?g {{ <{GOALS}> pg:value ?v }} }} INSERT {{ GRAPH ?g {{ <{GOALS}> pg:value 64.5 }} }} "
    f"WHERE {{ GRAPH ?g {{ <{GOALS}> pg:value ?v }} }}"
)
TERM = (
    f"{PREFIXES} INSERT DATA {{ GRAPH <{iris.graph('codes-theme')}> {{ <{THEME}> a pg:Theme, skos:Concept ; "
    "skos:inScheme <https://w3id.org/praksisgrafen/id/scheme/theme> ; "
    "skos:topConceptOf <https://w3id.org/praksisgrafen/id/scheme/theme> ; "
    "skos:prefLabel 'Sikkerhet'@nb, 'Tryggleik'@nn, 'Security'@en ; "
    "skos:definition 'Om sikkerhet.'@nb, 'Om tryggleik.'@nn, 'About security.'@en . "
    f"<https://w3id.org/praksisgrafen/id/collection/theme> skos:member <{THEME}> }} }}"
)
UNTERM = TERM.replace("INSERT DATA", "DELETE DATA")
STAYING = (
    "/id/finding/digitisation-goals-blog-2016.ttl?version=1",
    "/id/finding/digitisation-goals-blog-2016.csv?version=1",
    "/id/scheme/theme.jsonld?version=1",
    "/id/finding/digitisation-goals-blog-2016.html?version=1&lang=nn",
    "/graph/codes-theme.nt?version=1",
    "/findings?version=1",
    "/praksisgrafen.nq?version=1",
    "/praksisgrafen.ttl?version=1",
    "/sparql?version=1&query=" + quote(f"SELECT * {{ ?f <{iris.DEF}value> ?v }} ORDER BY ?f ?v"),
    "/sparql?version=1&query=" + quote(f"DESCRIBE <{GOALS}>"),
)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def app(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make an application over a home where the real graph is the first version."""
    home = Home(tmp_path_factory.mktemp("versions"), durable=False)
    home.publish(graph, "tests", "the real graph", {})
    with application(home, workers=1, query_timeout=120.0) as app:
        yield app


@pytest.fixture(scope="module")
def before(app: Flask) -> dict[str, bytes]:
    """Make four versions by the way everybody writes; return what the first one answered when there was no other."""
    client, home = app.test_client(), Home(app.extensions["praksisgrafen"]._home.path)
    found = {path: _read(client, path) for path in STAYING}
    token = Tokens(home.path).create("kari", ["write"])
    for text, message in ((CHANGE, "Corrects the goals"), (TERM, "A theme <b>more</b>"), (UNTERM, "No, not that")):
        response = client.post(
            "/sparql",
            data=text,
            content_type="application/sparql-update",
            headers={"Authorization": f"Bearer {token}"},
            query_string={"message": message},
        )
        assert response.status_code == 204, response.text
    assert home.numbers() == [1, 2, 3, 4]
    return found


@pytest.fixture
def client(app: Flask, before: dict[str, bytes]) -> FlaskClient:
    """Return somebody who asks when there are four versions."""
    assert before
    return app.test_client()


@pytest.fixture
def home(app: Flask, before: dict[str, bytes]) -> Home:
    """Return the home with the four versions."""
    assert before
    return Home(app.extensions["praksisgrafen"]._home.path)


def _read(client: FlaskClient, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, (path, response.text[:500])
    return response.data


def test_a_version_stays_as_it_was(client: FlaskClient, before: dict[str, bytes]) -> None:
    """Data, dumps, queries and tables of version 1 have the same bytes after three further commits."""
    pages = [path for path in STAYING if ".html" in path or path.startswith("/findings")]
    for path, body in before.items():
        if path not in pages:
            assert _read(client, path) == body, path
    for path in pages:
        assert b"63" in _read(client, path)


def test_two_versions_can_be_compared(client: FlaskClient) -> None:
    """The form offers each, and begins with the newest against the one before."""
    form = client.get("/versions", headers=BROWSER).text.partition('class="compare"')[2].partition("</form>")[0]
    offered = [re.findall(r"<option( selected)?>(\d+)", part) for part in form.split("</select>")[:2]]
    assert offered[0] == [("", "4"), (" selected", "3"), ("", "2"), ("", "1")]
    assert offered[1] == [(" selected", "4"), ("", "3"), ("", "2"), ("", "1")]


def test_the_list_tells_each_version(client: FlaskClient) -> None:
    """Number, author, message, counts, hash, equal content and notes, the newest first; as a page and as JSON."""
    told = client.get("/versions?lang=en", headers={"Accept": "application/json"}).json
    assert [one["number"] for one in told["versions"]] == [4, 3, 2, 1]
    four, three, two, one = told["versions"]
    assert (two["author"], two["message"], two["origin"]) == ("kari", "Corrects the goals", "edit")
    assert any(
        line.startswith("Figure changed from 63") and "64.5" in line and "digitalisation goals" in line
        for line in two["notes"]
    )
    assert "New term: Security" in three["notes"]
    assert "Term removed: Security" in four["notes"]
    assert (four["sameContentAs"], two["sameContentAs"], four["contentHash"]) == ([2], [4], two["contentHash"])
    assert (three["added"], three["removed"], four["removed"]) == (11, 0, 11)
    assert one["parent"] is None
    page = client.get("/versions?lang=nb", headers=BROWSER).text
    for words in ("Versjon 4", "Corrects the goals", "Tall endret fra 63\N{NO-BREAK SPACE}prosent til 64,5"):
        assert words in page
    assert "&lt;b&gt;more&lt;/b&gt;" in page


def test_a_bound_is_told_as_one(client: FlaskClient) -> None:
    """A figure that is “more than 60” is not told as 60 where a version says what came."""
    page = client.get("/versions/1?lang=nb", headers=BROWSER).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "<strong>mer enn 60 prosent</strong>" in page
    assert "<strong>omtrent 60 prosent</strong>" in page


def test_a_version_has_a_page_with_notes_in_three_languages(client: FlaskClient) -> None:
    """What changed, in the reader's language, with the names of that version."""
    wanted = {"nb": ("Sikkerhet", "Lagt til"), "nn": ("Tryggleik", "Lagt til"), "en": ("Security", "New")}
    for language, words in wanted.items():
        page = client.get(f"/versions/3?lang={language}", headers=BROWSER).text
        assert all(word in page for word in words), language
        assert "?lang=" + language + "&amp;version=3" in page
    gone = client.get("/versions/4?lang=en", headers=BROWSER).text
    assert "/id/theme/security.html?lang=en&amp;version=3" in gone
    assert client.get("/versions/3.json").json["graphs"].keys() >= {iris.graph("codes-theme")}


@pytest.mark.parametrize(("old", "new"), [(1, 2), (1, 4), (4, 1), (2, 4)])
def test_an_rdf_patch_leads_from_one_version_to_the_other(client: FlaskClient, home: Home, old: int, new: int) -> None:
    """Whoever has the one and applies the patch has the other, near or far, forth or back."""
    response = client.get(f"/versions/{old}...{new}", headers={"Accept": "application/rdf-patch"})
    assert response.mimetype == "application/rdf-patch"
    store = set(home.version(old).open())
    lines = response.data.splitlines()
    assert (lines[1], lines[-1]) == (b"TX .", b"TC .")
    for line in lines[2:-1]:
        (quad,) = ox.parse(line[2:], format=ox.RdfFormat.N_QUADS)
        assert (quad in store) == line.startswith(b"D ")
        store ^= {quad}
    assert store == set(home.version(new).open())
    told = client.get(f"/versions/{old}...{new}.json").json
    assert len(told["added"]) + len(told["removed"]) == len(lines) - 3


def test_the_difference_is_told_thing_by_thing(client: FlaskClient) -> None:
    """With the names each version has, and only about one thing where that is asked for."""
    page = client.get("/versions/1...3?lang=nb", headers=BROWSER).text
    assert "Sikkerhet" in page
    assert "64,5" in page
    about = client.get("/versions/1...3", query_string={"lang": "nb", "about": GOALS}, headers=BROWSER).text
    assert "64,5" in about
    assert "Sikkerhet" not in about
    nothing = client.get("/versions/1...2", query_string={"lang": "en", "about": THEME}, headers=BROWSER)
    assert "Nothing that is said about this changed" in nothing.text
    assert "The two versions have the same content" in client.get("/versions/2...4?lang=en", headers=BROWSER).text


def test_a_first_version_is_paged(client: FlaskClient) -> None:
    """Twenty thousand statements are leafed through; beyond the last page stands the last one."""
    page = client.get("/versions/0...1?lang=en", headers=BROWSER)
    assert page.text.count('class="difference"') == 25
    assert len(page.data) < 500_000
    assert "/id/bound/" in page.text, "things people read about come before their evidence"
    assert ">annotation:" not in page.text
    assert client.get("/versions/0...1?lang=en&page=999999", headers=BROWSER).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/versions/99", 404),
        ("/versions/1...99", 404),
        ("/versions/0", 404),
        ("/versions/x", 404),
        ("/versions/1..2", 404),
        ("/versions/1.rdfp", 404),
        ("/versions/1...2?about=nonsense", 400),
        ("/versions/1...2?about=", 400),
        ("/versions?from=1&to=x", 400),
        ("/changes?since=tomorrow", 400),
        ("/changes?since=0001-01-01T00:00:00%2B23:59", 400),
        ("/changes?since=99", 404),
        ("/changes?since=-1", 400),
        ("/changes?since=٣", 400),
    ],
)
def test_hostile_addresses_are_refused(client: FlaskClient, path: str, status: int) -> None:
    """With a clear problem, never with a failure."""
    response = client.get(path, headers={"Accept": "application/json"})
    assert response.status_code == status, response.text
    if status != 200:
        assert response.mimetype == "application/problem+json"


def test_two_chosen_versions_lead_to_their_difference(client: FlaskClient) -> None:
    """The form works without script."""
    response = client.get("/versions?from=1&to=3&lang=nn", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, "/versions/1...3?lang=nn")


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_feed_is_atom(client: FlaskClient, language: str) -> None:
    """A reader nobody here wrote takes it; it has all that RFC 4287 demands."""
    response = client.get(f"/versions.atom?lang={language}")
    assert response.mimetype == "application/atom+xml"
    parsed = feedparser.parse(response.data)
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert [entry.id for entry in parsed.entries] == [f"{iris.BASE}versions/{number}" for number in (4, 3, 2, 1)]
    assert parsed.entries[2].author == "kari"
    assert parsed.entries[1].title_detail.type == "text/plain"
    assert parsed.entries[1].title.endswith("A theme <b>more</b>")
    assert {"nb": "Sikkerhet", "nn": "Tryggleik", "en": "Security"}[language] in parsed.entries[1].content[0].value
    root = ET.fromstring(response.data)  # noqa: S314 it is our own
    for part in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(part.findall(f"{ATOM}{name}")) == 1, name
        kinds = [(link.get("rel"), link.get("type")) for link in part.findall(f"{ATOM}link")]
        assert len(set(kinds)) == len(kinds)
    page = client.get(f"/?lang={language}", headers=BROWSER).text
    assert f'href="http://localhost/versions.atom?lang={language}"' in page


def test_changed_since_is_answered_without_a_query(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number and by time; with graphs and things; a client that knows the answer gets a 304."""
    with client.application.app_context():
        engine = reader.snapshots().current().engine
    monkeypatch.setattr(type(engine), "query", None)
    told = client.get("/changes?since=1").json
    assert (told["changed"], told["current"]["number"], told["things"]) == (
        True,
        4,
        sorted([GOALS, iris.entity("observation", "2016_digitisation-goals_municipalities")]),
    )
    assert iris.graph("blog-2016") in told["graphs"]
    assert client.get("/changes?since=2").json["changed"] is False
    assert client.get("/changes?since=4").json["graphs"] == []
    assert client.get("/changes?since=2000-01-01").json["since"] == 0
    assert client.get("/changes?since=2999-01-01T00:00:00Z").json["changed"] is False
    first = client.get("/changes?since=1")
    again = client.get("/changes?since=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_of_a_thing_leads_to_what_changed_about_it(client: FlaskClient) -> None:
    """Each version in its history, and the statements that came and went in it."""
    page = client.get("/id/finding/digitisation-goals-blog-2016.html?lang=en", headers=BROWSER).text
    assert f"/versions/1...2?about={quote(GOALS, safe='')}&amp;lang=en" in page


def test_removed_versions_are_said_and_ranges_without_them_too(graph: ox.Store, tmp_path: Path) -> None:
    """A list that was read before is not held to be true after; what cannot be told is 410 with its reason."""
    home = Home(tmp_path, durable=False)
    quads = sorted(graph, key=str)[:500]
    for number in range(4):
        home.publish(quads[number:], "tests", f"m{number}", {})
    with application(home, workers=1) as small:
        client = small.test_client()
        first = client.get("/versions?lang=en", headers=BROWSER)
        history.prune(home, 2)
        second = client.get("/versions?lang=en", headers={**BROWSER, "If-None-Match": first.headers["ETag"]})
        assert second.status_code == 200
        assert "These versions have been removed to free their room: 1–2." in second.text
        assert client.get("/versions/2").status_code == 410
        assert client.get("/versions/1...4.json").status_code == 410
        assert len(client.get("/versions/2...4.json").json["removed"]) == 2
        page = client.get("/versions/2...3?lang=en", headers=BROWSER)
        assert page.status_code == 200
        assert client.get("/changes?since=1").status_code == 410
        assert client.get("/changes?since=2000-01-01").status_code == 410
        assert client.get("/versions/3?lang=en", headers=BROWSER).status_code == 200


def test_answers_without_notes_that_another_may_have_are_not_kept(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed could not be found out just now: nobody keeps that, and the next answer is whole."""

    def busy(_: Version) -> None:
        raise EngineBusy(1)

    for path in ("/versions?lang=en", "/versions.json?lang=en", "/versions.atom?lang=en", "/versions/3?lang=en"):
        with monkeypatch.context() as patched:
            patched.setattr(versions.change_notes, "of", busy)
            poor = client.get(path, headers=BROWSER if path.endswith("s?lang=en") else {})
        assert (poor.status_code, poor.headers["Cache-Control"], "ETag" in poor.headers) == (200, "no-store", False)
        whole = client.get(path)
        assert "ETag" in whole.headers
        assert "Security" in whole.text
        assert "Security" not in poor.text


def test_a_version_that_is_removed_from_the_middle_changes_the_list(tmp_path: Path) -> None:
    """The oldest one stays because it is being read; the list and its tag know of the hole."""
    home = Home(tmp_path, durable=False)
    for number in range(1, 5):
        quad = ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.Literal(str(number)), ox.NamedNode("x:g"))
        home.publish([quad], "tests", "m", {})
    with application(home, workers=1) as small:
        client = small.test_client()
        first, compared = client.get("/versions.json"), client.get("/versions/1...4.json")
        assert compared.status_code == 200
        with home.version(1).reading():
            assert history.prune(home, 1).removed == [2, 3]
        second = client.get("/versions.json", headers={"If-None-Match": first.headers["ETag"]})
        assert second.status_code == 200
        assert [one["number"] for one in second.json["versions"]] == [4, 1]
        assert client.get("/versions/1...4.json").json == compared.json
        assert client.get("/changes?since=1").json["changed"]
        assert client.get("/changes?since=2").status_code == 410


def test_records_say_the_same_as_the_stores(home: Home) -> None:
    """What the pages tell is what the versions differ by."""
    one, four = home.version(1), home.version(4)
    assert len(changes.between(one, four).added) == 2
    assert json.loads((home.versions / "4" / "version.json").read_text())["number"] == 4
