"""The SPARQL editor: proposals, errors in their place, cancelling, links to share, earlier queries, and no script."""

import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, FloatRect, Page, Request, expect

PG = "https://w3id.org/praksisgrafen/def/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SURVEYS = f"PREFIX pg: <{PG}>\n\nSELECT ?survey WHERE {{ ?survey a pg:Survey }}\n"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
VALUES = "SELECT ?year ?value { VALUES (?year ?value) { (2018 1.5) (2019 2.5) (2020 4) } }"


@pytest.fixture
def tab(browser: Browser, site: str) -> Iterator[Page]:
    """Open a tab that hears every word on the console; the test ends with a look at them."""
    said: list[str] = []
    with closing(browser.new_context(base_url=site, locale="nb-NO")) as context:
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        yield tab
    assert [word for word in said if not word.startswith("Failed to load resource: the server responded")] == []


def open_editor(tab: Page, address: str) -> None:
    """Go to a page and wait for the editor, which is fetched at the first sign of a reader who may write."""
    tab.goto(address)
    tab.locator("#query").focus()
    expect(tab.locator(".cm-content")).to_be_visible()


def write(tab: Page, query: str) -> None:
    """Put a query into the editor in one piece, so that nothing is closed or indented on the way."""
    tab.locator(".cm-content").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.insert_text(query)


def expect_first_proposal(tab: Page, *words: str) -> None:
    """Wait for proposals, of which the first has these words; the schema behind them is read at the first one."""
    for word in words:
        expect(tab.get_by_role("option").first).to_contain_text(word, timeout=30_000)
    tab.wait_for_timeout(100)  # CodeMirror takes no Enter for a proposal that has only just come


def text(tab: Page) -> str:
    """Return what stands in the editor."""
    return "\n".join(tab.locator(".cm-line").all_text_contents())


def test_a_proposal_brings_its_prefix(tab: Page) -> None:
    """Classes after `a`, the properties of the class, things the property points at; each with the line it needs."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, "SELECT * WHERE {\n  ?x a ")
    tab.keyboard.type("tallf")
    expect_first_proposal(tab, "pg:NumericFinding", "Tallfunn")
    tab.keyboard.press("Enter")
    assert text(tab) == f"PREFIX pg: <{PG}>\nSELECT * WHERE {{\n  ?x a pg:NumericFinding"
    tab.keyboard.type(" ; pg:popul")
    expect_first_proposal(tab, "pg:population")
    tab.keyboard.press("Enter")
    tab.keyboard.type(" kommuner")
    expect_first_proposal(tab, "population:municipalities")
    tab.keyboard.press("Enter")
    lines = text(tab).splitlines()
    assert lines[1] == "PREFIX population: <https://w3id.org/praksisgrafen/id/population/>"
    assert lines[-1] == "  ?x a pg:NumericFinding ; pg:population population:municipalities"


def test_a_prefix_of_the_query_s_own_is_used(tab: Page) -> None:
    """No second prefix for the same vocabulary."""
    open_editor(tab, "/sparql?lang=en")
    write(tab, f"PREFIX p: <{PG}>\nSELECT * WHERE {{\n  ?x a ")
    tab.keyboard.type("Indicat")
    expect_first_proposal(tab, "p:Indicator")
    tab.keyboard.press("Enter")
    assert text(tab) == f"PREFIX p: <{PG}>\nSELECT * WHERE {{\n  ?x a p:Indicator"


def test_the_answer_comes_into_the_page_and_the_keyboard_suffices(tab: Page) -> None:
    """Ctrl + Enter asks, the status says what came, Tab leaves the editor for the next control."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, SURVEYS)
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("status").first).to_contain_text("1 rad")
    expect(tab.get_by_role("cell")).to_contain_text("survey:it-i-praksis")
    assert parse_qs(urlsplit(tab.url).query)["query"] == [SURVEYS]
    expect(tab.locator(".cm-content")).to_be_focused()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Kjør spørringen")).to_be_focused()


