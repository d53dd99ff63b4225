"""What shapes and rules read: found in them, never too little."""

from itertools import product
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef, Variable
from rdflib.namespace import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg import incremental, patterns, predicates, readings, refusals, shapes

EX, DATA, SHAPES = "http://example.org/", "http://example.org/data", shapes.SHAPES_GRAPH + "test"
PREFIXES = f"""
@prefix ex: <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)

CONSTRAINTS = [
    "sh:property [ sh:path ex:p ; sh:maxCount 1 ]",
    "sh:property [ sh:path ex:p ; sh:class ex:B ]",
    "sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]",
    "sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ]",
    "sh:property [ sh:path [ sh:inversePath ( ex:p [ sh:alternativePath ( ex:q ex:r ) ] ) ] ; sh:class ex:A ]",
    "sh:property [ sh:path [ sh:inversePath [ sh:alternativePath ( ex:p [ sh:inversePath ex:q ] ) ] ] ; sh:in () ]",
    (
        "sh:property [ sh:path ( ex:p [ sh:inversePath ex:p ] ) ; sh:qualifiedValueShape [ sh:class ex:A ] ; "
        "sh:qualifiedMaxCount 1 ]"
    ),
    "sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:node ex:Nested ] ] ]",
    "sh:property [ sh:path ex:q ; sh:lessThan ex:r ]",
    "sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:disjoint ex:r ] ]",
    "sh:or ( [ sh:class ex:B ] [ sh:property [ sh:path ex:q ; sh:hasValue ex:n1 ] ] )",
    "sh:not [ sh:property [ sh:path ex:p ; sh:closed true ; sh:ignoredProperties ( rdf:type ex:p ) ] ]",
    "sh:closed true ; sh:ignoredProperties ( rdf:type ex:p ex:q )",
    "sh:property [ sh:path [ sh:oneOrMorePath ex:p ] ; sh:class ex:A ]",
    (
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this ?value WHERE { $this ex:p ?x . ?value ex:p ?x ; "
        "ex:q ?y . FILTER (?value != $this) }' ]"
    ),
    (
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this ?value WHERE { $this ex:p ?value "
        "FILTER NOT EXISTS { ?value ex:q ?z . ?z ex:r ?w } }' ]"
    ),
    (
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { { $this ex:p ex:n1 } UNION { $this ?way ex:n2 . "
        "OPTIONAL { ex:n2 ex:q ?value } FILTER (BOUND(?value)) } }' ]"
    ),
    (
        "sh:property [ sh:path ex:p ; sh:node [ sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this (COUNT(?x) AS "
        "?value) WHERE { ?x ex:q $this ; a ex:A } GROUP BY $this HAVING (COUNT(?x) > 1)' ] ] ]"
    ),
    "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this ?value WHERE { $this ex:p/ex:q ?value . ?value a ex:B }' ]",
]
TARGETS = ["sh:targetClass ex:A", "sh:targetSubjectsOf ex:p", "sh:targetObjectsOf ex:q", "sh:targetNode ex:n0, ex:n1"]


def store_of(turtle: str) -> ox.Store:
    store = ox.Store()
    ontology = "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] ."
    text = PREFIXES + ontology + turtle
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(SHAPES)))
    return store


def every_kind_of_shape() -> ox.Store:
    """A shape for each constraint and kind of target."""
    shape = (
        f"ex:shape{number} a sh:NodeShape ; {target} ; {constraint} ; sh:message 'no {number}'@en .\n"
        for number, (target, constraint) in enumerate(product(TARGETS, CONSTRAINTS))
    )
    return store_of("ex:Nested a sh:NodeShape ; sh:property [ sh:path ex:r ; sh:minCount 1 ] .\n" + "".join(shape))


KINDS = every_kind_of_shape()
NODES = [ox.NamedNode(f"{EX}n{number}") for number in range(3)]
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SUBCLASS = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
CLASSES = [ox.NamedNode(EX + name) for name in "AB"]


def quad(luck: Random) -> ox.Quad:
    graph = ox.NamedNode(DATA + luck.choice("12"))
    if luck.random() < 0.3:
        return ox.Quad(luck.choice(NODES), TYPE, luck.choice(CLASSES), graph)
    value = luck.choice([*NODES, ox.Literal(1), ox.Literal(2)])
    return ox.Quad(luck.choice(NODES), ox.NamedNode(EX + luck.choice("pqr")), value, graph)


def data_and_shapes(data: set[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(KINDS)
    store.extend(data)
    return store


def check(before: set[ox.Quad], after: set[ox.Quad]) -> None:
    """Incremental validation says all that is new, and nothing that is not so."""
    store = data_and_shapes(after)
    old, new = set(shapes.validate(data_and_shapes(before))), set(shapes.validate(store))
    found = set(incremental.validate(store, after - before, before - after))
    assert new - old <= found <= new


def change_a_little(luck: Random) -> None:
    before = {quad(luck) for _ in range(luck.randint(4, 16))}
    gone = set(luck.sample(sorted(before, key=str), luck.randint(0, 3)))
    check(before, before - gone | {quad(luck) for _ in range(luck.randint(0, 2))})


@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
@given(luck=st.randoms(use_true_random=False))
def test_every_kind_of_constraint_is_judged_wherever_it_can_change(luck):
    """Random graphs of three nodes, up to five triples changed, against shapes of every kind."""
    change_a_little(luck)


@pytest.mark.long
@settings(max_examples=1500, deadline=None, phases=UNSHRUNK)
@given(luck=st.randoms(use_true_random=False))
def test_every_kind_of_constraint_is_judged_over_many_graphs(luck):
    """The same, oftener."""
    change_a_little(luck)


def triples(*lines: str) -> set[ox.Quad]:
    """Quads of the test's own data, one a line: names in `ex:`, `a` for a type, or a number."""
    words = {"a": TYPE, "1": ox.Literal(1), "2": ox.Literal(2)}
    named = ([words.get(word) or ox.NamedNode(EX + word) for word in line.split()] for line in lines)
    return {ox.Quad(*terms, ox.NamedNode(DATA)) for terms in named}


