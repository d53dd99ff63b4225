"""Durability: what was acknowledged survives, what was not is not half there, and readers never see a mixture."""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import edits
from kg.edits import applying, child
from kg.errors import PraksisError
from kg.versions import Home, Version, backups, history
from kg.versions.disk import Disk

GRAPH = "http://example.org/g"
WRITER = """
import sys
from pathlib import Path
from kg import edits
from kg.versions import Home
home = Home(Path(sys.argv[1]))
edits.warm(validate=False)
print("ready", flush=True)
while True:
    number = home.current().number
    text = f"INSERT DATA {{ GRAPH <http://example.org/g> {{ <urn:a> <urn:p> {number} }} }}"
    outcome = edits.apply(home, edits.SparqlUpdate(text), author="w", message="m", validate=False)
    print(outcome.version.number, flush=True)
"""
READER = """
import sys, time
from pathlib import Path
from kg.versions import Home
home = Home(Path(sys.argv[1]))
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    version = home.current()
    values = sorted(int(quad.object.value) for quad in version.open())
    assert values == list(range(version.number)), (version.number, values)
    assert len(values) == version.quads
    print(version.number, flush=True)
"""


def _start(home: Home) -> None:
    """Publish version 1 with the value 0; version n has the values 0 … n - 1."""
    name = ox.NamedNode(GRAPH)
    home.publish([ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal(0), name)], "t", "m", {})


def _insert(home: Home) -> Version:
    text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:a> <urn:p> {home.current().number} }} }}"
    return edits.apply(home, edits.SparqlUpdate(text), author="w", message="m", validate=False).version


def _values(version: Version) -> list[int]:
    return sorted(int(quad.object.value) for quad in version.open())