def test_an_error_is_marked_where_it_is(tab: Page) -> None:
    """The very word has the mark, and the status says where; the next answer takes both away."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, "SELECT * WHERE {\n  # «blåbærsyltetøy 🫐»\n  ?s a ?t . FILTR(1)\n}")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".cm-lintRange-error")).to_have_text("FILTR")
    expect(tab.get_by_role("status").first).to_contain_text("Linje 3, kolonne 13")
    write(tab, SURVEYS)
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("cell")).to_be_visible()
    expect(tab.locator(".cm-lintRange-error")).to_have_count(0)


def test_cancelling_ends_the_query(tab: Page) -> None:
    """Nothing of that name runs afterwards, long before its time is over; the query is still there."""
    keys: list[str] = []

    def note(request: Request) -> None:
        if "query-id" in request.headers:
            keys.append(request.headers["query-id"])

    tab.on("request", note)
    open_editor(tab, "/sparql?lang=nb")
    write(tab, ENDLESS)
    tab.keyboard.press("Control+Enter")
    tab.get_by_role("button", name="Avbryt").click()
    expect(tab.locator("#answer")).to_have_text(re.compile(r"^Du avbrøt spørringen etter \d+,\d s\.$"), timeout=15_000)
    expect(tab.locator("#problem")).to_have_count(0)
    expect(tab.get_by_role("button", name="Avbryt")).to_be_hidden()
    assert text(tab) == ENDLESS
    (key,) = keys
    assert tab.request.delete(f"/queries/running/{key}").status == 404


def test_both_links_lead_to_the_same_answer_of_the_same_version(tab: Page) -> None:
    """With the view that was chosen; the short link is short."""
    open_editor(tab, "/sparql?lang=nb&query=" + quote(VALUES))
    tab.get_by_role("link", name="Linje").click()
    expect(tab.locator("svg.chart-wide, figure svg").first).to_be_visible()
    expect(tab.get_by_role("link", name="Linje")).to_be_focused()
    short, long = (tab.locator(f"#share-{name}").text_content() or "" for name in ("short", "long"))
    assert len(short) < 160
    for link in (short, long):
        open_editor(tab, link)
        asked = parse_qs(urlsplit(tab.url).query)
        assert asked == {"query": [VALUES], "version": ["1"], "view": ["line"]}
        expect(tab.locator("figure svg").first).to_be_visible()
        assert text(tab) == VALUES


def test_earlier_queries_come_back_and_can_be_forgotten(tab: Page) -> None:
    """They are kept in the browser, over visits, until the reader forgets them."""
    open_editor(tab, "/sparql?lang=nb")
    past = tab.get_by_role("region", name="Dine tidligere spørringer")
    expect(past).to_be_hidden()
    write(tab, SURVEYS)
    tab.keyboard.press("Control+Enter")
    expect(past).to_be_visible()
    open_editor(tab, "/sparql?lang=nb")
    past.get_by_role("button", name="SELECT ?survey").click()
    assert text(tab) == SURVEYS
    past.get_by_role("button", name="Glem dem").click()
    expect(past).to_be_hidden()
    assert tab.evaluate("localStorage.length") == 0


def test_typing_over_one_selected_line_is_silent(tab: Page) -> None:
    """Chromium would write inline styles, which the policy forbids; `tab` looks at the console."""
    open_editor(tab, "/sparql?lang=nb")
    for query in ("ASK {}", "SELECT * WHERE { ?s ?p ?o }"):
        write(tab, query)
        tab.keyboard.press("Control+a")
        tab.keyboard.type("x")
        assert text(tab) == "x"
    tab.keyboard.press("Control+a")
    tab.keyboard.type("(")
    assert text(tab) == "(x)"


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("query", ["", SURVEYS, "ASK { " + "?subject ?predicate ?object . " * 20 + "}", "#\n" * 60])
def test_nothing_moves_when_the_editor_comes(tab: Page, width: int, query: str) -> None:
    """What a reader aims at stays where it is, and the field keeps its height."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto("/sparql?lang=nb" + ("&query=" + quote(query) if query else ""))
    run = tab.get_by_role("button", name="Kjør spørringen")
    run.scroll_into_view_if_needed()
    before = run.bounding_box()
    run.hover()
    expect(tab.locator(".cm-content")).to_be_visible()
    assert run.bounding_box() == before
    assert run.evaluate("button => button.matches(':hover')")


