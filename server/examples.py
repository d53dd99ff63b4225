"""The stored queries, offered as examples beside the form.

Their titles stand in comments at the top: `# title@nb: …`, one for each language.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg import files
from server import language as lang

_TITLE = re.compile(r"^#\s*title\s*[@( -]\s*(nb|nn|en)\)?\s*:\s*(.+)$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Example:
    """A query to begin with."""

    title: str
    language: str | None
    query: str


@cache
def examples(language: str) -> tuple[Example, ...]:
    """Return the stored queries, titled in the reader's language."""
    folder = files.data_dir() / "queries"
    return tuple(read(path, language) for path in sorted(folder.glob("*.rq")))


def read(path: Path, language: str) -> Example:
    """Read one query with its title; a query without any is called by its file's name."""
    text = path.read_text(encoding="utf-8")
    titles = {match[1].lower(): match[2].strip() for match in _TITLE.finditer(text)}
    for tag in lang.fallbacks(language):
        if tag in titles:
            return Example(titles[tag], tag, text)
    return Example(path.stem, None, text)
