"""What pages offer for reuse: schema.org, signposts, pictures for links, history, checks."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg import iris
from kg.versions import Home, changes
from kg.versions import history as undoing
from server import cards, create_app, faces, history, reader
from server.config import Settings
from server.labels import Labels
from server.language import words

FINDING = "/id/finding/ladder-bodies-municipalities-article-2020"
LABEL = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


def _face(client: FlaskClient, path: str) -> dict[str, Any]:
    page = client.get(f"{path}.html?lang=en").text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(data)
    return found


@pytest.mark.parametrize(
    ("path", "types"),
    [
        (FINDING, "Observation"),
        ("/id/observation/2016_ladder-services_public-services_level-2", "Observation"),
        ("/id/claim/visma-examples-of-municipal-shared-solutions-2020", "Claim"),
        ("/id/person/linda-hofstad-helleland", "Person"),
        ("/id/organisation/digdir", "Organization"),
        ("/id/source/blog-2016", "Article"),
        ("/id/report/it-i-praksis-2020", "Report"),
        ("/id/dataset/reported", "Dataset"),
        ("/id/indicator/ladder-bodies", ["StatisticalVariable", "DefinedTerm"]),
        ("/id/level/level-3", "DefinedTerm"),
        ("/id/scheme/ladder", "DefinedTermSet"),
        ("/id/discrepancy/partners-2020", "Thing"),
    ],
)
def test_each_class_has_its_type(real_client: FlaskClient, path: str, types: object) -> None:
    """A thing is what its class says, under its persistent address."""
    found = _face(real_client, path)
    assert found["@type"] == types
    assert found["@id"] == iris.BASE + path.removeprefix("/")


def test_a_figure_is_an_observation_with_its_unit() -> None:
    """A lower bound is a least value, not the value."""
    statements = {
        iris.DEF + "value": [ox.Literal("60")],
        iris.DEF + "bound": [ox.NamedNode(iris.entity("bound", "lower"))],
        "http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure": [ox.NamedNode(iris.entity("unit", "percent"))],
        iris.DEF + "population": [ox.NamedNode(iris.entity("population", "not-applicable"))],
    }
    found = faces.face(iris.ID + "finding/x", statements, [iris.DEF + "NumericFinding"], Labels("nb"), 1)
    assert (found["minValue"], found["unitCode"]) == (60, "P1")
    assert "value" not in found
    assert "observationAbout" not in found


def test_a_person_has_no_more_than_the_graph_says(real_client: FlaskClient) -> None:
    """The face of a person is closed, as their shape is."""
    found = _face(real_client, "/id/person/linda-hofstad-helleland")
    assert found["sameAs"] == "http://www.wikidata.org/entity/Q6514654"
    assert set(found) == {"@context", "@id", "@type", "name", "url", "sameAs", "subjectOf", "mainEntityOfPage"}


def test_a_text_cannot_end_the_script() -> None:
    """Nothing in the data is read as HTML."""
    written = faces.script({"name": "</script><script>alert(1)</script><!--"})
    assert "<" not in written
    assert json.loads(written)["name"].startswith("</script>")


def test_signposts_lead_from_a_page_to_its_data(real_client: FlaskClient) -> None:
    """FAIR Signposting: what to cite, what describes it, what it is, under which licence."""
    header = real_client.get(f"{FINDING}.html?lang=nn").headers["Link"]
    signposts = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', header)
    by_rel: dict[str, list[tuple[str, str]]] = {}
    for href, rel, kind in signposts:
        by_rel.setdefault(rel, []).append((href, kind))
    assert by_rel["cite-as"] == [(iris.BASE + FINDING.removeprefix("/"), "")]
    assert ("https://schema.org/Observation", "") in by_rel["type"]
    assert by_rel["license"] == [("https://creativecommons.org/licenses/by/4.0/", "")]
    assert len(by_rel["describedby"]) == 8
    for href, kind in by_rel["describedby"]:
        assert href.startswith("http://localhost/")
        assert real_client.get(href.removeprefix("http://localhost")).mimetype == kind


def test_the_files_of_a_chart_are_items(real_client: FlaskClient) -> None:
    """An indicator has its figures and its chart as parts, and its chart as the picture of links to it."""
    answer = real_client.get("/id/indicator/ladder-bodies.html?lang=en")
    items = re.findall(r'<http://localhost([^>]*)>; rel="item"; type="([^"]*)"', answer.headers["Link"])
    assert {kind for _, kind in items} == {"text/csv", "image/svg+xml", "image/png"}
    for path, kind in items:
        assert real_client.get(path).mimetype == kind
    (image,) = re.findall(r'property="og:image" content="([^"]*)"', answer.text)
    assert html.unescape(image) == "http://localhost/indicator/ladder-bodies/card.png?lang=en"


def test_other_pages_have_the_picture_of_the_site(real_client: FlaskClient) -> None:
    """A picture of the size that links are shown with."""
    (image,) = re.findall(r'property="og:image" content="http://localhost([^"]*)"', real_client.get("/").text)
    answer = real_client.get(image)
    assert answer.mimetype == "image/png"
    size = answer.data[16:24]
    assert (int.from_bytes(size[:4]), int.from_bytes(size[4:])) == (cards.WIDTH, cards.HEIGHT)


def test_alternates_are_whole_addresses(real_client: FlaskClient) -> None:
    """Languages, formats, the feed and the canonical address are named with their host."""
    head = real_client.get(f"{FINDING}.html").text.partition("</head>")[0]
    links = re.findall(r'<link rel="(canonical|alternate)"[^>]*href="([^"]*)"', head)
    assert len(links) == 1 + 4 + 5 + 1
    assert all(href.startswith(("http://localhost/", iris.BASE)) for _, href in links)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Publish three versions: two things, a new name for one of them, and the other gone."""
    home = Home(tmp_path, durable=False)
    for names in ({"a": "A", "b": "B"}, {"a": "A2", "b": "B"}, {"a": "A2"}):
        home.publish(
            [
                ox.Quad(ox.NamedNode(_iri(one)), LABEL, ox.Literal(name, language="nb"), ox.NamedNode(iris.graph("g")))
                for one, name in names.items()
            ],
            "tests", "a version", {}, discard_edits=True,
        )  # fmt: skip
    return home


