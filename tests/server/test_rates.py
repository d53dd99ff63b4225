"""How often a client may ask, and who the client is."""

import json
import multiprocessing
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.versions import Home
from server import clients, create_app, rates
from server.config import Settings
from server.rates import Rates

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1"))


class Clock:
    """Time that passes when told to."""

    now = 1000.0

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rates, "time", clock)
    return clock


def test_a_client_may_send_ten_seconds_worth_at_once_and_then_one_at_a_time(clock: Clock) -> None:
    """A bucket, and the pace at which it fills."""
    buckets = Rates(2.0)
    assert [buckets.take("a") for _ in range(20)] == [0.0] * 20
    assert buckets.take("a") == pytest.approx(0.5)
    clock.now += 0.5
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    clock.now += 3600
    assert [buckets.take("a") for _ in range(21)][-1] > 0


@pytest.mark.usefixtures("clock")
def test_one_client_does_not_use_up_what_another_may_send() -> None:
    """Buckets are apart."""
    buckets = Rates(1.0)
    while buckets.take("greedy") == 0:
        pass
    assert buckets.take("modest") == 0.0


def test_more_clients_than_there_is_room_for_are_still_counted(clock: Clock) -> None:
    """A bucket that is full makes room; one that is empty stays, while others come and go."""
    buckets = Rates(1.0)
    while buckets.take("greedy") == 0:
        pass
    for number in range(rates._SLOTS):
        buckets.take(f"client {number}")
    clock.now += 0.5
    assert buckets.take("greedy") > 0


def _spend(table: Path, count: int) -> None:
    buckets = Rates(0.01, table)
    for _ in range(count):
        buckets.take("somebody")


def test_processes_count_a_client_together(tmp_path: Path) -> None:
    """Two processes with one table do not allow twice as much; nothing in it tells an address."""
    table = tmp_path / "rates"
    rates.make(table)
    buckets = Rates(0.1, table)
    other = Rates(0.1, table)
    assert buckets.take("192.0.2.77") == 0.0
    assert other.take("192.0.2.77") > 0
    child = multiprocessing.get_context("spawn").Process(target=_spend, args=(table, 1))
    child.start()
    child.join()
    assert Rates(0.01, table).take("somebody") > 0
    assert b"192.0.2" not in table.read_bytes()


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.1.1.1", "198.51.100.1", "198.51.100.1"),
        ("10.1.1.1", "6.6.6.6, 198.51.100.1, 10.2.2.2", "198.51.100.1"),
        ("10.1.1.1", "10.3.3.3", "10.1.1.1"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.1.1.1", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_the_client_is(peer: str, forwarded: str | None, client: str) -> None:
    """The last address that no trusted proxy has; what stands before it anyone can write."""
    environ = {"REMOTE_ADDR": peer, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {})}
    assert clients.address(environ, PROXIES) == client
    assert clients.address(environ, ()) == peer


def test_a_network_of_ipv6_counts_as_one_client() -> None:
    """Who has one address has 2^64 of them."""
    assert clients.counted_as("2001:db8::1") == clients.counted_as("2001:db8::ffff:1")
    assert clients.counted_as("2001:db8::1") != clients.counted_as("2001:db8:0:1::1")
    assert clients.counted_as("::ffff:192.0.2.1") == clients.counted_as("192.0.2.1")


@given(st.text(max_size=60))
def test_whatever_a_proxy_sends_is_some_client(text: str) -> None:
    """No header makes the server fail."""
    assert isinstance(
        clients.counted_as(clients.address({"REMOTE_ADDR": "::1", "HTTP_X_FORWARDED_FOR": text}, PROXIES)), str
    )


def test_who_asks_too_often_is_told_the_limit_and_when_to_come_back(home: Home) -> None:
    """429 with Retry-After and a problem; health and metrics are always answered; another client is not touched."""
    app = create_app(Settings(home=home.path, rate="0.1", trusted_proxies="127.0.0.1"))
    with app.test_client() as client:
        assert client.get("/limits").status_code == 200
        refused = client.get("/limits")
        assert refused.status_code == 429
        problem = json.loads(refused.data)
        assert refused.mimetype == "application/problem+json"
        assert (problem["status"], problem["limit"]) == (429, 0.1)
        assert int(refused.headers["Retry-After"]) == problem["retry_after"] >= 9
        assert problem["hint"]
        assert client.get("/metrics").status_code == 200
        other = client.get("/limits", headers={"X-Forwarded-For": "198.51.100.7"})
        assert other.status_code == 200
        assert client.get("/limits", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 429
    app.extensions["praksisgrafen"].close()


def test_the_rate_can_be_switched_off(home: Home) -> None:
    """Any number of requests."""
    app = create_app(Settings(home=home.path, rate="off"))
    with app.test_client() as client:
        assert {client.get("/limits").status_code for _ in range(600)} == {200}
