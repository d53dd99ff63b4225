"""Every setting of the server in one table: name, default, help.

The environment (`PRAKSIS_<NAME>`) is read once, by `from_environment`; nothing below asks for it again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as _field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from kg.errors import PraksisError
from kg.origins import AllowList
from kg.versions import default_home

PREFIX: Final = "PRAKSIS_"
NOT_OURS: Final = ("PRAKSIS_SUITES", "PRAKSIS_SOURCES")
"""Variables of the tests, which a shell may well have set."""
LOG_LEVELS: Final = ("info", "warning", "error")
Network = IPv4Network | IPv6Network
_WEB_ADDRESS: Final = re.compile(r"https://[^\s<>\"]+")
_MAIL_ADDRESS: Final = re.compile(r"[^\s<>\"@:/?&]+@[^\s<>\"@:/?&]+")


class SettingError(PraksisError):
    """A setting is unknown or impossible; the server does not start."""

    title = "Impossible setting"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, "See docs/settings.md for all settings, their defaults and what they mean.")


def _setting(default: object, meaning: str, minimum: float | None = None, maximum: float | None = None) -> Any:
    return _field(default=default, metadata={"help": meaning, "minimum": minimum, "maximum": maximum})


_HOME_HELP = "Folder of the published versions; by default in the checkout, else in the user's data folder."


@dataclass(frozen=True)
class Settings:
    """What an operator can choose.

    Raises: SettingError when a value is impossible.
    """

    home: Path = _field(default_factory=default_home, metadata={"help": _HOME_HELP, "minimum": None})
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.", 1, 65535)
    processes: int = _setting(2, "Server processes.", 1, 256)
    workers: int = _setting(2, "Query workers of each server process.", 1, 256)
    query_timeout: float = _setting(30.0, "Seconds a query may run before it is stopped.", 0.001, 86_400)
    query_memory: int = _setting(512, "MiB a query may use above what the opened graph needs.", 16, 2**24)
    query_rows: int = _setting(1_000_000, "Rows or triples an answer may have.", 1)
    query_bytes: int = _setting(100_000_000, "Bytes an answer may have.", 1_000)
    spool: int = _setting(
        512, "MiB of disk that large answers of each server process may take while they are made and sent.", 1, 2**24
    )
    queue_timeout: float = _setting(5.0, "Seconds a query waits for a free worker.", 0.0, 3_600)
    queue: int = _setting(64, "Queries of each server process that may wait for a worker at once.", 1, 4_096)
    request_bytes: int = _setting(1_000_000, "Bytes the body of a request may have.", 1_000)
    rate: str = _setting("50", "Requests a second one client may send, ten times as many at once; or “off”.")
    concurrency: int = _setting(
        32, "Requests of one client that each server process answers at once; without limit where the rate is off.", 1
    )
    trusted_proxies: str = _setting("", "Addresses or networks of proxies that are believed, separated by commas.")
    allowed_hosts: str = _setting(
        "", "Servers that SERVICE and LOAD may ask, separated by commas; https is meant where http:// is not said."
    )
    cache: int = _setting(64, "MiB of answers each server process keeps; 0 keeps none.", 0, 2**20)
    earlier_files: int = _setting(
        1024, "MiB of files to download that are kept of earlier versions; those made last stay.", 0, 2**24
    )
    publisher: str = _setting("", "Who publishes this site, named at the foot of every page; without one, nobody is.")
    publisher_number: str = _setting(
        "", "Organisation number of the publisher, nine digits, for those who harvest the catalogue."
    )
    contact: str = _setting(
        "", "Where readers write to: an e-mail address, or a web address that begins with https://."
    )
    log: str = _setting("warning", "What is logged: “info” has a line for every request, “warning” only trouble.")
    conformance: bool = False
    """An empty, unvalidated graph open to writes: only for `kg serve --conformance`, so no row of the table."""

    def __post_init__(self) -> None:
        """Refuse impossible values at the start rather than at the first request."""
        for entry in fields(self):
            minimum = entry.metadata.get("minimum")
            if minimum is not None and not getattr(self, entry.name) >= minimum:
                raise SettingError(f"{entry.name} must be at least {minimum:g}, not {getattr(self, entry.name)}")
            maximum = entry.metadata.get("maximum")
            if maximum is not None and not getattr(self, entry.name) <= maximum:
                raise SettingError(f"{entry.name} must be at most {maximum:g}, not {getattr(self, entry.name)}")
        if self.log not in LOG_LEVELS:
            raise SettingError(f"log must be one of {', '.join(LOG_LEVELS)}, not “{self.log}”")
        if self.publisher_number and not _is_organisation_number(self.publisher_number):
            raise SettingError(f"publisher_number must be an organisation number, not “{self.publisher_number}”")
        _ = self.requests_per_second, self.proxies, self.hosts, self.contact_address

    @property
    def requests_per_second(self) -> float | None:
        """Return the rate one client may keep up, None for no limit.

        Raises: SettingError when the setting is no rate.
        """
        if self.rate.strip().lower() == "off":
            return None
        try:
            rate = float(self.rate)
        except ValueError:
            rate = 0.0
        if not 0 < rate < float("inf"):
            raise SettingError(f"rate must be a number of requests a second, or “off”, not “{self.rate}”")
        return rate

    @property
    def contact_address(self) -> str:
        """Return the address of a link to the contact, empty where there is none.

        Raises: SettingError when the contact is no address.
        """
        if not self.contact or _WEB_ADDRESS.fullmatch(self.contact):
            return self.contact
        if _MAIL_ADDRESS.fullmatch(self.contact):
            return f"mailto:{self.contact}"
        raise SettingError(f"contact must be an e-mail address or begin with https://, not “{self.contact}”")

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Return the networks of the proxies that are believed.

        Raises: SettingError when one is no address or network.
        """
        try:
            return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())
        except ValueError as error:
            raise SettingError(f"trusted_proxies: {error}") from error

    @property
    def hosts(self) -> AllowList:
        """Return the servers that requests may cause to be asked.

        Raises: SettingError when one is no server.
        """
        try:
            return AllowList.parse(self.allowed_hosts)
        except ValueError as error:
            raise SettingError(f"allowed_hosts: {error}") from error


