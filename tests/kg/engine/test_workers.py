"""A query that has to end ends, alone, and leaves nothing behind."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.engine import Limits, Query, spool
from kg.engine.running import Registry
from kg.engine.workers import WorkerPool
from kg.errors import (
    EngineBusy,
    EngineUnavailable,
    QueryCancelled,
    QueryMemoryExceeded,
    QueryTimeout,
    WorkerCrashed,
)
from tests.kg.engine.conftest import descendants

MakePool = Callable[..., WorkerPool]
Eventually = Callable[[Callable[[], object]], None]
Processes = Callable[[], set[int]]

TINY = Query("ASK { <http://example.org/it> ?p ?o }")
LABEL = "SELECT ?o { <http://example.org/it> <http://example.org/label> ?o }"
ENDLESS = Query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
DOUBLING = " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(24))
NEVER_DONE = {
    "a cross join": ENDLESS,
    "the sorting of one": Query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"),
    "a regular expression": Query(
        f"SELECT * {{ BIND('aaaa' AS ?t0) {DOUBLING} ?s ?p ?o . ?s2 ?p2 ?o2 FILTER REGEX(?t24, '(a|aa|a*)*b') }}"
    ),
}


def memory(pids: set[int]) -> int:
    """Return the resident memory of processes. Units: bytes."""
    total = 0
    for pid in pids:
        total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return total


@pytest.mark.parametrize("query", NEVER_DONE.values(), ids=NEVER_DONE.keys())
def test_query_is_dead_soon_after_its_deadline(
    query: Query, make_pool: MakePool, processes: Processes, eventually: Eventually
) -> None:
    """Its process is gone, its memory is back, and other queries never notice."""
    before = processes()
    pool = make_pool(size=2, limits=Limits(timeout=10, memory=2**30))
    eventually(lambda: pool.status().idle == 2)
    old = processes() - before
    quiet = memory(old)
    with ThreadPoolExecutor() as threads:
        began = time.monotonic()
        doomed = threads.submit(pool.query, query, timeout=1)
        eventually(lambda: pool.status().busy == 1)
        for _ in range(50):
            pool.query(TINY).close()
        with pytest.raises(QueryTimeout) as raised:
            doomed.result()
    assert raised.value.limit == 1
    assert time.monotonic() - began < 4
    eventually(lambda: pool.status().idle == 2)
    new = processes() - before
    assert len(old & new) == 2, "the fork server and the other worker stay"
    assert memory(new) < quiet + 40 * 2**20


@pytest.mark.parametrize(
    "query",
    [
        Query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"),
        Query(f"SELECT * {{ BIND('aaaaaaaaaaaaaaaa' AS ?t0) {DOUBLING} }}"),
    ],
    ids=["many rows", "one long value"],
)
def test_query_past_its_memory_is_told_so(query: Query, make_pool: MakePool) -> None:
    pool = make_pool(size=1, limits=Limits(timeout=30, memory=96 * 2**20))
    with pytest.raises(QueryMemoryExceeded) as raised:
        pool.query(query)
    assert raised.value.limit == 96 * 2**20
    pool.query(TINY).close()


def test_killed_worker_is_the_fault_of_one_query(make_pool: MakePool) -> None:
    pool = make_pool(size=2)
    with ThreadPoolExecutor() as threads:
        doomed = threads.submit(pool.query, ENDLESS)
        while not pool._places._busy:
            time.sleep(0.05)
        time.sleep(0.2)
        (worker,) = pool._places._busy
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerCrashed, match="SIGKILL"):
            doomed.result()
    pool.query(TINY).close()
    assert pool.status().crashed == 1


def test_query_that_crashes_the_parser_is_the_fault_of_one_query(pool: WorkerPool) -> None:
    with pytest.raises(WorkerCrashed, match="SIG"):
        pool.query(Query("SELECT * {" + "{" * 100_000 + "}" * 100_000 + "}"))
    pool.query(TINY).close()


def test_worker_that_died_while_idle_is_not_noticed(
    make_pool: MakePool, processes: Processes, eventually: Eventually
) -> None:
    before = processes()
    pool = make_pool(size=1)
    eventually(lambda: pool.status().idle == 1)
    for worker in processes() - before:
        if (
            "forkserver" in Path(f"/proc/{worker}/cmdline").read_text()
            and not Path(f"/proc/{worker}/task/{worker}/children").read_text()
        ):
            os.kill(worker, signal.SIGKILL)
            eventually(lambda worker=worker: worker not in processes())  # type: ignore[misc]
    pool.query(TINY).close()


def parent_of(pid: int) -> int:
    """Return the process a process was started by."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_pool_recovers_from_the_death_of_its_fork_server(
    make_pool: MakePool, processes: Processes, is_alive: Callable[[int], bool], eventually: Eventually
) -> None:
    before = processes()
    pool = make_pool(size=2)
    eventually(lambda: pool.status().idle == 2)
    (fork_server,) = (pid for pid in processes() - before if parent_of(pid) == os.getpid())
    first = {fork_server, *descendants(fork_server)}  # servers of other tests may start processes meanwhile
    assert len(first) == 3
    os.kill(fork_server, signal.SIGKILL)
    eventually(lambda: not any(is_alive(pid) for pid in first))
    pool.query(TINY).close()


def test_fifty_killed_queries_leave_nothing(
    make_pool: MakePool, processes: Processes, eventually: Eventually, tmp_path: Path
) -> None:
    """No process, no open file, no file on disk."""
    before = processes()
    pool = make_pool(size=2, room=spool.Room(directory=tmp_path))
    eventually(lambda: pool.status().idle == 2)
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        with pytest.raises(QueryTimeout):
            pool.query(ENDLESS, timeout=0.03)
    assert pool.status().killed == 50
    eventually(lambda: pool.status().idle == 2 and len(processes() - before) == 3)
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files
    assert list(tmp_path.iterdir()) == []
    pool.close()
    eventually(lambda: processes() <= before)


