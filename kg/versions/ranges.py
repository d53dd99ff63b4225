"""What changed between any two versions, in either direction, within bounds.

Change records made one after the other add up to the change of all of them together, so a range can be told though the
version before it was removed. Where a record is missing, or there are too many statements in them, the two versions are
compared, graph by graph, in a process that can be killed.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.engine import Limits
from kg.engine.apart import Apart
from kg.errors import RangeTooLarge
from kg.versions import changes
from kg.versions.changes import Changes
from kg.versions.home import Home
from kg.versions.record import Version, read, unknown

MOST: Final = 200_000
"""How many statements a range may add and remove, records of edits that cancel each other out included."""
_LONGEST: Final = 1000
"""How many change records are added up."""
_COMPARING: Final = Limits(timeout=20.0, memory=2 * 2**30)
_apart: Final = Apart("kg.versions.ranges")


def between(home: Home, old: int, new: int) -> Changes:
    """Return what changed from one version to another; 0 stands for the empty graph before the first one.

    Raises: UnknownVersion; PrunedVersion when the change cannot be told without a version that was removed;
    RangeTooLarge; what `Apart.call` raises.
    """
    if old > new:
        found = between(home, new, old)
        return Changes(found.removed, found.added)
    _known(home, new)
    if old == new:
        home.version(old)
        return Changes([], [])
    return _between(home.path, old, new, _kept(home, old, new))


def recorded(home: Home, old: int, new: int) -> Changes | None:
    """Return what changed from an earlier version to a later one, None where the records do not tell.

    Raises: UnknownVersion.
    """
    _known(home, new)
    return _composed(home.path, old, new, _kept(home, old, new))


def _kept(home: Home, old: int, new: int) -> tuple[int, ...]:
    """Return which versions of a range are there: what one held that was removed is not told from memory."""
    return tuple(number for number in home.numbers() if old <= number <= new)


@lru_cache(maxsize=4)
def _between(home: Path, old: int, new: int, kept: tuple[int, ...]) -> Changes:
    """Return what changed; a version never does, so this is found out once."""
    place = Home(home)
    found = _composed(home, old, new, kept)
    if found is not None:
        return found
    before = str(place.version(old).path) if old else None
    return _apart.call(_COMPARING, _compared, before, str(place.version(new).path), MOST)


def _known(home: Home, number: int) -> None:
    """Refuse a number that no version ever had."""
    if number < 1 or number > (home.current_number() or 0):
        raise unknown(number)


@lru_cache(maxsize=4)
def _composed(home: Path, old: int, new: int, kept: tuple[int, ...]) -> Changes | None:
    """Add up change records; None where one is missing or they are too many."""
    folder, numbers = Home(home).versions, range(old + 1, new + 1)
    if len(numbers) > _LONGEST or not set(numbers) <= set(kept):
        return None
    versions = [read(folder / str(number)) for number in numbers]
    if any(version.added is None for version in versions) or sum(map(size, versions)) > MOST:
        return None
    records = [changes.read(version) for version in versions]
    return None if None in records else composed([record for record in records if record is not None])


def size(version: Version) -> int:
    """Return how many statements a version added and removed."""
    return (version.added or 0) + (version.removed or 0)


def composed(records: list[Changes]) -> Changes:
    """Return what changes made one after the other come to: what came and went again is no change."""
    added, removed = set[bytes](), set[bytes]()
    for record in records:
        gone, come = set(record.removed), set(record.added)
        removed |= gone - added
        added -= gone
        added |= come - removed
        removed -= come
    return Changes(sorted(added), sorted(removed))


def _compared(old: str | None, new: str, most: int) -> Changes:
    """Compare two versions; this runs in a process of its own."""
    found = changes.between(read(Path(old)) if old else None, read(Path(new)))
    if len(found.added) + len(found.removed) > most:
        raise RangeTooLarge(most)
    return found
