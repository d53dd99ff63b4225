"""Things, their documents and their pages."""

import csv
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg import iris
from kg.engine import Row
from server import reader
from server.description import describe
from server.labels import Labels
from tests.server.conftest import BROWSER, HUB_SIZE

FINDING = "/id/finding/third"
SKOS = "http://www.w3.org/2004/02/skos/core#"


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (BROWSER["Accept"], ".html"),
        ("text/turtle", ".ttl"),
        ("application/n-triples", ".nt"),
        ("application/ld+json", ".jsonld"),
        ("application/rdf+xml, text/turtle;q=0.5", ".rdf"),
        ("text/csv", ".csv"),
    ],
)
def test_a_thing_sends_on_to_a_document_by_accept(client: FlaskClient, accept: str, location: str) -> None:
    """303, because a thing is not a document."""
    response = client.get(FINDING, headers={"Accept": accept})
    assert (response.status_code, response.headers["Location"]) == (303, FINDING + location)
    assert "Accept" in response.headers["Vary"]


def test_an_unfitting_accept_is_406_and_names_what_there_is(client: FlaskClient) -> None:
    """The client learns what it could have asked for."""
    response = client.get(FINDING, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.json["hint"]


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("ttl", RdfFormat.TURTLE),
        ("nt", RdfFormat.N_TRIPLES),
        ("jsonld", RdfFormat.JSON_LD),
        ("rdf", RdfFormat.RDF_XML),
    ],
)
def test_data_is_the_thing_its_evidence_and_the_names_of_its_links(
    client: FlaskClient, suffix: str, kind: RdfFormat
) -> None:
    """Every format holds the same triples."""
    triples = {triple.triple for triple in parse(client.get(f"{FINDING}.{suffix}").data, kind)}
    subjects = {str(triple.subject).strip("<>").removeprefix(iris.ID) for triple in triples}
    assert {"finding/third", "annotation/finding-third", "annotation/finding-third-position"} <= subjects
    name = Literal("Fortellingen", language="nb")
    assert any(triple.object == name and triple.predicate == NamedNode(SKOS + "prefLabel") for triple in triples)
    assert "observation/third" not in subjects


def test_a_turtle_document_declares_only_the_prefixes_it_uses(client: FlaskClient) -> None:
    """A short document begins with its content."""
    text = client.get("/id/organisation/printer.ttl").text
    declared = re.findall(r"^@prefix ([\w-]+):", text, re.MULTILINE)
    assert "organisation" in declared
    assert all(text.count(f"{prefix}:") > 1 for prefix in declared)


def test_csv_has_one_statement_a_row_with_labels(client: FlaskClient) -> None:
    """The table opens in a spreadsheet and names what is linked to."""
    rows = list(csv.DictReader(io.StringIO(client.get(f"{FINDING}.csv").text)))
    (indicator,) = [row for row in rows if row["property"] == iris.DEF + "indicator"]
    assert indicator["label_nn"] == "Tenestetrappa"
    assert {row["thing"] for row in rows} == {iris.ID + "finding/third"}


@pytest.mark.parametrize("path", ["nobody", "nobody.html", "nobody.ttl", "nobody.csv", "no<body", "no body.nt"])
def test_unknown_things_are_404_in_every_form(client: FlaskClient, path: str) -> None:
    """A document about nothing is not an empty document."""
    response = client.get(f"/id/person/{path}")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_the_page_speaks_the_readers_language(client: FlaskClient) -> None:
    """Title, facts and words in nb by default, else as asked for."""
    assert '<html lang="nb" ' in client.get(f"{FINDING}.html").text
    nynorsk = client.get(f"{FINDING}.html?lang=nn").text
    assert re.search("<h1[^>]*><span>Ein tredel av kommunane</span></h1>", nynorsk)
    assert 'href="/id/indicator/ladder.html?lang=nn">Tenestetrappa</a>' in nynorsk
    english = client.get(f"{FINDING}.html", headers={"Accept-Language": "en-GB"})
    assert "Why do we say this?" in english.text
    assert "Accept-Language" in english.headers["Vary"]


def test_a_text_in_another_language_is_marked(client: FlaskClient) -> None:
    """Screen readers need `lang`, readers need to know that it stands in."""
    page = client.get("/id/organisation/only-english.html?lang=nb").text
    assert '<span lang="en">Only English</span>' in page
    assert "(English)" in page


def test_the_page_tells_where_the_source_says_it(client: FlaskClient) -> None:
    """Source, date with its status, place, expression, status, publisher."""
    page = client.get(f"{FINDING}.html?lang=nb").text
    evidence = page[page.index('id="evidence"') : page.index('id="incoming"') if 'id="incoming"' in page else None]
    for words in (
        "Fortellingen",
        "mai 2020",
        "antatt",
        "tegn 12\u202f345–12\u202f354",
        "en tredel",
        "gjengitt",
        "Trykkeriet",
    ):
        assert words in evidence


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("finding/ladder-bodies-municipalities-article-2020", ["words", "reading", "evidence", "facts", "relations"]),
        ("source/article-2023", ["facts", "text"]),
        ("person/linda-hofstad-helleland", ["roles", "evidence", "facts", "statements"]),
    ],
)
def test_how_we_know_comes_before_what_lies_around(real_client: FlaskClient, name: str, order: list[str]) -> None:
    """What a thing is, its evidence and its facts stand above what is long."""
    page = real_client.get(f"/id/{name}.html?lang=nb").text
    found = re.findall(r'<h2 id="([^"]+)"', page)
    assert [one for one in found if one in order] == order


