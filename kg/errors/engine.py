"""Errors of the engine: it cannot take the query now, and says when to try again."""

from collections.abc import Mapping
from typing import Final

from kg.errors.base import N_, Member, PraksisError

_OF_THE_REQUEST: Final = frozenset(("SIGSEGV", "SIGBUS", "SIGABRT"))
"""How a process ends whose stack was too small for what it was given."""


class EngineUnavailable(PraksisError):
    """The engine cannot take the query now.

    Units: seconds.
    """

    status = 503
    title = "Query engine is not available"

    def __init__(self, detail: str, retry_after: int = 5, **values: Member) -> None:
        hint = "Try again in a second." if retry_after == 1 else "Try again in %(retry_after)s seconds."
        super().__init__(detail, hint, **{**values, "retry_after": retry_after})
        self.retry_after = retry_after

    def members(self) -> Mapping[str, Member]:
        """Return what happened and when to try again."""
        return super().members() if self.arguments else {"detail": self.template, **self.values}


class EngineBusy(EngineUnavailable):
    """Every worker was busy for as long as a query may wait."""

    title = "All query workers are busy"
    arguments = ("retry_after",)

    def __init__(self, retry_after: int) -> None:
        super().__init__("Every query worker was busy for as long as a query may wait.", retry_after)


class SpoolFull(EngineUnavailable):
    """The answers that wait to be sent take all the room for them, or (no limit) the disk is full.

    Units: bytes.
    """

    title = "No room for a large answer"
    arguments = ("limit", "retry_after")

    def __init__(self, limit: int | None, retry_after: int = 10) -> None:
        super().__init__(
            "Large answers that are being made or sent take the whole disk."
            if limit is None
            else "Large answers that are being made or sent take the %(limit)s bytes there are for them.",
            retry_after,
            limit=limit,
        )
        self.advice = N_("Ask for less, with LIMIT, or try again in %(retry_after)s seconds.")
        self.limit = limit


class BeingMade(EngineUnavailable):
    """The file is being made, which is done once for each version, or others are before it."""

    title = "The file is being made"
    arguments = ("retry_after",)

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("The file is being made, or waits for others that are.", retry_after)


class NotIndexed(EngineUnavailable):
    """The query asks the search index of a version, and that is not made yet."""

    title = "The search index is not made yet"
    arguments = ("retry_after",)

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("The search index of this version is not made yet.", retry_after)


class WorkerCrashed(EngineUnavailable):
    """The worker died while it evaluated this query; other queries are not touched."""

    title = "Query worker crashed"
    arguments = ("cause",)

    def __init__(self, cause: str | None = None) -> None:
        super().__init__(
            "The worker that evaluated the query ended for an unknown reason."
            if cause is None
            else "The worker that evaluated the query ended with %(cause)s.",
            1,
            cause=cause,
        )
        self.cause = cause
        if cause in _OF_THE_REQUEST:
            self.advice = N_(
                "The same request would end the same way: this happens to what nests too deeply. Make it flatter."
            )
