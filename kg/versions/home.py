"""The directory that holds all versions: reading them, and the one way to add one."""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import platformdirs
import pyoxigraph as ox

from kg.characters import printable
from kg.errors import DiskLow, EditsInTheWay, HomeBusy, UnknownVersion, VersionError
from kg.files import checkout
from kg.versions import changes
from kg.versions.content import Content, digest, in_graph, sorted_graphs
from kg.versions.disk import Disk
from kg.versions.record import Origin, Version, pruned, read, unknown, write

_POLL: Final = 0.02
"""How often a waiting writer looks whether it is its turn. Units: seconds."""
WRITERS_WAIT: Final = 10.0
"""How long a writer waits for its turn. Units: seconds."""
_ROOM: Final = 64 * 2**20
"""What has to be free on the disk before anything is written. Units: bytes."""


def default_home() -> Path:
    """Return where versions are kept unless told otherwise: in the checkout, else in the user's data folder."""
    root = checkout()
    return root / ".praksisgrafen" if root else Path(platformdirs.user_data_dir("praksisgrafen"))


class Home:
    """The directory that holds all versions.

    `wait` is how long a writer waits for another one, in seconds. A home that is not `durable` is faster to write to
    and need not survive the machine. Any number of processes may read while one writes.
    """

    def __init__(
        self, path: Path, *, durable: bool = True, wait: float = WRITERS_WAIT, disk: Disk | None = None
    ) -> None:
        self.path = path
        self.versions = path / "versions"
        self.wait = wait
        self.disk = disk or Disk(durable=durable)

    def current(self) -> Version | None:
        """Return the version in force, or None where nothing was built yet.

        Raises: VersionError when the home is of another format or damaged.
        """
        while (number := self.current_number()) is not None:
            try:
                return read(self.versions / str(number))
            except UnknownVersion:
                if number == self.current_number():
                    raise VersionError(f"{self.path / 'current'} points at a version that is not there.") from None
        return None

    def current_number(self) -> int | None:
        """Return the number of the version in force without reading more than a link."""
        try:
            return int(Path((self.path / "current").readlink()).name)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise VersionError(f"{self.path / 'current'} points at no version: {error}") from error

    def version(self, number: int) -> Version:
        """Return a version by its number.

        Raises: UnknownVersion when there never was one; PrunedVersion when it was removed.
        """
        if number not in self.numbers():
            raise pruned(number) if 0 < number < (self.current_number() or 0) else unknown(number)
        return read(self.versions / str(number))

    def numbers(self) -> list[int]:
        """Return the numbers of all versions, oldest first; a version that is not yet in force is none."""
        current = self.current_number()
        if current is None:
            return []
        return [number for number in self._directories() if number <= current]

    def all(self) -> list[Version]:
        """Return all versions, oldest first."""
        found = []
        for number in self.numbers():
            with contextlib.suppress(UnknownVersion):
                found.append(read(self.versions / str(number)))
        return found

    def edits(self) -> list[Version]:
        """Return the versions since the last build, oldest first, if the content is not that of the build again."""
        current = self.current()
        if current is None or not current.is_edited:
            return []
        return [version for version in self.all() if version.number > (current.base or 0)]

    def publish(
        self,
        quads: Iterable[ox.Quad],
        author: str,
        message: str,
        files: Mapping[str, str],
        *,
        discard_edits: bool = False,
    ) -> tuple[Version, bool]:
        """Make a version of exactly these quads current, as a build; return it and whether it is new.

        Equal content makes no new version. Nothing is visible before it is complete and on disk.

        Raises: EditsInTheWay when there are edits since the last build that are not to be discarded; HomeBusy when
        another process is writing; VersionError when the disk refuses.
        """
        with self.writing() as writing:
            graphs = sorted_graphs(quads)
            digests = {graph: digest(lines) for graph, lines in graphs.items()}
            content = Content(digests, sum(map(len, graphs.values())), 0, 0)
            current = writing.current
            if current and current.content_hash == content.hash:
                return current, False
            if not discard_edits and (edits := self.edits()):
                raise EditsInTheWay(_listed(edits), "Put them into the files, or lose them with --discard-edits.")
            scratch = writing.scratch()
            _write_store(scratch / "store", graphs)
            added, removed = writing.record(scratch, content)
            content = Content(digests, content.quads, added, removed)
            return writing.commit(scratch, content, author, message, "build", files=files), True

    @contextlib.contextmanager
    def writing(self, check: Callable[[], None] = lambda: None) -> Iterator["Writing"]:
        """Hold the write lock; what a killed writer left behind is gone then.

        While another writer has it, `check` is asked now and then whether to wait on; it raises where not.

        Raises: HomeBusy when another writer does not end in time; DiskLow; VersionError when the disk refuses.
        """
        with translated():
            self.disk.make(self.versions)
            with (self.path / "lock").open("w") as handle:
                self._lock(handle.fileno(), check)
                self._sweep()
                self.need_room(_ROOM)
                writing = Writing(self, self.current())
                try:
                    yield writing
                finally:
                    writing.discard()

    def need_room(self, wanted: int) -> None:
        """Refuse to write where too little is free on the disk. Units: bytes.

        Raises: DiskLow.
        """
        about = os.statvfs(self.path)
        if (free := about.f_bavail * about.f_frsize) < wanted:
            raise DiskLow(free, wanted)

    def _lock(self, descriptor: int, check: Callable[[], None]) -> None:
        deadline = time.monotonic() + self.wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    detail = "Another process is writing to %(home)s and did not end in %(wait)s seconds."
                    hint = "Try again when it is done."
                    raise HomeBusy(detail, hint, home=self.path.name, wait=float(self.wait)) from None
                check()
                time.sleep(_POLL)
            else:
                return

    def _sweep(self) -> None:
        """Remove what a killed writer left: scratch directories, and a version that never came into force."""
        for leftover in self.versions.glob(".scratch-*"):
            self.disk.remove(leftover)
        current = self.current_number() or 0
        beyond = [number for number in self._directories() if number > current]
        # A writer adds one version at a time. More than one means that `current` was moved or lost by other hands.
        if beyond not in ([], [current + 1]):
            raise VersionError(
                f"{self.path} is damaged: current is {current or 'missing'}, but there is a version {beyond[-1]}.",
                "Point the link current at the version it belongs to, or restore a backup into an empty folder.",
            )
        for number in beyond:
            self.disk.remove(self.versions / str(number))

    def _directories(self) -> list[int]:
        if not self.versions.is_dir():
            return []
        return sorted(int(entry.name) for entry in self.versions.iterdir() if entry.name.isdecimal())


