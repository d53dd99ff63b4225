"""Languages, words, numbers and dates."""

import re
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment
from pyoxigraph import Literal

from kg import errors as kg_errors
from kg.errors import PraksisError
from server import bodies, errors, labels, language, segments, snapshot
from tests.server import error_texts

SERVER = Path(language.__file__).parent
THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("wanted", "accepted", "chosen"),
    [
        ("nn", [("en", 1.0)], "nn"),
        ("xx", [("en-GB", 1.0)], "en"),
        (None, [("de", 1.0), ("nn-NO", 0.8), ("nb", 0.5)], "nn"),
        (None, [("no", 1.0)], "nb"),
        (None, [("en", 0.0)], "nb"),
        (None, [], "nb"),
    ],
)
def test_the_address_goes_before_the_browser(
    wanted: str | None, accepted: list[tuple[str, float]], chosen: str
) -> None:
    """`?lang=`, then Accept-Language, then Bokmål."""
    assert language.choose(wanted, accepted) == chosen


@pytest.mark.parametrize(
    ("text", "tag", "written"),
    [
        ("33.3", "nb", "33,3"),
        ("1234", "nn", "1234"),
        ("1234567.5", "nb", f"1{THIN}234{THIN}567,5"),
        ("1234567.5", "en", "1,234,567.5"),
        ("-18", "nb", "\N{MINUS SIGN}18"),
        ("-18.5", "en", "\N{MINUS SIGN}18.5"),
        ("0.33333333333", "en", "0.33333333333"),
        ("many", "nb", "many"),
        ("1" * 30, "nb", "1" * 30),
        ("1e308", "en", "1e308"),
        ("1e999999999", "nn", "1e999999999"),
    ],
)
def test_numbers_are_written_as_the_language_does(text: str, tag: str, written: str) -> None:
    """Decimal comma and no-break thin spaces in Norwegian, and no digit lost."""
    assert language.number(text, tag) == written


def test_dates_are_written_in_words() -> None:
    """A month stays a month."""
    assert language.day("2020-05", language.XSD + "gYearMonth", "nb") == "mai 2020"
    assert language.day("2018-06-11", language.XSD + "date", "nn") == "11. juni 2018"
    assert language.day("2026-11-22", language.XSD + "date", "en") == "22 November 2026"
    assert language.day("2023", language.XSD + "gYear", "nb") == "2023"
    assert language.day("2018-13-45", language.XSD + "date", "nb") == "2018-13-45"


def test_the_page_says_when_a_text_stands_in_for_its_own_language() -> None:
    """A fallback is marked, a text without language is not."""
    assert labels.literal(Literal("Only", language="en"), "nb").fallback
    assert not labels.literal(Literal("Bare", language="nb"), "nb").fallback
    assert not labels.literal(Literal("IT"), "nb").fallback


def _words_of_templates() -> set[str]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found: set[str] = set()
    for path in (SERVER / "templates").rglob("*.*"):
        for _, _, message in environment.extract_translations(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
            found.update([message] if isinstance(message, str) else [part for part in message or () if part])
    return found


def _words_of_modules() -> set[str]:
    """Return what is marked in Python code: `N_("…")`, `gettext("…")`, `ngettext("…", "…", n)`."""
    found: set[str] = set()
    for path in (*SERVER.rglob("*.py"), *(SERVER.parent / "kg").rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords={"N_": None, "gettext": None, "ngettext": (1, 2)}):
                found.update([message] if isinstance(message, str) else [part for part in message or () if part])
    return found


def _messages(tag: str) -> list[Message]:
    found = []
    for path in sorted((SERVER / "translations" / tag).glob("*.po")):
        with path.open("rb") as file:
            found += [message for message in read_po(file) if message.id]
    return found


@pytest.mark.parametrize("tag", ["nb", "nn"])
def test_every_word_of_the_interface_is_translated(tag: str) -> None:
    """No mixed languages: what a template, a module, a list, a known term or an error says has a translation."""
    said = _words_of_templates() | _words_of_modules() | {segment.name for segment in segments.SEGMENTS.values()}
    said |= set(labels.KNOWN_TERMS.values()) | {"yes", "no"}
    for module in (kg_errors, errors, snapshot, bodies):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, PraksisError) and thing.title != "Impossible setting":
                said.add(thing.title)
    said |= error_texts.texts() | {(kind.__doc__ or "").partition("\n")[0] for kind in errors.kinds().values()}
    messages = _messages(tag)
    translated = {
        message.id if isinstance(message.id, str) else message.id[0] for message in messages if message.string
    }
    plurals = {message.id[1] for message in messages if not isinstance(message.id, str)}
    assert said - translated - plurals == set()


@pytest.mark.parametrize("tag", ["nb", "nn"])
def test_a_message_is_translated_once(tag: str) -> None:
    """Where two parts of the site say the same, it stands in messages.po."""
    names = [message.id if isinstance(message.id, str) else message.id[0] for message in _messages(tag)]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


@pytest.mark.parametrize("tag", ["nb", "nn"])
def test_translations_keep_the_places_of_values(tag: str) -> None:
    """A translation with another placeholder would fail in front of a reader."""
    for message in _messages(tag):
        if isinstance(message.id, str):
            assert sorted(re.findall(r"%\(\w+\)s", message.id)) == sorted(re.findall(r"%\(\w+\)s", str(message.string)))
