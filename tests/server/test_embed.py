"""The code to paste into a page of somebody else's: a picture with a link, whatever the chart is called."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import plots
from tests.server.conftest import BROWSER

_TITLE = """Share of "bodies" <b>with</b> a plan' & more" onerror="alert(1)"""


class _Read(HTMLParser):
    """Gathers the tags of a text with their attributes, and what stands in the element with the id `embed`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.embedded = ""
        self._is_inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._is_inside = dict(attrs).get("id") == "embed"

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 the parser's
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        self.embedded += data if self._is_inside else ""


def test_the_code_to_paste_is_a_picture_in_a_link_whatever_its_title(
    real_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotes and angle brackets in a name of the graph stay words of the picture's text."""
    made = plots.plot

    def named(*given: Any) -> plots.Plot:
        plot = made(*given)
        return replace(plot, chart=replace(plot.chart, title=_TITLE))

    monkeypatch.setattr(plots, "plot", named)
    page = real_client.get("/id/indicator/ladder-bodies.html?lang=en&to=2020", headers=BROWSER).text
    (link, link_to), (image, shown) = _Read(_Read(page).embedded).tags
    assert (link, set(link_to)) == ("a", {"href"})
    assert (image, set(shown)) == ("img", {"src", "width", "alt"})
    assert (shown["alt"] or "").startswith(f"{_TITLE}. ")
