"""Comunica, a query engine in JavaScript that others wrote, gets right answers from the server."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from kg import build, files
from kg.versions import Home

_HERE = Path(__file__).parent
_COMUNICA = _HERE / "node_modules" / "@comunica" / "query-sparql" / "bin" / "query.js"


def _node():
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None or not _COMUNICA.is_file():
        pytest.skip("Comunica is not installed: `make test` does it, with the Node.js of requirements-test.lock")
    return found


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def endpoint(graph, tmp_path_factory):
    """The SPARQL address of a server of its own over the real graph."""
    home = tmp_path_factory.mktemp("home")
    Home(home).publish(graph, "test", "for clients", build.digests(files.default_folders()))
    port = _free_port()
    command = [sys.executable, "-m", "kg.cli", "serve", "--home", str(home), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}/sparql"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(address):
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _comunica(endpoint, query):
    command = [_node(), str(_COMUNICA), f"sparql@{endpoint}", query, "-t", "application/sparql-results+json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_comunica_reads_the_people(endpoint):
    """A SELECT through Comunica gives the six people of the graph."""
    results = _comunica(
        endpoint,
        "SELECT ?name WHERE { ?p a <http://xmlns.com/foaf/0.1/Person> ; <http://xmlns.com/foaf/0.1/name> ?name }",
    )
    assert sorted(row["name"]["value"] for row in results["results"]["bindings"]) == [
        "Guri Kaspara Lande",
        "Kristin Weidemann Wieland",
        "Linda Hofstad Helleland",
        "Liv Freihow",
        "Truls Berg",
        "Øyvind Husby",
    ]


def test_comunica_aggregates_over_the_endpoint(endpoint):
    """A grouped count through Comunica equals the graph's."""
    results = _comunica(
        endpoint,
        "PREFIX pg: <https://w3id.org/praksisgrafen/def/> SELECT (COUNT(*) AS ?n) WHERE { ?f a pg:NumericFinding }",
    )
    assert [row["n"]["value"] for row in results["results"]["bindings"]] == ["58"]
