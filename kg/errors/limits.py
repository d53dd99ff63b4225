"""Errors of the published limits: what took too long, or is too large."""

from typing import ClassVar, Literal

from kg.errors.base import PraksisError


class LimitExceeded(PraksisError):
    """A published limit was reached."""

    status = 503
    title = "Limit exceeded"
    arguments: ClassVar[tuple[str, ...]] = ("limit",)


class QueryTimeout(LimitExceeded):
    """The query took longer than allowed.

    Units: seconds.
    """

    title = "Query took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            "The query was ended after %(limit)s seconds.",
            "Make it more selective: bind more terms, join on shared variables, or count in smaller steps.",
            limit=float(limit),
        )
        self.limit = limit


class UpdateTimeout(LimitExceeded):
    """The update took longer than allowed; nothing of it was kept.

    Units: seconds.
    """

    title = "Update took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            "The update was ended after %(limit)s seconds; nothing of it was kept.",
            "Make its patterns more selective, or write fewer triples at a time.",
            limit=float(limit),
        )
        self.limit = limit


class UpdateTooLarge(LimitExceeded):
    """The update would write more to the disk than allowed; nothing of it was kept.

    Units: bytes.
    """

    status = 413
    title = "Update is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "The update would write more than %(limit)s bytes to the disk; nothing of it was kept.",
            "Write fewer triples at a time.",
            limit=limit,
        )
        self.limit = limit


class QueryMemoryExceeded(LimitExceeded):
    """The query needed more memory than allowed.

    Units: bytes.
    """

    title = "Query needed too much memory"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "The query needed more than %(limit)s bytes of memory.",
            "ORDER BY, DISTINCT and GROUP BY over many rows hold them all: make the pattern more selective.",
            limit=limit,
        )
        self.limit = limit


class ResultTooLarge(LimitExceeded):
    """The answer has more bytes or rows than allowed."""

    status = 422
    title = "Answer is too large"
    arguments = ("limit", "unit")

    def __init__(self, limit: int, unit: Literal["bytes", "rows"]) -> None:
        super().__init__(
            "The answer has more than %(limit)s bytes."
            if unit == "bytes"
            else "The answer has more than %(limit)s rows.",
            "Ask for fewer rows with LIMIT and OFFSET, or download a whole dump.",
            limit=limit,
        )
        self.limit = limit
        self.unit = unit


class RemoteTooLarge(LimitExceeded):
    """Another server answered with more bytes or rows than are taken from it."""

    status = 422
    title = "Answer of another server is too large"
    arguments = ("iri", "limit", "unit")

    def __init__(self, iri: str, limit: int, unit: Literal["bytes", "rows"]) -> None:
        super().__init__(
            "<%(iri)s> answered with more than %(limit)s bytes."
            if unit == "bytes"
            else "<%(iri)s> answered with more than %(limit)s rows.",
            "Ask it for less: a more selective pattern inside SERVICE, or a subquery with LIMIT.",
            iri=iri,
            limit=limit,
        )
        self.iri = iri
        self.limit = limit
        self.unit = unit


class RangeTooLarge(LimitExceeded):
    """More changed between two versions than is told statement by statement. Units: statements."""

    status = 422
    title = "Too much changed between the versions"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "More than %(limit)s statements were added and removed.",
            "Choose versions that are closer to each other, or download both and compare the files.",
            limit=limit,
        )
        self.limit = limit