def test_what_joined_a_focus_node_to_a_change_may_be_gone_with_it():
    """Both links of a chain that a shape wants are deleted at once: neither is there to find the way by."""
    stays = triples("n0 a A", "n0 p n1")
    check(stays | triples("n1 q n2", "n2 r n0"), stays)


def test_property_that_another_is_compared_with_is_read():
    """Something smaller than it ought to be is added beside what was right."""
    stays = triples("n0 a A", "n0 q 2")
    check(stays, stays | triples("n0 r 1"))


def test_link_inside_exists_leads_to_the_focus_node():
    """The last link of the same chain is deleted alone."""
    stays = triples("n0 a A", "n0 p n1", "n1 q n2")
    check(stays | triples("n2 r n0"), stays)


def test_change_of_the_class_tree_is_judged_everywhere():
    """A subclass makes targets of nodes that no changed triple mentions."""
    before = {ox.Quad(NODES[0], TYPE, CLASSES[1], ox.NamedNode(DATA))}
    check(before, before | {ox.Quad(CLASSES[1], SUBCLASS, CLASSES[0], ox.NamedNode(DATA))})


def test_change_of_a_shape_is_judged_everywhere():
    """A stricter shape finds fault with data that nobody touched."""
    count, strict = ox.NamedNode(str(SH.maxCount)), ox.Literal(0)
    shape = "ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:P . ex:P sh:path ex:p ; sh:maxCount 1 ."
    store = store_of(shape)
    store.extend(
        [ox.Quad(NODES[0], TYPE, CLASSES[0], ox.NamedNode(DATA)), ox.Quad(NODES[0], ox.NamedNode(EX + "p"), NODES[1])]
    )
    (old,) = store.quads_for_pattern(None, count, None)
    new = ox.Quad(old.subject, count, strict, old.graph_name)
    store.remove(old)
    store.add(new)
    assert [result.focus for result in incremental.validate(store, {new}, {old})] == [NODES[0].value]


