"""Who sends a request: the address of the connection, or the one a trusted proxy names.

Source: https://datatracker.ietf.org/doc/html/rfc7239#section-8.1 on why nobody else is believed
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from server.config import Network

_OWN_NETWORK = 64
"""Bits of an IPv6 address that one client shares among all its addresses."""


def address(environ: Mapping[str, object], proxies: tuple[Network, ...]) -> str:
    """Return the address of the client: the last in `X-Forwarded-For` that no trusted proxy has.

    Without trusted proxies, or where the connection comes from elsewhere, the header says nothing.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    if not proxies or not _is_among(peer, proxies):
        return peer
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    for entry in reversed([part.strip() for part in forwarded if part.strip()]):
        if not _is_among(entry, proxies):
            return entry
    return peer


def scheme(environ: Mapping[str, object], proxies: tuple[Network, ...]) -> str | None:
    """Return the scheme the client used towards a trusted proxy, if one says."""
    if proxies and _is_among(str(environ.get("REMOTE_ADDR", "")), proxies):
        said = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).strip().lower()
        return said if said in ("http", "https") else None
    return None


@lru_cache(maxsize=4096)
def counted_as(client: str) -> str:
    """Return what the requests of a client are counted under: the address, of IPv6 the network.

    What is no address, as a proxy may send, counts as it is.
    """
    found = _parsed(client)
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or (int(found) >> (128 - _OWN_NETWORK)))
    return str(found) if found else client


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _is_among(text: str, proxies: tuple[Network, ...]) -> bool:
    found = _parsed(text)
    return found is not None and any(_holds(network, found) for network in proxies)


def _holds(network: Network, found: IPv4Address | IPv6Address) -> bool:
    candidates: Iterable[IPv4Address | IPv6Address | None] = (found, getattr(found, "ipv4_mapped", None))
    return any(candidate in network for candidate in candidates if candidate is not None)
