"""Charts: what they draw, where it stands, and that the pages say the same in numbers."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import iris
from server import charts, language, plots, result_charts, selection, series, trends
from server.charts import Bound, Break, Chart, Mark, Series, axes, frames, placing, standalone
from server.charts.metrics import width, wrap, wrap_evenly
from server.charts.model import COLOURS, look
from server.charts.placing import Box
from server.labels import Labels
from server.result_charts import Value
from tests.server.drawings import SVG, images, marks

PREFERRED = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
NARROWEST = {"wide": 37 * 16, "middle": 24 * 16, "narrow": 272, "small": 240}
"""The CSS pixels each variant is at least given by css/charts.css; a phone of 320 leaves 288."""


@pytest.fixture(scope="module", params=["nb", "nn", "en"])
def drawn(request: pytest.FixtureRequest, graph: ox.Store) -> list[Chart]:
    """Return the chart of every indicator in one language, and of two that stand together."""

    def rows(query: str) -> list[dict[str, object]]:
        answer = graph.query(query, use_default_graph_as_union=True)
        names = [variable.value for variable in answer.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None} for solution in answer
        ]

    labels, found = Labels(request.param), []
    indicators = [iris.slug_of(iri) for iri in selection.known(rows)]
    pairs = [("involves-private-business", "preferred-channel-web"), ("ladder-services", "ladder-bodies")]
    for own, *others in [(one,) for one in indicators] + pairs:
        read = series.read(rows, [iris.entity("indicator", slug) for slug in (own, *others)])
        labels.fetch(rows, read.terms())
        found.append(plots.plot(own, read, read.figures, labels).chart)
    assert len(found) > 30
    return [chart for chart in found if chart.series]


def texts(image: ET.Element) -> Iterator[tuple[str, Box]]:
    """Yield every line of text in an image with the room it takes."""
    parents = {child: parent for parent in image.iter() for child in parent}
    for text in image.iter(f"{SVG}text"):
        size = font_size(text, parents)
        at = (float(text.attrib.get("x", 0)), float(text.attrib.get("y", 0)))
        lines = [((text.text or ""), *at)] if text.text else []
        lines += [
            (span.text or "", float(span.attrib.get("x", at[0])), float(span.attrib.get("y", at[1])))
            for span in text.iter(f"{SVG}tspan")
        ]
        for words, x, y in lines:
            wide = width(words, size)
            left = x - {"middle": wide / 2, "end": wide}.get(text.attrib.get("text-anchor", ""), 0)
            yield words, Box(left, y - 0.75 * size, left + wide, y + 0.2 * size)


def font_size(text: ET.Element, parents: dict[ET.Element, ET.Element]) -> float:
    """Return the size of a text, its own or inherited."""
    element: ET.Element | None = text
    while element is not None:
        if "font-size" in element.attrib:
            return float(element.attrib["font-size"])
        element = parents.get(element)
    raise AssertionError("a text without a size")


def check(image: ET.Element, variant: str) -> None:
    """Check that the texts of an image are large enough, inside it, and not over each other."""
    _, _, wide, high = map(float, image.attrib["viewBox"].split())
    parents = {child: parent for parent in image.iter() for child in parent}
    for text in image.iter(f"{SVG}text"):
        assert font_size(text, parents) * NARROWEST[variant] / wide >= 12
    found = list(texts(image))
    for words, box in found:
        assert box.is_within(Box(-1, -1, wide + 1, high + 1)), words
    for (one, box), (other, beside) in combinations(found, 2):
        assert not box.meets(beside), (one, other)


def test_every_chart_has_a_mark_for_each_figure_and_texts_that_can_be_read(drawn: list[Chart]) -> None:
    """In both widths, in every language: no text over another, none outside, none below 12 CSS pixels."""
    for chart in drawn:
        expected = sum(len(one.marks) for one in chart.series)
        beside = charts.image(chart, "c", is_beside=True)
        shown = images(charts.image(chart, "a") + beside + charts.small_image(chart, "b"))
        assert set(shown) == {"wide", "middle", "narrow", "small"}
        for variant, image in shown.items():
            assert len(marks(image)) == expected, (chart.title, variant)
            check(image, variant)


def test_every_figure_is_written_at_its_mark(drawn: list[Chart]) -> None:
    """Each value stands in the image itself, not only in a table."""
    for chart in drawn:
        for image in images(charts.image(chart, "a") + charts.image(chart, "b", is_beside=True)).values():
            words = [text for text, _ in texts(image)]
            for mark in (mark for one in chart.series for mark in one.marks):
                assert mark.written in words, (chart.title, mark)


WORDS = st.text(alphabet="abcdefgh ", min_size=1, max_size=40).map(lambda text: " ".join(text.split()) or "a")
ONE = st.builds(
    lambda year, value, bound, flags: Mark(year, value, f"{value} %", bound, *flags),
    st.integers(2012, 2023), st.integers(0, 100), st.sampled_from(Bound), st.tuples(*[st.booleans()] * 3),
)  # fmt: skip
LINES = st.builds(
    lambda name, found: Series(name, tuple(sorted(found, key=lambda mark: mark.year))),
    WORDS, st.lists(ONE, min_size=1, max_size=4),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(LINES, min_size=1, max_size=5))
def test_whatever_is_drawn_keeps_its_texts_apart(lines: list[Series]) -> None:
    """Any figures, however close: every one has a mark, no text covers another."""
    chart = Chart("t", "d", axes.percent(lambda tick: f"{tick} %"), tuple(lines))
    for variant, image in images(charts.image(chart, "a") + charts.image(chart, "b", is_beside=True)).items():
        assert len(marks(image)) == sum(len(one.marks) for one in lines)
        check(image, variant)


def line_of(*found: Mark, breaks: tuple[Break, ...] = ()) -> list[tuple[float, float]]:
    """Return the pieces of the line of one series, from where to where."""
    chart = Chart("t", "d", axes.percent(str), (Series("one", found),), breaks)
    image = images(charts.image(chart, "a"))["wide"]
    paths = [one.attrib["d"] for one in image.iter(f"{SVG}path") if one.attrib.get("class", "").startswith("line")]
    return [(float(d[1:].split()[0]), float(d.split("L")[1].split()[0])) for d in paths]


def test_a_line_joins_years_that_follow_each_other_and_nothing_else() -> None:
    """Gaps stay gaps, a break stays open, and no line runs to a bound or to a year with two figures."""
    one, two, four = Mark(2019, 10, "10"), Mark(2020, 20, "20"), Mark(2022, 30, "30")
    assert len(line_of(one, two)) == 1
    (first, second) = line_of(two, four)
    assert first[1] < second[0]
    (first, second) = line_of(one, two, breaks=(Break(2019, 2020, "new wording"),))
    assert first[1] < second[0]
    assert line_of(one, Mark(2020, 20, "over 20", Bound.LOWER)) == []
    assert line_of(one, two, Mark(2020, 25, "25", is_disputed=True)) == []


def test_a_small_chart_joins_what_a_large_one_joins() -> None:
    """Neither over a gap or a break nor to a bound or one of two figures of a year."""

    def joined(*found: Mark, breaks: tuple[Break, ...] = ()) -> int:
        (image,) = images(charts.small_image(over_years(found, breaks=breaks), "a")).values()
        return sum(one.attrib.get("class", "").startswith("line") for one in image.iter(f"{SVG}path"))

    one, two, four = Mark(2019, 10, "10"), Mark(2020, 20, "20"), Mark(2022, 30, "30")
    assert joined(one, two, four) == 1
    assert joined(one, two, breaks=(Break(2019, 2020, "new wording"),)) == 0
    assert joined(one, Mark(2020, 20, "over 20", Bound.LOWER)) == 0
    assert joined(one, two, Mark(2020, 25, "25", is_disputed=True)) == 0


def test_a_break_is_drawn_and_named() -> None:
    """Where editions cannot be compared, the chart says so in its own words."""
    chart = Chart("t", "d", axes.percent(str), (Series("one", (Mark(2019, 1, "1"), Mark(2020, 2, "2"))),),
                  (Break(2019, 2020, "New wording"),))  # fmt: skip
    for image in images(charts.image(chart, "a")).values():
        assert "New wording" in [words for words, _ in texts(image)]
        assert any(one.attrib.get("class") == "break" for one in image.iter(f"{SVG}path"))


def over_years(*found: tuple[Mark, ...], breaks: tuple[Break, ...] = ()) -> Chart:
    """Return a chart of shares; each group of marks is a series."""
    named = tuple(Series(f"one called {number}", group) for number, group in enumerate(found))
    return Chart("t", "d", axes.percent(str), named, breaks)


def points(path: ET.Element) -> list[tuple[float, float]]:
    """Return the points of a line."""
    pairs = (point.split() for point in path.attrib["d"].removeprefix("M").split("L"))
    return [(float(x), float(y)) for x, y in pairs]


def middles(image: ET.Element) -> list[float]:
    """Return how far from the left the round marks stand, in their order."""
    drawn = (one for one in image.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None)
    return [float(one.attrib["cx"]) for group in drawn for one in group if one.attrib.get("class") == "filled"]


def test_a_figure_that_had_to_move_away_is_tied_to_its_mark() -> None:
    """A thin line leads to it, and there is none where it stands close by."""
    crowd = tuple((Mark(2015, 20 + number, f"{20 + number}"), Mark(2020, 50, "50")) for number in range(3))
    for chart, tied in ((over_years(*crowd), True), (over_years(*crowd[:1]), False)):
        image = images(charts.image(chart, "a"))["narrow"]
        (values,) = (group for group in image.iter(f"{SVG}g") if group.attrib.get("class") == "values")
        leaders = [points(one) for one in values if one.attrib.get("class") == "leader"]
        assert bool(leaders) == tied
        assert all(min(abs(start[0] - x) for x in middles(image)) < 1 for start, _ in leaders)


def test_a_break_is_drawn_in_a_gap_and_through_no_words() -> None:
    """Never through the marks of a year, and below the names of all breaks that stand over it."""
    years = tuple(Mark(year, 20, "20") for year in (2015, 2016, 2018, 2019, 2020))
    breaks = (Break(2016, 2020, "Services in 2016, bodies in 2020"), Break(2018, 2019, "Another frame than before"),
              Break(2016, 2018, "A name of three words"))  # fmt: skip
    for image in images(charts.image(over_years(years, breaks=breaks), "a")).values():
        places = middles(image)
        lines = [points(one) for one in image.iter(f"{SVG}path") if one.attrib.get("class") == "break"]
        assert len(lines) == 2
        for (x, top), _ in lines:
            assert all(abs(x - place) > 5 for place in places)
            assert not any(box.left < x < box.right and box.bottom > top for _, box in texts(image) if box.top < top)
        assert places[1] < lines[0][0][0] < places[2] < lines[1][0][0] < places[3]


def test_marks_of_one_year_stand_evenly_round_its_tick() -> None:
    """So that none seems to be of another year."""
    chart = over_years(*((Mark(2019, 20, "20"), Mark(2020, 40, "40")) for _ in range(3)))
    for variant, image in images(charts.image(chart, "a")).items():
        radius = (frames.WIDE if variant == "wide" else frames.NARROW).radius
        (tick,) = (box for words, box in texts(image) if words == "2020")
        tick_at = (tick.left + tick.right) / 2
        places = sorted(middles(image)[1::2])
        assert places[1] - tick_at == pytest.approx(0, abs=0.2)
        assert tick_at - places[0] == pytest.approx(places[2] - tick_at, abs=0.2)
        assert places[2] - tick_at <= 3 * radius


def test_a_name_is_led_to_only_from_the_last_year_and_past_no_mark() -> None:
    """A line that runs on from an earlier year looks like figures."""
    ended = (Mark(2015, 60, "60"), Mark(2016, 60, "60"))
    alone, same, other = (Mark(2020, 10, "10"),), (Mark(2020, 30, "30"),), (Mark(2020, 30, "30"),)
    for image in images(charts.image(over_years(ended, alone, same, other), "a")).values():
        places = middles(image)
        leaders = [points(one) for one in image.iter(f"{SVG}path") if one.attrib.get("class") == "leader"]
        assert all(line[0][0] > places[3] for line in leaders)
        words = [text for text, _ in texts(image)]
        assert words.count("60") in (2, 3)
        assert "one called 0" in " ".join(words)


def test_a_name_of_an_earlier_year_stands_at_its_mark_or_below_with_the_year() -> None:
    """At the mark where there is room, else below the plot, with the figure and its year."""
    ended, last = (Mark(2015, 60, "60"), Mark(2016, 62, "62")), (Mark(2020, 10, "10"),)
    shown = images(charts.image(over_years(ended, last), "a"))
    at = dict(texts(shown["wide"]))
    crowded = images(charts.image(over_years(ended, *([last] * 4), (Mark(2017, 62, "62"), Mark(2020, 1, "1"))), "a"))
    assert at["62"].left < at["one called 0"].left + 1 < at["2020"].left
    assert at["one called 0"].bottom < at["2020"].top
    at = dict(texts(crowded["narrow"]))
    assert at["2020"].bottom < at["one called 0"].top
    assert at["2016"].left < at["one called 0"].left


def test_a_small_chart_writes_figures_only_beside_their_own_mark() -> None:
    """At the left one of the first year, at the right one of the last, and none where it could be of either."""

    def small(*found: tuple[Mark, ...]) -> list[str]:
        (image,) = images(charts.small_image(over_years(*found), "a")).values()
        return [words for words, _ in texts(image)]

    long = (Mark(2015, 60, "60 %"), Mark(2016, 54, "54 %"))
    assert small(long) == ["54 %", "60 %"]
    assert small(long, (Mark(2018, 17, "17 %"),)) == ["17 %", "60 %"]
    assert small(long, (Mark(2018, 17, "17 %"),), (Mark(2018, 10, "10 %"),)) == ["60 %"]
    assert small((Mark(2016, 50, "50 %"),), (Mark(2020, 50, "about 50 %"),)) == ["about 50 %", "50 %"]


LONG = [Mark(year, value, f"about {value:,}".replace(",", " "))
        for year, value in ((2018, 1_234_567_890), (2020, 1_134_567_890))]  # fmt: skip


def test_time_runs_to_the_right_whatever_the_length_of_figures() -> None:
    """Figures and names that leave a plot no room stand below it, or in a small chart nowhere."""
    counted = axes.counting([mark.value for mark in LONG], lambda tick: f"{tick:,.0f}".replace(",", " "))
    chart = Chart("t", "d", counted, (Series("a name of several words", tuple(LONG)), Series("other", (LONG[1],))))
    shown = images(charts.image(chart, "a") + charts.image(chart, "b", is_beside=True) + charts.small_image(chart, "c"))
    assert len(shown) == 4
    for variant, image in shown.items():
        _, _, wide, _ = map(float, image.attrib["viewBox"].split())
        places = middles(image)
        assert places[1] - places[0] > wide * 0.14
        check(image, variant)
        words = [text for text, _ in texts(image)]
        assert variant == "small" or LONG[1].written in words
    (small,) = images(charts.small_image(Chart("t", "d", counted, chart.series[:1]), "c")).values()
    assert [words for words, _ in texts(small)] == [LONG[1].written]


@pytest.mark.parametrize("value", [0, 1, 4, 50])
def test_the_arrow_of_a_bound_keeps_off_words_and_edges(value: int) -> None:
    """It is as long as there is room for, in each kind of chart."""
    under = Mark(2020, value, f"under {value} %", Bound.UPPER)
    over = Mark(2019, 100 - value, f"over {100 - value} %", Bound.LOWER)
    shares = axes.percent(lambda tick: f"{tick} %")
    several = Chart("t", "d", shares, (Series("one", (over, under)),), (Break(2019, 2020, "New wording"),))
    single = Chart("t", "d", shares, (Series("one", (under,)),))
    for chart in (several, single):
        drawn = charts.image(chart, "a") + charts.image(chart, "b", is_beside=True) + charts.small_image(chart, "c")
        for image in images(drawn).values():
            _, _, wide, high = map(float, image.attrib["viewBox"].split())
            whiskers = [group for group in image.iter(f"{SVG}g") if "whisker" in group.attrib.get("class", "")]
            assert len(whiskers) == sum(len(one.marks) for one in chart.series)
            shafts = [points(group[1]) for group in whiskers]
            for (x1, y1), (x2, y2) in shafts:
                shaft = Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
                assert shaft.is_within(Box(0, 0, wide, high))
                assert not [words for words, box in texts(image) if box.meets(shaft)]


def test_a_scale_is_labelled_at_both_its_ends() -> None:
    """Between them stand those labels that fit."""
    assert placing.ticks([0, 10, 20, 30], [4, 4, 4, 4], 2) == [0, 1, 2, 3]
    assert placing.ticks([0, 10, 20, 30], [4, 4, 4, 9], 2) == [0, 1, 3]
    assert placing.ticks([0, 5], [4, 4], 2) == [0]
    assert placing.ticks([0], [4], 2) == [0]
    bar = Chart(
        "t", "d", axes.percent(lambda tick: f"{tick} %"), (Series("one", (Mark(2020, 40, "about 40 000 000"),)),)
    )
    years = over_years(*[tuple(Mark(year, 20, "20") for year in (*range(2000, 2019), 2020))])
    for chart, ends in ((bar, {"0 %", "100 %"}), (years, {"2000", "2020"})):
        for image in images(charts.image(chart, "a")).values():
            assert ends <= {words for words, _ in texts(image)}


def test_a_figure_stands_on_no_line_where_it_can_stand_beside_it() -> None:
    """As the share of municipalities on the front page, whose line rises from its mark."""
    derived = (Mark(2019, 10, "omtrent 10 %", is_derived=True), Mark(2020, 33.3, "omtrent 33 %", is_disputed=True))
    chart = over_years(derived, (Mark(2019, 33, "33 %", is_derived=True), Mark(2020, 40, "40 %")))
    for image in images(charts.image(chart, "a") + charts.image(chart, "b", is_beside=True)).values():
        (written,) = (box for words, box in texts(image) if words == "omtrent 10 %")
        for line in (points(one) for one in image.iter(f"{SVG}path") if "line" in one.attrib.get("class", "")):
            (x1, y1), (x2, y2) = line
            along = (Box(x, y, x, y) for step in range(101)
                     for x, y in [(x1 + (x2 - x1) * step / 100, y1 + (y2 - y1) * step / 100)])  # fmt: skip
            assert not any(written.meets(point) for point in along)


def test_a_chart_as_full_as_can_be_has_every_mark() -> None:
    """Ten dozen of them, at every width."""
    lines = [tuple(Mark(2010 + year, (year * 7 + number * 13) % 100, f"{year}") for year in range(10))
             for number in range(12)]  # fmt: skip
    assert all(len(marks(image)) == 120 for image in images(charts.image(over_years(*lines), "a")).values())


def test_a_bar_is_part_of_a_whole_only_where_there_is_one() -> None:
    """A share has a track up to a hundred, a count has none."""
    bar = (Series("one", (Mark(2020, 40, "40"),)),)
    for axis, expected in ((axes.percent(str), 1), (axes.counting([40], str), 0)):
        chart = Chart("t", "d", axis, bar)
        for image in images(charts.image(chart, "a") + charts.small_image(chart, "b")).values():
            assert [one.attrib["class"] for one in image.iter(f"{SVG}rect")].count("track") == expected


def row(**cells: str) -> dict[str, Value]:
    """Return a row of an answer: numbers where they are some, else texts; ours are IRIs."""
    ours = {name: ox.NamedNode(cell) if cell.startswith("https:") else ox.Literal(cell) for name, cell in cells.items()}
    numbers = {name: ox.Literal(float(cell)) for name, cell in cells.items() if name in ("value", "count")}
    return {name: Value({**ours, **numbers}[name], cell) for name, cell in cells.items()}


def test_the_drawing_of_an_answer_shows_how_sure_its_values_are() -> None:
    """By the columns for unit, bound and precision, whether they have our codes or their names."""
    percent, fraction = iris.entity("unit", "percent"), iris.entity("precision", "fraction")
    rows = [
        row(who="a", value="33.3", unit="prosent", bound="verdi", precision=fraction),
        row(who="b", value="60", unit=percent, bound="lower bound", precision="as stated"),
        row(who="c", value="25", unit="per cent", bound="point value", precision="as stated"),
    ]
    (image, _) = images(result_charts.bars(tuple(rows[0]), rows, "en", {"x": "who", "group": ""}).image or "").values()
    assert marks(image) == ["about 33%", "over 60%", "25%"]
    assert "100%" in [words for words, _ in texts(image)]
    plain = [row(who="a", count="33.3", unit="per cent"), row(who="b", count="60", unit="per cent")]
    drawn = result_charts.bars(tuple(plain[0]), plain, "en", {"x": "who", "group": ""})
    (image, _) = images(drawn.image or "").values()
    assert marks(image) == ["33.3", "60"]


def test_the_drawing_of_an_answer_knows_the_names_of_the_codes(graph: ox.Store) -> None:
    """Those that the graph has."""
    for kind, codes in result_charts._WORDS.items():
        for code, words in codes.items():
            named = graph.quads_for_pattern(ox.NamedNode(iris.entity(kind, code)), PREFERRED, None, None)
            assert {quad.object.value for quad in named} == words


def test_a_trend_is_neither_up_nor_down_across_a_break() -> None:
    """Nor where one of its figures is only a bound."""
    first, last = Mark(2020, 35, "35"), Mark(2023, 17, "17")
    assert "down" in trends._sentence(Series("A", (first, last)), (), "en")
    assert "down" in trends._sentence(Series("A", (first, last)), (Break(2016, 2018, "b"),), "en")
    broken = trends._sentence(Series("A", (first, last)), (Break(2020, 2023, "b"),), "en")
    assert broken == "A: 35 in 2020, 17 in 2023. The two cannot be compared as they are."
    bound = Mark(2023, 17, "over 17", Bound.LOWER)
    assert trends._sentence(Series("A", (first, bound)), (), "en") == "A: 35 in 2020, over 17 in 2023."


def shapes(mark: Mark) -> set[str]:
    """Return the shapes one mark is made of."""
    chart = Chart("t", "d", axes.percent(str), (Series("one", (mark,)),))
    image = images(charts.image(chart, "a"))["wide"]
    (drawn,) = (one for one in image.iter(f"{SVG}g") if one.attrib.get("class", "").startswith("mark "))
    return {f"{one.tag.removeprefix(SVG)} {one.attrib.get('class', '')}".strip() for one in drawn} - {"title"}


def test_the_shape_of_a_mark_says_how_sure_its_figure_is() -> None:
    """Filled, hollow, diamond, an arrow from a bound, a ring where it is disputed."""
    assert shapes(Mark(1, 1, "")) == {"circle filled"}
    assert shapes(Mark(1, 1, "", is_hollow=True)) == {"circle hollow"}
    assert shapes(Mark(1, 1, "", is_derived=True)) == {"polygon filled"}
    assert shapes(Mark(1, 1, "", bound=Bound.LOWER)) == {"g whisker"}
    assert shapes(Mark(1, 1, "", is_disputed=True)) == {"circle ring", "circle filled"}


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 20)), min_size=1, max_size=8))
def test_stacked_blocks_do_not_overlap_and_stay_inside(blocks: list[tuple[float, float]]) -> None:
    """As long as there is room for all of them."""
    wanted, heights = zip(*blocks, strict=True)
    tops = placing.stack(wanted, heights, 0, 200)
    placed = sorted(zip(tops, heights, strict=True))
    assert placed[0][0] >= -1e-6
    assert placed[-1][0] + placed[-1][1] <= 200 + 1e-6
    assert all(top + height <= below + 1e-6 for (top, height), (below, _) in pairwise(placed))


@given(st.floats(0, 1e9))
def test_an_axis_has_room_for_its_largest_value(value: float) -> None:
    """From zero, with a few lines at round numbers."""
    axis = axes.counting([value], str)
    assert axis.ticks[0][0] == 0
    assert axis.top >= value
    assert 2 <= len(axis.ticks) <= 7


def test_words_are_broken_only_where_they_must() -> None:
    """At spaces, else with a hyphen; nothing is lost."""
    assert wrap("en to tre", 10, 1000) == ["en to tre"]
    lines = wrap("Digitaliseringsdirektoratet i Oslo", 10, 60)
    assert all(width(line, 10) <= 60 for line in lines)
    assert "".join(line.removesuffix("-") for line in lines) == "Digitaliseringsdirektoratet i Oslo"
    assert wrap("kommune-sektororganisasjonen", 15, 92)[0] == "kommune-"
    lines = wrap("https://w3id.org/praksisgrafen/id/indicator/communication-potential", 15, 300)
    assert len(lines) > 1
    assert "".join(lines) == "https://w3id.org/praksisgrafen/id/indicator/communication-potential"


@given(st.text(alphabet="aei m", min_size=1, max_size=60).filter(str.strip), st.floats(20, 200))
def test_even_lines_are_no_more_and_no_wider(words: str, room: float) -> None:
    """They say the same, and cut no word that need not be cut."""
    words = " ".join(words.split())
    greedy, even = wrap(words, 10, room), wrap_evenly(words, 10, room)
    assert len(even) <= len(greedy)
    assert max(width(line, 10) for line in even) <= max(width(line, 10) for line in greedy) + 0.01
    if all(width(word, 10) <= room for word in words.split()):
        assert " ".join(even) == words


def test_the_svg_file_stands_alone(real_client: FlaskClient) -> None:
    """Its policy allows its own style and nothing else; title, figures and address are in it; it can be framed."""
    answer = real_client.get("/indicator/ladder-bodies/chart.svg?lang=nn")
    image = ET.fromstring(answer.text)  # noqa: S314 our own
    (style,) = (one.text for one in image.iter(f"{SVG}style"))
    assert style == standalone.ADAPTING
    assert answer.headers["Content-Security-Policy"] == standalone.POLICY
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "https://w3id.org/praksisgrafen/id/indicator/ladder-bodies" in answer.text
    assert "Verksemder som leverer tenester" in answer.text
    drawn = [one for one in image.iter(f"{SVG}g") if one.attrib.get("class") == "marks"]
    assert len(marks(drawn[0])) == 7


def test_all_words_of_a_file_are_inside_it_and_apart(drawn: list[Chart]) -> None:
    """Title, what all series have in common, legend and footer, as a file and as a picture for links."""
    footer = f"Praksisgrafen · https://w3id.org/praksisgrafen/id/indicator/{'long-' * 20}one\nSource: {'words ' * 40}"
    for chart in drawn:
        common = replace(chart, common=("Applies to: one thing", "another " * 20))
        for document in (standalone.draw(common, footer), standalone.for_picture(common, footer, card=True)):
            image = ET.fromstring(document)  # noqa: S314 our own
            assert {"Applies to: one thing, another another"} & {words[:38] for words, _ in texts(image)}
            left, top, wide, high = map(float, image.attrib["viewBox"].split())
            for group in image[-1]:
                x, y = map(float, re.findall(r"[\d.]+", group.attrib.get("transform", "0 0")))
                holder = ET.Element("g")
                holder.append(group)
                margin = float(image[-1].attrib["transform"].split("(")[1].split()[0])
                inside = Box(left - margin - x, top - y, left + wide - margin - x, top + high - y)
                assert all(box.is_within(inside) for _, box in texts(holder)), chart.title
            rows = list(texts(image[-1][-1]))
            assert len(rows) > 2
            assert not any(one.meets(other) for (_, one), (_, other) in pairwise(rows))


def test_a_sample_points_where_its_mark_does_and_stays_in_its_box() -> None:
    """To the right for a lower bound, to the left for an upper one."""
    for bound, sign in ((Bound.LOWER, 1), (Bound.UPPER, -1)):
        image = ET.fromstring(charts.sample(Mark(1, 1, "", bound)))  # noqa: S314 our own
        cap, shaft = [points(path) for path in image.iter("path")][:2]
        assert (shaft[1][0] - shaft[0][0]) * sign > 0
        assert all(1 <= x <= 31 and 1 <= y <= 19 for x, y in cap + shaft)
    image = ET.fromstring(charts.sample(Mark(1, 1, "", is_disputed=True)))  # noqa: S314 our own
    assert all(1 + float(circle.attrib["r"]) <= float(circle.attrib["cy"]) for circle in image.iter("circle"))


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour.

    Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
    """
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_series_has_a_colour_that_can_be_read_and_dashes_of_its_own() -> None:
    """Light and dark, the same in a file and on a page."""
    looks = [look(number) for number in range(COLOURS)]
    assert len({standalone._DASHES.get(name) for name in looks}) == COLOURS
    style = (Path(plots.__file__).parent / "assets/css/charts.css").read_text(encoding="utf-8")
    for colours in (standalone._LIGHT, standalone._DARK):
        assert len({colours[name] for name in looks}) == COLOURS
        for name in looks:
            high, low = sorted((luminance(colours[name]), luminance(colours["ground"])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, name
        assert all(f"--{name}: {colours[name]};" in style for name in ("s7", "s8", "s9", "s10"))
    for name, dashes in standalone._DASHES.items():
        assert re.search(rf"\.{name} {{\s+--series: var\(--{name}\);\s+--dashes: {dashes};", style)
        assert f"--{name}: CanvasText;" in style


def test_numbers_are_written_with_their_unit() -> None:
    """As the language does, with bounds and signs in words."""
    percent, points = iris.entity("unit", "percent"), iris.entity("unit", "percentage-point")
    assert plots.number_with_unit(33.3, percent, "nb") == "33,3\N{NO-BREAK SPACE}%"
    assert plots.number_with_unit(33.3, percent, "en") == "33.3%"
    assert plots.number_with_unit(-18, points, "nn", signed=True) == "\N{MINUS SIGN}18 prosentpoeng"
    assert plots.number_with_unit(1, points, "en", signed=True) == "+1 percentage point"
    assert language.DEFAULT == "nb"


def test_frames_promise_what_the_style_sheet_gives() -> None:
    """The widths at which the style sheet changes from one image to the other are those the frames are made for."""
    style = plots.__file__.removesuffix("plots.py") + "assets/css/charts.css"
    with open(style, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    assert f"(inline-size < {NARROWEST['wide'] // 16}rem)" in text
    assert f"(inline-size < {NARROWEST['middle'] // 16}rem)" in text
    assert frames.WIDE.text * NARROWEST["wide"] / frames.WIDE.width >= 12
