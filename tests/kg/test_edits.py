"""Edits: a whole new version or nothing, judged by rules and shapes, in a process that can be killed."""

import json
import os
import shutil
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import edits, errors, files, iris, rules, shapes
from kg.documents import Document
from kg.edits import DropGraph, EditLimits, Expect, Listed, MergeGraph, ReplaceGraph, SparqlUpdate, applying, child
from kg.edits.literals import is_well_typed
from kg.edits.requests import operations
from kg.engine import Limits, Query
from kg.engine.running import Registry, Running, Watch
from kg.versions import EMPTY_GRAPH, Home, backups
from kg.versions.home import Writing

PREFIXES = """
PREFIX ex: <http://example.org/>
PREFIX pg: <https://w3id.org/praksisgrafen/def/>
PREFIX graph: <https://w3id.org/praksisgrafen/graph/>
PREFIX person: <https://w3id.org/praksisgrafen/id/person/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r"


def _home(path: Path, *quads: ox.Quad) -> Home:
    home = Home(path / "home", durable=False, wait=5)
    home.publish(quads, "tests", "the start", {})
    return home


@pytest.fixture
def plain(tmp_path):
    """An empty home without rules and shapes."""
    return _home(tmp_path)


@pytest.fixture(scope="module")
def real_home(graph, tmp_path_factory):
    """The real graph; nobody may change it."""
    home = Home(tmp_path_factory.mktemp("real") / "home")
    home.publish(graph, "tests", "the real graph", {})
    return home


@pytest.fixture
def real(real_home, tmp_path):
    """The real graph, to be changed."""
    home = Home(tmp_path / "home", durable=False)
    backups.restore(home, real_home.path, "tests")
    return home


def _update(home, text, *, validate=True, **options):
    edit = SparqlUpdate(PREFIXES + text, **{key: options.pop(key) for key in list(options) if key.startswith("using")})
    return edits.apply(home, edit, author="tests", message="an edit", validate=validate, **options)


def _put(home, graph, turtle, kind=ReplaceGraph, **options):
    edit = kind(graph, (Document(turtle.encode(), ox.RdfFormat.TURTLE, "http://example.org/"),))
    return edits.apply(home, edit, author="tests", message="an edit", **options)


def _lines(version) -> set[str]:
    return {str(quad) for quad in version.open()}


def _assert_untouched(home, version):
    assert home.current() == version
    assert [entry.name for entry in home.versions.iterdir() if entry.name.startswith(".")] == []


def test_edit_becomes_a_version_that_says_who_and_why(plain):
    """An accepted update is a version with author, message, counts and its own digests."""
    outcome = _update(plain, 'INSERT DATA { GRAPH ex:g { ex:a ex:p "1", "2" } }')
    assert (outcome.changed, outcome.added, outcome.removed) == (True, 2, 0)
    version = outcome.version
    assert plain.current() == version
    assert (version.number, version.author, version.message, version.origin) == (2, "tests", "an edit", "edit")
    assert (version.quads, version.added, version.removed) == (2, 2, 0)
    backups.verify(version)


def test_edit_that_changes_nothing_makes_no_version(plain):
    """Writing what is there, or deleting what is not, leaves the version as it is."""
    one = _update(plain, 'INSERT DATA { GRAPH ex:g { ex:a ex:p "1" } }').version
    for text in ('INSERT DATA { GRAPH ex:g { ex:a ex:p "1" } }', 'DELETE DATA { GRAPH ex:h { ex:a ex:p "9" } }', ""):
        outcome = _update(plain, text)
        assert (outcome.changed, outcome.version) == (False, one)
    _assert_untouched(plain, one)


def test_graph_is_replaced_merged_and_dropped(plain):
    """PUT, POST and DELETE of the Graph Store Protocol, with what was created."""
    put = _put(plain, "http://example.org/g", '<a> <p> "1" .')
    assert (put.changed, put.created, put.added) == (True, True, 1)
    post = _put(plain, "http://example.org/g", '<a> <p> "2" .', MergeGraph)
    assert (post.changed, post.created, post.added, post.removed) == (True, False, 1, 0)
    put = _put(plain, "http://example.org/g", '<a> <p> "2", "3" .')
    assert (put.created, put.added, put.removed) == (False, 1, 1)
    drop = edits.apply(plain, DropGraph("http://example.org/g"), author="t", message="m")
    assert (drop.removed, dict(drop.version.graphs)) == (2, {})
    with pytest.raises(errors.UnknownGraph):
        edits.apply(plain, DropGraph("http://example.org/g"), author="t", message="m")


def test_empty_graph_is_there(plain):
    """A graph without triples can be made, has a digest, and can be dropped."""
    put = _put(plain, "http://example.org/g", "")
    assert (put.changed, put.created, put.version.digest("http://example.org/g")) == (True, True, EMPTY_GRAPH)
    assert edits.apply(plain, DropGraph("http://example.org/g"), author="t", message="m").version.graphs == {}


def test_preconditions_are_compared_with_the_graph_as_it_is(plain):
    """If-Match and If-None-Match hold against the digest, "*" against existence; a failed one changes nothing."""
    name = "http://example.org/g"
    star, other = frozenset({"*"}), frozenset({"0" * 64})

    def put(text, **expected):
        return _put(plain, name, text, expect=Expect(name, **expected))

    with pytest.raises(errors.PreconditionFailed, match="does not exist"):
        put('<a> <p> "1" .', if_match=star)
    one = put('<a> <p> "1" .', if_none_match=star).version
    digest = frozenset({one.digest(name)})
    for expected in ({"if_none_match": star}, {"if_none_match": digest}, {"if_match": other}):
        with pytest.raises(errors.PreconditionFailed):
            put('<a> <p> "2" .', **expected)
    _assert_untouched(plain, one)
    two = put('<a> <p> "2" .', if_match=digest | other).version
    with pytest.raises(errors.PreconditionFailed, match="has changed since"):
        put('<a> <p> "3" .', if_match=digest)
    assert plain.current() == two


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("INSERT DATA { GRAPH ex:g { ex:a ex:p } }", errors.QuerySyntaxError),
        ("INSERT DATA { GRAPH ex:g { ex:a ex:p nope:x } }", errors.QuerySyntaxError),
        ("LOAD <http://127.0.0.1:1/x>", errors.LoadForbidden),
        ("load #\n SILENT <http://127.0.0.1:1/x> INTO GRAPH ex:g", errors.LoadForbidden),
        ("INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } } ; LoAd <http://127.0.0.1:1/x>", errors.LoadForbidden),
        ("INSERT { GRAPH ex:g { ?s ?p ?o } } WHERE { SERVICE ex:s { ?s ?p ?o } }", errors.ServiceForbidden),
        (
            "INSERT { GRAPH ex:g { ex:a ex:b 1 } } WHERE { FILTER EXISTS { SERV\\u0049CE ex:s { ?s ?p ?o } } }",
            errors.QueryError,
        ),
        ("INSERT DATA { ex:a ex:p 1 }", errors.GraphNotWritable),
        ("DELETE WHERE { ?s ?p ?o }", errors.GraphNotWritable),
        ("DELETE { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }", errors.GraphNotWritable),
        ("CLEAR DEFAULT", errors.GraphNotWritable),
        ("CLEAR GRAPH ex:none", errors.PraksisError),
    ],
)
def test_refused_update_changes_nothing(plain, text, error):
    """Bad syntax, calls elsewhere and writes to the default graph are refused, and said to be what they are."""
    one = plain.current()
    with pytest.raises(error):
        _update(plain, text)
    _assert_untouched(plain, one)


def test_words_load_and_service_are_no_offence(plain):
    """In strings, IRIs, comments and names they mean nothing."""
    text = (
        '# LOAD <x> SERVICE\nINSERT DATA { GRAPH <http://example.org/LOAD> { ex:service ex:load "SERVICE LOAD <x>" } }'
    )
    assert _update(plain, text).added == 1


def test_nothing_is_fetched_by_an_update(plain):
    """A listener on loopback sees nothing of LOAD and SERVICE, whatever way they are written, unvalidated too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"<http://127.0.0.1:{listener.getsockname()[1]}/x>"
        for text in (
            f"LOAD {url}",
            f"LOAD SILENT {url}",
            f"LOADSILENT{url}",
            f"INSERT DATA {{ ex:a ex:b 1 }};LOAD{url}",
            f"INSERT {{ GRAPH ex:g {{ ?s ?p ?o }} }} WHERE {{ SERVICE SILENT {url} {{ ?s ?p ?o }} }}",
            f"INSERT {{ GRAPH ex:g {{ ex:a ex:b 1 }} }} WHERE {{ FILTER NOT EXISTS {{ SERVICE SILENT{url} {{}} }} }}",
        ):
            for validate in (True, False):
                with pytest.raises(errors.PraksisError):
                    _update(plain, text, validate=validate)
        context = f'{{"@context": "{url.strip("<>")}", "@id": "x", "p": "1"}}'
        with pytest.raises(errors.ContextForbidden, match=url):
            edits.apply(
                plain,
                MergeGraph("http://example.org/g", (Document(context.encode(), ox.RdfFormat.JSON_LD),)),
                author="t",
                message="m",
            )
        with pytest.raises(TimeoutError):
            listener.accept()


