"""Pages and files of indicators: chart and table say the same, choices stand in the address, files hold what is."""

import csv
import io
import re
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import iris
from server import charts, plots, reader, selection, series
from server.labels import Labels
from tests.server.drawings import SVG, images, marks


def cells(page: str) -> list[str]:
    """Return the figures of the table beside the first chart."""
    (table,) = re.findall(r"<table.*?</table>", page[page.index("<figure") :], re.DOTALL)[:1]
    figures = re.findall(r'<td class="number"[^>]*>(?:<a[^>]*>)?([^<]*)(?:</a>)?</td>', table)
    return figures[1::2]


@pytest.mark.parametrize("slug", ["ladder-bodies", "involves-private-business", "low-trust-count", "edition-ordinal"])
def test_the_table_says_what_the_marks_say(real_client: FlaskClient, slug: str) -> None:
    """The same figures, in both widths of the image and in the table."""
    page = real_client.get(f"/id/indicator/{slug}.html?lang=nb").text
    for image in images(page).values():
        said = [words.partition(" (")[0] for words in marks(image)]
        assert said == cells(page)


def test_a_fraction_is_never_taken_for_a_measured_decimal(real_client: FlaskClient) -> None:
    """One in three is written as about 33 per cent, with a hollow mark, in the drawing, the list and the table."""
    page = real_client.get("/id/indicator/ladder-bodies.html?lang=en").text
    assert "33.3%" not in page
    assert cells(page).count("about 33%") == 2
    drawn = {one for image in images(page).values() for one in image.iter(f"{SVG}g")}
    found = [one for one in drawn if (title := one.find(f"{SVG}title")) is not None and "about 33%" in str(title.text)]
    assert len(found) == 4
    assert all([part.attrib["class"] for part in one[1:]] == ["ring", "hollow"] for one in found)
    for path in ("/?lang=en", "/indicators?lang=en", "/id/scheme/ladder.html?lang=en"):
        shown = real_client.get(path).text
        assert "about 33%" in shown or "about 17%" in shown
        assert "33.3%" not in shown
        assert "16.7%" not in shown


def test_levels_alone_are_drawn(real_client: FlaskClient) -> None:
    """Changes and ratios stand beside the chart; an indicator without levels says that there is nothing to draw."""
    page = real_client.get("/id/indicator/preferred-channel-web.html?lang=nb").text
    assert len(cells(page)) == 2
    assert "omtrent 2 ganger" in page.split("<h3")[1]
    page = real_client.get("/id/indicator/communication-potential-business.html?lang=en").text
    assert "nothing to draw on an axis" in page
    assert "<figure" not in page


def test_choices_stand_in_the_address(real_client: FlaskClient) -> None:
    """Years, populations, derived figures, another indicator."""
    path = "/id/indicator/ladder-bodies.html?lang=en"
    assert len(cells(real_client.get(path).text)) == 7
    assert len(cells(real_client.get(f"{path}&from=2019").text)) == 5
    assert len(cells(real_client.get(f"{path}&from=2019&to=2019").text)) == 2
    assert len(cells(real_client.get(f"{path}&derived=no").text)) == 5
    assert len(cells(real_client.get(f"{path}&population=state-bodies").text)) == 2
    assert len(cells(real_client.get(f"{path}&with=manual-operations").text)) == 8
    assert "There is nothing" not in real_client.get(f"{path}&from=2023").text
    assert "With these choices there is nothing to draw." in real_client.get(f"{path}&from=2023").text


