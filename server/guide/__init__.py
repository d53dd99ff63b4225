"""The examples of the guide to the API: a real file for each task and tool, which the tests run.

They ask the address that `kg serve` has by default; the page puts in the address it is read at.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from markupsafe import Markup
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from server.language import N_

FOLDER: Final = Path(__file__).parent / "examples"
BASE: Final = "http://127.0.0.1:8000"
"""The address in the files."""
_STORED_CSV: Final = "/queries/maturity-ladder.csv?lang=en"
_STORED_JSON: Final = "/queries/maturity-ladder.json?lang=en"
"""What the examples for stored queries ask."""


@dataclass(frozen=True)
class Tool:
    """Something to ask with; the suffix of its files, and the lexer that colours them."""

    name: str
    title: str
    suffix: str
    lexer: str


TOOLS: Final = {
    tool.name: tool
    for tool in (
        Tool("curl", "curl", "sh", "bash"),
        Tool("python", "Python", "py", "python"),
        Tool("r", "R", "R", "r"),
        Tool("javascript", "JavaScript", "mjs", "javascript"),
    )
}
TASKS: Final = {
    "stored": N_("Ask a ready-made question"),
    "query": N_("Ask, and get a table"),
    "search": N_("Search from a query"),
    "thing": N_("Fetch one thing"),
    "dump": N_("Fetch everything"),
    "changed": N_("Only what is new"),
    "version": N_("Keep to a version"),
    "errors": N_("When something is wrong"),
    "reconcile": N_("Match a table of your own"),
    "write": N_("Write"),
}
"""What one may want to do, in the order of the page, and its heading."""


@dataclass(frozen=True)
class Example:
    """A program as it is shown."""

    tool: Tool
    code: Markup


def path(task: str, tool: Tool) -> Path:
    """Return where the file of a task would be."""
    return FOLDER / f"{task}.{tool.suffix}"


def program(task: str, tool: Tool, base: str) -> str:
    """Return a program that asks a server at this address."""
    return path(task, tool).read_text(encoding="utf-8").replace(BASE, base)


def example(task: str, tool: Tool, base: str) -> Example:
    """Return how a task is done with a tool, with curl where there is no program for that."""
    chosen = tool if path(task, tool).exists() else TOOLS["curl"]
    return Example(chosen, _coloured(program(task, chosen, base), chosen.lexer))


def stored(tool: Tool, base: str, csv: str, json: str) -> Example:
    """Return how the answer of a stored query is fetched, by the address of its CSV or its JSON."""
    text = path("stored", tool).read_text(encoding="utf-8").replace(f"{BASE}{_STORED_CSV}", base + csv)
    return Example(tool, _coloured(text.replace(f"{BASE}{_STORED_JSON}", base + json), tool.lexer))


@lru_cache(maxsize=256)
def _coloured(code: str, lexer: str) -> Markup:
    return Markup(highlight(code, get_lexer_by_name(lexer), HtmlFormatter(nowrap=True)))  # noqa: S704 - it escapes
