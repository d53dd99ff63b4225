"""Which servers may be asked, and at which addresses: none but those the operator names, and only public ones."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"https": 443, "http": 80}
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
_NAT64: Final = ip_network("64:ff9b::/96")
_SPECIAL: Final = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))
"""Special purposes that not every release of `ipaddress` counts as such.

Source: https://www.iana.org/assignments/iana-ipv6-special-registry/ and its twin for IPv4
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """A server: scheme, name in lower case, port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Write the origin, without a port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


@dataclass(frozen=True, slots=True)
class AllowList:
    """The servers that may be asked; none, unless the operator names some."""

    origins: frozenset[Origin] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "AllowList":
        """Read `example.org, example.org:8443, http://example.org`; https is meant where nothing is said.

        Raises: ValueError when an entry is no server.
        """
        return cls(frozenset(_entry(entry.strip()) for entry in text.split(",") if entry.strip()))

    def __bool__(self) -> bool:
        """Tell whether any server is allowed."""
        return bool(self.origins)

    def allows(self, iri: str) -> bool:
        """Tell whether what the IRI names is at a server that is allowed."""
        try:
            return origin(iri) in self.origins
        except ValueError:
            return False


def origin(iri: str) -> Origin:
    """Return the server of an http or https IRI.

    Raises: ValueError when there is none, or the IRI carries a user name.
    """
    parts = urlsplit(iri)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"“{iri}” is no IRI of a server")
    host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    if not all(char.isalnum() or char in ".-_:" for char in host):
        raise ValueError(f"“{host}” is no name of a server")
    return Origin(parts.scheme, host.lower(), _PORTS[parts.scheme] if parts.port is None else parts.port)


def _entry(text: str) -> Origin:
    iri = text if "://" in text else f"https://{text}"
    parts = urlsplit(iri)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"“{text}” is more than a server: leave out the path")
    return origin(iri)


def is_public(address: str) -> bool:
    """Tell whether an address is one that anybody on the internet reaches; an IPv4 address inside it counts."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or _behind_nat64(found)
        if inner is not None:
            return is_public(str(inner))
        if found not in _GLOBAL_UNICAST:
            return False
    special = any(found in network for network in _SPECIAL)
    return found.is_global and not (found.is_multicast or found.is_reserved or special)


def _behind_nat64(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
