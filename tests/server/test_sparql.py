"""The SPARQL endpoint over HTTP."""

import csv
import io
import json
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from werkzeug.test import TestResponse

from kg.engine import spool
from tests.server.conftest import BROWSER

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
GRAPH = "https://w3id.org/praksisgrafen/graph/"
LABEL = "SELECT ?name WHERE { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?name } ORDER BY ?name LIMIT 3"


def ask(client: FlaskClient, query: str, accept: str | None = None, **parameters: str) -> TestResponse:
    """Send a query with GET."""
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql?" + urlencode({"query": query, **parameters}), headers=headers)


def problem(response: TestResponse) -> dict[str, object]:
    """Read a problem, and that it is a whole one."""
    assert response.mimetype == "application/problem+json"
    found: dict[str, object] = json.loads(response.data)
    assert found["status"] == response.status_code
    assert found["title"]
    assert found["detail"]
    assert response.data.endswith(b"\n")
    return found


def test_get_and_both_kinds_of_post_give_the_same_answer(client: FlaskClient) -> None:
    """Three ways to send one query."""
    got = ask(client, LABEL)
    form = client.post("/sparql", data=urlencode({"query": LABEL}), content_type=FORM)
    direct = client.post("/sparql", data=LABEL, content_type=f"{QUERY}; charset=utf-8")
    assert got.status_code == 200
    assert got.data == form.data == direct.data
    assert len(json.loads(got.data)["results"]["bindings"]) == 3


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", QueryResultsFormat.TSV),
    ],
)
def test_select_speaks_every_result_format(client: FlaskClient, accept: str, kind: QueryResultsFormat) -> None:
    """The type asked for is the type named and the type sent."""
    response = ask(client, LABEL, accept)
    assert response.mimetype == accept
    assert len(list(parse_query_results(response.data, kind))) == 3
    assert ask(client, "ASK {}", accept).mimetype == accept


