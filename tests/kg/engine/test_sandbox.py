"""What the kernel guarantees, whatever the lexer and the parser think."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from kg.engine import Query
from kg.engine.workers import WorkerPool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and /proc are Linux's")


class Listener(Protocol):
    """What the fixture gives."""

    url: str

    def was_called(self) -> bool:
        """Tell whether anyone came."""


CALL_FROM_A_SANDBOX = """
import sys
from pyoxigraph import QueryResultsFormat, Store
from kg.engine import sandbox
assert sandbox.deny_sockets() and sandbox.sockets_are_denied()
query = "SELECT * { SERVICE <%s> { ?s ?p ?o } }" % sys.argv[1]
try:
    Store().query(query).serialize(format=QueryResultsFormat.JSON)
except OSError as error:
    print("denied" if isinstance(error, PermissionError) else error)
"""

SERVER = """
import sys, threading, time
from pathlib import Path
from kg.engine import Query
from kg.engine.workers import WorkerPool
pool = WorkerPool(Path(sys.argv[1]), size=2)
pool.query(Query("ASK {}")).close()
endless = Query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
starter = threading.Thread(target=lambda: threading.Thread(target=pool.query, args=[endless]).start())
starter.start()
starter.join()
time.sleep(0.3)
print("ready", flush=True)
time.sleep(60)
"""


def test_worker_says_that_it_has_no_sockets(pool: WorkerPool) -> None:
    pool.query(Query("ASK {}")).close()
    assert pool.status().sandboxed is True


def test_service_reaches_nobody_even_where_nothing_refuses_it(listener: Listener) -> None:
    command = [sys.executable, "-c", CALL_FROM_A_SANDBOX, listener.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.stdout.strip() == "denied", done.stderr
    assert not listener.was_called()


def test_killed_server_takes_its_workers_with_it(
    store_path: Path, is_alive: Callable[[int], bool], eventually: Callable[..., None]
) -> None:
    """Also the one in the middle of a query, which cannot see that its pipe has closed."""
    command = [sys.executable, "-c", SERVER, str(store_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as server:
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        left = below(server.pid)
        assert len(left) == 3
        os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: not [pid for pid in left if is_alive(pid)], seconds=2)


def environment() -> dict[str, str]:
    """Return an environment in which a child finds what this process has imported."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)}


def below(pid: int) -> set[int]:
    """Return the processes below one."""
    children = {
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    }
    return children | {found for child in children for found in below(child)}
