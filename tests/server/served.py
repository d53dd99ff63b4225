"""A real `kg serve`, with all its processes, for the tests that kill some of them."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlencode

from server.config import PREFIX

_STARTS: float = 60.0
"""Units: seconds."""


@dataclass(frozen=True)
class Reply:
    """What came back, and how long it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path
    log: Path

    def ask(
        self, path: str, method: str = "GET", patience: float = 60.0, body: str | None = None, **headers: str
    ) -> Reply:
        """Send a request on a connection of its own."""
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        with contextlib.closing(connection):
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            body = response.read()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, fields, body, time.monotonic() - started)

    def query(self, text: str, patience: float = 60.0, **parameters: object) -> Reply:
        """Ask a query."""
        return self.ask("/sparql?" + urlencode({"query": text, **parameters}), patience=patience)

    def answers_within(self, seconds: float) -> bool:
        """Tell whether the server answers a query before the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.query(f"SELECT ({time.monotonic_ns()} AS ?x) {{}}", patience=2).status == 200:
                    return True
            time.sleep(0.05)
        return False

    def family(self) -> dict[int, str]:
        """Return every process below this server, with its command."""
        return {pid: command for pid, (_, command) in _descendants(self.process.pid).items()}

    def parents(self) -> dict[int, int]:
        """Return every process below this server, with the one that started it."""
        return {pid: parent for pid, (parent, _) in _descendants(self.process.pid).items()}


def _descendants(root: int) -> dict[int, tuple[int, str]]:
    """Return every process below one, with its parent and its command; those that end meanwhile may be left out."""
    running: dict[int, tuple[int, str]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            stat = (entry / "stat").read_text()
            fields = stat[stat.rfind(")") + 2 :].split()
            if fields[0] != "Z":
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                running[int(entry.name)] = int(fields[1]), command
    found, new = {root}, {root}
    while new:
        new = {pid for pid, (parent, _) in running.items() if parent in new and pid not in found}
        found |= new
    return {pid: running[pid] for pid in found - {root}}


def is_alive(pid: int) -> bool:
    """Tell whether a process runs, a zombie not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rfind(")") + 2] != "Z"


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(home: Path, log: Path, **settings: object) -> Iterator[Served]:
    """Run `kg serve`'s server over a home as it is; kill what is left of it in the end."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {"home": home, "port": port, "rate": "off", **settings}
    environ |= {PREFIX + name.upper(): str(value) for name, value in given.items()}
    script = (
        "import os; from server.config import from_environment; from server.serve import serve; "
        "serve(from_environment(os.environ))"
    )
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", script], env=environ, stdout=output, stderr=output)
    served = Served(process, port, home, log)
    try:
        assert served.answers_within(_STARTS), log.read_text(errors="replace")
        yield served
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
