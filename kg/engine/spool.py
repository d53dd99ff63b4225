"""Where an answer waits until it is complete: in memory, then in a file that has no name."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from kg.engine import Answer
from kg.engine.evaluation import Outcome

MEMORY = 1024 * 1024
"""Units: bytes."""


class Spool:
    """Collects the parts of an answer."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._file: IO[bytes] = BytesIO()
        self._length = 0

    def write(self, part: bytes) -> None:
        """Take the next part."""
        if self._length <= MEMORY < self._length + len(part):
            begun = self._file
            self._file = TemporaryFile(dir=self._directory)  # noqa: SIM115 - the answer closes it
            begun.seek(0)
            self._file.write(begun.read())
        self._file.write(part)
        self._length += len(part)

    def answer(self, outcome: Outcome) -> Answer:
        """Give the complete answer, which owns the file from here on."""
        self._file.seek(0)
        return Answer(outcome.form, outcome.media_type, self._file, self._length, outcome.rows)

    def close(self) -> None:
        """Throw away what was collected."""
        self._file.close()