def test_syntax_error_of_an_update_names_the_place(plain):
    """Line, column and token of what cannot stand where it does."""
    with pytest.raises(errors.QuerySyntaxError) as caught:
        edits.apply(
            plain, SparqlUpdate("INSERT DATA {\n  GRAPH <urn:g> { <urn:a> urn:b 1 } }"), author="t", message="m"
        )
    assert (caught.value.line, caught.value.token) == (2, "urn:b")


def test_syntax_error_of_a_document_names_the_place(plain):
    """A document that is not what its media type says is refused with line and column."""
    with pytest.raises(errors.DocumentSyntaxError) as caught:
        _put(plain, "http://example.org/g", '<a> <p> "1" .\n<a> <p> nope:x .')
    assert caught.value.line == 2


def test_document_with_named_graphs_is_refused(plain):
    """One graph is written at a time."""
    document = Document(b"<urn:a> <urn:p> <urn:b> <urn:h> .", ox.RdfFormat.N_QUADS)
    edit = ReplaceGraph("http://example.org/g", (document,))
    with pytest.raises(errors.EditError, match="named graphs"):
        edits.apply(plain, edit, author="t", message="m")


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
    one = _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1.00 } }").version
    with pytest.raises(errors.SaidTwice) as caught:
        _update(plain, text)
    assert f'<http://example.org/a> <http://example.org/p> "1"^^<{XSD}decimal>' in caught.value.detail
    assert "<http://example.org/g>" in caught.value.detail
    assert "<http://example.org/h>" in caught.value.detail
    assert "delete it there in the same update" in str(caught.value.hint)
    assert caught.value.status == 422
    _assert_untouched(plain, one)


