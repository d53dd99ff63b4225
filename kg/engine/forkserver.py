"""The process that forks query workers: `python -m kg.engine.forkserver FD MODULE …`.

It is small, has one thread, opens no store and imports no application, so a fork of it is cheap and safe,
which a fork of a server with threads is not. It denies sockets to itself and so to every worker. Over the
control socket comes one message a worker: the task, the worker's stream and a lifeline. When the lifeline's
other end is shut, the worker is killed; when the worker has ended, how it ended is written to the lifeline.
When the control socket ends, the server is gone and all are killed: a parent-death signal would not do here,
it fires when the *thread* that started this process ends.
"""

import contextlib
import gc
import importlib
import json
import os
import pickle
import resource
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from kg.engine import sandbox
from kg.engine.worker import Job

LARGEST_TASK = 64 * 1024
"""Units: bytes."""
_LAST_WORDS = 2000
"""How much of its standard error is read: what Rust says before it aborts comes before a long backtrace."""


@dataclass(frozen=True, slots=True)
class _Child:
    """A running worker: its lifeline, and the file that is its standard error."""

    lifeline: socket.socket
    said: IO[bytes]


class _ForkServer:
    """Forks, kills and reaps."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        wake, self._wakened = socket.socketpair()
        for end in (wake, self._wakened):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._wakened, selectors.EVENT_READ)

    def run(self) -> None:
        """Work until the server is gone."""
        try:
            while True:
                for key, _ in self._selector.select():
                    if key.fileobj is self._control:
                        if not self._fork():
                            return
                    elif key.fileobj is self._wakened:
                        self._reap()
                    else:
                        self._kill(key.data, key.fileobj)
        finally:
            signal.set_wakeup_fd(-1)
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)

    def _fork(self) -> bool:
        """Start a worker; False when the server is gone."""
        message, fds, _, _ = socket.recv_fds(self._control, LARGEST_TASK, 2)
        if len(fds) < 2:
            return bool(message)
        stream, lifeline = socket.socket(fileno=fds[0]), socket.socket(fileno=fds[1])
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the worker has ended
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            for file in (stream, lifeline, said):
                file.close()
            return True
        if pid == 0:
            _live(message, stream, said, parent)
        stream.close()
        self._children[pid] = _Child(lifeline, said)
        self._selector.register(lifeline, selectors.EVENT_READ, pid)
        return True

    def _kill(self, pid: int, lifeline: object) -> None:
        """Kill a worker whose lifeline was shut; it is reaped when it has ended."""
        child = self._children.get(pid)
        if child is not None and child.lifeline is lifeline:
            self._selector.unregister(child.lifeline)
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Report every worker that has ended."""
        with contextlib.suppress(BlockingIOError):
            self._wakened.recv(4096)
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid)
            with contextlib.suppress(KeyError):
                self._selector.unregister(child.lifeline)
            child.said.seek(0)
            said = child.said.read(_LAST_WORDS).decode(errors="replace")
            report = {"code": os.waitstatus_to_exitcode(status), "said": said}
            with contextlib.suppress(OSError):
                child.lifeline.sendall(json.dumps(report).encode())
            child.lifeline.close()
            child.said.close()


def _live(message: bytes, stream: socket.socket, said: IO[bytes], parent: int) -> None:
    """Be a worker from here on, with nothing of the fork server left open."""
    code = 1
    try:
        sandbox.die_with(parent)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(said.fileno(), 2)
        own = os.dup2(stream.detach(), 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        job: Job = pickle.loads(message)  # noqa: S301 - from our parent
        job.run(socket.socket(fileno=own))
        code = 0
    except EOFError:
        code = 0
    except BaseException:  # noqa: BLE001 - told to the server through standard error
        traceback.print_exc()
    finally:
        os._exit(code)


def main(control: int, preload: Sequence[str] = ()) -> None:
    """Serve the server that started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sandbox.deny_sockets()
    for module in preload:
        importlib.import_module(module)
    gc.freeze()
    _ForkServer(socket.socket(fileno=control)).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
