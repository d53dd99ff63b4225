"""Going back, and letting go of old versions."""

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


def prune(home: Home, keep: int) -> list[int]:
    """Remove all but the newest versions, never the current one; return the numbers of those removed.

    Raises: VersionError when less than one is to be kept; HomeBusy.
    """
    if keep < 1:
        raise VersionError("The current version is always kept: keep 1 or more.")
    with home.writing(), translated():
        gone = home.numbers()[:-keep]
        for number in gone:
            # The name goes first: a version is there as a whole or not at all.
            hidden = home.versions / f".scratch-pruned-{number}"
            home.disk.rename(home.versions / str(number), hidden)
            home.disk.remove(hidden)
            home.disk.remove(home.path / "artefacts" / str(number))
        home.disk.sync(home.versions)
        return gone
