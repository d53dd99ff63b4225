"""What is known of a version, and the file that says it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pyoxigraph as ox

from kg import holding
from kg.errors import PrunedVersion, UnknownVersion, VersionError
from kg.versions.content import DEFAULT_GRAPH, EMPTY_GRAPH

_WHICH: Final = "/versions and `kg versions` list the versions there are."
FORMAT: Final = 2
"""Format 1 knew neither origin nor base nor the number of changes: each version was a build."""

Origin = Literal["build", "edit", "undo", "restore"]


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version; `path` is its directory. Digests are SHA-256 in hexadecimal.

    `base` is the last build this version descends from, `base_hash` that build's content: a version whose content
    differs from it holds edits. `files` are the digests of the files of that build. `added` and `removed` count the
    quads by which the version differs from its parent.
    """

    number: int
    parent: int | None
    author: str
    time: str
    message: str
    quads: int
    content_hash: str
    graphs: Mapping[str, str]
    origin: Origin = "build"
    base: int | None = None
    base_hash: str | None = None
    added: int | None = None
    removed: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    path: Path = field(default=Path(), compare=False)

    @property
    def store_path(self) -> Path:
        """Return the RocksDB directory, to be opened with `pyoxigraph.Store.read_only`."""
        return self.path / "store"

    @property
    def is_edited(self) -> bool:
        """Tell whether the content differs from that of the last build."""
        return self.content_hash != self.base_hash

    def digest(self, graph: str | None) -> str | None:
        """Return the digest of a graph (None: the default graph, which is always there); None where there is none."""
        return self.graphs.get(DEFAULT_GRAPH, EMPTY_GRAPH) if graph is None else self.graphs.get(graph)

    @contextmanager
    def reading(self) -> Iterator[ox.Store]:
        """Open the store of this version, which is not pruned as long as the block runs.

        Raises: PrunedVersion when it was removed before; VersionError when it cannot be read.
        """
        with ExitStack() as stack:
            try:
                directory = holding.Directory(self.store_path)
                stack.callback(directory.close)
                stack.enter_context(directory)
            except FileNotFoundError as error:
                raise pruned(self.number) from error
            yield self.open()

    def open(self) -> ox.Store:
        """Open the store of this version for reading, under the write lock or where nobody prunes.

        Raises: VersionError when it cannot be read.
        """
        try:
            return ox.Store.read_only(str(self.store_path))
        except OSError as error:
            raise VersionError(f"version {self.number} cannot be read: {error}") from error


def write(version: Version) -> bytes:
    """Write what is known of a version."""
    record: dict[str, Any] = asdict(version)
    del record["path"]
    return (json.dumps({"format": FORMAT, **record}, indent=2, ensure_ascii=False) + "\n").encode()


def unknown(number: object) -> UnknownVersion:
    """Say that there is no version of this number."""
    return UnknownVersion("There is no version %(number)s.", _WHICH, number=str(number))


def pruned(number: object) -> PrunedVersion:
    """Say that the version of this number was removed."""
    return PrunedVersion("Version %(number)s was removed.", _WHICH, number=str(number))


def read(path: Path) -> Version:
    """Read what is known of the version in a directory, whichever of our formats it is in.

    Raises: UnknownVersion when there is none; VersionError when it cannot be read.
    """
    try:
        record: dict[str, Any] = json.loads((path / "version.json").read_text(encoding="utf-8"))
        found = record.pop("format", None)
        if found == 1:
            record |= {"base": record["number"], "base_hash": record["content_hash"]}
        elif found != FORMAT:
            raise VersionError(f"{path} has format {found}, this program reads formats up to {FORMAT}.")
        return Version(**record, path=path)
    except FileNotFoundError:
        raise unknown(path.name) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise VersionError(f"{path} holds no readable version: {error}", "Build anew with `kg build`.") from error
