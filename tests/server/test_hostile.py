"""A real server under queries that want to hang it, and under kill -9 of its processes."""

import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.tokens import Tokens
from kg.versions import Home
from tests.server.served import Reply, Served, is_alive, serving

TIMEOUT = 1.5
SLACK = 4.0
"""How long after its deadline a query may be answered on a busy machine. Units: seconds."""
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
HOSTILE = {
    "a count over a cross join": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
    "an order over a cross join": f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f ?i DESC(?l)",
    "a catastrophic regular expression": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} "
        'FILTER REGEX(CONCAT(STR(?a), STR(?d), STR(?g), STR(?j)), "^(([a-z:/.])+.)+[A-Z]([a-z]+)+$") }'
    ),
    "a long property path": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:a>|^!<urn:a>)* ?b . ?b (!<urn:b>|^!<urn:b>)* ?c }",
}
Clean = Callable[[], None]
_MAKERS = ("kg.distributions", "kg.search.writing")


@pytest.fixture(scope="module")
def own(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of this module's own, with a token in it."""
    path = tmp_path_factory.mktemp("own") / "home"
    shutil.copytree(home.path, path, symlinks=True)
    return Home(path)


@pytest.fixture(scope="module")
def authorization(own: Home) -> dict[str, str]:
    """What an operator sends."""
    return {"Authorization": f"Bearer {Tokens(own.path).create('tests', ('admin',))}"}


@pytest.fixture(scope="module")
def served(own: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two processes of two workers, which nothing in this module may break."""
    log = tmp_path_factory.mktemp("served") / "log"
    with serving(own.path, log, query_timeout=TIMEOUT, query_memory=256, queue_timeout=20, cache=0) as running:
        yield running
    assert "Traceback" not in log.read_text(errors="replace")


def _memory(served: Served) -> int:
    """Return the memory of all processes of a server, what they share counted once. Units: bytes."""
    total = 0
    for pid in (served.process.pid, *served.family()):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def _descriptors(served: Served) -> int:
    """Return how many files all processes have open."""
    count = 0
    for pid in (served.process.pid, *served.family()):
        try:
            count += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - counted, not used
        except OSError:
            continue
    return count


def _becomes(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def _is_timeout(reply: Reply) -> bool:
    """Tell whether a query was ended at its deadline, soon enough, and said so properly; or ran out of memory first."""
    problem = reply.json
    assert reply.status == problem["status"] == 503, reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert problem["hint"]
    assert reply.seconds < TIMEOUT + SLACK
    if problem["type"].endswith("query-memory-exceeded"):
        return problem["limit"] == 256 * 2**20
    assert problem["type"].endswith("query-timeout")
    return problem["limit"] == TIMEOUT


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_dead_soon_after_its_deadline(served: Served, query: str) -> None:
    """With the limit and a hint in the answer; its worker is gone."""
    assert _becomes(lambda: len(_workers(served)) == 4)
    before = set(_workers(served))
    assert _is_timeout(served.query(query))
    assert _becomes(lambda: len(_workers(served)) == 4 and not before <= set(_workers(served)))


def test_ordinary_queries_succeed_while_hostile_ones_die(served: Served) -> None:
    """Fifty in flight at the same time as four of the worst, twice over, and the memory comes back."""
    for number in range(50):
        assert served.query(f"SELECT ({number} AS ?x) {{}}").status == 200
    assert _becomes(lambda: len(_workers(served)) == 4)
    memory, family = _memory(served), len(_lasting(served))
    with ThreadPoolExecutor(58) as threads:
        hostile = [threads.submit(served.query, query) for query in HOSTILE.values() for _ in range(2)]
        time.sleep(0.3)
        ordinary = [
            threads.submit(served.query, f"SELECT ?s ({number} AS ?n) {{ ?s ?p ?o }} LIMIT 5") for number in range(50)
        ]
        replies = [future.result() for future in ordinary]
        assert [reply.status for reply in replies] == [200] * 50
        assert all(len(reply.json["results"]["bindings"]) == 5 for reply in replies)
        assert all(_is_timeout(future.result()) for future in hostile)
    assert _becomes(lambda: len(_lasting(served)) == family)
    assert _becomes(lambda: _memory(served) < memory + 64 * 2**20)


def _lasting(served: Served) -> dict[int, str]:
    """Return the processes that serve; those that make files in the background come and go."""
    return {pid: command for pid, command in served.family().items() if not any(maker in command for maker in _MAKERS)}


def _workers(served: Served) -> list[int]:
    """Return the query workers: the children of fork servers, which have their command line."""
    forks = {pid for pid, command in _lasting(served).items() if "kg.engine.forkserver" in command}
    return [pid for pid, parent in served.parents().items() if {pid, parent} <= forks]


def _in_a_row(served: Served, count: int) -> None:
    """Kill many queries; processes, open files, memory and files on disk are as before."""
    for query in HOSTILE.values():
        served.query(query, timeout=0.05)
    assert _becomes(lambda: len(_workers(served)) == 4)
    time.sleep(1.2)
    family, memory, descriptors = len(_lasting(served)), _memory(served), _descriptors(served)
    queries = list(HOSTILE.values())
    with ThreadPoolExecutor(4) as threads:
        replies = list(
            threads.map(
                lambda number: served.query(queries[number % len(queries)], timeout=0.05),
                range(count),
            )
        )
    assert {reply.status for reply in replies} == {503}
    assert {reply.json["limit"] for reply in replies} <= {0.05, 256 * 2**20}
    assert _becomes(lambda: len(_workers(served)) == 4 and len(_lasting(served)) == family)
    assert _becomes(lambda: _descriptors(served) <= descriptors + 8)
    assert _becomes(lambda: _memory(served) < memory + 96 * 2**20)
    assert list((served.home / "run" / "queries").glob("*")) == []
    assert served.query("ASK {}").status == 200


def test_fifty_killed_queries_leave_nothing_behind(served: Served) -> None:
    """No process, no open file, no memory, no file."""
    _in_a_row(served, 50)


@pytest.mark.long
def test_a_thousand_killed_queries_leave_nothing_behind(served: Served) -> None:
    """The same, twenty times as often."""
    _in_a_row(served, 1000)


def test_an_operator_lists_and_ends_what_runs_in_any_process(served: Served, authorization: dict[str, str]) -> None:
    """Listed with its text after a tenth of a second; ended at once, and told who did it."""
    query = HOSTILE["a count over a cross join"]
    assert served.ask("/admin/queries").status == 401
    with ThreadPoolExecutor(3) as threads:
        replies = [threads.submit(served.query, query) for _ in range(3)]
        listed: list[dict[str, object]] = []
        assert _becomes(
            lambda: bool(listed.clear() or listed.extend(_listed(served, authorization)) or len(listed) == 3)
        )
        assert {entry["query"] for entry in listed} == {query}
        for entry in listed:
            assert served.ask(f"/admin/queries/{entry['id']}", "DELETE", **authorization).status == 204
        for reply in replies:
            problem = reply.result().json
            assert problem["type"].endswith("query-cancelled")
            assert problem["by"] == "operator"
            assert reply.result().seconds < TIMEOUT
    assert _becomes(lambda: _listed(served, authorization) == [])
    assert served.ask(f"/admin/queries/{listed[0]['id']}", "DELETE", **authorization).status == 404
    assert served.ask("/admin/queries/..%2F..%2Ftokens", "DELETE", **authorization).status == 404
    workers = [int(str(entry["worker_pid"])) for entry in listed if entry["worker_pid"]]
    assert len(workers) >= 2
    assert not any(is_alive(pid) for pid in workers)


def _listed(served: Served, authorization: dict[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = served.ask("/admin/queries", **authorization).json["queries"]
    return found


def test_a_client_cancels_its_own_query_by_a_name_nobody_guesses(served: Served) -> None:
    """From any connection, so in any process; nobody without the name."""
    name = secrets.token_urlsafe(24)
    with ThreadPoolExecutor(1) as threads:
        reply = threads.submit(served.query, HOSTILE["a long property path"], **{"query-id": name})
        assert served.ask(f"/queries/running/{secrets.token_urlsafe(24)}", "DELETE").status == 404
        assert _becomes(lambda: served.ask(f"/queries/running/{name}", "DELETE").status == 204, 1.0)
        problem = reply.result().json
    assert problem["type"].endswith("query-cancelled")
    assert problem["by"] == "client"
    assert served.ask(f"/queries/running/{name}", "DELETE").status == 404
    assert served.query("ASK {}", **{"query-id": "short"}).status == 400


@pytest.mark.parametrize("by", ["operator", "client"])
def test_an_update_is_listed_and_ended_like_a_query(
    served: Served, own: Home, authorization: dict[str, str], by: str
) -> None:
    """In any process; it is told who did it, its process is gone, and nothing of it is in the graph."""
    secret = Tokens(own.path).create(f"writer ended by {by}", ("write",), query_timeout=60)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sparql-update"}
    name = secrets.token_urlsafe(24)
    if by == "client":
        headers["Query-Id"] = name
    text = f"INSERT {{ GRAPH <urn:g> {{ <urn:s> <urn:p> ?n }} }} WHERE {{ SELECT (COUNT(*) AS ?n) {{ {CROSS} }} }}"
    with ThreadPoolExecutor(1) as threads:
        reply = threads.submit(served.ask, "/sparql", "POST", 60.0, text, **headers)
        listed: list[dict[str, object]] = []
        assert _becomes(
            lambda: bool(listed.clear() or listed.extend(_listed(served, authorization)) or _has_process(listed)), 30
        )
        (entry,) = listed
        assert (entry["query"], entry["timeout"]) == (text, 60.0)
        path = f"/admin/queries/{entry['id']}" if by == "operator" else f"/queries/running/{name}"
        assert served.ask(path, "DELETE", **authorization).status == 204
        problem = reply.result().json
    assert problem["type"].endswith("update-cancelled")
    assert problem["by"] == by
    assert not is_alive(int(str(entry["worker_pid"])))
    assert _listed(served, authorization) == []
    assert own.current_number() == 1


def _has_process(listed: list[dict[str, object]]) -> bool:
    return bool(listed) and listed[0]["worker_pid"] is not None


def test_a_client_may_lower_the_deadline_and_never_raise_it(served: Served) -> None:
    """`timeout` in seconds."""
    query = HOSTILE["a count over a cross join"]
    assert served.query(query).json["limit"] == TIMEOUT
    for said, limit in (("0.2", 0.2), ("3600", TIMEOUT), ("0.000001", 0.01)):
        assert served.query(query, timeout=said).json["limit"] == limit
    for nonsense in ("0", "-1", "nan", "inf", "soon"):
        assert served.query("ASK {}", timeout=nonsense).status == 400


def test_metrics_add_up_what_all_processes_did(served: Served) -> None:
    """Requests by outcome, kills, workers, cache, version, disk."""
    before = _metrics(served)
    for number in range(20):
        served.query(f"ASK {{ BIND({number} AS ?x) }}")
    assert _is_timeout(served.query(HOSTILE["a count over a cross join"]))
    served.query("ASK")
    assert _becomes(lambda: _grown(before, _metrics(served), "praksis_workers_killed_total") >= 1)
    after = _metrics(served)
    assert _grown(before, after, 'praksis_request_seconds_count{outcome="ok",service="sparql"}') >= 20
    assert _grown(before, after, 'praksis_request_seconds_count{outcome="query-timeout",service="sparql"}') >= 1
    assert _grown(before, after, 'praksis_request_seconds_count{outcome="query-syntax-error",service="sparql"}') >= 1
    assert after["praksis_version"] == 1
    assert after["praksis_home_free_bytes"] > 0
    assert {"praksis_queries_waiting", "praksis_cache_bytes", 'praksis_workers{state="idle"}'} <= after.keys()
    assert _becomes(lambda: _metrics(served)['praksis_workers{state="idle"}'] == 4)


def _metrics(served: Served) -> dict[str, float]:
    lines = served.ask("/metrics").body.decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def _grown(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0.0) - before.get(name, 0.0)


def _role(command: str) -> str:
    if "kg.engine.forkserver" in command:
        return "fork server or worker"
    return "web server" if "server.serve" in command else "other"


def test_after_kill_9_of_any_process_the_service_answers_again(own: Home, tmp_path: Path) -> None:
    """Granian, server processes, fork servers and workers, one after the other; nothing of the dead survives."""
    with serving(own.path, tmp_path / "log", query_timeout=30) as served:
        roles = {_role(command) for command in served.family().values()}
        assert {"fork server or worker", "web server"} <= roles
        for pid in sorted(served.family()):
            if not is_alive(pid):
                continue
            below = {child for child, parent in served.parents().items() if parent == pid}
            os.kill(pid, signal.SIGKILL)
            assert served.answers_within(15), served.log.read_text(errors="replace")
            assert _becomes(lambda dead={pid, *below}: not any(is_alive(one) for one in dead), 3.0)
        assert _becomes(lambda: len(_workers(served)) == 4)
        left = list(served.family())
        served.process.kill()
        served.process.wait()
        assert _becomes(lambda: not any(is_alive(pid) for pid in left), 3.0)
    with serving(own.path, tmp_path / "log") as again:
        servers = {int(path.name.split("-")[1]) for path in (own.path / "run").glob("server-*")}
        assert again.process.pid in servers
        assert served.process.pid not in servers


def test_a_dead_process_leaves_its_counts_and_nothing_that_counts_as_living(own: Home, tmp_path: Path) -> None:
    """Its gauges go when another process takes its place, whether or not anybody asks for the measurements."""
    name = 'praksis_request_seconds_count{outcome="ok",service="sparql"}'
    with serving(own.path, tmp_path / "log") as served:
        folder = next((own.path / "run").glob(f"server-{served.process.pid}-*")) / "metrics"
        for number in range(20):
            served.query(f"ASK {{ BIND({number} AS ?dead) }}")
        before = _metrics(served)
        dead = {
            pid for pid, command in served.family().items() if "server.serve" in command and _gauges(folder, pid)
        } - {_granian(served)}
        assert len(dead) == 2
        for pid in dead:
            os.kill(pid, signal.SIGKILL)
        assert _becomes(lambda: not any(_gauges(folder, pid) for pid in dead), 20)
        assert served.answers_within(15)
        assert _metrics(served)[name] > before[name] >= 20


def _granian(served: Served) -> int:
    """Return the process that starts the server processes."""
    (pid,) = (pid for pid, parent in served.parents().items() if parent == served.process.pid)
    return pid


def _gauges(folder: Path, pid: int) -> list[Path]:
    return list(folder.glob(f"gauge_live*_{pid}.db"))


@pytest.mark.parametrize("scope", ["write", "admin"])
def test_the_first_write_finds_its_process_started_where_anybody_may_write(
    home: Home, tmp_path: Path, scope: str
) -> None:
    """Each server process starts it behind its first query; where nobody may write there is none."""
    shutil.copytree(home.path, tmp_path / "home", symlinks=True)
    Tokens(tmp_path / "home").create("tests", (scope,))
    with serving(tmp_path / "home", tmp_path / "log") as served:

        def started() -> int:
            return sum("kg.edits.judging" in command for command in served.family().values())

        assert served.ask("/readyz").status == 200
        if scope == "write":
            assert _becomes(lambda: started() == 2, 30)
        else:
            assert not _becomes(lambda: started() > 0, 3)


def test_sigterm_lets_a_running_query_finish_and_leaves_nothing(own: Home, tmp_path: Path) -> None:
    """Drained, then gone, with no folder left behind."""
    with serving(own.path, tmp_path / "log", query_timeout=120) as served:
        family = list(served.family())
        replies: list[Reply] = []
        query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d a ?f FILTER(?c < ?f) } # " + secrets.token_hex(4)
        thread = threading.Thread(target=lambda: replies.append(served.query(query)))
        thread.start()
        assert _becomes(lambda: any((own.path / "run" / "queries").glob("*")))
        served.process.terminate()
        assert served.process.wait(150) == 0
        thread.join()
        assert replies[0].status == 200
        assert _becomes(lambda: not any(is_alive(pid) for pid in family), 3.0)
        assert not list((own.path / "run").glob(f"server-{served.process.pid}-*"))
