"""What happened when: the versions in short, and in which of them a thing was there, or its statements changed.

It is read from what each version recorded. The cost is bounded: the newest versions are looked at, and a record of more
statements than an edit makes is not read.
"""

import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.errors import UnknownVersion
from kg.versions import EMPTY_GRAPH, Home, Version, changes, record

NEWEST: Final = 50
"""How many versions are looked at."""
_MOST: Final = 100_000
"""How many statements a change record may hold to be read."""
PRESENT: Final = 4 * NEWEST
"""How many versions are looked at for whether a thing was there."""
_ASKED: Final = 10
"""How many versions are asked about a thing where the records do not tell."""


@dataclass(frozen=True)
class Brief:
    """A version in short."""

    number: int
    time: str
    origin: str
    content_hash: str

    @property
    def moment(self) -> datetime:
        """When it came into force."""
        return datetime.fromisoformat(self.time)


def brief(versions: Path, number: int) -> Brief:
    """Return a version of a folder of them in short.

    Raises: UnknownVersion.
    """
    return _brief(versions / str(number))


@lru_cache(maxsize=4096)
def _brief(path: Path) -> Brief:
    return in_short(record.read(path))


def in_short(version: Version) -> Brief:
    """Return a version that was read in short."""
    return Brief(version.number, version.time, version.origin, version.content_hash)


def in_force(home: Home, moment: datetime) -> Brief | None:
    """Return the version that was in force at a moment, of those that are kept; None before the first of them."""
    numbers = home.numbers()
    place = bisect_right(numbers, moment, key=lambda number: brief(home.versions, number).moment)
    return brief(home.versions, numbers[place - 1]) if place else None


def present(iri: str, current: Version, count: Callable[[int], int]) -> list[Brief]:
    """Return the versions, oldest first, in which a graph says anything about a thing.

    `count` asks a version, by its number, for how many statements there are; from there on the records of what was
    added and removed tell, until one is missing.
    """
    home = Home(current.path.parents[1])
    numbers = [number for number in home.numbers() if number <= current.number][-PRESENT:]
    subject, known, asked, found = f"<{iri}>".encode(), None, 0, list[Brief]()
    for place in range(len(numbers) - 1, -1, -1):
        number = numbers[place]
        if known is None:
            if asked == _ASKED:
                break
            known, asked = count(number), asked + 1
        if known:
            found.append(brief(home.versions, number))
        subjects = _told(home.versions / str(number)).subjects
        if subjects is None or not place or numbers[place - 1] != number - 1:
            known = None
        else:
            added, removed = subjects.get(subject, (0, 0))
            known += removed - added
    return found[::-1]


def holding(graph: str, current: Version) -> list[Brief]:
    """Return the versions, oldest first, that have statements in a graph."""
    home = Home(current.path.parents[1])
    numbers = [number for number in home.numbers() if number <= current.number][-PRESENT:]
    return [brief(home.versions, number) for number in numbers if holds(home.versions / str(number), graph)]


def holds(path: Path, graph: str) -> bool:
    """Tell whether the version in a folder has statements in a graph."""
    return graph in _graphs(path)


@lru_cache(maxsize=PRESENT)
def _graphs(path: Path) -> frozenset[str]:
    """Return the names of the graphs of a version that are not empty; most are those of the version before."""
    graphs = record.read(path).graphs.items()
    return frozenset(sys.intern(name) for name, digest in graphs if digest != EMPTY_GRAPH)


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
class Latest:
    """When things last changed, as far as it is told, and when all others did at the latest."""

    told: Mapping[bytes, str]
    otherwise: str

    def of(self, iri: str) -> str:
        """Return when a thing last changed, or had for certain."""
        return self.told.get(f"<{iri}>".encode(), self.otherwise)


@lru_cache(maxsize=2)
def latest(versions: Path, numbers: tuple[int, ...]) -> Latest:
    """Read when things last changed, from the records of some versions, the newest last."""
    told: dict[bytes, str] = {}
    time = ""
    for number in reversed(numbers[-NEWEST:]):
        version = _told(versions / str(number))
        time = version.time
        if version.subjects is None:
            break
        for subject in version.subjects:
            told.setdefault(subject, time)
    return Latest(told, time)


@dataclass(frozen=True)
class _Told:
    """What is known of a version: when and how it was made, and how many statements about whom came and went."""

    time: str
    origin: str
    subjects: dict[bytes, tuple[int, int]] | None


@lru_cache(maxsize=PRESENT)
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
