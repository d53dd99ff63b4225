"""Errors name the token; keywords are seen where the parser sees them, and nowhere else."""

import pytest
from pyoxigraph import Store

from kg.engine import syntax
from kg.engine.lexer import form_keyword, tokens
from kg.errors import QuerySyntaxError, ServiceForbidden

VALID = [
    "SELECT * { ?s ?p ?o }",
    (
        "PREFIX ex: <http://example.org/> # a comment\nSELECT DISTINCT ?s (COUNT(*) AS ?n) FROM ex:g\n"
        'WHERE { ?s a ex:T ; ex:p 1.5e3, \'x\'@nb-NO, """a "b"\n"""^^ex:d . OPTIONAL { ?s ex:q|^ex:r+ [] } '
        "FILTER(?n < 3 && ?s != <http://example.org/é> || !BOUND(?x)) BIND(COALESCE(?a, 2) AS ?b) }\n"
        "GROUP BY ?s HAVING (?n > 1) ORDER BY DESC(?n) LIMIT 5 OFFSET 2"
    ),
    "ASK { GRAPH ?g { _:a ?p (1 2 <http://example.org/x>) } MINUS { ?s ?p -1 } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { { ?s ?p ?o } UNION { VALUES (?s ?o) { (UNDEF 1) (<a:b> 'c') } } }",
    "DESCRIBE <http://example.org/a.b>",
]

WRONG = [
    ("SELEC ?x", 1, 1, "SELEC", "cannot stand here"),
    ("SELECT *\nWHERE {\n  ?s ?p “x” }", 3, 9, "“", "cannot stand here"),
    ("SELECT * WHERE { ?s ?p ?o FILTR(?o > 1) }", 1, 27, "FILTR", "cannot stand here"),
    ("SELECT ?x WHERE {\n ?s foaf:x ?o }", 2, 5, "foaf:x", "The prefix foaf: is not declared"),
    ("SELECT * { ?s <http://e/ x> 2 }", 1, 15, "<http://e/ x>", "not an absolute IRI"),
    ("SELECT * { foaf:x ?p ?o }", 1, 12, "foaf:x", "The prefix foaf: is not declared"),
    ("SELECT * { <rel> ?p ?o }", 1, 12, "<rel>", "not an absolute IRI"),
    ("SELECT * { ?s <rel> ?o }", 1, 15, "<rel>", "not an absolute IRI"),
    ("SELECT (COUNT(?x) AS ?n WHERE {}", 1, 25, "WHERE", 'What can: ")"'),
    ("SELECT * { ?s ?p ?o } ø", 1, 23, "ø", "cannot stand here"),
    ("SELECT * { 'æøå' ?p ?o }}", 1, 25, "}", "cannot stand here"),
    ("SELECT * { ?s ?p ?o", 1, 20, None, "ends too early"),
    ("", 1, 1, None, "is empty"),
    ("SELECT ?a (COUNT(*) AS ?n) { ?a ?b ?c } GROUP BY ?b", 1, 52, None, "unbound"),
    ("SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", 1, 40, "}", "breaks a rule"),
]

HARMLESS = [
    "# SERVICE <http://a/> {}\nSELECT * { ?s ?p 'SERVICE <http://a/> {}' }",
    "SELECT ?service ?Service ?servicf { ?service <http://x/service/#SERVICE> '''\nservice'''@service, ?Service }",
    "PREFIX service: <http://x/> SELECT * { GRAPH service:x { service:SERVICE service: _:service } }",
    "SELECT * { # \\u000A SERVICE <http://127.0.0.1:5/> {?s ?p ?o}\n }",
]


@pytest.mark.parametrize("query", VALID)
def test_every_beginning_of_a_query_can_go_on(query: str) -> None:
    Store().query(query)
    ends = [token.end for token in tokens(query) if token.text != "COALESCE"]
    assert [end for end in ends if not syntax.can_go_on(query[:end])] == []


@pytest.mark.parametrize(("query", "line", "column", "token", "words"), WRONG)
def test_syntax_error_names_its_token_and_place(
    query: str, line: int, column: int, token: str | None, words: str
) -> None:
    with pytest.raises(SyntaxError) as raised:
        Store().query(query)
    error = syntax.explain(query, raised.value)
    assert isinstance(error, QuerySyntaxError)
    assert (error.line, error.column, error.token) == (line, column, token)
    assert words in error.message


def test_a_misspelt_keyword_is_guessed() -> None:
    error = syntax.explain("SELECT * { ?s ?p ?o FILTR(?o > 1) }", SyntaxError("error at 1:1: expected [_]"))
    assert error.hint == "Did you mean FILTER?"


def test_every_way_of_writing_service_is_seen(service_calls: list[str]) -> None:
    for query in service_calls[:-1]:
        with pytest.raises(ServiceForbidden):
            syntax.refuse_service(query.replace("{port}", "5"))


def test_escapes_outside_strings_are_no_way_to_write_service(service_calls: list[str]) -> None:
    with pytest.raises(SyntaxError) as raised:
        Store().query(service_calls[-1])
    assert isinstance(syntax.explain(service_calls[-1], raised.value), ServiceForbidden)


@pytest.mark.parametrize("query", HARMLESS)
def test_the_word_service_elsewhere_is_no_offence(query: str) -> None:
    Store().query(query)
    syntax.refuse_service(query)


def test_from_is_seen_only_as_a_keyword() -> None:
    """The union is switched off by FROM, so seeing it where it is not would change answers."""
    assert syntax.uses("PREFIX from: <a:> SELECT * FROM NAMED from:x {}", "FROM")
    assert syntax.uses("SELECT *from<a:b>{}", "FROM")
    assert not syntax.uses("PREFIX from: <a:> SELECT ?from { ?from from:from 'FROM <a:b>' } # from", "FROM")


def test_form_is_the_first_word_that_is_one() -> None:
    assert [form_keyword(query) for query in VALID] == ["SELECT", "SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
    assert form_keyword("PREFIX ask: <a:> # SELECT\nConstruct WHERE { ?s ask:ask 'SELECT' }") == "CONSTRUCT"