def _iri(name: str) -> str:
    return iris.entity("theme", name)


def _changes(home: Home, name: str, number: int = 3) -> list[tuple[int, int, int]]:
    found = history.of(_iri(name), home.version(number))
    assert found.is_whole
    return [(one.number, one.added, one.removed) for one in found.changes]


def test_a_history_has_the_versions_that_changed_a_thing(home: Home) -> None:
    """Newest first, with how much came and went; versions later than the one that is read are left out."""
    assert _changes(home, "a") == [(2, 1, 1), (1, 1, 0)]
    assert _changes(home, "b") == [(3, 0, 1), (1, 1, 0)]
    assert _changes(home, "b", 2) == [(1, 1, 0)]
    assert _changes(home, "c") == []


def test_a_version_is_read_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again about another thing reads no change record."""
    _changes(home, "a")
    monkeypatch.setattr(changes, "read", lambda _: pytest.fail("was read again"))
    assert _changes(home, "b") == [(3, 0, 1), (1, 1, 0)]


def test_a_record_that_is_too_large_or_missing_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What we do not know is said, not left out."""
    monkeypatch.setattr(history, "_MOST", 1)
    found = history.of(_iri("b"), home.version(3))
    assert [one.number for one in found.changes] == [3]
    assert found.untold == [2, 1]