def test_large_answer_waits_in_a_file_without_a_name(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool(size=1, room=spool.Room(directory=tmp_path))
    with pool.query(Query("SELECT * { ?s ?p ?o VALUES ?n { 1 2 3 4 5 6 7 8 9 10 } }")) as answer:
        assert answer.length > 2 * spool.MEMORY
        assert list(tmp_path.iterdir()) == []
        assert os.fstat(answer.body.fileno()).st_size == answer.length


def test_no_free_worker_is_said_with_a_time_to_come_back(make_pool: MakePool, eventually: Eventually) -> None:
    pool = make_pool(size=1, wait=0.2)
    with ThreadPoolExecutor() as threads:
        eventually(lambda: pool.status().idle == 1)
        long = threads.submit(pool.query, ENDLESS, timeout=1.5)
        eventually(lambda: pool.status().busy == 1)
        with pytest.raises(EngineBusy) as raised:
            pool.query(TINY)
        assert raised.value.retry_after >= 1
        with pytest.raises(QueryTimeout):
            long.result()


def test_half_written_word_of_who_ended_a_query_is_none_yet(tmp_path: Path) -> None:
    """The file is there before what is in it."""
    (tmp_path / "0123456789abcdef.killed").touch()
    assert Registry(tmp_path).killed_by("0123456789abcdef") is None


@pytest.mark.parametrize("by", ["operator", "client"])
def test_cancelled_query_is_answered_while_it_waits(
    make_pool: MakePool, eventually: Eventually, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when its turn comes: the one before it is still running then, and gives way to nobody."""
    monkeypatch.setattr("kg.engine.running.SLOW_AFTER", 60.0)
    registry = Registry(tmp_path / "queries")
    pool = make_pool(size=1, registry=registry)
    with ThreadPoolExecutor() as threads:
        eventually(lambda: pool.status().idle == 1)
        long = threads.submit(pool.query, ENDLESS, timeout=15)
        eventually(lambda: pool.status().busy == 1)
        waiting = threads.submit(pool.query, Query(TINY.text, key="k" * 22))
        eventually(lambda: pool.status().waiting == 1)
        eventually(lambda: len(registry.all()) == 2)
        (entry,) = [running for running in registry.all() if running.worker is None]
        assert registry.cancel("k" * 22) if by == "client" else registry.kill(entry.id)
        with pytest.raises(QueryCancelled) as raised:
            waiting.result(timeout=5)
        assert raised.value.by == by
        assert pool.status().waiting == 0
        assert not long.done()
        (entry,) = registry.all()
        assert registry.kill(entry.id)
        with pytest.raises(QueryCancelled):
            long.result()
    assert registry.all() == []


def test_more_queries_than_workers_wait_their_turn(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: pool.query(TINY).read(), range(300)))
    assert set(answers) == {b'{"head":{},"boolean":true}'}


def test_running_query_finishes_on_its_version(make_pool: MakePool, second_path: Path) -> None:
    """Afterwards the new version answers, and the old one on request."""
    pool = make_pool(size=2)
    first = pool.status().store_path
    slow = (
        "SELECT ?o (COUNT(*) AS ?n) { <http://example.org/it> <http://example.org/label> ?o ."
        " { SELECT ?a { ?a ?b ?c } LIMIT 1500 } { SELECT ?d { ?d ?e ?f } LIMIT 1500 } } GROUP BY ?o"
    )
    with ThreadPoolExecutor() as threads:
        running = threads.submit(pool.rows, slow)
        time.sleep(0.2)
        assert not running.done()
        pool.use(second_path)
        assert pool.rows(LABEL)[0]["o"].value == "second"  # type: ignore[union-attr]
        assert pool.at(first).rows(LABEL)[0]["o"].value == "first"  # type: ignore[union-attr]
        assert running.result()[0]["o"].value == "first"  # type: ignore[union-attr]
    assert pool.rows(LABEL)[0]["o"].value == "second"  # type: ignore[union-attr]


def test_idle_workers_turn_to_the_new_version_unasked(
    make_pool: MakePool, second_path: Path, eventually: Eventually
) -> None:
    pool = make_pool(size=2)
    eventually(lambda: pool.status().idle == 2)
    pool.use(second_path)
    eventually(lambda: pool.status().started == 4 and pool.status().idle == 2)


def test_store_that_cannot_be_opened_is_tried_less_and_less_often(
    make_pool: MakePool, tmp_path: Path, store_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pool = make_pool(tmp_path / "nothing", wait=1.0)
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match="cannot be opened"):
            pool.query(TINY)
    time.sleep(max(0, began + 1.2 - time.monotonic()))
    assert 1 <= len(caplog.records) <= 6
    pool.use(store_path)
    pool.query(TINY).close()


def test_closed_pool_answers_nothing(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.query(TINY).close()
    pool.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        pool.query(TINY)
    assert not [thread for thread in threading.enumerate() if thread is pool._places._keeper]


def test_query_that_keeps_much_memory_gets_its_worker_replaced(make_pool: MakePool, eventually: Eventually) -> None:
    pool = make_pool(size=1, limits=Limits(memory=200 * 2**20))
    eventually(lambda: pool.status().idle == 1)
    doubling = " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(20))
    for _ in range(4):
        pool.query(Query(f"SELECT (STRLEN(?t20) AS ?n) {{ BIND('aaaaaaaaaaaaaaaa' AS ?t0) {doubling} }}")).close()
    assert pool.status().crashed == 0
