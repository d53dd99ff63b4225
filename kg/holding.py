"""Directories that are not removed while somebody reads them: a lock of the kernel's, which ends with its process.

Readers share the lock on the directory itself; whoever removes it needs it alone. RocksDB opens most files when it
comes to need them, so an opened store is no store that can be read to its end.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType


class Directory:
    """A directory that was opened, and is kept while a block runs: `with directory: …`.

    A query worker does so for every query, so this is as few system calls as can be.

    Raises: FileNotFoundError when it is not there; on entering a block also when it is on the point of going.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)

    def __enter__(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileNotFoundError("the directory is being removed") from None
        if os.fstat(self._descriptor).st_nlink == 0:
            raise FileNotFoundError("the directory was removed")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


@contextmanager
def removing(path: Path) -> Iterator[bool]:
    """Keep readers away from a directory while the block runs; give False where there are some already."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
