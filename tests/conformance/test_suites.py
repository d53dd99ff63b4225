"""The suites of the W3C over HTTP, run by the runners beside them against a server in conformance mode."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("suites")

_KEEPS_TAG = "the engine's GROUP_CONCAT keeps a language tag that all values share"
_GRAPH_VARIABLE = "the engine binds ?g inside the group of GRAPH ?g already, "
_PATH_OF_NOTHING = "the engine finds no path of length zero from or to a term that is not in the data"
FAILURES = {
    "aggregates/agg-groupconcat-04": _KEEPS_TAG,
    "aggregates/agg-groupconcat-06": _KEEPS_TAG,
    "aggregates/agg-empty-group-count-graph": _GRAPH_VARIABLE + "so that a graph without matches has no count of 0",
    "bindings/graph": _GRAPH_VARIABLE + "where VALUES sees it",
    "negation/graph-minus": _GRAPH_VARIABLE + "where both sides of MINUS share it",
    "csv-tsv-res/tsv03": "the store normalises numbers: 1.0e6 comes back as 1000000.0",
    "property-path/zero_or_more_set_start": _PATH_OF_NOTHING,
    "property-path/zero_or_more_set_end": _PATH_OF_NOTHING,
    "property-path/zero_or_one_set_start": _PATH_OF_NOTHING,
    "property-path/zero_or_one_set_end": _PATH_OF_NOTHING,
}
"""Tests of the query and update suite that are known to fail, each with its reason; all lie in pyoxigraph."""


def run(runner: Path, arguments: list[str], results: Path) -> dict[str, tuple[str, str]]:
    """Run a runner; return status and note of each test."""
    command = [sys.executable, str(runner), *arguments, "--show", "none", "--json", str(results)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert results.is_file(), done.stderr
    return {name: (status, note) for name, status, note in json.loads(results.read_text(encoding="utf-8"))}


def test_the_protocol_and_service_description_suites_pass_whole(
    suites: Path, suite_server: str, tmp_path: Path
) -> None:
    """34 tests of the protocol, three of the description."""
    endpoint = f"{suite_server}/sparql"
    found = run(suites / "runners" / "run_protocol.py", ["--query", endpoint], tmp_path / "results.json")
    assert {name: note for name, (status, note) in found.items() if status != "pass"} == {}
    assert len(found) == 34 + 3


def test_the_protocol_suite_also_passes_loaded_through_the_graph_store(
    suites: Path, suite_server: str, tmp_path: Path
) -> None:
    """What PUT writes is what queries read."""
    arguments = ["--query", f"{suite_server}/sparql", "--load", "gsp", "--gsp", f"{suite_server}/graphs"]
    found = run(suites / "runners" / "run_protocol.py", arguments, tmp_path / "results.json")
    assert {name: note for name, (status, note) in found.items() if status != "pass"} == {}


def test_the_query_and_update_suite_fails_only_where_we_know_why(
    suites: Path, suite_server: str, tmp_path: Path
) -> None:
    """A test that passes unexpectedly is news, too."""
    root = suites / "sparql11-given"
    arguments = ["--query", f"{suite_server}/sparql", "--kinds", "all", "--root", str(root)]
    found = run(suites / "runners" / "run_query_eval.py", arguments, tmp_path / "results.json")
    assert {name: note for name, (status, note) in found.items() if status == "fail" and name not in FAILURES} == {}
    assert {name for name, (status, _) in found.items() if status == "fail"} == set(FAILURES)
    counts = Counter(status for status, _ in found.values())
    assert counts["pass"] + counts["fail"] == 249
