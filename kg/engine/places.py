"""The places of a pool: who has a worker, who waits for one, and that there is always one to be had.

A worker that has been busy for long gives way: it gets less of the processor and its place no longer counts, so
that a few long queries do not shut out the short ones. As many workers as there are places can be such.
"""

import contextlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kg.engine.processes import Worker
from kg.errors import EngineBusy, EngineUnavailable

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 10.0
_LOOK = 0.1
"""How often a query that waits looks whether it was ended. Units: seconds."""
_GIVEN_WAY = 10
"""How much nicer a worker that gives way is."""


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """What a pool is doing; `slow` are those of the busy that gave way. `sandboxed` is None until a worker has told."""

    store_path: Path
    size: int
    idle: int
    busy: int
    slow: int
    waiting: int
    started: int
    killed: int
    crashed: int
    sandboxed: bool | None


class Places:
    """Workers and places for them; `start` starts a worker with a version open.

    Units: `wait`, how long a query may wait for a worker, in seconds; `queue`, how many may wait at once.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of the server
        self,
        start: Callable[[Path], Worker],
        store_path: Path,
        *,
        size: int,
        wait: float,
        queue: int,
        standby: bool,
    ) -> None:
        self.store_path = store_path
        self._new = start
        self._size = size
        self._wait = wait
        self._queue = queue
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._vacant = threading.Condition(self._lock)
        self._idle: list[Worker] = []
        self._busy: dict[int, Worker] = {}
        self._places = self._slow = 0
        self._waiting = 0
        self._started = self._killed = self._crashed = 0
        self._sandboxed: bool | None = None
        self._generation = 0
        self._failures = 0
        self._failure: EngineUnavailable | None = None
        self._not_before = 0.0
        self._closed = False
        self._standby = standby
        self._keeper = threading.Thread(target=self._keep, name="query-workers", daemon=True)
        self._keeper.start()

    def use(self, store_path: Path) -> None:
        """Turn to another version: busy workers finish on theirs, idle ones are replaced one by one."""
        with self._lock:
            self.store_path = store_path
            self._generation += 1
            self._failures, self._not_before = 0, 0.0
            self._vacant.notify()

    def status(self) -> PoolStatus:
        """Tell how things are."""
        with self._lock:
            return PoolStatus(
                self.store_path,
                self._size,
                len(self._idle),
                self._places + self._slow - len(self._idle),
                self._slow,
                self._waiting,
                self._started,
                self._killed,
                self._crashed,
                self._sandboxed,
            )

    def close(self, last: Callable[[], None]) -> None:
        """Let every idle worker go, then do what is to be done last, and wait for the keeper's end."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            self._free.notify_all()
            self._vacant.notify()
        for worker in idle:
            worker.dismiss()
        last()
        self._keeper.join()

    def give_way(self, pid: int) -> None:
        """Let a worker that has been busy for long count no more, where none is idle and not too many do already."""
        with self._lock:
            worker = self._busy.get(pid)
            if worker is None or worker.slow or self._idle or self._slow >= self._size:
                return
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, pid, _GIVEN_WAY)
            worker.slow = True
            self._slow += 1
            self._places -= 1
            self._free.notify()
            self._vacant.notify()

    def take(self, store_path: Path, check: Callable[[], None], *, wait: bool = True) -> Worker:
        """Wait for a worker that has the version open, or start one where there is a place for it.

        `check` is asked now and then whether to wait on; it raises where not. With `wait` off there is no waiting.

        Raises: EngineUnavailable; what `check` raises.
        """
        deadline = time.monotonic() + (self._wait if wait else 0)
        with self._lock:
            if wait and self._waiting >= self._queue:
                raise self._excuse()
            self._waiting += 1
            try:
                while True:
                    if self._closed:
                        raise EngineUnavailable("The query engine is closed.")
                    if worker := self._take_idle(store_path):
                        self._busy[worker.pid] = worker
                        return worker
                    if self._take_place():
                        break
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise self._excuse()
                    self._free.wait(min(left, self._pause() or left, _LOOK))
                    check()
            finally:
                self._waiting -= 1
        worker = self._start(store_path)
        with self._lock:
            self._busy[worker.pid] = worker
        return worker

    def _take_idle(self, store_path: Path) -> Worker | None:
        """Take the idle worker used last, whose memory is warm; one that died meanwhile frees its place."""
        for worker in reversed(self._idle):
            if worker.store_path == store_path:
                self._idle.remove(worker)
                if not worker.is_gone():
                    return worker
                worker.dismiss()
                self._vacate(worker)
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
            worker = self._new(store_path)
        except EngineUnavailable as error:
            with self._lock:
                self._vacate()
                if store_path == self.store_path:
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

    def give_back(self, worker: Worker, leaving: bool) -> None:
        """Make a worker idle, or free its place."""
        with self._lock:
            if leaving or worker.slow or self._closed:
                worker.dismiss()
                self._vacate(worker)
                return
            self._busy.pop(worker.pid, None)
            self._idle.append(worker)
            self._free.notify()
            if worker.generation != self._generation:
                self._vacant.notify()

    def lose(self, worker: Worker, crashed: bool) -> None:
        """Free the place of a worker that is dead: killed, or of itself."""
        with self._lock:
            self._vacate(worker)
            self._killed += not crashed
            self._crashed += crashed

    def _vacate(self, worker: Worker | None = None) -> None:
        """Free a place: for whoever waits for a worker, or for the keeper to fill."""
        if worker is not None:
            self._busy.pop(worker.pid, None)
        if worker is not None and worker.slow:
            self._slow -= 1
        else:
            self._places -= 1
        self._free.notify()
        self._vacant.notify()

    def _keep(self) -> None:
        """Keep every place filled with a worker for the version in use, in a thread of its own."""
        while self._standby:
            with self._lock:
                while not self._closed and not self._take_place_to_fill():
                    self._vacant.wait(self._pause())
                if self._closed:
                    return
                store_path = self.store_path
            try:
                self.give_back(self._start(store_path), leaving=False)
            except EngineUnavailable as error:
                log.warning("a query worker could not be started: %s", error.detail)

    def _take_place_to_fill(self) -> bool:
        """Take a place that is free, or that of an idle worker from before the last change of version."""
        if self._pause():
            return False
        for worker in self._idle:
            if worker.generation != self._generation and worker.store_path != self.store_path:
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
            values = {**self._failure.values, "retry_after": math.ceil(_LONGEST_PAUSE)}
            return EngineUnavailable(self._failure.template, **values)  # type: ignore[arg-type]
        return EngineBusy(max(1, math.ceil(self._wait)))