@pytest.mark.parametrize("kind", [ReplaceGraph, MergeGraph])
def test_document_that_says_something_in_a_second_graph_is_refused(plain, kind):
    """PUT and POST of the Graph Store Protocol are judged as updates are."""
    one = _put(plain, "http://example.org/g", '<a> <p> "1", [ <q> "2" ] .').version
    with pytest.raises(errors.SaidTwice, match=r"<http://example\.org/g>"):
        _put(plain, "http://example.org/h", '<a> <p> "1" .', kind)
    _assert_untouched(plain, one)
    assert _put(plain, "http://example.org/h", '<a> <p> "3" .', kind).changed


def test_triple_may_move_to_another_graph(plain):
    """What counts is the graph after the whole edit; a default graph that is no union may repeat what it likes."""
    _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } }")
    assert _update(plain, "MOVE ex:g TO ex:h").changed
    assert _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } } ; DROP GRAPH ex:h").changed
    assert _update(plain, "INSERT DATA { GRAPH ex:h { ex:a ex:p 1 } ex:a ex:p 1 }", validate=False).added == 2


def test_nothing_is_said_both_by_an_edit_and_by_a_rule(real):
    """A conclusion gives way to a statement where its rule leaves out what is stated; else the statement is refused."""
    store = real.current().open()
    derived, inferred = (ox.NamedNode(iris.graph(name)) for name in ("derived", "inferred"))
    concluded = next(store.quads_for_pattern(None, RDF_TYPE, None, derived)).triple
    with pytest.raises(errors.SaidTwice, match=f"{derived}"):
        _update(real, f"INSERT DATA {{ GRAPH graph:claims {{ {concluded} }} }}")
    membership = ox.NamedNode("http://www.w3.org/ns/org#hasMembership")
    inverse = next(store.quads_for_pattern(None, membership, None, inferred)).triple
    after = _update(real, f"INSERT DATA {{ GRAPH graph:people {{ {inverse} }} }}").version.open()
    found = after.quads_for_pattern(inverse.subject, inverse.predicate, inverse.object)
    assert [quad.graph_name for quad in found] == [ox.NamedNode(iris.graph("people"))]


