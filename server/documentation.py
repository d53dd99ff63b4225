"""The page of settings, made from their table: `python -m server.documentation > docs/settings.md`."""

import sys
from pathlib import Path

from kg.versions import default_home
from server.config import Setting, table

_HEAD = """\
# Settings

Every setting of `kg serve` and its variable. The command line wins over the environment; a variable that begins with
`PRAKSIS_` and is none of these stops the start, and so does a value that cannot be. Made from the table in
`server/config.py` by `python -m server.documentation`; a test keeps the two alike.

| Variable | Option | Default | Meaning |
|---|---|---|---|
"""
OPTIONS = ("home", "host", "port", "workers", "query_timeout", "query_memory", "rate", "trusted_proxies")
"""The settings that `kg serve` has an option for."""


def settings_page() -> str:
    """Write the page."""
    return _HEAD + "".join(_row(row) for row in table())


def _row(row: Setting) -> str:
    option = f"`--{row.name.replace('_', '-')}`" if row.name in OPTIONS else ""
    return f"| `{row.variable}` | {option} | {_default(row)} | {row.help} |\n"


def _default(row: Setting) -> str:
    if row.default == default_home() or isinstance(row.default, Path):
        return "see there"
    return f"`{row.default}`" if row.default != "" else "none"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
