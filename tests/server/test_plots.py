"""Charts of figures and of answers: which rows are drawn, how they are written, and what is said of the others."""

import re
from collections.abc import Iterable
from decimal import Decimal
from html import unescape
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg import iris
from server import indicators, plots, result_charts
from server.charts.model import COLOURS
from server.choices import Choices
from server.labels import Labels
from server.result_charts import Drawn, Value
from server.series import LEVEL, PERCENT, Figure, Found
from tests.server.conftest import BROWSER

XSD = "http://www.w3.org/2001/XMLSchema#"


def cell(term: object) -> Value:
    """Return a value as charts take it: numbers as literals, a term as it is, None as unbound."""
    literal = ox.Literal(term) if isinstance(term, str | int | float) else term
    return Value(literal, literal.value if isinstance(literal, ox.Literal | ox.NamedNode) else "")


def rows(names: str, *values: Iterable[object]) -> tuple[tuple[str, ...], list[dict[str, Value]]]:
    """Return the columns and the rows of an answer."""
    columns = tuple(names.split())
    return columns, [dict(zip(columns, map(cell, one), strict=True)) for one in values]


def said(drawn: Drawn) -> list[str]:
    """Return what the marks of the wide image say."""
    image = (drawn.image or "").partition("</svg>")[0]
    return re.findall(r'<g class="mark[^>]*><title>([^<]*)', image)


def counts(drawn: Drawn) -> tuple[int, int, int]:
    """Return how many rows are left out, by why."""
    return drawn.below_zero, drawn.undrawable, drawn.roomless


def typed(text: str, name: str) -> ox.Literal:
    """Return a literal of an XSD type."""
    return ox.Literal(text, datatype=ox.NamedNode(XSD + name))


@pytest.mark.parametrize("draw", [result_charts.bars, result_charts.lines])
@pytest.mark.parametrize(
    "strange", [typed("abc", "integer"), typed("INF", "double"), typed("1e308", "double"), typed("", "decimal"), None]
)
def test_a_number_that_cannot_be_drawn_leaves_its_row_out(draw: object, strange: object) -> None:
    """Whatever an answer says is a number; the rest is drawn, and the row is counted."""
    names, answer = rows("n v", (2012, strange), (2013, 4), (2014, -3))
    drawn = draw(names, answer, "en", {"x": "n", "y": "v"})  # type: ignore[operator]
    assert said(drawn) == ["4"]
    assert counts(drawn) == (1, 1, 0)
    assert drawn.left_out == 2


@pytest.mark.parametrize("view", ["bar", "line"])
def test_a_reader_can_ask_for_numbers_that_are_none(client: FlaskClient, view: str) -> None:
    """The page shows the others and says how many are not there."""
    query = f'SELECT ?n ?v {{ VALUES (?n ?v) {{ (2012 "abc"^^<{XSD}integer>) (2013 4) (2014 -1) }} }}'
    page = client.get("/sparql", query_string={"query": query, "view": view, "lang": "en"}, headers=BROWSER)
    assert page.status_code == 200
    assert "1 row is not in the chart because its number is negative, as a change can be." in page.text
    assert "1 row is not in the chart because it lacks a number or a year that can be drawn." in page.text


def test_a_year_is_read_whole() -> None:
    """Of five digits too; what only begins as a date is none."""
    whole = {typed("12014", "gYear"): 12014, typed("2014-03", "gYearMonth"): 2014, typed("2014Z", "gYear"): 2014}
    assert {term: result_charts._year(cell(term)) for term in whole} == whole
    assert result_charts._year(cell(typed("2014x", "gYear"))) is None


def test_lines_have_room_for_so_many_marks() -> None:
    """The others are counted, as are those of lines there is no room for."""
    names, answer = rows("year value", *((1000 + number, number) for number in range(500)))
    drawn = result_charts.lines(names, answer, "en", {})
    assert len(said(drawn)) == plots.MOST_MARKS
    assert counts(drawn) == (0, 0, 500 - plots.MOST_MARKS)
    names, answer = rows("year value who", *((2000 + year, year, f"w{who}") for who in range(20) for year in range(5)))
    drawn = result_charts.lines(names, answer, "en", {"group": "who"})
    assert len(said(drawn)) == 5 * COLOURS
    assert drawn.roomless == 5 * (20 - COLOURS)


def test_a_number_is_never_drawn_by_itself() -> None:
    """Of two columns of numbers one is drawn by the other."""
    drawn = result_charts.bars(*rows("a b", (1, 2), (3, 4)), "en", {})
    assert [choice.taken for choice in drawn.choices if choice.parameter in ("x", "y")] == ["b", "a"]
    drawn = result_charts.bars(*rows("a", (1,), (3,)), "en", {})
    assert len(said(drawn)) == 2


