"""Comunica, a query engine in JavaScript that others wrote, gets right answers from the server."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_COMUNICA = _HERE / "node_modules" / "@comunica" / "query-sparql" / "bin" / "query.js"


def _node():
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None or not _COMUNICA.is_file():
        pytest.skip("Comunica is not installed: `make test` does it, with the Node.js of requirements-test.lock")
    return found


def _comunica(server, query):
    command = [_node(), str(_COMUNICA), f"sparql@{server}/sparql", query, "-t", "application/sparql-results+json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_comunica_reads_the_people(graph_server):
    """A SELECT through Comunica gives the six people of the graph."""
    results = _comunica(
        graph_server,
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


def test_comunica_aggregates_over_the_endpoint(graph_server):
    """A grouped count through Comunica equals the graph's."""
    results = _comunica(
        graph_server,
        "PREFIX pg: <https://w3id.org/praksisgrafen/def/> SELECT (COUNT(*) AS ?n) WHERE { ?f a pg:NumericFinding }",
    )
    assert [row["n"]["value"] for row in results["results"]["bindings"]] == ["58"]
