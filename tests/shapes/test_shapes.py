"""Each shape against its cases: `valid.*.ttl` conform, `invalid.*.ttl` fail for the stated reason only.

A case holds the thing it tests; codes come from `ontology/codes`, the rest it points at from `context.ttl`.
The header of an invalid case states what must be reported, one result a line:

    # expect: focus node | result path | constraint component | part of the English message

Names are written with the prefixes of `kg.terms`; `-` stands for no path, or one of several properties.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyshacl import validate
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import SH, SKOS
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as QueryResult
from rdflib.term import Node

from kg.terms import PG, shorten

HERE = Path(__file__).parent
ONTOLOGY = HERE.parents[1] / "ontology"
SHAPE_FILES = sorted((ONTOLOGY / "shapes").glob("*.ttl"))
LOOSE_FILES = {"prefixes", "groups"}
"""Files of `ontology/shapes` that hold no shape."""

POINTS_BACK = (SKOS.member, PG.observation, PG.report)
"""Properties that a shape follows backwards from what a case points at."""

LISTS_MEMBERS = (SKOS.member, SKOS.hasTopConcept)
"""Properties that would drag a whole code list into every case."""

TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetNode)

VALID = sorted(HERE.glob("*/valid.*.ttl"))
INVALID = sorted(HERE.glob("*/invalid.*.ttl"))


@dataclass(frozen=True, order=True)
class Result:
    """What a validation result says of where and why; `message` is English."""

    focus: str
    path: str
    component: str
    message: str = ""

    def matches(self, reported: "Result") -> bool:
        """Tell whether a reported result is the one expected here."""
        same = (self.focus, self.path, self.component) == (reported.focus, reported.path, reported.component)
        return same and self.message in reported.message


prepared = cache(prepareQuery)


class PreparedGraph(Graph):
    """A graph that parses a query once: pySHACL asks the same text of every focus node."""

    def query(self, query_object: str | Query, *args: Any, **options: Any) -> QueryResult:
        """Evaluate a query, from memory where its text has been asked before."""
        known = prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(known, *args, **options)


def parse(*files: Path) -> Graph:
    """Read Turtle files into one graph."""
    graph = Graph()
    for file in files:
        graph.parse(file)
    return graph


def name(graph: Graph, subject: Node, predicate: URIRef) -> str:
    """Return the short name of an object, `-` where there is none or it has no IRI."""
    value = graph.value(subject, predicate)
    return shorten(str(value)) if isinstance(value, URIRef) else "-"


def message(report: Graph, result: Node, shapes: Graph) -> str:
    """Return the English message of a result.

    pySHACL drops the language of what a SPARQL constraint says, so the shape itself is asked first.
    """
    source = report.value(result, SH.sourceShape)
    told = (*shapes.objects(source, SH.message), *report.objects(result, SH.resultMessage))
    return next(str(text) for text in told if isinstance(text, Literal) and text.language == "en")


def results(report: Graph, shapes: Graph) -> list[Result]:
    """Read the results of a report, each once: a fault that two shapes see alike is one fault."""
    found = {
        Result(
            focus=name(report, node, SH.focusNode),
            path=name(report, node, SH.resultPath),
            component=name(report, node, SH.sourceConstraintComponent),
            message=message(report, node, shapes),
        )
        for node in report.subjects(RDF.type, SH.ValidationResult)
    }
    return sorted(found)


def expected(file: Path) -> list[Result]:
    """Read the header of a case."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = (line.removeprefix("# expect:").split("|") for line in lines if line.startswith("# expect:"))
    return sorted(Result(*(cell.strip() for cell in row)) for row in rows)


@pytest.fixture(scope="session")
def shapes() -> Graph:
    """All shapes: a case is held to every one of them, not only to its own."""
    return parse(*SHAPE_FILES)


@pytest.fixture(scope="session")
def surroundings() -> Graph:
    """Read what cases point at."""
    return parse(*sorted((ONTOLOGY / "codes").glob("*.ttl")), HERE / "context.ttl")


def around(case: Graph, surroundings: Graph) -> Graph:
    """Return a case with what it points at, directly or not: small, so that validating it takes a moment.

    `focus_nodes` of pySHACL will not do instead: it holds nested shapes back too, so `sh:or` comes out wrong.
    """
    graph = PreparedGraph()
    graph += case
    waiting = {node for triple in case for node in triple[::2]}
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        seen.add(node)
        pointing = (triple for p in POINTS_BACK for triple in surroundings.triples((None, p, node)))
        for s, p, o in (*surroundings.triples((node, None, None)), *pointing):
            if p in LISTS_MEMBERS and s == node:
                continue
            graph.add((s, p, o))
            waiting |= {s, o} - seen
    return graph