def readers(shape: str) -> readings.Readings:
    return readings.readings_of(shapes.shapes_of(store_of(f"ex:S a sh:NodeShape ; sh:targetClass ex:A ; {shape} .")))


@pytest.mark.parametrize(
    "shape",
    [
        "sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:minCount 1 ]",
        "sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:minCount 1 ]",
        "sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:T ; sh:qualifiedValueShapesDisjoint true ]",
        "sh:property [ sh:path ex:p ; sh:node ex:S ]",
        "sh:rule [ sh:order 1 ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { $this ex:p* ?x }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { $this $PATH ?x }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { ?x ex:p ?y }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { { SELECT ?x WHERE { ?x ex:p $this } } }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { $this other:p ?x }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { $this ex:p ( ?x ) }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { $this ex:p ?x FILTER(EXISTS { ?x ex:q 1 }) }' ]",
        "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this WHERE { $this ex:p ?x } HAVING (EXISTS { ?x ?y ?z })' ]",
    ],
)
def test_shape_that_is_not_understood_counts_as_reading_everything(shape):
    """Where the way from a change to a focus node is not plain, none is guessed."""
    assert readers(shape).unknown == {URIRef(EX + "S")}


def test_every_shape_of_the_project_is_understood(graph):
    """No shape has to be asked of all its targets."""
    assert readings.readings_of(shapes.shapes_of(graph)).unknown == set()
    assert readings.are_plain(shapes.shapes_of(graph))


def triples_of(part: object) -> list[tuple[object, ...]]:
    """Every triple pattern of a query as rdflib parses it, inside EXISTS too, where blocks are flat lists."""
    if isinstance(part, CompValue):
        own = [term for group in dict.get(part, "triples", []) for term in group]
        inner = [found for key, value in part.items() if key != "triples" for found in triples_of(value)]
        return [*zip(own[::3], own[1::3], own[2::3], strict=True), *inner]
    if isinstance(part, list | tuple):
        return [found for inner in part for found in triples_of(inner)]
    return []


def plain(term: object) -> str:
    if isinstance(term, ox.Variable | Variable):
        return f"?{getattr(term, 'value', term)}"
    return "literal" if term is None or isinstance(term, Literal) else str(getattr(term, "value", term))


def test_patterns_are_those_that_rdflib_finds(graph):
    """Another parser finds the same triple patterns in every constraint of the project."""
    known = shapes.shapes_of(graph)
    prefixes = {
        str(known.value(d, SH.prefix)): str(known.value(d, SH.namespace)) for d in known.objects(None, SH.declare)
    }
    texts = [str(text) for text in known.objects(None, SH.select)]
    assert len(texts) > 10
    for text in texts:
        mine = {tuple(map(plain, pattern)) for pattern, _ in patterns.where(text, prefixes).in_context()}
        theirs = triples_of(prepareQuery(text, initNs=prefixes).algebra)
        assert mine == {tuple(map(plain, triple)) for triple in theirs}, text


