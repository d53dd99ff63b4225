"""Choosing a media type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import negotiation

OFFERS = ("text/turtle", "application/ld+json", "text/html")
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/*;q=0.5, application/*", "application/ld+json"),
        ("text/turtle;q=0.1, application/ld+json;q=0.2", "application/ld+json"),
        ("text/turtle;q=0, */*", "application/ld+json"),
        ("text/turtle;q=0, text/html;q=0, application/ld+json;q=0, */*", None),
        ("TEXT/HTML", "text/html"),
        ("text/turtle;charset=utf-8;q=0.3, text/html;q=0.2", "text/turtle"),
        ("image/png", None),
        ("nonsense, ;;, text/html", "text/html"),
        ("text/turtle;q=2", None),
        (CHROME, "text/html"),
    ],
)
def test_quality_values_and_exactness_decide(header: str | None, chosen: str | None) -> None:
    """The highest quality wins, then the more exact range, then the server's own order; q=0 refuses."""
    assert negotiation.choose(header, OFFERS) == chosen


@pytest.mark.parametrize(
    ("header", "browser"),
    [
        (CHROME, True),
        ("text/html", True),
        ("*/*", False),
        (None, False),
        ("text/turtle, text/html;q=0.5", False),
        ("application/sparql-results+json", False),
    ],
)
def test_a_browser_is_who_names_html_and_likes_nothing_better(header: str | None, browser: bool) -> None:
    """A program that accepts anything is no browser."""
    assert negotiation.prefers_html(header) is browser


@given(st.text())
def test_any_header_is_read_without_failing(header: str) -> None:
    """An Accept header is written by anyone."""
    assert negotiation.choose(header, OFFERS) in (*OFFERS, None)
