"""Whole answers, kept in memory up to a number of bytes, for requests that ask the same of the same version.

An answer is kept under the version, the address and the values of the headers its `Vary` names. Only answers
with an entity tag are kept: what has one is the same every time.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Headers = list[tuple[str, str]]
Address = tuple[object, ...]
_OVERHEAD: Final = 1024
"""What an entry costs beside its body, roughly. Units: bytes."""
_SHARE: Final = 4
"""No answer may take more than one part in this many."""
_SENT_WITH_304: Final = (
    "cache-control",
    "content-location",
    "etag",
    "vary",
    "praksisgrafen-version",
    "access-control-allow-origin",
    "access-control-expose-headers",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer with status 200."""

    headers: Headers
    without_body: Headers
    tag: str
    body: bytes

    def is_known_by(self, if_none_match: str) -> bool:
        """Tell whether the client has this answer: a weak comparison.

        Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
        """
        if if_none_match == self.tag:
            return True
        return self.tag.removeprefix("W/") in (
            part.strip().removeprefix("W/") for part in if_none_match.split(",") if part
        )


class Cache:
    """Answers, the least recently used given up first. Units: bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._varies: dict[Address, tuple[str, ...]] = {}
        self._kept: OrderedDict[Address, Kept] = OrderedDict()
        self._size = 0

    @property
    def largest(self) -> int:
        """The largest body that is kept."""
        return self._capacity // _SHARE

    def state(self) -> tuple[int, int]:
        """Return how many answers are kept and how much room they take."""
        return len(self._kept), self._size

    def find(self, address: Address, environ: Mapping[str, object]) -> Kept | None:
        """Return the answer to a request, if it is kept."""
        names = self._varies.get(address)
        if names is None:
            return None
        place = (address, *[environ.get(name) for name in names])
        kept = self._kept.get(place)
        if kept is not None:
            try:
                self._kept.move_to_end(place)
            except KeyError:  # given up by another thread meanwhile
                return kept
        return kept

    def keep(self, address: Address, environ: Mapping[str, object], headers: Headers, body: bytes) -> None:
        """Keep an answer, and give up as many old ones as it needs room."""
        named = {name.lower(): value for name, value in headers}
        names = tuple(
            sorted(
                "HTTP_" + name.strip().upper().replace("-", "_") for name in named.get("vary", "").split(",") if name
            )
        )
        if "HTTP_*" in names or "etag" not in named or len(body) > self.largest:
            return
        without_body = [(name, value) for name, value in headers if name.lower() in _SENT_WITH_304]
        place = (address, *[environ.get(name) for name in names])
        with self._lock:
            self._forget(place)
            self._varies[address] = names
            self._kept[place] = Kept(headers, without_body, named["etag"], body)
            self._size += len(body) + _OVERHEAD
            while self._size > self._capacity:
                self._forget(next(iter(self._kept)))
            if len(self._varies) > 2 * len(self._kept) + 16:
                self._varies = {place[0]: self._varies[place[0]] for place in self._kept}  # type: ignore[misc,index]

    def _forget(self, place: Address) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            self._size -= len(kept.body) + _OVERHEAD