def test_the_gutter_is_as_high_as_the_editor(tab: Page) -> None:
    """However few lines there are."""
    open_editor(tab, "/sparql?lang=nb&query=" + quote("ASK {}"))
    gutter, scroller = (tab.locator(part).bounding_box() for part in (".cm-gutter", ".cm-scroller"))
    assert gutter
    assert scroller
    assert gutter["height"] == scroller["height"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chosen_view_is_read_under_the_pointer(tab: Page, scheme: Literal["light", "dark"]) -> None:
    """Its colour does not change there, for it fits its ground."""
    tab.emulate_media(color_scheme=scheme)
    open_editor(tab, "/sparql?lang=nb&view=raw&query=" + quote(VALUES))
    chosen = tab.get_by_role("link", name="Rådata")
    colour = "link => getComputedStyle(link).color"
    before = chosen.evaluate(colour)
    chosen.hover()
    expect(chosen).to_have_css("text-decoration-line", "underline")
    assert chosen.evaluate(colour) == before


def test_what_stands_on_the_page_is_only_heard_beside_the_button(tab: Page) -> None:
    """Rows, yes or no, and errors, in whole sentences; while a query runs there is nothing else to see."""
    open_editor(tab, "/sparql?lang=nb")
    status = tab.locator("#status")
    for query, words in (
        (VALUES, r"^3 rader, [\d,]+ s\.$"),
        ("ASK { ?s ?p ?o }", r"^ja\. [\d,]+ s\.$"),
        ("ASK { <urn:a> <urn:b> <urn:c> }", r"^nei\. [\d,]+ s\.$"),
        ("SELECT * {\n ?s ?p FILTR }", r"^Syntaksfeil i spørringen\. Linje 2, kolonne \d+.*[^.][.?]$"),
    ):
        write(tab, query)
        tab.keyboard.press("Control+Enter")
        expect(status).to_have_text(re.compile(words))
        expect(status).to_have_class("visually-hidden")
        assert ".." not in (status.text_content() or "")
    write(tab, ENDLESS)
    tab.keyboard.press("Control+Enter")
    expect(status).to_contain_text("Kjører")
    expect(status).to_have_class("")
    tab.get_by_role("button", name="Avbryt").click()


def test_an_empty_query_is_not_asked(tab: Page) -> None:
    """The reader is told so, in the field."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, " ")
    address = tab.url
    tab.get_by_role("button", name="Kjør spørringen").click()
    expect(tab.get_by_text("Det står ingen spørring her ennå.")).to_be_visible()
    expect(tab.locator(".cm-content")).to_be_focused()
    assert tab.url == address


def test_a_query_that_is_not_asked_yet_is_kept(tab: Page) -> None:
    """Over a change of language, a reload, and leaving and coming back; addresses and storage have nothing of it."""
    query = "ASK { ?s ?p 'blåbær & 100 %' }\n"
    field = tab.locator("#query")
    tab.goto("/?lang=nb")
    open_editor(tab, "/sparql?lang=nb")
    write(tab, query)
    tab.get_by_role("link", name="English").click()
    tab.wait_for_url("**/sparql?lang=en")
    expect(field).to_have_value(query)
    tab.reload()
    expect(field).to_have_value(query)
    tab.goto("/?lang=nb")
    tab.go_back()
    expect(field).to_have_value(query)
    tab.go_back()
    expect(field).to_have_value(query)
    tab.go_back()
    tab.wait_for_url("**/?lang=nb")
    tab.go_forward()
    expect(field).to_have_value(query)
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0


def test_history_keeps_answers_and_their_queries_together(tab: Page) -> None:
    """Going back to an answer gives its query, and a change of language keeps both."""
    open_editor(tab, "/sparql?lang=nb")
    for query in (VALUES, "ASK {}"):
        write(tab, query)
        tab.keyboard.press("Control+Enter")
        expect(tab.locator("#past button.past-query").first).to_contain_text(query[:20])
    tab.get_by_role("link", name="English").click()
    expect(tab.locator(".boolean")).to_have_text("yes")
    expect(tab.locator("#query")).to_have_value("ASK {}")
    tab.go_back()
    tab.go_back()
    expect(tab.get_by_role("cell", name="2,5")).to_be_visible()
    expect(tab.locator("#query")).to_have_value(VALUES)
    assert "#" not in tab.url


def test_a_link_within_the_page_leaves_the_query_alone(tab: Page) -> None:
    """Nothing is fetched anew for it."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, "ASK {}")
    tab.evaluate("document.body.dataset.here = 'yes'")
    tab.get_by_role("link", name="Se eksemplene").click()
    tab.wait_for_url("**#examples")
    tab.wait_for_timeout(500)
    assert text(tab) == "ASK {}"
    expect(tab.locator("body[data-here=yes]")).to_have_count(1)
    tab.reload()
    expect(tab.locator("#query")).to_have_value("ASK {}")


def test_the_command_for_programs_asks_what_was_asked(tab: Page) -> None:
    """It follows the answer."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, "ASK { ?s ?p 'it' }")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".boolean")).to_be_visible()
    said = shlex.split((tab.locator("#curl").text_content() or "").replace("\\\n", " "))
    assert said[-1] == "query=ASK { ?s ?p 'it' }"
    assert said[-3] == "Accept: application/sparql-results+json"
    expect(tab.locator("button[data-copy=curl]")).to_be_visible()


def test_the_project_s_own_classes_are_proposed_first(tab: Page) -> None:
    """Before anything is typed, all fit alike."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, "SELECT * WHERE {\n  ?x a ")
    tab.keyboard.press("Control+Space")
    expect_first_proposal(tab, "pg:")
    assert all(name.startswith("pg:") for name in tab.locator(".cm-completionLabel").all_text_contents()[:20])


def test_no_panel_of_another_look_opens(tab: Page) -> None:
    """Errors are read where they are, and F8 leads to them."""
    open_editor(tab, "/sparql?lang=nb")
    write(tab, "SELECT * WHERE {\n  ?s a ?t . FILTR(1)\n}")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".cm-lintRange-error")).to_be_visible()
    tab.keyboard.press("Control+Shift+M")
    expect(tab.locator(".cm-panel")).to_have_count(0)
    tab.keyboard.press("F8")
    expect(tab.locator(".cm-tooltip .cm-diagnostic")).to_be_visible()


