"""What a process tells about itself."""

import threading
from dataclasses import dataclass, field

import pytest
from flask import Flask

from server import metrics
from server.cache import Cache


@dataclass
class Slow:
    """Pools of workers, of which the first to ask hears last."""

    started: int = 0
    others: threading.Event = field(default_factory=threading.Event)

    def statuses(self) -> list[object]:
        """Count one worker more each time."""
        self.started += 1
        found = [Status(self.started)]
        if self.started == 1:
            self.others.wait(0.5)
        return found  # type: ignore[return-value]


@dataclass
class Status:
    """What the pool of a process is doing."""

    started: int
    idle: int = 0
    busy: int = 0
    slow: int = 0
    waiting: int = 0
    killed: int = 0
    crashed: int = 0


def test_what_is_told_by_two_threads_at_once_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that tells now and then, and a request for the measurements."""
    pools = Slow()
    monkeypatch.setattr("server.reader.snapshots", lambda: pools)
    beat = metrics.Beat(Flask("server"), Cache(0))
    before = metrics._STARTED._value.get()
    first = threading.Thread(target=beat.tell)
    first.start()
    while not pools.started:
        pass
    beat.tell()
    pools.others.set()
    first.join()
    beat.tell()
    assert metrics._STARTED._value.get() - before == pools.started == 3
