"""Front page, lists, vocabulary, downloads, health, errors."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from kg import iris
from kg.versions import Home, Version
from server import create_app
from server.config import Settings
from server.headers import CONTENT_SECURITY_POLICY
from tests.server.conftest import BROWSER


def test_the_front_page_counts_what_there_is_and_leads_on(client: FlaskClient) -> None:
    """Ways in are only those that lead somewhere."""
    page = client.get("/?lang=nb").text
    assert 'href="/list/organisation?lang=nb"><b>Organisasjoner</b> <span class="count">3</span>' in page
    assert "<b>Personer</b>" not in page
    assert 'href="/praksisgrafen.ttl"' in page


def test_a_list_is_in_the_order_of_names_and_404_where_there_is_none(
    client: FlaskClient, real_client: FlaskClient
) -> None:
    """Every thing of a kind, by its name in the reader's language, under what such a thing is."""
    page = client.get("/list/organisation?lang=nb").text
    assert page.index("Trykkeriet") < page.index("Ærlig")
    assert client.get("/list/nothing").status_code == 404
    populations = real_client.get("/list/population?lang=nn").text
    assert '<p class="lead"><span>Kven eller kva eit tal gjeld.</span></p>' in populations
    assert "Her er det ingenting" in client.get("/list/person?lang=nb").text


def test_the_vocabulary_is_documented_from_the_ontology(client: FlaskClient) -> None:
    """Every term with a definition in the reader's language, and RDF for programs."""
    page = client.get("/def?lang=nn", headers=BROWSER).text
    assert 'id="Finding"' in page
    assert "Det éi kjelde rapporterer" in page
    assert client.get("/def/Finding", headers=BROWSER).headers["Location"] == "/def#Finding"
    assert client.get("/def/Finding", headers={"Accept": "text/turtle"}).headers["Location"] == "/def/Finding.ttl"
    assert client.get("/def", headers={"Accept": "application/ld+json"}).headers["Location"] == "/def.jsonld"
    triples = list(parse(client.get("/def.ttl").data, RdfFormat.TURTLE))
    assert {iris.DEF + "Finding", iris.DEF} <= {str(triple.subject).strip("<>") for triple in triples}
    assert iris.DEF + "Finding" in client.get("/def/Finding.nt").text
    assert client.get("/def/Nothing").status_code == 404
    assert client.get("/def.xyz").status_code == 404


