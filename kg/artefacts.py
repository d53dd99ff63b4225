"""Files that belong to a version and can be made from it again: downloads, pictures, indexes.

They lie in `<home>/artefacts/<number>/<key>/<name>`, the key being of the version's content and of the program, so that
no other program and no other version of that number is taken at its word. The first part of a name is the kind: of all
processes that serve a home, one makes one of a kind at a time; what is there is complete. Pruning a version removes
them, and backups leave them out.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import IO, Concatenate, Final, Literal, ParamSpec

import pyoxigraph as ox

from kg import files
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
_MAKING: Final = Limits(timeout=900.0, memory=4 * 2**30)
_waiting: Final[dict[str, threading.BoundedSemaphore]] = defaultdict(lambda: threading.BoundedSemaphore(8))
"""Threads of this process that make or wait, by kind; whoever comes beyond is told to come again."""
_Arguments = ParamSpec("_Arguments")


class Maker:
    """Has a process write a folder from a version: what reads a whole graph keeps its process from everything else."""

    def __init__(self, *modules: str) -> None:
        """Prepare for functions that need these modules."""
        self._apart = Apart(*modules)

    def make(
        self,
        version: Version,
        folder: Path,
        nice: int,
        write: Callable[Concatenate[ox.Store, Path, _Arguments], None],
        *arguments: _Arguments.args,
        **_: _Arguments.kwargs,
    ) -> None:
        """Call a function with a version's store and a new, empty folder, giving way to others by so much.

        Raises: what `Apart.call` raises.
        """
        try:
            self._apart.call(_MAKING, _written, str(version.store_path), str(folder), nice, write, *arguments)
        finally:
            self._apart.close()


def _written(store_path: str, place: str, nice: int, write: Callable[..., None], *arguments: object) -> None:
    os.nice(nice)
    folder = Path(place)
    folder.mkdir()
    write(ox.Store.read_only(store_path), folder, *arguments)


class Artefacts:
    """The artefacts of one version in a home."""

    def __init__(self, home: Path, version: Version, *, wait: float = _WAIT) -> None:
        self._home = home
        self._version = version
        self._wait = wait
        key = hashlib.sha256(f"{version.content_hash} {_program()}".encode()).hexdigest()[:16]
        self.folder = home / "artefacts" / str(version.number) / key

    def get(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return a file or folder of this name; where it is absent, `make` is called once to write it where it is told.

        Raises: BeingMade when it is not there in time; UnknownVersion when the version was pruned; DiskLow; and what
        `make` raises.
        """
        path = self.folder / name
        if path.exists():
            return path
        waiting = _waiting[_kind(name)]
        if not waiting.acquire(blocking=False):
            raise BeingMade
        try:
            with self._version.reading(), self._alone(name) as is_mine:
                if is_mine:
                    self._make(path, make)
        finally:
            waiting.release()
        return path

    def status(self, name: str) -> Status:
        """Tell whether there is a file or folder of this name."""
        if (self.folder / name).exists():
            return "ready"
        return "being made" if _fresh(self.folder / name).exists() and self._is_locked(name) else "absent"

    def _make(self, path: Path, make: Callable[[Path], object]) -> None:
        """Write beside, force it to the disk, and give it its name in one step."""
        Home(self._home).need_room(_ROOM)
        disk, fresh = Disk(), _fresh(path)
        disk.make(path.parent)
        _remove(fresh)
        try:
            make(fresh)
            if fresh.is_dir():
                disk.sync_tree(fresh)
            else:
                disk.sync(fresh)
            fresh.rename(path)
        finally:
            _remove(fresh)
        disk.sync(path.parent)

    @contextlib.contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        """Wait until nobody makes anything of this kind; give False as soon as it is there.

        Raises: BeingMade.
        """
        deadline = time.monotonic() + self._wait
        with _lock_file(self._home, name) as lock:
            while not _locked(lock):
                if (self.folder / name).exists():
                    yield False
                    return
                if time.monotonic() >= deadline:
                    raise BeingMade
                time.sleep(_POLL)
            yield not (self.folder / name).exists()

    def _is_locked(self, name: str) -> bool:
        with alone(self._home, name) as is_mine:
            return not is_mine


def trim(home: Path, kind: str, limit: int, spared: Path) -> None:
    """Remove what was made longest ago of a kind until the rest takes no more than so many bytes.

    What lies in the spared folder of artefacts is neither counted nor removed; nothing is while something is made,
    which is waited for.
    """
    with _lock_file(home, kind) as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)  # those who make ask now and then, so that this is next
        made = [path for path in home.glob(f"artefacts/*/*/{kind}/*") if spared not in path.parents]
        for path in sorted(made, key=lambda path: path.stat().st_mtime, reverse=True):
            limit -= sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())
            if limit < 0:
                _remove(path.rename(_fresh(path)))


@contextlib.contextmanager
def alone(home: Path, kind: str) -> Iterator[bool]:
    """Tell whether nobody else, in whatever process, makes anything of a kind, and keep it so while the block runs."""
    with _lock_file(home, kind) as lock:
        yield _locked(lock)


def _kind(name: str) -> str:
    return name.partition("/")[0]


def _lock_file(home: Path, name: str) -> IO[str]:
    path = home / "artefacts" / f"{_kind(name)}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w")


def _fresh(path: Path) -> Path:
    return path.with_name(f".{path.name}")


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
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
    digest = hashlib.sha256("".join(installed(package) for package in ("pyoxigraph", "arro3-io")).encode())
    package = Path(__file__).parent
    texts = files.ontology_dir() / "context.jsonld", files.data_dir() / "findings" / "csv-metadata.json"
    for path in (*sorted(package.rglob("*.py")), *sorted((package / "queries").glob("*.rq")), *texts):
        digest.update(path.read_bytes())
    return digest.hexdigest()
