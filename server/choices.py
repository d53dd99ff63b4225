"""What a reader chooses to see of an indicator, as it stands in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from werkzeug.datastructures import MultiDict

from kg import iris
from server.language import N_
from server.series import Figure

NAMES: Final = ("from", "to", "population", "derived", "with")
_HIDDEN: Final = "no"


@dataclass(frozen=True)
class Mistake:
    """A choice that cannot be kept: an English message of the catalogue, and what it names."""

    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choices:
    """Years, populations (IRIs), whether derived figures are shown, and the indicators to compare with (IRIs)."""

    start: int | None = None
    end: int | None = None
    populations: frozenset[str] = frozenset()
    with_derived: bool = True
    others: tuple[str, ...] = ()

    def keeps(self, figure: Figure) -> bool:
        """Tell whether a figure is to be shown."""
        return (
            (self.start is None or (figure.year is not None and figure.year >= self.start))
            and (self.end is None or (figure.year is not None and figure.year <= self.end))
            and (not self.populations or figure.population in self.populations)
            and (self.with_derived or not figure.is_derived)
        )

    def parameters(self) -> list[tuple[str, str]]:
        """Return the choices as they stand in an address."""
        pairs = [("from", str(self.start))] if self.start is not None else []
        pairs += [("to", str(self.end))] if self.end is not None else []
        pairs += [("population", iris.slug_of(one)) for one in sorted(self.populations)]
        pairs += [] if self.with_derived else [("derived", _HIDDEN)]
        return pairs + [("with", iris.slug_of(other)) for other in self.others]


def read(parameters: MultiDict[str, str]) -> tuple[Choices, list[Mistake]]:
    """Read the choices in an address; what cannot be understood is left out, and said."""
    mistakes: list[Mistake] = []
    start, end = _year(parameters, "from", mistakes), _year(parameters, "to", mistakes)
    if start is not None and end is not None and start > end:
        mistakes.append(Mistake(_BACKWARDS, {"start": str(start), "end": str(end)}))
        start, end = None, None
    return Choices(
        start=start,
        end=end,
        populations=frozenset(_iris("population", parameters, mistakes)),
        with_derived=parameters.get("derived") != _HIDDEN,
        others=tuple(dict.fromkeys(_iris("indicator", parameters, mistakes, "with"))),
    ), mistakes


def unknown(choices: Choices, populations: Iterable[str]) -> list[Mistake]:
    """Return a mistake for each chosen population that the figures do not have."""
    strange = sorted(choices.populations - set(populations))
    return [Mistake(N_("There are no figures here about “%(name)s”."), {"name": iris.slug_of(one)}) for one in strange]


_BACKWARDS: Final = N_("%(start)s comes after %(end)s, so all years are shown.")
_NO_YEAR: Final = N_("“%(text)s” is not a year, so it was left out. Write a year with four digits, such as 2020.")
_NO_NAME: Final = N_("“%(text)s” is not a name in an address of ours, so it was left out.")


def _year(parameters: MultiDict[str, str], name: str, mistakes: list[Mistake]) -> int | None:
    text = parameters.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) == 4:
        return int(text)
    mistakes.append(Mistake(_NO_YEAR, {"text": text[:40]}))
    return None


def _iris(
    segment: str, parameters: MultiDict[str, str], mistakes: list[Mistake], name: str | None = None
) -> Iterable[str]:
    for text in parameters.getlist(name or segment):
        slug = text.strip()
        if iris.is_slug(slug):
            yield iris.entity(segment, slug)
        elif slug:
            mistakes.append(Mistake(_NO_NAME, {"text": slug[:40]}))
