"""Measurements for Prometheus, over all processes of a server.

Each process writes into files of its own below the folder that PROMETHEUS_MULTIPROC_DIR names (`server.supervisor`
makes it); whichever process is asked adds them up. What a process counted stays when it dies, what it has does not.
Without the variable there is one process, as in tests.
Source: https://prometheus.github.io/client_python/multiprocess/
"""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, current_app
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from kg.engine.places import PoolStatus
from kg.engine.running import Process
from kg.errors import PraksisError
from server import reader
from server.cache import Cache
from server.caching import software_version

blueprint = Blueprint("metrics", __name__)

_EXTENSION: Final = "praksisgrafen-metrics"
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_BEAT: Final = 1.0
"""How often a process tells what its workers do. Units: seconds."""

_SECONDS: Final = Histogram(
    "praksis_request_seconds",
    "Requests by the service asked and how they ended, and the time until the answer could be sent.",
    ("service", "outcome"),
    buckets=_BUCKETS,
)
_WORKERS: Final = Gauge(
    "praksis_workers",
    "Query workers: idle, busy, and slow ones among the busy, which gave way to others.",
    ("state",),
    multiprocess_mode="livesum",
)
_WAITING: Final = Gauge("praksis_queries_waiting", "Queries that wait for a worker.", multiprocess_mode="livesum")
_STARTED: Final = Counter("praksis_workers_started", "Query workers that were started.")
_KILLED: Final = Counter("praksis_workers_killed", "Query workers killed at a deadline, or for someone who asked.")
_CRASHED: Final = Counter("praksis_workers_crashed", "Query workers that died under a query, out of memory included.")
_KEPT: Final = Gauge("praksis_cache_answers", "Answers in the caches.", multiprocess_mode="livesum")
_ROOM: Final = Gauge("praksis_cache_bytes", "Room the answers in the caches take.", multiprocess_mode="livesum")


class Requests:
    """The histogram of requests, its children kept at hand."""

    def __init__(self) -> None:
        self._children: dict[tuple[str, str], Histogram] = {}

    def note(self, service: str, outcome: str, seconds: float) -> None:
        """Count one request."""
        child = self._children.get((service, outcome))
        if child is None:
            child = self._children[service, outcome] = _SECONDS.labels(service, outcome)
        child.observe(seconds)


class Beat:
    """Tells now and then what the workers and the cache of this process do."""

    def __init__(self, app: Flask, cache: Cache) -> None:
        self._app = app
        self._cache = cache
        self._lock = threading.Lock()
        self._told = {_STARTED: 0, _KILLED: 0, _CRASHED: 0}
        self._end = threading.Event()

    def start(self) -> None:
        """Tell from now on, in a thread of its own."""
        threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def _run(self) -> None:
        while not self._end.wait(_BEAT):
            self.tell()

    def tell(self) -> None:
        """Tell now."""
        with self._lock:
            with self._app.app_context():
                statuses = reader.snapshots().statuses()
            self._gauges(statuses)
            counts = {
                _STARTED: sum(status.started for status in statuses),
                _KILLED: sum(status.killed for status in statuses),
                _CRASHED: sum(status.crashed for status in statuses),
            }
            for counter, count in counts.items():
                counter.inc(max(0, count - self._told[counter]))
            self._told = counts

    def _gauges(self, statuses: list[PoolStatus]) -> None:
        _WORKERS.labels("idle").set(sum(status.idle for status in statuses))
        _WORKERS.labels("busy").set(sum(status.busy for status in statuses))
        _WORKERS.labels("slow").set(sum(status.slow for status in statuses))
        _WAITING.set(sum(status.waiting for status in statuses))
        kept, room = self._cache.state()
        _KEPT.set(kept)
        _ROOM.set(room)


class _Facts:
    """What is the same for all processes, looked up when asked."""

    def __init__(self, home: Path, version: int | None) -> None:
        self._home = home
        self._version = version

    def collect(self) -> Iterator[Metric]:
        """Return version, software and free disk."""
        version = GaugeMetricFamily("praksis_version", "Number of the version in force.")
        if self._version is not None:
            version.add_metric([], self._version)
        yield version
        software = GaugeMetricFamily("praksis_software", "Version of the software, as a label.", labels=("version",))
        software.add_metric([software_version()], 1)
        yield software
        free = GaugeMetricFamily("praksis_home_free_bytes", "Free room on the disk of the home.")
        free.add_metric([], shutil.disk_usage(self._home).free)
        yield free


def install(app: Flask, home: Path, cache: Cache) -> Beat:
    """Give an app its measurements."""
    beat = Beat(app, cache)
    app.extensions[_EXTENSION] = (beat, home)
    return beat


def start(app: Flask) -> None:
    """Have a server process tell about itself from here on, perhaps in the place of one that died."""
    _forget_the_dead()
    app.extensions[_EXTENSION][0].start()


@blueprint.get("/metrics")
def metrics() -> Response:
    """Tell Prometheus."""
    beat, home = current_app.extensions[_EXTENSION]
    beat.tell()
    try:
        version: int | None = reader.snapshot().version.number
    except PraksisError:
        version = None
    facts = CollectorRegistry()
    facts.register(_Facts(home, version))
    text = generate_latest(_counted()) + generate_latest(facts)
    response = Response(text, content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _forget_the_dead() -> None:
    """Remove what dead processes of this server had: workers, waiting queries, answers; what they counted stays."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return
    for path in Path(folder).glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if Process.of(pid) is None:
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def _counted() -> CollectorRegistry:
    """Return the measurements of all processes."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry
