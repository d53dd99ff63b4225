"""Rows of an answer as a table for readers: things by their names, numbers as the language writes them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.terms import shorten
from server import reader, result_charts
from server.labels import Labels, Text
from server.result_charts import Value
from server.snapshot import Snapshot
from server.values import is_number, shown

_YEAR: Final = re.compile(r"[0-9]{4}")


@dataclass(frozen=True)
class Cell:
    """One value of an answer; `name` is how a query writes a thing that is shown by its label."""

    text: Text
    href: str | None = None
    name: str | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """The first rows of an answer."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[str]

    def values(self, rows: Sequence[Sequence[object]]) -> list[dict[str, Value]]:
        """Return the terms of these rows as charts take them, with what the reader sees of each."""
        return [
            {name: Value(term, cell.text.value) for name, term, cell in zip(self.columns, terms, cells, strict=True)}
            for terms, cells in zip(rows, self.rows, strict=True)
        ]


def table(columns: tuple[str, ...], rows: Sequence[Sequence[object]], at: Snapshot | None = None) -> Table:
    """Name what stands in some rows, with one query; the links lead into a version where one is given."""
    pinned = {"version": str(at.version.number)} if at else {}
    labels = Labels(reader.language(), reader.carried() | pinned)
    labels.fetch((at or reader.snapshot()).rows, (term for row in rows for term in row))
    years = {place for place in range(len(columns)) if _is_of_years(row[place] for row in rows)}
    cells = tuple(tuple(_cell(term, labels, is_year=place in years) for place, term in enumerate(row)) for row in rows)
    numeric = {name for place, name in enumerate(columns) if any(row[place].is_number for row in cells)}
    return Table(columns, cells, frozenset(numeric))


def _is_of_years(terms: Iterable[object]) -> bool:
    """Tell whether all numbers of a column may be years, which are written without a comma."""
    numbers = [term.value for term in terms if isinstance(term, Literal) and is_number(term)]
    return bool(numbers) and all(_YEAR.fullmatch(one) and result_charts.is_calendar_year(int(one)) for one in numbers)


def _cell(term: object, labels: Labels, *, is_year: bool) -> Cell:
    if term is None:
        return Cell(Text(""))
    if isinstance(term, NamedNode):
        link, name = labels.link(term.value), shorten(term.value)
        return Cell(link.label, link.href, name if name != link.label.value else None)
    if isinstance(term, Literal):
        value = Text(term.value) if is_year and is_number(term) else shown(term, labels)
        return Cell(value, is_number=is_number(term)) if isinstance(value, Text) else Cell(value.label, value.href)
    return Cell(Text(str(term)))