def test_choices_are_told_above_the_chart_and_each_can_be_taken_back(real_client: FlaskClient) -> None:
    """Every chip leads to the same page without that choice; what no choice narrows says so."""
    path = "/id/indicator/ladder-bodies.html"
    assert "ds-chip" not in real_client.get(f"{path}?lang=en").text
    page = real_client.get(f"{path}?from=2019&population=municipalities&derived=no&lang=en").text
    chips = re.findall(r'<a class="ds-chip"[^>]*href="([^"]+)">(.*?)</a>', page, re.DOTALL)
    assert [" ".join(re.sub(r"<[^>]+>", "", text).split()) for _, text in chips] == [
        "Remove From year: 2019", "Remove About whom: municipalities", "Remove Leave out what we have derived",
    ]  # fmt: skip
    assert [unescape(href) for href, _ in chips] == [
        f"{path}?population=municipalities&derived=no&lang=en#figures",
        f"{path}?from=2019&derived=no&lang=en#figures",
        f"{path}?from=2019&population=municipalities&lang=en#figures",
    ]
    assert page.index("ds-chip") < page.index("<figure")
    assert "These are shown whatever you have chosen." in page


@pytest.mark.parametrize(
    ("choice", "answer"),
    [
        ("from=soon", "“soon” is not a year"),
        ("from=2020&to=2018", "2020 comes after 2018"),
        ("population=martians", "no figures here about “martians”"),
        ("population=A%22b", "“A&#34;b” is not a name"),
        ("with=nothing", "no indicator called “nothing”"),
        ("with=low-trust-count", "given in another unit (count)"),
        ("with=communication-potential-inhabitants", "cannot stand on the same axis"),
        ("with=manual-operations&with=digitisation-goals&with=low-trust-share", "Three indicators at most"),
    ],
)
def test_a_choice_that_cannot_be_kept_is_explained(real_client: FlaskClient, choice: str, answer: str) -> None:
    """The page shows the rest and says why; a file with such a choice is refused."""
    page = real_client.get(f"/id/indicator/ladder-bodies.html?lang=en&{choice}")
    assert page.status_code == 200
    assert answer in page.text
    assert len(cells(page.text)) >= 7
    assert real_client.get(f"/indicator/ladder-bodies/chart.svg?{choice}").status_code == 400


def test_figures_of_different_units_never_share_an_axis(real_client: FlaskClient) -> None:
    """Only indicators of the same unit can be compared with; the rest cannot be chosen, with the reason."""
    page = real_client.get("/id/indicator/low-trust-count.html?lang=en").text
    options = re.findall(r'<option value="([a-z-]+)"( disabled)?>([^<]*)', page)
    assert {slug for slug, disabled, _ in options if not disabled} == {"frame-size", "inhabitant-sample"}
    assert all("another unit" in words for _, disabled, words in options if disabled)


def test_the_table_file_has_what_is_shown(real_client: FlaskClient) -> None:
    """One figure a row, codes and names, in the language asked for."""
    answer = real_client.get("/indicator/ladder-bodies/figures.csv?lang=nb&from=2019")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 7
    assert {row["population_label"] for row in rows} == {"kommuner", "statlige virksomheter", "offentlige virksomheter"}
    assert {row["value"] for row in rows if row["kind"] == "change"} == {"23", "7"}
    disputed = {(row["population"], row["conflicts"]) for row in rows if row["conflicts"]}
    assert {population for population, _ in disputed} == {"municipalities", "public-bodies"}


@pytest.mark.parametrize(("name", "size"), [("card.png", (1200, 630)), ("chart.png", (1536, None))])
def test_pictures_have_their_size(real_client: FlaskClient, name: str, size: tuple[int, int | None]) -> None:
    """A picture for links is 1200 by 630, one of the chart twice as large as the chart."""
    answer = real_client.get(f"/indicator/ladder-bodies/{name}?lang=nb")
    assert answer.mimetype == "image/png"
    wide, high = (int.from_bytes(answer.data[at : at + 4]) for at in (16, 20))
    assert wide == size[0]
    assert size[1] in (None, high)


def test_files_that_are_not_there_are_not_found(real_client: FlaskClient) -> None:
    """Neither of an indicator nobody knows, nor in a format there is not."""
    assert real_client.get("/indicator/nothing/chart.svg").status_code == 404
    assert real_client.get("/indicator/a%20b/chart.svg").status_code == 404
    assert real_client.get("/indicator/ladder-bodies/chart.gif").status_code == 404
    assert real_client.get("/indicator/communication-potential-business/chart.svg").status_code == 400


