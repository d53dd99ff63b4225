"""The version a request reads: looked up once, so that no answer mixes two."""

import threading
from dataclasses import dataclass

from kg.engine import Engine, Limits, Row
from kg.engine.workers import WorkerPool
from kg.errors import EngineUnavailable
from kg.terms import PREFIXES
from kg.versions import Home, Version
from server.config import Settings


@dataclass(frozen=True)
class Snapshot:
    """One version of the graph and the engine that answers about it."""

    version: Version
    engine: Engine

    def rows(self, query: str) -> list[Row]:
        """Answer a SELECT query of our own."""
        return self.engine.rows(query)


class NoVersion(EngineUnavailable):
    """Nothing has been published yet."""

    title = "No graph has been published"

    def __init__(self) -> None:
        super().__init__("There is no published version of the graph in this server's home: run “kg build”.", 30)


class Snapshots:
    """Gives requests the version in force, over one pool of workers.

    The pool is made at the first request: it belongs to the process that serves, not to one that forks it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = Home(settings.home)
        self._lock = threading.Lock()
        self._pool: WorkerPool | None = None
        self._in_use: Version | None = None

    def current(self) -> Snapshot:
        """Return the version in force.

        Raises: NoVersion when nothing has been published.
        """
        version = self._home.current()
        if version is None:
            raise NoVersion
        with self._lock:
            if self._pool is None:
                self._pool = self._open(version)
            elif version != self._in_use:
                self._pool.use(version.store_path)
            self._in_use = version
            return Snapshot(version, self._pool.at(version.store_path))

    def is_sandboxed(self) -> bool | None:
        """Tell whether the workers are kept from the network; `None` as long as none has started."""
        return self._pool.status().sandboxed if self._pool else None

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None

    def _open(self, version: Version) -> WorkerPool:
        settings = self._settings
        return WorkerPool(
            version.store_path,
            size=settings.workers,
            limits=limits(settings),
            wait=settings.queue_timeout,
            prefixes=PREFIXES,
        )


def limits(settings: Settings) -> Limits:
    """Return what one query may use, as the settings say."""
    return Limits(
        timeout=settings.query_timeout,
        result_bytes=settings.query_bytes,
        rows=settings.query_rows,
        memory=settings.query_memory * 2**20,
    )
