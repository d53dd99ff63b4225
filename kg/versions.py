"""Immutable versions of the graph: `<home>/versions/<n>` with `current` pointing at the one in force.

A version directory holds the store (RocksDB, opened read-only) and `version.json`. Nothing in it is ever changed; a new
version is written beside it and made current with one atomic rename.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import platformdirs
import pyoxigraph as ox

from kg.errors import HomeBusy, UnknownVersion, VersionError
from kg.files import checkout

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version; `path` is its directory. Digests are SHA-256 in hexadecimal."""

    number: int
    parent: int | None
    author: str
    time: str
    message: str
    quads: int
    content_hash: str
    graphs: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    path: Path = field(default=Path(), compare=False)

    @property
    def store_path(self) -> Path:
        """Return the RocksDB directory, to be opened with `pyoxigraph.Store.read_only`."""
        return self.path / "store"

    def open(self) -> ox.Store:
        """Open the store of this version for reading.

        Raises: VersionError when it cannot be read.
        """
        try:
            return ox.Store.read_only(str(self.store_path))
        except OSError as error:
            raise VersionError(f"version {self.number} cannot be read: {error}") from error


def default_home() -> Path:
    """Return where versions are kept unless told otherwise: in the checkout, else in the user's data folder."""
    root = checkout()
    return root / ".praksisgrafen" if root else Path(platformdirs.user_data_dir("praksisgrafen"))


class Home:
    """The directory that holds all versions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.versions = path / "versions"

    def current(self) -> Version | None:
        """Return the version in force, or None where nothing was built yet.

        Raises: VersionError when the home is of another format or damaged.
        """
        link = self.path / "current"
        if not link.is_symlink():
            return None
        return self._read(link.resolve())

    def version(self, number: int) -> Version:
        """Return a version by its number.

        Raises: UnknownVersion when there is none.
        """
        path = self.versions / str(number)
        if not (path / "version.json").is_file():
            raise UnknownVersion(
                f"There is no version {number}.", "GET /healthz or `kg versions` tells the current one."
            )
        return self._read(path)

    def all(self) -> list[Version]:
        """Return all versions, oldest first."""
        numbers = (
            sorted(int(p.name) for p in self.versions.glob("*") if p.name.isdecimal()) if self.versions.is_dir() else []
        )
        return [self.version(number) for number in numbers]

    def publish(
        self, quads: Iterable[ox.Quad], author: str, message: str, files: Mapping[str, str]
    ) -> tuple[Version, bool]:
        """Make a version of exactly these quads current; return it and whether it is new.

        Equal content makes no new version. Nothing is visible before it is complete and on disk.

        Raises: HomeBusy when another process is publishing; VersionError when the disk refuses.
        """
        with self._lock(), _translated():
            content = sorted_graphs(quads)
            digests = {graph: _digest(lines) for graph, lines in content.items()}
            content_hash = _digest(f"{digest} {graph}\n" for graph, digest in sorted(digests.items()))
            current = self.current()
            if current and current.content_hash == content_hash:
                return current, False
            number = max((version.number for version in self.all()), default=0) + 1
            version = Version(
                number=number,
                parent=current.number if current else None,
                author=author,
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                message=message,
                quads=sum(len(lines) for lines in content.values()),
                content_hash=content_hash,
                graphs=digests,
                files=dict(files),
                path=self.versions / str(number),
            )
            self._write(version, content)
            return version, True

    def _write(self, version: Version, content: Mapping[str, list[str]]) -> None:
        self.versions.mkdir(parents=True, exist_ok=True)
        for leftover in self.versions.glob(".scratch-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=".scratch-", dir=self.versions))
        _write_store(scratch / "store", content)
        record: dict[str, Any] = asdict(version)
        del record["path"]
        (scratch / "version.json").write_text(
            json.dumps({"format": FORMAT, **record}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        _sync_tree(scratch)
        scratch.chmod(0o755)
        scratch.rename(version.path)
        _sync(self.versions)
        self._point_at(version.path)

    def _point_at(self, target: Path) -> None:
        fresh = self.path / ".current-new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target.relative_to(self.path))
        fresh.replace(self.path / "current")
        _sync(self.path)

    def _read(self, path: Path) -> Version:
        try:
            record = json.loads((path / "version.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise VersionError(f"{path} holds no readable version: {error}", "Build anew with `kg build`.") from error
        if (found := record.pop("format", None)) != FORMAT:
            raise VersionError(f"{path} has format {found}, this program reads format {FORMAT}.")
        return Version(**record, path=path)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with _translated():
            self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HomeBusy(f"Another process is publishing to {self.path}.", "Try again when it is done.") from None
            yield


def sorted_graphs(quads: Iterable[ox.Quad]) -> dict[str, list[str]]:
    """Group quads by graph, each as its sorted N-Triples lines in the form the store keeps."""
    store = ox.Store()
    store.extend(quads)
    graphs: dict[str, list[str]] = defaultdict(list)
    for quad in store:
        graphs[cast("ox.NamedNode", quad.graph_name).value].append(f"{quad.triple} .\n")
    return {graph: sorted(lines) for graph, lines in sorted(graphs.items())}


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()


def _write_store(path: Path, content: Mapping[str, list[str]]) -> None:
    store = ox.Store(str(path))
    for graph, lines in content.items():
        store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))
    store.flush()
    store.optimize()
    store.flush()
    wanted, stored = sum(len(lines) for lines in content.values()), len(store)
    del store
    if wanted != stored:
        raise VersionError(f"the store holds {stored} quads after writing {wanted}")


def _sync_tree(root: Path) -> None:
    for folder, _, names in os.walk(root):
        for name in names:
            _sync(Path(folder) / name)
        _sync(Path(folder))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VersionError(f"The home cannot be written: {error}") from error
