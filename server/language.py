"""Language of a page: choosing it, the words of the interface, the best literal, numbers and dates.

The interface is written in English; `translations/<language>/*.po` hold Bokmål and Nynorsk, a file for each part of
the site. The catalogues are compiled in memory, so a clone and a wheel need no build step and no binary is committed.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, DecimalException
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from pyoxigraph import Literal

from kg import errors

N_ = errors.N_
LANGUAGES: Final = ("nb", "nn", "en")
DEFAULT: Final = "nb"
NAMES: Final = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
_TRANSLATIONS = Path(__file__).parent / "translations"
_ALIASES = {"no": "nb"}
_ENGLISH = str.maketrans({"-": "\N{MINUS SIGN}"})
_NORWEGIAN = str.maketrans({"\N{NO-BREAK SPACE}": "\N{NARROW NO-BREAK SPACE}", "-": "\N{MINUS SIGN}"})
_DATES: Final = {"en": Locale("en", "GB")}
XSD = "http://www.w3.org/2001/XMLSchema#"


def choose(wanted: str | None, accept_language: Iterable[tuple[str, float]], otherwise: str = DEFAULT) -> str:
    """Return the language of a page: the one asked for in the address, else the browser's, else Bokmål."""
    if wanted in LANGUAGES:
        return str(wanted)
    ranked = sorted(accept_language, key=lambda item: -item[1])
    for tag, quality in ranked:
        primary = tag.lower().split("-")[0]
        language = _ALIASES.get(primary, primary)
        if quality > 0 and language in LANGUAGES:
            return language
    return otherwise


@cache
def words(language: str) -> NullTranslations:
    """Return the catalogue of interface words; English is the language they are written in."""
    catalogue = Catalog(locale=language)
    for source in sorted((_TRANSLATIONS / language).glob("*.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    catalogue[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def fallbacks(language: str) -> tuple[str, ...]:
    """Return the languages to try for a literal: the page's, then nb, nn and en."""
    return (language, *(other for other in LANGUAGES if other != language))


def rank(literal: Literal, language: str) -> int:
    """Rank a literal for a page: 0 is the page's own language, anything beyond the list comes last."""
    order = fallbacks(language)
    tag = (literal.language or "").split("-")[0]
    if not tag:
        return len(order)
    return order.index(tag) if tag in order else len(order) + 1


def number(text: str, language: str) -> str:
    """Write a number as the language does: a minus sign, and decimal comma and thin spaces in Norwegian.

    Numbers of four digits are not grouped in Norwegian; those of more than 28 stay as they are.
    """
    try:
        value = Decimal(text)
        if not value.is_finite():
            return text
        grouped = language == "en" or abs(value) >= 10_000
        written: str = format_decimal(value, locale=language, group_separator=grouped, decimal_quantization=False)
    except DecimalException:
        return text
    return written.translate(_ENGLISH if language == "en" else _NORWEGIAN)


def enumerated(values: Iterable[str], language: str) -> str:
    """Write several things after each other as a sentence does, with “and” before the last."""
    return format_list(list(values), locale=Locale.parse(language))


def day(text: str, datatype: str, language: str) -> str:
    """Write an `xsd:date` or `xsd:gYearMonth` in words; other texts stay as they are."""
    locale = _DATES.get(language) or Locale.parse(language)
    try:
        if datatype == XSD + "date":
            return format_date(date.fromisoformat(text[:10]), "long", locale=locale)
        if datatype == XSD + "gYearMonth":
            return format_skeleton("yMMMM", date.fromisoformat(text[:7] + "-01"), locale=locale)
    except ValueError:
        return text
    return text
