"""Stored queries over HTTP: pages with forms, data in four formats, paging, and the description of the API."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from kg.versions import Home
from server import guide
from server.examples import queries
from server.stored.columns import COLUMNS
from tests.server.conftest import BROWSER
from tests.server.served import Served, serving

NAMES = sorted(queries())


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200, response.text
    return response.text


def table(client: FlaskClient, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


def links(header: str) -> dict[str, str]:
    return {rel: href for href, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', header)}


# Data


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_in_four_formats(real_client: FlaskClient, graph: ox.Store, name: str) -> None:
    """By suffix and by Accept the same rows come as a direct query gives."""
    solutions = graph.query(queries()[name].text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    expected = len(list(solutions))
    kinds = {
        "csv": "text/csv; charset=utf-8",
        "tsv": "text/tab-separated-values; charset=utf-8",
        "json": "application/sparql-results+json",
        "xml": "application/sparql-results+xml",
    }
    for suffix, kind in kinds.items():
        by_suffix = real_client.get(f"/queries/{name}.{suffix}?lang=nb")
        by_accept = real_client.get(f"/queries/{name}?lang=nb", headers={"Accept": kind.partition(";")[0]})
        assert by_suffix.content_type == by_accept.content_type == kind
        assert by_suffix.data == by_accept.data
    assert len(real_client.get(f"/queries/{name}.json").json["results"]["bindings"]) == expected  # type: ignore[index]


def test_a_choice_is_made_by_the_end_of_an_iri_or_the_whole(real_client: FlaskClient) -> None:
    """Either names the same thing; several are sent by repeating the parameter."""
    short = real_client.get("/queries/evidence.csv?edition=2020&lang=nb").data
    whole = real_client.get("/queries/evidence.csv?lang=nb&edition=https://w3id.org/praksisgrafen/id/edition/2020").data
    assert short == whole
    assert short != real_client.get("/queries/evidence.csv?lang=nb").data
    two = table(real_client, "/queries/figures-with-reservations.csv?reservation=lower&reservation=upper")
    assert len({row["reservation"] for row in two}) == 2


def test_names_come_in_the_language_asked_for(real_client: FlaskClient) -> None:
    """The parameter decides, then the header, then Bokmål."""
    path = "/queries/maturity-ladder.csv"
    nn, en = (table(real_client, f"{path}?lang={language}")[0]["population"] for language in ("nn", "en"))
    assert (nn, en) == ("kommunar", "municipalities")
    assert table(real_client, path)[0]["population"] == "kommuner"
    answer = real_client.get(path, headers={"Accept-Language": "en"})
    assert "municipalities" in answer.text
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("edition=2019", "edition", "2019"),
        ("edition=", "edition", ""),
        ("edition=2018&edition=2020", "edition", "2018, 2020"),
        ("edition=https://w3id.org/praksisgrafen/id/period/2018", "edition", "https://w3id.org/praksisgrafen/id/period/2018"),
        ("edition=2018%3E%20%7D%20UNION%20%7B%20%3Fa%20%3Fb%20%3Fc", "edition", "2018> } UNION { ?a ?b ?c"),
        ("edition=" + "x" * 5000, "edition", "x" * 200),
        ("lang=de", "lang", "de"),
        ("limit=0", "limit", "0"),
        ("limit=10001", "limit", "10001"),
        ("limit=-1", "limit", "-1"),
        ("limit=٣", "limit", "٣"),
        ("page=0", "page", "0"),
        ("page=1e3", "page", "1e3"),
        ("limit=" + "9" * 6000, "limit", "9" * 200),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_what_is_allowed(
    real_client: FlaskClient, query: str, parameter: str, value: str
) -> None:
    """400 names the parameter, the value, as much of it as is sensible, and what would do."""
    response = real_client.get(f"/queries/evidence.csv?{query}")
    problem = response.json
    assert problem
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert (problem["parameter"], problem["value"]) == (parameter, value)
    assert problem["allowed"]


@pytest.mark.parametrize("value", ["1999", "2101", "-2016", "2016-01", "0x7e0", "20160", " 2016", "år"])
def test_a_year_is_a_year(real_client: FlaskClient, value: str) -> None:
    """A literal is checked by its datatype and its bounds."""
    response = real_client.get("/queries/state-against-municipality.csv", query_string={"from": value})
    assert response.status_code == 400
    assert response.json
    assert response.json["allowed"] == "2000 – 2100"


def test_a_misspelt_parameter_is_told(real_client: FlaskClient) -> None:
    """A program must not take the answer to another question for its own; a person's page shrugs."""
    response = real_client.get("/queries/evidence.csv?editon=2020")
    assert response.status_code == 400
    assert "edition" in response.text
    assert real_client.get("/queries/evidence?utm_source=x", headers=BROWSER).status_code == 200