def test_where_reads_the_union_of_all_graphs(plain):
    """Outside GRAPH an update reads what a query reads, and an operation sees what those before it wrote."""
    _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p ex:b } GRAPH ex:h { ex:b ex:p ex:c } }")
    outcome = _update(
        plain,
        """INSERT { GRAPH ex:new { ?x ex:far ?z } } WHERE { ?x ex:p ?y . ?y ex:p ?z } ;
        INSERT { GRAPH ex:new { ?z ex:back ?x } } WHERE { GRAPH ex:new { ?x ex:far ?z } }""",
    )
    assert outcome.added == 2
    assert "http://example.org/new" in outcome.version.graphs


def test_dataset_of_the_protocol_replaces_the_default_one(plain):
    """using-graph-uri and using-named-graph-uri say what WHERE reads, for the short form of DELETE too."""
    _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } GRAPH ex:h { ex:a ex:p 2 } }")
    insert = "INSERT { GRAPH ex:out { ?s ex:seen ?o } } WHERE { ?s ?p ?o }"
    outcome = _update(plain, insert, using_graphs=("http://example.org/g",))
    assert outcome.added == 1
    named = "INSERT { GRAPH ex:named { ?s ex:named ?o } } WHERE { GRAPH ?g { ?s ex:p ?o } }"
    assert _update(plain, named, using_named_graphs=("http://example.org/h",)).added == 1
    assert _update(plain, named, using_graphs=("http://example.org/g",)).added == 0
    with pytest.raises(errors.EditError, match="given twice"):
        _update(plain, "WITH ex:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", using_graphs=("http://example.org/g",))
    short = "DELETE WHERE { GRAPH ex:g { ?s ?p ?o } }"
    assert _update(plain, short, using_named_graphs=("http://example.org/h",)).removed == 0
    assert _update(plain, short, using_named_graphs=("http://example.org/g",)).removed == 1


def test_blank_nodes_become_iris_that_stay_the_same(plain):
    """What an update or a document leaves blank gets IRIs that depend on content: writing it again changes nothing."""
    text = 'INSERT DATA { GRAPH ex:g { ex:a rdfs:seeAlso [ rdfs:label "x" ] } }'
    one = _update(plain, text).version
    assert all("_:" not in line for line in _lines(one))
    assert sum(iris.GENID in line for line in _lines(one)) == 2
    assert not _update(plain, text).changed
    same = '<a> <http://www.w3.org/2000/01/rdf-schema#seeAlso> [ <http://www.w3.org/2000/01/rdf-schema#label> "x" ] .'
    assert not _put(plain, "http://example.org/g", same).changed
    assert not _put(plain, "http://example.org/g", same, MergeGraph).changed


@pytest.mark.parametrize(
    ("literal", "said"),
    [
        ('"2024-02-30"^^xsd:date', "2024-02-30"),
        ('"24"^^xsd:gYear', "24"),
        ('"2024-13"^^xsd:gYearMonth', "2024-13"),
        ('"1e3"^^xsd:decimal', "1e3"),
        ('"1_000"^^xsd:integer', "1_000"),
        ('"yes"^^xsd:boolean', "yes"),
        ('"2024-01-01T25:00:00"^^xsd:dateTime', "T25"),
    ],
)
def test_ill_typed_literal_is_refused_by_name(plain, literal, said):
    """A literal that its datatype does not allow is named, with its subject; nothing is written."""
    one = plain.current()
    with pytest.raises(errors.UnfitTerm, match="ill-typed") as caught:
        _update(plain, f"INSERT DATA {{ GRAPH ex:g {{ ex:a ex:p {literal} }} }}")
    assert said in caught.value.detail
    assert "http://example.org/a" in caught.value.detail
    _assert_untouched(plain, one)