def test_select_as_csv_opens_as_a_table(client: FlaskClient) -> None:
    """CSV is a header and three rows."""
    response = ask(client, LABEL, "text/csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert [len(row) for row in csv.reader(io.StringIO(response.text))] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_construct_and_describe_speak_every_rdf_format(client: FlaskClient, accept: str, kind: RdfFormat) -> None:
    """The same triples in every format."""
    thing = "<https://w3id.org/praksisgrafen/id/source/tale>"
    for query in (f"CONSTRUCT {{ {thing} ?p ?o }} WHERE {{ {thing} ?p ?o }}", f"DESCRIBE {thing}"):
        response = ask(client, query, accept)
        assert response.mimetype == accept
        assert len(set(parse(response.data, kind))) == 7


def test_quality_values_are_honoured_and_nothing_fitting_is_406(client: FlaskClient) -> None:
    """The format must fit the form of the query."""
    assert ask(client, LABEL, "text/csv;q=0.5, application/sparql-results+xml;q=0.9").mimetype.endswith("+xml")
    assert problem(ask(client, LABEL, "text/turtle"))["status"] == 406
    assert problem(ask(client, "DESCRIBE <urn:x>", "text/csv"))["form"] == "DESCRIBE"


def test_a_syntax_error_names_line_column_and_token(client: FlaskClient) -> None:
    """The place is counted as people count."""
    found = problem(ask(client, "SELECT ?x\nWHERE { ?x ?y }"))
    assert (found["status"], found["line"], found["token"]) == (400, 2, "}")
    assert found["column"] == 15


@pytest.mark.parametrize(
    ("method", "url", "content_type", "body", "status"),
    [
        ("GET", "/sparql?default-graph-uri=urn:g", None, b"", 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, b"", 400),
        ("GET", "/sparql?query=ASK%20%7B", None, b"", 400),
        ("GET", "/sparql?query=%FF", None, b"", 400),
        ("GET", "/sparql?update=CLEAR%20ALL", None, b"", 400),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=no%20iri", None, b"", 400),
        ("PUT", "/sparql?query=ASK%7B%7D", FORM, b"", 405),
        ("DELETE", "/sparql", None, b"", 405),
        ("POST", "/sparql", "text/plain", b"ASK {}", 415),
        ("POST", "/sparql", None, b"query=ASK%20%7B%7D", 415),
        ("POST", "/sparql", None, b"ASK {}", 415),
        ("POST", "/sparql", FORM, b"", 400),
        ("POST", "/sparql", FORM, b"query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("POST", "/sparql", f"{QUERY}; charset=UTF-16", "ASK {}".encode("utf-16"), 415),
        ("POST", "/sparql", QUERY, "ASK {}".encode("utf-16"), 400),
        ("POST", "/sparql?query=ASK%7B%7D", QUERY, b"ASK {}", 400),
        ("POST", "/sparql", FORM, b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", 400),
        ("POST", "/sparql", FORM, b"update=CLEAR%20NAMED", 403),
        ("POST", "/sparql", UPDATE, b"CLEAR NAMED", 403),
        ("POST", "/sparql", f"{UPDATE}; charset=UTF-16", "CLEAR NAMED".encode("utf-16"), 415),
        ("POST", "/sparql", QUERY, b"ASK {} #" + b"x" * 30_000, 413),
        ("POST", "/sparql", QUERY, b"ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
    ],
)
def test_what_the_protocol_refuses_is_refused_with_a_reason(  # noqa: PLR0917
    client: FlaskClient, method: str, url: str, content_type: str | None, body: bytes, status: int
) -> None:
    """Each wrong request has its own 4xx and says what is wrong."""
    response = client.open(url, method=method, content_type=content_type, data=body)
    assert problem(response)["status"] == status
    if status == 405:
        assert "POST" in response.headers["Allow"]


def test_named_datasets_replace_the_union(client: FlaskClient) -> None:
    """Without a dataset everything is asked; with one only that."""
    query = "SELECT DISTINCT ?s WHERE { ?s <http://www.w3.org/2004/02/skos/core#inScheme> ?o }"
    everywhere = json.loads(ask(client, query).data)["results"]["bindings"]
    inside = ask(client, query, **{"default-graph-uri": GRAPH + "codes"})
    outside = ask(client, query, **{"default-graph-uri": GRAPH + "tale"})
    assert len(everywhere) == len(json.loads(inside.data)["results"]["bindings"]) == 2
    assert json.loads(outside.data)["results"]["bindings"] == []
    named = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    found = json.loads(ask(client, named, **{"named-graph-uri": GRAPH + "tale"}).data)["results"]["bindings"]
    assert [row["g"]["value"] for row in found] == [GRAPH + "tale"]


def test_an_unchanged_answer_is_304_and_a_volatile_one_has_no_tag(client: FlaskClient) -> None:
    """The tag is of query, format and content; NOW() is never the same."""
    first = ask(client, LABEL)
    tag, url = first.headers["ETag"], "/sparql?query=" + quote(LABEL)
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    other = client.get(url, headers={"If-None-Match": tag, "Accept": "text/csv"})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag
    assert "Accept" in other.headers["Vary"]
    assert "ETag" not in ask(client, "SELECT (NOW() AS ?now) {}").headers


def test_head_and_options_work_and_any_origin_may_read(client: FlaskClient) -> None:
    """HEAD gives length and no body; a preflight is answered."""
    head = client.head("/sparql?query=ASK%7B%7D")
    assert (head.status_code, head.data, int(head.headers["Content-Length"])) == (200, b"", 26)
    preflight = client.options("/sparql", headers={"Origin": "https://example.org"})
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "HEAD", "POST", "QUERY"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))


def test_the_method_query_answers_like_get_and_is_advertised(client: FlaskClient) -> None:
    """It is safe: the same answer and tag, a 304 where nothing changed, and no update."""
    got, asked = ask(client, LABEL), client.open("/sparql", method="QUERY", data=LABEL, content_type=QUERY)
    assert (asked.status_code, asked.data, asked.headers["ETag"]) == (200, got.data, got.headers["ETag"])
    assert asked.headers["Accept-Query"] == f"{QUERY}, {FORM}"
    again = {"If-None-Match": asked.headers["ETag"]}
    assert client.open("/sparql", method="QUERY", data=LABEL, content_type=QUERY, headers=again).status_code == 304
    assert client.open("/sparql", method="QUERY", data=b"CLEAR ALL", content_type=UPDATE).status_code == 415


def test_a_browser_gets_a_form_and_a_table(client: FlaskClient) -> None:
    """The same address serves people: form, rows, what is wrong with a query."""
    form = client.get("/sparql", headers=BROWSER)
    assert '<textarea id="query" name="query"' in form.text
    table = client.get("/sparql?lang=nb&query=" + quote(LABEL), headers=BROWSER)
    assert '<th scope="col">name</th>' in table.text
    assert table.text.count("<tr>") == 4
    wrong = client.get("/sparql?lang=nb&query=" + quote("SELECT <x"), headers=BROWSER)
    assert wrong.status_code == 400
    assert "Syntaksfeil i spørringen" in wrong.text
    assert "SELECT &lt;x" in wrong.text
    asked = client.get("/sparql?lang=nn&query=ASK%7B%7D", headers=BROWSER)
    assert ">ja</p>" in asked.text


def test_an_answer_too_large_for_memory_comes_whole(client: FlaskClient) -> None:
    """What waited in a file is sent with its length, and every row of it."""
    numbers = " ".join(map(str, range(1000)))
    text = f"SELECT * {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} FILTER(?a < 100) }}"
    answer = ask(client, text, "application/sparql-results+json")
    assert len(answer.data) == answer.content_length > spool.MEMORY
    assert len(json.loads(answer.data)["results"]["bindings"]) == 100_000


def test_a_limit_that_is_reached_is_an_error_and_says_which(client: FlaskClient) -> None:
    """Nothing is cut: too many rows are a problem with the limit in it."""
    product = " ".join(f"VALUES ?{name} {{ {'1 ' * 110}}}" for name in "abc")
    found = problem(ask(client, f"SELECT * WHERE {{ {product} }}", "text/csv"))
    assert found["status"] == 422
    assert found["limit"] == 1_000_000
    assert found["hint"]
