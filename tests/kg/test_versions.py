"""Versions: complete or absent, equal content makes none, readers see what they opened, history goes both ways."""

import contextlib
import fcntl
import gzip
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg import cli, edits, iris
from kg.engine import Limits
from kg.engine.workers import WorkerPool
from kg.errors import DiskLow, EditsInTheWay, EngineUnavailable, HomeBusy, UnknownVersion, VersionError
from kg.versions import Home, backups, changes, history

GRAPH = iris.graph("g")


def _quads(*values: str, graph: str = GRAPH) -> list[ox.Quad]:
    subject, predicate = ox.NamedNode(iris.ID + "x/a"), ox.NamedNode(iris.DEF + "p")
    return [ox.Quad(subject, predicate, ox.Literal(value), ox.NamedNode(graph)) for value in values]


def _values(version) -> set[str]:
    return {quad.object.value for quad in version.open()}


def _edit(home, text: str):
    return edits.apply(home, edits.SparqlUpdate(text), author="editor", message="an edit", validate=False).version


def _insert(home, value: str):
    return _edit(home, f'INSERT DATA {{ GRAPH <{GRAPH}> {{ <{iris.ID}x/a> <{iris.DEF}p> "{value}" }} }}')


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home", durable=False, wait=0.2)


@pytest.fixture
def run(home):
    """Run a command on the home and return the result."""

    def invoke(*arguments):
        return CliRunner().invoke(cli.main, [*arguments, "--home", str(home.path)])

    return invoke


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


def test_unchanged_graph_keeps_its_digest(home):
    """A write to one graph leaves the digest, and so the ETag, of every other one alone."""
    one, _ = home.publish(_quads("1") + _quads("1", graph=iris.graph("h")), "a", "m", {})
    two = _insert(home, "2")
    assert two.digest(iris.graph("h")) == one.digest(iris.graph("h"))
    assert two.digest(GRAPH) != one.digest(GRAPH)
    assert two.digest(iris.graph("none")) is None


def test_leftovers_of_a_killed_writer_are_swept(home):
    """Neither a scratch directory nor a version that never came into force outlives the next write."""
    home.publish(_quads("1"), "a", "m", {})
    scratch = home.versions / ".scratch-dead"
    (scratch / "store").mkdir(parents=True)
    shutil.copytree(home.versions / "1", home.versions / "2")
    assert home.numbers() == [1]
    with pytest.raises(UnknownVersion):
        home.version(2)
    two, _ = home.publish(_quads("2"), "a", "m", {})
    assert not scratch.exists()
    assert (home.numbers(), _values(two)) == ([1, 2], {"2"})


def test_versions_are_not_swept_when_current_was_lost(home):
    """Losing the link, which no writer of ours does, loses no version: writing is refused until it is mended."""
    home.publish(_quads("1"), "a", "m", {})
    home.publish(_quads("2"), "a", "m", {})
    (home.path / "current").unlink()
    with pytest.raises(VersionError, match="current is missing, but there is a version 2"):
        home.publish(_quads("3"), "a", "m", {})
    (home.path / "current").symlink_to("versions/2")
    assert home.numbers() == [1, 2]