@pytest.mark.parametrize("path", ["nothing", "nothing.csv", "evidence.pdf", "evidence.csv.csv", "evidence.", ".csv"])
def test_what_is_not_there_is_404(real_client: FlaskClient, path: str) -> None:
    """Neither an unknown query nor an unknown format is anything else."""
    assert real_client.get(f"/queries/{path}").status_code == 404


def test_what_nobody_speaks_is_406(real_client: FlaskClient) -> None:
    """An answer to SELECT is no picture."""
    assert real_client.get("/queries/evidence", headers={"Accept": "image/png"}).status_code == 406


def test_an_answer_is_kept_by_its_tag(real_client: FlaskClient) -> None:
    """The same question needs no second answer; another choice does."""
    first = real_client.get("/queries/evidence.csv?lang=nb")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert real_client.get("/queries/evidence.csv?lang=nb", headers=tag).status_code == 304
    assert real_client.get("/queries/evidence.csv?lang=nb&edition=2020", headers=tag).status_code == 200
    assert real_client.get("/queries/evidence.json?lang=nb", headers=tag).status_code == 200


def test_an_answer_comes_in_pages_that_lead_to_each_other(real_client: FlaskClient) -> None:
    """Followed from the first to the last, they are the whole answer."""
    whole = table(real_client, "/queries/statements.csv?lang=en")
    address: str | None = "/queries/statements.csv?lang=en&limit=7"
    found: list[dict[str, str]] = []
    seen = []
    while address:
        response = real_client.get(address)
        found += csv.DictReader(io.StringIO(response.text))
        seen.append(links(response.headers["Link"]))
        address = seen[-1].get("next")
    assert found == whole
    assert [sorted(one) for one in seen] == [
        ["first", "last", "next"],
        ["first", "last", "next", "prev"],
        ["first", "last", "prev"],
    ]
    assert seen[0]["last"].endswith("limit=7&page=3")


def test_a_page_after_the_last_is_empty_and_leads_back(real_client: FlaskClient) -> None:
    """Nothing is wrong, there is just no more."""
    response = real_client.get("/queries/statements.csv?limit=7&page=1000000")
    assert response.text.count("\r\n") == 1
    assert sorted(links(response.headers["Link"])) == ["first", "last", "prev"]
    assert links(response.headers["Link"])["prev"].endswith("page=3")


def test_an_earlier_version_answers_as_it_was(real_client: FlaskClient) -> None:
    """The version is a parameter as everywhere; one that is not there is 404."""
    now = real_client.get("/queries/evidence.csv?lang=nb")
    number = now.headers["Praksisgrafen-Version"]
    assert real_client.get(f"/queries/evidence.csv?lang=nb&version={number}").data == now.data
    assert real_client.get("/queries/evidence.csv?version=999").status_code == 404
    assert real_client.get("/queries/evidence.csv?version=x").status_code == 400


# Pages


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_list_names_every_query(real_client: FlaskClient, language: str) -> None:
    """Title, description and the way to the page, in the reader's language."""
    shown = unescape(page(real_client, f"/queries?lang={language}"))
    for name, query in queries().items():
        assert f'href="/queries/{name}?lang={language}"' in shown
        assert query.title[language] in shown
        assert query.description[language] in shown


