"""Evaluate in worker processes that can be killed: for the server.

pyoxigraph can neither time out nor be cancelled, and no thread can be stopped, so a query that has to end
takes its process with it. A pool belongs to one server process; create it after the server has forked.
"""

import logging
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.engine import Answer, Limits, Query
from kg.engine.asking import BaseEngine, bound, narrowed
from kg.engine.evaluation import Setting
from kg.engine.processes import Forge, Worker, verdict
from kg.engine.spool import Spool
from kg.engine.worker import Task
from kg.errors import EngineBusy, EngineUnavailable, PraksisError, QueryTimeout

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 10.0
_DEFAULTS = Limits()


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """What a pool is doing. `sandboxed` is None until a worker has told."""

    store_path: Path
    size: int
    idle: int
    busy: int
    waiting: int
    started: int
    killed: int
    crashed: int
    sandboxed: bool | None


class WorkerPool(BaseEngine):
    """An engine over worker processes, each with one version open; `Engine` says what its methods do.

    Units: `wait`, how long a query may wait for a free worker, in seconds.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of the server
        self,
        store_path: Path,
        *,
        size: int = 2,
        limits: Limits = _DEFAULTS,
        wait: float = 5.0,
        prefixes: Mapping[str, str] | None = None,
        union: bool = True,
        spool_directory: Path | None = None,
    ) -> None:
        self.limits = limits
        self._store_path = store_path
        self._size = size
        self._wait = wait
        self._setting = Setting(dict(prefixes or {}), union)
        self._spool_directory = spool_directory
        self._forge = Forge()
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._vacant = threading.Condition(self._lock)
        self._idle: list[Worker] = []
        self._places = 0
        self._waiting = 0
        self._started = self._killed = self._crashed = 0
        self._sandboxed: bool | None = None
        self._generation = 0
        self._failures = 0
        self._failure: EngineUnavailable | None = None
        self._not_before = 0.0
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="query-workers", daemon=True)
        self._keeper.start()

    def query(
        self,
        query: Query,
        *,
        timeout: float | None = None,
        result_bytes: int | None = None,
        rows: int | None = None,
    ) -> Answer:
        """Answer a query about the version in use."""
        return self.answer(self._store_path, query, narrowed(self.limits, timeout, result_bytes, rows))

    def at(self, store_path: Path) -> "VersionEngine":
        """Return an engine for one version, so that everything asked through it is about the same version."""
        return VersionEngine(self, store_path)

    def use(self, store_path: Path) -> None:
        """Turn to another version: running queries finish on theirs, idle workers are replaced one by one."""
        with self._lock:
            self._store_path = store_path
            self._generation += 1
            self._failures, self._not_before = 0, 0.0
            self._vacant.notify()

    def status(self) -> PoolStatus:
        """Tell what the pool is doing."""
        with self._lock:
            return PoolStatus(
                self._store_path,
                self._size,
                len(self._idle),
                self._places - len(self._idle),
                self._waiting,
                self._started,
                self._killed,
                self._crashed,
                self._sandboxed,
            )

    def close(self) -> None:
        """Kill every worker."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            self._free.notify_all()
            self._vacant.notify()
        for worker in idle:
            worker.dismiss()
        self._forge.close()
        self._keeper.join()

    def answer(self, store_path: Path, query: Query, limits: Limits) -> Answer:
        """Answer a query about the version in a directory."""
        request = bound(query)
        worker = self._take(store_path)
        spool = Spool(self._spool_directory)
        try:
            end, leaving = worker.ask(request, limits, spool.write)
        except BaseException as error:
            spool.close()
            self._bury(worker, limits, error)
            raise
        self._give_back(worker, leaving)
        if isinstance(end, PraksisError):
            spool.close()
            raise end
        return spool.answer(end)

    def _bury(self, worker: Worker, limits: Limits, error: BaseException) -> None:
        """Kill a worker that did not end its answer, and say why it did not.

        Raises: QueryTimeout, QueryMemoryExceeded or WorkerCrashed when the worker is to blame.
        """
        death = worker.kill()
        with self._lock:
            self._vacate()
            self._killed += not isinstance(error, EOFError)
            self._crashed += isinstance(error, EOFError)
        if isinstance(error, TimeoutError) and limits.timeout is not None:
            raise QueryTimeout(limits.timeout) from None
        if isinstance(error, EOFError):
            raise verdict(death, limits) from None

    def _take(self, store_path: Path) -> Worker:
        """Wait for a worker that has the version open, or start one where there is a place for it."""
        deadline = time.monotonic() + self._wait
        with self._lock:
            self._waiting += 1
            try:
                while True:
                    if self._closed:
                        raise EngineUnavailable("The query engine is closed.")
                    if worker := self._take_idle(store_path):
                        return worker
                    if self._take_place():
                        break
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise self._excuse()
                    self._free.wait(min(left, self._pause() or left))
            finally:
                self._waiting -= 1
        return self._start(store_path)

    def _take_idle(self, store_path: Path) -> Worker | None:
        """Take the idle worker used last, whose memory is warm; one that died meanwhile frees its place."""
        for worker in reversed(self._idle):
            if worker.store_path == store_path:
                self._idle.remove(worker)
                if not worker.is_gone():
                    return worker
                worker.dismiss()
                self._vacate()
                return self._take_idle(store_path)
        return None

    def _take_place(self) -> bool:
        """Take a free place, or that of an idle worker, which has another version open."""
        if self._pause():
            return False
        if self._places < self._size:
            self._places += 1
            return True
        if self._idle:
            self._idle.pop(0).dismiss()
            return True
        return False

    def _start(self, store_path: Path) -> Worker:
        """Start a worker in a place that was taken; failures in a row make the next attempt wait longer."""
        try:
            worker = self._forge.worker(Task(str(store_path), self._setting, self.limits.memory))
        except EngineUnavailable as error:
            with self._lock:
                self._vacate()
                if store_path == self._store_path:
                    self._failure = error
                    self._failures += 1
                    self._not_before = time.monotonic() + min(0.05 * 2**self._failures, _LONGEST_PAUSE)
            raise
        with self._lock:
            self._started += 1
            self._failures = 0
            self._sandboxed = worker.sandboxed
            worker.generation = self._generation
        return worker

    def _give_back(self, worker: Worker, leaving: bool) -> None:
        """Make a worker idle, or free its place."""
        with self._lock:
            if leaving or self._closed:
                worker.dismiss()
                self._vacate()
                return
            self._idle.append(worker)
            self._free.notify()
            if worker.generation != self._generation:
                self._vacant.notify()

    def _vacate(self) -> None:
        """Free a place: for whoever waits for a worker, or for the keeper to fill."""
        self._places -= 1
        self._free.notify()
        self._vacant.notify()

    def _keep(self) -> None:
        """Keep every place filled with a worker for the version in use, in a thread of its own."""
        while True:
            with self._lock:
                while not self._closed and not self._take_place_to_fill():
                    self._vacant.wait(self._pause())
                if self._closed:
                    return
                store_path = self._store_path
            try:
                self._give_back(self._start(store_path), leaving=False)
            except EngineUnavailable as error:
                log.warning("a query worker could not be started: %s", error.detail)

    def _take_place_to_fill(self) -> bool:
        """Take a place that is free, or that of an idle worker from before the last change of version."""
        if self._pause():
            return False
        for worker in self._idle:
            if worker.generation != self._generation and worker.store_path != self._store_path:
                self._idle.remove(worker)
                worker.dismiss()
                return True
        if self._places < self._size:
            self._places += 1
            return True
        return False

    def _pause(self) -> float | None:
        """Return how long no worker is to be started after failures. Units: seconds."""
        left = self._not_before - time.monotonic() if self._failures else 0.0
        return left if left > 0 else None

    def _excuse(self) -> EngineUnavailable:
        """Say why no worker could be had in time."""
        if self._failures and self._failure:
            return EngineUnavailable(self._failure.detail, math.ceil(_LONGEST_PAUSE))
        return EngineBusy(max(1, math.ceil(self._wait)))


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
