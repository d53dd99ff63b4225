"""Charts of the rows of an answer: bars of any number by any name, lines of a number over whole years.

Where a row has the unit, bound, precision and status of its value in columns of these names, as IRIs of ours or the
words for them, the drawing shows them as everywhere else.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from kg import iris
from server import charts, plots
from server import language as lang
from server.charts import Bound, Chart, Mark, Series, axes
from server.charts.model import COLOURS
from server.language import N_
from server.values import is_number

MOST_BARS: Final = 40
MOST_LINES: Final = COLOURS
_YEAR_TYPES: Final = {lang.XSD + name for name in ("gYear", "gYearMonth", "date", "dateTime")}
_YEAR: Final = re.compile(r"[0-9]{4}")
_DATE: Final = re.compile(r"([0-9]{4,9})(?:[-+Z].*)?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,9}")
_LARGEST: Final = 1e15
"""Up to here an axis is written in figures, and whole numbers are exact."""
_AS_IS: Final[Mapping[str, str]] = {}
_WORDS: Final = {
    "unit": {"percent": {"per cent", "prosent"}},
    "bound": {
        "lower": {"lower bound", "nedre grense"},
        "upper": {"upper bound", "øvre grense"},
    },
    "precision": {
        "approximate": {"approximate", "omtrentlig", "omtrentleg"},
        "fraction": {"fraction", "brøk"},
        "figurative": {"figurative", "billedlig", "biletleg"},
    },
    "status": {
        "derived": {"derived", "avledet", "avleidd"},
        "inferred": {"inferred", "tolket", "tolka"},
    },
}
"""The codes a drawing shows, and what they are called in the graph."""
_MEASURED: Final = re.compile(r"value|share.*")
"""The columns of numbers that `unit`, `bound`, `precision` and `status` are of."""
_CODED: Final = {
    **{kind: (kind, f"{kind}Code") for kind in ("unit", "bound", "precision")},
    "status": ("status", "statusCode", "obsStatus"),
}
"""The columns a code is looked for in."""
_NAMING: Final = ("population", "indicator")
"""The columns that name what the only line of a chart is of."""
_BOUNDS: Final = {"lower": Bound.LOWER, "upper": Bound.UPPER}
_NO_NUMBERS: Final = N_("A chart needs a column of numbers; this answer has none.")
_NO_YEARS: Final = N_("A line needs a column of years or whole numbers beside the numbers; this answer has none.")


@dataclass(frozen=True)
class Value:
    """One value of an answer, and what a reader sees of it."""

    term: object
    text: str


Rows = Sequence[Mapping[str, Value]]


@dataclass(frozen=True)
class Choice:
    """A column that the reader chooses: the parameter, its name, what there is, what is taken, what no column means."""

    parameter: str
    name: str
    columns: tuple[str, ...]
    taken: str
    none: str | None = None


@dataclass(frozen=True)
class Drawn:
    """A chart with its legend, or the reason why there is none, and the choices it was made by.

    The counts are of rows that are not in the chart, by why: a number below zero, none that can be drawn, no room.
    """

    image: Markup | None = None
    missing: str | None = None
    choices: tuple[Choice, ...] = ()
    legend: tuple[tuple[Mark | None, str], ...] = ()
    below_zero: int = 0
    undrawable: int = 0
    roomless: int = 0

    sample = staticmethod(charts.sample)

    @property
    def left_out(self) -> int:
        """How many rows are not in the chart."""
        return self.below_zero + self.undrawable + self.roomless


@dataclass(frozen=True)
class _Answer:
    """The rows of a chart, the columns of its numbers and of what they are drawn by, and the words readers have."""

    rows: Rows
    y: str
    x: str
    called: Mapping[str, str]
    language: str

    @property
    def names(self) -> dict[str, str]:
        """What the columns are called, as the title has them."""
        return {"y": self.called.get(self.y, self.y), "x": self.called.get(self.x, self.x)}

    @property
    def is_share(self) -> bool:
        """Whether all numbers are parts of a hundred."""
        drawn = [row for row in self.rows if _is_drawable(row[self.y])]
        return all(_code(row, self.y, "unit") == "percent" and _number(row[self.y]) <= 100 for row in drawn)

    def legend(self, series: Sequence[Series]) -> Iterable[tuple[Mark | None, str]]:
        """Yield what the marks mean, where columns say it; a plain one is reported only where there is a status."""
        told = [kind for kind in ("bound", "precision", "status") if _columns(self.rows[0], self.y, kind)]
        found = plots.legend(series, self.language) if told else ()
        yield from ((mark, words) for mark, words in found if "status" in told or mark != Mark(0, 0, ""))


@dataclass(frozen=True)
class _Columns:
    """Which columns an answer has, and what each can be."""

    names: tuple[str, ...]
    rows: Rows
    wanted: Mapping[str, str] = field(default_factory=dict)

    def which(self, fits: Callable[[Value], bool]) -> tuple[str, ...]:
        """Return the columns with values all of which fit."""
        return tuple(name for name in self.names if (found := self.values(name)) and all(map(fits, found)))

    def values(self, name: str) -> list[Value]:
        """Return what stands in a column, without the rows where it is unbound."""
        return [row[name] for row in self.rows if row[name].term is not None]

    def take(self, parameter: str, columns: Sequence[str], default: str) -> str:
        """Return the column the reader asked for, if it is one of these."""
        wanted = self.wanted.get(parameter, "")
        return wanted if wanted in columns else default

    def take_or_none(self, parameter: str, columns: Sequence[str], default: str) -> str:
        """Return the column the reader asked for; the empty string where they want none."""
        return "" if self.wanted.get(parameter) == "" else self.take(parameter, columns, default)

    def telling(self, name: str, others: Sequence[str]) -> str:
        """Return the column that, beside another, tells the rows apart; the empty string where none has to or can."""
        if len({row[name].text for row in self.rows}) == len(self.rows):
            return ""
        pairs = ((other, {(row[name].text, row[other].text) for row in self.rows}) for other in others if other != name)
        return next((other for other, found in pairs if len(found) == len(self.rows)), "")

    def shared_name(self) -> str:
        """Return what all rows are about, as a column of names has it; the empty string where they differ."""
        found = ({row[name].text for row in self.rows} for name in _NAMING if name in self.names)
        return next((text for texts in found if len(texts) == 1 for text in texts), "")


def bars(
    names: tuple[str, ...], rows: Rows, language: str, wanted: Mapping[str, str], called: Mapping[str, str] = _AS_IS
) -> Drawn:
    """Draw a bar for each row, as many as there is room for; `called` has what readers call columns, where they do."""
    columns = _Columns(names, rows, wanted)
    numbers = columns.which(lambda value: is_number(value.term))
    if not numbers:
        return Drawn(missing=_NO_NUMBERS)
    measured = [name for name in numbers if name not in columns.which(_is_calendar_year)] or list(numbers)
    others = sorted((name for name in names if name not in measured), key=numbers.__contains__)
    y = columns.take("y", numbers, measured[0])
    x = columns.take("x", names, next((name for name in (*others, *names) if name != y), y))
    groups = tuple(name for name in names if name not in (x, y))
    group = columns.take_or_none("group", groups, columns.telling(x, [*others, *groups]))
    named = [(", ".join(row[name].text or "–" for name in (x, group) if name), row) for row in rows]
    marked = [(name, _mark(0, row, y, language)) for name, row in named if _is_drawable(row[y])]
    choices = (
        Choice("x", N_("Names"), names, x),
        Choice("group", N_("And"), groups, group, N_("nothing else")),
        Choice("y", N_("Numbers"), numbers, y),
    )
    series = tuple(Series(name, (mark,)) for name, mark in marked[:MOST_BARS])
    return _drawn(series, len(marked), _Answer(rows, y, x, called, language), choices)


def lines(
    names: tuple[str, ...], rows: Rows, language: str, wanted: Mapping[str, str], called: Mapping[str, str] = _AS_IS
) -> Drawn:
    """Draw a line for each group of rows, or one for all."""
    columns = _Columns(names, rows, wanted)
    numbers = columns.which(lambda value: is_number(value.term))
    years = columns.which(lambda value: _year(value) is not None)
    calendar = columns.which(_is_calendar_year)
    if not any(x != y for x in years for y in numbers):
        return Drawn(missing=_NO_YEARS if numbers else _NO_NUMBERS)
    x = columns.take("x", years, (calendar or years)[0])
    fitting = tuple(name for name in numbers if name != x) or numbers
    y = columns.take("y", fitting, next((name for name in fitting if name not in calendar), fitting[0]))
    groups = tuple(name for name in names if name not in (x, y, *numbers))
    group = columns.take_or_none("group", groups, columns.telling(x, groups))
    only = columns.shared_name() or called.get(y, y)
    found: dict[str, list[Mark]] = {}
    for row in rows:
        year = _year(row[x])
        if year is not None and _is_drawable(row[y]):
            found.setdefault(row[group].text if group else only, []).append(_mark(year, row, y, language))
    choices = (
        Choice("x", N_("Years"), years, x),
        Choice("y", N_("Numbers"), fitting, y),
        Choice("group", N_("A line for each"), groups, group, N_("all together")),
    )
    return _drawn(tuple(_lines(found)), sum(map(len, found.values())), _Answer(rows, y, x, called, language), choices)


def _lines(found: Mapping[str, Sequence[Mark]]) -> Iterable[Series]:
    """Yield the first lines, with as many marks as there is room for in a chart."""
    room = plots.MOST_MARKS
    for name, marks in list(found.items())[:MOST_LINES]:
        if room:
            yield Series(name or "–", tuple(sorted(marks, key=lambda mark: mark.year)[:room]))
        room -= min(room, len(marks))


def _drawn(series: tuple[Series, ...], fitting: int, answer: _Answer, choices: tuple[Choice, ...]) -> Drawn:
    """Draw some of the rows that can be drawn, and count the others."""
    marks = [mark for one in series for mark in one.marks]
    if not marks:
        return Drawn(missing=_NO_NUMBERS, choices=choices)
    language, say = answer.language, lang.words(answer.language)
    low, high = (choose(marks, key=lambda mark: mark.value).written for choose in (min, max))
    chart = Chart(
        title=say.gettext("%(y)s by %(x)s") % answer.names,
        description=say.ngettext(
            "%(count)s number, from %(low)s to %(high)s.", "%(count)s numbers, from %(low)s to %(high)s.", len(marks)
        )
        % {"count": len(marks), "low": low, "high": high},
        axis=axes.percent(lambda value: plots.percent(f"{value:g}", language))
        if answer.is_share
        else axes.counting((mark.value for mark in marks), lambda value: lang.number(_rounded(value), language)),
        series=series,
        legend=tuple(answer.legend(series)),
    )
    below_zero = sum(_number(row[answer.y]) < 0 for row in answer.rows)
    return Drawn(
        charts.image(chart, "answer-chart"),
        choices=choices,
        legend=chart.legend,
        below_zero=below_zero,
        undrawable=len(answer.rows) - fitting - below_zero,
        roomless=fitting - len(marks),
    )


def _mark(year: int, row: Mapping[str, Value], y: str, language: str) -> Mark:
    number, precision, status = _number(row[y]), _code(row, y, "precision"), _code(row, y, "status")
    bound, is_about = _BOUNDS.get(_code(row, y, "bound"), Bound.POINT), precision in ("approximate", "fraction")
    written = lang.number(_rounded(float(plots.coarse(Decimal(str(number)))) if is_about else number), language)
    if _code(row, y, "unit") == "percent":
        written = plots.percent(written, language)
    return Mark(
        year,
        number,
        plots.reserved(written, bound, language, is_about=is_about),
        bound,
        is_hollow=precision != "" or status == "inferred",
        is_derived=status == "derived",
        note=_columns(row, y, "status")[0].text if status else "",
    )


def _columns(row: Mapping[str, Value], y: str, kind: str) -> list[Value]:
    """Return what a row says of its number in the columns for some code."""
    return [row[name] for name in _CODED[kind] if name in row] if _MEASURED.fullmatch(y) else []


def _code(row: Mapping[str, Value], y: str, kind: str) -> str:
    """Return which of the codes that a drawing shows a row has for its number, "" where it has none."""
    for value in _columns(row, y, kind):
        for code, words in _WORDS[kind].items():
            if value.term == NamedNode(iris.entity(kind, code)) or value.text in words:
                return code
    return ""


def _rounded(number: float) -> str:
    """Write a number as exactly as a chart shows it; the table has all its digits."""
    return f"{number:.{2 if number >= 1 else 3}f}".rstrip("0").rstrip(".")


def _is_drawable(value: Value) -> bool:
    """Tell whether the chart has room for a number: from 0, and not too large to be written."""
    return 0 <= _number(value) < _LARGEST


def _number(value: Value) -> float:
    """Return the number a value is, NaN where it is none or cannot be read as what it says it is."""
    if not (isinstance(value.term, Literal) and is_number(value.term)):
        return math.nan
    try:
        return float(value.term.value)
    except ValueError:
        return math.nan


def _is_calendar_year(value: Value) -> bool:
    """Tell a year from a count, as far as that can be told."""
    year = _year(value)
    return year is not None and is_calendar_year(year)


def is_calendar_year(number: int) -> bool:
    """Tell whether a whole number looks like a year rather than a count."""
    return 1900 <= number <= 2100


def _year(value: Value) -> int | None:
    """Return the year a value names, or the whole number that it is."""
    term = value.term
    if isinstance(term, NamedNode):
        return int(value.text) if _YEAR.fullmatch(value.text) else None
    if not isinstance(term, Literal):
        return None
    if term.datatype.value in _YEAR_TYPES:
        found = _DATE.fullmatch(term.value)
        return int(found[1]) if found else None
    return int(term.value) if is_number(term) and _WHOLE.fullmatch(term.value) else None