def test_second_writer_is_told(home):
    """A writer that does not get its turn in time is told that another one is at work."""
    home.publish(_quads("1"), "a", "m", {})
    with (home.path / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(HomeBusy, match="Another process is writing"):
            home.publish(_quads("2"), "a", "m", {})
    assert home.current().number == 1


def test_little_room_on_the_disk_refuses_writes(home, monkeypatch):
    """Where the disk is nearly full nothing is written and nothing is left behind."""
    home.publish(_quads("1"), "a", "m", {})
    real = os.statvfs

    class Full:
        f_frsize = real(home.path).f_frsize
        f_bavail = 1000

    monkeypatch.setattr("kg.versions.home.os.statvfs", lambda _: Full)
    with pytest.raises(DiskLow, match="are free on the disk"):
        home.publish(_quads("2"), "a", "m", {})
    assert [entry.name for entry in home.versions.iterdir()] == ["1"]


def test_unknown_version_is_an_error_of_its_own(home):
    """Asking for a version that is not there says so."""
    home.publish(_quads("1"), "a", "m", {})
    with pytest.raises(UnknownVersion, match="no version 7"):
        home.version(7)


def test_home_of_another_format_is_refused(home):
    """A home written by a later program is not misread."""
    version, _ = home.publish(_quads("1"), "a", "m", {})
    record = version.path / "version.json"
    record.write_text(record.read_text().replace('"format": 2', '"format": 3'))
    with pytest.raises(VersionError, match="format 3"):
        home.current()


def test_record_that_is_none_is_refused(home):
    """What is no record, or lacks a fact or has one too many, is a fault of the home and not of the program."""
    version, _ = home.publish(_quads("1"), "a", "m", {})
    for text in ("[]", "1", "{", '{"format": 2}', '{"format": 1}', '{"format": 2, "more": 1}'):
        (version.path / "version.json").write_text(text)
        with pytest.raises(VersionError, match="holds no readable version"):
            home.current()


def test_home_of_format_1_is_read_and_written_on(home):
    """A version of the first format, which knew only builds, counts as one and can be edited and undone."""
    version, _ = home.publish(_quads("1"), "a", "m", {"data/x.ttl": "abc"})
    record = json.loads((version.path / "version.json").read_text())
    for member in ("origin", "base", "base_hash", "added", "removed"):
        del record[member]
    (version.path / "version.json").write_text(json.dumps(record | {"format": 1}))
    shutil.rmtree(version.path / "changes")
    assert (home.current().origin, home.current().is_edited, home.edits()) == ("build", False, [])
    edited = _insert(home, "2")
    assert (edited.base, edited.files, edited.is_edited) == (1, {"data/x.ttl": "abc"}, True)
    assert _values(history.undo(home, "me")) == {"1"}


def test_change_record_holds_what_was_added_and_removed(home):
    """Each version says itself what it changed, as N-Quads, without its parent."""
    home.publish(_quads("1", "2"), "a", "m", {})
    two, _ = home.publish(_quads("2", "3"), "a", "m", {})
    line = f'<{iris.ID}x/a> <{iris.DEF}p> "%s" <{GRAPH}> .\n'
    assert gzip.decompress((two.path / "changes/added.nq.gz").read_bytes()).decode() == line % 3
    assert gzip.decompress((two.path / "changes/removed.nq.gz").read_bytes()).decode() == line % 1
    assert (two.added, two.removed) == (1, 1)


def test_difference_between_any_two_versions(home):
    """Versions are compared by content, in both directions, whatever lies between them."""
    one, _ = home.publish(_quads("1", "2"), "a", "m", {})
    home.publish(_quads("9"), "a", "m", {})
    three, _ = home.publish(_quads("2", "3") + _quads("4", graph=iris.graph("h")), "a", "m", {})
    forth, back = changes.between(one, three), changes.between(three, one)
    assert (len(forth.added), len(forth.removed)) == (2, 1)
    assert (back.added, back.removed) == (forth.removed, forth.added)
    added = list(ox.parse(b"".join(forth.added), format=ox.RdfFormat.N_QUADS))
    assert set(added) == {*_quads("3"), *_quads("4", graph=iris.graph("h"))}


def test_undo_goes_back_and_forth_by_new_versions(home):
    """Undo makes a version equal to the parent; nothing published changes, and undoing the undo takes it back."""
    one, _ = home.publish(_quads("1"), "a", "m", {})
    two = _insert(home, "2")
    three = history.undo(home, "me", "a slip")
    assert (three.number, three.parent, three.origin, three.message) == (3, 2, "undo", "a slip")
    assert (three.content_hash, three.graphs, _values(three)) == (one.content_hash, one.graphs, {"1"})
    assert _values(two) == {"1", "2"}
    assert history.undo(home, "me").content_hash == two.content_hash


def test_first_version_cannot_be_undone(home):
    """There is nothing before it."""
    home.publish(_quads("1"), "a", "m", {})
    with pytest.raises(UnknownVersion, match="nothing to undo"):
        history.undo(home, "me")


def test_prune_keeps_the_newest_and_the_current(home):
    """Old versions go, the current one never does, and numbers are not used again."""
    for value in "1234":
        home.publish(_quads(value), "a", "m", {})
    assert history.prune(home, 2) == history.Pruned([1, 2], [])
    assert home.numbers() == [3, 4]
    assert history.prune(home, 1) == history.Pruned([3], [])
    assert _values(home.current()) == {"4"}
    with pytest.raises(UnknownVersion, match="Version 3, to go back to, was pruned"):
        history.undo(home, "me")
    with pytest.raises(VersionError):
        history.prune(home, 0)
    assert home.publish(_quads("5"), "a", "m", {})[0].number == 5


@pytest.fixture
def pool(home):
    """An engine over a home with two versions, the first with a thousand values."""
    home.publish(_quads(*map(str, range(1000))), "a", "m", {})
    home.publish(_quads("2"), "a", "m", {})
    with contextlib.closing(WorkerPool(home.current().store_path, size=2, limits=Limits(timeout=60))) as pool:
        yield pool


def test_version_is_not_pruned_under_a_query(home, pool):
    """It stays until the query has its answer; an engine that has it open still is no reason to keep it."""
    one = home.version(1)
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(CONCAT(?c, ?f) != '') }"
    pool.at(one.store_path).rows("SELECT ?o { ?s ?p ?o } LIMIT 1")
    with ThreadPoolExecutor() as threads:
        reader = threads.submit(pool.at(one.store_path).rows, slow)
        time.sleep(0.3)
        assert history.prune(home, 1) == history.Pruned([], [1])
        assert not reader.done()
        assert home.numbers() == [1, 2]
        assert reader.result()[0]["n"].value == "1000000"
    assert history.prune(home, 1) == history.Pruned([1], [])
    assert [entry.name for entry in home.versions.iterdir()] == ["2"]
    for _ in range(4):
        with pytest.raises(EngineUnavailable, match=r"[Tt]his version was removed"):
            pool.at(one.store_path).rows("SELECT ?o { ?s ?p ?o }")
    assert pool.rows("SELECT ?o { ?s ?p ?o }")[0]["o"].value == "2"


