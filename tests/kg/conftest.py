"""A copy of the project's files that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kg import files

Spoil = Callable[[str, str, str], int]


@pytest.fixture
def copy(folders: files.Folders, tmp_path: Path) -> files.Folders:
    """The project's files in a folder of the test's own."""
    shutil.copytree(folders.ontology, tmp_path / "ontology")
    shutil.copytree(folders.data, tmp_path / "data")
    return files.Folders(tmp_path / "ontology", tmp_path / "data")


@pytest.fixture
def spoil(copy: files.Folders) -> Spoil:
    """Replace a text that stands once in a file; return the line it stood on."""

    def replace(name: str, old: str, new: str) -> int:
        path = copy.data.parent / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text.count("\n", 0, text.index(old)) + 1

    return replace
