"""The server's side of its workers' processes: start them, kill them, learn how they ended."""

import contextlib
import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kg.engine import Limits, Query
from kg.engine.evaluation import Outcome
from kg.engine.protocol import Conversation, Kind, pack_request, unpack_end
from kg.engine.worker import Job, Task
from kg.errors import EngineUnavailable, PraksisError, QueryMemoryExceeded, QueryTimeout, WorkerCrashed

log = logging.getLogger(__name__)

_Started = TypeVar("_Started", bound="Process")

_OPENING = 60.0
"""How long the opening of a store may take. Units: seconds."""
_OUT_OF_MEMORY = ("memory allocation of", "MemoryError", "bad_alloc", "allocate memory", "out of memory")
_DYING = 5.0
"""How long the end of a killed process may take. Units: seconds."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended: its exit status, negative for a signal, and the last it wrote to standard error."""

    code: int
    said: str


def verdict(death: Death | None, limits: Limits) -> PraksisError:
    """Say why a worker died under a query."""
    if death is None:
        return WorkerCrashed()
    if limits.memory is not None and any(words in death.said for words in _OUT_OF_MEMORY):
        return QueryMemoryExceeded(limits.memory)
    if death.code == -signal.SIGXCPU and limits.timeout is not None:
        return QueryTimeout(limits.timeout)
    log.warning("a query worker ended with %s: %s", death.code, death.said.strip() or "no message")
    by_signal = death.code < 0
    return WorkerCrashed(signal.Signals(-death.code).name if by_signal else f"status {death.code}")


class Process:
    """A process that the fork server started and that can be killed."""

    def __init__(self, conversation: Conversation, lifeline: socket.socket) -> None:
        self.conversation = conversation
        self._lifeline = lifeline
        kind, payload = conversation.receive(time.monotonic() + _OPENING)
        if kind != Kind.READY:
            end, _ = unpack_end(payload)
            raise end if isinstance(end, PraksisError) else EngineUnavailable("The worker talks nonsense.")
        about = json.loads(payload)
        self.pid: int = about["pid"]
        self.sandboxed: bool = about["sandboxed"]

    def is_gone(self) -> bool:
        """Tell, between two queries, whether the process has ended."""
        return self.conversation.is_over()

    def dismiss(self) -> None:
        """Let go of a worker between two queries: it ends at once, and nobody waits for it."""
        self.conversation.close()
        self._lifeline.close()

    def kill(self) -> Death | None:
        """Kill the process where it still runs, and wait for its end; None when that could not be learnt."""
        try:
            with contextlib.suppress(OSError):
                self._lifeline.shutdown(socket.SHUT_WR)
            self._lifeline.settimeout(_DYING)
            report = b""
            while part := self._lifeline.recv(8192):
                report += part
            return Death(**json.loads(report)) if report else None
        except OSError:
            return None
        finally:
            self.dismiss()


class Worker(Process):
    """A worker process with one version open."""

    def __init__(self, store_path: Path, conversation: Conversation, lifeline: socket.socket) -> None:
        super().__init__(conversation, lifeline)
        self.store_path = store_path
        self.generation = 0
        self.slow = False

    def ask(
        self, query: Query, limits: Limits, write: Callable[[bytes], object]
    ) -> tuple[Outcome | PraksisError, bool]:
        """Have a query answered; tell how it ended and whether the worker is leaving.

        Raises: TimeoutError past the time limit; EOFError when the worker died.
        """
        deadline = None if limits.timeout is None else time.monotonic() + limits.timeout
        self.conversation.send((Kind.REQUEST, pack_request(query, limits)), deadline=deadline)
        while True:
            kind, payload = self.conversation.receive(deadline)
            if kind == Kind.END:
                return unpack_end(payload)
            write(payload)


class Forge:
    """The fork server of this process, started when first needed and again when it has died.

    It imports the modules to preload before its first fork, so that no process it starts has to.
    """

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self._preload = preload
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def worker(self, task: Task) -> Worker:
        """Start a worker and wait until it has opened its store.

        Raises: EngineUnavailable.
        """
        return self.start(task, lambda conversation, lifeline: Worker(Path(task.store_path), conversation, lifeline))

    def start(self, task: Job, make: Callable[[Conversation, socket.socket], _Started]) -> _Started:
        """Start a process for a task and wait until it is ready.

        Raises: EngineUnavailable.
        """
        ours, theirs = socket.socketpair()
        lifeline, their_end = socket.socketpair()
        with contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            undo.callback(lifeline.close)
            try:
                with theirs, their_end:
                    self._order(pickle.dumps(task), [theirs.fileno(), their_end.fileno()])
                started = make(Conversation(ours), lifeline)
            except (EOFError, OSError) as error:
                reason = str(error) or "it ended at once"
                raise EngineUnavailable("A query worker could not be started: %(words)s", words=str(reason)) from error
            undo.pop_all()
            return started

    def close(self) -> None:
        """End the fork server and with it every worker."""
        with self._lock:
            self._closed = True
            self._stop()

    def _order(self, task: bytes, fds: list[int]) -> None:
        """Hand a task to the fork server, starting one where there is none."""
        with self._lock:
            if self._closed:
                raise EngineUnavailable("The query engine is closed.")
            if self._process is None or self._process.poll() is not None:
                self._stop()
                self._control = self._start()
            if self._control is not None:
                socket.send_fds(self._control, [task], fds)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kg.engine.forkserver", str(theirs.fileno()), *self._preload],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(_DYING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
