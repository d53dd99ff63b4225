"""How often a client may ask: a token bucket each, shared by the processes of a server.

A bucket is one number, the time at which it will be full again (the generic cell rate algorithm), so the
buckets of all clients are a table in a file that every process maps. Two processes that count the same client in
the same microsecond may count once instead of twice; nothing else can go wrong without a lock. Clients are told
apart by a keyed hash: no address is written anywhere.
Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import hashlib
import mmap
import secrets
import time
from pathlib import Path
from typing import Final

BURST: Final = 10.0
"""A client that was quiet may send as much at once as it may in this time. Units: seconds."""
_SLOTS: Final = 1 << 16
_PROBES: Final = 8
_HEAD: Final = 16
_SIZE: Final = _HEAD + _SLOTS * 16


def make(path: Path) -> None:
    """Make an empty table for the processes of a server."""
    path.write_bytes(secrets.token_bytes(_HEAD) + bytes(_SIZE - _HEAD))


class Rates:
    """The buckets of all clients. Units: requests a second."""

    def __init__(self, rate: float, table: Path | None = None) -> None:
        self.rate = rate
        self._each = 1.0 / rate
        self._burst = max(BURST, self._each)
        self._map = self._open(table)
        self._key = bytes(self._map[:_HEAD])
        cells = memoryview(self._map)[_HEAD:]
        self._names = cells[: _SLOTS * 8].cast("Q")
        self._full_at = cells[_SLOTS * 8 :].cast("d")

    def _open(self, table: Path | None) -> mmap.mmap:
        if table is None:
            anonymous = mmap.mmap(-1, _SIZE)
            anonymous[:_HEAD] = secrets.token_bytes(_HEAD)
            return anonymous
        with table.open("r+b") as file:
            return mmap.mmap(file.fileno(), _SIZE)

    def take(self, client: str) -> float:
        """Take one request out of a client's bucket; return how long to wait where it is empty, else 0."""
        now = time.monotonic()
        name = int.from_bytes(hashlib.blake2b(client.encode(), digest_size=8, key=self._key).digest(), "big") or 1
        slot = self._slot(name, now)
        full_at = max(self._full_at[slot], now) + self._each
        wait = full_at - now - self._burst
        if wait > 0:
            return wait
        self._full_at[slot] = full_at
        return 0.0

    def _slot(self, name: int, now: float) -> int:
        """Find a client's bucket, or one that is full and so as good as new, or the fullest near by."""
        first = name % _SLOTS
        near = [(first + step) % _SLOTS for step in range(_PROBES)]
        for slot in near:
            if self._names[slot] == name:
                return slot
        slot = min(near, key=self._full_at.__getitem__)
        self._names[slot] = name
        self._full_at[slot] = min(self._full_at[slot], now)
        return slot
