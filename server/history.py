"""In which versions the statements about a thing changed, read from the change records of the versions.

The cost is bounded: the newest versions are looked at, and a record of more statements than an edit makes is not read.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.errors import UnknownVersion
from kg.versions import Home, Version, changes, record

NEWEST: Final = 50
"""How many versions are looked at."""
_MOST: Final = 100_000
"""How many statements a change record may hold to be read."""


@dataclass(frozen=True)
class Change:
    """What one version did to a thing: how many statements about it came and went."""

    number: int
    time: str
    origin: str
    added: int
    removed: int


@dataclass(frozen=True)
class History:
    """The changes of a thing, newest first, and the range of versions whose changes we cannot tell."""

    changes: list[Change]
    untold: list[int]
    is_whole: bool
    """Whether all versions before this one were looked at."""


def of(iri: str, current: Version) -> History:
    """Return the history of a thing up to a version."""
    numbers = [number for number in Home(current.path.parents[1]).numbers() if number <= current.number]
    subject, found, untold = f"<{iri}>".encode(), list[Change](), list[int]()
    for number in reversed(numbers[-NEWEST:]):
        try:
            told = _told(current.path.parent / str(number))
        except UnknownVersion:
            continue
        if told.subjects is None:
            untold.append(number)
        elif subject in told.subjects:
            found.append(Change(number, told.time, told.origin, *told.subjects[subject]))
    return History(found, untold, len(numbers) <= NEWEST and numbers[:1] in ([], [1]))


@dataclass(frozen=True)
class _Told:
    """What is known of a version: when and how it was made, and how many statements about whom came and went."""

    time: str
    origin: str
    subjects: dict[bytes, tuple[int, int]] | None


@lru_cache(maxsize=4 * NEWEST)
def _told(path: Path) -> _Told:
    """Read what a version changed, once: a version never changes."""
    version = record.read(path)
    is_small = (version.added or 0) + (version.removed or 0) <= _MOST
    found = changes.read(version) if is_small else None
    if found is None:
        return _Told(version.time, version.origin, None)
    subjects: dict[bytes, tuple[int, int]] = {}
    for sign, lines in enumerate((found.added, found.removed)):
        for line in lines:
            subject = line[: line.index(b" ")]
            added, removed = subjects.get(subject, (0, 0))
            subjects[subject] = (added + (not sign), removed + sign)
    return _Told(version.time, version.origin, subjects)
