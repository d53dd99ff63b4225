"""The process that starts the web server again when it dies, as long as it should."""

import signal
import sys
from pathlib import Path

import pytest

from server import supervisor
from server.config import Settings
from server.supervisor import Supervisor


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Supervisor:
    """A supervisor of servers that end at once, before they have read all that they are told."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(signal, "alarm", lambda _: None)
    return Supervisor(Settings(home=tmp_path, trusted_proxies="127.0.0.1," * 20_000), tmp_path)


def test_server_that_never_starts_is_given_up(supervised: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few attempts, each later than the one before."""
    slept: list[float] = []
    monkeypatch.setattr("server.supervisor.time.sleep", slept.append)
    assert supervised.run() == 1
    assert slept == sorted(slept)
    assert len(slept) in (supervisor._ATTEMPTS - 1, supervisor._ATTEMPTS)


def test_server_is_not_started_again_once_told_to_stop(supervised: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the word comes between two attempts."""
    starts = []
    start = supervised._start
    monkeypatch.setattr(supervised, "_start", lambda: starts.append(1) or start())
    monkeypatch.setattr("server.supervisor.time.sleep", lambda _: supervised._stop())
    assert supervised.run() == 0
    assert len(starts) == 1
