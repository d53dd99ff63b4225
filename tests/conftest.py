"""What all tests share: the real graph, built once, and the folders of others' suites and sources."""

import os
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import build, files, rules


@pytest.fixture(scope="session")
def folders() -> files.Folders:
    """The project's own files."""
    return files.default_folders()


@pytest.fixture(scope="session")
def graph(folders: files.Folders) -> ox.Store:
    """The real graph with all that the rules conclude; nobody may change it."""
    reading = build.read(folders)
    assert not reading.faults, [str(fault) for fault in reading.faults]
    store = ox.Store()
    store.extend(reading.quads)
    rules.apply(store)
    return store


def _beside(variable: str, name: str) -> Path:
    default = Path(__file__).parents[2] / "shared" / name
    path = Path(os.environ.get(variable, default))
    if not path.is_dir():
        pytest.skip(f"{path} is missing: name the folder in {variable} to run this test")
    return path


@pytest.fixture(scope="session")
def suites() -> Path:
    """Test suites of others, or a skipped test that says what is missing."""
    return _beside("PRAKSIS_SUITES", "suites")


@pytest.fixture(scope="session")
def sources() -> Path:
    """The texts of the five sources, or a skipped test that says what is missing."""
    return _beside("PRAKSIS_SOURCES", "seeds")
