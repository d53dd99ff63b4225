"""The version a request reads: looked up once, so that no answer mixes two."""

import os
import threading
from dataclasses import dataclass, field
from typing import Final

from kg.engine import Engine, Limits, Row
from kg.engine.places import PoolStatus
from kg.engine.running import Registry
from kg.engine.spool import Room
from kg.engine.workers import WorkerPool
from kg.errors import EngineUnavailable
from kg.search import opening
from kg.terms import PREFIXES
from kg.versions import Home, Version
from server import queries
from server.config import Settings

EARLIER_WORKERS: Final = 2
"""Query workers of each server process for all earlier versions together; they start when they are needed."""
_KEPT: Final = frozenset(map(queries.bind, ("comparable", "measured", "trends", "years")))
"""Queries that go through the whole graph for a few rows that many pages need: answered once a version."""


@dataclass(frozen=True)
class Snapshot:
    """One version of the graph and the engine that answers about it."""

    version: Version
    engine: Engine
    _kept: dict[str, list[Row]] = field(default_factory=dict, repr=False, compare=False)

    def rows(self, query: str) -> list[Row]:
        """Answer a SELECT query of our own."""
        if query not in _KEPT:
            return self.engine.rows(query)
        if query not in self._kept:
            self._kept[query] = self.engine.rows(query)
        return self._kept[query]


class NoVersion(EngineUnavailable):
    """Nothing has been published yet."""

    title = "No graph has been published"

    def __init__(self) -> None:
        super().__init__("There is no published version of the graph in this server’s home: run “kg build”.", 30)


class Snapshots:
    """Gives requests the version in force, over one pool of workers, and earlier ones over a small one of their own.

    The pools are made at the first request: they belong to the process that serves, not to one that forks it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.is_conformance = settings.conformance
        self._home = Home(settings.home)
        self._lock = threading.Lock()
        self._pool: WorkerPool | None = None
        self._archive: WorkerPool | None = None
        self._in_use: Version | None = None
        self._seen: tuple[object, Snapshot] | None = None
        self._current = str(settings.home / "current")
        self._versions = str(settings.home / "versions")
        self.registry = Registry(settings.home / "run" / "queries")
        self.room = Room(settings.spool * 2**20)

    def mark(self) -> object:
        """Return what changes whenever another version comes into force or one is removed; None where there is none."""
        link = self._current
        try:
            state = os.stat(f"{link}/version.json")  # noqa: PTH116 - twice as fast, and asked of every request
            folder = os.stat(self._versions)  # noqa: PTH116
            return os.readlink(link), state.st_ino, state.st_mtime_ns, folder.st_mtime_ns  # noqa: PTH115
        except OSError:
            return None

    def current(self) -> Snapshot:
        """Return the version in force.

        Raises: NoVersion when nothing has been published.
        """
        mark, seen = self.mark(), self._seen
        if mark is not None and seen is not None and seen[0] == mark:
            return seen[1]
        snapshot = self._read()
        self._seen = (mark, snapshot)
        return snapshot

    def _read(self) -> Snapshot:
        version = self._home.current()
        if version is None:
            raise NoVersion
        with self._lock:
            if self._pool is None:
                self._pool = self._open(version, self._settings.workers)
            elif version != self._in_use:
                self._pool.use(version.store_path)
            self._in_use = version
            return Snapshot(version, self._pool.at(version.store_path))

    def at(self, number: int) -> Snapshot:
        """Return the version with this number, be it in force or not.

        No more earlier versions are open at a time than `EARLIER_WORKERS`, and no query about the version in force
        waits for one about them.

        Raises: UnknownVersion when there is none; NoVersion when nothing has been published.
        """
        current = self.current()
        if number == current.version.number:
            return current
        version = self._home.version(number)
        with self._lock:
            if self._archive is None:
                self._archive = self._open(version, EARLIER_WORKERS, standby=False)
            return Snapshot(version, self._archive.at(version.store_path))

    def probe(self) -> Version:
        """Make sure that queries about the version in force are answered, without waiting behind them; return it.

        Raises: NoVersion; EngineUnavailable.
        """
        version = self.current().version
        if self._pool is not None:
            self._pool.probe(version.store_path)
        return version

    def statuses(self) -> list[PoolStatus]:
        """Tell what the pools are doing."""
        with self._lock:
            return [pool.status() for pool in (self._pool, self._archive) if pool is not None]

    def is_sandboxed(self) -> bool | None:
        """Tell whether the workers are kept from the network; `None` as long as none has started."""
        return self._pool.status().sandboxed if self._pool else None

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            for pool in (self._pool, self._archive):
                if pool is not None:
                    pool.close()
            self._pool = self._archive = None
            self._seen = None

    def _open(self, version: Version, size: int, *, standby: bool = True) -> WorkerPool:
        settings = self._settings
        return WorkerPool(
            version.store_path,
            size=size,
            limits=limits(settings),
            wait=settings.queue_timeout,
            queue=settings.queue,
            registry=self.registry,
            room=self.room,
            prefixes=PREFIXES,
            union=not settings.conformance,
            standby=standby,
            index=opening.place,
        )


def limits(settings: Settings) -> Limits:
    """Return what one query may use, as the settings say."""
    return Limits(
        timeout=settings.query_timeout,
        result_bytes=settings.query_bytes,
        rows=settings.query_rows,
        memory=settings.query_memory * 2**20,
    )
