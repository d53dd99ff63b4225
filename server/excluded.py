"""What looks like a figure in a source and is none: `data/excluded.csv`, counted."""

import csv
from collections import Counter
from functools import cache
from typing import Final

from kg import files

_FILE: Final = "excluded.csv"


@cache
def by_reason(language: str) -> list[tuple[str, int]]:
    """Return the reasons in the reader's language, the most frequent first, with how many places each explains."""
    return Counter(row[f"reason_{language}"] for row in _rows()).most_common()


@cache
def by_source() -> dict[str, int]:
    """Return how many places of each source, named by the end of its IRI, were left out."""
    return Counter(row["source"] for row in _rows())


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with (files.data_dir() / _FILE).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
