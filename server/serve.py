"""Start the web server: granian, in a few processes, each with its own pool of query workers."""

import logging
import os
import socket
from functools import partial

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kg.errors import PraksisError
from server import create_app, reader
from server.config import Settings

_log = logging.getLogger(__name__)


class CannotServe(PraksisError):
    """The server cannot listen where it should."""

    title = "Server cannot start"


def address(settings: Settings) -> str:
    """Return the address to open in a browser."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 shown, not bound
    return f"http://{host}:{settings.port}/"


def _threads(settings: Settings) -> int:
    """Return how many requests a process takes at once: more than its workers, few enough for the machine."""
    return min(2 * settings.workers + 2, 2 * (os.cpu_count() or 1) + 1)


def load(settings: Settings) -> Flask:
    """Make the application in a server process, after it was forked, with its query workers started."""
    app = create_app(settings)
    try:
        with app.app_context():
            reader.snapshot()
    except PraksisError as error:
        _log.warning("%s: %s", error.title, error.detail)
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
            raise CannotServe(reason, "Stop what listens there, or choose another port with --port.") from error


def serve(settings: Settings) -> None:
    """Serve until told to stop; a server process that fails is replaced.

    Raises: CannotServe when the address cannot be listened on.
    """
    _check_free(settings)
    server = Granian(
        "server.serve:load",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.processes,
        blocking_threads=_threads(settings),
        respawn_failed_workers=True,
        respawn_interval=1.0,
        log_level=LogLevels.warning,
    )
    server.on_startup(lambda: click.echo(f"Praksisgrafen: {address(settings)}"))
    server.serve(target_loader=partial(load, settings), wrap_loader=False)
