"""The cube is well formed: the integrity constraints of the RDF Data Cube recommendation, as queries others wrote.

Source: https://www.w3.org/TR/vocab-data-cube/#wf-rules
"""

import re
import subprocess
import sys

import pyoxigraph as ox
import pytest

from kg import dumps, terms

_PREFIXES = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in terms.PREFIXES.items())
_ANY = "{ SELECT ?o WHERE { ?o qb:dataSet dataset:reported } ORDER BY ?o LIMIT 1 }"

LIVE = {
    "1": f"INSERT {{ ?o qb:dataSet dataset:derived }} WHERE {_ANY}",
    "2": "INSERT DATA { dataset:reported qb:structure dataset:other . dataset:other a qb:DataStructureDefinition }",
    "3": "DELETE WHERE { dataset:structure qb:component component:value }",
    "4": "DELETE WHERE { pg:kind rdfs:range ?range }",
    "6": "INSERT DATA { component:kind qb:componentRequired false }",
    "11": f"DELETE {{ ?o pg:scale ?v }} WHERE {{ {_ANY} ?o pg:scale ?v }}",
    "12": f"INSERT {{ observation:twin ?p ?v }} WHERE {{ {_ANY} ?o ?p ?v }}",
    "13": f"DELETE {{ ?o sdmx-attribute:unitMeasure ?v }} WHERE {{ {_ANY} ?o sdmx-attribute:unitMeasure ?v }}",
    "14": f"DELETE {{ ?o sdmx-measure:obsValue ?v }} WHERE {{ {_ANY} ?o sdmx-measure:obsValue ?v }}",
    "19a": f"INSERT {{ ?o pg:kind kind:wrong }} WHERE {_ANY}",
}
"""Constraint → an edit that breaks it, and must be seen to."""

VACUOUS = {
    "5": "no dimension has the bare range skos:Concept: each names a class of codes and a code list",
    "7": "the cube has no slices",
    "8": "the cube has no slices",
    "9": "the cube has no slices",
    "10": "the cube has no slices",
    "15": "there is one measure and no qb:measureType",
    "16": "there is one measure and no qb:measureType",
    "17": "there is one measure and no qb:measureType",
    "18": "the cube has no slices",
    "19b": "code lists are concept schemes; the collections beside them are no code lists",
    "20": "no code list is hierarchical",
    "21": "no code list is hierarchical",
}
"""Constraint → why it cannot fire on this cube: passing it proves nothing."""


@pytest.fixture(scope="module")
def queries(suites):
    """The constraints by number, and the two updates that complete a cube before they are asked."""
    folder = suites / "qb-ic" / "queries"
    constraints = {path.stem.removeprefix("integrity-"): path.read_text() for path in folder.glob("integrity-*.sparql")}
    return constraints, [(folder / name).read_text() for name in ("closure.ru", "flatten.ru")]


def _cube(graph, queries, edit=None):
    store = ox.Store()
    store.extend([ox.Quad(q.subject, q.predicate, q.object) for q in graph])
    if edit:
        before = set(store)
        store.update(_PREFIXES + edit)
        assert set(store) != before, "the edit changed nothing"
    for update in queries[1]:
        store.update(_PREFIXES + update)
    return store


def test_every_constraint_is_either_live_or_vacuous(queries):
    """No constraint passes unseen."""
    assert set(queries[0]) == set(LIVE) | set(VACUOUS)
    assert not set(LIVE) & set(VACUOUS)


@pytest.mark.parametrize("number", LIVE)
def test_live_constraint_holds_and_would_be_seen_broken(graph, queries, number):
    """The real cube keeps the constraint, and the query says so when it does not."""
    ask = _PREFIXES + queries[0][number]
    assert not bool(_cube(graph, queries).query(ask))
    assert bool(_cube(graph, queries, LIVE[number]).query(ask))


def test_runner_of_the_suite_finds_no_violation(graph, suites, tmp_path):
    """The dump passes the suite's own runner."""
    dump = tmp_path / "cube.ttl"
    with dump.open("wb") as output:
        dumps.write(graph, "turtle", output)
    runner = [sys.executable, "-W", "ignore", suites / "runners" / "run_qb_ic.py", "--check", dump]
    result = subprocess.run(runner, capture_output=True, text=True, timeout=120, check=False)
    assert re.search(r"^== 0 of 22 constraints violated$", result.stdout, re.MULTILINE), result.stdout + result.stderr
