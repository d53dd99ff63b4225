"""The stored queries, offered as examples beside the form.

What they are called and what they answer stands in comments at the top, a line for each language: `# title@nb: …`.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from kg import files
from server import language as lang
from server.labels import Text

_HEAD: Final = re.compile(r"^# (title|description)@(nb|nn|en): (.+)\n", re.MULTILINE)
_NAMES_IN: Final = re.compile(r'(VALUES \?lang \{ )"nb"( \})  # "nn" or "en" gives the same table in that language')


@dataclass(frozen=True)
class Example:
    """A query to begin with; its own names of things come in the reader's language."""

    name: str
    title: Text
    description: Text | None
    query: str


@cache
def examples(language: str) -> tuple[Example, ...]:
    """Return the stored queries, titled in the reader's language."""
    folder = files.data_dir() / "queries"
    return tuple(read(path, language) for path in sorted(folder.glob("*.rq")))


def read(path: Path, language: str) -> Example:
    """Read one query with what is said of it; a query without a title is called by its file's name."""
    text = path.read_text(encoding="utf-8")
    said = {(match[1], match[2]): match[3].strip() for match in _HEAD.finditer(text)}
    query = _NAMES_IN.sub(rf'\1"{language}"\2', _HEAD.sub("", text)).strip() + "\n"
    title, description = (_best(said, part, language) for part in ("title", "description"))
    return Example(path.stem, title or Text(path.stem), description, query)


def _best(said: dict[tuple[str, str], str], part: str, language: str) -> Text | None:
    found = (Text(said[part, tag], tag, tag != language) for tag in lang.fallbacks(language) if (part, tag) in said)
    return next(found, None)