@pytest.mark.parametrize("escape", ["\\u0000", "\\u0001", "\\u001B", "\\uFFFE"])
def test_text_that_xml_cannot_hold_is_refused(plain, escape):
    """Neither protocol takes a character for which RDF/XML and results in XML have no form; line ends are fine."""
    one = plain.current()
    with pytest.raises(errors.UnfitTerm, match=r"U\+"):
        _update(plain, f'INSERT DATA {{ GRAPH ex:g {{ ex:a ex:p "a{escape}b" }} }}')
    with pytest.raises(errors.UnfitTerm, match=r"U\+"):
        _put(plain, "http://example.org/g", f'<a> <p> "a{escape}b"@nb .')
    _assert_untouched(plain, one)
    assert _put(plain, "http://example.org/g", r'<a> <p> "a\t\r\nb\u007F\U0001F600" .').changed


@pytest.mark.parametrize(
    "name", ["http://example.org/p,;=", "http://example.org/123", "http://example.org/", "urn:a(b)"]
)
def test_property_that_xml_cannot_hold_is_refused(plain, name):
    """RDF/XML writes a property as an element, so its IRI has to end in a name."""
    one = plain.current()
    with pytest.raises(errors.UnfitTerm, match="name that XML"):
        _update(plain, f"INSERT DATA {{ GRAPH ex:g {{ ex:a <{name}> 1 }} }}")
    with pytest.raises(errors.UnfitTerm, match="name that XML"):
        _put(plain, "http://example.org/g", f"<a> <{name}> 1 .")
    _assert_untouched(plain, one)
    quad = ox.Triple(ox.NamedNode("x:a"), ox.NamedNode(name), ox.Literal("1"))
    with pytest.raises(ET.ParseError):
        ET.fromstring(ox.serialize([quad], format=ox.RdfFormat.RDF_XML) or b"")  # noqa: S314 - ours
    assert _put(
        plain, "http://example.org/g", "<a> <p-1.2>, <x?y=z>, <b%20c>, <blå> 1 .".replace(">, <", "> 1 ; <")
    ).changed


def test_bounds_of_integers_are_judged_in_documents(plain):
    """The store keeps derived integer types as xsd:integer, so they are judged before they get there."""
    with pytest.raises(errors.UnfitTerm, match="-1"):
        _put(plain, "http://example.org/g", f'<a> <p> "-1"^^<{XSD}nonNegativeInteger> .')
    assert _put(plain, "http://example.org/g", f'<a> <p> "255"^^<{XSD}unsignedByte> .').changed


def test_terms_no_shape_can_judge_are_refused(plain):
    """Triple terms cannot be validated, so they are not written."""
    with pytest.raises(errors.UnfitTerm, match="triple term"):
        _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p <<( ex:a ex:b ex:c )>> } }")


@given(st.dates(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False), st.floats())
def test_python_values_are_well_typed(day, number, amount, real):
    """What Python writes as ISO 8601 and as numbers is accepted."""
    assert is_well_typed(day.isoformat(), XSD + "date")
    assert is_well_typed(day.isoformat()[:4], XSD + "gYear") == (day.year > 0)
    assert is_well_typed(str(number), XSD + "integer")
    assert is_well_typed(f"{amount:f}", XSD + "decimal")
    assert is_well_typed(repr(real).replace("inf", "INF").replace("nan", "NaN"), XSD + "double")


@given(st.text(alphabet="0123456789-+.:TZPeE ", max_size=12))
def test_what_the_engine_can_calculate_with_is_well_typed(text):
    """The engine's own casts accept no more than we do."""
    for datatype in ("integer", "decimal", "double", "date", "gYear", "gYearMonth", "dateTime", "boolean", "duration"):
        rows = ox.Store().query(f'SELECT ?x {{ BIND(<{XSD}{datatype}>("{text}") AS ?x) }}')
        if next(iter(rows))["x"] is not None and text == text.strip():
            assert is_well_typed(text, XSD + datatype), (text, datatype)


def test_every_literal_of_the_real_graph_is_well_typed(graph):
    """The check refuses nothing that is in the graph."""
    literals = [quad.object for quad in graph if isinstance(quad.object, ox.Literal)]
    assert [str(term) for term in literals if not is_well_typed(term.value, term.datatype.value)] == []


