"""SERVICE: another server is asked before the query, and what it answers is put in its place."""

import json
from typing import Any

import pyoxigraph as ox
import pytest

from kg.engine import Query
from kg.errors import (
    PraksisError,
    QueryTimeout,
    RemoteFailed,
    RemoteForbidden,
    RemoteTooLarge,
    ServiceForbidden,
    ServiceNotCallable,
    WorkerCrashed,
)
from kg.federation import refuse_services, with_documents, with_services
from kg.origins import AllowList
from kg.remote import FetchLimits
from tests.kg.federation.conftest import LIMITS, NAME, TURTLE

JSON = "application/sparql-results+json"


def results(names: list[str], *rows: dict[str, object]) -> bytes:
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


def uri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


TWO = results(
    ["s", "o"],
    {"s": uri("http://e/1"), "o": {"type": "literal", "value": 'a"}\n', "xml:lang": "nb"}},
    {"s": uri("http://e/2")},
)


def solve(text: str, allowed: AllowList) -> list[dict[str, str | None]]:
    """Answer a query over a store with one triple, its services asked first."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://e/1"), ox.NamedNode("http://e/here"), ox.Literal("x")))
    ready = with_services(Query(text, base_iri="http://base.example/sparql"), allowed, LIMITS)
    solutions = store.query(ready.text, base_iri=ready.base_iri)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [{n: None if row[n] is None else row[n].value for n in names} for row in solutions]


def test_the_solutions_of_a_service_join_with_what_is_here(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", TWO, JSON)
    text = f"SELECT * {{ ?s <http://e/here> ?x . SERVICE <{url}> {{ ?s <http://e/p> ?o }} }}"
    assert solve(text, allowed) == [{"s": "http://e/1", "x": "x", "o": 'a"}\n'}]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT * {{ sErViCe#<no>\n<{url}>{{ ?s ?p ?o }} }}", 2),
        ("PREFIX d: <{url}> BASE <http://e/> SELECT * {{ SERVICE d: {{ ?s <p> ?o }} }}", 2),
        ("PREFIX SERVICE: <{url}> SELECT * {{ SERVICE SERVICE: {{ ?s SERVICE:p ?o }} }}", 2),
        ("SELECT * {{ {{ SELECT ?s {{ SERVICE <{url}> {{ ?s ?p ?o }} }} LIMIT 1 }} }}", 1),
        ("SELECT * {{ OPTIONAL {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} FILTER(bound(?o)) }} }}", 1),
        ("SELECT * {{ ?s <http://e/here> ?x MINUS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}", 0),
        ("SELECT * {{ {{ SERVICE <{url}> {{ ?s ?p ?o }} }} UNION {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}", 4),
        ("SELECT * {{ SERVICE <{url}> {{ {{ SELECT ?s ?o {{ ?s ?p ?o }} }} }} BIND(1 AS ?one) }}", 2),
        ("SELECT ?service {{ SERVICE <{url}> {{ ?s ?p ?o FILTER(?o != 'SERVICE {{') }} BIND(?s AS ?service) }}", 2),
    ],
)
def test_a_service_is_asked_wherever_patterns_stand(
    internet: Any, allowed: AllowList, url: str, text: str, rows: int
) -> None:
    internet.answer("/x", TWO, JSON)
    assert len(solve(text.format(url=url), allowed)) == rows


def test_a_service_gets_the_pattern_with_what_it_needs_to_be_understood(
    internet: Any, allowed: AllowList, url: str
) -> None:
    internet.answer("/x", TWO, JSON)
    solve(f"PREFIX e: <e#> SELECT ?s {{ SERVICE <{url}> {{ ?s e:p ?o }} }} ORDER BY ?s", allowed)
    (asked,) = internet.asked
    assert asked.line == "POST /x HTTP/1.1"
    assert asked.body == (
        b"query=BASE+%3Chttp%3A%2F%2Fbase.example%2Fsparql%3E%0APREFIX+e%3A+%3Ce%23%3E%0A"
        b"SELECT+%2A+WHERE+%7B+%3Fs+e%3Ap+%3Fo+%7D"
    )


def test_a_pattern_without_variables_holds_or_not(internet: Any, allowed: AllowList, url: str) -> None:
    text = f"SELECT * {{ ?s <http://e/here> ?x SERVICE <{url}> {{ <http://e/a> <http://e/b> 1 }} }}"
    internet.answer("/x", results([], {}), JSON)
    assert len(solve(text, allowed)) == 1
    internet.answer("/x", results([]), JSON)
    assert solve(text, allowed) == []


def test_silent_forgives_what_the_other_server_does_wrong_and_nothing_else(
    internet: Any, allowed: AllowList, url: str
) -> None:
    text = f"SELECT * {{ ?s <http://e/here> ?x SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}"
    assert solve(text, allowed) == [{"s": "http://e/1", "x": "x"}]
    with pytest.raises(RemoteFailed, match="404"):
        solve(text.replace("SILENT", ""), allowed)
    internet.answer("/x", results(["s"], *[{"s": uri(f"http://e/{number}")} for number in range(10_001)]), JSON)
    with pytest.raises(RemoteTooLarge):
        with_services(Query(text), allowed, FetchLimits())
    internet.names[NAME] = ["127.0.0.2"]
    with pytest.raises(RemoteForbidden):
        solve(text, allowed)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (TWO, "text/html"),
        (TWO[:-2], JSON),
        (b'{"head":{},"boolean":true}', JSON),
        (results(["x"], {"x": uri("http://e/1")}), JSON),
        (results(["s", "s"]), JSON),
        (results(["s"], {"s": uri("http://e/1> } SERVICE <http://e/2")}), JSON),
        (results(["s"], {"s": {"type": "literal", "value": "x", "xml:lang": "en } #"}}), JSON),
        (results(["s) {} } #"]), JSON),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_not_believed(
    internet: Any, allowed: AllowList, url: str, body: bytes, media_type: str
) -> None:
    internet.answer("/x", body, media_type)
    with pytest.raises(RemoteFailed):
        solve(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", allowed)


def test_blank_nodes_of_another_service_are_not_handed_on(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", results(["s"], {"s": {"type": "bnode", "value": "b"}}), JSON)
    with pytest.raises(ServiceNotCallable, match="blank nodes"):
        solve(f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}", allowed)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * {{\n  SERVICE ?x {{ ?s ?p ?o }} VALUES ?x {{ <{url}> }} }}", ServiceNotCallable),
        ("SELECT * {{\n  FILTER NOT EXISTS {{ {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }}", ServiceNotCallable),
        ("SELECT * {{\n  SERVICE <{url}> {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}", ServiceNotCallable),
        ("SELECT * {{\n  SERVICE SILENT <http://other.example/> {{ ?s ?p ?o }} }}", ServiceForbidden),
        ("SELECT * {{\n  SERVICE <relative> {{ ?s ?p ?o }} }}", ServiceForbidden),
        (
            "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }}\n  SERVICE <http://127.0.0.2/> {{ ?s ?p ?o }} }}",
            ServiceForbidden,
        ),
        (f"SELECT * {{{{ {'SERVICE <{url}> {{ ?s ?p ?o }}' * 5} }}}}", ServiceNotCallable),
    ],
)
def test_what_cannot_be_asked_first_is_refused_before_anything_is(
    internet: Any, allowed: AllowList, url: str, text: str, error: type[PraksisError]
) -> None:
    internet.answer("/x", TWO, JSON)
    with pytest.raises(error, match=r"Line [12], column"):
        solve(text.format(url=url), allowed)
    assert internet.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ # SERVICE <{url}> {{ }}\n ?s ?p 'SERVICE <{url}> {{ ?s ?p ?o }}' }}",
        "PREFIX service: <{url}> SELECT ?service {{ ?service service:SERVICE 'x'@service }}",
        "SELECT * {{ ?s <{url}#SERVICE> ?o",
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o",
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} no query",
        "PREFIX : <{url}> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}",
        'SELECT * {{ FILTER(1<2)#>"""\nSERVICE <{url}> {{ ?s ?p ?o }} #"""\n }}',
    ],
)
def test_what_is_no_call_or_no_query_is_left_to_the_engine(
    internet: Any, allowed: AllowList, url: str, text: str
) -> None:
    query = Query(text.format(url=url))
    assert with_services(query, allowed, LIMITS) is query
    assert internet.asked == []


