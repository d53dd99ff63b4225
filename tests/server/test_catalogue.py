"""The catalogue as a data portal harvests it, the numbers for programs, and the page for people."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph as ox
import pyshacl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import DCTERMS, RDF, SH, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from kg import iris
from kg.versions import Home, history
from server import catalogue, create_app, reader
from server.config import SettingError, Settings
from tests.server.conftest import BROWSER, WholeAnswers
from tests.server.served import Served, serving

pytestmark = [
    pytest.mark.xdist_group("catalogue"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),  # rdflib reads JSON-LD with it
]

DCAT = Namespace("http://www.w3.org/ns/dcat#")  # that of rdflib is of DCAT 2
VOID = Namespace("http://rdfs.org/ns/void#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
EU = Namespace("http://publications.europa.eu/resource/authority/")
FORMS = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
DATASET = URIRef(iris.BASE)
PUBLISHER = {"publisher": "Prøveutgiver", "publisher_number": "991825827", "contact": "post@example.org"}
MOST = 75_000_000
"""What a data portal takes. Units: bytes."""


@pytest.fixture(scope="module")
def own_home(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish the real graph as the third version, after two with less in them."""
    home = Home(tmp_path_factory.mktemp("catalogue"), durable=False)
    quads = sorted(graph, key=str)
    for number, part in enumerate((quads[:500], quads[:600], quads), 1):
        home.publish(part, "tests", f"version {number}", {})
    return home


def _app(home: Home, **settings: Any) -> Iterator[Flask]:
    app = create_app(Settings(home=home.path, workers=1, rate="off", **settings))
    app.test_client_class = WholeAnswers
    yield app
    with app.app_context():
        reader.snapshots().close()


@pytest.fixture(scope="module")
def own_app(own_home: Home) -> Iterator[Flask]:
    """Make an application whose publisher is known."""
    yield from _app(own_home, **PUBLISHER)


@pytest.fixture(scope="module")
def nobodys_app(own_home: Home) -> Iterator[Flask]:
    """Make an application whose publisher is not."""
    yield from _app(own_home)


@pytest.fixture
def harvester(own_app: Flask) -> FlaskClient:
    """Return a program that harvests."""
    return own_app.test_client()


@pytest.fixture(scope="module")
def harvested(own_app: Flask) -> Graph:
    """Harvest the catalogue."""
    return _parsed(own_app.test_client().get("/catalogue.ttl").data)


def _parsed(content: bytes, form: str = "text/turtle") -> Graph:
    return Graph().parse(data=content, format={"application/ld+json": "json-ld"}.get(form, form))


@pytest.mark.parametrize(("suffix", "form"), FORMS.items())
def test_each_form_is_the_same_catalogue_at_the_same_address(
    harvester: FlaskClient, harvested: Graph, suffix: str, form: str
) -> None:
    """With 200 and no redirect, by Accept and by suffix; what rdflib reads and writes again as RDF/XML is unchanged."""
    by_accept = harvester.get("/catalogue", headers={"Accept": form})
    by_suffix = harvester.get(f"/catalogue.{suffix}")
    assert (by_accept.status_code, by_accept.mimetype) == (by_suffix.status_code, by_suffix.mimetype) == (200, form)
    assert by_accept.data == by_suffix.data
    assert 10_000 < len(by_accept.data) < MOST
    read = _parsed(by_accept.data, form)
    assert isomorphic(read, harvested)
    assert isomorphic(_parsed(read.serialize(format="pretty-xml", encoding="utf-8"), "application/rdf+xml"), harvested)


def test_nothing_is_without_an_iri(harvested: Graph) -> None:
    """Data sets, distributions, services and all else can be named from elsewhere."""
    assert not [term for triple in harvested for term in triple if isinstance(term, BNode)]
    for kind in (DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, DCAT.DataService):
        assert list(harvested.subjects(RDF.type, kind))