def test_values_of_an_answer_are_written_and_marked_as_figures_are() -> None:
    """No decimals where nothing was measured; derived figures are marked, and the legend says what the marks mean."""
    derived = ox.NamedNode(iris.entity("status", "derived"))
    names, answer = rows(
        "year value unit precision status", (2019, 12.5, "prosent", "omtrentlig", derived),
        (2020, 33.3, "prosent", "brøk", "rapportert"), (2021, 33.3, "prosent", "som oppgitt", "rapportert"),
    )  # fmt: skip
    drawn = result_charts.lines(names, answer, "nb", {})
    shown = [words.replace("\N{NO-BREAK SPACE}", " ") for words in said(drawn)]
    assert shown == [f"omtrent 13 % ({derived.value})", "omtrent 33 %", "33,3 %"]
    meant = ["rapportert", "tolket eller ikke ment nøyaktig", "avledet av oss, omtrentlig"]
    assert [words for _, words in drawn.legend] == meant
    assert "<svg" in drawn.sample(drawn.legend[0][0])
    for kind in ("status", "statusCode", "obsStatus"):
        found = result_charts.bars(*rows(f"who value {kind}", ("a", 1, "avleidd")), "nn", {})
        assert [words for _, words in found.legend] == ["avleidd av oss"]


def test_an_answer_that_tells_nothing_of_its_values_has_no_legend() -> None:
    """And a plain mark is called reported only where a status says so."""
    assert result_charts.bars(*rows("who value", ("a", 1)), "en", {}).legend == ()
    assert result_charts.bars(*rows("who count status", ("a", 1, "derived")), "en", {}).legend == ()
    found = result_charts.bars(*rows("who value bound", ("a", 1, "lower bound"), ("b", 2, "point value")), "en", {})
    assert [words for _, words in found.legend] == ["more than"]


def test_the_only_line_is_called_what_all_rows_are_about() -> None:
    """Or else what readers call the column of numbers."""
    called = {"value": "Value"}
    named = rows("year value population", (2020, 35, "municipalities"), (2023, 17, "municipalities"))
    image = result_charts.lines(*named, "en", {"group": ""}, called).image or ""
    assert ">municipalities<" in image
    unlike = rows("year value population", (2020, 35, "municipalities"), (2023, 17, "state"))
    assert ">Value<" in (result_charts.lines(*unlike, "en", {"group": ""}, called).image or "")


@pytest.mark.parametrize("slug", ["maturity-ladder", "private-business-involvement"])
def test_the_chart_of_a_stored_query_has_a_legend(real_client: FlaskClient, slug: str) -> None:
    """Beneath it, as on the page of an indicator, with the reason why rows are not in it."""
    page = real_client.get(f"/queries/{slug}?lang=nb", headers=BROWSER).text
    assert page.count("<figcaption") == 1
    assert '<ul class="chart-legend">' in page
    assert "33,3" not in page.partition("<table")[0]
    if slug == "maturity-ladder":
        assert "avledet av oss, omtrentlig" in page
    else:
        assert "2 rader er ikke med i diagrammet fordi tallene er negative, slik endringer kan være." in page


def figure(number: int = 0, **more: object) -> Figure:
    """Return a reported level of 10 per cent in 2020."""
    nothing = iris.entity("code", "not-applicable")
    plain = dict.fromkeys(("comparison", "level", "scale", "base"), nothing) | {
        "iri": iris.entity("observation", f"o{number}"), "indicator": "i",
        "population": iris.entity("population", "all"), "kind": LEVEL, "bound": iris.entity("bound", "point"),
        "period": iris.entity("period", "2020"), "edition": "e", "value": Decimal(10), "unit": PERCENT, "assumed": "",
        "status": iris.entity("status", "reported"), "precision": iris.entity("precision", "as-stated"),
        "findings": (), "sources": (),
    }  # fmt: skip
    return Figure(**{**plain, **more})  # type: ignore[arg-type]


def test_a_figure_about_no_year_is_chosen_like_the_others() -> None:
    """By whom it is about and whether we derived it; years leave it out."""
    one = figure(period=iris.entity("period", "not-stated"), status=iris.entity("status", "derived"))
    assert Choices().keeps(one)
    assert Choices(populations=frozenset({one.population})).keeps(one)
    assert not Choices(populations=frozenset({iris.entity("population", "other")})).keeps(one)
    assert not Choices(with_derived=False).keeps(one)
    assert not Choices(start=2012).keeps(one)
    assert not Choices(end=2023).keeps(one)


