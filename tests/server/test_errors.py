"""Errors in the reader's language: over HTTP, on pages and for programs."""

import ast
import re
from typing import Any, Final

import pytest
from babel.support import NullTranslations
from flask import Flask
from flask.testing import FlaskClient

from kg import errors
from kg.errors import PraksisError
from kg.shapes import Result
from server import wording
from server.errors import BadRequest, Problem
from tests.server import error_texts

SPARQL: Final = "/sparql?query="
JSON: Final = {"Accept": "application/problem+json"}
WRONG: Final[list[tuple[str, str, dict[str, Any], int]]] = [
    ("GET", "/nowhere", {}, 404),
    ("GET", "/id/organisation/nobody", {"headers": {"Accept": "text/turtle"}}, 404),
    ("GET", "/?version=99", {}, 404),
    ("GET", "/?version=x", {}, 400),
    ("DELETE", "/", {}, 405),
    ("GET", SPARQL + "SELEC ?x", {}, 400),
    ("GET", SPARQL + "SELECT ?x { ?x foaf:name ?y }", {}, 400),
    ("GET", SPARQL + "SELECT * { ?s ?p ?o", {}, 400),
    ("GET", SPARQL + "SELECT * { ?s <x y> ?o }", {}, 400),
    ("GET", SPARQL + "SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", {}, 400),
    ("GET", SPARQL + "SELECT ?a (COUNT(*) AS ?n) { ?a ?b ?c } GROUP BY ?b", {}, 400),
    ("GET", SPARQL, {}, 400),
    ("GET", SPARQL + "ASK {}&query=ASK {}", {}, 400),
    ("GET", SPARQL + "ASK {}&default-graph-uri=nothing", {}, 400),
    ("GET", SPARQL + "ASK {}&using-graph-uri=urn:x", {}, 400),
    ("GET", SPARQL + "ASK {}&timeout=soon", {}, 400),
    ("GET", SPARQL + "SELECT * { SERVICE <http://elsewhere.example/> { ?s ?p ?o } }", {}, 403),
    (
        "GET",
        SPARQL + "CONSTRUCT WHERE { ?s ?p ?o }",
        {"headers": {"Accept": "text/csv, application/problem+json"}},
        406,
    ),
    ("GET", "/sparql?update=CLEAR ALL", {}, 400),
    ("POST", "/sparql", {"data": "x", "headers": {"Content-Type": "text/plain"}}, 415),
    ("POST", "/sparql", {"data": b"\xff", "headers": {"Content-Type": "application/sparql-query"}}, 400),
    ("POST", "/sparql", {"data": "ASK {}", "headers": {"Content-Encoding": "gzip"}}, 415),
    ("PUT", "/graphs?default", {}, 403),
    ("GET", "/graphs", {}, 400),
    ("GET", "/graphs?graph=nothing", {}, 400),
    ("GET", "/graphs?graph=urn:nothing", {}, 404),
    ("GET", "/admin/queries", {}, 403),
    ("DELETE", "/queries/running/x", {}, 404),
    ("GET", "/findings.csv?kind=none", {}, 400),
    ("GET", "/q/abc", {}, 404),
]
MADE: Final[list[PraksisError]] = [
    errors.QueryTimeout(1.5),
    errors.ResultTooLarge(10_000, "rows"),
    errors.RemoteTooLarge("https://example.org/", 10_000, "bytes"),
    errors.QueryCancelled("client"),
    errors.UpdateCancelled("operator"),
    errors.EngineBusy(1),
    errors.SpoolFull(None),
    errors.WorkerCrashed("SIGSEGV"),
    errors.LoadForbidden(1, 2, "example.org"),
    errors.DocumentSyntaxError(1, 2, "unexpected character", "a.ttl"),
    errors.DiskLow(1, 20_000),
    errors.InvalidEdit([Result("urn:x", "", "urn:s", "Class", "", (("en", "Bad."), ("nb", "Feil."), ("nn", "Gale.")))]),
]


def _asked(client: FlaskClient, method: str, path: str, given: dict[str, Any], language: str) -> Any:
    headers = {**JSON, **given.get("headers", {}), "Accept-Language": language}
    return client.open(path, method=method, data=given.get("data"), headers=headers)


