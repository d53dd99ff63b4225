"""The words of errors in a reader's language.

What an error says is a template in English with values; the template is translated, numbers are written as the language
writes them, and what a library says stays in English, marked as such.
"""

from typing import Final

from markupsafe import Markup, escape

from kg.errors import Member, PraksisError, filled
from server import language as lang

_FOREIGN: Final = "words"
"""The value that holds what a library says."""
_CHOICES: Final = "wanted"
"""The value that holds a list of our words and of SPARQL's."""


def text(error: PraksisError, language: str) -> str:
    """Return what went wrong, without its place."""
    return _said(error, error.template, language)


def detail(error: PraksisError, language: str) -> str:
    """Return what went wrong, with its place where there is one."""
    return str(_place(error, language)) + text(error, language)


def hint(error: PraksisError, language: str) -> str | None:
    """Return what would help."""
    return error.advice and _said(error, error.advice, language)


def marked(error: PraksisError, template: str, language: str, *, placed: bool = False) -> Markup:
    """Return one of the texts of an error for a page; what is in English on a page that is not, is marked."""
    values = {name: escape(value) for name, value in _values(error, language).items()}
    if _FOREIGN in values:
        values[_FOREIGN] = _english(values[_FOREIGN], language)
    translated = lang.words(language).gettext(template)
    said = Markup(filled(str(escape(translated)), values))  # noqa: S704 - template and values are escaped
    if translated == template:
        said = _english(said, language)
    return (escape(_place(error, language)) if placed else Markup()) + said


def explanation(kind: type[PraksisError], language: str) -> str:
    """Say what a kind of problem means: the first line of its docstring."""
    return lang.words(language).gettext((kind.__doc__ or "").partition("\n")[0])


def _said(error: PraksisError, template: str, language: str) -> str:
    return filled(lang.words(language).gettext(template), _values(error, language))


def _values(error: PraksisError, language: str) -> dict[str, str]:
    values = {name: _written(value, language) for name, value in error.told(language).items()}
    if _CHOICES in values:
        values[_CHOICES] = ", ".join(_choice(choice, language) for choice in values[_CHOICES].split(", "))
    return values


def _choice(choice: str, language: str) -> str:
    """Name something that may follow: by words, or as it is written, in the quotation marks of the language."""
    if choice[:1] == choice[-1:] == '"':
        return f"“{choice[1:-1]}”" if language == "en" else f"«{choice[1:-1]}»"
    return lang.words(language).gettext(choice)


def _written(value: Member, language: str) -> str:
    if isinstance(value, int | float):
        return lang.number(f"{value:.15g}" if isinstance(value, float) else str(value), language)
    return value or ""


def _place(error: PraksisError, language: str) -> str:
    if not error.line:
        return ""
    place = {"line": str(error.line), "column": str(error.column)}
    return filled(lang.words(language).gettext("Line %(line)s, column %(column)s"), place) + ": "


def _english(said: Markup, language: str) -> Markup:
    return said if language == "en" else Markup('<span lang="en">{}</span>').format(said)
