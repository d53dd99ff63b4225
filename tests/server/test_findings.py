"""The table of findings: facets, order, pages, CSV, and what happens with choices that cannot be made."""

import csv
import html
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg import iris
from kg.terms import PREFIXES
from server import findings, series
from server.findings import COLUMNS, FACETS, PER_PAGE

ALL = 143
RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")


def _total(page: str) -> int:
    found = re.search(r'<h2 id="found">(\d+)', page)
    assert found
    return int(found[1])


def _things(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a[^>]* href="/id/(finding/[^".]+)', page)


def _facets(page: str) -> Iterator[tuple[str, int]]:
    """Return every choice on the page: its address and its count."""
    facets = page[page.index('<nav class="facets"') :]
    for href, count in re.findall(
        r'<li><a href="([^"]+)"(?! aria-current).*?<span class="count">(\d+)</span></a>', facets
    ):
        yield html.unescape(href), int(count)


def _pages(client: FlaskClient, query: str) -> list[str]:
    """Return the things on all pages of a selection."""
    total = _total(client.get(f"/findings?{query}").text)
    found: list[str] = []
    for number in range(1, -(-total // PER_PAGE) + 1):
        found += _things(client.get(f"/findings?{query}&page={number}").text)
    return found


def _csv(client: FlaskClient, query: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"/findings.csv?{query}").text)))


@pytest.mark.parametrize("query", ["lang=nb", "lang=nb&edition=2016&kind=figure", "lang=en&population=municipalities"])
def test_every_choice_leads_to_as_many_findings_as_it_says(real_client: FlaskClient, query: str) -> None:
    """The counts are those of the present selection."""
    choices = list(_facets(real_client.get(f"/findings?{query}").text))
    assert len(choices) > 10
    for href, count in choices:
        if "edition=2016" in query and count == 0:
            continue
        assert _total(real_client.get(href).text) == count, href


def test_all_findings_are_there_once_over_the_pages(real_client: FlaskClient, graph: ox.Store) -> None:
    """Nothing is lost between two pages, nothing shown twice."""
    found = _pages(real_client, "lang=nb")
    finding = ox.NamedNode(iris.DEF + "Finding")
    expected = {
        str(quad.subject).strip("<>").removeprefix(iris.ID) for quad in graph.quads_for_pattern(None, RDF_TYPE, finding)
    }
    assert len(found) == len(expected) == ALL
    assert set(found) == expected


def test_choices_narrow_together(real_client: FlaskClient, graph: ox.Store) -> None:
    """Two choices give what has both."""
    answer = graph.query(
        f"SELECT DISTINCT ?it {{ ?it <{iris.DEF}edition> <{iris.ID}edition/2016> ; a <{iris.DEF}NumericFinding> ;"
        f" <{iris.DEF}population> <{iris.ID}population/municipalities> }}",
        use_default_graph_as_union=True,
    )
    expected = {str(solution["it"]).strip("<>").removeprefix(iris.ID) for solution in answer}  # type: ignore[union-attr]
    found = _things(real_client.get("/findings?edition=2016&population=municipalities&kind=figure").text)
    assert set(found) == expected
    assert len(expected) == 3


@pytest.mark.parametrize("column", [column.name for column in COLUMNS])
def test_every_column_sorts_both_ways_and_leaves_the_empty_last(real_client: FlaskClient, column: str) -> None:
    """Sorting a column turns its order round, and what has nothing there stays at the end."""
    up, down = (_csv(real_client, f"lang=nb&sort={sign}{column}") for sign in ("", "-"))
    cells = [[row[column] for row in rows] for rows in (up, down)]
    assert len(up) == len(down) == ALL
    for found in cells:
        assert "" not in found[: len(found) - found.count("")]
    filled = [[cell for cell in found if cell] for found in cells]
    keys = [[float(cell) if column == "value" else cell.casefold() for cell in found] for found in filled]
    assert keys[0] == sorted(keys[0])
    assert keys[1] == sorted(keys[1], reverse=True)
    page = real_client.get(f"/findings?lang=nb&sort=-{column}").text
    assert page.count("aria-sort=") == 1
    assert f'sort={column}"' in page or f"sort={column}&amp;" in page


@pytest.mark.parametrize("query", ["lang=nb&sort=-value", "lang=nn&source=blog-2016", "lang=en&kind=words&sort=title"])
def test_the_csv_is_what_is_shown(real_client: FlaskClient, query: str) -> None:
    """Same findings, same order, all pages, in the reader's language."""
    rows = _csv(real_client, query)
    assert [row["finding"].removeprefix(iris.ID) for row in rows] == _pages(real_client, query)
    page = html.unescape(real_client.get(f"/findings?{query}").text)
    (link,) = re.findall(r'href="(/findings\.csv[^"]*)"', page)
    assert parse_qs(urlsplit(link).query) == parse_qs(query)
    assert rows[0]["title"] in page
    assert rows[0]["figure"] in page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_csv_has_the_figure_in_words_and_as_a_number(real_client: FlaskClient) -> None:
    """A spreadsheet gets a number with a full stop, a reader the bound."""
    (row,) = list(_csv(real_client, "lang=nb&precision=fraction&population=public-bodies"))
    assert (row["figure"], row["value"], row["unit"]) == ("omtrent 33 prosent", "33.3", "prosent")
    response = real_client.get("/findings.csv")
    assert response.content_type == "text/csv; charset=utf-8"


