"""Edits are judged: nothing stands in two graphs, conclusions follow, and shapes hold."""

import pyoxigraph as ox
import pytest

from kg import edits, errors, files, iris, rules, shapes
from kg.documents import Document
from kg.edits import DropGraph, MergeGraph, ReplaceGraph
from kg.versions import EMPTY_GRAPH, backups
from tests.kg.edits.editing import RDF_TYPE, XSD, assert_untouched, put_graph, update

TWICE = [
    "INSERT DATA { GRAPH ex:h { ex:a ex:p 1.0 } }",
    "INSERT DATA { GRAPH ex:h { ex:a ex:p 1.0, 2 } GRAPH ex:i { ex:a ex:p 2 } }",
    "INSERT { GRAPH ex:h { ?s ?p ?o } } WHERE { GRAPH ex:g { ?s ?p ?o } }",
    "COPY ex:g TO ex:h",
    "ADD ex:g TO ex:h",
]


@pytest.mark.parametrize("text", TWICE)
def test_update_that_says_something_in_a_second_graph_is_refused(plain, text):
    """The union of all graphs would count it twice: triple, graph and mend are named, and nothing is kept."""
    one = update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1.00 } }").version
    with pytest.raises(errors.SaidTwice) as caught:
        update(plain, text)
    assert f'<http://example.org/a> <http://example.org/p> "1"^^<{XSD}decimal>' in caught.value.detail
    assert "<http://example.org/g>" in caught.value.detail
    assert "<http://example.org/h>" in caught.value.detail
    assert "delete it there in the same update" in str(caught.value.hint)
    assert caught.value.status == 422
    assert_untouched(plain, one)


@pytest.mark.parametrize("kind", [ReplaceGraph, MergeGraph])
def test_document_that_says_something_in_a_second_graph_is_refused(plain, kind):
    """PUT and POST of the Graph Store Protocol are judged as updates are."""
    one = put_graph(plain, "http://example.org/g", '<a> <p> "1", [ <q> "2" ] .').version
    with pytest.raises(errors.SaidTwice, match=r"<http://example\.org/g>"):
        put_graph(plain, "http://example.org/h", '<a> <p> "1" .', kind)
    assert_untouched(plain, one)
    assert put_graph(plain, "http://example.org/h", '<a> <p> "3" .', kind).changed


def test_triple_may_move_to_another_graph(plain):
    """What counts is the graph after the whole edit; a default graph that is no union may repeat what it likes."""
    update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } }")
    assert update(plain, "MOVE ex:g TO ex:h").changed
    assert update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } } ; DROP GRAPH ex:h").changed
    assert update(plain, "INSERT DATA { GRAPH ex:h { ex:a ex:p 1 } ex:a ex:p 1 }", validate=False).added == 2


def test_nothing_is_said_both_by_an_edit_and_by_a_rule(real):
    """A conclusion gives way to a statement where its rule leaves out what is stated; else the statement is refused."""
    store = real.current().open()
    derived, inferred = (ox.NamedNode(iris.graph(name)) for name in ("derived", "inferred"))
    concluded = next(store.quads_for_pattern(None, RDF_TYPE, None, derived)).triple
    with pytest.raises(errors.SaidTwice, match=f"{derived}"):
        update(real, f"INSERT DATA {{ GRAPH graph:claims {{ {concluded} }} }}")
    membership = ox.NamedNode("http://www.w3.org/ns/org#hasMembership")
    inverse = next(store.quads_for_pattern(None, membership, None, inferred)).triple
    after = update(real, f"INSERT DATA {{ GRAPH graph:people {{ {inverse} }} }}").version.open()
    found = after.quads_for_pattern(inverse.subject, inverse.predicate, inverse.object)
    assert [quad.graph_name for quad in found] == [ox.NamedNode(iris.graph("people"))]


def test_conclusions_follow_an_edit(real):
    """Changing a value changes what the rules conclude from it: the graphs of the rules equal those of a full run."""
    finding = next(
        real.current().open().quads_for_pattern(None, RDF_TYPE, ox.NamedNode(f"{iris.DEF}NumericFinding")), None
    )
    assert finding is not None
    outcome = update(
        real,
        f"DELETE {{ GRAPH ?g {{ {finding.subject} rdfs:label ?old }} }}"
        f' INSERT {{ GRAPH ?g {{ {finding.subject} rdfs:label "Nytt navn"@nb }} }}'
        f" WHERE {{ GRAPH ?g {{ {finding.subject} rdfs:label ?old }} }}",
    )
    after = ox.Store()
    targets = rules.targets(outcome.version.open())
    after.extend(quad for quad in outcome.version.open() if quad.graph_name.value not in targets)
    rules.apply(after)
    assert set(after) == set(outcome.version.open())
    backups.verify(outcome.version)


