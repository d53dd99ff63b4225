"""Messages between the server and its workers: a kind, a length and that many bytes.

READY follows the opening of the store, REQUEST asks, DATA carries a part of the answer, and an answer is
complete only with its END: the end of the stream alone means that the worker is dead.
"""

import json
import pickle
import select
import socket
import struct
import time
from enum import IntEnum
from typing import Any

from pyoxigraph import QueryResultsFormat, RdfFormat

import kg.errors
from kg.engine import Formats, Limits, Query
from kg.engine.evaluation import Outcome
from kg.errors import PraksisError

_HEADER = struct.Struct("!BI")
_LARGEST_PART = 16 * 2**20


class Kind(IntEnum):
    """What a message is."""

    READY = 1
    REQUEST = 2
    DATA = 3
    END = 4


class Conversation:
    """One end of a stream of messages. Deadlines are readings of `time.monotonic`.

    The socket does not block and is polled: Python's own time limits would cost two more system calls a
    message.
    """

    def __init__(self, stream: socket.socket) -> None:
        stream.setblocking(False)
        self._stream = stream
        self._buffer = bytearray()
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(stream, select.POLLIN)
        self._writable.register(stream, select.POLLOUT)

    def send(self, *messages: tuple[Kind, bytes], deadline: float | None = None) -> None:
        """Send messages.

        Raises: TimeoutError past the deadline; EOFError when the other end is gone.
        """
        left = memoryview(b"".join(part for kind, data in messages for part in (_HEADER.pack(kind, len(data)), data)))
        while left:
            try:
                left = left[self._stream.send(left) :]
            except BlockingIOError:
                _wait(self._writable, deadline)
            except ConnectionError as error:
                raise EOFError from error

    def receive(self, deadline: float | None = None) -> tuple[Kind, bytes]:
        """Wait for a message.

        Raises: TimeoutError past the deadline; EOFError when the other end is gone.
        """
        kind, length = _HEADER.unpack(self._take(_HEADER.size, deadline))
        if kind == Kind.DATA and length > _LARGEST_PART:
            raise EOFError("the other end talks nonsense")
        return Kind(kind), self._take(length, deadline)

    def is_over(self) -> bool:
        """Tell, between two answers, whether the other end is gone."""
        try:
            return not self._stream.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def close(self) -> None:
        """End the conversation."""
        self._stream.close()

    def _take(self, size: int, deadline: float | None) -> bytes:
        while len(self._buffer) < size:
            _wait(self._readable, deadline)
            try:
                part = self._stream.recv(max(2**17, size - len(self._buffer)))
            except BlockingIOError:
                continue
            except ConnectionError as error:
                raise EOFError from error
            if not part:
                raise EOFError
            self._buffer += part
        with memoryview(self._buffer) as received:
            taken = bytes(received[:size])
        del self._buffer[:size]
        return taken


def _wait(poll: select.poll, deadline: float | None) -> None:
    """Wait until something can be read or written.

    Raises: TimeoutError past the deadline.
    """
    left = None if deadline is None else (deadline - time.monotonic()) * 1000
    if (left is not None and left <= 0) or not poll.poll(left):
        raise TimeoutError


def pack_request(query: Query, limits: Limits) -> bytes:
    """Write a request. Only a worker reads it, from the server that started it, so pickle is safe here."""
    formats = query.formats
    names = tuple(form and form.file_extension for form in (formats.bindings, formats.boolean, formats.graph))
    fields = (query.text, query.default_graphs, query.named_graphs, query.base_iri)
    return pickle.dumps((fields, names, (limits.timeout, limits.result_bytes, limits.rows, limits.memory)))


def unpack_request(payload: bytes) -> tuple[Query, Limits]:
    """Read a request."""
    (text, default_graphs, named_graphs, base_iri), names, limits = pickle.loads(payload)  # noqa: S301 - from our parent
    bindings, boolean, graph = names
    formats = Formats(
        bindings and QueryResultsFormat.from_extension(bindings),
        boolean and QueryResultsFormat.from_extension(boolean),
        graph and RdfFormat.from_extension(graph),
    )
    return Query(text, default_graphs, named_graphs, formats, {}, base_iri), Limits(*limits)


def pack_outcome(outcome: Outcome, leaving: bool) -> bytes:
    """Write the END of an answer; a worker that is leaving takes no further request."""
    return json.dumps([outcome.form, outcome.media_type, outcome.triples, leaving]).encode()


def pack_error(error: PraksisError, leaving: bool) -> bytes:
    """Write the END of a query that failed."""
    return json.dumps({"error": type(error).__name__, "members": dict(error.members()), "leaving": leaving}).encode()


def unpack_end(payload: bytes) -> tuple[Outcome | PraksisError, bool]:
    """Read an END: how it ended, and whether the worker is leaving."""
    end: Any = json.loads(payload)
    if isinstance(end, list):
        form, media_type, triples, leaving = end
        return Outcome(form, media_type, triples), leaving
    kind: type[PraksisError] = getattr(kg.errors, end["error"])
    return kind(**end["members"]), end["leaving"]
