"""The index of a version, made when it is first asked for and kept open."""

from functools import lru_cache, partial
from importlib.metadata import version as installed
from pathlib import Path
from typing import Final

from kg.artefacts import Artefacts
from kg.search.asking import Index
from kg.search.writing import write
from kg.versions import Version

_OPEN: Final = 4
"""Indexes a process keeps open: those of the versions that were searched last."""
_NAME: Final = f"search-{installed('tantivy')}"


def index(version: Version) -> Index:
    """Return the index of a version.

    Raises: BeingMade; UnknownVersion when it was pruned; VersionError when it cannot be read.
    """
    return _opened(Artefacts(version.path.parents[1], version).get(_NAME, partial(_make, version)))


@lru_cache(maxsize=_OPEN)
def _opened(folder: Path) -> Index:
    return Index(folder)


def _make(version: Version, folder: Path) -> None:
    folder.mkdir()
    write(version.open(), folder)
