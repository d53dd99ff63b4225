"""A visitor who opens pages in tabs and hears all that the browser says."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Route, ViewportSize

from server.headers import CONTENT_SECURITY_POLICY
from tests.browser import pages

_REFUSED = "Failed to load resource: the server responded with a status of "
"""What Chromium says of every answer that is no success, which some pages are on purpose."""

_MEDIA = ("media", "color_scheme", "forced_colors", "reduced_motion")
_WINDOW: ViewportSize = {"width": 1280, "height": 720}


@dataclass
class Visit:
    """A page in a tab: what came, what the console said, and where requests went."""

    tab: Page
    status: int = 0
    messages: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """An answer that is made up."""

    media_type: str
    text: str
    status: int = 200
    policy: str = CONTENT_SECURITY_POLICY


class Visitor:
    """Opens pages of one site in tabs of their own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self._site = site
        self._contexts = {
            script: browser.new_context(java_script_enabled=script, base_url=site, locale="nb-NO")
            for script in (True, False)
        }
        self._free: dict[bool, list[Page]] = {True: [], False: []}
        """Tabs to be used again: a new one costs three times as much as the page in it."""

    @contextlib.contextmanager
    def visit(
        self, page: pages.Page, language: str = pages.FIRST, *, script: bool = True, made: Mapping[str, Made] = {}
    ) -> Iterator[Visit]:
        """Open a page until the block ends; what is made up, by its path, comes instead of the server's answer."""
        tab = self._free[script].pop() if self._free[script] else self._contexts[script].new_page()
        visit = Visit(tab)
        heard = {"console": partial(_note, visit), "pageerror": lambda error: visit.messages.append(str(error))}
        for event, hear in heard.items():
            tab.on(event, hear)  # type: ignore[call-overload]
        tab.route(lambda url: not _is_here(url), partial(_turn_away, visit))
        if made:
            tab.route(lambda url: urlsplit(url).path in made, partial(_serve, made))
        try:
            answer = tab.goto(page.address(language), wait_until="load")
            assert answer is not None
            visit.status = answer.status
            yield visit
        finally:
            tab.goto("about:blank")
            for event, hear in heard.items():
                tab.remove_listener(event, hear)
            tab.unroute_all()
            tab.emulate_media(**dict.fromkeys(_MEDIA, "null"))  # type: ignore[arg-type]
            tab.set_viewport_size(_WINDOW)
            self._free[script].append(tab)

    def close(self) -> None:
        """Close what is open."""
        for context in self._contexts.values():
            context.close()


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname == "127.0.0.1"


def _note(visit: Visit, message: ConsoleMessage) -> None:
    if not message.text.startswith(_REFUSED):
        visit.messages.append(f"{message.type}: {message.text}")


def _turn_away(visit: Visit, route: Route) -> None:
    visit.abroad.append(route.request.url)
    route.abort()


def _serve(made: Mapping[str, Made], route: Route) -> None:
    answer = made[urlsplit(route.request.url).path]
    route.fulfill(
        status=answer.status,
        content_type=answer.media_type,
        body=answer.text,
        headers={"Content-Security-Policy": answer.policy},
    )
