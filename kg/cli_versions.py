"""`kg versions`, `show`, `diff`, `undo`, `prune`, `backup` and `restore`: the history of the graph."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from kg import tables
from kg.characters import printable
from kg.errors import UnknownVersion
from kg.versions import Home, Version, backups, changes, default_home, history, notes, ranges

_Command = TypeVar("_Command", bound=Callable[..., Any])

_COLUMNS: Final = ("version", "current", "origin", "time", "author", "quads", "added", "removed", "message")


def home_option(command: _Command) -> _Command:
    """Add the option --home to a command."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="PRAKSIS_HOME",
        help="Folder of the published versions; by default in the checkout, else in the user's data folder.",
    )(command)


@click.command("versions")
@click.argument("number", type=int, required=False)
@home_option
def versions_command(number: int | None, home: Path | None) -> None:
    """List all versions, oldest first, or tell in words what version NUMBER changed."""
    place = _home(home)
    if number is not None:
        _tell(place.version(number))
        return
    found = place.all()
    tables.show(_COLUMNS, [_row(version, version is found[-1]) for version in found])


@click.command()
@click.argument("number", type=int)
@home_option
def show(number: int, home: Path | None) -> None:
    """Show what is known of version NUMBER, and what it changed."""
    version = _home(home).version(number)
    _tell(version)
    record = changes.read(version)
    if record is None or version.parent is None:
        return
    click.echo(f"Added {len(record.added)}, removed {len(record.removed)}:")
    for line in record.readable():
        click.echo(line)


@click.command()
@click.argument("old", type=int)
@click.argument("new", type=int)
@click.option("--format", "output", type=click.Choice(["readable", "nquads"]), default="readable", show_default=True)
@home_option
def diff(old: int, new: int, output: str, home: Path | None) -> None:
    """Compare versions OLD and NEW: what was removed (-) and added (+).

    As N-Quads, every line begins with - or + and is a whole quad.
    """
    found = ranges.between(_home(home), old, new)
    if output == "readable":
        for line in found.readable():
            click.echo(line)
        return
    for sign, lines in ((b"- ", found.removed), (b"+ ", found.added)):
        click.echo(b"".join(sign + line for line in lines), nl=False)


@click.command()
@click.option("--message", "-m", help="Why. [default: which version is undone]")
@home_option
def undo(message: str | None, home: Path | None) -> None:
    """Make a new version with the content that the current one's parent has; doing it again takes that back."""
    version = history.undo(_home(home), getpass.getuser(), message)
    click.echo(f"Published version {version.number}: {version.added} quads added, {version.removed} removed.")


@click.command()
@click.option("--keep", type=click.IntRange(1), required=True, help="How many of the newest versions to keep.")
@home_option
def prune(keep: int, home: Path | None) -> None:
    """Remove all versions but the newest, for good; the current one and those being read stay."""
    pruned = history.prune(_home(home), keep)
    click.echo(f"Removed {len(pruned.removed)} {'version' if len(pruned.removed) == 1 else 'versions'}.")
    if pruned.in_use:
        click.echo(f"Being read now, so kept: {', '.join(map(str, pruned.in_use))}. Prune again later.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@home_option
def backup(folder: Path, home: Path | None) -> None:
    """Copy all versions to FOLDER; what an earlier backup put there is not copied again."""
    numbers = backups.backup(_home(home), folder, _say)
    click.echo(f"Copied {len(numbers)} {'version' if len(numbers) == 1 else 'versions'} to {folder}.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@home_option
def restore(folder: Path, home: Path | None) -> None:
    """Bring back the backup in FOLDER, comparing the digest of every graph before it comes into force.

    An empty home gets all versions; any other gets one new version with the content of the backup's current one.
    """
    version = backups.restore(_home(home), folder, getpass.getuser(), _say)
    click.echo(f"Version {version.number} is in force: {version.quads} quads, every digest as it was.")


COMMANDS: Final = (versions_command, show, diff, undo, prune, backup, restore)


def _say(step: str) -> None:
    click.echo(f"{step} …", err=True)


def _tell(version: Version) -> None:
    """Say what is known of a version, and in words what it changed."""
    click.echo(f"Version {version.number}, {version.origin}, of {version.time} by {printable(version.author)}")
    click.echo(f"  {printable(version.message)}")
    click.echo(f"Parent: {version.parent or 'none'}. {version.quads} quads in {len(version.graphs)} graphs.")
    click.echo(f"Content hash: {version.content_hash}")
    told = notes.of(version)
    click.echo("What it changed cannot be told in words." if told is None else "What it changed:")
    for line in notes.readable(told) if told else ():
        click.echo(f"  {printable(line)}")


def _home(path: Path | None) -> Home:
    home = Home(path or default_home())
    if home.current_number() is None and click.get_current_context().command is not restore:
        raise UnknownVersion("There is no version yet.", "Build one with `kg build`.")
    return home


def _row(version: Version, is_current: bool) -> list[str]:
    counts = ["" if count is None else str(count) for count in (version.added, version.removed)]
    mark = "*" if is_current else ""
    facts = [str(version.number), mark, version.origin, version.time, version.author, str(version.quads)]
    return [*facts, *counts, version.message]