def test_the_list_of_indicators_is_by_theme(real_client: FlaskClient) -> None:
    """Each with its chart, its figures, years and populations; the plain list leads there."""
    answer = real_client.get("/list/indicator?lang=nb")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/indicators?lang=nb")
    page = real_client.get("/indicators?lang=nb").text
    assert page.count("<li>\n    <div>") == 31
    assert page.count('class="chart-small"') == 28
    assert page.index("Tillit</span></h2>") < page.index("Om undersøkelsen</span></h2>")
    told = ("9 tall · 2018, 2019, 2020 · ", "kommuner", "offentlige virksomheter", "statlige virksomheter")
    assert "".join(told[:1]) in page
    start = page.index(told[0])
    assert all(name in page[start : start + 400] for name in told[1:])


def test_the_front_page_shows_trends_of_the_graph(real_client: FlaskClient) -> None:
    """Of different themes, in the words of the figures, each with its sources."""
    page = real_client.get("/?lang=nb").text
    assert page.count('<figure class="chart">') == 4
    page = page.replace("\N{NO-BREAK SPACE}", "_")
    assert "opp fra omtrent 10_% (avledet) i_2019 til omtrent 33_% (omstridt)" in page
    assert "35_% (omstridt) i_2020, 17_% i_2023. De to kan ikke sammenlignes direkte." in page
    assert "ned fra_35" not in page
    assert page.count("Kilde") >= 4


def test_the_ladder_is_drawn_with_the_figures_of_each_step(real_client: FlaskClient) -> None:
    """Four steps from the lowest, on the page of their code list."""
    page = real_client.get("/id/scheme/ladder.html?lang=nb").text
    steps = page.split('<li class="step">')[1:]
    assert ["Nivå 1" in steps[0], "Nivå 4" in steps[3], len(steps)] == [True, True, 4]
    assert "67\N{NO-BREAK SPACE}%" in steps[0]
    assert "(billedlig)" in steps[3]
    assert '<li class="step">' not in real_client.get("/id/scheme/population.html").text


def test_the_number_of_queries_does_not_depend_on_how_much_is_drawn(real_app: Flask) -> None:
    """All indicators cost as many queries as one."""
    asked: list[str] = []
    with real_app.test_request_context("/"):
        snapshot = reader.snapshot()

        def rows(query: str) -> list[object]:
            asked.append(query)
            return snapshot.rows(query)

        for slug, others in (("manual-operations", ""), ("ladder-bodies", "?with=ladder-services")):
            with real_app.test_request_context(f"/{others}") as context:
                selection.select(rows, iris.entity("indicator", slug), Labels("nb"), context.request.args)
            assert len(asked) == 7
            asked.clear()


def test_an_indicator_with_thousands_of_figures_still_has_a_chart() -> None:
    """What there is no room for is left out of the chart and the table alike, and counted."""
    at = {name: iris.entity("code", "not-applicable") for name in ("comparison", "level", "scale", "base", "assumed")}
    codes = {"kind": series.LEVEL, "bound": iris.entity("bound", "point"), "unit": series.PERCENT, "precision": "p"}
    figures = [
        series.Figure(
            iri=iris.entity("observation", f"o{number}"), indicator="i",
            population=iris.entity("population", f"p{number % 30}"),
            period=iris.entity("period", str(2000 + number % 20)), edition="e", value=Decimal(number % 101),
            status=iris.entity("status", "reported"), findings=(), sources=(), **at, **codes,
        )
        for number in range(3000)
    ]  # fmt: skip
    plot = plots.plot("all", series.Found(tuple(figures), ()), figures, Labels("nb"))
    drawn = sum(len(one.marks) for one in plot.chart.series)
    assert len(plot.rows) == drawn == 120
    assert plot.left_out == 3000 - drawn
    assert len(images(charts.image(plot.chart, "a"))) == 2
