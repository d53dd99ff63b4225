"""`kg token`: make, list and revoke the tokens that may write."""

from pathlib import Path

import click

from kg import tables
from kg.tokens import SCOPES, Tokens
from kg.versions import default_home

_home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PRAKSIS_HOME",
    help="Folder of the published versions; by default in the checkout, else in the user's data folder.",
)


@click.group()
def token() -> None:
    """Make, list and revoke the tokens that may write to a running server. It needs no restart."""


@token.command()
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, default=("write",), show_default=True)
@click.option("--days", type=click.IntRange(1), help="How long it counts; by default until it is revoked.")
@click.option("--query-timeout", type=click.FloatRange(0.001), help="Seconds a query of its owner may take.")
@_home
def create(
    name: str, scopes: tuple[str, ...], days: int | None, query_timeout: float | None, home: Path | None
) -> None:
    """Make a token and print it: it is shown this once. NAME becomes the author of what is written with it."""
    click.echo(_tokens(home).create(name, scopes, days=days, query_timeout=query_timeout))
    click.echo("Send it as “Authorization: Bearer …”. It is kept nowhere: store it now.", err=True)


@token.command("list")
@_home
def list_command(home: Path | None) -> None:
    """List the tokens by name; what they are is not kept."""
    rows = [
        [token.name, " ".join(token.scopes), token.created, token.expires or "", str(token.query_timeout or "")]
        for token in _tokens(home).all()
    ]
    tables.show(("name", "scopes", "created", "expires", "query timeout"), rows)


@token.command()
@click.argument("name")
@_home
def revoke(name: str, home: Path | None) -> None:
    """Revoke a token; it counts no more from the next request on."""
    _tokens(home).revoke(name)
    click.echo(f"Revoked “{name}”.")


def _tokens(home: Path | None) -> Tokens:
    return Tokens(home or default_home())
