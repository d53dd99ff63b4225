"""The files of the version in force, made in the background so that readers need not wait for them.

Of all processes that serve a home, one does so, and leaves it to another when it dies. It begins when the version has
been in force for a moment, gives up when another comes into force, and makes room by removing what was made longest ago
for earlier versions.
"""

import logging
import math
import threading
import time
from typing import Final

from kg import artefacts, distributions
from kg.errors import PraksisError
from kg.search import opening
from kg.versions import Home, Version
from server.config import Settings

_log = logging.getLogger(__name__)
_EVERY: Final = 2.0
"""How often a look is taken at which version is in force. Units: seconds."""
_AFTER_TROUBLE: Final = 60.0
"""How long nothing is tried after something failed. Units: seconds."""
_TRIMMED_EVERY: Final = 60.0
"""Units: seconds."""
_BETWEEN: Final = 0.2
"""How long those who wait for another file have to begin with it. Units: seconds."""
_NICE: Final = 10
"""How much these processes give way to those that answer."""


def start(settings: Settings) -> None:
    """Begin, in a thread that ends with its process."""
    if not settings.conformance:
        threading.Thread(target=_run, args=(settings,), name="making", daemon=True).start()


def _run(settings: Settings) -> None:
    home, limit = Home(settings.home), settings.earlier_files * 2**20
    seen, done, trimmed = None, None, -math.inf
    while True:
        pause = _EVERY
        try:
            now = home.current()
            if now is not None and now == seen != done:
                with artefacts.alone(settings.home, "making") as is_mine:
                    done = now if is_mine and make(home, now) else done
            if time.monotonic() - trimmed > _TRIMMED_EVERY:
                trim(home, limit)
                trimmed = time.monotonic()
            seen = now
        except (PraksisError, OSError) as error:
            _log.warning("files to download are not made: %s", error)
            pause = _AFTER_TROUBLE
        time.sleep(pause)


def make(home: Home, version: Version) -> bool:
    """Make the search index and all files of a version; give False where another came into force meanwhile.

    Raises: what `kg.distributions.file` raises.
    """
    opening.made(version, nice=_NICE)
    batch = ""
    for file in distributions.files(home.path, version, nice=_NICE):
        if home.current_number() != version.number:
            return False
        if file.distribution.batch != batch:
            batch = file.distribution.batch
            time.sleep(_BETWEEN)
    return True


def trim(home: Home, limit: int) -> None:
    """Keep what was made for earlier versions below a number of bytes."""
    version = home.current()
    if version is not None:
        spared = artefacts.Artefacts(home.path, version).folder
        artefacts.trim(home.path, distributions.KIND, limit, spared)
