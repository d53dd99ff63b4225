"""Going back, and letting go of old versions."""

from dataclasses import dataclass

from kg import holding
from kg.errors import UnknownVersion, VersionError
from kg.versions.content import Content
from kg.versions.home import Home, translated
from kg.versions.record import Version


def undo(home: Home, author: str, message: str | None = None) -> Version:
    """Make a version with the content the current one's parent had; undoing that again takes it forth.

    Raises: UnknownVersion when there is no parent, or it was pruned; HomeBusy; VersionError.
    """
    with home.writing() as writing:
        current = writing.current
        if current is None or current.parent is None:
            raise UnknownVersion("There is nothing to undo.", None)
        if current.parent not in home.numbers():
            raise UnknownVersion(f"Version {current.parent}, to go back to, was pruned.", None)
        target = home.version(current.parent)
        scratch = writing.scratch()
        target.open().backup(str(scratch / "store"))
        added, removed = writing.record(scratch, Content(target.graphs, target.quads, 0, 0))
        content = Content(target.graphs, target.quads, added, removed)
        return writing.commit(scratch, content, author, message or f"Undoes version {current.number}.", "undo")


@dataclass(frozen=True, slots=True)
class Pruned:
    """The numbers of the versions that were removed, and of those that were to be and are being read."""

    removed: list[int]
    in_use: list[int]


def prune(home: Home, keep: int) -> Pruned:
    """Remove all but the newest versions, never the current one and none that is being read.

    Raises: VersionError when less than one is to be kept; HomeBusy.
    """
    if keep < 1:
        raise VersionError("The current version is always kept: keep 1 or more.")
    with home.writing(), translated():
        old = home.numbers()[:-keep]
        removed = [number for number in old if _remove(home, number)]
        home.disk.sync(home.versions)
        return Pruned(removed, sorted(set(old) - set(removed)))


def _remove(home: Home, number: int) -> bool:
    """Remove a version for good; False where somebody reads it."""
    version = home.versions / str(number)
    with holding.removing(version / "store") as alone:
        if alone:
            # The name goes first: a version is there as a whole or not at all.
            hidden = home.versions / f".scratch-pruned-{number}"
            home.disk.rename(version, hidden)
            home.disk.remove(hidden)
            home.disk.remove(home.path / "artefacts" / str(number))
    return alone