@pytest.mark.parametrize("suffix", ["ttl", "nt", "nq", "trig", "jsonld", "rdf"])
def test_the_whole_graph_downloads_in_every_format(client: FlaskClient, version: Version, suffix: str) -> None:
    """Nothing is missing, and an unchanged file is not sent twice."""
    response = client.get(f"/praksisgrafen.{suffix}")
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) == len(response.data)
    form = RdfFormat.from_extension(suffix)
    assert form is not None
    assert len({quad.triple for quad in parse(response.data, form)}) == version.quads
    again = client.get(f"/praksisgrafen.{suffix}", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_other_suffixes_of_the_whole_graph_are_404(client: FlaskClient) -> None:
    """There is no such download."""
    assert client.get("/praksisgrafen.exe").status_code == 404


def test_health_names_version_hash_and_sandbox(client: FlaskClient, version: Version) -> None:
    """An operator sees what is served."""
    health = json.loads(client.get("/healthz").data)
    assert (health["status"], health["version"], health["content_hash"]) == ("ok", 1, version.content_hash)
    assert {"software", "sandboxed"} <= health.keys()


@pytest.mark.parametrize("url", ["/", "/sparql?query=ASK%7B%7D", "/id/finding/third.ttl", "/praksisgrafen.nt", "/def"])
def test_every_answer_names_its_version_and_knows_when_nothing_changed(client: FlaskClient, url: str) -> None:
    """Version header, ETag, 304."""
    response = client.get(url, headers={"Accept": "*/*"})
    if response.status_code == 303:
        response = client.get(response.headers["Location"])
    assert response.headers["Praksisgrafen-Version"] == "1"
    again = client.get(response.request.full_path, headers={"Accept": "*/*", "If-None-Match": response.headers["ETag"]})
    assert again.status_code in (200, 304)
    if response.request.headers.get("Accept") == "*/*":
        assert again.status_code == 304
        assert again.headers["Praksisgrafen-Version"] == "1"


def test_a_new_version_is_served_at_once_with_new_tags(tmp_path: object, version: Version) -> None:
    """The version in force is looked up with each request."""
    home = Home(tmp_path)  # type: ignore[arg-type]
    quads = list(version.open())
    home.publish(quads, "tests", "one", {})
    app = create_app(Settings(home=home.path, workers=1))
    client = app.test_client()
    first = client.get("/id/finding/third.nt")
    home.publish([quad for quad in quads if "finding/third>" not in str(quad)], "tests", "two", {})
    second = client.get("/id/finding/third.nt", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, first.headers["Praksisgrafen-Version"]) == (200, "1")
    assert (second.status_code, second.headers["Praksisgrafen-Version"]) == (404, "2")
    _close(app)


def test_a_home_without_versions_says_what_to_do(tmp_path: object) -> None:
    """Not a stack trace, but `kg build`."""
    app = create_app(Settings(home=tmp_path))  # type: ignore[arg-type]
    response = app.test_client().get("/healthz")
    assert response.status_code == 503
    assert "kg build" in response.json["detail"]
    _close(app)


def _close(app: Flask) -> None:
    app.extensions["praksisgrafen"].close()


def test_errors_for_browsers_are_pages_in_their_language(client: FlaskClient) -> None:
    """A missing page helps the reader on."""
    response = client.get("/id/person/nobody?lang=nn", headers=BROWSER)
    assert response.status_code == 404
    assert "<h1>Ikkje funne</h1>" in response.text
    assert 'href="/?lang=nn"' in response.text
    assert client.get("/nowhere", headers=BROWSER).text.count("<h1") == 1


def test_the_type_of_a_problem_leads_to_its_explanation(client: FlaskClient) -> None:
    """`type` is an address, not decoration."""
    kind = client.get("/sparql?query=ASK%7B").json["type"]
    page = client.get(kind.removeprefix(iris.BASE.rstrip("/")) + "?lang=nb")
    assert "<h1>Syntaksfeil i spørringen</h1>" in page.text
    assert client.get("/problem/none").status_code == 404


def test_an_unforeseen_error_shows_nothing_of_the_inside(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the trace, the answer has not."""
    app = create_app(Settings(home=home.path))
    monkeypatch.setattr("server.reader.snapshot", lambda: 1 / 0)
    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_static_files_are_served_with_the_same_headers(client: FlaskClient) -> None:
    """The icon is ours."""
    response = client.get("/static/icon.svg")
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/list/organisation", "/id/finding/third.html", "/def"])
def test_a_page_says_where_it_is_and_in_which_languages_it_can_be_read(client: FlaskClient, path: str) -> None:
    """Whole addresses of the page in each language, one of its own, a description and what others show of it."""
    page = client.get(f"{path}?lang=nn", headers=BROWSER).text
    for tag in ("nb", "nn", "en"):
        assert f'<link rel="alternate" hreflang="{tag}" href="http://localhost{path}?lang={tag}">' in page
    assert f'<link rel="alternate" hreflang="x-default" href="http://localhost{path}">' in page
    assert len(re.findall(r'<link rel="canonical" href="https?://[^"]+">', page)) == 1
    for name in ("description", "og:title", "og:description", "og:url"):
        assert re.search(rf'<meta (?:name|property)="{name}" content="[^"]+">', page), name
    assert 'property="og:locale" content="nn_NO"' in page


def test_the_menu_says_where_in_the_site_a_page_is(client: FlaskClient) -> None:
    """The list itself is the page, a thing lies under it; what has no page is left out of the menu."""
    assert 'href="/list/organisation" aria-current="page"' in client.get("/list/organisation").text
    assert 'href="/list/organisation" aria-current="true"' in client.get("/id/organisation/printer.html").text
    assert 'aria-current="page"' not in client.get("/").text
    menu = {link for link in re.findall(r'<li><a href="(/[^"]*)"', client.get("/").text) if link.count("/") == 1}
    assert {client.get(link, headers=BROWSER).status_code for link in menu} == {200}


def test_a_thing_shows_its_class_its_address_and_how_to_copy_it(client: FlaskClient) -> None:
    """The button comes alive with the script, and is not there without."""
    page = client.get("/id/finding/third.html?lang=nb").text
    assert f'<code id="iri">{iris.entity("finding", "third")}</code>' in page.replace("<wbr>", "")
    assert re.search(r'data-copy="iri" data-copied="Kopiert" hidden>Kopier</button>', page)


@pytest.mark.parametrize(
    ("language", "title", "advice"),
    [
        ("nb", "Ikke funnet", "Se alt som finnes av dette slaget"),
        ("nn", "Ikkje funne", "Sjå alt som finst av dette slaget"),
        ("en", "Not found", "See all there is of this kind"),
    ],
)
def test_a_missing_thing_leads_on_in_the_readers_language(
    client: FlaskClient, language: str, title: str, advice: str
) -> None:
    """What happened, what to do, and the list the thing would have been in; no search engine keeps it."""
    response = client.get(f"/id/organisation/none.html?lang={language}", headers=BROWSER)
    assert response.status_code == 404
    assert f"<h1>{title}</h1>" in response.text
    assert advice in response.text
    assert f'href="/list/organisation?lang={language}"' in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert 'hreflang="x-default"' not in response.text


def test_an_empty_list_says_so_and_leads_on(client: FlaskClient) -> None:
    """Nothing is a page, too."""
    page = client.get("/list/person?lang=nn").text
    assert "Her er det ingenting" in page
    assert "Sjå kva som finst" in page


@pytest.mark.parametrize(("language", "title"), [("nb", "For mange forespørsler"), ("nn", "For mange førespurnader")])
def test_who_asks_too_often_gets_a_page_without_the_graph(home: Home, language: str, title: str) -> None:
    """A browser reads how long to wait, a program gets the problem as data; the graph is not opened for either."""
    app = create_app(Settings(home=home.path, rate="0.1"))
    client = app.test_client()
    asked = {**BROWSER, "Accept-Language": language}
    while (page := client.get("/nothing", headers=asked)).status_code != 429:
        pass
    assert f"<h1>{title}</h1>" in page.text
    assert f"Vent {page.headers['Retry-After']} sekund" in page.text
    assert "Praksisgrafen-Version" not in page.headers
    assert (page.headers["Content-Security-Policy"], page.headers["Cache-Control"]) == (
        CONTENT_SECURITY_POLICY,
        "no-store",
    )
    problem = client.get("/nothing", headers={"Accept": "*/*"})
    assert (problem.status_code, problem.mimetype) == (429, "application/problem+json")
    assert json.loads(problem.data)["retry_after"] == int(problem.headers["Retry-After"])


def test_a_named_graph_has_a_name(real_client: FlaskClient) -> None:
    """Graphs go by what is in them: a code list, the figures of a source, a kind of thing."""
    for name, title in {
        "people": "Personer",
        "codes-population": "Populasjoner",
        "blog-2016": "Vismas blogginnlegg om IT i praksis 2016",
        "queries": "Ferdige spørsmål",
        "shapes-cell": "Tall i kuben (SHACL-former)",
        "shapes-text": "Tekster (SHACL-former)",
    }.items():
        page = real_client.get(f"/graph/{name}.html?lang=nb").text
        assert f"<h1><span>{title}</span></h1>" in page
        assert f"<title>Navngitt graf: {title}" in page


def test_a_page_says_nothing_twice(real_client: FlaskClient) -> None:
    """A general class, a name that is the title, a source the evidence names, columns without content stay out."""
    page = real_client.get("/id/person/linda-hofstad-helleland.html?lang=nb").text
    facts = page.partition('id="facts"')[2].partition("</section>")[0]
    assert "Samme som" in facts
    assert "wikidata.org/entity/Q6514654</a>" in facts
    assert "Egennavn" not in facts
    assert "Avledet fra" not in facts
    evidence = page.partition('id="evidence"')[2].partition("</section>")[0]
    assert "Artikkel om IT i praksis 2020" in evidence
    assert "Uttrykk" not in evidence
    kicker = real_client.get("/id/organisation/digdir.html?lang=nb").text.partition('class="kicker"')[2]
    assert "Registrert organisasjon" not in kicker.partition("</p>")[0]
    assert "Organisasjon" in kicker.partition("</p>")[0]


def test_wiring_is_no_neighbour(real_client: FlaskClient) -> None:
    """Lists, shapes and steps of provenance that refer to a thing lead a reader nowhere."""
    for path, hidden in {
        "/id/dataset/reported": "rdf:first",
        "/id/scheme/ladder": "sh:targetNode",
        "/id/rule/change": "prov:hadPlan",
        "/id/capture/article-2020": "oa:hasSource",
    }.items():
        answer = real_client.get(f"{path}.html?lang=nb")
        assert answer.status_code == 200
        assert f"<code>{hidden}</code>" not in answer.text
    assert "43 steder i teksten er lest." in answer.text


def test_a_rule_is_shown_as_it_is_written(real_client: FlaskClient) -> None:
    """The query of a rule keeps its lines, and can be put to the graph."""
    page = real_client.get("/id/rule/change.html?lang=nb").text
    assert "\nCONSTRUCT {\n" in page.partition('<pre class="rule-query"')[2].partition("</pre>")[0]
    assert "Sh:construct" not in page


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_code_lists_of_the_vocabulary_are_in_the_order_of_their_names(real_client: FlaskClient, language: str) -> None:
    """In each language its own order."""
    page = real_client.get(f"/def?lang={language}").text
    part = page[page.index('<h2 id="codes">') :].partition("</section>")[0]
    names = re.findall(r'href="/id/scheme/[^"]*"[^>]*>([^<]+)</a>', part)
    assert len(names) > 20
    assert names == sorted(names, key=str.casefold)


def test_one_version_is_compared_with_nothing(real_client: FlaskClient) -> None:
    """The form comes with the second version."""
    page = real_client.get("/versions", headers=BROWSER).text
    assert '<ol class="versions"' in page
    assert 'class="compare"' not in page
