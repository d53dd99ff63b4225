"""Artefacts: made once, whole or not at all, gone with their version and never in a backup."""

import os
import threading
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import artefacts as module
from kg.artefacts import Artefacts
from kg.errors import BeingMade
from kg.versions import Home, backups, history

ONE = ox.Quad(ox.NamedNode("http://e/a"), ox.NamedNode("http://e/p"), ox.Literal("1"), ox.NamedNode("http://e/g"))
TWO = ox.Quad(ox.NamedNode("http://e/b"), ox.NamedNode("http://e/p"), ox.Literal("2"), ox.NamedNode("http://e/g"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Publish two versions."""
    home = Home(tmp_path / "home", durable=False)
    for quads in ([ONE], [ONE, TWO]):
        home.publish(quads, "tests", "a version", {})
    return home


def made(home: Home, number: int = 2, **options: float) -> Artefacts:
    """Return the artefacts of a version."""
    return Artefacts(home.path, home.version(number), **options)


def never(path: Path) -> None:
    """Make nothing, since it is there."""
    raise AssertionError(path)


def test_a_file_is_made_once(home: Home) -> None:
    assert made(home).status("x") == "absent"
    path = made(home).get("x", lambda path: path.write_bytes(b"content"))
    assert made(home).status("x") == "ready"
    assert made(home).get("x", never) == path
    assert path.read_bytes() == b"content"


def test_a_folder_is_made_as_a_whole(home: Home) -> None:
    def make(path: Path) -> None:
        path.mkdir()
        (path / "inside").write_text("here")

    assert (made(home).get("folder", make) / "inside").read_text() == "here"


def test_what_fails_halfway_leaves_nothing(home: Home) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("lightning")

    with pytest.raises(RuntimeError):
        made(home).get("x", fail)
    assert made(home).status("x") == "absent"
    half = made(home).folder / ".x"
    half.write_bytes(b"what a killed process left")
    assert made(home).get("x", lambda path: path.write_bytes(b"whole")).read_bytes() == b"whole"
    assert not half.exists()


def test_of_many_who_ask_one_makes_and_nobody_waits_for_ever(home: Home) -> None:
    begun, go_on, found = threading.Event(), threading.Event(), list[Path]()

    def slowly(path: Path) -> None:
        begun.set()
        go_on.wait(20)
        path.write_bytes(b"content")

    first = threading.Thread(target=lambda: found.append(made(home).get("kind/x", slowly)))
    first.start()
    assert begun.wait(20)
    assert made(home).status("kind/x") == "absent"
    (made(home).folder / "kind" / ".x").write_bytes(b"half")
    assert made(home).status("kind/x") == "being made"
    with pytest.raises(BeingMade):
        made(home, wait=0.1).get("kind/x", never)
    with pytest.raises(BeingMade):
        made(home, 1, wait=0.1).get("kind/y", never)
    assert made(home, 1, wait=0.1).get("other/y", lambda path: path.write_bytes(b"y")).exists()
    others = [threading.Thread(target=lambda: found.append(made(home).get("kind/x", never))) for _ in range(5)]
    for other in others:
        other.start()
    go_on.set()
    for thread in (first, *others):
        thread.join(30)
    assert [path.read_bytes() for path in found] == [b"content"] * 6


def test_more_than_a_few_who_wait_are_sent_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_waiting", defaultdict(lambda: threading.BoundedSemaphore(1)))
    with module._waiting["x"], pytest.raises(BeingMade):
        made(home).get("x", never)


def test_other_content_and_other_programs_have_their_own(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made(home).get("x", lambda path: path.write_bytes(b"of this program"))
    monkeypatch.setattr(module, "_program", lambda: "another")
    assert made(home).status("x") == "absent"


def test_artefacts_go_with_their_version_and_are_in_no_backup(home: Home, tmp_path: Path) -> None:
    paths = [made(home, number).get("x", lambda path: path.write_bytes(b"x")) for number in (1, 2)]
    backups.backup(home, tmp_path / "copy")
    assert not (tmp_path / "copy" / "artefacts").exists()
    with pytest.raises(ZeroDivisionError):
        made(home, 1).get("y", lambda _: [1 / len(history.prune(home, 1).removed)])  # being read, so it stays
    assert history.prune(home, 1).removed == [1]
    assert [path.exists() for path in paths] == [False, True]
    assert not (home.path / "artefacts" / "1").exists()


def test_what_was_made_longest_ago_makes_room(home: Home) -> None:
    """The spared folder counts for nothing, and nothing is removed while something is made, but right after that."""
    for age, name in enumerate(("new", "middle", "old")):
        path = made(home, 1).get(f"kind/{name}", lambda path: path.write_bytes(b"." * 1000))
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    own = made(home, 2).get("kind/own", lambda path: path.write_bytes(b"." * 1000))
    trimming = threading.Thread(target=module.trim, args=(home.path, "kind", 2500, own.parents[1]))
    with module.alone(home.path, "kind"):
        trimming.start()
        trimming.join(0.2)
        assert (made(home, 1).folder / "kind" / "old").exists()
    trimming.join(60)
    assert [made(home, 1).status(f"kind/{name}") for name in ("new", "middle", "old")] == ["ready", "ready", "absent"]
    module.trim(home.path, "kind", 0, own.parents[1])
    assert made(home, 1).status("kind/new") == "absent"
    assert own.exists()
    assert sorted(path.name for path in own.parents[2].parent.glob("1/*/kind/*")) == []
