"""The process of an edit: its errors arrive, it can be ended, and past its limits nothing is kept."""

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg import edits, errors, shapes
from kg.edits import EditLimits, Listed, applying, child
from kg.engine import Limits, Query
from kg.engine.running import Registry, Running, Watch
from kg.versions import Home
from kg.versions.home import Writing
from tests.kg.edits.editing import CROSS, assert_untouched, put_graph, update

ERRORS = [
    errors.EditError("detail", "hint"),
    errors.LoadForbidden(1, 2),
    errors.GraphNotWritable("detail", "hint"),
    errors.ContextForbidden("http://example.org/c"),
    errors.UnknownGraph("detail"),
    errors.PreconditionFailed("detail"),
    errors.DocumentSyntaxError(1, 2, "message"),
    errors.UnfitTerm("detail", "hint"),
    errors.SaidTwice("detail", "hint"),
    errors.InvalidEdit([shapes.Result("urn:a", "urn:p", "urn:s", "Min", "x", (("en", "no"), ("nb", "nei")))]),
    errors.DiskLow(1, 2),
    errors.UpdateTooLarge(1),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_error_of_the_child_arrives_as_it_was_raised(error):
    """What the child says comes out of `apply` unchanged, results of a validation included."""
    with pytest.raises(type(error)) as caught:
        child.unpack(json.loads(json.dumps(child.pack_error(error))))
    assert (str(caught.value), caught.value.hint) == (str(error), error.hint)
    assert getattr(caught.value, "results", None) == getattr(error, "results", None)


def test_every_error_of_edits_is_tried():
    """The list above is complete."""
    assert {errors.EditError, *errors.EditError.__subclasses__()} <= {type(error) for error in ERRORS}


def test_error_of_another_module_is_told_in_its_own_words():
    """Shapes that an edit spoils are an error of the edit."""
    with pytest.raises(errors.EditError, match="no shape"):
        child.unpack(child.pack_error(shapes.ShapesFault("no shape at all")))


def _children_of_forks() -> set[int]:
    """Return the pids of all processes below this one."""
    found, fresh = set(), {os.getpid()}
    while fresh:
        found |= fresh
        fresh = {
            int(child)
            for pid in fresh
            for task in Path(f"/proc/{pid}/task").glob("*/children")
            for child in task.read_text().split()
        } - found
    return found


def test_update_that_takes_too_long_is_killed_and_leaves_nothing(plain):
    """Past its deadline the process is gone, with its scratch files, and the next write goes through at once."""
    one = update(
        plain, "INSERT DATA { GRAPH ex:g {" + "".join(f"ex:a{i} ex:p {i} ." for i in range(100)) + "} }"
    ).version
    before = _children_of_forks()
    started = time.monotonic()
    with pytest.raises(errors.UpdateTimeout, match="1 seconds"):
        update(
            plain,
            f"INSERT {{ GRAPH ex:g {{ ex:x ex:n ?count }} }} WHERE {{ SELECT (COUNT(*) AS ?count) {{ {CROSS} }} }}",
            limits=EditLimits(timeout=1),
        )
    assert time.monotonic() - started < 10
    assert _children_of_forks() == before
    assert_untouched(plain, one)
    assert update(plain, "INSERT DATA { GRAPH ex:g { ex:b ex:p 1 } }").changed


class Listing:
    """A folder of what runs, and edits in it."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry(folder)
        self.watch = Watch(self.registry, lambda _: None, errors.UpdateCancelled)

    def update(self, home: Home, text: str) -> edits.Outcome:
        """Make an update that is listed and that the holder of the key may end."""
        with self.watch.over(Query(text, key="k" * 22), Limits(), home.path / "0" / "store") as entry:
            return update(home, text, control=Listed(self.watch, entry), limits=EditLimits(timeout=60))

    def one(self) -> Running:
        """Wait for the process of the one edit there is."""
        end = time.monotonic() + 20
        while not (found := self.registry.all()) or found[0].worker is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        return found[0]


@pytest.fixture
def listed(tmp_path):
    made = Listing(tmp_path / "running")
    yield made
    made.watch.close()


ENDLESS = f"INSERT {{ GRAPH ex:g {{ ex:x ex:n ?n }} }} WHERE {{ SELECT (COUNT(*) AS ?n) {{ {CROSS} }} }}"
MANY = "INSERT DATA { GRAPH ex:g {" + "".join(f"ex:a{i} ex:p {i} ." for i in range(100)) + "} }"


@pytest.mark.parametrize("by", ["operator", "client"])
def test_running_update_is_ended_by_whoever_may(plain, listed, by):
    """It is listed with its process and text; ended, it says by whom, and nothing of it is left."""
    one = update(plain, MANY).version
    with ThreadPoolExecutor() as threads:
        doomed = threads.submit(listed.update, plain, ENDLESS)
        running = listed.one()
        assert running.text == ENDLESS
        assert listed.registry.kill(running.id) if by == "operator" else listed.registry.cancel("k" * 22)
        with pytest.raises(errors.UpdateCancelled) as caught:
            doomed.result(timeout=20)
    assert (caught.value.by, "nothing of it was kept" in caught.value.detail) == (by, True)
    assert not running.worker.is_alive()
    assert listed.registry.all() == []
    assert_untouched(plain, one)
    assert update(plain, "INSERT DATA { GRAPH ex:g { ex:b ex:p 1 } }").changed


def test_cancelled_update_is_answered_while_it_waits_for_another_writer(plain, listed):
    """Not when the other one is done."""
    plain.wait = 60
    with ThreadPoolExecutor() as threads, plain.writing():
        waiting = threads.submit(listed.update, plain, MANY)
        end = time.monotonic() + 20
        while not listed.registry.cancel("k" * 22):
            assert time.monotonic() < end
            time.sleep(0.02)
        with pytest.raises(errors.UpdateCancelled):
            waiting.result(timeout=20)
    assert plain.current_number() == 1


def test_update_is_ended_before_it_is_committed_or_not_at_all(plain, listed, monkeypatch):
    """Who was told that it is ended never sees its version; who comes later is told that it no longer runs."""
    make, said = applying._in_child, []

    def ended_late(*arguments):
        made = make(*arguments)
        (running,) = listed.registry.all()
        said.append(listed.registry.kill(running.id))
        return made

    monkeypatch.setattr(applying, "_in_child", ended_late)
    with pytest.raises(errors.UpdateCancelled):
        listed.update(plain, MANY)
    assert_untouched(plain, plain.version(1))
    monkeypatch.undo()
    commit = Writing.commit

    def ended_too_late(*arguments):
        assert listed.registry.all() == []
        said.append(listed.registry.cancel("k" * 22))
        return commit(*arguments)

    monkeypatch.setattr(Writing, "commit", ended_too_late)
    assert listed.update(plain, MANY).changed
    assert said == [True, False]


def test_update_that_needs_too_much_memory_is_refused(plain):
    """The allowance is above what the store needs; nothing is kept."""
    one = update(
        plain, "INSERT DATA { GRAPH ex:g {" + "".join(f"ex:a{i} ex:p {i} ." for i in range(300)) + "} }"
    ).version
    with pytest.raises(errors.QueryMemoryExceeded):
        update(
            plain,
            f"INSERT {{ GRAPH ex:g {{ ex:x ex:n ?a }} }}"
            f" WHERE {{ SELECT ?a {{ GRAPH ex:g {{ {CROSS} }} }} ORDER BY ?f }}",
            limits=EditLimits(timeout=60, memory=64 * 2**20),
            validate=False,
        )
    assert_untouched(plain, one)


def test_update_that_writes_too_much_is_refused(plain):
    """New files beyond the limit are refused whole."""
    one = plain.current()
    turtle = "".join(f'<a{i}> <p> "{i * 7919:0200d}" .\n' for i in range(20_000))
    with pytest.raises(errors.UpdateTooLarge):
        put_graph(plain, "http://example.org/g", turtle, limits=EditLimits(disk=2 * 2**20), validate=False)
    assert_untouched(plain, one)


def test_low_disk_refuses_edits(plain):
    """An edit leaves as much room on the disk as it is told to."""
    with pytest.raises(errors.DiskLow):
        update(
            plain,
            "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } }",
            limits=EditLimits(free_disk=shutil.disk_usage("/").total * 2),
        )
    assert_untouched(plain, plain.version(1))


def test_commit_of_an_unvalidated_edit_is_quick(plain):
    """Suites make hundreds of updates: one takes a fraction of a second, and the chain does not slow it down."""
    edits.warm(validate=False)
    times = []
    for number in range(25):
        started = time.monotonic()
        update(plain, f"INSERT DATA {{ ex:a ex:p {number} }}", validate=False)
        times.append(time.monotonic() - started)
    assert sorted(times)[len(times) // 2] < 1
    assert plain.current().quads == 25
