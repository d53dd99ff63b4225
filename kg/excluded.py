"""`data/excluded.csv`: number expressions of the sources that are left out on purpose, with the reason."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg import iris
from kg.errors import Fault
from kg.files import Folders

COLUMNS: Final = "source start end expression reason_nb reason_nn reason_en".split()


@dataclass(frozen=True, slots=True)
class Excluded:
    """One expression left out: the source's slug, the place in code points, the expression and the reason in nb."""

    line: int
    source: str
    start: int
    end: int
    expression: str
    reason: str


def path(folders: Folders) -> Path:
    """Return the file."""
    return folders.data / "excluded.csv"


def read(folders: Folders) -> list[Excluded]:
    """Read the file, which must be free of faults.

    Raises: ValueError, KeyError for a file that is not.
    """
    if not path(folders).is_file():
        return []
    return [
        Excluded(line, row["source"], int(row["start"]), int(row["end"]), row["expression"], row["reason_nb"])
        for line, row in _rows(folders)
    ]


def faults(folders: Folders, known: Callable[[str], bool]) -> Iterator[Fault]:
    """Check sources, positions and reasons; `known` tells whether an IRI is described."""
    if not path(folders).is_file():
        return
    name = folders.name(path(folders))
    header = path(folders).read_text(encoding="utf-8-sig").split("\n", 1)[0].strip().split(",")
    if header != COLUMNS:
        yield Fault(name, 1, None, f"the header must be {','.join(COLUMNS)}")
        return
    for line, row in _rows(folders):
        for column, message in _row_faults(row, known):
            yield Fault(name, line, COLUMNS.index(column) + 1, f"{column}: {message}")


def _rows(folders: Folders) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(path(folders).read_text(encoding="utf-8-sig"), newline=""), restval="")
    for row in reader:
        yield reader.line_num, {column: row.get(column) or "" for column in COLUMNS}


def _row_faults(row: dict[str, str], known: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    if not (iris.is_slug(row["source"]) and known(iris.entity("source", row["source"]))):
        yield "source", f"“{row['source']}” is no source"
    numbers = [row[column] for column in ("start", "end")]
    if not all(number.isdecimal() for number in numbers):
        yield "start", f"“{'–'.join(numbers)}” is no place; write two whole numbers"
    elif int(row["end"]) - int(row["start"]) != len(row["expression"]):
        yield "end", "the place is not as long as the expression"
    for column in COLUMNS[3:]:
        if not row[column].strip():
            yield column, "is empty, but must be filled"