def test_each_choice_can_be_taken_back(real_client: FlaskClient) -> None:
    """What is chosen stands above the table with a way to remove each and all."""
    page = html.unescape(real_client.get("/findings?lang=nb&edition=2016&precision=as-stated&sort=year&page=1").text)
    chosen = page[page.index('<ul class="chosen"') :]
    chosen = chosen[: chosen.index("</ul>")]
    links = re.findall(r'href="([^"]+)"', chosen)
    wanted = [parse_qs(urlsplit(link).query) for link in links]
    assert {"lang": ["nb"], "precision": ["as-stated"], "sort": ["year"]} in wanted
    assert {"lang": ["nb"], "edition": ["2016"], "sort": ["year"]} in wanted
    assert {"lang": ["nb"]} in wanted
    assert "IT i praksis 2016" in chosen


def test_an_empty_selection_tells_the_way_out(real_client: FlaskClient) -> None:
    """Each choice, and how many findings there are without it."""
    page = html.unescape(real_client.get("/findings?lang=nb&edition=2018&source=blog-2016").text)
    assert _total(page) == 0
    assert "Uten «IT i praksis 2018»: 55 funn" in page
    assert "Uten «Vismas blogginnlegg om IT i praksis 2016»: 0 funn" not in page
    assert "Last ned som CSV" not in page


@pytest.mark.parametrize(
    ("query", "told"),
    [("edition=1999", "Utgave: <q>1999</q>"), ("sort=colour", "Sortert etter: <q>colour</q>"),
     ("edition=2016&edition=2018", "Utgave: <q>2016, 2018</q>"), ("unit=<b>", "Enhet: <q>&lt;b&gt;</q>")],
)  # fmt: skip
def test_a_choice_that_cannot_be_made_is_told(real_client: FlaskClient, query: str, told: str) -> None:
    """In the reader's language, with everything there is to choose from below."""
    response = real_client.get(f"/findings?lang=nb&{query}")
    assert response.status_code == 400
    assert told in response.text
    assert len(list(_facets(response.text))) > 10
    refused = real_client.get(f"/findings.csv?{query}")
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("page", ["0", "-3", "x", "999999999"])
def test_a_page_that_is_not_there_is_the_nearest_that_is(real_client: FlaskClient, page: str) -> None:
    """A mistyped number shows findings all the same."""
    response = real_client.get(f"/findings?page={page}")
    assert response.status_code == 200
    assert _things(response.text)


def test_the_list_of_findings_leads_to_the_table(real_client: FlaskClient) -> None:
    """Old links keep working, and keep the language."""
    response = real_client.get("/list/finding?lang=nn")
    assert (response.status_code, response.headers["Location"]) == (303, "/findings?lang=nn")


def test_the_table_is_asked_for_once(real_client: FlaskClient) -> None:
    """An unchanged table is not sent again."""
    response = real_client.get("/findings?lang=nb")
    again = real_client.get("/findings?lang=nb", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_every_facet_is_named_for_what_it_narrows(real_client: FlaskClient) -> None:
    """Edition, indicator, population, source, precision, unit, and whether there is a figure."""
    assert {facet.name for facet in FACETS} == {
        "kind", "edition", "indicator", "population", "source", "precision", "unit",
    }  # fmt: skip
    page = real_client.get("/findings?lang=en").text
    for name in ("Kind of finding", "Edition", "Indicator", "Population", "Source", "Precision", "Unit"):
        assert re.search(rf"<summary>{name}", page)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a page be made from fewer findings than there are."""
    monkeypatch.setattr(findings, "MOST", 40)
    monkeypatch.setattr(findings, "_READ", {})
    return 40


def test_a_page_says_when_there_are_more_findings_than_it_is_made_from(real_client: FlaskClient, few: int) -> None:
    """Nothing is cut silently: the page names its limit, and where all fit, says nothing."""
    page = real_client.get("/findings?lang=en&sort=year").text
    assert _total(page) == few
    assert f"these come from the first {few}" in page
    narrow = real_client.get("/findings?lang=en&sort=year&edition=2018").text
    assert 0 < _total(narrow) < few
    assert "these come from the first" not in narrow


def test_what_is_chosen_narrows_before_the_limit_does(real_client: FlaskClient, few: int) -> None:
    """Every finding can be reached, also those that are not among the first."""
    first = set(_pages(real_client, "lang=en&sort=value"))
    assert len(first) == few
    chosen = _csv(real_client, "edition=2018")
    shown = _pages(real_client, "lang=en&sort=value&edition=2018")
    assert {row["finding"].removeprefix(iris.ID) for row in chosen} == set(shown)
    assert set(shown) - first


def test_the_file_has_every_finding_however_many_there_are(real_client: FlaskClient, few: int) -> None:
    """What is downloaded is whole."""
    assert len(_csv(real_client, "")) == ALL > few


def test_a_page_of_all_findings_says_nothing_of_limits(real_client: FlaskClient) -> None:
    """The note is only there where something is left out."""
    assert "these come from the first" not in real_client.get("/findings?lang=en&sort=edition").text


def test_the_indicators_say_when_not_all_figures_are_drawn(
    real_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit on the figures of the overview is named where it cuts."""
    note = "the small charts show the first"
    assert note not in real_client.get("/indicators?lang=en").text
    monkeypatch.setattr(series, "OF_ALL", 7)
    assert f"{note} 7" in real_client.get("/indicators?lang=en&kept=no").text