def _is_organisation_number(text: str) -> bool:
    """Tell whether the last of nine digits fits the others.

    Source: https://www.brreg.no/om-oss/registrene-vare/om-enhetsregisteret/organisasjonsnummeret/
    """
    weights = (3, 2, 7, 6, 5, 4, 3, 2, 1)
    is_nine = re.fullmatch(r"[0-9]{9}", text) is not None
    return is_nine and sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11 == 0


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings; the default of the home depends on where the program is installed."""

    name: str
    variable: str
    kind: type[Path] | type[str] | type[int] | type[float]
    default: object
    help: str


def table() -> tuple[Setting, ...]:
    """Return all settings, for `kg serve --help` and the page that documents them."""
    defaults = Settings()
    return tuple(
        Setting(entry.name, PREFIX + entry.name.upper(), type(value), value, entry.metadata["help"])
        for entry in fields(Settings)
        if "help" in entry.metadata
        for value in [getattr(defaults, entry.name)]
    )


def from_environment(environ: Mapping[str, str], **given: object) -> Settings:
    """Read `PRAKSIS_*` once; values given by the caller (the command line) win.

    Raises: SettingError when a `PRAKSIS_*` variable is unknown or its value impossible.
    """
    rows = {row.variable: row for row in table()}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in rows and name not in NOT_OURS)
    if unknown:
        raise SettingError(f"no such setting: {', '.join(unknown)} (known: {', '.join(rows)})")
    read = {row.name: _parse(row, environ[variable]) for variable, row in rows.items() if variable in environ}
    chosen = {name: value for name, value in given.items() if value is not None}
    return Settings(**{**read, **chosen})  # type: ignore[arg-type]


def _parse(row: Setting, text: str) -> object:
    try:
        return row.kind(text)
    except ValueError as error:
        raise SettingError(f"{row.variable}={text!r} is no {row.kind.__name__}") from error
