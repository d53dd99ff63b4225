"""Homes to edit: an empty one, and one with the real graph."""

import pytest

from kg.versions import Home, backups


@pytest.fixture
def plain(tmp_path):
    """An empty home without rules and shapes."""
    home = Home(tmp_path / "home", durable=False, wait=5)
    home.publish([], "tests", "the start", {})
    return home


@pytest.fixture(scope="session")
def real_home(graph, tmp_path_factory):
    """The real graph; nobody may change it."""
    home = Home(tmp_path_factory.mktemp("real") / "home")
    home.publish(graph, "tests", "the real graph", {})
    return home


@pytest.fixture
def real(real_home, tmp_path):
    """The real graph, to be changed."""
    home = Home(tmp_path / "home", durable=False)
    backups.restore(home, real_home.path, "tests")
    return home
