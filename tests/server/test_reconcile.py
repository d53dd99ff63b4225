"""The reconciliation service over the real graph, by the rules of the specification and with a client of others."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
import reconciler
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from werkzeug.serving import make_server

from kg import iris
from server import reconciliation
from server.labels import Labels
from server.reconciliation import entities

PERSON = "person/linda-hofstad-helleland"


@pytest.fixture
def client(real_client: FlaskClient) -> FlaskClient:
    return real_client


def _ask(client: FlaskClient, *texts: str, root: str = "/reconcile", **more: Any) -> list[list[dict[str, Any]]]:
    """Send a batch with a query for each text; return the candidates of each."""
    batch = {f"q{place}": {"query": text, **more} for place, text in enumerate(texts)}
    response = client.post(root, data={"queries": json.dumps(batch)})
    assert response.status_code == 200, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert list(response.json or {}) == list(batch)
    return [response.json[key]["result"] for key in batch]  # type: ignore[index]


def _extend(client: FlaskClient, ids: list[str], *properties: str, root: str = "/reconcile") -> Any:
    wanted = {"ids": ids, "properties": [{"id": name} for name in properties]}
    return client.post(root, data={"extend": json.dumps(wanted)}).json


@pytest.mark.parametrize("number", ["991825827", "991 825 827", "NO 991 825 827 MVA", "991825827MVA", "  991.825.827 "])
def test_number_that_difi_had_is_digdirs(client: FlaskClient, number: str) -> None:
    """However people write it, it is one certain match, and nothing else comes near."""
    (found,) = _ask(client, number)
    assert [(one["id"], one["score"], one["match"]) for one in found] == [("organisation/digdir", 100, True)]


def test_number_nobody_has_is_nobodys(client: FlaskClient) -> None:
    """A number a digit away is another organisation's, so it is no candidate."""
    assert _ask(client, "991825828") == [[]]


def test_difi_is_itself_and_a_former_name_of_digdir(client: FlaskClient) -> None:
    """The organisation of that name is the match; what it became is proposed, and scores less."""
    (found,) = _ask(client, "Difi")
    assert (found[0]["id"], found[0]["score"], found[0]["match"]) == ("organisation/difi", 100, True)
    digdir = next(one for one in found if one["id"] == "organisation/digdir")
    assert 80 <= digdir["score"] < 100
    assert not digdir["match"]
    assert {"id": "former_name", "value": 100} in digdir["features"]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("Norwegian Digitalisation Agency", "organisation/digdir"),
        ("DIGDIR", "organisation/digdir"),
        ("Noregs teknisk-naturvitskaplege universitet", "organisation/ntnu"),
        ("One digital public sector", "policy/en-digital-offentlig-sektor"),
        ("meld. st. 27 (2015–2016)", "policy/digital-agenda"),
        ("Verksemder som leverer tenester på eit nivå", "indicator/ladder-bodies"),
        ("organisation/ks", "organisation/ks"),
        (iris.entity("organisation", "ks"), "organisation/ks"),
    ],
)
def test_any_name_in_any_language_is_a_match(client: FlaskClient, text: str, entity: str) -> None:
    """Names, other names, titles, codes and identifiers, whatever their capitals."""
    (found,) = _ask(client, text)
    assert (found[0]["id"], found[0]["score"], found[0]["match"]) == (entity, 100, True)


@pytest.mark.parametrize(
    ("text", "entity"),
    [("Skattetaten", "organisation/skatteetaten"), ("Digitaliseringsdirektorat", "organisation/digdir")],
)
def test_slip_of_the_finger_is_a_candidate_and_no_match(client: FlaskClient, text: str, entity: str) -> None:
    """What is nearly the name comes first, with less than the full score."""
    (found,) = _ask(client, text)
    assert found[0]["id"] == entity
    assert 80 <= found[0]["score"] < 100
    assert not found[0]["match"]


def test_scores_fall_and_do_not_depend_on_the_other_queries(client: FlaskClient) -> None:
    """The same query scores the same alone, in a batch, and with another limit."""
    alone, together = _ask(client, "digitalisering"), _ask(client, "KS", "digitalisering", "NTNU")[1:2]
    assert alone == together
    scores = [one["score"] for one in alone[0]]
    assert scores == sorted(scores, reverse=True)
    assert _ask(client, "digitalisering", limit=2)[0] == alone[0][:2]


