"""The checks themselves: each finds its fault in a page that has it, and none in a sound one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from server.headers import CONTENT_SECURITY_POLICY
from tests.browser import checks
from tests.browser.pages import Page
from tests.browser.visits import Made, Visit, Visitor

SOUND = """
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sound</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>
<body><header><a href="/#main">Skip</a></header><main id="main"><h1>Sound</h1>{}
<p>Words <a href="/there">and a link</a>, and a figure of 23 per cent.</p>
<figure><svg viewBox="0 0 100 50" width="100" height="50" role="img" aria-labelledby="name">
<title id="name">Bars</title>
<rect class="mark" x="10" y="10" width="20" height="30" fill="#777"><title>23 per cent</title></rect>
<text x="40" y="30">23</text></svg>
<figcaption>Bars</figcaption><div tabindex="0" role="region" aria-label="Numbers"><table><caption>The numbers</caption>
<thead><tr><th scope="col">Share</th></tr></thead><tbody><tr><td>23</td></tr></tbody></table></div></figure>
<form action="/find"><label>Find <input name="q"></label> <button>Go</button></form></main></body></html>
"""
STYLE = """
body { background: Canvas; color: CanvasText; font: 16px sans-serif } a { color: #003; text-decoration: underline }
:focus-visible { outline: 3px solid #000 } svg text { font-size: 13px; fill: CanvasText }
button, input { border: 1px solid #333; background: #fff; color: #111; min-height: 2rem }
"""
HERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def show(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Show a page made of words."""
    visitor = Visitor(browser, HERE)

    def shown(
        html: str, style: str = "", written: str = "", policy: str = CONTENT_SECURITY_POLICY, *, script: bool = True
    ) -> Visit:
        made = {
            "/": Made("text/html", html, policy=policy),
            "/style.css": Made("text/css", STYLE + style),
            "/script.js": Made("text/javascript", written),
        }
        return open_tabs.enter_context(visitor.visit(Page("made", "/"), "en", script=script, made=made))

    with ExitStack() as open_tabs:
        yield shown
    visitor.close()


FAULTS = {
    "axe": (checks.axe, '<img src="data:,">', "", "image-alt"),
    "axe, best practice": (checks.axe, "<h4>Deep</h4>", "", "heading-order"),
    "sideways": (checks.sideways, '<div class="wide">x</div>', ".wide { width: 400px }", "wide where 320 fit"),
    "hidden sideways": (
        checks.sideways,
        '<div class="wide">x</div>',
        "html, body { overflow-x: hidden } .wide { width: 400px; height: 9px }",
        "ends at",
    ),
    "small text": (checks.small_text, "", "svg { width: 80px; height: auto }", "320: <text> “23” is 10.4 px"),
    "text out of a drawing": (checks.small_text, "", "svg text { font-size: 60px }", "sticks"),
    "text on text": (
        checks.small_text,
        '<svg viewBox="0 0 90 40" width="90"><text x="9" y="20">one</text><text x="12" y="22">two</text></svg>',
        "",
        "lies on",
    ),
    "cut text": (
        checks.small_text,
        '<p class="cut">Words that are too long</p>',
        ".cut { width: 40px; overflow: hidden; white-space: nowrap }",
        "cut at its side",
    ),
    "faint text": (checks.contrast, '<p class="faint">x</p>', ".faint { color: #888 }", "light: <p.faint> “x”: 3.54"),
    "faint in the dark": (
        checks.contrast,
        '<p class="faint">dim</p>',
        "@media (prefers-color-scheme: dark) { .faint { color: #999 } }",
        "dark: <p.faint> “dim”: 2.85",
    ),
    "half see-through text": (checks.contrast, '<p class="faint">x</p>', ".faint { opacity: 0.4 }", "<p.faint>"),
    "faint text in a drawing": (checks.contrast, "", "svg text { fill: #999 }", "<text> “23”: 2.85"),
    "text on a mark": (
        checks.contrast,
        '<svg viewBox="0 0 90 40" width="90"><rect width="90" height="40" fill="#000"/><text y="20">on it</text></svg>',
        "",
        "<text> “on it”: 1.00",
    ),
    "faint mark": (checks.contrast, "", ".mark { fill: #ccc }", "<rect.mark>"),
    "faint edge": (checks.contrast, "", "input { border-color: #ddd }", "the edge of <input>"),
    "faint placeholder": (
        checks.contrast,
        '<input aria-label="x" placeholder="Find">',
        "::placeholder { color: #bbb }",
        "placeholder of <input>",
    ),
    "gone in forced colours": (
        checks.lost_in_forced_colours,
        '<p class="gone">Needed</p>',
        "@media (forced-colors: active) { .gone { display: none } }",
        "“Needed” is gone",
    ),
    "gone in print": (
        checks.lost_in_print,
        '<p class="gone">Needed</p>',
        "@media print { .gone { display: none } }",
        "“Needed” is gone",
    ),
    "light on paper": (
        checks.lost_in_print,
        '<p class="light">x</p>',
        "@media print { .light { color: #eee } }",
        "on white paper",
    ),
    "no focus": (checks.tab, '<a href="/x">Unseen</a>', ":focus-visible { outline: none }", "focus does not show"),
    "out of reach": (
        checks.tab,
        '<div tabindex="0" id="trap">Trap</div><a href="/beyond">Beyond</a><script src="/script.js"></script>',
        "",
        "Tab does not reach <a> “Beyond”",
    ),
    "out of order": (checks.tab, '<a href="/late" tabindex="3">First by force</a>', "", "before"),
    "two headings": (lambda page: checks.structure(page, "en"), "<h1>Again</h1>", "", "2 h1"),
    "another language": (lambda page: checks.structure(page, "nb"), "", "", "html says lang=en"),
    "a gap in the headings": (lambda page: checks.structure(page, "en"), "<h3>x</h3>", "", "follows a heading"),
    "inline style": (lambda page: checks.structure(page, "en"), '<p style="top: 0">x</p>', "", "is inline"),
    "an id twice": (lambda page: checks.structure(page, "en"), '<p id="main">x</p>', "", "“main” stands twice"),
    "unsaid language": (checks.foreign, "<p>Et råd til kommunene</p>", "", "råd"),
    "no table": (checks.figures, '<figure><svg aria-label="x" role="img"></svg></figure>', "", "has no table"),
    "another number": (
        checks.figures,
        '<figure><svg><text class="value">41,5</text></svg><table><tr><td>41,6</td></tr></table></figure>',
        "",
        "41,5 is drawn",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_check_finds_its_fault(show: Callable[..., Visit], fault: tuple[checks.Check, str, str, str]) -> None:
    """A page that has just one thing wrong."""
    check, html, style, said = fault
    trap = "document.getElementById('trap')?.addEventListener('keydown', (event) => event.preventDefault())"
    found = check(show(SOUND.format(html), style, trap).tab)
    assert any(said in one for one in found), found


CHECKS = (
    checks.axe,
    checks.sideways,
    checks.small_text,
    checks.contrast,
    checks.lost_in_forced_colours,
    checks.lost_in_print,
    checks.tab,
    lambda page: checks.structure(page, "en"),
    checks.foreign,
    checks.figures,
)


@pytest.mark.parametrize("check", CHECKS)
def test_check_finds_nothing_in_a_sound_page(show: Callable[..., Visit], check: checks.Check) -> None:
    """So that what it finds elsewhere means something."""
    assert check(show(SOUND.format("<h2>Part</h2>")).tab) == []


def test_what_only_script_shows_is_found(show: Callable[..., Visit]) -> None:
    """A page that is empty without it."""
    html = SOUND.format('<p id="late"></p><script src="/script.js"></script>')
    script = "const p = document.getElementById('late'); p.append('Late words'); const a = document.createElement('a');"
    script += "a.href = '/late'; a.append('x'); p.append(a);"
    page, plain = (show(html, "", script, script=on).tab for on in (True, False))
    assert checks.only_with_script(page, plain) == ["“Late words”", "“x”", f"{HERE}/late"]


def test_what_the_policy_forbids_is_heard(show: Callable[..., Visit]) -> None:
    """An inline style, and an image from elsewhere."""
    html = SOUND.format('<p style="color: red">x</p><img alt="" src="http://192.0.2.1/x.png">')
    visit = show(html)
    assert len([message for message in visit.messages if "Content Security Policy" in message]) == 2


def test_a_request_off_the_machine_is_seen(show: Callable[..., Visit]) -> None:
    """It is also turned away."""
    html = SOUND.format('<img alt="" src="http://192.0.2.1/x.png">')
    assert show(html, policy="img-src *").abroad == ["http://192.0.2.1/x.png"]