def test_edit_that_breaks_a_shape_is_refused_with_the_report(real):
    """The graph stays as it was; the results name node and shape, and the report is RDF with the same results."""
    one = real.current()
    person = next(
        quad.subject
        for quad in one.open().quads_for_pattern(None, RDF_TYPE, ox.NamedNode("http://xmlns.com/foaf/0.1/Person"))
    )
    with pytest.raises(errors.InvalidEdit) as caught:
        update(real, f'INSERT DATA {{ GRAPH graph:people {{ {person} ex:secret "shoe size" }} }}')
    results = caught.value.results
    assert results
    assert all(isinstance(result, shapes.Result) for result in results)
    assert person.value in {result.focus for result in results}
    report = list(ox.parse(caught.value.report_turtle(), format=ox.RdfFormat.TURTLE))
    focus = ox.NamedNode("http://www.w3.org/ns/shacl#focusNode")
    assert {q.object.value for q in report if q.predicate == focus} == {result.focus for result in results}
    assert_untouched(real, one)


@pytest.mark.parametrize(
    ("spoilt", "error", "told"),
    [
        ('sh:construct "x"', errors.EditError, "rule/change>: error at 1:2"),
        ('sh:construct "SELECT * { ?s ?p ?o }"', errors.EditError, "rule/change>: a rule has to be a CONSTRUCT query"),
        ('sh:order "x"', errors.InvalidEdit, "a whole number"),
    ],
)
def test_edit_that_spoils_a_rule_is_refused_by_its_name(real, spoilt, error, told):
    """An administrator is told which rule it is; nothing is kept."""
    one, rule = real.current(), "<https://w3id.org/praksisgrafen/id/rule/change>"
    where = f"{{ GRAPH graph:rules {{ {rule} {spoilt.partition(' ')[0]} ?old }} }}"
    text = f"DELETE {where} INSERT {{ GRAPH graph:rules {{ {rule} {spoilt} }} }} WHERE {where}"
    with pytest.raises(error) as caught:
        update(real, f"PREFIX sh: <http://www.w3.org/ns/shacl#> {text}", admin=True)
    assert told in f"{caught.value.detail} {getattr(caught.value, 'results', '')}"
    assert_untouched(real, one)


def test_graphs_of_the_rules_cannot_be_written(real):
    """What rules conclude is changed by changing what they conclude from."""
    one = real.current()
    with pytest.raises(errors.GraphNotWritable, match="rules conclude"):
        update(real, 'INSERT DATA { GRAPH graph:derived { ex:a ex:p "1" } }')
    with pytest.raises(errors.GraphNotWritable):
        update(real, "CLEAR ALL")
    assert_untouched(real, one)


def test_writing_a_file_of_the_build_anew_changes_nothing(real, folders: files.Folders):
    """A graph read from its file and written with PUT is the same, blank nodes included."""
    for path in (folders.data / "people.ttl", folders.ontology / "shapes" / "person.ttl"):
        outcome = edits.apply(
            real,
            ReplaceGraph(folders.graph(path), (Document(path.read_bytes(), ox.RdfFormat.TURTLE, iris.BASE),)),
            author="t",
            message="m",
        )
        assert not outcome.changed, path


def test_unvalidated_home_takes_what_a_suite_writes(plain):
    """Plain default graph, blank nodes and ill-typed literals are kept as they are."""
    outcome = update(plain, 'INSERT DATA { ex:a ex:p [], "x"^^xsd:integer }', validate=False)
    assert outcome.version.digest(None) != EMPTY_GRAPH
    assert outcome.version.quads == 2
    assert update(plain, 'DELETE { ?s ?p "x"^^xsd:integer } WHERE { ?s ?p ?o }', validate=False).removed == 1
    assert (
        edits.apply(plain, DropGraph(None), author="t", message="m", validate=False).version.digest(None) == EMPTY_GRAPH
    )
    assert not put_graph(plain, None, "<a> <p> <b> .", validate=False).created