PQ = frozenset({EX + "p", EX + "q"})


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("?s ex:p ?o ; ex:q 3", PQ),
        ("?s ex:p/ex:q ?o", PQ),
        ("?s ex:p ?o FILTER(?o != 3 && !BOUND(?s)) BIND(ex:q(?o) AS ?x)", PQ),
        ("{ SELECT ?s ?o ?x WHERE { ?s ex:p ?o ; ex:q ?x } GROUP BY ?s ?o ?x HAVING (COUNT(?x) > 1) }", PQ),
        ("VALUES (?s ?o) { (ex:p ex:q) } ?s ex:p ?o", PQ),
        ("?s ?p ?o", None),
        ("?s ex:p ?o ; ?q 3", None),
        ("[ ?p ex:o ]", None),
        ("?s ex:p [ ] ; ?q ?o", None),
        ("?s ex:p ?o FILTER(EXISTS { ?o ?q true })", None),
        ("?s !ex:p ?o", None),
        ("?s (ex:p|!(ex:q)) ?o", None),
        ("<< ?s ex:p ?o >> ex:q ?x", None),
        ("?s ex:p* ?o", None),
        ("?s ex:p?/ex:q ?o", None),
        ("?s (ex:p|ex:q*) ?o", None),
        ("?s ex:p ?o GRAPH ?g {}", None),
        ("?s ex:p ?o GRAPH ?g { ?s ex:q ?o } BIND(2 * ?o AS ?x)", PQ),
    ],
)
def test_rule_reads_what_it_names_or_everything(where, read):
    """A rule may be left alone only if it cannot read what changed."""
    found = predicates.read_by(f"PREFIX ex: <{EX}> CONSTRUCT {{ ?s ex:made ?o }} WHERE {{ {where} }}")
    assert found is None if read is None else found >= read


def test_rule_does_not_read_what_it_only_concludes():
    """The template of a rule is no reading."""
    found = predicates.read_by(f"PREFIX ex: <{EX}> CONSTRUCT {{ ?s ex:made ?o }} WHERE {{ ?s ex:p ?o }}")
    assert EX + "made" not in found


def test_data_fetched_on_demand_is_the_data_without_the_shapes(graph):
    """Asked for everything, a view holds what a full copy would."""
    whole = Graph()
    for quad_ in graph:
        if not shapes.is_shape(quad_):
            whole.add(tuple(shapes.to_rdflib(term) for term in quad_.triple))
    assert set(shapes.View(graph)) == set(whole)


# Shapes and data of which only a part is known


def query(pattern: str) -> str:
    return f"sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this ?value WHERE {{ {pattern} }}' ]"


@pytest.mark.parametrize(
    ("shape", "predicates"),
    [
        ("sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:minCount 1 ]", {TYPE.value, EX + "p"}),
        ("sh:targetClass ex:A ; sh:or ( [ sh:property [ sh:path ex:p ; sh:in ( 1 ) ] ] )", {TYPE.value, EX + "p"}),
        ("sh:targetSubjectsOf ex:p ; sh:lessThan ex:q", {EX + "p", EX + "q"}),
        (f"sh:targetSubjectsOf ex:p ; {query('$this ex:q ?value ; ex:r ?value')}", {EX + "p", EX + "q", EX + "r"}),
        ("sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:class ex:B ]", None),
        ("sh:targetObjectsOf ex:p ; sh:nodeKind sh:IRI", None),
        ("sh:targetClass ex:A ; sh:closed true", None),
        ("sh:targetClass ex:A ; sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:minCount 1 ]", None),
        (f"sh:targetSubjectsOf ex:p ; {query('$this ex:q ?value . ?value ex:r ?x')}", None),
    ],
)
def test_shape_of_the_focus_node_alone_is_known_by_what_it_reads(shape, predicates):
    """Who knows all that is said of a node knows what such a shape says of it."""
    found = readings.of_focus_alone(shapes.shapes_of(store_of(f"ex:shape a sh:NodeShape ; {shape} .")))
    assert found == ({} if predicates is None else {URIRef(EX + "shape"): predicates})


@pytest.mark.parametrize("seed", range(12))
def test_what_lasts_is_true_of_more_data_too(seed):
    """Further statements take away no result of the constraints that are told while files have faults."""
    luck = Random(seed)  # noqa: S311 - the same data each time
    some = {quad(luck) for _ in range(8)}
    more = some | {quad(luck) for _ in range(6)}
    lasting = {result for result in shapes.validate(data_and_shapes(some)) if result.component in refusals.LASTING}
    assert lasting
    assert lasting <= set(shapes.validate(data_and_shapes(more)))