def test_people_are_never_found(client: FlaskClient) -> None:
    """Not by name or identifier, not as something to suggest or preview, and nothing is told of them."""
    for text in ("Linda Hofstad Helleland", "Helleland", PERSON, iris.ID + PERSON):
        assert all(not one["id"].startswith("person/") for one in _ask(client, text, limit=25)[0])
        (suggested,) = (client.get(f"/reconcile/suggest/entity?prefix={quote(text)}").json or {}).values()
        assert all(not one["id"].startswith("person/") for one in suggested)
    assert client.post("/reconcile", data={"queries": '{"q": {"query": "x", "type": "person"}}'}).status_code == 400
    assert client.get("/reconcile/properties?type=person").status_code == 400
    assert client.get(f"/reconcile/preview?id={PERSON}").status_code == 404
    told = _extend(client, [PERSON, "organisation/digdir"], "skos:altLabel", "rov:registration")
    assert told["rows"][PERSON] == {"skos:altLabel": [], "rov:registration": []}
    assert "person" not in {kind["id"] for kind in (client.get("/reconcile/suggest/type").json or {})["result"]}


def test_type_narrows_and_properties_tell_candidates_apart(client: FlaskClient) -> None:
    """A type is a hard bound; a property that is not as it should be takes the certainty away."""
    (found,) = _ask(client, "digital", type="policy", limit=25)
    assert found
    assert {one["type"][0]["id"] for one in found} == {"policy"}
    right = {"pid": "rov:registration", "v": "971032146"}
    (found,) = _ask(client, "KS", properties=[right])
    assert (found[0]["id"], found[0]["score"], found[0]["match"]) == ("organisation/ks", 100, True)
    (found,) = _ask(client, "KS", properties=[{**right, "v": "991825827"}])
    assert (found[0]["id"], found[0]["match"]) == ("organisation/ks", False)
    owner = {"pid": "pg:owner", "v": {"id": "organisation/ks", "name": "KS"}}
    response = client.get("/reconcile", query_string={"queries": json.dumps({"q": {"properties": [owner]}})})
    assert [one["id"] for one in (response.json or {})["q"]["result"]] == ["policy/en-digital-offentlig-sektor"]


