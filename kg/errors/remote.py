"""Errors of asking other servers, for a SERVICE or a LOAD."""

from collections.abc import Mapping

from kg.errors.base import Member, PraksisError


class RemoteError(PraksisError):
    """Another server was to be asked, and nothing came of it."""

    status = 502
    title = "Another server could not be asked"

    def __init__(self, iri: str, reason: str, **values: Member) -> None:
        super().__init__(reason, None, iri=iri, **values)
        self.iri = iri

    def members(self) -> Mapping[str, Member]:
        """Return the address and what happened."""
        return {"reason": self.template, **self.values}


class RemoteFailed(RemoteError):
    """The other server did not answer as it should; where the text says SILENT, that is no error."""

    title = "Another server failed"


class RemoteForbidden(RemoteError):
    """The other server, or one it redirects to, is on no list or has an address that is not public."""

    status = 403
    title = "Another server must not be asked"
