"""Versions: complete or absent, equal content makes none, readers see what they opened."""

import fcntl

import pyoxigraph as ox
import pytest

from kg import iris
from kg.errors import HomeBusy, UnknownVersion, VersionError
from kg.versions import Home


def _quads(*values: str) -> list[ox.Quad]:
    subject, predicate = ox.NamedNode(iris.ID + "x/a"), ox.NamedNode(iris.DEF + "p")
    return [ox.Quad(subject, predicate, ox.Literal(value), ox.NamedNode(iris.graph("g"))) for value in values]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_equal_content_makes_no_new_version(home):
    """Publishing the same quads in another order changes nothing."""
    first, new = home.publish(_quads("1", "2"), "a", "m", {})
    second, again = home.publish(_quads("2", "1"), "b", "n", {})
    assert (new, again) == (True, False)
    assert second == first


def test_each_version_stays_as_it_was(home):
    """A later version does not change what an earlier one answers."""
    one, _ = home.publish(_quads("1"), "a", "first", {})
    reader = one.open()
    two, _ = home.publish(_quads("1", "2"), "a", "second", {})
    assert (len(reader), len(home.version(1).open()), len(two.open())) == (1, 1, 2)
    assert (two.number, two.parent, home.current().number) == (2, 1, 2)


def test_content_hash_depends_on_content_alone(home, tmp_path):
    """Two homes with the same quads have the same hash, whoever wrote them and when."""
    other = Home(tmp_path / "other")
    other.publish(_quads("0"), "x", "y", {})
    assert (
        home.publish(_quads("1"), "a", "m", {})[0].content_hash
        == other.publish(_quads("1"), "b", "n", {})[0].content_hash
    )


def test_leftovers_of_a_killed_build_are_swept(home):
    """A scratch directory that nobody finished is gone after the next publication and was never a version."""
    home.publish(_quads("1"), "a", "m", {})
    scratch = home.versions / ".scratch-dead"
    (scratch / "store").mkdir(parents=True)
    home.publish(_quads("2"), "a", "m", {})
    assert not scratch.exists()
    assert [version.number for version in home.all()] == [1, 2]


def test_second_writer_is_told(home):
    """Two builds at once do not mix: the second is told that the first is at work."""
    home.publish(_quads("1"), "a", "m", {})
    with (home.path / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(HomeBusy, match="Another process is publishing"):
            home.publish(_quads("2"), "a", "m", {})
    assert home.current().number == 1


def test_unknown_version_is_an_error_of_its_own(home):
    """Asking for a version that is not there says so."""
    home.publish(_quads("1"), "a", "m", {})
    with pytest.raises(UnknownVersion, match="no version 7"):
        home.version(7)


def test_home_of_another_format_is_refused(home):
    """A home written by a later program is not misread."""
    version, _ = home.publish(_quads("1"), "a", "m", {})
    record = version.path / "version.json"
    record.write_text(record.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(VersionError, match="format 2"):
        home.current()
