"""The server's side of the SPARQL editor: what it proposes, the views of an answer, examples, links to share."""

import hashlib
import json
import re
import shlex
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg import files
from server import shares
from server.examples import examples
from tests.server.conftest import BROWSER

QUERIES = sorted((files.data_dir() / "queries").glob("*.rq"))
VALUES = "SELECT ?year ?place ?value { VALUES (?year ?place ?value) { (2018 'A' 1.5) (2019 'A' 2.25) (2018 'B' -1) } }"


@pytest.fixture
def editor(real_app: Flask) -> FlaskClient:
    """Return a browser that asks the real graph."""
    client = real_app.test_client()
    client.environ_base.update({"HTTP_" + name.upper(): value for name, value in BROWSER.items()})
    return client


def page(client: FlaskClient, query: str, **parameters: str) -> str:
    """Return the page of a query."""
    return client.get("/sparql?" + urlencode({"query": query, "lang": "nb", **parameters})).text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_short_link_gives_back_the_very_query(query: str) -> None:
    """Whatever a query says, its code is made of what an address may hold, and leads back to it."""
    code = shares.code(query)
    assert code is not None
    assert re.fullmatch(r"[A-Za-z0-9_-]+", code)
    assert shares.query(code) == query


def test_codes_of_our_kind_of_query_are_short() -> None:
    """An example needs less than two lines of a letter, although nothing is stored."""
    assert all(len(shares.code(example.query) or "x" * 999) < 200 for example in examples("en"))


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("shares.txt", "ddd1e4d3f516314f0c95b122b5ffe16285b0fc7ad29aebb9b1cfde4bea433d0c"),
        ("shares-2.txt", "09b68e36c863654339818000e0076b760e6244597ffda4c28c746cfa7f94a6fd"),
    ],
)
def test_the_dictionaries_of_the_short_links_are_never_changed(name: str, digest: str) -> None:
    """Links that stand in print are read with them: make a new one beside them instead."""
    assert hashlib.sha256((Path(shares.__file__).parent / name).read_bytes()).hexdigest() == digest


def test_a_code_made_with_the_first_dictionary_is_read() -> None:
    """As it stands in print."""
    assert shares.query("ePm_jsufI7fOp7hxTUmlDZ9rh89VQQaikUbSkE4iodk-eORBcGCYAgBbuHKu").startswith("PREFIX pg: <")


@pytest.mark.parametrize("harm", [lambda code: code[:-3], lambda code: code[:20] + "AAAA" + code[24:], lambda _: "x"])
def test_a_broken_short_link_is_said_to_be_broken(client: FlaskClient, harm: type[str]) -> None:
    """Never another query than the one that was shared."""
    code = shares.code("SELECT ?something ?else WHERE { ?something a ?else }")
    answer = client.get(f"/q/{harm(code)}")
    assert answer.status_code == 404
    assert answer.json["title"] == "Broken link"


def test_a_bomb_in_a_short_link_stays_small(client: FlaskClient) -> None:
    """A code that would give more than the longest query is none, and is given up there."""
    long = "x" * (shares.LONGEST + 1)
    assert shares.code(long) is None
    assert shares.code(long[1:]) is not None
    assert shares.query(shares.code(long[1:]) or "") == long[1:]
    work = shares.zlib.compressobj(9, zdict=shares._DICTIONARIES[-1])
    code = shares.urlsafe_b64encode(work.compress(b"x" * 50_000_000) + work.flush()).decode()
    assert client.get(f"/q/{code}").status_code == 404


def test_a_short_link_leads_to_the_view_and_version_that_were_shared(editor: FlaskClient) -> None:
    """In the language that somebody asks for, and nothing else that they write behind it."""
    shown = page(editor, VALUES, view="bar", x="place")
    (link,) = re.findall(r'id="share-short">([^<]+)<', shown)
    parts = urlsplit(link.replace("&amp;", "&"))
    answer = editor.get(f"{parts.path}?{parts.query}&accept=text/csv&timeout=1&lang=nn")
    assert answer.status_code == 303
    kept = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert kept == {"query": [VALUES], "lang": ["nn"], "version": ["1"], "view": ["bar"], "x": ["place"]}


def test_the_schema_knows_the_graph_in_the_reader_s_language(editor: FlaskClient) -> None:
    """Classes and properties with names and meaning, what a property is of and leads to, named things."""
    schema = editor.get("/sparql/schema.json?lang=nn").json
    classes = {entry["name"]: entry for entry in schema["classes"]}
    properties = {entry["name"]: entry for entry in schema["properties"]}
    things = {entry["name"]: entry for entry in schema["things"]}
    assert classes["pg:NumericFinding"]["label"] == "Talfunn"
    assert classes["pg:NumericFinding"]["about"] == "Eit funn med eit tal."
    assert properties["pg:population"]["ranges"] == ["pg:Population"]
    assert "pg:NumericFinding" in properties["pg:population"]["classes"]
    assert "pg:Population" in things["population:municipalities"]["classes"]
    assert things["population:municipalities"]["label"] == "kommunar"
    assert schema["prefixes"]["pg"] == "https://w3id.org/praksisgrafen/def/"


