"""The same questions, the same answers: in this process and in a worker."""

import json
from typing import Protocol
from xml.parsers import expat

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat

from kg.engine import Engine, Formats, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.workers import WorkerPool
from kg.errors import (
    NotAcceptable,
    NotInXml,
    QueryError,
    QueryEvaluationError,
    QuerySyntaxError,
    ResultTooLarge,
    ServiceForbidden,
)


class Listener(Protocol):
    """What the fixture gives."""

    port: int
    url: str

    def was_called(self) -> bool:
        """Tell whether anyone came."""


GRAPH_ONE = ("http://example.org/one",)
RESULT_FORMATS = [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.CSV, QueryResultsFormat.TSV]
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(params=["embedded", "workers"])
def either(request: pytest.FixtureRequest, engine: EmbeddedEngine, pool: WorkerPool) -> Engine:
    return engine if request.param == "embedded" else pool


def number(engine: Engine, query: Query) -> int:
    results = json.loads(engine.query(query).read())
    return int(results["results"]["bindings"][0]["n"]["value"])


def test_without_a_dataset_the_whole_store_is_asked(either: Engine) -> None:
    assert number(either, Query(COUNT)) == 20_001


def test_from_is_honoured(either: Engine) -> None:
    assert number(either, Query("SELECT (COUNT(*) AS ?n) FROM <http://example.org/one> { ?s ?p ?o }")) == 1
    assert number(either, Query("SELECT (COUNT(*) AS ?n) FROM NAMED <http://example.org/one> { ?s ?p ?o }")) == 0


XML = Formats(QueryResultsFormat.XML, QueryResultsFormat.XML, RdfFormat.RDF_XML)
OTHERS = Formats(QueryResultsFormat.JSON, QueryResultsFormat.JSON, RdfFormat.TURTLE)
UNFIT = r'VALUES ?o { "%s\u0001" "b\uFFFF" }'


@pytest.mark.parametrize("length", [1, 256 * 1024, 3_000_001])
@pytest.mark.parametrize("form", ["SELECT *", "CONSTRUCT { <a:b> <a:c> ?o }"])
def test_an_answer_in_xml_is_xml_or_an_error(either: Engine, form: str, length: int) -> None:
    """A character that XML cannot hold is an error wherever it stands; other formats carry it."""
    text = f"{form} {{ {UNFIT % ('ø' * length)} }}"
    with pytest.raises(NotInXml, match=r"U\+(0001|FFFF)"):
        either.query(Query(text, formats=XML))
    assert len(either.query(Query(text, formats=OTHERS)).read()) > length
    fit = text.replace("\\u0001", "\\t\\n").replace("\\uFFFF", "\\uFFFD")
    expat.ParserCreate().Parse(either.query(Query(fit, formats=XML)).read(), True)


def test_a_dataset_given_beside_the_query_overrules_from(either: Engine) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/two> { ?s ?p ?o }"
    assert number(either, Query(query, default_graphs=GRAPH_ONE)) == 1
    assert number(either, Query(COUNT, named_graphs=GRAPH_ONE)) == 0
    in_graphs = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert number(either, Query(in_graphs, default_graphs=GRAPH_ONE)) == 0
    assert number(either, Query(in_graphs, named_graphs=GRAPH_ONE)) == 1


def test_answer_tells_form_media_type_length_and_rows(either: Engine) -> None:
    formats = Formats(QueryResultsFormat.CSV, QueryResultsFormat.XML, RdfFormat.N_TRIPLES)
    expected = {
        "SELECT ?o { ?s ?p ?o } LIMIT 3": ("SELECT", "text/csv; charset=utf-8", 3),
        "ASK { ?s ?p ?o }": ("ASK", "application/sparql-results+xml", None),
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 4": ("CONSTRUCT", "application/n-triples", 4),
        "DESCRIBE <http://example.org/it>": ("DESCRIBE", "application/n-triples", 1),
    }
    for text, known in expected.items():
        answer = either.query(Query(text, formats=formats))
        assert (answer.form, answer.media_type, answer.rows) == known
        assert answer.length == len(answer.read())


