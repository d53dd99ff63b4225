"""Values take the place of variables, and of nothing else."""

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from kg.engine.binding import bind
from kg.engine.embedded import EmbeddedEngine

IT = NamedNode("http://example.org/it")


def test_only_the_variable_is_replaced() -> None:
    query = "SELECT ?o { ?s ?sub '?s' . ?o ?p $s # ?s\n FILTER(?s != ?o) }"
    it = " <http://example.org/it> "
    assert bind(query, {"s": IT}) == f"SELECT ?o {{ {it} ?sub '?s' . ?o ?p {it} # ?s\n FILTER({it} != ?o) }}"


def test_a_bound_variable_can_be_projected(engine: EmbeddedEngine) -> None:
    rows = engine.rows("SELECT ?s ?o { ?s <http://example.org/label> ?o }", {"s": IT})
    assert rows == [{"s": IT, "o": Literal("first")}]


def test_a_value_reaches_into_filters_and_subqueries(engine: EmbeddedEngine) -> None:
    query = "SELECT ?n { { SELECT ?n { ?n <http://example.org/number> ?v FILTER(?v = ?wanted) } } }"
    assert engine.rows(query, {"wanted": Literal(7)}) == [{"n": NamedNode("http://example.org/n7")}]


@pytest.mark.parametrize("text", ['" . ?s ?p ?o . "', "\\", "'''", "\n", "} #"])
def test_no_text_escapes_from_its_literal(engine: EmbeddedEngine, text: str) -> None:
    assert engine.rows("SELECT ?x { BIND(?v AS ?x) }", {"v": Literal(text)}) == [{"x": Literal(text)}]


def test_a_binding_without_its_variable_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"no variable \?t"):
        bind("SELECT * { ?s ?p ?o }", {"t": IT})


def test_a_blank_node_cannot_be_bound() -> None:
    with pytest.raises(ValueError, match="blank node"):
        bind("SELECT * { ?s ?p ?o }", {"s": BlankNode("a")})