DEEP = 100_000
NESTED = "{" * DEEP + "}" * DEEP


def test_what_nests_too_deeply_ends_no_process_of_ours(internet: Any, allowed: AllowList, url: str) -> None:
    """Be it a query, an update, or what another server answers to either."""
    with pytest.raises(WorkerCrashed):
        with_services(Query(f"SELECT * {{ SERVICE <{url}> {{}} {NESTED} }}"), allowed, LIMITS)
    with pytest.raises(WorkerCrashed):
        refuse_services(f"INSERT {{}} WHERE {{ SERVICE <{url}> {{}} {NESTED} }}", None, allowed)
    with pytest.raises(WorkerCrashed):
        with_documents(f"LOAD <{url}> ; INSERT {{}} WHERE {NESTED}", None, allowed, LIMITS)
    assert internet.asked == []
    limits = FetchLimits(timeout=5)
    internet.answer("/x", b"<a:b> <a:c> " + b"<<(<a:b> <a:c> " * DEEP + b"1" + b")>>" * DEEP + b" .", TURTLE)
    with pytest.raises(WorkerCrashed):
        with_documents(f"LOAD <{url}>", None, allowed, limits)
    iri = b'{"type":"uri","value":"a:b"}'
    triple = b'{"type":"triple","value":{"subject":%b,"predicate":%b,"object":' % (iri, iri)
    deep = triple * 10_000 + iri + b"}}" * 10_000
    body = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":' + deep + b"}]}}"
    internet.answer("/x", body, JSON)
    with pytest.raises((WorkerCrashed, QueryTimeout, ServiceNotCallable)):
        with_services(Query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"), allowed, limits)


def test_without_an_allow_list_every_query_is_left_to_the_engine(url: str) -> None:
    query = Query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
    assert with_services(query, AllowList(), LIMITS) is query


def test_a_service_in_an_update_is_refused_whoever_it_is(internet: Any, allowed: AllowList, url: str) -> None:
    text = "INSERT {{ GRAPH <http://e/g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{}> {{ ?s ?p ?o }} }}"
    with pytest.raises(ServiceNotCallable, match="in an update"):
        refuse_services(text.format(url), None, allowed)
    with pytest.raises(ServiceForbidden, match=r"http://other\.example"):
        refuse_services(text.format("http://other.example/"), None, allowed)
    refuse_services("INSERT DATA { <a:b> <a:c> 'SERVICE <http://other.example/> {}' }", None, allowed)
    assert internet.asked == []
