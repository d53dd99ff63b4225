"""Start the web server: granian, in a few processes, each with its own pool of query workers.

`serve` is what `kg serve` does; `python -m server.serve` is the web server, started by the supervisor.
"""

import errno
import logging
import math
import os
import pickle
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Final

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kg.engine import sandbox
from kg.errors import PraksisError
from server import assets, create_app, logs, making, metrics, reader, updates
from server.config import Settings
from server.errors import CannotServe
from server.supervisor import Supervisor, folder

_log = logging.getLogger(__name__)
_NO_ADDRESS: Final = "Give an address of this machine with --host, such as 127.0.0.1."
_REMEDIES: Final = {
    errno.EADDRINUSE: "Stop what listens there, or choose another port with --port or PRAKSIS_PORT.",
    errno.EACCES: "Choose a port above 1023 with --port, and let a proxy listen on this one.",
}
"""What helps where the address is not at fault."""


def address(settings: Settings) -> str:
    """Return the address to open in a browser."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 shown, not bound
    return f"http://{host}:{settings.port}/"


def _threads(settings: Settings) -> int:
    """Return how many requests a process takes at once: all that may wait or be answered, and some to refuse more."""
    return settings.queue + 2 * settings.workers + 8


def load(settings: Settings, shared: Path, parent: int) -> Flask:
    """Make the application in a server process, after it was forked, with its query workers started."""
    sandbox.die_with(parent)
    logs.install(settings.log)
    app = create_app(settings, shared)
    try:
        with app.app_context():
            reader.snapshots().current()
    except PraksisError as error:
        _log.warning("%s: %s", error.title, error.detail)
    metrics.start(app)
    threading.Thread(target=updates.warm, args=(app,), name="warm-edits", daemon=True).start()
    making.start(settings)
    return app


def _check_free(settings: Settings) -> None:
    """Try the address alone: the server's own sockets share it, even with a server that someone else started.

    Raises: CannotServe when it is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            reason = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}"
            raise CannotServe(reason, _REMEDIES.get(error.errno or 0, _NO_ADDRESS)) from error


def serve(settings: Settings) -> None:
    """Serve until told to stop; whatever process fails is replaced.

    Raises: CannotServe when the address cannot be listened on or the home not be written to.
    """
    _check_free(settings)
    with folder(settings.home) as shared:
        code = Supervisor(settings, shared).run()
    if code:
        raise CannotServe("The web server ended again and again; what it said last is above.")


def main() -> None:
    """Be the web server of the supervisor at the other end of standard input."""
    settings, shared, supervisor = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
    sandbox.die_with(supervisor)
    logs.install(settings.log)
    assets.warn_if_missing()
    server = Granian(
        "server.serve:load",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.processes,
        blocking_threads=_threads(settings),
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=math.ceil(settings.queue_timeout + settings.query_timeout) + 5,
        log_level=LogLevels.error,
    )
    server.on_startup(lambda: click.echo(f"Praksisgrafen: {address(settings)}"))
    server.serve(target_loader=partial(load, settings, shared, os.getpid()), wrap_loader=False)


if __name__ == "__main__":
    main()