def test_version_is_not_pruned_under_a_reader_of_this_process(home):
    """A dump or a comparison keeps what it reads; afterwards it can go, and whoever comes then is told so."""
    for value in "123":
        home.publish(_quads(value), "a", "m", {})
    one = home.version(1)
    with one.reading() as store, one.reading():
        assert history.prune(home, 1) == history.Pruned([2], [1])
        assert len(store) == 1
    assert history.prune(home, 1) == history.Pruned([1], [])
    with pytest.raises(UnknownVersion, match="Version 1 was removed"), one.reading():
        pass


def test_version_that_goes_while_it_is_looked_up_is_unknown(home, monkeypatch):
    """Between the list of versions and the reading of one, a writer may have removed it."""
    for value in "123":
        home.publish(_quads(value), "a", "m", {})
    seen = home.numbers()
    shutil.rmtree(home.versions / "1")
    monkeypatch.setattr(home, "numbers", lambda: seen)
    with pytest.raises(UnknownVersion, match="no version 1"):
        home.version(1)
    assert [version.number for version in home.all()] == [2, 3]
    numbers = iter([1, 3, 3])
    monkeypatch.setattr(home, "current_number", lambda: next(numbers))
    assert home.current().number == 3


def test_build_over_edits_refuses_and_lists_them(home):
    """A build never loses edits unasked; undone edits are none to lose."""
    home.publish(_quads("1"), "a", "m", {})
    _insert(home, "2")
    with pytest.raises(EditsInTheWay, match=r"2  .*  editor: an edit"):
        home.publish(_quads("1", "3"), "a", "m", {})
    history.undo(home, "me")
    four, new = home.publish(_quads("1", "3"), "a", "m", {})
    assert (new, four.base, _values(four)) == (True, 4, {"1", "3"})
    _insert(home, "4")
    six, _ = home.publish(_quads("1"), "a", "m", {}, discard_edits=True)
    assert (_values(six), home.edits()) == ({"1"}, [])


def test_undone_build_is_not_built_again_unasked(home):
    """Going back behind a build is an edit too: the next build would lose it."""
    home.publish(_quads("1"), "a", "m", {})
    home.publish(_quads("2"), "a", "m", {})
    history.undo(home, "me")
    with pytest.raises(EditsInTheWay, match="Undoes version 2"):
        home.publish(_quads("2"), "a", "m", {})


def test_server_starts_with_edits_and_not_over_them(home, capsys):
    """Where the files have changed since the last build, but there are edits since, what is there is served."""
    home.publish(_quads("1"), "a", "m", {"data/people.ttl": "not what it is now"})
    edited = _insert(home, "2")
    assert cli._build_if_changed(home.path) == (edited, False)
    assert "there are edits since, and they are served" in capsys.readouterr().err
    assert home.current() == edited


def test_backup_is_complete_incremental_and_restores_to_an_empty_home(home, tmp_path):
    """A backup of a backup's home has every version with its number and content."""
    home.publish(_quads("1"), "a", "m", {})
    _insert(home, "2")
    assert backups.backup(home, tmp_path / "backup") == [1, 2]
    _insert(home, "3")
    assert backups.backup(home, tmp_path / "backup") == [3]
    assert backups.backup(home, tmp_path / "backup") == []
    other = Home(tmp_path / "other")
    assert backups.restore(other, tmp_path / "backup", "me").number == 3
    assert other.all() == home.all()
    assert [_values(version) for version in other.all()] == [{"1"}, {"1", "2"}, {"1", "2", "3"}]
    assert not list(other.path.glob("**/.*"))


