"""Files that belong to a version and can be made from it again: dumps, pictures, indexes.

They lie in `<home>/artefacts/<number>/<key>/`, the key being of the version's content and of the program, so that no
other program and no other version of that number is taken at its word. Of all processes that serve a home, one makes
one at a time; what is there is complete. Pruning a version removes them, and backups leave them out.
"""

import contextlib
import fcntl
import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.metadata import version as installed
from pathlib import Path
from typing import Final, Literal

import pyoxigraph as ox

from kg import dumps
from kg.engine import Limits
from kg.engine.apart import Apart
from kg.errors import BeingMade
from kg.versions import Home, Version
from kg.versions.disk import Disk

Status = Literal["ready", "being made", "absent"]
_WAIT: Final = 20.0
"""How long one waits for what another makes. Units: seconds."""
_POLL: Final = 0.05
"""How often a waiting one looks whether it is there. Units: seconds."""
_ROOM: Final = 256 * 2**20
"""What has to be free on the disk before anything is made. Units: bytes."""
_waiting: Final = threading.BoundedSemaphore(8)
"""Threads of this process that make or wait; whoever comes beyond is told to come again."""
_makers: Final = Apart("kg.dumps")
_DUMPING: Final = Limits(timeout=900.0, memory=4 * 2**30)


class Artefacts:
    """The artefacts of one version in a home."""

    def __init__(self, home: Path, version: Version, *, wait: float = _WAIT) -> None:
        self._home = home
        self._version = version
        self._wait = wait
        key = hashlib.sha256(f"{version.content_hash} {_program()}".encode()).hexdigest()[:16]
        self._folder = home / "artefacts" / str(version.number) / key

    def get(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return a file or folder of this name; where it is absent, `make` is called once to write it where it is told.

        Raises: BeingMade when it is not there in time; UnknownVersion when the version was pruned; DiskLow; and what
        `make` raises.
        """
        path = self._folder / name
        if path.exists():
            return path
        if not _waiting.acquire(blocking=False):
            raise BeingMade
        try:
            with self._version.reading(), self._alone(path) as is_mine:
                if is_mine:
                    self._make(path, make)
        finally:
            _waiting.release()
        return path

    def status(self, name: str) -> Status:
        """Tell whether there is a file or folder of this name."""
        if (self._folder / name).exists():
            return "ready"
        return "being made" if self._fresh(name).exists() and self._is_locked() else "absent"

    def dump(self, name: str) -> Path:
        """Return the whole graph in one of the formats of `kg.dumps`, written by a process of its own.

        Raises: what `get` and `Apart.call` raise.
        """
        return self.get(f"graph.{name}", partial(_dump, self._version.store_path, name))

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of a file that was made, in hexadecimal."""
        return _beside(path).read_text(encoding="ascii")

    def _make(self, path: Path, make: Callable[[Path], object]) -> None:
        """Write beside, force it to the disk, and give it its name in one step."""
        Home(self._home).need_room(_ROOM)
        disk, fresh = Disk(), self._fresh(path.name)
        disk.make(path.parent)
        _remove(fresh)
        try:
            make(fresh)
            if fresh.is_dir():
                disk.sync_tree(fresh)
            else:
                disk.sync(fresh)
                with fresh.open("rb") as file:
                    _beside(path).write_text(hashlib.file_digest(file, "sha256").hexdigest(), encoding="ascii")
                disk.sync(_beside(path))
            fresh.rename(path)
        finally:
            _remove(fresh)
        disk.sync(path.parent)

    @contextlib.contextmanager
    def _alone(self, path: Path) -> Iterator[bool]:
        """Wait until nobody makes anything; give False as soon as it is there.

        Raises: BeingMade.
        """
        deadline = time.monotonic() + self._wait
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_file.open("w") as lock:
            while not _locked(lock.fileno()):
                if path.exists():
                    yield False
                    return
                if time.monotonic() >= deadline:
                    raise BeingMade
                time.sleep(_POLL)
            yield not path.exists()

    def _is_locked(self) -> bool:
        with self._lock_file.open("w") as lock:
            return not _locked(lock.fileno())

    @property
    def _lock_file(self) -> Path:
        return self._home / "artefacts" / "lock"

    def _fresh(self, name: str) -> Path:
        return self._folder / f".{name}"


def _dump(store: Path, name: str, path: Path) -> None:
    try:
        _makers.call(_DUMPING, _written, str(store), name, str(path))
    finally:
        _makers.close()


def _written(store: str, name: str, path: str) -> None:
    with Path(path).open("wb") as file:
        dumps.write(ox.Store.read_only(store), name, file)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@cache
def _program() -> str:
    """Return what tells this program from others that may write other bytes."""
    digest = hashlib.sha256(installed("pyoxigraph").encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
