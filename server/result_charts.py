"""Charts of the rows of an answer: bars of any number by any name, lines of a number over whole years.

Where a row has the unit, bound and precision of its value in columns of these names, as IRIs of ours or the words for
them, the drawing shows them as everywhere else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
_YEAR: Final = re.compile(r"\d{4}")
_WHOLE: Final = re.compile(r"[+-]?\d{1,9}")
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
    },
}
"""The codes a drawing shows, and what they are called in the graph."""
_MEASURED: Final = re.compile(r"value|share.*")
"""The columns of numbers that `unit`, `bound` and `precision` are of."""
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
    """A chart, or the reason why there is none, the choices it was made by, and how many rows are not in it."""

    image: Markup | None = None
    missing: str | None = None
    choices: tuple[Choice, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class _Axes:
    """What the numbers are called and what they are drawn by, and whether they are shares of a whole."""

    y: str
    x: str
    is_share: bool


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


def bars(
    names: tuple[str, ...], rows: Rows, language: str, wanted: Mapping[str, str], called: Mapping[str, str] = _AS_IS
) -> Drawn:
    """Draw a bar for each row, as many as there is room for; `called` has what readers call columns, where they do."""
    columns = _Columns(names, rows, wanted)
    numbers = columns.which(lambda value: is_number(value.term))
    if not numbers:
        return Drawn(missing=_NO_NUMBERS)
    measured = [name for name in numbers if name not in columns.which(_is_calendar_year)] or list(numbers)
    others = sorted((name for name in names if name not in measured), key=numbers.__contains__) or list(names)
    y = columns.take("y", numbers, measured[0])
    x = columns.take("x", names, others[0])
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
    return _drawn(series, _Axes(called.get(y, y), called.get(x, x), _is_share(rows, y)), choices, language, len(rows))


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
    found: dict[str, list[Mark]] = {}
    for row in rows:
        year = _year(row[x])
        if year is not None and _is_drawable(row[y]):
            found.setdefault(row[group].text if group else called.get(y, y), []).append(_mark(year, row, y, language))
    series = [Series(name or "–", tuple(sorted(marks, key=lambda mark: mark.year))) for name, marks in found.items()]
    choices = (
        Choice("x", N_("Years"), years, x),
        Choice("y", N_("Numbers"), fitting, y),
        Choice("group", N_("A line for each"), groups, group, N_("all together")),
    )
    axis = _Axes(called.get(y, y), called.get(x, x), _is_share(rows, y))
    return _drawn(tuple(series[:MOST_LINES]), axis, choices, language, len(rows))


def _drawn(series: tuple[Series, ...], axis: _Axes, choices: tuple[Choice, ...], language: str, rows: int) -> Drawn:
    marks = [mark for one in series for mark in one.marks]
    if not marks:
        return Drawn(missing=_NO_NUMBERS, choices=choices)
    say = lang.words(language)
    low, high = (choose(marks, key=lambda mark: mark.value).written for choose in (min, max))
    chart = Chart(
        title=say.gettext("%(y)s by %(x)s") % {"y": axis.y, "x": axis.x},
        description=say.ngettext(
            "%(count)s number, from %(low)s to %(high)s.", "%(count)s numbers, from %(low)s to %(high)s.", len(marks)
        )
        % {"count": len(marks), "low": low, "high": high},
        axis=axes.percent(lambda value: plots.percent(f"{value:g}", language))
        if axis.is_share
        else axes.counting((mark.value for mark in marks), lambda value: lang.number(_rounded(value), language)),
        series=series,
    )
    return Drawn(charts.image(chart, "answer-chart"), choices=choices, left_out=rows - len(marks))


def _mark(year: int, row: Mapping[str, Value], y: str, language: str) -> Mark:
    number = _number(row[y])
    written = lang.number(_rounded(number), language)
    if _code(row, y, "unit") == "percent":
        written = plots.percent(written, language)
    bound, is_about = _BOUNDS.get(_code(row, y, "bound"), Bound.POINT), _code(row, y, "precision") != ""
    written = plots.reserved(written, bound, language, is_about=is_about)
    return Mark(year, number, written, bound, is_hollow=is_about)


def _is_share(rows: Rows, y: str) -> bool:
    """Tell whether all numbers are parts of a hundred."""
    drawn = [row for row in rows if _is_drawable(row[y])]
    return all(_code(row, y, "unit") == "percent" and _number(row[y]) <= 100 for row in drawn)


def _code(row: Mapping[str, Value], y: str, kind: str) -> str:
    """Return which of the codes that a drawing shows a row has for its number, "" where it has none."""
    if not _MEASURED.fullmatch(y):
        return ""
    for value in (row[name] for name in (kind, f"{kind}Code") if name in row):
        for code, words in _WORDS[kind].items():
            if value.term == NamedNode(iris.entity(kind, code)) or value.text in words:
                return code
    return ""


def _rounded(number: float) -> str:
    """Write a number as exactly as a chart shows it; the table has all its digits."""
    return f"{number:.{2 if number >= 1 else 3}f}".rstrip("0").rstrip(".")


def _is_drawable(value: Value) -> bool:
    """Tell whether the chart has room for a number: from 0, and finite."""
    return is_number(value.term) and 0 <= _number(value) < float("inf")


def _number(value: Value) -> float:
    return float(value.term.value) if isinstance(value.term, Literal) else float("nan")


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
        return int(term.value[:4]) if _YEAR.match(term.value) else None
    return int(term.value) if is_number(term) and _WHOLE.fullmatch(term.value) else None