def check(case: Path, shapes: Graph, surroundings: Graph) -> list[Result]:
    """Validate a case in its surroundings."""
    _, report, text = validate(around(parse(case), surroundings), shacl_graph=shapes, inplace=True)
    assert isinstance(report, Graph), text
    return results(report, shapes)


def case_id(file: Path) -> str:
    """Name a case by its folder and file."""
    return f"{file.parent.name}/{file.stem}"


@pytest.mark.parametrize("case", VALID, ids=case_id)
def test_valid_case_conforms(case: Path, shapes: Graph, surroundings: Graph) -> None:
    """What a valid case holds breaks no shape."""
    assert check(case, shapes, surroundings) == []


@pytest.mark.parametrize("case", INVALID, ids=case_id)
def test_invalid_case_fails_only_for_the_stated_reason(case: Path, shapes: Graph, surroundings: Graph) -> None:
    """Every expected result is reported, and no other."""
    reported, stated = check(case, shapes, surroundings), expected(case)
    assert stated, "the case states no reason"
    assert len(reported) == len(stated), reported
    assert all(wanted.matches(got) for wanted, got in zip(stated, reported, strict=True)), reported


def test_surroundings_conform(shapes: Graph, surroundings: Graph) -> None:
    """Codes and context break no shape, so that a case's faults are its own."""
    _, report, text = validate(surroundings, shacl_graph=shapes, inplace=True)
    assert isinstance(report, Graph), text
    assert results(report, shapes) == []


def test_shapes_are_shacl(shapes: Graph) -> None:
    """The shapes conform to the shapes for shapes."""
    conforms, _, text = validate(Graph(), shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


@pytest.mark.parametrize("file", SHAPE_FILES, ids=lambda file: file.stem)
def test_every_shape_file_has_cases_both_ways(file: Path) -> None:
    """A shape that nothing fails has not been tested."""
    folder = HERE / file.stem
    if file.stem not in LOOSE_FILES:
        assert list(folder.glob("valid.*.ttl"))
        assert list(folder.glob("invalid.*.ttl"))


def languages(graph: Graph, subject: Node, predicate: URIRef) -> list[str]:
    """Return the languages of the texts of a thing."""
    return sorted(text.language or "" for text in graph.objects(subject, predicate) if isinstance(text, Literal))


def test_every_message_is_in_three_languages(shapes: Graph) -> None:
    """Whoever says what is wrong says it in nb, nn and en, once each."""
    for node in set(shapes.subjects(SH.message)):
        assert languages(shapes, node, SH.message) == ["en", "nb", "nn"]


def test_every_form_field_is_named_ordered_and_grouped(shapes: Graph) -> None:
    """A property shape with a message is a field of a form: name in three languages, order and group."""
    for node in set(shapes.subjects(SH.path)) & set(shapes.subjects(SH.message)):
        assert languages(shapes, node, SH.name) == ["en", "nb", "nn"]
        assert shapes.value(node, SH.order) is not None
        assert (shapes.value(node, SH.group), RDF.type, SH.PropertyGroup) in shapes


def test_every_shape_has_a_name(shapes: Graph) -> None:
    """A page about a shape names it in nb, nn and en, and no two alike."""
    named = [shape for shape in shapes.subjects(RDF.type, SH.NodeShape) if isinstance(shape, URIRef)]
    for shape in named:
        assert languages(shapes, shape, RDFS.label) == ["en", "nb", "nn"], shape
    assert len({name for shape in named for name in shapes.objects(shape, RDFS.label)}) == 3 * len(named)


def test_nothing_targeted_fails_in_silence(shapes: Graph) -> None:
    """A targeted shape has messages for its own constraints, and so has each of its property shapes."""
    bare = {SH.targetClass, SH.targetSubjectsOf, SH.targetNode, SH.property, SH.ignoredProperties, RDF.type, RDFS.label}
    for shape in {shape for target in TARGETS for shape in shapes.subjects(target)}:
        own = set(shapes.predicates(shape)) - bare
        parts = {*shapes.objects(shape, SH.property), *([shape] if own else [])}
        assert parts <= set(shapes.subjects(SH.message)), shape
