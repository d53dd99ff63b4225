"""Evaluate in worker processes that can be killed: for the server.

pyoxigraph can neither time out nor be cancelled, and no thread can be stopped, so a query that has to end
takes its process with it. A pool belongs to one server process; create it after the server has forked.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from kg.engine import Answer, Limits, Query, SearchIndex
from kg.engine.asking import BaseEngine, bound, indexed, narrowed
from kg.engine.evaluation import Setting
from kg.engine.places import Places, PoolStatus
from kg.engine.processes import Forge, Worker, verdict
from kg.engine.running import Entry, Registry, Watch
from kg.engine.spool import Room, Spool
from kg.engine.worker import Task
from kg.errors import EngineBusy, PraksisError, QueryCancelled, QueryTimeout

_DEFAULTS = Limits()
_PROBE: Final = "SELECT * WHERE { ?s ?p ?o } LIMIT 1"
_PATIENCE: Final = 2.0
"""How long a worker may take for the simplest query. Units: seconds."""


def _no_index(_: Path) -> None:
    """Return the search index where there is none."""


class WorkerPool(BaseEngine):
    """An engine over worker processes, each with one version open; `Engine` says what its methods do.

    Without `standby` no worker is started before a query needs it, and none is kept for a version in particular.
    `index` tells where the search index of the version in a directory is.
    Units: `wait`, how long a query may wait for a free worker, in seconds; `queue`, how many may wait at once.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of the server
        self,
        store_path: Path,
        *,
        size: int = 2,
        limits: Limits = _DEFAULTS,
        wait: float = 5.0,
        queue: int = 64,
        registry: Registry | None = None,
        prefixes: Mapping[str, str] | None = None,
        union: bool = True,
        room: Room | None = None,
        standby: bool = True,
        index: Callable[[Path], SearchIndex | None] = _no_index,
    ) -> None:
        self.limits = limits
        self._index = index
        self._setting = Setting(dict(prefixes or {}), union)
        self._room = room or Room()
        self._forge = Forge()
        self._places = Places(self._start, store_path, size=size, wait=wait, queue=queue, standby=standby)
        self._watch = Watch(registry, self._places.give_way)

    def query(
        self,
        query: Query,
        *,
        timeout: float | None = None,
        result_bytes: int | None = None,
        rows: int | None = None,
    ) -> Answer:
        """Answer a query about the version in use."""
        return self.answer(self._places.store_path, query, narrowed(self.limits, timeout, result_bytes, rows))

    def at(self, store_path: Path) -> "VersionEngine":
        """Return an engine for one version, so that everything asked through it is about the same version."""
        return VersionEngine(self, store_path)

    def use(self, store_path: Path) -> None:
        """Turn to another version: running queries finish on theirs, idle workers are replaced one by one."""
        self._places.use(store_path)

    def probe(self, store_path: Path) -> None:
        """Make sure that queries about a version are answered: by asking a free worker; where none is, all answer.

        Raises: EngineUnavailable, and what a query raises.
        """
        with contextlib.suppress(EngineBusy):
            self.answer(store_path, Query(_PROBE), narrowed(self.limits, _PATIENCE, None, None), wait=False).close()

    def status(self) -> PoolStatus:
        """Tell what the pool is doing."""
        return self._places.status()

    def close(self) -> None:
        """Kill every worker."""
        self._watch.close()
        self._places.close(self._forge.close)

    def _start(self, store_path: Path) -> Worker:
        index = self._index(store_path)
        setting = replace(self._setting, index=str(index.folder)) if index else self._setting
        return self._forge.worker(Task(str(store_path), setting, self.limits.memory))

    def answer(self, store_path: Path, query: Query, limits: Limits, *, wait: bool = True) -> Answer:
        """Answer a query about the version in a directory, `wait` off: by a worker that is free now."""
        ask = partial(self._answer, store_path, bound(query), limits, wait=wait)
        return indexed(ask, partial(self._index, store_path))

    def _answer(self, store_path: Path, request: Query, limits: Limits, *, wait: bool) -> Answer:
        with self._watch.over(request, limits, store_path) as entry:
            worker = self._places.take(store_path, lambda: self._watch.check(entry), wait=wait)
            spool = Spool(self._room)
            try:
                self._watch.given(entry, worker.pid)
                end, leaving = worker.ask(request, limits, spool.write)
            except BaseException as error:
                spool.close()
                self._bury(worker, entry, error)
                raise
        self._places.give_back(worker, leaving)
        if isinstance(end, PraksisError):
            spool.close()
            raise end
        return spool.answer(end)

    def _bury(self, worker: Worker, entry: Entry, error: BaseException) -> None:
        """Kill a worker that did not end its answer, and say why it did not.

        Raises: QueryTimeout, QueryCancelled, QueryMemoryExceeded or WorkerCrashed when the worker is to blame.
        """
        death, limits = worker.kill(), entry.limits
        by = self._watch.killed_by(entry) if isinstance(error, EOFError) else None
        self._places.lose(worker, crashed=by is None and isinstance(error, EOFError))
        if isinstance(error, TimeoutError) and limits.timeout is not None:
            raise QueryTimeout(limits.timeout) from None
        if by is not None:
            raise QueryCancelled(by) from None
        if isinstance(error, EOFError):
            raise verdict(death, limits) from None


class VersionEngine(BaseEngine):
    """The engine of one version in a pool; closing it leaves the pool open."""

    def __init__(self, pool: WorkerPool, store_path: Path) -> None:
        self._pool = pool
        self._store_path = store_path

    def query(
        self,
        query: Query,
        *,
        timeout: float | None = None,
        result_bytes: int | None = None,
        rows: int | None = None,
    ) -> Answer:
        """Answer a query about this version."""
        return self._pool.answer(self._store_path, query, narrowed(self._pool.limits, timeout, result_bytes, rows))

    def close(self) -> None:
        """Do nothing: the workers are the pool's."""
