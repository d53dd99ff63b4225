"""Which other servers the requests of an app may cause to be asked, and what is refused before anything is."""

from typing import Final

from flask import Flask, current_app

from kg import federation
from kg.origins import AllowList
from kg.remote import FetchLimits
from server.config import Settings

_EXTENSION: Final = "praksisgrafen-elsewhere"


def install(app: Flask, settings: Settings) -> None:
    """Tell an app which servers the operator allows, and how large a document may be: as large as a request."""
    timeout = min(settings.query_timeout, FetchLimits().timeout)
    app.extensions[_EXTENSION] = (settings.hosts, FetchLimits(timeout, settings.request_bytes))


def allowed() -> AllowList:
    """Return the servers that may be asked."""
    hosts: AllowList = current_app.extensions[_EXTENSION][0]
    return hosts


def loaded(text: str, base_iri: str) -> str:
    """Return an update with what it loads written into it; to be asked only for those who may write.

    Raises: what `kg.federation` raises.
    """
    hosts, limits = current_app.extensions[_EXTENSION]
    federation.refuse_services(text, base_iri, hosts)
    return federation.with_documents(text, base_iri, hosts, limits)