def test_backup_copies_shared_files_once(home, tmp_path):
    """Versions share files; so do their copies, over several backups too."""
    home.publish(_quads(*map(str, range(2000))), "a", "m", {})
    backups.backup(home, tmp_path / "backup")
    _insert(home, "x")
    backups.backup(home, tmp_path / "backup")
    largest = max((tmp_path / "backup/versions/1/store").glob("*.sst"), key=lambda path: path.stat().st_size)
    assert (tmp_path / "backup/versions/2/store" / largest.name).samefile(largest)


def test_restore_into_a_home_with_versions_makes_one_more(home, tmp_path):
    """Restoring changes nothing that was published: the content comes back as a new version."""
    home.publish(_quads("1"), "a", "m", {})
    backups.backup(home, tmp_path / "backup")
    _insert(home, "2")
    three = backups.restore(home, tmp_path / "backup", "me")
    assert (three.number, three.origin, _values(three), three.removed) == (3, "restore", {"1"}, 1)
    assert _values(home.version(2)) == {"1", "2"}
    assert backups.restore(home, tmp_path / "backup", "me").number == 3


@pytest.mark.parametrize("empty", [True, False])
def test_damaged_backup_is_not_restored(home, tmp_path, empty):
    """A graph that is not what its digest says keeps the whole backup from coming into force."""
    home.publish(_quads("1", "2"), "a", "m", {})
    backups.backup(home, tmp_path / "backup")
    store = ox.Store(str(tmp_path / "backup/versions/1/store"))
    store.remove(_quads("2")[0])
    store.add(_quads("3")[0])
    store.flush()
    del store
    target = Home(tmp_path / "other") if empty else home
    if not empty:
        _insert(home, "4")
    with pytest.raises(VersionError, match="damaged"):
        backups.restore(target, tmp_path / "backup", "me")
    assert target.current_number() == (None if empty else 2)
    assert not [entry for entry in target.versions.iterdir() if entry.name.startswith(".")]


def test_backup_of_another_home_is_not_mixed_in(home, tmp_path):
    """A folder that holds the versions of another home is refused."""
    home.publish(_quads("1"), "a", "m", {})
    backups.backup(home, tmp_path / "backup")
    other = Home(tmp_path / "other")
    other.publish(_quads("2"), "b", "m", {})
    with pytest.raises(VersionError, match="backup of something else"):
        backups.backup(other, tmp_path / "backup")


def test_history_on_the_command_line(home, run, tmp_path):
    """The commands tell the history, compare, go back, let go, copy and bring back."""
    home.publish(_quads("1"), "a", "the start", {})
    _insert(home, "2")
    assert "the start" in run("versions").output
    shown = run("show", "2").output
    assert "edit" in shown
    assert '+   pg:p "2"' in shown
    line = f'<{iris.ID}x/a> <{iris.DEF}p> "2" <{GRAPH}> .\n'
    assert run("diff", "1", "2", "--format", "nquads").output == f"+ {line}"
    assert run("diff", "2", "1", "--format", "nquads").output == f"- {line}"
    assert '-   pg:p "2"' in run("diff", "2", "1").output
    assert run("undo").output == "Published version 3: 0 quads added, 1 removed.\n"
    assert "Copied 3 versions" in run("backup", str(tmp_path / "backup")).output
    with home.version(1).reading():
        assert run("prune", "--keep", "1").output == (
            "Removed 1 version.\nBeing read now, so kept: 1. Prune again later.\n"
        )
    assert run("prune", "--keep", "1").output == "Removed 1 version.\n"
    assert "Version 1 was removed" in run("show", "1").output
    assert run("prune", "--keep", "0").exit_code == 2
    restored = CliRunner().invoke(cli.main, ["restore", str(tmp_path / "backup"), "--home", str(tmp_path / "new")])
    assert "Version 3 is in force" in restored.output
    assert Home(tmp_path / "new").numbers() == [1, 2, 3]


def test_commands_say_so_where_there_is_no_version(run):
    """Nothing is built behind the back of who asks for history."""
    result = run("versions")
    assert (result.exit_code, "There is no version yet" in result.output) == (1, True)
