"""Asking the query of a permalink again: whether the answer is the one that was cited, and what it is today."""

from dataclasses import dataclass
from typing import Final, Literal

from flask import request

from kg import citable
from kg.citable import Difference, Order, Result
from kg.engine import Query
from kg.errors import LimitExceeded, NotCitable, PraksisError
from kg.versions import Version
from server import limits, reader, running
from server.language import N_
from server.permalinks import Permalink
from server.snapshot import Snapshot

Reason = Literal["replaced", "unstable", "altered"]

CAVEATS: Final = {
    "cut": N_(
        "The query has LIMIT or OFFSET without ORDER BY. Which rows it gives is left to the software, so the answer "
        "is not reproducible."
    ),
    "order": N_(
        "ORDER BY leaves open in which order some of the rows stand. Other software, or ours in another version, may "
        "order them differently. Let ORDER BY name more columns to be sure."
    ),
    "gathered": N_(
        "GROUP_CONCAT and SAMPLE depend on the order in which the software finds the rows. Other software, or ours in "
        "another version, may find them in another order."
    ),
    "content": N_(
        "The version of this number has other content here than the one the answer was cited from. The answer to this "
        "query is the same in both."
    ),
}
"""What stands in the way of reproducing an answer, by the name that the record of it has."""


@dataclass(frozen=True)
class Today:
    """What the same query is answered now: the error, or the answer and how it differs from the cited one."""

    version: Version
    result: Result | None
    difference: Difference
    error: PraksisError | None = None
    is_same: bool = False
    """Whether nothing has changed, not even the order where the query gives one."""

    @property
    def is_reordered(self) -> bool:
        """Whether the same rows stand in another order."""
        changed = self.difference.added or self.difference.removed
        return self.result is not None and not self.is_same and not changed


@dataclass(frozen=True)
class Checked:
    """An answer that was cited, asked again of the version it was cited from."""

    permalink: Permalink
    version: Version
    result: Result
    caveats: tuple[str, ...]
    today: Today

    @property
    def is_verified(self) -> bool:
        """Whether this is the answer that was cited."""
        return self.result.digest == self.permalink.digest

    @property
    def reason(self) -> Reason | None:
        """Why this is not the answer that was cited, as far as that can be told."""
        if self.is_verified:
            return None
        if not self.permalink.is_of(self.version):
            return "replaced"
        return "unstable" if self.caveats else "altered"


def evaluate(query: str, snapshot: Snapshot) -> Result:
    """Answer a query in the form in which its answer can be hashed. It is asked without a base: it stands for itself.

    Raises: NotCitable; what a query raises.
    """
    citable.refuse_unrepeatable(query)
    asked = Query(query, formats=citable.FORMATS, key=running.key(request))
    answer = snapshot.engine.query(
        asked, timeout=limits.timeout(request), result_bytes=citable.MOST_BYTES, rows=citable.MOST_ROWS
    )
    return citable.read(query, answer)


def check(permalink: Permalink) -> Checked:
    """Ask the query of a permalink of its version, which the request reads, and of the version in force.

    Raises: NotCitable; what a query raises.
    """
    snapshot = reader.snapshot()
    result = evaluate(permalink.query, snapshot)
    order = Order.of(permalink.query)
    found = {
        "cut": order.is_cut_at_will,
        "order": order.leaves_open(result),
        "gathered": order.is_gathered,
        "content": result.digest == permalink.digest and not permalink.is_of(snapshot.version),
    }
    caveats = tuple(name for name, holds in found.items() if holds)
    return Checked(permalink, snapshot.version, result, caveats, _today(permalink.query, snapshot.version, result))


def _today(query: str, version: Version, result: Result) -> Today:
    """Compare with the answer of the version in force, which may be more than there is time or room for."""
    nothing = Difference((), ())
    now = reader.snapshots().current()
    if now.version.content_hash == version.content_hash:
        return Today(now.version, result, nothing, is_same=True)
    try:
        newer = evaluate(query, now)
    except (LimitExceeded, NotCitable) as error:
        return Today(now.version, None, nothing, error)
    return Today(now.version, newer, citable.difference(result, newer), is_same=newer.digest == result.digest)
