"""The servers that are measured: ours and two others, each with the same triples in its default graph."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], url: str, log: Path, environ: Mapping[str, str] = {}) -> Iterator[str]:
    """Run a server until the block ends; give its address once it answers."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environ})
    try:
        _wait(process, url, log)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}?query=ASK%7B%7D") as answer:
                answer.read()
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"{process.args} does not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def ours(kg: Path, home: Path, folder: Path, **settings: str) -> Iterator[str]:
    """Run `kg serve` as it is but for these settings, without the limit of requests a client may send."""
    port = free_port()
    command = [str(kg), "serve", "--home", str(home), "--port", str(port), "--rate", "off"]
    with _running(command, f"http://127.0.0.1:{port}/sparql", folder / "ours.log", settings) as url:
        yield url


@contextmanager
def oxigraph(peers: Path, triples: Path, folder: Path) -> Iterator[str]:
    """Run oxigraph server, read-only, which is its fastest mode."""
    place = str(folder / "oxigraph")
    subprocess.run(
        [peers / "oxigraph", "load", "--location", place, "--file", triples], check=True, capture_output=True
    )
    port = free_port()
    command = [str(peers / "oxigraph"), "serve-read-only", "--location", place, "--bind", f"127.0.0.1:{port}"]
    with _running(command, f"http://127.0.0.1:{port}/query", folder / "oxigraph.log") as url:
        yield url


@contextmanager
def rdflib_endpoint(peers: Path, triples: Path, folder: Path) -> Iterator[str]:
    """Run rdflib-endpoint with its default store."""
    port = free_port()
    command = [str(peers / "rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port), str(triples)]
    with _running(command, f"http://127.0.0.1:{port}/", folder / "rdflib-endpoint.log") as url:
        yield url