def _run(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def _below(pid: int) -> set[int]:
    """Return the pids of all processes that a process started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in children}.union(*(_below(int(child)) for child in children))


def _are_gone(pids: set[int]) -> bool:
    """Wait up to five seconds for processes to end."""
    end = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _kill_writers(home: Home, rounds: int) -> int:
    """Kill writers at random points of their commits; return how many had acknowledged something."""
    moments = random.Random(rounds)  # noqa: S311 - moments, no secrets
    useful = 0
    for _ in range(rounds):
        writer = _run(WRITER, str(home.path))
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        helpers = _below(writer.pid)
        assert helpers
        time.sleep(moments.uniform(0, 0.6))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = [int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        assert _are_gone(helpers)
        current = home.current()
        assert current is not None
        assert current.number >= max(acknowledged, default=0)
        for number in {current.number, *acknowledged}:
            backups.verify(home.version(number))
            assert _values(home.version(number)) == list(range(number))
        useful += bool(acknowledged)
    return useful


def _assert_can_go_on(home: Home) -> None:
    """A write after all that goes through, and nothing unfinished is left behind it."""
    version = _insert(home)
    assert _values(version) == list(range(version.number))
    assert sorted(int(entry.name) for entry in home.versions.iterdir()) == list(range(1, version.number + 1))


def test_killed_writers_lose_nothing_and_leave_nothing(tmp_path):
    """20 writers killed with SIGKILL at random moments: all acknowledged versions are there, complete and right."""
    home = Home(tmp_path / "home")
    _start(home)
    assert _kill_writers(home, 20) > 0
    _assert_can_go_on(home)


@pytest.mark.long
def test_many_killed_writers_lose_nothing_and_leave_nothing(tmp_path):
    """The same with 200 writers."""
    home = Home(tmp_path / "home")
    _start(home)
    assert _kill_writers(home, 200) > 100
    _assert_can_go_on(home)


def test_chain_of_commits_keeps_them_all(tmp_path):
    """Three commits, each on a copy of the one before: the last has what all three wrote."""
    home = Home(tmp_path / "home")
    _start(home)
    for _ in range(3):
        _insert(home)
    assert [_values(version) for version in home.all()] == [list(range(number)) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(("flushed", "kept"), [(True, 3), (False, 0)])
def test_chain_is_lost_without_flush(tmp_path, flushed, kept):
    """Why a commit flushes: a copy of a store that was not flushed is silently without what was last written."""
    store = ox.Store(str(tmp_path / "0"))
    store.flush()
    del store
    for number in range(3):
        ox.Store.read_only(str(tmp_path / str(number))).backup(str(tmp_path / str(number + 1)))
        store = ox.Store(str(tmp_path / str(number + 1)))
        store.update(f"INSERT DATA {{ <urn:a> <urn:p> {number} }}")
        if flushed:
            store.flush()
        del store
    ox.Store.read_only(str(tmp_path / "3")).backup(str(tmp_path / "copy"))
    assert len(ox.Store(str(tmp_path / "copy"))) == kept


def _read_while_writing(home: Home, seconds: float) -> tuple[int, int]:
    """Write while two processes read; return how many versions were written and how many answers were compared."""
    readers = [_run(READER, str(home.path), str(seconds)) for _ in range(2)]
    end = time.monotonic() + seconds
    written = 0
    while time.monotonic() < end:
        _insert(home)
        written += 1
    answers = [reader.communicate()[0].split() for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0]
    assert all(found == sorted(found, key=int) for found in answers)
    assert all(len(set(found)) > 2 for found in answers)
    return written, sum(map(len, answers))


def test_every_answer_is_that_of_the_version_it_names(tmp_path):
    """10 seconds of two readers and one writer, in processes of their own: no answer mixes two versions."""
    home = Home(tmp_path / "home")
    _start(home)
    written, compared = _read_while_writing(home, 10)
    assert written > 5
    assert compared > 20


@pytest.mark.long
def test_every_answer_is_that_of_the_version_it_names_for_minutes(tmp_path):
    """The same for two minutes."""
    home = Home(tmp_path / "home")
    _start(home)
    assert _read_while_writing(home, 120)[0] > 100


# The replay of a commit. What is on a disk after a crash is what was forced to it, and of the rest anything or nothing:
# the bytes of a file and the names in a directory are forced apart from each other.


@dataclass
class Moment:
    """What was live on the disk after an operation: the names in every directory, each an inode or a link's text."""

    operation: str
    names: dict[int, dict[str, int | str]]
    root: int


@dataclass
class Recording:
    """The operations of a commit, with what each forced to the disk."""

    moments: list[Moment] = field(default_factory=list)
    forced: list[dict[int, bytes]] = field(default_factory=list)
    listed: list[dict[int, dict[str, int | str]]] = field(default_factory=list)


def _listing(root: Path) -> dict[int, dict[str, int | str]]:
    names: dict[int, dict[str, int | str]] = {}
    for folder, folders, files in os.walk(root):
        entries: dict[str, int | str] = {}
        for entry in (Path(folder) / name for name in (*folders, *files)):
            entries[entry.name] = str(entry.readlink()) if entry.is_symlink() else entry.stat().st_ino
        names[Path(folder).stat().st_ino] = entries
    return names


class RecordingDisk(Disk):
    """A disk that records every operation. With `forgetful`, it forces nothing, as a program without fsync would."""

    def __init__(self, root: Path, *, forgetful: bool = False) -> None:
        super().__init__()
        self.root, self.forgetful = root, forgetful
        files = {path.stat().st_ino: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        self.recording = Recording(forced=[files], listed=[_listing(root)])
        self.recording.moments.append(Moment("start", _listing(root), root.stat().st_ino))

    def _note(self, operation: str, synced: Path | None = None) -> None:
        recording, live = self.recording, _listing(self.root)
        files, listed = dict(recording.forced[-1]), dict(recording.listed[-1])
        if synced is not None and not self.forgetful:
            inode = synced.stat().st_ino
            if synced.is_dir():
                listed[inode] = live[inode]
            else:
                files[inode] = synced.read_bytes()
        recording.moments.append(Moment(operation, live, self.root.stat().st_ino))
        recording.forced.append(files)
        recording.listed.append(listed)

    def write(self, path: Path, data: bytes) -> None:
        """Record that a file was written."""
        super().write(path, data)
        self._note(f"write {path.name}")

    def sync(self, path: Path) -> None:
        """Record what is on the disk from now on."""
        super().sync(path)
        self._note(f"sync {path.name}", path)

    def rename(self, old: Path, new: Path) -> None:
        """Record that a directory was renamed."""
        super().rename(old, new)
        self._note(f"rename {new.name}")

    def point(self, link: Path, target: Path) -> None:
        """Record that a link was swung."""
        super().point(link, target)
        self._note(f"point {link.name}")


def _after_crash(recording: Recording, at: int) -> Iterator[dict[str, bytes | str]]:
    """Give the trees that may be found when the power fails after an operation, as path → content or link.

    Of the home and of its versions, the names may be the live ones or the forced ones; of all directories below, all
    live or all forced. Bytes that were not forced are lost.
    """
    moment, files, listed = recording.moments[at], recording.forced[at], recording.listed[at]
    versions = moment.names[moment.root]["versions"]

    def tree(inode: int, prefix: str, lives: tuple[bool, bool, bool]) -> Iterator[tuple[str, bytes | str]]:
        live = lives[0] if inode == moment.root else lives[1] if inode == versions else lives[2]
        for name, entry in (moment.names if live else listed).get(inode, {}).items():
            path = f"{prefix}{name}"
            if isinstance(entry, str):
                yield path, entry
            elif entry in moment.names or entry in listed:
                yield f"{path}/", b""
                yield from tree(entry, f"{path}/", lives)
            else:
                yield path, files.get(entry, b"")

    for lives in itertools.product((False, True), repeat=3):
        yield dict(tree(moment.root, "", lives))


def _materialise(tree: dict[str, bytes | str], root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for path, content in tree.items():
        if path.endswith("/"):
            (root / path).mkdir()
        elif isinstance(content, str):
            (root / path).symlink_to(content)
        else:
            (root / path).write_bytes(content)


def _losses(recording: Recording, before: Version, after: Version, scratch: Path) -> tuple[set[str], int]:
    """Cut the recording at every point; return what was found wrong, and how many different trees were looked at."""
    wrong: set[str] = set()
    seen: set[int] = set()
    last = len(recording.moments) - 1
    for at, moment in enumerate(recording.moments):
        for tree in _after_crash(recording, at):
            # After the last operation the new version is acknowledged, so the same tree is judged anew there.
            if (fingerprint := hash((at == last, frozenset(tree.items())))) in seen:
                continue
            seen.add(fingerprint)
            _materialise(tree, scratch)
            try:
                found = Home(scratch).current()
                assert found is not None
                backups.verify(found)
                if found.content_hash not in ({after.content_hash} if at == last else _hashes(before, after)):
                    wrong.add(f"{moment.operation}: another version")
            except (PraksisError, AssertionError, OSError, RuntimeError) as error:
                wrong.add(f"{moment.operation}: {type(error).__name__}")
    return wrong, len(seen)


def _hashes(*versions: Version) -> set[str]:
    return {version.content_hash for version in versions}


def _publish(home: Home) -> Version:
    name = ox.NamedNode(GRAPH)
    quads = [ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal(n), name) for n in range(9)]
    return home.publish(quads, "t", "m", {}, discard_edits=True)[0]


COMMITS: list[Callable[[Home], Version]] = [_publish, _insert, lambda home: history.undo(home, "t")]


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Make a commit on a recording disk; return the recording and the versions before and after."""

    def record(commit, *, forgetful=False):
        home = Home(tmp_path / "home")
        _start(home)
        before = _insert(home)
        disk = RecordingDisk(home.path, forgetful=forgetful)
        # In this process, where the disk records; what the child does is the same function.
        monkeypatch.setattr(applying, "_in_child", lambda job, _: child.prepare(job, disk))
        return disk.recording, before, commit(Home(home.path, disk=disk))

    return record


@pytest.mark.parametrize("commit", COMMITS, ids=["publish", "edit", "undo"])
def test_power_failure_at_any_point_leaves_the_old_version_or_the_new(recorded, tmp_path, commit):
    """Recorded operations cut at every point, unforced names and bytes lost in turn: a whole version is in force."""
    recording, before, after = recorded(commit)
    operations = [moment.operation for moment in recording.moments]
    assert operations[-4:] == [f"rename {after.number}", "sync versions", "point current", "sync home"]
    wrong, trees = _losses(recording, before, after, tmp_path / "crashed")
    assert wrong == set()
    assert trees > 10


@pytest.mark.parametrize("commit", COMMITS, ids=["publish", "edit", "undo"])
def test_replay_finds_what_a_missing_fsync_would_lose(recorded, tmp_path, commit):
    """The same commits with nothing forced to the disk: the replay sees that versions would be lost."""
    recording, before, after = recorded(commit, forgetful=True)
    wrong, _ = _losses(recording, before, after, tmp_path / "crashed")
    assert any(found.startswith("point current") for found in wrong)
    assert any(found.startswith("sync home") for found in wrong)


@pytest.mark.parametrize("missing", ["version.json", "CURRENT", "store", "versions", "home"])
def test_replay_finds_each_single_missing_fsync(recorded, tmp_path, monkeypatch, missing):
    """Leaving out the fsync of one file or one directory alone is found too."""
    note = RecordingDisk._note

    def partly(self, operation, synced=None):
        note(self, operation, None if synced is not None and synced.name == missing else synced)

    monkeypatch.setattr(RecordingDisk, "_note", partly)
    recording, before, after = recorded(_insert)
    wrong, _ = _losses(recording, before, after, tmp_path / "crashed")
    assert wrong != set()
