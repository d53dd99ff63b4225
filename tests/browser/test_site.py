"""What holds for all pages together: no type is left out, each has its own title, none is heavy."""

from collections import defaultdict
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from server import create_app
from server.config import Settings
from tests.browser.pages import EVERY, FIRST, PAGES, Page
from tests.browser.visits import Visitor

PAGE_BYTES = 60_000
SCRIPT_BYTES = 10_000
NO_PAGES = {
    "static",
    "assets.built",
    "entities.named_graph",
    "vocabulary.term",
    "vocabulary.whole",
    "cards.card",
    "schema.document",
    "search.description",
    "search.suggest",
    "shares.follow",
    "graphs.graph",
    "downloads.dump",
    "findings.as_csv",
    "findings.listing",
    "indicators.file",
    "indicators.listing",
    "health.healthz",
    "health.readyz",
    "limits.limits",
    "running.queries",
    "metrics.metrics",
    "catalogue.document",
    "catalogue.numbers",
    "cited.cited",
    "crawlers.part",
    "crawlers.robots",
    "crawlers.sitemap",
    "downloads.context",
    "downloads.latest",
    "downloads.one",
    "downloads.sums",
    "memento.timegate",
    "memento.timemap",
    "openapi.document",
    "reconciliation.endpoint",
    "reconciliation.propose",
    "reconciliation.suggest",
    "versions.changes",
    "versions.feed",
}
"""Endpoints that answer programs, send on to a page, or are what another page here leads to."""


def test_every_address_that_answers_readers_stands_in_the_table(tmp_path: Path) -> None:
    """Whoever adds a page adds a row."""
    routes = create_app(Settings(home=tmp_path)).url_map
    answering = {rule.endpoint for rule in routes.iter_rules() if "GET" in (rule.methods or ())}
    matching = routes.bind("127.0.0.1")
    shown = {matching.match(urlsplit(page.path).path)[0] for page in PAGES if page.status == 200}
    assert answering - NO_PAGES <= shown


@pytest.mark.xdist_group("titles")
def test_no_two_pages_have_the_same_title(visitor: Visitor) -> None:
    """Tabs, bookmarks and search results tell them apart."""
    titles = defaultdict(list)
    for page in PAGES:
        if page.status == 200 and page.titled:
            with visitor.visit(page, script=False) as visit:
                titles[visit.tab.title()].append(page.name)
    assert [names for names in titles.values() if len(names) > 1] == []


def transferred(browser: Browser, site: str, page: Page) -> dict[str, int]:
    """Load a page with an empty cache; return the bytes that came, headers included, by the kind of resource."""
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = defaultdict(int)
    with closing(browser.new_context(base_url=site)) as context:
        tab = context.new_page()
        network = context.new_cdp_session(tab)
        network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
        network.on(
            "Network.loadingFinished",
            lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
        )
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        tab.goto(page.address(FIRST), wait_until="networkidle")
    by_kind: dict[str, int] = defaultdict(int)
    for request, size in sizes.items():
        by_kind[kinds.get(request, "Other")] += size
    return by_kind


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=page.name, marks=pytest.mark.xdist_group(page.name)) for page in PAGES]
)
def test_page_is_light(browser: Browser, site: str, page: Page) -> None:
    """Without images, with an empty cache; the SPARQL editor is the one page with much script."""
    found = transferred(browser, site, page)
    assert found["Document"] > 500
    assert found["Stylesheet"] > 500
    assert found["Script"] < SCRIPT_BYTES, found
    assert sum(size for kind, size in found.items() if kind != "Image") < PAGE_BYTES, found


@pytest.mark.parametrize(("language", "name"), [("nb", "kommuner"), ("en", "municipalities")])
def test_names_are_proposed_while_somebody_types(visitor: Visitor, language: str, name: str) -> None:
    """With what kind of thing each is; an empty field proposes nothing."""
    with visitor.visit(EVERY["organisation"], language) as visit:
        field = visit.tab.locator("input[type=search]:visible")
        field.press_sequentially(name[:5])
        proposed = visit.tab.locator(f"#names option[value='{name}']")
        proposed.wait_for(state="attached")
        assert proposed.text_content() in ("Populasjoner", "Populations")
        field.fill("")
        visit.tab.locator("#names option").first.wait_for(state="detached")
        assert visit.messages == []


def test_copy_says_so_and_then_what_it_said_before(browser: Browser, site: str) -> None:
    """However often it is pressed."""
    with closing(browser.new_context(base_url=site, permissions=["clipboard-read", "clipboard-write"])) as context:
        tab = context.new_page()
        tab.goto(EVERY["organisation"].address("nb"))
        button = tab.locator("button[data-copy=iri]")
        said = button.text_content() or ""
        button.click()
        button.click()
        expect(button).to_have_text("Kopiert")
        assert tab.evaluate("navigator.clipboard.readText()") == tab.locator("#iri").text_content()
        expect(button).to_have_text(said)