def test_things_of_other_types_leave_no_candidate_out(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The few that are compared with a text are of the type that is asked for."""
    monkeypatch.setattr(reconciliation, "_FOUND", 1)
    for kind, text in (
        ("indicator", "tillit til digitale løsninger"),
        ("policy", "digital"),
        ("organisation", "digital"),
    ):
        (found,) = _ask(client, text, type=kind)
        assert [one["type"][0]["id"] for one in found] == [kind]


def test_nothing_has_two_types(client: FlaskClient) -> None:
    """What is to have all of several types is not there; of one type, it is."""
    kinds = ["organisation", "policy"]
    assert _ask(client, "KS", type=kinds, type_strict="all") == [[]]
    assert _ask(client, "", type=kinds, type_strict="all", properties=[{"pid": "skos:altLabel", "v": "Digdir"}]) == [[]]
    for more in ({"type": kinds[:1], "type_strict": "all"}, {"type": kinds, "type_strict": "any"}):
        assert _ask(client, "KS", **more)[0][0]["match"]


@pytest.mark.parametrize(
    ("text", "datatype", "cell"),
    [
        ("2020", "gYear", {"int": 2020}),
        ("2020Z", "gYear", {"str": "2020Z"}),
        ("9" * 5000, "integer", {"str": "9" * 5000}),
        ("2020-01-31", "date", {"date": "2020-01-31T00:00:00"}),
        ("2020-01-31Z", "date", {"str": "2020-01-31Z"}),
    ],
)
def test_values_are_written_as_the_protocol_has_them(text: str, datatype: str, cell: dict[str, object]) -> None:
    """What it has no place for is a text."""
    term = Literal(text, datatype=NamedNode(f"http://www.w3.org/2001/XMLSchema#{datatype}"))
    assert entities.cell([term], Labels("nb")) == [cell]


def test_manifest_leads_to_all_that_is_offered(client: FlaskClient) -> None:
    """Every address in it answers, and what has to be there is there."""
    response = client.get("/reconcile")
    manifest = response.json or {}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert manifest["versions"] == ["0.2"]
    assert manifest["identifierSpace"] == iris.ID
    assert [kind["id"] for kind in manifest["defaultTypes"]] == ["organisation", "policy", "indicator"]
    for what, service in manifest["suggest"].items():
        address = service["service_url"] + service["service_path"]
        results = (client.get(f"{address}?prefix=").json or {})["result"]
        assert what == "entity" or all(set(one) >= {"id", "name"} for one in results) is (len(results) > 0)
    proposing = manifest["extend"]["propose_properties"]
    proposed = (
        client.get(proposing["service_url"] + proposing["service_path"] + "?type=organisation&limit=2").json or {}
    )
    assert proposed["properties"][0] == {"id": "rov:registration", "name": "Organisasjonsnummer"}
    assert len(proposed["properties"]) == 2
    view = client.get(manifest["view"]["url"].replace("{{id}}", quote("organisation/digdir", safe="")))
    assert view.status_code == 303


@pytest.mark.parametrize(("language", "name"), [("nb", "Organisasjon"), ("en", "Organisation")])
def test_endpoint_of_a_language_speaks_it(client: FlaskClient, language: str, name: str) -> None:
    """Its manifest leads on to services in the language, whatever the client's own."""
    root = f"/reconcile/{language}"
    manifest = client.get(root, headers={"Accept-Language": "nn"}).json or {}
    assert manifest["defaultTypes"][0]["name"] == name
    assert f"{root}/preview" in manifest["preview"]["url"]
    (found,) = _ask(client, "digdir", root=root)
    expected = {"nb": "Digitaliseringsdirektoratet", "en": "Norwegian Digitalisation Agency"}[language]
    assert found[0]["name"] == expected


def test_suggestions_begin_as_typed(client: FlaskClient) -> None:
    """Entities by the beginning of a word or by identifier, with what they are; types and properties likewise."""
    found = (client.get("/reconcile/suggest/entity?prefix=digitaliseringsdir").json or {})["result"]
    assert found[0]["id"] == "organisation/digdir"
    assert found[0]["notable"] == [{"id": "organisation", "name": "Organisasjon"}]
    found = (client.get("/reconcile/suggest/entity?prefix=organisation/ks").json or {})["result"]
    assert [one["id"] for one in found] == ["organisation/ks"]
    rest = (client.get("/reconcile/suggest/entity?prefix=organisation/ks&cursor=1").json or {})["result"]
    assert rest == []
    names = (client.get("/reconcile/en/suggest/property?prefix=organ").json or {})["result"]
    assert names == [{"id": "rov:registration", "name": "Organisation number"}]


def test_values_are_fetched_for_what_was_reconciled(client: FlaskClient) -> None:
    """Numbers as text, entities with their identifiers, others' addresses as text, one language at a time."""
    told = _extend(
        client,
        ["organisation/digdir", "organisation/ntnu", "policy/en-digital-offentlig-sektor", "organisation/none", "?"],
        "rov:registration",
        "org:originalOrganization",
        "owl:sameAs",
        "pg:owner",
        "dct:description",
    )
    assert [one["id"] for one in told["meta"]][:2] == ["rov:registration", "org:originalOrganization"]
    digdir = told["rows"]["organisation/digdir"]
    assert digdir["rov:registration"] == [{"str": "991825827"}]
    assert {"id": "organisation/difi", "name": "Difi"} in digdir["org:originalOrganization"]
    assert len(digdir["dct:description"]) == 1
    assert told["rows"]["organisation/ntnu"]["owl:sameAs"] == [{"str": "http://www.wikidata.org/entity/Q314536"}]
    owners = told["rows"]["policy/en-digital-offentlig-sektor"]["pg:owner"]
    assert {"id": "organisation/ks", "name": "KS"} in owners
    assert not any(told["rows"]["organisation/none"].values())
    assert not any(told["rows"]["?"].values())


def test_preview_may_be_framed_and_does_nothing(client: FlaskClient) -> None:
    """Only this page may be shown in a frame elsewhere; scripts and forms do not work in it."""
    response = client.get("/reconcile/preview?id=organisation%2Fdigdir")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src 'none'" in policy
    assert "<script" not in response.text
    assert "991825827" in response.text
    others = [client.get(path) for path in ("/", "/reconcile", "/reconcile/preview?id=organisation/none")]
    assert all("frame-ancestors 'none'" in other.headers["Content-Security-Policy"] for other in others)


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("queries", "{"),
        ("queries", "[]"),
        ("queries", '{"q": 1}'),
        ("queries", '{"q": {}}'),
        ("queries", '{"q": {"query": " "}}'),
        ("queries", '{"q": {"query": 1}}'),
        ("queries", '{"q": {"query": "\\ud800"}}'),
        ("queries", '{"q": {"query": "x", "limit": 0}}'),
        ("queries", '{"q": {"query": "x", "limit": NaN}}'),
        ("queries", '{"q": {"query": "x", "limit": 1e999}}'),
        ("queries", '{"q": {"query": "x", "limit": true}}'),
        ("queries", '{"q": {"query": "x", "type": {"id": "organisation"}}}'),
        ("queries", '{"q": {"query": "x", "type_strict": "maybe"}}'),
        ("queries", '{"q": {"query": "x", "properties": [{"pid": "nonsense", "v": "y"}]}}'),
        ("queries", '{"q": {"query": "x", "properties": [{"pid": "pg:owner"}]}}'),
        ("queries", json.dumps({"q": {"query": "x" * 501}})),
        ("queries", json.dumps({str(place): {"query": "x"} for place in range(21)})),
        ("queries", "[" * 100_000),
        ("queries", "9" * 10_000),
        ("extend", "{}"),
        ("extend", '{"ids": [], "properties": [{"id": "nonsense"}]}'),
        ("extend", json.dumps({"ids": [str(place) for place in range(101)], "properties": []})),
        ("nonsense", "{}"),
    ],
)
def test_what_is_no_question_is_told_so(client: FlaskClient, field: str, sent: str) -> None:
    """Every bound and every mistake is a 400 that says what is wrong, in words of the reader's language."""
    response = client.post("/reconcile?lang=nb", data={field: sent})
    assert response.status_code == 400, response.text
    problem = response.json or {}
    assert problem["detail"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_QUERIES = st.dictionaries(
    st.text(max_size=4),
    st.fixed_dictionaries(
        {"query": st.text(max_size=60)},
        optional={"type": _JSON, "limit": _JSON, "properties": _JSON, "type_strict": _JSON},
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.one_of(_JSON, _QUERIES), field=st.sampled_from(["queries", "extend"]))
def test_whatever_is_sent_is_answered_or_refused(client: FlaskClient, sent: object, field: str) -> None:
    """Never a fault of the server's own."""
    assert client.post("/reconcile", data={field: json.dumps(sent)}).status_code in (200, 400)


@pytest.fixture(scope="module")
def address(real_app: Flask) -> Iterator[str]:
    """Serve the application on loopback."""
    server = make_server("127.0.0.1", 0, real_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/reconcile"
    server.shutdown()
    thread.join()


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_client_of_others_reconciles_a_column(address: str) -> None:
    """`reconciler` sends batches of ten over HTTP, reads the answers into a table, and names the types."""
    names = "Digdir|KS|Skattetaten|991825827|DFØ|Bits AS|NTNU|Difi|Altinn|Visma|Larvik kommune|Digdir"
    found = reconciler.reconcile(pd.Series(names.split("|")), "organisation", reconciliation_endpoint=address)
    first = dict(zip(found["input_value"], found["id"], strict=True))
    assert first["991825827"] == first["Digdir"] == "organisation/digdir"
    assert first["Skattetaten"] == "organisation/skatteetaten"
    assert set(found["type_id"].dropna()) == {"organisation"}
    assert dict(zip(found["input_value"], found["match"], strict=True))["KS"]
