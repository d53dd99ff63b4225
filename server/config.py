"""Every setting of the server in one table: name, default, help.

The environment (`PRAKSIS_<NAME>`) is read once, by `from_environment`; nothing below asks for it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as _field
from pathlib import Path
from typing import Any

from kg.errors import PraksisError
from kg.versions import default_home

PREFIX = "PRAKSIS_"


class SettingError(PraksisError):
    """A setting is unknown or impossible; the server does not start."""

    title = "Impossible setting"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, "See docs/settings.md for all settings, their defaults and what they mean.")


def _setting(default: object, meaning: str, minimum: float | None = None) -> Any:
    return _field(default=default, metadata={"help": meaning, "minimum": minimum})


_HOME_HELP = "Folder of the published versions; by default in the checkout, else in the user's data folder."


@dataclass(frozen=True)
class Settings:
    """What an operator can choose.

    Raises: SettingError when a value is impossible.
    """

    home: Path = _field(default_factory=default_home, metadata={"help": _HOME_HELP, "minimum": None})
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.", 1)
    processes: int = _setting(2, "Server processes.", 1)
    workers: int = _setting(2, "Query workers of each server process.", 1)
    query_timeout: float = _setting(30.0, "Seconds a query may run before it is stopped.", 0.001)
    query_memory: int = _setting(512, "MiB a query may use above what the opened graph needs.", 16)
    query_rows: int = _setting(1_000_000, "Rows or triples an answer may have.", 1)
    query_bytes: int = _setting(100_000_000, "Bytes an answer may have.", 1_000)
    queue_timeout: float = _setting(5.0, "Seconds a query waits for a free worker.", 0.0)
    request_bytes: int = _setting(1_000_000, "Bytes the body of a request may have.", 1_000)

    def __post_init__(self) -> None:
        """Refuse impossible values at the start rather than at the first request."""
        for entry in fields(self):
            minimum = entry.metadata["minimum"]
            if minimum is not None and not getattr(self, entry.name) >= minimum:
                raise SettingError(f"{entry.name} must be at least {minimum:g}, not {getattr(self, entry.name)}")
        if self.port > 65535:
            raise SettingError(f"port must be at most 65535, not {self.port}")


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
        for value in [getattr(defaults, entry.name)]
    )


def from_environment(environ: Mapping[str, str], **given: object) -> Settings:
    """Read `PRAKSIS_*` once; values given by the caller (the command line) win.

    Raises: SettingError when a `PRAKSIS_*` variable is unknown or its value impossible.
    """
    rows = {row.variable: row for row in table()}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in rows)
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