def test_an_observation_shows_the_evidence_of_the_findings_it_stands_for(client: FlaskClient) -> None:
    """The figure in the cube leads back to the words in the source."""
    page = client.get("/id/observation/third.html?lang=nb").text
    assert "en tredel" in page
    assert 'href="/id/finding/third.html?lang=nb">En tredel av kommunene</a>' in page


def test_numbers_and_truth_are_written_for_norwegian_readers(client: FlaskClient) -> None:
    """Decimal comma, thin spaces, yes and no in words; what does not apply is apart."""
    page = client.get(f"{FINDING}.html?lang=nb").text
    assert "33,3" in page
    assert "1\u202f234\u202f567" in page
    assert "nei" in client.get("/id/indicator/ladder.html?lang=nb").text
    assert "Gjelder ikke:" in page


def test_a_figure_comes_first_among_its_facts(client: FlaskClient) -> None:
    """Value, then what it is about, then the rest."""
    page = client.get(f"{FINDING}.html?lang=en").text
    page = page[page.index('id="reading"') :]
    order = [page.index(word) for word in ("33.3", "The ladder", "Municipalities", "1,234,567")]
    assert order == sorted(order)


def test_data_is_escaped_and_only_web_addresses_become_links(client: FlaskClient) -> None:
    """What the graph says is text, never markup."""
    page = client.get("/id/organisation/printer.html").text
    assert "Trykker &lt;b&gt;det&lt;/b&gt; &amp; det." in page
    assert 'href="https://example.org/printer"' in page
    assert 'href="urn:' not in page


def test_things_with_letters_beyond_ascii_have_pages(client: FlaskClient) -> None:
    """IRIs are not all ASCII."""
    assert "Ærlig" in client.get("/id/organisation/%C3%A6rlig.html").text


def test_a_hub_shows_counts_and_pages_through_what_refers_to_it(client: FlaskClient) -> None:
    """Ten at first, then fifty a page, each thing once."""
    page = client.get("/id/theme/hub.html?lang=nb").text
    assert page.count("/id/indicator/spoke-") == 10
    assert f"Vis alle {HUB_SIZE}" in page
    seen: list[str] = []
    for number in (1, 2, 3):
        url = f"/id/theme/hub.html?property={iris.DEF}theme&page={number}".replace("#", "%23")
        seen += re.findall(r"/id/indicator/(spoke-\d+)", client.get(url).text)
    assert len(seen) == len(set(seen)) == HUB_SIZE


def test_the_number_of_queries_does_not_grow_with_the_neighbours(app: Flask) -> None:
    """Labels come with one query, however many things are named."""
    counts = {}
    for path in ("theme/hub", "source/tale"):
        asked: list[str] = []
        with app.test_request_context("/"):
            snapshot = reader.snapshot()

            def rows(query: str, asked: list[str] = asked) -> list[Row]:
                asked.append(query)
                return snapshot.rows(query)  # noqa: B023 used within this turn of the loop

            describe(rows, iris.ID + path, Labels("nb"))
        counts[path] = len(asked)
    assert counts == {"theme/hub": 5, "source/tale": 9}


def test_the_page_has_the_shape_of_a_good_page(client: FlaskClient) -> None:
    """One h1, a skip link, no inline style, scripts only from files, a strict policy."""
    response = client.get(f"{FINDING}.html")
    assert response.text.count("<h1") == 1
    assert 'class="ds-skip-link" href="#content"' in response.text
    allowed = r'module" src="/static/|application/ld\+json"'
    assert not re.search(rf'<style|<script(?! type="(?:{allowed}))|style=|javascript:', response.text)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_every_link_of_a_page_to_ourselves_works(client: FlaskClient) -> None:
    """No link leads to a missing page."""
    for path in ("/", f"{FINDING}.html", "/id/source/tale.html", "/findings", "/def"):
        page = client.get(path, headers=BROWSER).text
        for link in {found.split("#")[0] for found in re.findall(r'href="(/[^"]*)"', page)}:
            address = link.replace("&amp;", "&")
            if address and not address.startswith("/id/"):
                assert client.get(address, headers=BROWSER).status_code in (200, 303), address


def test_open_in_sparql_holds_the_query_behind_the_page(client: FlaskClient) -> None:
    """The link runs, and gives what the page says."""
    page = client.get(f"{FINDING}.html").text
    (link,) = [found for found in re.findall(r'href="(/sparql\?[^"]*)"', page) if "query=" in found]
    answer = client.get(link.replace("&amp;", "&"), headers={"Accept": "text/csv"})
    assert iris.DEF + "expression,en tredel" in answer.text


@pytest.mark.parametrize(("suffix", "size"), [("nt", 7), ("csv", 8)])
def test_a_named_graph_is_its_triples(client: FlaskClient, suffix: str, size: int) -> None:
    """Each graph can be had alone."""
    response = client.get(f"/graph/sources.{suffix}")
    assert response.status_code == 200
    assert len(response.text.strip().splitlines()) == size + 2
    assert client.get("/graph/nothing").status_code == 404
    assert client.get("/graph/sources", headers=BROWSER).headers["Location"] == "/graph/sources.html"
    assert "Fortellingen" in client.get("/graph/sources.html?lang=nb").text
