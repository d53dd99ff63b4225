"""What all tests share: the real graph, built once, and the folders of others' suites and sources."""

import contextlib
import gc
import os
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg import build, files, origins, remote, rules
from kg.versions import Home
from tests.serving import serving


@pytest.fixture(scope="module", autouse=True)
def collected() -> None:
    """Drop what earlier tests left, in this thread: results of pyoxigraph may not be dropped in another one."""
    gc.collect()


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


@pytest.fixture(scope="session")
def graph_server(graph: ox.Store, folders: files.Folders, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server over the real graph, which nobody can write to."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.publish(graph, "tests", "the real graph", build.digests(folders))
    with serving("--home", str(home.path)) as address:
        yield address


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


@dataclass(frozen=True)
class Asked:
    """A request that came to the server on loopback."""

    line: str
    headers: dict[str, str]
    body: bytes


class Internet:
    """Names and two servers on loopback: 127.0.0.1 stands for a public address, 127.0.0.2 for one nobody may reach.

    A name leads to the first of its addresses, the next time to the next, in the end always to the last.
    """

    def __init__(self, port: int, inside: socket.socket) -> None:
        self.port = port
        self.names: dict[str, list[str]] = {}
        self.lookups: list[str] = []
        self.answers: dict[str, bytes | Iterable[bytes]] = {}
        self.asked: list[Asked] = []
        inside.settimeout(0.1)
        self._inside = inside

    def origin(self, name: str) -> str:
        """Return what an allow list says to allow this name."""
        return f"http://{name}:{self.port}"

    def answer(self, path: str, body: bytes, media_type: str, *headers: str, status: str = "200 OK") -> None:
        """Let the public server answer with a whole document."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers]
        self.answers[path] = "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body

    def was_reached_inside(self) -> bool:
        """Tell whether anybody has connected to where nobody may."""
        with contextlib.suppress(TimeoutError):
            self._inside.accept()[0].close()
            return True
        return False

    def look_up(self, host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        """Stand in for `socket.getaddrinfo`."""
        address = host
        if not host.replace(".", "").isdecimal() and ":" not in host:
            self.lookups.append(host)
            left = self.names.get(host)
            if left is None:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Names and servers that a test decides about; nothing of it leaves the machine."""
    judge: Callable[[str], bool] = origins.is_public
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as public:
        port = public.server_address[1]
        with socket.create_server(("127.0.0.2", port)) as inside:
            internet = Internet(port, inside)
            public.internet = internet  # type: ignore[attr-defined]
            monkeypatch.setattr(remote.socket, "getaddrinfo", internet.look_up)
            monkeypatch.setattr(remote, "is_public", lambda address: address == "127.0.0.1" or judge(address))
            thread = threading.Thread(target=public.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield internet
            public.shutdown()
            thread.join()


class _Handler(socketserver.StreamRequestHandler):
    """Reads one request and writes the bytes that are the answer, each piece on its own."""

    def handle(self) -> None:
        """Answer what was asked."""
        internet: Internet = self.server.internet  # type: ignore[attr-defined]
        line = self.rfile.readline().decode().strip()
        headers = {}
        while field := self.rfile.readline().decode().strip():
            name, _, value = field.partition(": ")
            headers[name] = value
        body = self.rfile.read(int(headers.get("Content-Length", "0")))
        internet.asked.append(Asked(line, headers, body))
        answer = internet.answers.get(line.split()[1], b"HTTP/1.1 404 Not Found\r\n\r\n")
        with contextlib.suppress(OSError):
            for piece in [answer] if isinstance(answer, bytes) else answer:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(0 if isinstance(answer, bytes) else 0.05)
