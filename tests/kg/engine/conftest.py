"""Stores on disk and pools over them; the shared ones are never changed."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.engine import Limits
from kg.engine.embedded import EmbeddedEngine
from kg.engine.workers import WorkerPool

EXAMPLE = "http://example.org/"
PREFIXES = {"ex": EXAMPLE}
SERVICE_CALLS = [
    "SELECT * { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "ASK { SeRvIcE # why not\n SILENT # here\n <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "SELECT * { FILTER EXISTS {SERVICE<http://127.0.0.1:{port}/> {?s ?p ?o}}}",
    "SELECT * {{SELECT ?s {BIND(<http://127.0.0.1:{port}/> AS ?x) SERVICE ?x {?s ?p ?o}}}}",
    "PREFIX : <http://127.0.0.1:{port}/> SELECT * { SERVICE:x {?s ?p ?o} }",
    "PREFIX : <http://127.0.0.1:{port}/> PREFIX SERVICE: <a:> SELECT * { SERVICE:x {?s ?p ?o} }",
    "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:{port}/> {?s ?p ?o} }",
    "SELECT * { SERVICESILENT<http://127.0.0.1:{port}/> {?s ?p ?o} }",
    'SELECT * { FILTER(1<2)#>"""\nSERVICE <http://127.0.0.1:{port}/> {?s ?p ?o} #"""\n }',
    "SELECT * { SERV\\u0049CE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
]


def write_store(path: Path, label: str, size: int) -> Path:
    """Write a store with one labelled thing and many numbers, in two graphs."""
    store = Store(str(path))
    store.add(Quad(NamedNode(EXAMPLE + "it"), NamedNode(EXAMPLE + "label"), Literal(label), NamedNode(EXAMPLE + "one")))
    store.bulk_extend(
        Quad(
            NamedNode(f"{EXAMPLE}n{number}"),
            NamedNode(EXAMPLE + "number"),
            Literal(number),
            NamedNode(EXAMPLE + "two"),
        )
        for number in range(size)
    )
    store.flush()
    return path


@pytest.fixture(scope="session")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("stores") / "1", "first", 20_000)


@pytest.fixture(scope="session")
def second_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("stores") / "2", "second", 10)


@pytest.fixture(scope="session")
def engine(store_path: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine.open(store_path, prefixes=PREFIXES)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def pool(store_path: Path) -> Iterator[WorkerPool]:
    limits = Limits(timeout=20, result_bytes=20 * 2**20, rows=100_000, memory=256 * 2**20)
    pool = WorkerPool(store_path, size=2, limits=limits, wait=20, prefixes=PREFIXES)
    yield pool
    pool.close()


@pytest.fixture
def make_pool(store_path: Path) -> Iterator[Callable[..., WorkerPool]]:
    """Make pools that a test may do anything to."""
    with contextlib.ExitStack() as stack:

        def make(path: Path = store_path, **settings: object) -> WorkerPool:
            pool = WorkerPool(path, **{"wait": 20.0, "prefixes": PREFIXES, **settings})  # type: ignore[arg-type]
            stack.callback(pool.close)
            return pool

        yield make


@pytest.fixture(scope="session")
def service_calls() -> list[str]:
    """Ways to write a call that pyoxigraph would make; it takes the last one, alone, for a mistake."""
    return SERVICE_CALLS


class Listener:
    """Listens on a loopback port and knows whether anyone came."""

    def __init__(self, server: socket.socket) -> None:
        server.settimeout(0.1)
        self._server = server
        self.port: int = server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def was_called(self) -> bool:
        """Tell whether anyone has connected."""
        try:
            self._server.accept()[0].close()
        except TimeoutError:
            return False
        return True


@pytest.fixture
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Listener(server)


def descendants(pid: int) -> set[int]:
    """Return the process ids below a process."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rsplit(")", 1)[1].split()
            if fields[0] != "Z":
                parents[int(entry.parent.name)] = int(fields[1])
    found: set[int] = set()
    new = {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


@pytest.fixture
def processes() -> Callable[[], set[int]]:
    """Tell which processes there are below this one."""
    return lambda: descendants(os.getpid())


@pytest.fixture
def is_alive() -> Callable[[int], bool]:
    """Tell whether a process runs, or a thread of it: its files are closed with the last one, not with the first."""

    def ask(pid: int) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            return state != "Z" or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
        except OSError:
            return False

    return ask


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait a few seconds for something to become true."""

    def wait(condition: Callable[[], object], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not become true in time"
            time.sleep(0.02)

    return wait
