"""The rows of a CSV file with fixed columns, and what is wrong with its form, told with line and cell.

Source: https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.errors import Fault
from kg.files import Place

_SHOWN = 12


@dataclass(slots=True)
class Rows:
    """What could be read: rows with their places, faults, and the first cells of rows with too many or too few.

    `whole` tells whether the file was read to its end, so that nothing else stands in it.
    """

    rows: list[tuple[Place, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    misshapen: set[str] = field(default_factory=set)
    whole: bool = True


def read_rows(text: str, name: str, columns: Sequence[str]) -> Rows:
    """Read the text of a CSV file whose header must be these columns; empty lines count as nothing."""
    found = Rows()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        header = next(reader, [])
        if header != list(columns):
            return Rows(faults=[_header_fault(text, name, header, columns)], whole=False)
        start = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(columns):
                found.rows.append((Place(name, start), dict(zip(columns, cells, strict=True))))
            elif cells:
                found.faults.append(_length_fault(name, start, cells, columns))
                found.misshapen.add(cells[0])
            start = reader.line_num + 1
    except csv.Error as error:
        found.faults.append(_quote_fault(text, name, start, str(error)))
        found.whole = False
    return found


def _header_fault(text: str, name: str, header: Sequence[str], columns: Sequence[str]) -> Fault:
    if not text.strip():
        return Fault(
            name, 1, 1, f"the file is empty; give it this header and its rows, or remove it: {','.join(columns)}"
        )
    if len(header) == 1 and (mark := next((mark for mark in ";\t" if mark in header[0]), None)):
        with_what = "semicolons" if mark == ";" else "tabs"
        return Fault(name, 1, 1, f"the cells are parted by {with_what}; save the file with commas between them")
    missing = [column for column in columns if column not in header]
    unknown = [column for column in header if column not in columns]
    cell = next((i for i, pair in enumerate(zip(header, columns, strict=False)) if pair[0] != pair[1]), None)
    cell = min(len(header), len(columns)) if cell is None else cell
    stands = f"stands “{header[cell]}”" if cell < len(header) else "the line ends"
    belongs = f"“{columns[cell]}” belongs" if cell < len(columns) else "nothing belongs"
    parts = [f"here {stands}, where {belongs}"]
    parts += [f"missing: {', '.join(missing)}"] if missing else []
    parts += [f"unknown: {', '.join(unknown)}"] if unknown else []
    return Fault(name, 1, cell + 1, f"the header differs from the expected columns; {'; '.join(parts)}")


def _length_fault(name: str, line: int, cells: Sequence[str], columns: Sequence[str]) -> Fault:
    message = f"the row has {len(cells)} cells, the header {len(columns)}; "
    if len(cells) > len(columns):
        message += f"“{cells[len(columns)][:_SHOWN]}” is one too many: is a comma in a text not quoted?"
    else:
        message += f"“{columns[len(cells)]}” and what follows it are missing"
    return Fault(name, line, min(len(cells), len(columns)) + 1, message)


def _quote_fault(text: str, name: str, start: int, words: str) -> Fault:
    """Find the quoted cell, in the row that starts on a line, that does not end as it should."""
    rest = "".join(list(io.StringIO(text, newline=""))[start - 1 :])
    line, cell, at = start, 1, 0
    while at < len(rest) and rest[at] not in "\r\n":
        if rest[at] == '"':
            end = _end_of_quoted(rest, at)
            if end < 0:
                return Fault(name, line, cell, "the quotation mark that opens this cell is never closed")
            if rest[end : end + 1] not in ("", ",", "\r", "\n"):
                message = (
                    f"the quotation marks of this cell are closed before “{rest[end : end + _SHOWN].splitlines()[0]}”: "
                    "write one inside a text twice, and one where the text ends"
                )
                return Fault(name, line, cell, message)
            line, at = line + rest.count("\n", at, end), end
        while at < len(rest) and rest[at] not in ",\r\n":
            at += 1
        if rest[at : at + 1] == ",":
            cell, at = cell + 1, at + 1
    return Fault(name, start, None, f"the row cannot be read as CSV: {words}")


def _end_of_quoted(text: str, start: int) -> int:
    """Return the place after the quotation mark that closes the one at `start`; -1 where none does."""
    at = start + 1
    while (at := text.find('"', at)) >= 0:
        if text[at + 1 : at + 2] != '"':
            return at + 1
        at += 2
    return -1
