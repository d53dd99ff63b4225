"""`kg serve --conformance`: an empty graph of no consequence for the conformance suites of others.

Nothing in it is validated, no rule is applied, the default graph is a graph of its own, and whoever reaches the address
may write. So it listens on loopback only, and what is written vanishes with the process. LOAD and SERVICE stay refused;
with SILENT they fail silently, as `server.silent` says.
"""

import ipaddress
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg.versions import Home
from server.config import SettingError, Settings

WARNING: Final = (
    "WARNING: conformance mode. Whoever can reach this address may change everything, nothing is validated, "
    "and all of it is thrown away at the end. Never put this before anybody."
)
_REQUEST_BYTES: Final = 64 * 2**20


@contextmanager
def temporary(settings: Settings) -> Iterator[Settings]:
    """Give settings for a server over an empty home, which is removed afterwards.

    Raises: SettingError when the server would listen to anybody but this machine.
    """
    if not _is_loopback(settings.host):
        raise SettingError(f"conformance mode listens on loopback only, not on {settings.host}")
    with tempfile.TemporaryDirectory(prefix="praksisgrafen-conformance-") as folder:
        home = Home(Path(folder), durable=False)
        home.publish([], "conformance", "The empty graph a suite begins with.", {})
        # One process: each of them would have to start workers anew after every write.
        yield replace(settings, home=home.path, processes=1, rate="off", request_bytes=_REQUEST_BYTES, conformance=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