def test_the_property_of_each_parameter_leads_to_a_place_on_the_page(real_client: FlaskClient) -> None:
    """What the graph calls a parameter's property is the page of the queries and a name on it."""
    query = "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT DISTINCT ?path { ?one a sh:Parameter ; sh:path ?path }"
    answer = real_client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}).text
    shown = page(real_client, "/queries?lang=nb")
    found = [line.partition("#") for line in answer.splitlines()[1:]]
    assert found
    for document, _, name in found:
        assert document.endswith("/praksisgrafen/queries")
        assert f'<div id="{name}">' in shown


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_query_has_a_page_with_form_and_answer(real_client: FlaskClient, name: str, language: str) -> None:
    """Each parameter has a labelled field, each column a name in words, and the files are offered."""
    query, shown = queries()[name], unescape(page(real_client, f"/queries/{name}?lang={language}"))
    for parameter in query.parameters:
        assert parameter.name == "lang" or parameter.label[language] in shown
        assert parameter.name == "lang" or f'name="{parameter.name}"' in shown
    assert ('class="chart"' in shown) == (query.chart is not None)
    assert all(f"/queries/{name}.{suffix}?" in shown for suffix in ("csv", "tsv", "json", "xml"))
    assert '<th scope="col"' in shown


def test_every_column_has_a_name_in_words() -> None:
    """No reader meets the name of a variable, and no name is left of a column that is gone."""
    found = set()
    for query in queries().values():
        solutions = ox.Store().query(query.text)
        assert isinstance(solutions, ox.QuerySolutions)
        found |= {variable.value for variable in solutions.variables}
    assert found == set(COLUMNS)


def test_the_form_keeps_what_is_chosen(real_client: FlaskClient) -> None:
    """Fields, files, programs and query are about the choice in the address."""
    shown = unescape(page(real_client, "/queries/evidence?edition=2020&lang=en"))
    assert '<option value="2020" selected>' in shown
    assert 'href="/queries/evidence.csv?edition=2020&lang=en"' in shown
    assert "VALUES ?edition { <https://w3id.org/praksisgrafen/id/edition/2020> }" in shown
    boxes = page(real_client, "/queries/goals-against-benefits?indicator=digitisation-goals&lang=en")
    assert re.findall(r'type="checkbox"[^>]* value="([^"]+)" checked', boxes) == ["digitisation-goals"]


def test_a_wrong_choice_is_told_above_the_form(real_client: FlaskClient) -> None:
    """The reader can mend it there; nothing else is answered instead."""
    response = real_client.get("/queries/evidence?edition=1066&lang=nb", headers=BROWSER)
    assert response.status_code == 400
    assert "Parameteren «edition» kan ikke være «1066»." in response.text
    assert '<select class="ds-input" id="edition"' in response.text
    assert "answer-title" not in response.text


def test_a_page_leads_programs_to_the_data(real_client: FlaskClient) -> None:
    """Signposting: the items of the page, and what describes the service."""
    header = real_client.get("/queries/evidence?lang=nb", headers=BROWSER).headers["Link"]
    assert '/queries/evidence.csv?edition=2018&lang=nb>; rel="item"; type="text/csv"' in header
    assert '/openapi.json>; rel="service-desc"' in header


def test_a_query_is_a_thing_with_a_page(real_client: FlaskClient) -> None:
    """The graph knows it, and its page leads to the form."""
    shown = page(real_client, "/id/query/evidence.html?lang=nb")
    assert 'href="/queries/evidence?lang=nb"' in shown
    assert "Evidence for every figure of one edition" in real_client.get("/id/query/evidence.ttl").text
    assert 'href="/id/query/evidence.html?lang=nb"' in page(real_client, "/list/query?lang=nb")


# Programs


