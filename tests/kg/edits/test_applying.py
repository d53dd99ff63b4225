"""Edits: a whole new version or nothing, whichever way they are written."""

import socket

import pyoxigraph as ox
import pytest

from kg import edits, errors, iris
from kg.documents import Document
from kg.edits import DropGraph, Expect, MergeGraph, ReplaceGraph, SparqlUpdate
from kg.edits.requests import operations
from kg.versions import EMPTY_GRAPH, backups
from tests.kg.edits.editing import assert_untouched, lines, put_graph, update


def test_edit_becomes_a_version_that_says_who_and_why(plain):
    """An accepted update is a version with author, message, counts and its own digests."""
    outcome = update(plain, 'INSERT DATA { GRAPH ex:g { ex:a ex:p "1", "2" } }')
    assert (outcome.changed, outcome.added, outcome.removed) == (True, 2, 0)
    version = outcome.version
    assert plain.current() == version
    assert (version.number, version.author, version.message, version.origin) == (2, "tests", "an edit", "edit")
    assert (version.quads, version.added, version.removed) == (2, 2, 0)
    backups.verify(version)


def test_edit_that_changes_nothing_makes_no_version(plain):
    """Writing what is there, or deleting what is not, leaves the version as it is."""
    one = update(plain, 'INSERT DATA { GRAPH ex:g { ex:a ex:p "1" } }').version
    for text in ('INSERT DATA { GRAPH ex:g { ex:a ex:p "1" } }', 'DELETE DATA { GRAPH ex:h { ex:a ex:p "9" } }', ""):
        outcome = update(plain, text)
        assert (outcome.changed, outcome.version) == (False, one)
    assert_untouched(plain, one)


def test_graph_is_replaced_merged_and_dropped(plain):
    """PUT, POST and DELETE of the Graph Store Protocol, with what was created."""
    put = put_graph(plain, "http://example.org/g", '<a> <p> "1" .')
    assert (put.changed, put.created, put.added) == (True, True, 1)
    post = put_graph(plain, "http://example.org/g", '<a> <p> "2" .', MergeGraph)
    assert (post.changed, post.created, post.added, post.removed) == (True, False, 1, 0)
    put = put_graph(plain, "http://example.org/g", '<a> <p> "2", "3" .')
    assert (put.created, put.added, put.removed) == (False, 1, 1)
    drop = edits.apply(plain, DropGraph("http://example.org/g"), author="t", message="m")
    assert (drop.removed, dict(drop.version.graphs)) == (2, {})
    with pytest.raises(errors.UnknownGraph):
        edits.apply(plain, DropGraph("http://example.org/g"), author="t", message="m")


def test_empty_graph_is_there(plain):
    """A graph without triples can be made, has a digest, and can be dropped."""
    put = put_graph(plain, "http://example.org/g", "")
    assert (put.changed, put.created, put.version.digest("http://example.org/g")) == (True, True, EMPTY_GRAPH)
    assert edits.apply(plain, DropGraph("http://example.org/g"), author="t", message="m").version.graphs == {}


def test_preconditions_are_compared_with_the_graph_as_it_is(plain):
    """If-Match and If-None-Match hold against the digest, "*" against existence; a failed one changes nothing."""
    name = "http://example.org/g"
    star, other = frozenset({"*"}), frozenset({"0" * 64})

    def put(text, **expected):
        return put_graph(plain, name, text, expect=Expect(name, **expected))

    with pytest.raises(errors.PreconditionFailed, match="does not exist"):
        put('<a> <p> "1" .', if_match=star)
    one = put('<a> <p> "1" .', if_none_match=star).version
    digest = frozenset({one.digest(name)})
    for expected in ({"if_none_match": star}, {"if_none_match": digest}, {"if_match": other}):
        with pytest.raises(errors.PreconditionFailed):
            put('<a> <p> "2" .', **expected)
    assert_untouched(plain, one)
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
        update(plain, text)
    assert_untouched(plain, one)


