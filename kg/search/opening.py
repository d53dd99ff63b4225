"""The index of a version, made when it is first asked for, by a process of its own, and kept open."""

from functools import partial
from importlib.metadata import version as installed
from pathlib import Path
from typing import Final

from kg.artefacts import Artefacts, Maker
from kg.engine import SearchIndex
from kg.errors import VersionError
from kg.search.asking import Index, opened
from kg.search.writing import write
from kg.versions import Version, record

_NAME: Final = f"search-{installed('tantivy')}"
_maker: Final = Maker("kg.search.writing")


def index(version: Version) -> Index:
    """Return the index of a version.

    Raises: what `made` raises; VersionError when it cannot be read.
    """
    return opened(made(version))


def made(version: Version, *, nice: int = 0) -> Path:
    """Return the folder of the index of a version, which is made where it is absent.

    Raises: BeingMade; UnknownVersion when it was pruned; DiskLow; what `Apart.call` raises.
    """
    return _artefacts(version).get(_NAME, lambda folder: _maker.make(version, folder, nice, write))


def place(store_path: Path) -> SearchIndex | None:
    """Return where the index of the version in a directory is; None where there is no such version any more."""
    try:
        version = record.read(store_path.parent)
    except VersionError:
        return None
    return SearchIndex(_artefacts(version).folder / _NAME, partial(made, version))


def _artefacts(version: Version) -> Artefacts:
    return Artefacts(version.path.parents[1], version)