@pytest.fixture(scope="module")
def live(own_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the same home as an operator does."""
    with serving(own_home.path, tmp_path_factory.mktemp("live") / "log", **PUBLISHER) as served:
        yield served


def _here(address: str, root: str) -> str | None:
    """Return the path of an address of ours: of this server, or a persistent one, which leads to it."""
    for start in (f"{root}/", iris.BASE):
        if address.startswith(start):
            parts = urlsplit("/" + address.removeprefix(start))
            return parts.path + (f"?{parts.query}" if parts.query else "")
    return None


def test_everything_the_catalogue_points_at_here_is_there(live: Served) -> None:
    """Each IRI of ours leads to a document, each file has the size and the checksum that are told."""
    root = f"http://127.0.0.1:{live.port}"
    graph = _parsed(live.ask("/catalogue", Accept="text/turtle").body)
    found = {str(term) for triple in graph for term in triple if isinstance(term, URIRef)}
    paths = {path for address in found if (path := _here(address, root))}
    assert {"/", "/sparql", "/catalogue", "/versions/1", "/versions/3", "/downloads", "/about/method"} <= paths
    for path in sorted(paths):
        reply = live.ask(path, Accept="*/*")
        while reply.status in (302, 303):
            reply = live.ask(reply.headers["location"].removeprefix(root), Accept="*/*")
        assert reply.status == 200, path
    files = list(graph.subject_objects(DCAT.downloadURL))
    assert len(files) > 10
    for distribution, address in files:
        body = live.ask(str(_here(str(address), root))).body
        checksum = graph.value(distribution, SPDX.checksum)
        told = graph.value(distribution, DCAT.byteSize), graph.value(checksum, SPDX.checksumValue)
        assert tuple(map(str, told)) == (str(len(body)), hashlib.sha256(body).hexdigest()), address


def test_a_version_knows_the_one_before_it(harvester: FlaskClient, harvested: Graph) -> None:
    """The data set has a current version and all others; its files are those of the current one."""
    versions = [URIRef(f"{iris.BASE}versions/{number}") for number in (1, 2, 3)]
    assert list(harvested.objects(DATASET, DCAT.hasCurrentVersion)) == [versions[2]]
    assert set(harvested.objects(DATASET, DCAT.hasVersion)) == set(versions)
    assert [str(harvested.value(one, DCAT.version)) for one in versions] == ["1", "2", "3"]
    assert [harvested.value(one, DCAT.previousVersion) for one in versions] == [None, *versions[:2]]
    assert set(harvested.objects(versions[2], DCAT.distribution)) == set(harvested.objects(DATASET, DCAT.distribution))
    assert list(harvested.objects(None, DCAT.dataset)) == [DATASET], "a portal lists the data set once"
    earlier = _parsed(harvester.get("/catalogue.ttl?version=2").data)
    assert list(earlier.objects(DATASET, DCAT.hasCurrentVersion)) == [versions[1]]
    assert versions[2] not in set(earlier.subjects())


def test_names_are_in_three_languages_and_the_years_are_those_of_the_graph(harvested: Graph) -> None:
    """Bokmål, nynorsk and English; coverage from the first figure to the last edition."""
    for kind in (DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, DCAT.DataService):
        for thing in harvested.subjects(RDF.type, kind):
            titles = [title for title in harvested.objects(thing, DCTERMS.title) if isinstance(title, Literal)]
            assert sorted(str(title.language) for title in titles) == ["en", "nb", "nn"]
    period = harvested.value(DATASET, DCTERMS.temporal)
    assert str(harvested.value(period, DCAT.startDate)) == "2012-01-01"
    assert str(harvested.value(period, DCAT.endDate)) == "2023-12-31"
    assert len(list(harvested.objects(DATASET, Namespace("http://www.w3.org/ns/prov#").wasDerivedFrom))) == 5


def _registers() -> Graph:
    """Return what the registers of others say of the terms the catalogue uses, which validators load from them."""
    said = Graph()
    terms = {
        "language": ("NOB", "NNO", "ENG"),
        "licence": ("CC_BY_4_0",),
        "data-theme": ("GOVE",),
        "access-right": ("PUBLIC",),
        "frequency": ("IRREG",),
        "country": ("NOR",),
        "planned-availability": ("STABLE",),
        "dataset-type": ("STATISTICAL",),
        "file-type": ("RDF_TURTLE", "RDF_N_TRIPLES", "RDF_N_QUADS", "RDF_TRIG", "JSON_LD", "RDF_XML", "CSV", "PARQUET"),
    }
    for register, codes in terms.items():
        said.add((EU[register], RDF.type, SKOS.ConceptScheme))
        said.add((EU[register], DCTERMS.title, Literal(register)))
        for code in codes:
            said.add((EU[f"{register}/{code}"], RDF.type, SKOS.Concept))
            said.add((EU[f"{register}/{code}"], SKOS.prefLabel, Literal(code)))
            said.add((EU[f"{register}/{code}"], SKOS.inScheme, EU[register]))
    said.add((SPDX.checksumAlgorithm_sha256, RDF.type, SPDX.ChecksumAlgorithm))
    return said


OLDER: dict[str, str] = {
    "byteSize": "DCAT 2 had xsd:decimal; DCAT 3, DCAT-AP 3 and DCAT-AP-NO 3 have xsd:nonNegativeInteger",
    "algorithm": "DCAT-AP 2 knew only SHA-1, which is broken; DCAT-AP 3 and DCAT-AP-NO 3 leave the choice",
}
WRONG: dict[str, str] = {
    "algorithm": "the shape wants https://spdx.org/…, but the names of SPDX 2 begin with http://",
}
SHAPES = {
    "DCAT-AP-NO-shacl_shapes_2.00.ttl": OLDER,
    "dcat-ap-3.0.1/shapes.ttl": {},
    "dcat-ap-3.0.1/range.ttl": {},
    "dcat-ap-3.0.1/mdr-vocabularies.shape.ttl": WRONG,
    "dcat-ap-3.0.1/deprecateduris.ttl": {},
}
"""The official shapes → the properties whose violations are the fault of the shapes, each with the reason."""


def _violations(shapes: Path, data: Graph) -> set[str]:
    """Return the end of the name of each property that violates the shapes."""
    _, report, text = pyshacl.validate(data, shacl_graph=Graph().parse(shapes))
    assert isinstance(report, Graph), text
    results = [one for one in report.objects(None, SH.result) if (one, SH.resultSeverity, SH.Violation) in report]
    return {re.split(r"[/#]", str(report.value(one, SH.resultPath)))[-1] for one in results}


@pytest.mark.parametrize(("name", "excused"), SHAPES.items())
def test_the_official_shapes_accept_the_catalogue(
    suites: Path, harvested: Graph, name: str, excused: dict[str, str]
) -> None:
    """No violation, but those that are the fault of the shapes themselves; a fault that is mended is noticed."""
    assert _violations(suites / "shapes" / name, harvested + _registers()) == set(excused)


@pytest.mark.parametrize("name", ["DCAT-AP-NO-shacl_shapes_2.00.ttl", "dcat-ap-3.0.1/shapes.ttl"])
@pytest.mark.parametrize("kind", [DCAT.Catalog, DCAT.Dataset, DCAT.DataService])
def test_the_official_shapes_would_miss_a_title(suites: Path, harvested: Graph, name: str, kind: Node) -> None:
    """They do look at what we give them."""
    spoiled = harvested + _registers()
    for thing in list(spoiled.subjects(RDF.type, kind)):
        spoiled.remove((thing, DCTERMS.title, None))
    assert "title" in _violations(suites / "shapes" / name, spoiled)


def test_without_a_publisher_there_is_nothing_to_harvest_and_the_reason_is_said(nobodys_app: Flask) -> None:
    """Programs get a problem, readers a page that says so; the numbers are there all the same."""
    client = nobodys_app.test_client()
    for path in ("/catalogue", "/catalogue.ttl", "/catalogue.rdf"):
        refused = client.get(path, headers={"Accept": "text/turtle"})
        assert (refused.status_code, refused.mimetype) == (404, "application/problem+json")
        assert "PRAKSIS_PUBLISHER" in refused.json["hint"]
    page = client.get("/catalogue?lang=en", headers=BROWSER)
    assert page.status_code == 200
    assert "we invent none, so there is no such catalogue yet" in page.text
    assert "/catalogue.ttl" not in page.text
    assert client.get("/.well-known/void").status_code == 200


@pytest.mark.parametrize("number", ["991825828", "99182582", "123", "99182582x", "９９１８２５８２７"])
def test_a_number_that_is_no_organisation_number_stops_the_start(number: str) -> None:
    """A mistyped number would name somebody else as the publisher."""
    with pytest.raises(SettingError, match="publisher_number"):
        Settings(publisher_number=number)


def test_the_publisher_is_the_one_of_the_register(harvested: Graph, own_home: Home) -> None:
    """With a number it has the IRI of the register, without one of ours, and either way somebody can be written to."""
    registered = URIRef("https://data.brreg.no/enhetsregisteret/api/enheter/991825827")
    assert set(harvested.objects(None, DCTERMS.publisher)) == {registered}
    for app in _app(own_home, publisher="Prøveutgiver", contact="https://example.org/kontakt"):
        graph = _parsed(app.test_client().get("/catalogue.ttl").data)
        assert set(graph.objects(None, DCTERMS.publisher)) == {URIRef(f"{iris.BASE}catalogue#publisher")}
        vcard = Namespace("http://www.w3.org/2006/vcard/ns#")
        assert list(graph.objects(None, vcard.hasURL)) == [URIRef("https://example.org/kontakt")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/catalogue.csv", 404),
        ("/catalogue.", 404),
        ("/catalogue.ttl?version=x", 400),
        ("/catalogue.ttl?version=99", 404),
        ("/.well-known/void?version=%00", 400),
        ("/catalogue?lang=<script>", 200),
    ],
)
def test_what_makes_no_sense_is_refused(harvester: FlaskClient, path: str, status: int) -> None:
    """Never with 500."""
    assert harvester.get(path).status_code == status


def test_what_is_known_need_not_be_sent_again(harvester: FlaskClient, nobodys_app: Flask) -> None:
    """The tag is that of the version, the publisher and the host."""
    for path in ("/catalogue.ttl", "/.well-known/void"):
        tag = harvester.get(path).headers["ETag"]
        assert harvester.get(path, headers={"If-None-Match": tag}).status_code == 304
        for other in (f"{path}?version=2", path):
            base = "https://elsewhere.example" if other == path else None
            assert harvester.get(other, headers={"If-None-Match": tag}, base_url=base).status_code == 200
    tag = harvester.get("/.well-known/void").headers["ETag"]
    assert nobodys_app.test_client().get("/.well-known/void", headers={"If-None-Match": tag}).status_code == 200


def test_of_a_large_graph_only_what_is_made_has_a_size(
    graph: ox.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the files of a large graph; each gets its size and checksum once somebody has fetched it."""
    monkeypatch.setattr(catalogue, "_QUICKLY_MADE", 100)
    home = Home(tmp_path, durable=False)
    home.publish(sorted(graph, key=str)[:500], "tests", "large, for now", {})
    for app in _app(home, **PUBLISHER):
        client = app.test_client()
        before = client.get("/catalogue.ttl")
        assert not list(_parsed(before.data).objects(None, DCAT.byteSize))
        assert client.get("/downloads/1/praksisgrafen.nt").status_code == 200
        after = client.get("/catalogue.ttl", headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert len(list(_parsed(after.data).objects(None, DCAT.byteSize))) == 2, "plain and packed"


def test_a_version_that_was_removed_is_told_of_no_more(
    graph: ox.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as a version, not as the one before another, and not from any cache."""
    monkeypatch.setattr(catalogue, "_QUICKLY_MADE", 0)
    home = Home(tmp_path, durable=False)
    for size in (10, 20, 30):
        home.publish(sorted(graph, key=str)[:size], "tests", "a few", {})
    first, second = (URIRef(f"{iris.BASE}versions/{number}") for number in (1, 2))
    for app in _app(home, **PUBLISHER):
        client = app.test_client()
        assert (second, DCAT.previousVersion, first) in _parsed(client.get("/catalogue.ttl").data)
        history.prune(home, 2)
        graph_after = _parsed(client.get("/catalogue.ttl").data)
        assert second in set(graph_after.subjects())
        assert first not in {term for triple in graph_after for term in triple}


@pytest.mark.parametrize("form", FORMS.values())
def test_the_numbers_of_the_graph_are_at_the_well_known_address(harvester: FlaskClient, form: str) -> None:
    """VoID in each form of RDF, with where to ask and where to fetch."""
    response = harvester.get("/.well-known/void", headers={"Accept": form})
    assert (response.status_code, response.mimetype) == (200, form)
    graph = _parsed(response.data, form)
    assert list(graph.objects(None, VOID.sparqlEndpoint)) == [URIRef("http://localhost/sparql")]
    assert URIRef("http://localhost/downloads/3/praksisgrafen.ttl") in set(graph.objects(DATASET, VOID.dataDump))
    for example in graph.objects(DATASET, VOID.exampleResource):
        assert harvester.get(str(_here(str(example), "")), follow_redirects=True).status_code == 200


def test_a_client_that_wants_no_rdf_is_told_what_there_is(harvester: FlaskClient) -> None:
    """406, not a guess."""
    assert harvester.get("/.well-known/void", headers={"Accept": "text/csv"}).status_code == 406


def _ask(client: FlaskClient, query: str, **parameters: str) -> int:
    answer = client.get("/sparql", query_string={"query": query, **parameters})
    (row,) = answer.json["results"]["bindings"]
    return int(row["n"]["value"])


def test_the_numbers_are_what_the_endpoint_counts(harvester: FlaskClient) -> None:
    """Of the version in force and of an earlier one, which is another data set."""
    first = URIRef(f"{iris.BASE}versions/1")
    for version, dataset in (("3", DATASET), ("1", first)):
        address = "/.well-known/void" if version == "3" else "/.well-known/void?version=1"
        graph = _parsed(harvester.get(address).data)
        counted = {
            VOID.triples: _ask(harvester, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", version=version),
            VOID.distinctSubjects: _ask(harvester, "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }", version=version),
            VOID.classes: _ask(harvester, "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }", version=version),
        }
        assert {name: int(str(graph.value(dataset, name))) for name in counted} == counted
        assert len(list(graph.objects(dataset, VOID.classPartition))) == counted[VOID.classes]
    assert not list(graph.triples((DATASET, None, None)))


def test_the_service_description_has_the_same_numbers(harvester: FlaskClient) -> None:
    """The default graph of the endpoint is described with VoID, too."""
    numbers = _parsed(harvester.get("/.well-known/void").data)
    description = _parsed(harvester.get("/sparql", headers={"Accept": "text/turtle"}).data)
    default = URIRef("http://localhost/sparql#default-graph")
    for name in (VOID.triples, VOID.entities, VOID.classes, VOID.properties, VOID.distinctObjects):
        assert description.value(default, name) == numbers.value(DATASET, name) is not None
    for part, term in ((VOID.classPartition, VOID["class"]), (VOID.propertyPartition, VOID.property)):
        of = [set(graph.objects(None, part / term)) for graph in (description, numbers)]
        assert of[0] == of[1]
        assert len(of[0]) > 50


def _face(page: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert match is not None
    found: dict[str, Any] = json.loads(match[1])
    return found


@pytest.mark.parametrize("path", ["/", "/catalogue"])
def test_search_engines_for_data_find_what_they_document(harvester: FlaskClient, path: str) -> None:
    """What Google Dataset Search requires and recommends, true of this version.

    Source: https://developers.google.com/search/docs/appearance/structured-data/dataset
    """
    face = _face(harvester.get(f"{path}?lang=nn", headers=BROWSER).text)
    assert face["@type"] == "Dataset"
    assert 50 <= len(face["description"]) <= 5_000
    assert "organisasjonar" in face["description"]
    assert (face["version"], face["temporalCoverage"]) == ("3", "2012/2023")
    assert face["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert face["publisher"]["name"] == "Prøveutgiver"
    names = {one["name"] for one in face["variableMeasured"]}
    assert len(names) > 10
    assert names.isdisjoint(one["@id"].rpartition("/")[2] for one in face["variableMeasured"])
    files = face["distribution"]
    assert {"text/turtle", "application/ld+json"} <= {file["encodingFormat"] for file in files}
    for file in files:
        assert harvester.head(file["contentUrl"].removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_people_read_the_same(harvester: FlaskClient, language: str) -> None:
    """Who, what, which version, which files, how much, and how good: with links to each."""
    page = harvester.get(f"/catalogue?lang={language}", headers=BROWSER)
    assert page.status_code == 200
    for said in ("Prøveutgiver", "991825827", "mailto:post@example.org", "CC BY 4.0", "2012–2023", "www.wikidata.org"):
        assert said in page.text
    for href in ("/versions", "/downloads", "/sparql", "/about/method", "/catalogue.ttl", "/downloads/3/findings.csv"):
        assert f'href="{href}' in page.text
    front = harvester.get(f"/?lang={language}", headers=BROWSER)
    assert f'href="/catalogue?lang={language}"' in front.text