def test_request_is_split_into_its_operations():
    """Each operation carries the declarations before it; marks in strings and IRIs split nothing."""
    text = """PREFIX a: <http://a/;> INSERT DATA { GRAPH a:g { a:s a:p ";}" } } # ; {
        ; PREFIX b: <http://b/> DELETE WHERE { GRAPH b:g { ?s ?p ?o ; a ?t } } ; CLEAR GRAPH a:g ;"""
    first, second, third = operations(text)
    assert [op.keywords() for op in (first, second, third)] == [
        ["INSERT", "DATA"],
        ["DELETE", "WHERE"],
        ["CLEAR", "GRAPH"],
    ]
    assert first.reads_or_writes(None) == {"http://a/;g", "http://a/;s", "http://a/;p"}
    assert "http://b/g" in second.reads_or_writes(None)
    assert third.text == "PREFIX a: <http://a/;> PREFIX b: <http://b/> \nCLEAR GRAPH a:g"


@pytest.mark.parametrize(
    "text",
    [
        "INSERT { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "INSERT { GRAPH$g { ?s ?p 1 } } WHERE { GRAPH$g { ?s ?p ?o } }",
        "WITH ex:g DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "COPY ex:g TO ex:copy ; DROP GRAPH ex:g",
        "MOVE GRAPH ex:g TO GRAPH ex:copy",
        "ADD ex:g TO ex:copy ; DROP GRAPH ex:g",
        "DROP ALL",
        "CLEAR NAMED",
        "CREATE GRAPH ex:empty",
        "BASE <http://example.org/> INSERT DATA { GRAPH <x/../new> { <a> <p> 1 } }",
        "INSERT DATA { GRAPH <http://example.org/\\u0061> { ex:a ex:p 1 } }",
    ],
)
def test_version_knows_every_graph_an_update_changed(plain, text):
    """Whatever way an update names its graphs, the digests and counts of the version are those of its store."""
    _update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p ex:b } GRAPH ex:h { ex:b ex:p ex:c } }")
    outcome = _update(plain, text)
    assert outcome.changed
    backups.verify(outcome.version)


def test_keywords_that_cannot_be_told_apart_are_refused(plain):
    """The engine would take them, but which dataset they read could not be made explicit."""
    with pytest.raises(errors.EditError, match="cannot be told apart"):
        _update(plain, "DELETEWHERE { GRAPH ex:g { ?s ?p ?o } }")


