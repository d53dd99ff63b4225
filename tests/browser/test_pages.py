"""Every type of page in a real browser: reachable, readable and whole for everybody, in three languages."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from tests.browser import checks
from tests.browser.pages import EVERY, FIRST, LANGUAGES, PAGES, Page
from tests.browser.visits import Made, Visit, Visitor


def _parameters(*, is_same: bool) -> list[object]:
    """Return every page in every language; the long tests alone ask again what is the same in each."""
    return [
        pytest.param(
            (page.name, language),
            id=f"{page.name}-{language}",
            marks=[
                pytest.mark.xdist_group(page.name),
                *[pytest.mark.long] * (language not in page.languages or (is_same and language != FIRST)),
            ],
        )
        for page in PAGES
        for language in LANGUAGES
    ]


def _made(page: Page, language: str, request: pytest.FixtureRequest) -> dict[str, Made]:
    """Return what no server gives that answers everybody."""
    if page.status != HTTPStatus.TOO_MANY_REQUESTS:
        return {}
    return {page.path: request.getfixturevalue("impatient")[language]}


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest, visitor: Visitor) -> Iterator[Visit]:
    """Open a page in a language; the checks of one page share it."""
    name, language = request.param
    with visitor.visit(EVERY[name], language, made=_made(EVERY[name], language, request)) as visit:
        yield visit


in_each_language = pytest.mark.parametrize("opened", _parameters(is_same=False), indirect=True)
once = pytest.mark.parametrize("opened", _parameters(is_same=True), indirect=True)


def none(faults: checks.Faults) -> None:
    """Fail with every fault on a line of its own."""
    assert not faults, "\n".join(faults)


@in_each_language
def test_page_comes_without_a_word_on_the_console_or_a_request_off_the_machine(
    opened: Visit, request: pytest.FixtureRequest
) -> None:
    """The content security policy holds, and nothing is fetched from others."""
    name, _ = request.node.callspec.params["opened"]
    assert opened.status == EVERY[name].status
    assert opened.messages == []
    assert opened.abroad == []


@in_each_language
def test_page_has_one_heading_its_language_and_nothing_inline(opened: Visit, request: pytest.FixtureRequest) -> None:
    """What a screen reader needs to begin with."""
    _, language = request.node.callspec.params["opened"]
    none(checks.structure(opened.tab, language))
    if language == "en":
        none(checks.foreign(opened.tab))


@in_each_language
def test_axe_finds_nothing(opened: Visit) -> None:
    """WCAG 2.2 AA and good practice, as far as a machine can tell."""
    none(checks.axe(checks.look(opened.tab)))


@in_each_language
def test_nothing_scrolls_sideways_on_a_phone(opened: Visit) -> None:
    """At 320 CSS px, as WCAG 1.4.10 has it."""
    none(checks.sideways(opened.tab))


@in_each_language
def test_every_figure_has_a_table_with_its_numbers(opened: Visit) -> None:
    """A drawing is never the only place for a number."""
    none(checks.figures(opened.tab))


@once
def test_axe_finds_nothing_in_the_dark(opened: Visit) -> None:
    """The dark colours, too."""
    none(checks.axe(checks.look(opened.tab, color_scheme="dark")))


@once
def test_text_and_marks_stand_out(opened: Visit) -> None:
    """Contrast, also where axe cannot tell."""
    none(checks.contrast(opened.tab))


@in_each_language
def test_text_in_drawings_can_be_read_at_every_width(opened: Visit) -> None:
    """No drawing shrinks its words, cuts them off or lays them on each other."""
    none(checks.small_text(opened.tab))


@once
def test_nothing_is_lost_in_forced_colours_or_print(opened: Visit) -> None:
    """What the screen shows is there."""
    none(checks.lost_in_forced_colours(opened.tab))
    none(checks.lost_in_print(opened.tab))


@once
def test_page_is_whole_without_script(opened: Visit, visitor: Visitor, request: pytest.FixtureRequest) -> None:
    """Script adds comfort, never content."""
    name, language = request.node.callspec.params["opened"]
    made = _made(EVERY[name], language, request)
    with visitor.visit(EVERY[name], language, script=False, made=made) as plain:
        none(checks.only_with_script(checks.look(opened.tab), plain.tab))


@once
def test_tab_reaches_everything_and_focus_shows(opened: Visit) -> None:
    """A keyboard is enough."""
    none(checks.tab(opened.tab))
