"""Servers as their users start them: in conformance mode, and over the real graph; each on a free port."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pyoxigraph as ox
import pytest

from kg import build, files
from kg.versions import Home

_START = 60.0
"""Units: seconds."""


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Run `kg serve` with these arguments, give its address, and end it as an operator would."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kg.cli", "serve", "--port", str(port), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRAKSIS_")}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            _wait(process, f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        except BaseException:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                response.read()
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def suite_server() -> Iterator[str]:
    """Return the address of an empty server that suites may erase."""
    with serving("--conformance") as address:
        yield address


@pytest.fixture(scope="session")
def graph_server(graph: ox.Store, folders: files.Folders, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server over the real graph, which nobody can write to."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.publish(graph, "tests", "the real graph", build.digests(folders))
    with serving("--home", str(home.path)) as address:
        yield address
