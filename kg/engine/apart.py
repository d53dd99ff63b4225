"""Functions called in a process of their own, which may die of what a stranger wrote.

The parsers end their process where a text nests too deeply, and some texts keep them busy for ever.
"""

import atexit
import json
import os
import pickle
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar, cast

from kg.engine import Limits, sandbox
from kg.engine.processes import Forge, Process, verdict
from kg.engine.protocol import Conversation, Kind
from kg.errors import EngineBusy, PraksisError, QueryMemoryExceeded, QueryTimeout

_GRACE: Final = 5.0
"""Processor time beyond the deadline, before the kernel ends what the parent did not. Units: seconds."""
_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Call:
    """What the fork server starts a process for; function and arguments come over the stream."""

    limits: Limits

    def run(self, stream: socket.socket) -> None:
        """Call the function and tell what came of it."""
        conversation = Conversation(stream)
        about = {"pid": os.getpid(), "sandboxed": sandbox.sockets_are_denied()}
        conversation.send((Kind.READY, json.dumps(about).encode()))
        _, request = conversation.receive()
        conversation.send((Kind.END, pickle.dumps(self._outcome(*pickle.loads(request)))))  # noqa: S301 - from our parent

    def _outcome(self, function: Callable[..., object], arguments: tuple[object, ...]) -> tuple[type | None, object]:
        """Return the value, or the kind and the members of the error."""
        if self.limits.timeout is not None:
            sandbox.limit_processor(self.limits.timeout + _GRACE)
        if self.limits.memory is not None:
            sandbox.limit_memory(self.limits.memory)
        try:
            return None, function(*arguments)
        except MemoryError:
            return QueryMemoryExceeded, {"limit": self.limits.memory or 0}
        except PraksisError as error:
            return type(error), dict(error.members())


class Apart:
    """Calls functions of modules in processes that can be killed, a few at a time.

    The functions, their arguments and what they return have to be such that pickle can carry them.
    """

    def __init__(self, *modules: str, places: int = 1) -> None:
        """Prepare for functions that need these modules."""
        self._modules = modules
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self._forges: dict[int, Forge] = {}
        atexit.register(self.close)

    def call(
        self,
        limits: Limits,
        function: Callable[_Arguments, _Value],
        *arguments: _Arguments.args,
        **_: _Arguments.kwargs,
    ) -> _Value:
        """Call a function within limits of time and memory, the time in which it waits for its turn included.

        Raises: EngineBusy; QueryTimeout; QueryMemoryExceeded; WorkerCrashed; what the function raises of ours.
        """
        deadline = None if limits.timeout is None else time.monotonic() + limits.timeout
        if not self._places.acquire(timeout=limits.timeout):
            raise EngineBusy(1)
        try:
            kind, outcome = self._called(limits, deadline, pickle.dumps((function, arguments)))
        finally:
            self._places.release()
        if kind is not None:
            raise kind(**outcome)
        return cast(_Value, outcome)

    def close(self) -> None:
        """End what waits to start processes; the next call starts it again."""
        with self._lock:
            forge = self._forges.pop(os.getpid(), None)
        if forge is not None:
            forge.close()

    def _called(self, limits: Limits, deadline: float | None, request: bytes) -> Any:
        process = self._forge().start(_Call(limits), Process)
        try:
            process.conversation.send((Kind.REQUEST, request), deadline=deadline)
            _, end = process.conversation.receive(deadline)
        except TimeoutError:
            raise QueryTimeout(limits.timeout or 0) from None
        except EOFError:
            raise verdict(process.kill(), limits) from None
        finally:
            process.kill()
        return pickle.loads(end)  # noqa: S301 - from our child

    def _forge(self) -> Forge:
        """Return the fork server of this process; one that was forked needs its own."""
        with self._lock:
            if os.getpid() not in self._forges:
                self._forges[os.getpid()] = Forge(self._modules)
            return self._forges[os.getpid()]
