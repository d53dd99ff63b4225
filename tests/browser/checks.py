"""What is asked of every page in the browser: each check gives back the faults it found, in words."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PHONE, TABLET, DESK = 320, 768, 1280
_AXE = Axe().axe_script
_CHECKS = Path(__file__).with_name("checks.js").read_text()
_MOST_STOPS = 3000

Faults = list[str]
Check = Callable[[Page], Faults]


def look(page: Page, width: int = DESK, **media: str) -> Page:
    """Show a page at a width, with the media features said and the usual ones otherwise. Units: CSS px."""
    usual = {"media": "screen", "color_scheme": "light", "forced_colors": "none", "reduced_motion": "reduce"}
    page.emulate_media(**{**usual, **media})  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    return page


def ask(page: Page, question: str, *arguments: object) -> Any:
    """Call a function of checks.js in a page."""
    written = ", ".join(json.dumps(argument) for argument in arguments)
    page.evaluate(f"window.praksisChecks ??= {_CHECKS}; null")
    return page.evaluate(f"window.praksisChecks.{question}({written})")


def axe(page: Page) -> Faults:
    """Ask axe-core for everything that WCAG 2.2 AA and good practice forbid."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    found = page.evaluate(f"axe.run({json.dumps(options)})")
    return [
        f"{violation['id']}: {violation['help']}: {node['target'][0]}: {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]


def sideways(page: Page) -> Faults:
    """Nothing scrolls sideways on a phone but regions made for it."""
    return list(ask(look(page, PHONE), "sideways"))


def small_text(page: Page) -> Faults:
    """Text in a drawing is at least 12 CSS px high, lies inside it and on no other text, at every width."""
    return [
        f"{width}: {fault}"
        for width in (PHONE, TABLET, DESK)
        for question in ("smallText", "clipped", "collisions")
        for fault in ask(look(page, width), question)
    ]


def contrast(page: Page) -> Faults:
    """Text, fields and marks stand out from what lies behind them, in light, dark and forced colours."""
    looks = (
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"color_scheme": "light", "forced_colors": "active"},
        {"color_scheme": "dark", "forced_colors": "active"},
    )
    return [
        f"{' '.join(media.values())}: {fault}"
        for media in looks
        for question in ("contrast", "marks")
        for fault in ask(look(page, **media), question)
    ]


def lost_in_forced_colours(page: Page) -> Faults:
    """Text that is shown stays so in forced colours."""
    shown = ask(look(page), "shownTexts", "none")
    kept = set(ask(look(page, forced_colors="active"), "shownTexts", "none"))
    return [f"“{text[:80]}” is gone" for text in shown if text not in kept][:5]


def lost_in_print(page: Page) -> Faults:
    """Text that is shown is printed, dark on white, but for menus, forms and buttons."""
    shown = ask(look(page), "shownTexts")
    kept = set(ask(look(page, media="print"), "shownTexts", "none"))
    faint = ask(page, "faintOnPaper")
    return [f"“{text[:80]}” is gone" for text in shown if text not in kept][:5] + faint


def tab(page: Page) -> Faults:
    """Tab reaches every link and control in the order of the page, and each shows it."""
    _fetch_editor(look(page))
    stops = ask(page, "setOut")
    for pressed in range(min(stops, _MOST_STOPS) * 2):
        page.keyboard.press("Tab")
        if pressed >= stops and pressed % 10 == 0 and (found := ask(page, "arrive")) == []:
            return found
    return list(ask(page, "arrive"))


def _fetch_editor(page: Page) -> None:
    """Where a page has the SPARQL editor, have it come, as the first stop in the page does on the way."""
    if page.locator("#ask[data-editor]").count():
        page.locator("h1").hover()
        page.locator("#editor .cm-content").wait_for()


def structure(page: Page, language: str) -> Faults:
    """One h1, headings without gaps, the language said, nothing inline, no id twice."""
    return list(ask(page, "structure", language))


def foreign(page: Page) -> Faults:
    """Norwegian words on an English page say that they are Norwegian."""
    return list(ask(page, "foreign"))


def figures(page: Page) -> Faults:
    """Every drawing has a name, and a table with its numbers."""
    return list(ask(page, "figures"))


def only_with_script(page: Page, plain: Page) -> Faults:
    """What a page says and leads to, it says and leads to without script as well."""
    look(page), look(plain)
    texts = {_timeless(text) for text in ask(plain, "shownTexts")}
    ways = set(ask(plain, "ways"))
    gone = [f"“{text[:80]}”" for text in ask(page, "shownTexts") if _timeless(text) not in texts]
    return (gone + [way for way in ask(page, "ways") if way not in ways])[:5]


def _timeless(text: str) -> str:
    """Leave out how long something took, which is never the same twice."""
    return re.sub(r"\d+[.,]\d+\ss$", "", text)