def test_everything_proposed_can_stand_in_a_query(editor: FlaskClient) -> None:
    """Each name is SPARQL as it is, with the prefixes that come along."""
    schema = editor.get("/sparql/schema.json?lang=nb").json
    names = [entry["name"] for kind in ("classes", "properties", "things") for entry in schema[kind]]
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in schema["prefixes"].items())
    ox.Store().query(f"{head}SELECT * {{ VALUES ?x {{ {' '.join(names)} }} }}")
    assert len(names) == len(set(names)) > 1000


def test_the_schema_is_kept_for_good_under_the_address_the_page_gives(editor: FlaskClient) -> None:
    """That address changes with content and language; any other has to be asked about."""
    (address,) = re.findall(r'data-schema="([^"]+)"', editor.get("/sparql?lang=nb").text)
    answer = editor.get(address.replace("&amp;", "&"))
    assert "immutable" in answer.headers["Cache-Control"]
    plain = editor.get("/sparql/schema.json?lang=nb")
    assert "immutable" not in plain.headers["Cache-Control"]
    again = editor.get("/sparql/schema.json?lang=nb", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    other = editor.get("/sparql/schema.json?lang=en", headers={"If-None-Match": plain.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_stored_query_is_an_example_with_its_words(path: Path) -> None:
    """Title and description in the reader's language, the query without them, its names in that language too."""
    for language in ("nb", "nn", "en"):
        (example,) = [example for example in examples(language) if example.name == path.stem]
        assert (example.title.lang, example.description and example.description.lang) == (language, language)
        assert "title." not in example.query
        assert f'VALUES ?lang {{ "{language}" }}' in example.query
        ox.Store().query(example.query)


def test_things_in_a_table_have_their_names(editor: FlaskClient) -> None:
    """The name leads to the page, and beside it stands how a query writes the thing."""
    shown = page(editor, "SELECT ?x { VALUES ?x { <https://w3id.org/praksisgrafen/id/population/municipalities> } }")
    assert 'href="/id/population/municipalities.html?lang=nb"><span>kommuner</span></a>' in shown
    assert "<code>population:municipalities</code>" in shown


def test_a_large_answer_is_shown_in_part_and_downloaded_whole(editor: FlaskClient) -> None:
    """The page says so; the file has every row and its own suffix."""
    numbers = " ".join(map(str, range(700)))
    query = f"SELECT ?n {{ VALUES ?n {{ {numbers} }} }}"
    shown = page(editor, query, view="table")
    assert len(re.findall(r'<td[^>]* class="number">', shown)) == 500
    assert "De første 500 vises" in shown
    (link,) = re.findall(r'href="([^"]+)" type="text/csv" download="svar.csv"', shown)
    assert editor.get(link.replace("&amp;", "&")).text.count("\r\n") == 701


@pytest.mark.parametrize(("view", "words"), [("bar", "etter place"), ("line", "etter year")])
def test_numbers_are_drawn_with_the_rows_beneath(editor: FlaskClient, view: str, words: str) -> None:
    """The chart takes the columns that fit; a row it has no room for is counted."""
    shown = page(editor, VALUES, view=view)
    assert f"value {words}" in shown
    assert "<svg" in shown
    assert "2,25" in re.sub(r"(?s)<details.*?</details>", "", shown)
    assert "1 rad er ikke med" in shown
    assert len(re.findall(r'<td[^>]* class="number">', shown)) == 6


def test_a_column_that_is_asked_for_is_drawn(editor: FlaskClient) -> None:
    """As far as it can be; nonsense is passed over."""
    assert "year etter place" in page(editor, VALUES, view="bar", y="year")
    assert "value etter year" in page(editor, VALUES, view="bar", x="year", y="nonsense")
    assert "<figure" not in page(editor, VALUES, view="nonsense", x="no", y="no", group="no")


def test_what_cannot_be_drawn_says_why(editor: FlaskClient) -> None:
    """No numbers, or no years; the rows are there all the same."""
    assert "trenger en kolonne med tall" in page(editor, "SELECT ?x { VALUES ?x { 'a' } }", view="bar")
    assert "kolonne med årstall" in page(editor, "SELECT ?x { VALUES ?x { 1.5 } }", view="line")
    assert "kolonne med tall" in page(editor, "SELECT (1/0 AS ?x) {}", view="bar")


def test_years_have_no_comma_in_english(editor: FlaskClient) -> None:
    """A column whose numbers all may be years is written as years; others are counts."""
    query = "SELECT ?year ?count { VALUES (?year ?count) { (2018 1990) (2019 12345) } }"
    shown = page(editor, query, lang="en")
    assert ">2018<" in shown
    assert ">1,990<" in shown


def test_raw_is_what_a_program_gets(editor: FlaskClient) -> None:
    """TSV of rows, with the very terms; Turtle of a graph."""
    assert "?x\n&lt;urn:a&gt;\n&#34;b&#34;@en\n" in page(
        editor, "SELECT ?x { VALUES ?x { <urn:a> 'b'@en } }", view="raw"
    )
    construct = "CONSTRUCT { <urn:a> <urn:b> ?x } { VALUES ?x { 'c' } }"
    assert "&lt;urn:a&gt; &lt;urn:b&gt; &#34;c&#34; ." in page(editor, construct, view="raw")
    assert '<th scope="col">predicate</th>' in page(editor, construct)


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("SELECT * {\n ?s ?p ?å . FILTR(1) }", 400, "Syntaksfeil i spørringen"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 403, "SERVICE"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", 503, "Spørringen tok for lang tid"),
    ],
)
def test_a_query_without_an_answer_stays_in_the_editor(
    editor: FlaskClient, query: str, status: int, title: str
) -> None:
    """With what is wrong beside it, whatever that is, and never kept by a cache."""
    answer = editor.get("/sparql?" + urlencode({"query": query, "lang": "nb", "timeout": "0.2"}))
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert title in answer.text
    assert answer.text.split("<textarea")[1].count("</textarea>") == 1
    if status == 400:
        assert 'data-line="2" data-column="13" data-token="FILTR"' in answer.text


def test_no_query_is_no_error_of_syntax(editor: FlaskClient) -> None:
    """A page that is asked for without one says so, and points nowhere."""
    shown = page(editor, " ")
    assert "Det står ingen spørring her ennå." in shown
    assert "Syntaksfeil" not in shown
    assert "data-line" not in shown


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        ("SELECT ?x {\n VALUES ?x { 'it''s \\\\ $HOME `x` \"<b>\" & !' }\n}".replace("''", "\\'"), "text/csv"),
        ("ASK { ?s ?p '@x=y' }", "application/sparql-results+json"),
        ("CONSTRUCT WHERE { ?s a <urn:x> }", "text/turtle"),
    ],
)
def test_the_command_for_programs_is_the_very_query(editor: FlaskClient, query: str, media_type: str) -> None:
    """As a shell reads it, with the version and the graphs that were chosen."""
    graph = "https://w3id.org/praksisgrafen/graph/ontology"
    shown = page(editor, query, version="1", **{"default-graph-uri": graph})
    (command,) = re.findall(r'(?s)<pre[^>]* id="curl"[^>]*>(.*?)</pre>', shown)
    assert shlex.split(unescape(command).replace("\\\n", " ")) == [
        "curl", "--get", "http://localhost/sparql", "-H", f"Accept: {media_type}",
        *("--data-urlencode", "version=1"), *("--data-urlencode", f"default-graph-uri={graph}"),
        *("--data-urlencode", f"query={query}"),
    ]  # fmt: skip