def test_words_load_and_service_are_no_offence(plain):
    """In strings, IRIs, comments and names they mean nothing."""
    text = (
        '# LOAD <x> SERVICE\nINSERT DATA { GRAPH <http://example.org/LOAD> { ex:service ex:load "SERVICE LOAD <x>" } }'
    )
    assert update(plain, text).added == 1


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
                    update(plain, text, validate=validate)
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
        put_graph(plain, "http://example.org/g", '<a> <p> "1" .\n<a> <p> nope:x .')
    assert caught.value.line == 2


def test_document_with_named_graphs_is_refused(plain):
    """One graph is written at a time."""
    document = Document(b"<urn:a> <urn:p> <urn:b> <urn:h> .", ox.RdfFormat.N_QUADS)
    edit = ReplaceGraph("http://example.org/g", (document,))
    with pytest.raises(errors.EditError, match="named graphs"):
        edits.apply(plain, edit, author="t", message="m")


def test_where_reads_the_union_of_all_graphs(plain):
    """Outside GRAPH an update reads what a query reads, and an operation sees what those before it wrote."""
    update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p ex:b } GRAPH ex:h { ex:b ex:p ex:c } }")
    outcome = update(
        plain,
        """INSERT { GRAPH ex:new { ?x ex:far ?z } } WHERE { ?x ex:p ?y . ?y ex:p ?z } ;
        INSERT { GRAPH ex:new { ?z ex:back ?x } } WHERE { GRAPH ex:new { ?x ex:far ?z } }""",
    )
    assert outcome.added == 2
    assert "http://example.org/new" in outcome.version.graphs


def test_dataset_of_the_protocol_replaces_the_default_one(plain):
    """using-graph-uri and using-named-graph-uri say what WHERE reads, for the short form of DELETE too."""
    update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p 1 } GRAPH ex:h { ex:a ex:p 2 } }")
    insert = "INSERT { GRAPH ex:out { ?s ex:seen ?o } } WHERE { ?s ?p ?o }"
    outcome = update(plain, insert, using_graphs=("http://example.org/g",))
    assert outcome.added == 1
    named = "INSERT { GRAPH ex:named { ?s ex:named ?o } } WHERE { GRAPH ?g { ?s ex:p ?o } }"
    assert update(plain, named, using_named_graphs=("http://example.org/h",)).added == 1
    assert update(plain, named, using_graphs=("http://example.org/g",)).added == 0
    with pytest.raises(errors.EditError, match="given twice"):
        update(plain, "WITH ex:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", using_graphs=("http://example.org/g",))
    short = "DELETE WHERE { GRAPH ex:g { ?s ?p ?o } }"
    assert update(plain, short, using_named_graphs=("http://example.org/h",)).removed == 0
    assert update(plain, short, using_named_graphs=("http://example.org/g",)).removed == 1


def test_blank_nodes_become_iris_that_stay_the_same(plain):
    """What an update or a document leaves blank gets IRIs that depend on content: writing it again changes nothing."""
    text = 'INSERT DATA { GRAPH ex:g { ex:a rdfs:seeAlso [ rdfs:label "x" ] } }'
    one = update(plain, text).version
    assert all("_:" not in line for line in lines(one))
    assert sum(iris.GENID in line for line in lines(one)) == 2
    assert not update(plain, text).changed
    same = '<a> <http://www.w3.org/2000/01/rdf-schema#seeAlso> [ <http://www.w3.org/2000/01/rdf-schema#label> "x" ] .'
    assert not put_graph(plain, "http://example.org/g", same).changed
    assert not put_graph(plain, "http://example.org/g", same, MergeGraph).changed


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
    update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p ex:b } GRAPH ex:h { ex:b ex:p ex:c } }")
    outcome = update(plain, text)
    assert outcome.changed
    backups.verify(outcome.version)


def test_keywords_that_cannot_be_told_apart_are_refused(plain):
    """The engine would take them, but which dataset they read could not be made explicit."""
    with pytest.raises(errors.EditError, match="cannot be told apart"):
        update(plain, "DELETEWHERE { GRAPH ex:g { ?s ?p ?o } }")
