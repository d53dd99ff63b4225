"""`data/excluded.csv`: number expressions of the sources that are left out on purpose, with the reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg import iris
from kg.errors import Fault
from kg.files import Folders, Reading, read_text
from kg.rows import read_rows

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

    Raises: ValueError for a file that is not.
    """
    if not path(folders).is_file():
        return []
    text = path(folders).read_text(encoding="utf-8-sig")
    return [
        Excluded(place.line, row["source"], int(row["start"]), int(row["end"]), row["expression"], row["reason_nb"])
        for place, row in read_rows(text, folders.name(path(folders)), COLUMNS).rows
    ]


def check(folders: Folders, reading: Reading) -> None:
    """Add what is wrong with the form, the sources, the positions and the reasons to the faults."""
    if not path(folders).is_file():
        return
    text = read_text(path(folders), folders, reading.faults)
    if text is None:
        return
    found = read_rows(text, folders.name(path(folders)), COLUMNS)
    reading.faults.extend(found.faults)
    for place, row in found.rows:
        for column, message in _row_faults(row, reading.may_describe):
            reading.faults.append(Fault(place.file, place.line, COLUMNS.index(column) + 1, f"{column}: {message}"))


def _row_faults(row: dict[str, str], known: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    if not (iris.is_slug(row["source"]) and known(iris.entity("source", row["source"]))):
        yield "source", f"“{row['source']}” is no source"
    numbers = [row[column] for column in ("start", "end")]
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        yield "start", f"“{'–'.join(numbers)}” is no place; write two whole numbers"
    elif int(row["end"]) - int(row["start"]) != len(row["expression"]):
        yield "end", "the place is not as long as the expression"
    for column in COLUMNS[3:]:
        if not row[column].strip():
            yield column, "is empty, but must be filled"