def test_the_command_for_programs_is_an_example_where_nothing_was_answered(editor: FlaskClient) -> None:
    """Nobody wants to send what is wrong once more."""
    for shown in (editor.get("/sparql?lang=nb").text, page(editor, "SELECT * {")):
        assert "'query=SELECT * WHERE { ?s ?p ?o } LIMIT 10'" in unescape(shown)


def test_what_a_query_holds_stays_text(editor: FlaskClient) -> None:
    """In the editor, the table, the chart, its choices and its links."""
    query = "SELECT ?y (1 AS ?n) { VALUES ?y { '<script>alert(1)</script>' \"</textarea><b>\" } }"
    for view in ("table", "bar", "raw"):
        shown = page(editor, query, view=view, x='"><script>', group="<b>")
        assert "<script>alert" not in shown
        assert "<b>" not in shown.split("<main")[1]
        assert '"><script>' not in shown


def test_the_page_needs_no_script_and_ordinary_pages_have_no_editor(editor: FlaskClient) -> None:
    """A form with its fields; the editor's script is on its own page only."""
    shown = editor.get("/sparql?lang=nn&version=1").text
    form = shown.split('id="ask"')[1].split("</form>")[0]
    assert '<input type="hidden" name="lang" value="nn">' in form
    assert '<input type="hidden" name="version" value="1">' in form
    assert "editor-" not in editor.get("/?lang=nn").text
    words = json.loads(re.findall(r'<script type="application/json" id="words">(.*?)</script>', shown)[0])
    assert words["running"] == "Køyrer …"
