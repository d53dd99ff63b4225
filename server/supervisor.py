"""The process that `kg serve` is: it starts the web server, and starts it again when it dies.

    kg serve                     this: holds nothing, so there is little that could kill it
    └── granian                  listens for the end of its processes
        └── server process       as many as the setting says: Flask, cache
            └── fork server      kg.engine.forkserver
                └── query workers

Every process dies with its parent, whatever kills that: nothing is left when this one is gone, and it is for
systemd or the like to start it again.
"""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import ceil
from pathlib import Path
from typing import Final

from kg.engine.running import Process
from server import rates
from server.config import Settings
from server.errors import CannotServe

_PREFIX: Final = "server-"
_ALIVE_AFTER: Final = 10.0
"""A server that ran for so long has started well. Units: seconds."""
_ATTEMPTS: Final = 5


@contextmanager
def folder(home: Path) -> Iterator[Path]:
    """Make the folder that the processes of this server share while it runs; sweep those of servers that are gone.

    Raises: CannotServe when the home cannot be written to.
    """
    run = home / "run"
    own = Process.of(os.getpid())
    path = run / f"{_PREFIX}{os.getpid()}-{own.start if own else 0}"
    try:
        for left in run.glob(f"{_PREFIX}*"):
            pid, _, start = left.name.removeprefix(_PREFIX).partition("-")
            if not (pid.isdecimal() and start.isdecimal() and Process(int(pid), int(start)).is_alive()):
                shutil.rmtree(left, ignore_errors=True)
        (path / "metrics").mkdir(mode=0o700, parents=True)
        rates.make(path / "rates")
    except OSError as error:
        raise CannotServe(
            f"{run} cannot be written to: {error.strerror}", "The server keeps its state there."
        ) from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Supervisor:
    """Keeps one web server running until told to stop. Units: seconds a server may take to finish what it does."""

    def __init__(self, settings: Settings, shared: Path) -> None:
        self._settings = settings
        self._shared = shared
        self._drain = ceil(settings.queue_timeout + settings.query_timeout) + 10
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        """Return the exit status: that of a server that stopped by itself or could not be kept running."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        signal.signal(signal.SIGHUP, lambda *_: self._tell(signal.SIGHUP))
        signal.signal(signal.SIGALRM, lambda *_: self._tell(signal.SIGKILL))
        failures = 0
        while failures < _ATTEMPTS and not self._stopping:
            started = time.monotonic()
            code = self._start().wait()
            if self._stopping or code == 0:
                return 0
            failures = 1 if time.monotonic() - started > _ALIVE_AFTER else failures + 1
            time.sleep(0.1 * 2**failures)
        return 0 if self._stopping else 1

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "server.serve"],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "PROMETHEUS_MULTIPROC_DIR": str(self._shared / "metrics")},
        )
        if self._child.stdin is not None:
            with suppress(BrokenPipeError), self._child.stdin as pipe:  # it may have been killed already
                pickle.dump((self._settings, self._shared, os.getpid()), pipe)
        if self._stopping:
            self._tell(signal.SIGTERM)
        return self._child

    def _stop(self) -> None:
        self._stopping = True
        signal.alarm(self._drain)
        self._tell(signal.SIGTERM)

    def _tell(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.send_signal(number)