@pytest.mark.parametrize(("method", "path", "given", "status"), WRONG, ids=lambda value: str(value)[:60])
def test_a_program_is_told_in_the_language_it_asks_for(
    client: FlaskClient, method: str, path: str, given: dict[str, Any], status: int
) -> None:
    """Title, detail and hint are in Bokmål and Nynorsk where these are asked for, and say so."""
    english = _asked(client, method, path, given, "en")
    assert english.status_code == status
    assert english.headers["Content-Language"] == "en"
    for language in ("nb", "nn"):
        told = _asked(client, method, path, given, language)
        assert told.headers["Content-Language"] == language
        for name in ("title", "detail", "hint"):
            assert (told.json.get(name) != english.json.get(name)) is (name in english.json), told.json


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("case", [case for case, wrong in enumerate(WRONG) if wrong[3] != 406])
def test_a_page_of_an_error_marks_what_is_english(client: FlaskClient, case: int, language: str) -> None:
    """Our own sentence is in the page's language; only the words of a library are English, and marked."""
    method, path, given, _ = WRONG[case]
    headers = {**given.get("headers", {}), "Accept": "text/html", "Accept-Language": language}
    page = client.open(path, method=method, data=given.get("data"), headers=headers)
    assert page.mimetype == "text/html"
    said = re.search(r'<p (?:class="said"|data-detail)>(.*?)</p>', page.text, re.DOTALL)
    assert said, page.text
    assert not said[1].strip().startswith('<span lang="en">'), said[1]


def test_a_program_that_names_no_language_is_told_in_english(client: FlaskClient) -> None:
    """What clients have relied on stays: no Accept-Language, or any, means English."""
    for headers in (JSON, {**JSON, "Accept-Language": "*"}):
        told = client.get("/?version=99", headers=headers)
        assert (told.headers["Content-Language"], told.json["detail"]) == ("en", "There is no version 99.")
    assert client.get("/?version=99&lang=nn", headers=JSON).json["detail"] == "Det finst ingen versjon 99."


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_what_needs_a_crisis_to_happen_is_translated_too(error: PraksisError, language: str) -> None:
    """Every kind of limit, crash and refusal speaks the reader's language."""
    assert wording.detail(error, language) != error.detail
    assert wording.hint(error, language) != error.hint or error.hint is None


def test_numbers_and_places_are_written_as_the_language_does() -> None:
    """Decimal comma and thin spaces in Norwegian; the line and column come first."""
    assert wording.detail(errors.QueryTimeout(1.5), "nb") == "Spørringen ble avbrutt etter 1,5 sekunder."
    assert "10\N{NARROW NO-BREAK SPACE}000" in wording.detail(errors.ResultTooLarge(10_000, "rows"), "nn")
    assert wording.detail(errors.LoadForbidden(1, 2), "nb").startswith("Linje 1, kolonne 2: ")


def test_text_of_an_error_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with percents and braces, and not with a value that nobody gave or a translator misspelt."""
    error = BadRequest("100 % of %(name)s, %(missing)s, %d", "Not %(name)s.", name="%s %(name)s {0} 50 %")
    said = "100 % of %s %(name)s {0} 50 %, %(missing)s, %d"
    assert (error.detail, wording.detail(error, "nb"), str(wording.marked(error, error.template, "en"))) == (said,) * 3
    translations = NullTranslations()
    monkeypatch.setattr(translations, "gettext", lambda message: message.replace("name", "nmae"))
    monkeypatch.setattr("server.language.words", {"nn": translations}.__getitem__)
    assert wording.detail(error, "nn") == "100 % of %(nmae)s, %(missing)s, %d"


def test_a_result_of_a_shape_is_told_in_the_readers_language() -> None:
    """The message of the shape stands in the detail."""
    assert "Gale." in wording.detail(MADE[-1], "nn")
    assert "Bad." in str(MADE[-1])


def test_words_of_strangers_are_escaped_and_marked(app: Flask) -> None:
    """A parser's words are in English, and nothing in them becomes markup."""
    with app.test_request_context("/"):
        found = Problem.of(errors.DocumentSyntaxError(1, 2, "<b> & %(x)s", "<i>.ttl"))
    html = found.html("nb")
    assert '<span lang="en">&lt;b&gt; &amp; %(x)s</span>' in html
    assert "&lt;i&gt;.ttl" in html
    assert "<i>" not in html


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_page_of_a_kind_of_problem_is_translated(client: FlaskClient, language: str) -> None:
    """Where the type of a problem leads, everything is in the reader's language."""
    for slug, kind in error_texts.errors.kinds().items():
        page = client.get(f"/problem/{slug}?lang={language}")
        assert page.status_code == 200
        assert (kind.__doc__ or "").partition("\n")[0] not in page.text, slug


def test_no_error_is_given_a_text_put_together() -> None:
    """A template with values can be translated, a text with the values in it cannot."""
    assert error_texts.put_together() == set()


def test_a_text_put_together_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search above sees an f-string where one is."""
    module = ast.parse('raise BadRequest(f"no {x}")\nraise UnknownVersion("no " + x)')
    monkeypatch.setattr(error_texts, "modules", lambda: iter([("here", module)]))
    assert error_texts.put_together() == {"here:1", "here:2"}
