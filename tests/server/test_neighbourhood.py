"""The neighbourhood of a thing: what is drawn, what is listed, and what it costs."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import iris
from kg.engine import Row
from server import neighbourhood, reader
from server.charts import ego
from server.charts.ego import Branch, Ego, Leaf
from server.labels import Labels

HUB = "/neighbourhood/theme/hub"
THING = "/neighbourhood/organisation/digdir"


@pytest.fixture
def request_context(app: Flask) -> Iterator[None]:
    """Stand in a request."""
    with app.test_request_context("/"):
        yield


def _drawn(page: str, variant: str) -> list[str]:
    (drawing,) = re.findall(rf'<svg class="ego-{variant}".*?</svg>', page, re.DOTALL)
    return re.findall(r'<a href="([^"]*)"', drawing)


def test_every_neighbour_is_a_link_in_both_drawings_and_in_the_list(real_client: FlaskClient) -> None:
    """Nothing is told by the drawing alone."""
    page = real_client.get(THING).text
    wide = _drawn(page, "wide")
    assert sorted(wide) == sorted(_drawn(page, "narrow"))
    listed = set(re.findall(r'href="([^"]*)"', page.partition('class="ego-lists"')[2]))
    assert set(wide) <= listed
    assert "/id/identifier/digdir.html" in wide
    assert "/id/source/article-2023.html" in wide
    assert all(real_client.get(path).status_code == 200 for path in set(wide))


def test_a_hub_is_drawn_in_part_and_counted_whole(client: FlaskClient) -> None:
    """About fifty neighbours are drawn; one more link leads to all of them."""
    page = client.get(HUB).text
    links = _drawn(page, "wide")
    assert len(links) == neighbourhood.DRAWN + 1
    assert "73 til" in page
    assert ">123<" in page
    (more,) = [link for link in links if "property=" in link]
    assert client.get(more.replace("&amp;", "&").partition("#")[0]).status_code == 200


def test_a_name_that_is_too_long_is_cut_between_words(real_client: FlaskClient) -> None:
    """Names that differ in their last words can be told apart, and none ends inside a word."""
    name = "Digitaliseringsdirektoratet samarbeidet om undersøkelsen og mye annet " * 4
    picture = ego.draw(Ego("t", "d", "Digdir", [Branch("Om", [Leaf(name, "/x")], is_incoming=True)]), "a")
    ends = re.findall(r"([^<>]*)…</tspan>", picture)
    assert len(ends) == 2
    assert {end.split()[-1] for end in ends} <= set(name.split())
    assert "…" not in real_client.get(THING).text.partition("<svg")[2].partition("</svg>")[0]


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize("name", ["hub", "services"])
def test_two_queries_however_many_neighbours(name: str) -> None:
    """One for the neighbours and one for their names."""
    asked: list[str] = []

    def rows(query: str) -> list[Row]:
        asked.append(query)
        return reader.snapshot().rows(query)

    neighbourhood.read(rows, iris.entity("theme", name), Labels("nb"))
    assert len(asked) == 2


@given(st.lists(st.integers(min_value=1, max_value=10_000), max_size=80))
def test_there_is_never_more_than_there_is_room_for(counts: list[int]) -> None:
    """The largest properties are cut first, and no sooner than they must be."""
    most = neighbourhood.room(counts)
    assert sum(min(count, most) for count in counts) <= neighbourhood.DRAWN
    if any(count > most for count in counts) and most < neighbourhood.DRAWN:
        assert sum(min(count, most + 1) for count in counts) > neighbourhood.DRAWN


def _ego(incoming: list[list[str]], outgoing: list[list[str]]) -> str:
    sides = ((incoming, True), (outgoing, False))
    branches = [
        Branch("navn", [Leaf(name, "/x") for name in names], is_incoming)
        for side, is_incoming in sides
        for names in side
    ]
    return ego.draw(Ego("Tittel", "Beskrivelse", "Midten", branches), "ego")


@pytest.mark.parametrize(
    ("incoming", "outgoing", "left", "right"),
    [([4, 4], [4, 4], 8, 8), ([3, 3, 3, 3], [], 6, 6), ([], [20], 10, 10), ([12], [1], 6, 7)],
)
def test_neither_half_stays_empty(incoming: list[int], outgoing: list[int], left: int, right: int) -> None:
    """What points here stands to the left and the rest to the right, unless one side would be much longer."""
    drawn = _ego(*([["navn"] * count for count in side] for side in (incoming, outgoing)))
    (wide,) = re.findall(r'<svg class="ego-wide".*?</svg>', drawn, re.DOTALL)
    places = [float(x) for x in re.findall(r'<rect x="([\d.-]+)"[^>]* class="area"', wide)]
    counted = sum(x < 400 for x in places), sum(x >= 400 for x in places)
    assert abs(counted[0] - left) <= 1
    assert abs(counted[1] - right) <= 1
    assert sum(counted) == sum(incoming) + sum(outgoing)


def test_an_arrow_says_which_way_a_branch_points() -> None:
    """The same branch turns its arrow with its direction."""
    towards, away = (re.findall(r'd="([^"]*)" class="arrow"', _ego(*sides)) for sides in (([["a"]], []), ([], [["a"]])))
    assert len(towards) == len(away) == 2
    assert towards != away


@settings(deadline=None)
@given(
    st.lists(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=8), max_size=5),
    st.lists(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=8), max_size=5),
)
def test_names_lie_inside_the_drawing_and_on_no_other(incoming: list[list[str]], outgoing: list[list[str]]) -> None:
    """Whatever the names are, every line has a place of its own."""
    drawn = _ego(incoming, outgoing)
    for drawing in re.findall(r"<svg.*?</svg>", drawn, re.DOTALL):
        (high,) = re.findall(r'viewBox="-2 -2 \d+ (\d+)"', drawing)
        areas = [
            tuple(map(float, found))
            for found in re.findall(
                r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)" class="area"', drawing
            )
        ]
        for x, y, width, height in areas:
            assert x >= -2
            assert x + width <= 1074
            assert -2 <= y <= y + height <= float(high) + 2
        for column in ([one for one in areas if one[0] < 536], [one for one in areas if one[0] >= 536]):
            for (_, y, _, height), (_, after, _, _) in pairwise(column):
                assert after >= y + height - 0.1


def test_what_is_unknown_has_no_neighbourhood(real_client: FlaskClient) -> None:
    """A page about nothing is not made."""
    assert real_client.get("/neighbourhood/finding/no-such-thing").status_code == 404
    assert neighbourhood.address(iris.DEF + "Finding") is None


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_page_of_a_thing_leads_to_its_neighbourhood(real_client: FlaskClient, language: str) -> None:
    """The way is there in every language, and the page is written in it."""
    page = real_client.get(f"/id/organisation/digdir.html?lang={language}").text
    assert f'href="{THING}?lang={language}"' in page
    assert f'<html lang="{language}"' in real_client.get(f"{THING}?lang={language}").text


def test_what_holds_both_ways_is_drawn_once(real_client: FlaskClient) -> None:
    """A conflict points both ways; it is one neighbour."""
    page = real_client.get("/neighbourhood/finding/ladder-bodies-municipalities-article-2020").text
    assert _drawn(page, "wide").count("/id/finding/ladder-bodies-public-bodies-blog-2020.html") == 1
