"""What every error has: a status, a text that can be translated, and the values in it."""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

Member = str | int | float | None
_PLACE: Final = re.compile(r"%\((\w+)\)s")


def N_(message: str) -> str:  # noqa: N802 - the name gettext has for it
    """Mark a message that is translated where it is shown."""
    return message


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put values into a template; a place without a value, and any other percent sign, stays as it is."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


class PraksisError(Exception):
    """Something of ours failed.

    `template` says what went wrong and `advice` what would help; `detail` and `hint` are the same with their values,
    in English. Where `line` and `column` are known, they count from 1. Numbers among the values are written as the
    language writes numbers; what only looks like one, such as a version, is text.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    arguments: ClassVar[tuple[str, ...]] = ()
    """What the constructor takes, each in an attribute of the same name; none: `detail`, `hint` and values."""
    line: int | None = None
    column: int | None = None

    def __init__(self, detail: str, hint: str | None = None, **values: Member) -> None:
        super().__init__(detail)
        self.template = detail
        self.advice = hint
        self.values: Mapping[str, Member] = values

    def __str__(self) -> str:
        """Say what went wrong."""
        return self.detail

    @property
    def detail(self) -> str:
        """What went wrong, in English."""
        where = f"Line {self.line}, column {self.column}: " if self.line else ""
        return where + filled(self.template, self._written)

    @property
    def hint(self) -> str | None:
        """What would help, in English."""
        return self.advice and filled(self.advice, self._written)

    @property
    def _written(self) -> Mapping[str, str]:
        return {name: _written(value) for name, value in self.told("en").items()}

    def told(self, language: str) -> Mapping[str, Member]:
        """Return the values, in a language where they come in several."""
        del language
        return self.values

    def members(self) -> Mapping[str, Member]:
        """Return the values that make up this error, by argument name."""
        own: Mapping[str, Member] = {name: getattr(self, name) for name in self.arguments}
        return own or {"detail": self.template, "hint": self.advice, **self.values}


def _written(value: Member) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else value or ""
