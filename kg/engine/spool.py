"""Where an answer waits until it is complete and sent: in memory, then in a file that has no name."""

import os
import threading
from io import BufferedRandom, BytesIO
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO, Final

from kg.engine import Answer
from kg.engine.evaluation import Outcome
from kg.errors import SpoolFull

MEMORY = 4 * 1024 * 1024
"""Units: bytes."""
_LEFT_FREE: Final = 64 * 2**20
"""What answers leave free on the disk they wait on. Units: bytes."""


class Room:
    """The disk that all answers of a process may take together. Units: bytes; None for what there is."""

    def __init__(self, most: int | None = None, directory: Path | None = None) -> None:
        self._most = most
        self.directory = directory or Path(gettempdir())
        self._lock = threading.Lock()
        self._taken = 0

    def take(self, size: int) -> None:
        """Take some of it.

        Raises: SpoolFull when there is not so much left, or little on the disk itself.
        """
        with self._lock:
            if self._most is not None and self._taken + size > self._most:
                raise SpoolFull(self._most)
            disk = os.statvfs(self.directory)
            if disk.f_bavail * disk.f_frsize < _LEFT_FREE + size:
                raise SpoolFull(None)
            self._taken += size

    def give(self, size: int) -> None:
        """Give it back."""
        with self._lock:
            self._taken -= size


class _File(BufferedRandom):
    """A file without a name that takes room until it is closed."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._taken = 0
        super().__init__(TemporaryFile(dir=room.directory, buffering=0))  # noqa: SIM115 - closed with this

    def add(self, parts: list[bytes]) -> None:
        """Write parts.

        Raises: SpoolFull.
        """
        size = sum(map(len, parts))
        self._room.take(size)
        self._taken += size
        self.writelines(parts)

    def close(self) -> None:
        """Free the file, and its room once."""
        super().close()
        taken, self._taken = self._taken, 0
        self._room.give(taken)


class Spool:
    """Collects the parts of an answer."""

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self._parts: list[bytes] = []
        self._file: _File | None = None
        self._length = 0

    def write(self, part: bytes) -> None:
        """Take the next part.

        Raises: SpoolFull.
        """
        self._length += len(part)
        self._parts.append(part)
        if self._length > MEMORY:
            self._file = self._file or _File(self._room)
            self._file.add(self._parts)
            self._parts.clear()

    def body(self) -> tuple[IO[bytes], int]:
        """Give all that was collected, which is the caller's to close, and its length."""
        body: IO[bytes] = self._file or BytesIO(b"".join(self._parts))
        body.seek(0)
        return body, self._length

    def answer(self, outcome: Outcome) -> Answer:
        """Give the complete answer, which owns the file from here on."""
        return Answer(outcome.form, outcome.media_type, *self.body(), outcome.triples)

    def close(self) -> None:
        """Throw away what was collected."""
        self._parts.clear()
        if self._file is not None:
            self._file.close()