@dataclass(slots=True)
class Writing:
    """A write in progress, with the lock held: scratch directories, and the step by which one becomes a version."""

    home: Home
    current: Version | None

    def scratch(self) -> Path:
        """Make a directory that becomes the version or vanishes."""
        path = Path(tempfile.mkdtemp(prefix=".scratch-", dir=self.home.versions))
        path.chmod(0o755)
        return path

    def record(self, scratch: Path, content: Content, since: Version | None = None) -> tuple[int, int]:
        """Write the change record of a new store that is in place; return how many quads it adds and removes."""
        old = since or self.current
        before: Mapping[str, str] = old.graphs if old else {}
        differ = [g for g in {*before, *content.graphs} if before.get(g) != content.graphs.get(g)]
        store = ox.Store.read_only(str(scratch / "store"))
        found = changes.of_graphs(old.open() if old else None, store, differ)
        changes.write(found, scratch, self.home.disk)
        return len(found.added), len(found.removed)

    def commit(  # noqa: PLR0913 - each is a fact about the version
        self,
        scratch: Path,
        content: Content,
        author: str,
        message: str,
        origin: Origin,
        *,
        files: Mapping[str, str] | None = None,
    ) -> Version:
        """Make a complete scratch directory the version in force: on disk first, visible then.

        `files` are those of a build; every other version keeps what is known of the build it descends from.
        """
        old, disk = self.current, self.home.disk
        number = (old.number if old else 0) + 1
        is_build = origin == "build" or old is None
        version = Version(
            number=number,
            parent=old.number if old else None,
            author=author,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            message=message,
            quads=content.quads,
            content_hash=content.hash,
            graphs=dict(sorted(content.graphs.items())),
            origin=origin,
            base=number if old is None or is_build else old.base,
            base_hash=content.hash if old is None or is_build else old.base_hash,
            added=content.added,
            removed=content.removed,
            files=dict(files or {}) if old is None or is_build else old.files,
            path=self.home.versions / str(number),
        )
        disk.write(scratch / "version.json", write(version))
        disk.sync_tree(scratch)
        disk.rename(scratch, version.path)
        disk.sync(self.home.versions)
        disk.point(self.home.path / "current", version.path)
        disk.sync(self.home.path)
        self.current = version
        return version

    def discard(self) -> None:
        """Remove the scratch directories that became no version."""
        for leftover in self.home.versions.glob(".scratch-*"):
            self.home.disk.remove(leftover)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what the operating system refuses into an error of ours.

    Raises: VersionError.
    """
    try:
        yield
    except OSError as error:
        raise VersionError(f"The home cannot be written: {error}") from error


def _write_store(path: Path, graphs: Mapping[str, list[bytes]]) -> None:
    store = ox.Store(str(path))
    # One load, because each makes files of its own, and every commit has to link and force each of them to the disk.
    lines = (line for graph, triples in graphs.items() for line in in_graph(triples, graph))
    store.bulk_load(b"".join(lines), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    del store
    verify_count(path, sum(map(len, graphs.values())))


def verify_count(path: Path, wanted: int) -> None:
    """Read a store that was written and released, and compare what it holds.

    Raises: VersionError.
    """
    try:
        stored = len(ox.Store.read_only(str(path)))
    except (OSError, RuntimeError) as error:
        raise VersionError(f"The store cannot be read again after it was written: {error}") from error
    if stored != wanted:
        raise VersionError(f"The store holds {stored} quads after {wanted} were written.", "Check the disk.")


def _listed(edits: list[Version]) -> str:
    lines = [f"  {edit.number}  {edit.time}  {printable(f'{edit.author}: {edit.message}')}" for edit in edits]
    return "The current version has edits that a build from the files would lose:\n" + "\n".join(lines)