def test_conclusions_follow_an_edit(real):
    """Changing a value changes what the rules conclude from it: the graphs of the rules equal those of a full run."""
    finding = next(
        real.current().open().quads_for_pattern(None, RDF_TYPE, ox.NamedNode(f"{iris.DEF}NumericFinding")), None
    )
    assert finding is not None
    outcome = _update(
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
        _update(real, f'INSERT DATA {{ GRAPH graph:people {{ {person} ex:secret "shoe size" }} }}')
    results = caught.value.results
    assert results
    assert all(isinstance(result, shapes.Result) for result in results)
    assert person.value in {result.focus for result in results}
    report = list(ox.parse(caught.value.report_turtle(), format=ox.RdfFormat.TURTLE))
    focus = ox.NamedNode("http://www.w3.org/ns/shacl#focusNode")
    assert {q.object.value for q in report if q.predicate == focus} == {result.focus for result in results}
    _assert_untouched(real, one)


def test_graphs_of_the_rules_cannot_be_written(real):
    """What rules conclude is changed by changing what they conclude from."""
    one = real.current()
    with pytest.raises(errors.GraphNotWritable, match="rules conclude"):
        _update(real, 'INSERT DATA { GRAPH graph:derived { ex:a ex:p "1" } }')
    with pytest.raises(errors.GraphNotWritable):
        _update(real, "CLEAR ALL")
    _assert_untouched(real, one)


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
    outcome = _update(plain, 'INSERT DATA { ex:a ex:p [], "x"^^xsd:integer }', validate=False)
    assert outcome.version.digest(None) != EMPTY_GRAPH
    assert outcome.version.quads == 2
    assert _update(plain, 'DELETE { ?s ?p "x"^^xsd:integer } WHERE { ?s ?p ?o }', validate=False).removed == 1
    assert (
        edits.apply(plain, DropGraph(None), author="t", message="m", validate=False).version.digest(None) == EMPTY_GRAPH
    )
    assert not _put(plain, None, "<a> <p> <b> .", validate=False).created


ERRORS = [
    errors.EditError("detail", "hint"),
    errors.LoadForbidden(1, 2),
    errors.GraphNotWritable("detail", "hint"),
    errors.ContextForbidden("http://example.org/c"),
    errors.UnknownGraph("detail"),
    errors.PreconditionFailed("detail"),
    errors.DocumentSyntaxError(1, 2, "message"),
    errors.UnfitTerm("detail", "hint"),
    errors.SaidTwice("detail", "hint"),
    errors.InvalidEdit([shapes.Result("urn:a", "urn:p", "urn:s", "Min", "x", (("en", "no"), ("nb", "nei")))]),
    errors.DiskLow(1, 2),
    errors.UpdateTooLarge(1),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_error_of_the_child_arrives_as_it_was_raised(error):
    """What the child says comes out of `apply` unchanged, results of a validation included."""
    with pytest.raises(type(error)) as caught:
        child.unpack(json.loads(json.dumps(child.pack_error(error))))
    assert (str(caught.value), caught.value.hint) == (str(error), error.hint)
    assert getattr(caught.value, "results", None) == getattr(error, "results", None)


def test_every_error_of_edits_is_tried():
    """The list above is complete."""
    assert {errors.EditError, *errors.EditError.__subclasses__()} <= {type(error) for error in ERRORS}


def test_error_of_another_module_is_told_in_its_own_words():
    """Shapes that an edit spoils are an error of the edit."""
    with pytest.raises(errors.EditError, match="no shape"):
        child.unpack(child.pack_error(shapes.ShapesFault("no shape at all")))


def _children_of_forks() -> set[int]:
    """Return the pids of all processes below this one."""
    found, fresh = set(), {os.getpid()}
    while fresh:
        found |= fresh
        fresh = {
            int(child)
            for pid in fresh
            for task in Path(f"/proc/{pid}/task").glob("*/children")
            for child in task.read_text().split()
        } - found
    return found


def test_update_that_takes_too_long_is_killed_and_leaves_nothing(plain):
    """Past its deadline the process is gone, with its scratch files, and the next write goes through at once."""
    one = _update(
        plain, "INSERT DATA { GRAPH ex:g {" + "".join(f"ex:a{i} ex:p {i} ." for i in range(100)) + "} }"
    ).version
    before = _children_of_forks()
    started = time.monotonic()
    with pytest.raises(errors.UpdateTimeout, match="1 seconds"):
        _update(
            plain,
            f"INSERT {{ GRAPH ex:g {{ ex:x ex:n ?count }} }} WHERE {{ SELECT (COUNT(*) AS ?count) {{ {CROSS} }} }}",
            limits=EditLimits(timeout=1),
        )
    assert time.monotonic() - started < 10
    assert _children_of_forks() == before
    _assert_untouched(plain, one)
    assert _update(plain, "INSERT DATA { GRAPH ex:g { ex:b ex:p 1 } }").changed


class Listing:
    """A folder of what runs, and edits in it."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry(folder)
        self.watch = Watch(self.registry, lambda _: None, errors.UpdateCancelled)

    def update(self, home: Home, text: str) -> edits.Outcome:
        """Make an update that is listed and that the holder of the key may end."""
        with self.watch.over(Query(text, key="k" * 22), Limits(), home.path / "0" / "store") as entry:
            return _update(home, text, control=Listed(self.watch, entry), limits=EditLimits(timeout=60))

    def one(self) -> Running:
        """Wait for the process of the one edit there is."""
        end = time.monotonic() + 20
        while not (found := self.registry.all()) or found[0].worker is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        return found[0]


@pytest.fixture
def listed(tmp_path):
    made = Listing(tmp_path / "running")
    yield made
    made.watch.close()


ENDLESS = f"INSERT {{ GRAPH ex:g {{ ex:x ex:n ?n }} }} WHERE {{ SELECT (COUNT(*) AS ?n) {{ {CROSS} }} }}"
MANY = "INSERT DATA { GRAPH ex:g {" + "".join(f"ex:a{i} ex:p {i} ." for i in range(100)) + "} }"


@pytest.mark.parametrize("by", ["operator", "client"])
def test_running_update_is_ended_by_whoever_may(plain, listed, by):
    """It is listed with its process and text; ended, it says by whom, and nothing of it is left."""
    one = _update(plain, MANY).version
    with ThreadPoolExecutor() as threads:
        doomed = threads.submit(listed.update, plain, ENDLESS)
        running = listed.one()
        assert running.text == ENDLESS
        assert listed.registry.kill(running.id) if by == "operator" else listed.registry.cancel("k" * 22)
        with pytest.raises(errors.UpdateCancelled) as caught:
            doomed.result(timeout=20)
    assert (caught.value.by, "nothing of it was kept" in caught.value.detail) == (by, True)
    assert not running.worker.is_alive()
    assert listed.registry.all() == []
    _assert_untouched(plain, one)
    assert _update(plain, "INSERT DATA { GRAPH ex:g { ex:b ex:p 1 } }").changed


def test_cancelled_update_is_answered_while_it_waits_for_another_writer(plain, listed):
    """Not when the other one is done."""
    plain.wait = 60
    with ThreadPoolExecutor() as threads, plain.writing():
        waiting = threads.submit(listed.update, plain, MANY)
        end = time.monotonic() + 20
        while not listed.registry.cancel("k" * 22):
            assert time.monotonic() < end
            time.sleep(0.02)
        with pytest.raises(errors.UpdateCancelled):
            waiting.result(timeout=20)
    assert plain.current_number() == 1


def test_update_is_ended_before_it_is_committed_or_not_at_all(plain, listed, monkeypatch):
    """Who was told that it is ended never sees its version; who comes later is told that it no longer runs."""
    make, said = applying._in_child, []

    def ended_late(*arguments):
        made = make(*arguments)
        (running,) = listed.registry.all()
        said.append(listed.registry.kill(running.id))
        return made

    monkeypatch.setattr(applying, "_in_child", ended_late)
    with pytest.raises(errors.UpdateCancelled):
        listed.update(plain, MANY)
    _assert_untouched(plain, plain.version(1))
    monkeypatch.undo()
    commit = Writing.commit

    def ended_too_late(*arguments):
        assert listed.registry.all() == []
        said.append(listed.registry.cancel("k" * 22))
        return commit(*arguments)

    monkeypatch.setattr(Writing, "commit", ended_too_late)
    assert listed.update(plain, MANY).changed
    assert said == [True, False]


def test_update_that_needs_too_much_memory_is_refused(plain):
    """The allowance is above what the store needs; nothing is kept."""
    one = _update(
        plain, "INSERT DATA { GRAPH ex:g {" + "".join(f"ex:a{i} ex:p {i} ." for i in range(300)) + "} }"
    ).version
    with pytest.raises(errors.QueryMemoryExceeded):
        _update(
            plain,
            f"INSERT {{ GRAPH ex:g {{ ex:x ex:n ?a }} }}"
            f" WHERE {{ SELECT ?a {{ GRAPH ex:g {{ {CROSS} }} }} ORDER BY ?f }}",
            limits=EditLimits(timeout=60, memory=64 * 2**20),
            validate=False,
        )
    _assert_untouched(plain, one)


def test_update_that_writes_too_much_is_refused(plain):
    """New files beyond the limit are refused whole."""
    one = plain.current()
    turtle = "".join(f'<a{i}> <p> "{i * 7919:0200d}" .\n' for i in range(20_000))
    with pytest.raises(errors.UpdateTooLarge):
        _put(plain, "http://example.org/g", turtle, limits=EditLimits(disk=2 * 2**20), validate=False)
    _assert_untouched(plain, one)


def test_low_disk_refuses_edits(plain):
    """An edit leaves as much room on the disk as it is told to."""
    with pytest.raises(errors.DiskLow):
        _update(
            plain,
            "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } }",
            limits=EditLimits(free_disk=shutil.disk_usage("/").total * 2),
        )
    _assert_untouched(plain, plain.version(1))


def test_commit_of_an_unvalidated_edit_is_quick(plain):
    """Suites make hundreds of updates: one takes a fraction of a second, and the chain does not slow it down."""
    edits.warm(validate=False)
    times = []
    for number in range(25):
        started = time.monotonic()
        _update(plain, f"INSERT DATA {{ ex:a ex:p {number} }}", validate=False)
        times.append(time.monotonic() - started)
    assert sorted(times)[len(times) // 2] < 1
    assert plain.current().quads == 25