def test_turtle_uses_the_prefixes(either: Engine) -> None:
    turtle = either.query(Query("DESCRIBE <http://example.org/it>")).read().decode()
    assert 'ex:it ex:label "first" .' in turtle


@pytest.mark.parametrize(
    ("text", "form"),
    [("SELECT * {}", "SELECT"), ("ASK {}", "ASK"), ("DESCRIBE <a:b>", "DESCRIBE"), ("CONSTRUCT WHERE {}", "CONSTRUCT")],
)
def test_no_acceptable_format_names_the_form(either: Engine, text: str, form: str) -> None:
    with pytest.raises(NotAcceptable) as raised:
        either.query(Query(text, formats=Formats(None, None, None)))
    assert raised.value.form == form


def test_rows_are_terms_and_unbound_variables_are_left_out(either: Engine) -> None:
    query = "SELECT * { VALUES (?a ?b) { (1 UNDEF) (UNDEF 'x'@nb) (<a:b> <<( <a:b> <a:c> 'd' )>>) } }"
    one, two, three = either.rows(query)
    assert one == {"a": Literal(1)}
    assert two == {"b": Literal("x", language="nb")}
    assert three["a"] == NamedNode("a:b")
    with pytest.raises(NotAcceptable):
        either.rows("ASK {}")


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_answers_past_a_limit_are_refused_whole(either: Engine, text: str) -> None:
    with pytest.raises(ResultTooLarge) as raised:
        either.query(Query(text), result_bytes=100_000)
    assert (raised.value.limit, raised.value.unit) == (100_000, "bytes")
    with pytest.raises(ResultTooLarge) as raised:
        either.query(Query(text), rows=20_000)
    assert (raised.value.limit, raised.value.unit) == (20_000, "rows")
    with either.query(Query(text), rows=20_001) as answer:
        assert answer.rows == 20_001


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=str)
def test_not_one_row_too_many_however_short_rows_are(either: Engine, form: QueryResultsFormat) -> None:
    query = Query("SELECT ?unbound { ?s ?p ?o VALUES ?n { 1 2 3 4 5 6 7 8 9 10 } }", formats=Formats(form, None, None))
    with either.query(query, rows=200_010) as answer:
        assert answer.rows == 200_010
    with pytest.raises(ResultTooLarge) as raised:
        either.query(query, rows=200_009)
    assert (raised.value.limit, raised.value.unit) == (200_009, "rows")


def test_counting_rows_leaves_the_answer_to_be_read(either: Engine) -> None:
    answer = either.query(Query("SELECT * { ?s ?p ?o } LIMIT 3"))
    assert (answer.rows, answer.rows) == (3, 3)
    assert len(answer.read()) == answer.length


def test_foreign_errors_are_translated(either: Engine) -> None:
    with pytest.raises(QuerySyntaxError):
        either.query(Query("SELECT"))
    with pytest.raises(QueryEvaluationError, match="not supported"):
        either.query(Query("SELECT (<a:nothing>(1) AS ?x) {}"))
    with pytest.raises(QueryError):
        either.query(Query(COUNT, default_graphs=("no iri",)))
    with pytest.raises(QueryError):
        either.query(Query("SELECT * { ?s ?p '\ud800' }"))


def test_relative_iris_need_a_base(either: Engine) -> None:
    assert either.query(Query("ASK { <it> ?p ?o }", base_iri="http://example.org/")).read() == (
        b'{"head":{},"boolean":true}'
    )
    with pytest.raises(QuerySyntaxError, match="not an absolute IRI"):
        either.query(Query("ASK { <it> ?p ?o }"))


def test_a_listener_on_loopback_hears_nothing(either: Engine, listener: Listener, service_calls: list[str]) -> None:
    for call in service_calls:
        with pytest.raises(ServiceForbidden):
            either.query(Query(call.replace("{port}", str(listener.port))))
    for graphs in ("FROM", "FROM NAMED"):
        either.query(Query(f"SELECT * {graphs} <{listener.url}> {{ ?s ?p ?o }}")).close()
    assert not listener.was_called()
