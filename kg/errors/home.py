"""Errors of the home: its versions, and the tokens kept beside them."""

from kg.errors.base import PraksisError


class InvalidToken(PraksisError):
    """A token cannot be made or revoked as asked."""

    status = 400
    title = "Token cannot be made or revoked"


class TokensError(PraksisError):
    """The file of tokens cannot be used; for the operator, whose business the place of the file is."""

    title = "Tokens cannot be used"


class VersionError(PraksisError):
    """The home of the versions cannot be read or written as asked."""

    title = "Version store cannot be used"


class UnknownVersion(VersionError):
    """There is no such version."""

    status = 404
    title = "Unknown version"


class PrunedVersion(UnknownVersion):
    """There was such a version; it has been removed to free its room."""

    status = 410
    title = "Version was removed"


class EditsInTheWay(VersionError):
    """A build would lose edits made since the last one."""

    status = 409
    title = "A build would lose edits"


class HomeBusy(VersionError):
    """Another process writes to the home."""

    status = 503
    title = "Another process is writing"


class DiskLow(VersionError):
    """There is too little room on the disk to write a version.

    Units: bytes.
    """

    status = 507
    title = "Too little room on the disk"
    arguments = ("free", "wanted")

    def __init__(self, free: int, wanted: int) -> None:
        super().__init__(
            "Only %(free)s bytes are free on the disk of the home, %(wanted)s have to be; nothing was written.",
            "Free some room, for example with `kg prune`.",
            free=free,
            wanted=wanted,
        )
        self.free = free
        self.wanted = wanted
