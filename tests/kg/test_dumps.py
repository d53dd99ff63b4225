"""Dumps: all of the graph, the same bytes every time, and Turtle that people can read."""

import io
import random
import re

import pyoxigraph as ox
import pytest
import rdflib

from kg import dumps


def _dump(store: ox.Store, name: str) -> bytes:
    output = io.BytesIO()
    dumps.write(store, name, output)
    return output.getvalue()


@pytest.mark.parametrize("name", dumps.FORMATS)
def test_dump_says_all_and_only_what_the_graph_says(graph, name):
    """Reading a dump gives the graph back, with its named graphs where the format has them."""
    quads = list(ox.parse(_dump(graph, name), format=dumps.FORMATS[name]))
    if dumps.FORMATS[name].supports_datasets:
        assert set(quads) == set(graph)
    else:
        assert {quad.triple for quad in quads} == {quad.triple for quad in graph}


@pytest.mark.parametrize("name", dumps.FORMATS)
def test_order_of_loading_does_not_show(graph, name):
    """A store filled in another order gives the same bytes."""
    quads = list(graph)
    random.Random(7).shuffle(quads)  # noqa: S311 the order is arbitrary, not secret
    store = ox.Store()
    store.extend(quads)
    assert _dump(store, name) == _dump(graph, name)


def test_turtle_reads_well(graph):
    """Prefixes in use come first, each group has a heading, names precede all other statements."""
    text = _dump(graph, "turtle").decode()
    assert text.startswith("@prefix pg: <https://w3id.org/praksisgrafen/def/> .\n")
    headings = [line for line in text.split("\n") if line.startswith("# ")]
    assert headings[0] == "# Vocabulary"
    assert "# Findings" in headings
    assert "\norganisation:ks a " in text
    assert "\n    skos:prefLabel " in text
    assert not re.search(r"^(    \S+ )?<https://w3id.org/praksisgrafen/id/[^>]*> [;.,]$", text, re.MULTILINE)
    assert '\n    sh:construct """# ' in text


def test_dump_holds_no_blank_nodes(graph):
    """Released files name everything."""
    assert b"_:" not in b"".join(line for line in _dump(graph, "ntriples").splitlines() if line.startswith(b"_:"))
    assert not [q for q in graph if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)]


def test_rdflib_reads_the_turtle(graph):
    """Another library reads the same number of triples."""
    read = rdflib.Graph().parse(data=_dump(graph, "turtle"), format="turtle")
    assert len(read) == len({quad.triple for quad in graph})
