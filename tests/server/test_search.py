"""The page of hits, its JSON, suggestions, and the description that browsers read, over the real graph."""

import re
import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import iris
from kg.search import Found, Hit, Index, Meant, Passage, Piece

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PROGRAM = {"Accept": "application/json"}
NAMESPACE = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture
def client(real_client: FlaskClient) -> FlaskClient:
    return real_client


def test_page_marks_what_was_looked_for(client: FlaskClient) -> None:
    """The population comes first, its name marked, with its kind in words."""
    text = client.get("/search?q=kommunene", headers=BROWSER).text
    assert "treff på «kommunene»" in text
    first = re.search(r'<ol class="hits".*?</li>', text, re.DOTALL)
    assert first
    assert 'href="/id/population/municipalities.html"' in first[0]
    assert "<mark>kommuner</mark>" in first[0]
    assert "Populasjon" in first[0]


@pytest.mark.parametrize(("language", "heading"), [("nb", "treff på"), ("nn", "treff på"), ("en", "hits for")])
def test_page_speaks_the_language_of_the_reader(client: FlaskClient, language: str, heading: str) -> None:
    """Links keep the language that was asked for."""
    text = client.get(f"/search?q=data&lang={language}").text
    assert heading in text
    assert f".html?lang={language}" in text


def test_facets_are_links_that_narrow_the_hits(client: FlaskClient) -> None:
    """Following one gives as many hits as it says."""
    text = client.get("/search?q=kommunene", headers=BROWSER).text
    link = re.search(
        r'<a href="(/search\?[^"]*class=finding)"[^>]*>.*?<span class="count">(\d+)</span>', text, re.DOTALL
    )
    assert link
    chosen = client.get(link[1].replace("&amp;", "&"), headers=PROGRAM).json
    assert chosen
    assert chosen["total"] == int(link[2])
    assert {hit["class"] for hit in chosen["hits"]} == {"finding"}


def test_choice_there_is_not_is_told_and_left_out(client: FlaskClient) -> None:
    """The answer is no success, and shows what there is instead."""
    response = client.get("/search?q=kommunene&class=nonsense", headers=BROWSER)
    assert response.status_code == 400
    assert "<q>nonsense</q>" in response.text
    assert "<mark>" in response.text


def test_misspelt_word_gets_a_suggestion(client: FlaskClient) -> None:
    """The link leads to the word that was meant."""
    text = client.get("/search?q=komuner", headers=BROWSER).text
    assert 'href="/search?q=kommuner">kommuner</a>?' in text


def test_empty_answers_help(client: FlaskClient) -> None:
    """Nothing asked, nothing found: both say what to do."""
    assert "Se etter skrivefeil" in client.get("/search?q=qqqqxx", headers=BROWSER).text
    assert "Hva du kan søke etter" in client.get("/search", headers=BROWSER).text


def test_markup_that_is_asked_for_stays_text(client: FlaskClient) -> None:
    """Neither the words nor the texts of the graph become markup."""
    text = client.get("/search?q=<script>alert(1)</script>kommunene", headers=BROWSER).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_texts_of_the_graph_stay_text(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the mark around a match is markup, whatever the text says."""
    hostile = Passage([Piece("<i>"), Piece("<b>", is_match=True)], "nb")
    hit = Hit(iris.entity("finding", "x"), "finding", hostile, hostile)
    found = Found([hit], 1, {"class": {}, "edition": {}}, Meant({"b": {"b": 1}}))
    monkeypatch.setattr(Index, "search", lambda *_, **__: found)
    text = client.get("/search?q=hostile-text", headers=BROWSER).text
    assert text.count("&lt;i&gt;<mark>&lt;b&gt;</mark>") == 2
    assert "<i>" not in text


def test_page_beyond_the_last_shows_the_last(client: FlaskClient) -> None:
    """Pages do not overlap and have all hits together."""
    seen: list[str] = []
    first = client.get("/search?q=kommunene", headers=PROGRAM).json
    assert first
    pages = -(-first["total"] // first["perPage"])
    for page in range(1, pages + 1):
        answer = client.get(f"/search?q=kommunene&page={page}", headers=PROGRAM).json
        assert answer
        seen += [hit["iri"] for hit in answer["hits"]]
    assert len(seen) == len(set(seen)) == first["total"]
    last = client.get("/search?q=kommunene&page=999999", headers=PROGRAM).json
    assert last
    assert last["page"] == pages


def test_search_form_stands_on_other_pages(client: FlaskClient) -> None:
    """And the head names the description for browsers."""
    text = client.get("/findings", headers=BROWSER).text
    assert 'action="/search"' in text
    assert 'type="application/opensearchdescription+xml"' in text


def test_description_leads_to_search_and_suggestions(client: FlaskClient) -> None:
    """Each address in it works when the words are put in."""
    response = client.get("/opensearch.xml")
    assert response.mimetype == "application/opensearchdescription+xml"
    root = ET.fromstring(response.text)  # noqa: S314 our own document
    assert len(root.findtext(f"{NAMESPACE}ShortName") or "") <= 16
    addresses = {url.attrib["type"]: url.attrib["template"] for url in root.iter(f"{NAMESPACE}Url")}
    assert set(addresses) == {"text/html", "application/json", "application/x-suggestions+json"}
    for media_type, template in addresses.items():
        path = template.removeprefix("http://localhost").replace("{searchTerms}", "digdir").replace("{startPage?}", "1")
        answer = client.get(path, headers={"Accept": media_type})
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert "Digitaliseringsdirektoratet" in answer.text


def test_suggestions_have_names_kinds_and_addresses(client: FlaskClient) -> None:
    """The form is that of OpenSearch: what was typed, then three lists of one length."""
    typed, names, kinds, addresses = client.get("/search/suggest?q=linda+h").json or []
    assert typed == "linda h"
    assert names[0] == "Linda Hofstad Helleland"
    assert kinds[0] == "Personer"
    assert addresses[0] == "http://localhost/id/person/linda-hofstad-helleland.html"
    assert len(names) == len(kinds) == len(addresses)


def test_answers_are_not_sent_twice(client: FlaskClient) -> None:
    """The same question about the same version is answered with 304."""
    tag = client.get("/search/suggest?q=digd").headers["ETag"]
    assert client.get("/search/suggest?q=digd", headers={"If-None-Match": tag}).status_code == 304


@given(text=st.text(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_asked_for_breaks_the_page(client: FlaskClient, text: str) -> None:
    """Every text gets a page, JSON and suggestions."""
    for path, headers in (("/search", BROWSER), ("/search", PROGRAM), ("/search/suggest", {})):
        assert client.get(path, query_string={"q": text}, headers=headers).status_code == 200