@pytest.fixture(scope="module")
def served(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a real server over the real graph."""
    home = Home(tmp_path_factory.mktemp("stored"), durable=False)
    home.publish(graph, "tests", "the real graph", {})
    with serving(home.path, tmp_path_factory.mktemp("served") / "log", processes=1) as running:
        yield running


_RUNS = {"curl": "sh", "python": sys.executable, "r": "Rscript", "javascript": "node"}


@pytest.mark.parametrize("tool", guide.TOOLS)
def test_each_program_on_the_page_fetches_the_answer(served: Served, tmp_path: Path, tool: str) -> None:
    """What the page shows is run as it stands, with a choice that is not the default."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    command = shutil.which(_RUNS[tool], path=path)
    if command is None:
        pytest.skip(f"{_RUNS[tool]} is missing: the program in {tool} is NOT RUN")
    shown = served.ask("/queries/maturity-ladder?population=state-bodies&lang=en", Accept="text/html").body.decode()
    found = re.search(rf'<pre class="code" id="code-{tool}".*?><code lang="en">(.*?)</code>', shown, re.DOTALL)
    assert found
    program = tmp_path / f"program.{guide.TOOLS[tool].suffix}"
    program.write_text(unescape(re.sub(r"<[^>]*>", "", found[1])), encoding="utf-8")
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        [command, str(program)], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "state bodies" in ended.stdout
    assert "municipalities," not in ended.stdout


# The description of the API


def test_the_description_is_valid(real_client: FlaskClient) -> None:
    """OpenAPI 3.1, in each language, with an operation for every stored query."""
    for language in ("nb", "nn", "en"):
        document = real_client.get(f"/openapi.json?lang={language}").json
        assert document
        OpenAPIV31SpecValidator(document).validate()
        for name, query in queries().items():
            operation = document["paths"][f"/queries/{name}"]["get"]
            assert operation["summary"] == query.title[language]
            said = {parameter["name"] for parameter in operation["parameters"]}
            assert said == {parameter.name for parameter in query.parameters} | {"limit", "page", "version"}


def test_the_description_lists_what_can_be_chosen(real_client: FlaskClient) -> None:
    """Values and defaults are those of the graph and the query."""
    document = real_client.get("/openapi.json?lang=en").json
    assert document
    parameters = {one["name"]: one for one in document["paths"]["/queries/maturity-ladder"]["get"]["parameters"]}
    schema = parameters["population"]["schema"]
    assert schema == {
        "type": "string",
        "enum": ["municipalities", "public-bodies", "state-bodies"],
        "default": "municipalities",
    }


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_description_has_a_page(real_client: FlaskClient, language: str) -> None:
    """Every operation of the document stands on it, under the name that the pages of queries lead to."""
    document = real_client.get(f"/openapi.json?lang={language}").json
    assert document
    shown = unescape(page(real_client, f"/about/openapi?lang={language}"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'id="{operation["operationId"]}"' in shown
            assert f"<code>{method.upper()} {path}</code>" in shown
            assert operation["description"] in shown


OF_EACH_KIND = ("evidence", "figures-with-reservations", "state-against-municipality")
"""Queries that together have a parameter of each kind: one thing, any thing, several things, a literal."""
SCHEMATHESIS = Path(__file__).with_name("schemathesis.toml")


def test_the_server_does_what_the_description_says(served: Served, tmp_path: Path) -> None:
    """Right and wrong requests get the statuses, media types and bodies that are described, and never a 5xx."""
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(SCHEMATHESIS)),
        *("run", f"http://127.0.0.1:{served.port}/openapi.json?lang=en", "--phases", "examples,coverage,fuzzing"),
        *("--seed", "2026", "--max-examples", "5", "--no-color", "--generation-database", "none"),
        *(part for name in NAMES if name not in OF_EACH_KIND for part in ("--exclude-operation-id", name)),
    ]
    environ = {**os.environ, "PYTHONPATH": str(SCHEMATHESIS.parent), "SCHEMATHESIS_HOOKS": "schemathesis_hooks"}
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stdout
    counted = re.search(r"(\d+) generated", ended.stdout)
    assert counted
    assert int(counted[1]) > 500
