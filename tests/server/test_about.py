"""The pages about the site, and the examples of the guide, each of which is run against a real server."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import iris
from kg.terms import PREFIXES
from kg.tokens import Tokens
from kg.versions import Home
from server import about, create_app, excluded, guide, reader
from server.config import SettingError, Settings
from tests.server.conftest import BROWSER, WholeAnswers
from tests.server.served import Served, serving

LANGUAGES = ("nb", "nn", "en")
FINDING = "ladder-bodies-municipalities-article-2020"
ASKED = "".join(f"PREFIX {prefix}: <{name}>\n" for prefix, name in PREFIXES.items())


@pytest.fixture(scope="module")
def home_of_all(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish the real graph."""
    home = Home(tmp_path_factory.mktemp("about") / "home", durable=False)
    home.publish(graph, "tests", "the real graph", {})
    return home


def _app(home: Home, **settings: str) -> Flask:
    app = create_app(Settings(home=home.path, workers=1, **settings))  # type: ignore[arg-type]
    app.test_client_class = WholeAnswers
    return app


def _close(app: Flask) -> None:
    with app.app_context():
        reader.snapshots().close()


@pytest.fixture(scope="module")
def anonymous(home_of_all: Home) -> Iterator[FlaskClient]:
    """A reader of a site whose operator has not said who they are."""
    app = _app(home_of_all)
    yield app.test_client()
    _close(app)


@pytest.fixture(scope="module")
def named(home_of_all: Home) -> Iterator[FlaskClient]:
    """A reader of a site that says who publishes it."""
    app = _app(home_of_all, publisher="Etat & <Co>", contact="post@example.org")
    yield app.test_client()
    _close(app)


def page(client: FlaskClient, end: str, language: str = "en") -> str:
    """Return the page at the end of an address below /about."""
    response = client.get("/about" + end, query_string={"lang": language}, headers=BROWSER)
    assert response.status_code == 200
    return response.text


