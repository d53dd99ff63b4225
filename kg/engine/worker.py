"""The life of a query worker: open a store, answer one query after the other, leave with the server."""

import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pyoxigraph import Store

from kg import holding
from kg.engine import Limits, Query, sandbox
from kg.engine.evaluation import Outcome, Setting, evaluate
from kg.engine.protocol import Conversation, Kind, pack_error, pack_outcome, unpack_request
from kg.errors import EngineUnavailable, PraksisError, QueryMemoryExceeded

_GRACE = 2.0
"""Processor time beyond the deadline, before the kernel ends what the server did not. Units: seconds."""
_LONG = 0.01
"""Queries shorter than this leave no memory behind that is worth looking for. Units: seconds."""
_KEPT = 96 * 2**20
"""What a worker may keep of a query's memory; beyond it, a new one takes its place. Units: bytes."""


class Job(Protocol):
    """What the fork server starts a process for; it comes there pickled."""

    def run(self, stream: socket.socket) -> None:
        """Live until the stream ends or the work is done."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is started for. Units: bytes of memory beyond the opened store."""

    store_path: str
    setting: Setting
    memory: int | None

    def run(self, stream: socket.socket) -> None:
        """Answer queries until the stream ends."""
        serve(stream, self)


def serve(stream: socket.socket, task: Task) -> None:
    """Answer queries until the stream ends."""
    conversation = Conversation(stream)
    try:
        directory = holding.Directory(Path(task.store_path))
        with directory:
            store = Store.read_only(task.store_path)
    except OSError as error:
        reason = "this version was removed." if isinstance(error, FileNotFoundError) else str(error)
        conversation.send(
            (Kind.END, pack_error(EngineUnavailable("The store cannot be opened: %(words)s", words=str(reason)), True))
        )
        return
    worker = _Worker(conversation, store, directory, task)
    if task.memory is not None:
        sandbox.limit_memory(task.memory)
    about = {"pid": os.getpid(), "sandboxed": sandbox.sockets_are_denied()}
    conversation.send((Kind.READY, json.dumps(about).encode()))
    while not worker.leaving:
        _, request = conversation.receive()
        worker.answer(*unpack_request(request))


class _Worker:
    """One opened store and the server that asks."""

    def __init__(self, conversation: Conversation, store: Store, directory: holding.Directory, task: Task) -> None:
        self._conversation = conversation
        self._store = store
        self._directory = directory
        self._task = task
        self._mapped = sandbox.address_space()
        self._part = b""
        self.leaving = False

    def answer(self, query: Query, limits: Limits) -> None:
        """Answer one query; the last part of the answer goes together with its END."""
        started = time.monotonic()
        if limits.timeout is not None:
            sandbox.limit_processor(limits.timeout + _GRACE)
        end = self._evaluate(query, limits)
        if time.monotonic() - started > _LONG and self._has_grown():
            self.leaving = True
        pack = pack_outcome(end, self.leaving) if isinstance(end, Outcome) else pack_error(end, self.leaving)
        part, self._part = self._part, b""
        self._conversation.send((Kind.DATA, part), (Kind.END, pack))

    def _evaluate(self, query: Query, limits: Limits) -> Outcome | PraksisError:
        try:
            with self._directory:
                return evaluate(self._store, query, self._task.setting, limits, self._emit)
        except FileNotFoundError:
            self.leaving = True
            return EngineUnavailable("This version was removed while it was read.", 1)
        except MemoryError:
            self.leaving = True
            return QueryMemoryExceeded(self._task.memory or 0)
        except PraksisError as error:
            return error

    def _emit(self, part: bytes) -> None:
        """Send the part before this one."""
        if self._part:
            self._conversation.send((Kind.DATA, self._part))
        self._part = part

    def _has_grown(self) -> bool:
        """Tell whether the next query would have too little memory left."""
        kept = _KEPT if self._task.memory is None else min(_KEPT, self._task.memory // 2)
        return sandbox.address_space() - self._mapped > kept
