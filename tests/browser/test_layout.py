"""How pages lie: on screens of each width nothing is cut without a sign or moves away, and paper loses nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page as Tab

from tests.browser import checks
from tests.browser.pages import EVERY
from tests.browser.visits import Visitor

pytestmark = pytest.mark.xdist_group("layout")

CUT = """() => [...document.querySelectorAll("div.scroll")]
  .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth)
  .map((one) => [one.clientWidth, one.scrollWidth])"""
OFF = """(all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth
  || one.scrollWidth > one.clientWidth + 1).length"""


@pytest.fixture
def opened(request: pytest.FixtureRequest, visitor: Visitor) -> Iterator[Tab]:
    """Open the page of a name, with all that folds unfolded."""
    with visitor.visit(EVERY[request.param]) as visit:
        visit.tab.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        yield visit.tab


def box(tab: Tab, selector: str) -> dict[str, float]:
    """Return where the first of what is selected lies. Units: CSS px."""
    found = tab.locator(selector).first.bounding_box()
    assert found is not None
    return dict(found)


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
@pytest.mark.parametrize("opened", ["front", "findings"], indirect=True)
def test_tables_of_numbers_fit_where_they_stand(opened: Tab, width: int) -> None:
    """A table in a narrow column is stacked, however wide the window is."""
    assert checks.look(opened, width).evaluate(CUT) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", ["stored query drawn"], indirect=True)
def test_a_table_that_is_cut_has_a_shadow_at_the_edge(opened: Tab, scheme: str) -> None:
    """The colour of the page scrolls along and covers it where there is no more; forced colours do without."""
    assert checks.look(opened, color_scheme=scheme).evaluate(CUT) != []
    asked = "(one) => getComputedStyle(one)"
    scroll = opened.locator(".stored-rows .scroll")
    assert scroll.evaluate(f"{asked}.backgroundAttachment") == "local, local, scroll, scroll"
    checks.look(opened, color_scheme=scheme, forced_colors="active")
    assert scroll.evaluate(f"{asked}.backgroundImage") == "none"


@pytest.mark.parametrize("width", [320, 375, 768])
@pytest.mark.parametrize("opened", ["front", "finding"], indirect=True)
def test_the_menu_button_stays_where_it_is_pressed(opened: Tab, width: int) -> None:
    """The list opens below, from edge to edge, and pushes the page down."""
    checks.look(opened, width)
    before, heading = box(opened, ".menu summary"), box(opened, "h1")["y"]
    opened.locator(".menu summary").click()
    assert box(opened, ".menu summary") == before
    listed, top = box(opened, ".menu nav"), box(opened, ".masthead-top")
    assert (listed["x"], listed["width"]) == pytest.approx((top["x"], top["width"]), abs=1)
    assert listed["y"] >= before["y"] + before["height"]
    assert box(opened, "h1")["y"] > heading + listed["height"]
    opened.locator(".menu summary").click()


def test_the_header_is_as_high_on_every_page(visitor: Visitor) -> None:
    """With the search box and without."""
    heights = []
    for name in ("front", "finding", "search"):
        with visitor.visit(EVERY[name]) as visit:
            heights.append(box(checks.look(visit.tab), ".masthead")["height"])
    assert len(set(heights)) == 1, heights


@pytest.mark.parametrize("opened", ["indicator"], indirect=True)
def test_the_numbers_of_a_chart_are_printed_also_when_folded(opened: Tab) -> None:
    """A drawing is not enough on paper either."""
    opened.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false })")
    checks.look(opened, media="print")
    assert box(opened, ".chart tbody tr:last-child td:last-child")["height"] > 10


@pytest.mark.parametrize("opened", ["finding", "findings", "source", "stored query"], indirect=True)
def test_tables_break_over_pages_and_nothing_runs_off_the_paper(opened: Tab) -> None:
    """As wide as A4 within its margins."""
    checks.look(opened, 680, media="print")
    ways = opened.eval_on_selector_all(".ds-table", "(all) => all.map((one) => getComputedStyle(one).breakInside)")
    assert set(ways) == {"auto"}
    assert checks.ask(opened, "sideways") == []
    assert opened.eval_on_selector_all("main :is(pre, table)", OFF) == 0


@pytest.mark.parametrize(
    "opened",
    ["front", "indicators", "findings", "search", "guide for programs", "catalogue", "downloads", "version"],
    indirect=True,
)
def test_nothing_scrolls_sideways_when_text_is_doubled(opened: Tab) -> None:
    """On the narrowest phone, as a reader sees it who has chosen letters twice as large."""
    checks.look(opened, 320).evaluate("document.documentElement.style.fontSize = '200%'")
    assert opened.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert opened.evaluate("document.documentElement.scrollWidth") == 320