def test_a_chart_has_no_more_series_than_colours() -> None:
    """So that no two look alike; the figures of the others are counted."""
    figures = [figure(number, population=iris.entity("population", f"p{number}")) for number in range(COLOURS + 3)]
    plot = plots.plot("all", Found(tuple(figures), ()), figures, Labels("en"))
    assert len(plot.chart.series) == COLOURS
    assert plot.left_out == 3


def test_what_all_series_share_is_in_the_chart_and_its_description() -> None:
    """For the files have no page around them."""
    figures = [
        figure(number, level=iris.entity("level", "level-3"), population=iris.entity("population", f"p{number}"))
        for number in range(2)
    ]
    chart = plots.plot("all", Found(tuple(figures), ()), figures, Labels("nn")).chart
    assert chart.common == ("Gjeld: level-3",)
    assert chart.description.startswith("Gjeld: level-3. P0 –")
    alone = plots.plot("one", Found((figure(),), ()), [figure()], Labels("nn")).chart
    assert alone.common == ()
    assert alone.description.startswith("All –")


@pytest.mark.parametrize(
    ("language", "applies", "source"),
    [
        ("nb", "Gjelder: i stor grad", "Kilde: IT i praksis, gjengitt i Artikkel om IT i praksis 2023"),
        ("nn", "Gjeld: i stor grad", "Kjelde: IT i praksis, attgitt i Artikkel om IT i praksis 2023"),
        ("en", "Applies to: to a great extent", "Source: IT i praksis, as reported in Article on IT i praksis 2023"),
    ],
)
def test_a_file_says_what_it_is_about_and_where_it_is_from(
    real_client: FlaskClient, language: str, applies: str, source: str
) -> None:
    """In the picture and in words; the code for embedding has the words too."""
    slug = "involves-private-business"
    file = ET.fromstring(real_client.get(f"/indicator/{slug}/chart.svg?lang={language}").text)  # noqa: S314 our own
    words = " ".join("".join(one.itertext()) for one in file.iter("{http://www.w3.org/2000/svg}text"))
    assert applies in words
    assert source in words
    assert f"Praksisgrafen · https://w3id.org/praksisgrafen/id/indicator/{slug}" in words
    (description,) = (one.text for one in file.iter("{http://www.w3.org/2000/svg}desc"))
    assert applies in str(description)
    page = unescape(real_client.get(f"/id/indicator/{slug}.html?lang={language}").text)
    assert re.search(f'alt="[^"]*{applies}', page)


def test_the_table_says_how_every_figure_is_known(real_client: FlaskClient) -> None:
    """Its status first, then the precision where it says something, then that sources disagree; nothing twice."""
    page = real_client.get("/id/indicator/ladder-bodies.html?lang=nb").text
    told = re.findall(
        r'data-label="Hvordan vi vet det">(.*?)</td>', page.partition("<table")[2].partition("</table>")[0]
    )
    told = [re.sub(r"<[^>]+>", "", one) for one in told]
    assert len(told) == 7
    assert all(re.match("rapportert|avledet|tolket", one) for one in told)
    assert any(re.fullmatch(r"rapportert, brøk, omstridt: Hvem .*\?", one) for one in told)
    assert "avledet" in told


TOO_MANY = (
    "/id/indicator/digital-communication-with-gp.html?lang=en&with=frame-size&with=edition-ordinal"
    "&with=inhabitant-sample&with=ladder-bodies"
)


def test_an_indicator_that_is_named_is_drawn(real_client: FlaskClient) -> None:
    """However many were asked for that cannot stand beside it."""
    alone = real_client.get("/id/indicator/digital-communication-with-gp.html?lang=en&with=ladder-bodies").text
    crowded = real_client.get(TOO_MANY).text
    listed = [page.partition("<table")[2].partition("</table>")[0] for page in (alone, crowded)]
    assert listed[0].count("<tr>") == listed[1].count("<tr>") == 9


def test_refused_indicators_have_no_say_in_the_choices(real_client: FlaskClient) -> None:
    """Their years and their derived figures are not offered."""
    page = real_client.get("/id/indicator/digital-communication-with-gp.html?lang=en")
    refused = real_client.get("/id/indicator/digital-communication-with-gp.html?lang=en&with=frame-size")
    offered = [re.findall(r"<option[^>]*>(\d{4})</option>", one.text) for one in (page, refused)]
    assert offered[0] == offered[1]


def test_what_has_no_theme_stands_last() -> None:
    """After every letter, as Å and Ø are written."""
    labels = Labels("nb")
    for name in ("Østfold", "Æra", "Åpenhet"):
        labels.know(name, {"nb": name})
    found = indicators._sorted({(False, name): [] for name in ("", "Østfold", "Æra", "Åpenhet")}, labels)
    assert [theme.link is None for theme in found] == [False, False, False, True]
