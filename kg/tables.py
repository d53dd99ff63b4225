"""Results as tables for people: on a terminal no wider than it is, elsewhere as wide as the text."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg import terms
from kg.characters import printable

_UNBOUNDED = 100_000


def from_json(body: bytes) -> tuple[list[str], list[list[str]]]:
    """Read SPARQL results in JSON into columns and rows, IRIs with their prefixes, texts with their language."""
    results = json.loads(body)
    if "boolean" in results:
        return ["answer"], [["true" if results["boolean"] else "false"]]
    columns: list[str] = results["head"]["vars"]
    rows = [[_cell(row.get(column)) for column in columns] for row in results["results"]["bindings"]]
    return columns, rows


def _cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    if term["type"] == "uri":
        return terms.shorten(term["value"])
    if language := term.get("xml:lang"):
        return f"{term['value']} ({language})"
    return str(term["value"])


def show(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to standard output; on a terminal too narrow for its words, each row as lines of name and value."""
    console = Console(highlight=False)
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    needed = console.measure(table, options=console.options.update(width=_UNBOUNDED))
    if not console.is_terminal:
        console.width = max(needed.maximum, 1)
    elif needed.minimum > console.width:
        _show_as_lists(console, columns, rows)
        return
    console.print(table)


def _show_as_lists(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print each row as lines of name and value, empty cells left out, with an empty line between rows."""
    names = max(len(column) for column in columns)
    for number, row in enumerate(rows):
        if number:
            console.print()
        lines = Table.grid(padding=(0, 2))
        lines.add_column(style="bold", min_width=min(names, console.width // 2), overflow="fold")
        lines.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            if cell:
                lines.add_row(column, Text(printable(cell), overflow="fold"))
        console.print(lines)