def test_no_more_than_the_newest_versions_are_looked_at(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a page does not grow with the number of versions, and the page says so."""
    monkeypatch.setattr(history, "NEWEST", 2)
    found = history.of(_iri("b"), home.version(3))
    assert [one.number for one in found.changes] == [3]
    assert not found.is_whole


def test_the_page_names_the_shapes_of_its_class(real_client: FlaskClient) -> None:
    """A check is told with the shapes that were asked, and nothing is told to be checked that no shape is about."""
    page = real_client.get(f"{FINDING}.html?lang=en").text
    assert 'href="/shapes/NumericFinding.html?lang=en"' in page
    assert 'href="/shapes/Person.html?lang=en"' not in page
    assert real_client.get("/shapes/NumericFinding.html").status_code == 200
    shape = real_client.get("/shapes/NumericFinding.html?lang=en").text
    assert "No shape is about things of this class" in shape


def test_a_page_is_not_taken_for_that_of_another_version(home: Home) -> None:
    """What was undone has the content of before and another number, which pages tell and data do not."""
    app = create_app(Settings(home=home.path, workers=1))
    client = app.test_client()

    def tags() -> tuple[str, str]:
        page, data = (client.get(f"/id/theme/a.{suffix}", buffered=True) for suffix in ("html", "ttl"))
        return page.headers["ETag"], data.headers["ETag"]

    undoing.undo(home, "tests")
    before = tags()
    undoing.undo(home, "tests")
    undoing.undo(home, "tests")
    after = tags()
    with app.app_context():
        reader.snapshots().close()
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_the_front_page_is_the_whole_data_set(real_client: FlaskClient) -> None:
    """Its files are named for search engines and for programs, and each can be fetched."""
    answer = real_client.get("/?lang=nb")
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
    found = json.loads(data)
    assert (found["@type"], found["@id"], found["version"]) == ("Dataset", iris.BASE, "1")
    assert found["description"].startswith("Kunnskapsgraf over")
    items = re.findall(r'<http://localhost([^>]*)>; rel="item"; type="([^"]*)"', answer.headers["Link"])
    parts = [(part["contentUrl"], part["encodingFormat"]) for part in found["distribution"]]
    assert parts == [(f"http://localhost{path}", kind) for path, kind in items]
    assert all(real_client.get(path).mimetype == kind for path, kind in items)


@pytest.mark.parametrize(
    ("path", "address", "kind", "described"),
    [
        ("/indicators", "http://localhost/indicators?version=1", "CollectionPage", 0),
        ("/findings?edition=2020&page=2", "http://localhost/findings?edition=2020&version=1", "CollectionPage", 0),
        ("/graph/people.html", iris.GRAPH + "people", "Dataset", 5),
        ("/def", iris.DEF.rstrip("/"), "DefinedTermSet", 4),
        ("/", iris.BASE, "Dataset", 0),
        ("/list/person", "http://localhost/list/person?version=1", "CollectionPage", 0),
        (
            "/neighbourhood/organisation/digdir",
            "http://localhost/neighbourhood/organisation/digdir?version=1",
            "WebPage",
            0,
        ),
        ("/about/method", "http://localhost/about/method?version=1", "AboutPage", 0),
    ],
)
def test_pages_about_many_things_are_cited_and_signposted(
    real_client: FlaskClient, path: str, address: str, kind: str, described: int
) -> None:
    """They name an address that stays: a persistent one, or this page in this version."""
    answer = real_client.get(path, headers={"Accept": "text/html", "Accept-Language": "nn"})
    assert answer.status_code == 200
    written = answer.text.partition('id="cite-text"')[2].partition("</p>")[0]
    assert re.search(r"\d\.\u00a0\w+ \d{4}\)\. https?://\w[^ ]*/<wbr>\w", written), "breaks inside its words"
    citation = html.unescape(written.replace("<wbr>", ""))
    assert "Praksisgrafen, versjon\u00a01 (" in citation, "breaks after the number, not before it"
    assert f"{address}." in citation
    face = json.loads(answer.text.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert face["license"] == faces.LICENCE
    signposts = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', answer.headers["Link"])
    assert (address, "cite-as", "") in signposts
    assert (f"https://schema.org/{kind}", "type", "") in signposts
    data = [(href, media) for href, rel, media in signposts if rel in ("describedby", "item")]
    assert len([one for one in signposts if one[1] == "describedby"]) == described
    for href, media in data:
        assert real_client.get(href.removeprefix("http://localhost")).mimetype == media


def test_a_table_that_cannot_be_made_is_not_cited(real_client: FlaskClient) -> None:
    """What was asked for wrongly has no address that stays."""
    answer = real_client.get("/findings?edition=nothing")
    assert answer.status_code == 400
    assert "cite-text" not in answer.text


def test_the_picture_of_the_site_speaks_the_language_of_the_page(real_client: FlaskClient) -> None:
    """The line below the name is translated, and the page asks for it in its own language."""
    for tag, line in {"nb": "Tall fra IT i praksis, med kilde", "nn": "Tal frå IT i praksis, med kjelde"}.items():
        head = real_client.get(f"/?lang={tag}").text.partition("</head>")[0]
        assert f'content="http://localhost/card.png?lang={tag}"' in head
        assert line in cards.draw(words(tag).gettext("Figures from IT i praksis, with sources"))
    pictures = {real_client.get(f"/card.png?lang={tag}").data for tag in ("nb", "nn", "en")}
    assert len(pictures) == 3
