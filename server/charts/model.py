"""What a chart shows: series of marks over years or in rows, with their words in the reader's language.

Nothing here knows of the graph or of a web page; all texts arrive ready to be shown.
"""

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final


class Bound(Enum):
    """Whether a figure is the value itself, or what the value is above or below."""

    POINT = "point"
    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True)
class Mark:
    """One observation.

    `written` is the value as the reader's language writes it, `note` what sets the figure apart, in words.
    """

    year: int
    value: float
    written: str
    bound: Bound = Bound.POINT
    is_hollow: bool = False
    is_derived: bool = False
    is_disputed: bool = False
    note: str = ""


@dataclass(frozen=True)
class Series:
    """Figures that may be compared with each other: a name and marks in the order of their years."""

    name: str
    marks: tuple[Mark, ...]

    @property
    def joinable(self) -> list[Mark]:
        """The marks a line may go through: values, one in its year."""
        years = [mark.year for mark in self.marks]
        return [mark for mark in self.marks if mark.bound is Bound.POINT and years.count(mark.year) == 1]


@dataclass(frozen=True)
class Break:
    """What keeps figures on its two sides from being compared as they are: between two years, both with figures."""

    before: int
    after: int
    name: str


@dataclass(frozen=True)
class Axis:
    """The values a chart has room for, where its lines stand, and how they are written."""

    top: float
    ticks: tuple[tuple[float, str], ...]
    is_whole: bool = False
    """Whether the top is all there can be, as of shares, so that a bar is a part of it."""


@dataclass(frozen=True)
class Chart:
    """A chart: its title and a description that says the same in words, the axis and the series."""

    title: str
    description: str
    axis: Axis
    series: tuple[Series, ...]
    breaks: tuple[Break, ...] = ()
    legend: tuple[tuple[Mark | None, str], ...] = field(default=())
    """Samples of the kinds of mark there are, each with what it means; None stands for a broken line."""
    common: tuple[str, ...] = ()
    """What all series have in common, so that their names need not say it."""

    @cached_property
    def years(self) -> list[int]:
        """The years with figures."""
        return sorted({mark.year for series in self.series for mark in series.marks})

    @property
    def is_over_time(self) -> bool:
        """Whether there is more than one year to show."""
        return len(self.years) > 1

    def is_continuous(self, one: Mark, other: Mark) -> bool:
        """Tell whether two marks may be joined as they are: of years that follow each other, with no break between."""
        is_broken = any(one.year <= found.before and found.after <= other.year for found in self.breaks)
        return other.year == one.year + 1 and not is_broken


COLOURS: Final = 10
"""How many series have a colour and a dash pattern of their own; the next begins anew."""


def look(number: int) -> str:
    """Return the class that gives a series its colour and dash pattern."""
    return f"s{number % COLOURS + 1}"