def test_without_script_the_form_asks_and_shows(browser: Browser, site: str) -> None:
    """Query, table, chart and error, each a page."""
    with closing(browser.new_context(base_url=site, java_script_enabled=False)) as context:
        tab = context.new_page()
        tab.goto("/sparql?lang=nb")
        tab.get_by_label("Spørring", exact=True).fill(VALUES)
        tab.get_by_role("button", name="Kjør spørringen").click()
        expect(tab.get_by_role("cell", name="2,5")).to_be_visible()
        tab.get_by_role("link", name="Søyler").click()
        expect(tab.locator("figure svg").first).to_be_visible()
        tab.get_by_label("Spørring", exact=True).fill("SELECT * WHERE {\n  ?s a ?t . FILTR(1)\n}")
        tab.get_by_role("button", name="Kjør spørringen").click()
        expect(tab.get_by_text("Linje 2, kolonne 13")).to_be_visible()
        assert "FILTR" in tab.get_by_label("Spørring", exact=True).input_value()


def test_what_a_gateway_says_is_told_and_the_page_stays(tab: Page) -> None:
    """An error page of somebody else's is not put into ours, and the query is not among the earlier ones."""
    open_editor(tab, "/sparql?lang=nb")
    foreign = "<!doctype html><title>502</title><h1>Bad Gateway</h1>"
    tab.route("**/sparql?*", lambda route: route.fulfill(status=502, content_type="text/html", body=foreign))
    write(tab, SURVEYS)
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#status")).to_have_text(re.compile(r"\(status 502\)"))
    expect(tab.get_by_role("button", name="Avbryt")).to_be_hidden()
    expect(tab.locator("#past")).to_be_hidden()


def test_an_error_that_is_not_the_query_s_is_told(tab: Page) -> None:
    """By the heading of its page; a query that failed is not among the earlier ones."""
    page = tab.request.get("/nothing?lang=nb", headers={"Accept": "text/html"})
    open_editor(tab, "/sparql?lang=nb")
    tab.route("**/sparql?*", lambda route: route.fulfill(status=503, content_type="text/html", body=page.body()))
    write(tab, SURVEYS)
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#status")).to_have_text(re.compile(r"^Ikke funnet"))
    expect(tab.locator("#past")).to_be_hidden()


@pytest.mark.parametrize("kept", ['[{"query": "ASK {}"}]', '[{"query": "ASK {}", "time": "x"}]', "[null]", "{"])
def test_what_is_kept_wrongly_is_passed_over(tab: Page, kept: str) -> None:
    """The editor comes all the same."""
    tab.goto("/sparql?lang=en")
    tab.evaluate("(kept) => localStorage.setItem('praksisgrafen.queries', kept)", kept)
    open_editor(tab, "/sparql?lang=en")
    expect(tab.locator("#past")).to_be_hidden()


def test_the_time_of_an_earlier_query_is_written_as_the_rest(tab: Page) -> None:
    """Days before months, and 24 hours, in English too."""
    tab.goto("/sparql?lang=en")
    kept = "[{query: 'ASK {}', time: new Date(2026, 10, 22, 19, 1).getTime()}]"
    tab.evaluate(f"localStorage.setItem('praksisgrafen.queries', JSON.stringify({kept}))")
    open_editor(tab, "/sparql?lang=en")
    expect(tab.locator("#past time")).to_have_text("22 Nov 2026, 19:01")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rows_that_go_on_below_have_a_shadow_there(tab: Page, scheme: Literal["light", "dark"]) -> None:
    """The box is cut where a row ends, which looks like the end of the answer."""
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": 1280, "height": 1600})
    tab.goto("/sparql?lang=nb&query=" + quote("SELECT ?s { ?s ?p ?o } LIMIT 60"))
    box = tab.locator(".rows").bounding_box()
    assert box
    edge: FloatRect = {"x": box["x"] + box["width"] - 60, "y": box["y"] + box["height"] - 6, "width": 20, "height": 4}
    cut = tab.screenshot(clip=edge)
    tab.locator(".rows").evaluate("(one) => { one.scrollTop = one.scrollHeight }")
    assert tab.screenshot(clip=edge) != cut