def ask(graph: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Return what the graph itself answers."""
    answer = graph.query(ASKED + query, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(term.value for term in row if term is not None) for row in answer]  # type: ignore[union-attr]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("end", about.PAGES)
def test_contents_of_a_page_lead_to_its_headings(anonymous: FlaskClient, end: str, language: str) -> None:
    """Each entry of the contents is a heading of the page, and the way between the pages says where one is."""
    text = page(anonymous, end, language)
    entries = re.findall(r'<li><a href="#([\w-]+)"><b>(.*?)</b>', text)
    assert len(entries) >= 4
    *headings, (last, _) = re.findall(r'<h2 id="([\w-]+)">(.*?)</h2>', text)
    assert headings == entries
    assert last == "cite", "which every page has, and the contents need not name"
    assert f'<a href="/about{end}?lang={language}" aria-current="page">' in text


def test_what_is_left_out_is_counted_from_the_table(anonymous: FlaskClient) -> None:
    """No row of the table is missing, by reason or by source."""
    rows = len(Path("data/excluded.csv").read_text(encoding="utf-8").splitlines()) - 1
    for language in LANGUAGES:
        assert sum(count for _, count in excluded.by_reason(language)) == rows
    assert sum(excluded.by_source().values()) == rows
    years = dict(excluded.by_reason("nb"))["årstall, brukt som periode eller dato"]
    shown = "Årstall, brukt som periode eller dato"
    assert f'<th scope="row">{shown}</th><td class="number">{years}</td>' in page(anonymous, "", "nb")


def test_figures_and_statements_of_each_source_are_counted(anonymous: FlaskClient, graph: ox.Store) -> None:
    """The table says of each source what the graph has from it."""
    text = page(anonymous, "")
    for name, left_out in excluded.by_source().items():
        source = f"<{iris.entity('source', name)}>"
        counts = [
            ask(graph, f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ ?x a {kind} ; prov:wasDerivedFrom {source} }}")[0][0]
            for kind in ("pg:NumericFinding", "pg:QualitativeFinding", "schema:Claim")
        ]
        names = ("Figures", "Findings without a number", "Claims", "Left out")
        labelled = zip(names, (*counts, left_out), strict=True)
        cells = "".join(f'<td class="number" data-label="{name}">{count}</td>' for name, count in labelled)
        assert re.search(rf'href="/id/source/{name}\.html\?lang=en"[^>]*>[^<]*</a></th>{cells}', text), name


def test_method_shows_all_codes_rules_differences_and_shapes_of_the_graph(
    anonymous: FlaskClient, graph: ox.Store
) -> None:
    """Nothing on the page is typed by hand, and nothing of the graph is left out."""
    text = page(anonymous, "/method")
    for kind in ("sh:NodeShape", "pg:Rule", "pg:Discrepancy", "pg:SeriesBreak", "skos:ConceptScheme"):
        found = ask(graph, f"SELECT DISTINCT ?x {{ ?x a {kind} FILTER(STRSTARTS(STR(?x), '{iris.BASE}')) }}")
        assert found
        missing = [iri for (iri,) in found if f'href="/{iri.removeprefix(iris.BASE)}.html' not in text]
        assert not missing, kind
    shapes = ask(graph, "SELECT DISTINCT ?x { ?x a sh:NodeShape }")
    assert f"{len(shapes)} shapes in SHACL" in text
    messages = ask(graph, "SELECT DISTINCT ?m { ?x sh:message ?m FILTER(LANG(?m) = 'en') }")
    assert [message for (message,) in messages if message.replace("'", "&#39;") not in text] == []


def test_method_shows_how_words_became_numbers(anonymous: FlaskClient) -> None:
    """“Seks av ti” is 6/10 is 60, a third 33.3."""
    text = page(anonymous, "/method")
    for words, fraction, value in (("seks av ti", "6/10", "60"), ("en tredel", "1/3", "33.3")):
        cells = rf'<q lang="nb">{words}</q></th><td>.*?</td><td class="number"[^>]*>{fraction}</td>'
        assert re.search(rf'{cells}<td class="number"[^>]*>{value}</td>', text)


def test_derived_figures_are_counted_by_rule(anonymous: FlaskClient, graph: ox.Store) -> None:
    """The counts beside the rules add up to all derived figures there are."""
    part = page(anonymous, "/method").partition('<h2 id="rules">')[2].partition("</table>")[0]
    shown = [int(count) for count in re.findall(r'<td class="number"[^>]*>(\d+)</td>', part)]
    ((total,),) = ask(graph, "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x a pg:DerivedObservation }")
    assert sum(shown) == int(total) > 0


def test_privacy_tells_every_property_of_people_in_the_graph(anonymous: FlaskClient, graph: ox.Store) -> None:
    """The number of people is right, and no property of theirs is kept from the reader."""
    text = page(anonymous, "/privacy")
    ((people,),) = ask(graph, "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x a foaf:Person }")
    assert f"{people} people are described." in text
    part = text.partition('<h2 id="everything">')[2].partition("<section")[0]
    kinds = ask(graph, "SELECT DISTINCT ?p { ?x a foaf:Person ; ?p ?o }")
    first = re.findall(r'<p class="properties">(.*?)</p>', part)[0]
    assert len(re.findall(r"<a ", first)) == len(kinds)


def test_privacy_tells_of_counted_requests_only_where_they_are(anonymous: FlaskClient, home_of_all: Home) -> None:
    """Where no rate is set, the server keeps no count."""
    assert "the server counts requests. It tells askers apart" in page(anonymous, "/privacy")
    app = _app(home_of_all, rate="off")
    uncounted = page(app.test_client(), "/privacy")
    _close(app)
    assert "The server does not count requests." in uncounted


def test_no_publisher_is_invented(anonymous: FlaskClient) -> None:
    """Where nobody has said who they are, the pages say just that."""
    assert "have not said who they are" in page(anonymous, "")
    for end in ("", "/accessibility", "/privacy"):
        text = page(anonymous, end)
        assert "contact address" in text
        assert "mailto:" not in text


def test_publisher_and_contact_are_named_where_they_are_set(named: FlaskClient) -> None:
    """At the foot of each page, and wherever readers are told whom to write to; as text, not as markup."""
    for end in about.PAGES:
        text = page(named, end)
        assert "Etat &amp; &lt;Co&gt;" in text.partition("<footer")[2]
        assert 'href="mailto:post@example.org"' in text.partition("<footer")[2]
    for end in ("", "/accessibility", "/privacy"):
        assert 'href="mailto:post@example.org"' in page(named, end).partition("<footer")[0]


def test_a_new_publisher_makes_new_tags(anonymous: FlaskClient, named: FlaskClient) -> None:
    """A browser that kept the page of before does not go on showing it."""
    assert anonymous.get("/about").headers["ETag"] != named.get("/about").headers["ETag"]


@pytest.mark.parametrize("contact", ["nobody", "javascript:alert(1)", "a@b?cc=c@d", "http://example.org", "a b@c"])
def test_a_contact_is_an_address(contact: str) -> None:
    """What a link cannot lead to stops the start."""
    with pytest.raises(SettingError, match="contact"):
        Settings(contact=contact)


def test_a_contact_may_be_a_page() -> None:
    """A form elsewhere is as good as an e-mail address."""
    assert Settings(contact="https://example.org/skjema").contact_address == "https://example.org/skjema"


PROGRAMS = sorted(path for path in guide.FOLDER.iterdir() if path.is_file())


@pytest.mark.parametrize("tool", guide.TOOLS.values(), ids=lambda tool: tool.name)
def test_the_guide_shows_each_program_with_the_address_it_is_read_at(anonymous: FlaskClient, tool: guide.Tool) -> None:
    """What is shown is the file; where a tool has none, curl stands in and the page says so."""
    response = anonymous.get(f"/about/api?code={tool.name}&lang=en", base_url="https://data.example.org")
    shown = re.findall(r'<pre class="code".*?><code lang="en">(.*?)</code></pre>', response.text, re.DOTALL)
    plain = [re.sub(r"<[^>]*>", "", code) for code in shown]
    for task, code in zip(guide.TASKS, plain, strict=True):
        used = tool if guide.path(task, tool).exists() else guide.TOOLS["curl"]
        expected = guide.program(task, used, "https://data.example.org").strip()
        assert _unescaped(code).strip() == expected
        assert guide.BASE not in code
    missing = sum(not guide.path(task, tool).exists() for task in guide.TASKS)
    assert response.text.count("There is no example of this in") == missing


def _unescaped(code: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        code = code.replace(entity, character)
    return code


def test_the_guide_shows_every_file_there_is() -> None:
    """No program lies unseen, so none is out of date unseen."""
    assert {guide.path(task, tool) for task in guide.TASKS for tool in guide.TOOLS.values()} >= set(PROGRAMS)
    assert all(guide.path(task, guide.TOOLS["curl"]) in PROGRAMS for task in guide.TASKS)


def test_an_unknown_tool_is_curl(anonymous: FlaskClient) -> None:
    """A mistyped address still gives a page."""
    assert 'aria-current="true">curl</a>' in anonymous.get("/about/api?code=cobol&lang=en").text


@pytest.fixture(scope="module")
def served(home_of_all: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a real server over the real graph."""
    with serving(home_of_all.path, tmp_path_factory.mktemp("served") / "log", processes=1) as running:
        yield running


@pytest.fixture(scope="module")
def bearer(home_of_all: Home) -> str:
    """A token that may write."""
    return Tokens(home_of_all.path).create("guide", ("write",))


_IMPORTED = re.compile(r"^(?:import|from) (pandas|rdflib)\b", re.MULTILINE)


def _command(program: Path) -> list[str]:
    """Return what runs a program, or skip the test and say what is missing."""
    needs = {".sh": "sh", ".R": "Rscript", ".mjs": "node"}
    if program.suffix == ".py":
        for module in _IMPORTED.findall(program.read_text(encoding="utf-8")):
            if find_spec(module) is None:
                pytest.skip(f"{module} is missing: {program.name} is NOT RUN")
        return [sys.executable]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    found = shutil.which(needs[program.suffix], path=path)
    if found is None:
        pytest.skip(f"{needs[program.suffix]} is missing: {program.name} is NOT RUN (apt install r-base-core nodejs)")
    return [found]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_an_example_does_what_the_guide_says(
    program: Path, served: Served, bearer: str, graph: ox.Store, tmp_path: Path
) -> None:
    """Every program ends well and prints what its task is about."""
    command = _command(program)
    text = program.read_text(encoding="utf-8").replace(guide.BASE, f"http://127.0.0.1:{served.port}")
    copy = tmp_path / program.name
    copy.write_text(text, encoding="utf-8")
    environ = {**os.environ, "TOKEN": bearer, "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        [*command, str(copy)], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    _CHECKS[program.stem](ended.stdout, served, graph, tmp_path)


def _asked(output: str, _: Served, graph: ox.Store, __: Path) -> None:
    of_ladder = f"FILTER(STRSTARTS(STR(?indicator), '{iris.ID}indicator/ladder-'))"
    query = f"SELECT ?x ?value {{ ?x a pg:NumericFinding ; pg:indicator ?indicator ; pg:value ?value {of_ladder} }}"
    expected = [float(value) for _, value in ask(graph, query)]
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("year,")]
    assert sorted(float(line.rsplit(",", 1)[1]) for line in lines) == sorted(expected)
    assert len(expected) > 5
    assert any("Nivå 1" in line for line in lines)


def _ready(output: str, _: Served, __: ox.Store, ___: Path) -> None:
    assert "33.3" in output
    assert "municipalities" in output


def _searched(output: str, served: Served, __: ox.Store, ___: Path) -> None:
    first, *hits = [line for line in output.splitlines() if line.strip()]
    assert first.startswith("thing,name,score")
    scores = [float(line.rsplit(",", 1)[1]) for line in hits]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    found = served.ask("/search?q=tillit&lang=nb", Accept="application/json").json["hits"]
    assert {line.partition(",")[0] for line in hits[:3]} <= {hit["iri"] for hit in found}


def _reconciled(output: str, _: Served, __: ox.Store, ___: Path) -> None:
    assert "organisation/skatteetaten" in output
    assert "organisation/digdir" in output
    assert "Digitaliseringsdirektoratet" in output


def _fetched(output: str, _: Served, __: ox.Store, ___: Path) -> None:
    assert "Municipalities with advanced digital services, 2020" in output


def _dumped(output: str, served: Served, _: ox.Store, folder: Path) -> None:
    (file,) = folder.glob("praksisgrafen.*")
    assert file.read_bytes() == served.ask(f"/{file.name}").body
    counts = {len(file.read_bytes()), len(file.read_text(encoding="utf-8").splitlines())}
    assert int(output.split(maxsplit=1)[0]) in counts


def _unchanged(output: str, _: Served, __: ox.Store, ___: Path) -> None:
    assert output.split(maxsplit=1)[0] == "304"


def _pinned(output: str, served: Served, _: ox.Store, __: Path) -> None:
    version = served.ask("/healthz").json["version"]
    first, *rest = output.splitlines()
    assert first.split() == ["Version", str(version)]
    assert "Municipalities with advanced digital services, 2020" in "".join(rest)


def _refused(output: str, _: Served, __: ox.Store, ___: Path) -> None:
    assert "400" in output
    assert "Line 1, column 34" in output


def _written(output: str, served: Served, _: ox.Store, __: Path) -> None:
    assert output.rsplit(maxsplit=1)[-1] in ("201", "204")
    notes = served.ask("/graphs/notes", Accept="application/n-triples").body.decode()
    assert FINDING in notes
    assert "https://example.org/analysis" in notes


_CHECKS = {
    "stored": _ready,
    "query": _asked,
    "search": _searched,
    "reconcile": _reconciled,
    "thing": _fetched,
    "dump": _dumped,
    "changed": _unchanged,
    "version": _pinned,
    "errors": _refused,
    "write": _written,
}
