"""Copies of all versions elsewhere, and the way back, with every digest compared.

A backup is itself a home: it can be served as it is. Files that versions share are copied once.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kg.errors import UnknownVersion, VersionError
from kg.versions.content import Content, digest, graphs, lines
from kg.versions.home import Home, Writing, translated
from kg.versions.record import Version, read

Progress = Callable[[str], None]


def backup(home: Home, target: Path, progress: Progress = lambda _: None) -> list[int]:
    """Copy the versions a folder does not have yet into it; return their numbers.

    Raises: UnknownVersion when there is nothing to copy; VersionError when the folder holds versions of another home.
    """
    with home.writing() as writing:
        if writing.current is None:
            raise UnknownVersion("There is no version to copy yet.", "Build one with `kg build`.")
        there = Home(target)
        with there.writing():
            _same_history(home, there)
            return _copy(home, there, progress)


def restore(home: Home, source: Path, author: str, progress: Progress = lambda _: None) -> Version:
    """Bring back a backup and make its current version the one in force; return that.

    An empty home gets all versions with their numbers. A home that has versions gets one more, with the content of the
    backup's current one: nothing that was published is changed. Either way every graph is read and its digest compared
    before anything comes into force.

    Raises: UnknownVersion when there is no backup; VersionError when a digest differs.
    """
    backed_up = Home(source)
    newest = backed_up.current()
    if newest is None:
        raise UnknownVersion(f"{source} holds no backup.", None)
    with home.writing() as writing, translated():
        if writing.current is not None:
            return _restore_one(writing, newest, author, progress)
        _restore_all(home, backed_up, progress)
    return home.version(newest.number)


def verify(version: Version) -> None:
    """Read every graph of a version and compare its digest.

    Raises: VersionError.
    """
    store = version.open()
    found = {graph: digest(lines(store, graph)) for graph in graphs(store)}
    if wrong := sorted(g for g in {*found, *version.graphs} if found.get(g) != version.graphs.get(g)):
        raise VersionError(
            f"Version {version.number} is damaged: these graphs are not what they were: {', '.join(wrong)}.",
            "Take another backup; nothing was changed.",
        )
    if Content(found, version.quads, 0, 0).hash != version.content_hash or len(store) != version.quads:
        raise VersionError(f"Version {version.number} is damaged: its content hash or size is wrong.")


def _restore_all(home: Home, source: Home, progress: Progress) -> None:
    # Copied to a folder of their own, so that a restore that fails or is killed leaves an empty home.
    inside = Home(home.path / ".restoring", disk=home.disk)
    home.disk.remove(inside.path)
    inside.versions.mkdir(parents=True)
    try:
        for number in _copy(source, inside, progress):
            progress(f"Comparing the digests of version {number}")
            verify(read(inside.versions / str(number)))
        home.versions.rmdir()
        home.disk.rename(inside.versions, home.versions)
        home.disk.sync(home.path)
        _point(home, max(home.versions.iterdir(), key=lambda entry: int(entry.name)).name)
    finally:
        home.disk.remove(inside.path)


def _restore_one(writing: Writing, newest: Version, author: str, progress: Progress) -> Version:
    if writing.current is not None and writing.current.content_hash == newest.content_hash:
        return writing.current
    scratch = writing.scratch()
    progress(f"Copying version {newest.number}")
    shutil.copytree(newest.store_path, scratch / "store")
    verify(_placed(newest, scratch))
    added, removed = writing.record(scratch, Content(newest.graphs, newest.quads, 0, 0))
    content = Content(newest.graphs, newest.quads, added, removed)
    return writing.commit(scratch, content, author, f"Restores version {newest.number} of a backup.", "restore")


def _placed(version: Version, path: Path) -> Version:
    """Return a version as it is in another directory."""
    shutil.copyfile(version.path / "version.json", path / "version.json")
    return read(path)


def _copy(source: Home, target: Home, progress: Progress) -> list[int]:
    """Copy the versions a home does not have, each complete and on disk before it gets its name."""
    present = target.numbers()
    numbers = [number for number in source.numbers() if number not in present]
    copies: dict[int, Path] = {}
    for number in set(present) & set(source.numbers()):
        _remember(source.versions / str(number), target.versions / str(number), copies)
    for number in numbers:
        progress(f"Copying version {number}")
        scratch = target.versions / f".scratch-copy-{number}"
        _copy_tree(source.versions / str(number), scratch, copies, target.versions / str(number))
        target.disk.sync_tree(scratch)
        target.disk.rename(scratch, target.versions / str(number))
        target.disk.sync(target.versions)
        if number > (target.current_number() or 0):
            _point(target, str(number))
    return numbers


def _copy_tree(source: Path, target: Path, copies: dict[int, Path], final: Path) -> None:
    """Copy a directory; a file that was copied before under another name becomes a hard link."""
    for folder, _, names in os.walk(source):
        relative = Path(folder).relative_to(source)
        (target / relative).mkdir()
        for name in names:
            entry, place = Path(folder) / name, target / relative / name
            inode = entry.stat().st_ino
            if inode in copies:
                os.link(copies[inode], place)
            else:
                shutil.copyfile(entry, place)
                copies[inode] = final / relative / name


def _remember(source: Path, target: Path, copies: dict[int, Path]) -> None:
    """Note where the files of a directory were copied to by an earlier backup."""
    for entry in source.rglob("*"):
        copy = target / entry.relative_to(source)
        if copy.is_file():
            copies[entry.stat().st_ino] = copy


def _point(home: Home, number: str) -> None:
    home.disk.point(home.path / "current", home.versions / number)
    home.disk.sync(home.path)


def _same_history(home: Home, there: Home) -> None:
    for number in set(home.numbers()) & set(there.numbers()):
        if home.version(number) != there.version(number):
            raise VersionError(
                f"{there.path} holds another version {number}: it is a backup of something else.",
                "Choose an empty folder.",
            )
