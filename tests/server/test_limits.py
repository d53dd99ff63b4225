"""The limits as they are published, and what a request that reaches one is told."""

import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.errors import EngineBusy, QueryMemoryExceeded
from kg.tokens import Tokens
from kg.versions import Home
from server import logs
from tests.server.conftest import application

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def app(home: Home) -> Iterator[Flask]:
    """An application with limits that are soon reached."""
    settings = {"query_timeout": 0.3, "query_rows": 10, "query_bytes": 5000, "request_bytes": 1000}
    with application(home, workers=1, queue_timeout=8.0, rate="7", **settings) as app:
        yield app


def test_limits_are_published_with_units_as_they_are_set(client: FlaskClient) -> None:
    """Time, rows, bytes, memory, concurrency, request size and rate."""
    found = client.get("/limits").json
    assert {name: limit["value"] for name, limit in found["query"].items()} == {
        "timeout": 0.3,
        "rows": 10,
        "bytes": 5000,
        "memory": 512 * 2**20,
        "concurrency": 2,
        "queue": 128,
        "wait": 8.0,
        "spool": 512 * 2**20,
    }
    assert {name: limit["value"] for name, limit in found["update"].items()} == {
        "timeout": 0.3,
        "memory": 2**30,
        "disk": 2**30,
        "wait": 10.0,
    }
    assert found["request"]["bytes"]["value"] == 1000
    assert {name: limit["value"] for name, limit in found["client"].items()} == {
        "rate": 7.0,
        "burst": 70,
        "concurrency": 32,
    }
    assert all(limit["unit"] and limit["meaning"] for group in found.values() for limit in group.values())


@pytest.mark.parametrize(
    ("query", "status", "limit", "unit"),
    [
        (ENDLESS, 503, 0.3, None),
        ("SELECT * { ?s ?p ?o } LIMIT 11", 422, 10, "rows"),
        (
            'SELECT (CONCAT("0123456789", STR(?s), REPLACE(STR(?s), ".", "'
            + 50 * "x"
            + '")) AS ?x) { ?s ?p ?o } LIMIT 9',
            422,
            5000,
            "bytes",
        ),
    ],
)
def test_a_limit_that_is_reached_is_in_the_problem_with_a_hint(
    client: FlaskClient, query: str, status: int, limit: float, unit: str | None
) -> None:
    """And in the published table."""
    response = client.get("/sparql?query=" + quote(query))
    problem = json.loads(response.data)
    assert (response.status_code, problem["status"], problem["limit"], problem.get("unit")) == (
        status,
        status,
        limit,
        unit,
    )
    assert response.mimetype == "application/problem+json"
    assert problem["type"].startswith("https://")
    assert problem["title"]
    assert problem["detail"]
    assert problem["hint"]
    published = client.get("/limits").json["query"]
    assert limit in [entry["value"] for entry in published.values()]


@pytest.mark.parametrize(("error", "retry"), [(EngineBusy(3), "3"), (QueryMemoryExceeded(512 * 2**20), None)])
def test_every_refusal_for_lack_of_room_is_503(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception, retry: str | None
) -> None:
    """With Retry-After where waiting helps."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("kg.engine.workers.WorkerPool.answer", fail)
    response = client.get("/sparql?query=" + quote("ASK { FILTER(1=1) }"))
    assert response.status_code == 503
    assert response.headers.get("Retry-After") == retry
    assert json.loads(response.data)["hint"]


def test_a_request_that_is_too_large_is_413(client: FlaskClient) -> None:
    """Before it is read."""
    response = client.post("/sparql", data="ASK {} #" + 2000 * "x", content_type="application/sparql-query")
    assert response.status_code == 413


def test_timeout_in_a_form_lowers_the_limit(client: FlaskClient) -> None:
    """As it does in the address."""
    response = client.post("/sparql", data={"query": ENDLESS, "timeout": "0.05"})
    assert json.loads(response.data)["limit"] == 0.05


def test_a_token_may_have_a_longer_time(home: Home, client: FlaskClient) -> None:
    """What is granted to the token replaces the setting; `timeout` lowers that, too."""
    tokens = Tokens(home.path)
    secret = tokens.create("patient", ("write",), query_timeout=0.6)
    try:
        headers = {"Authorization": f"Bearer {secret}"}
        url = "/sparql?query=" + quote(ENDLESS)
        assert json.loads(client.get(url, headers=headers).data)["limit"] == 0.6
        assert json.loads(client.get(url + "&timeout=0.1", headers=headers).data)["limit"] == 0.1
        assert json.loads(client.get(url).data)["limit"] == 0.3
    finally:
        tokens.path.unlink()


def test_ready_is_who_can_answer_and_has_room(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes the server out of the balancer."""
    assert client.get("/readyz").json == {"status": "ready", "version": 1}
    monkeypatch.setattr("server.health._ENOUGH", 2**62)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.headers["Retry-After"]


def test_a_line_of_the_log_tells_of_a_request_and_not_of_a_person(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """No address, no query, no agent, no token."""
    with caplog.at_level(logging.INFO, "server.requests"):
        client.get(
            "/sparql?query=" + quote("ASK { ?secret ?p 'Kari Nordmann' }"),
            headers={"User-Agent": "agent-x", "Authorization": "Bearer pg_no"},
            environ_base={"REMOTE_ADDR": "192.0.2.44"},
        )
    (record,) = [record for record in caplog.records if record.name == "server.requests"]
    line = json.loads(logs.JsonLines().format(record))
    assert {"time", "level", "service", "method", "status", "outcome", "seconds"} <= line.keys()
    assert (line["service"], line["method"]) == ("sparql", "GET")
    for private in ("192.0.2.44", "Nordmann", "agent-x", "pg_no"):
        assert private not in json.dumps(line)


def test_a_line_of_the_log_is_one_object_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    """Errors keep their trace, in the log and nowhere else."""
    logging.getLogger("server").error("two\nlines", exc_info=ZeroDivisionError("nothing"))
    text = logs.JsonLines().format(caplog.records[-1])
    assert "\n" not in text
    assert "ZeroDivisionError" in json.loads(text)["trace"]
