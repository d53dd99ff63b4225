"""The command `kg`: build, check, ask, dump and serve the graph."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from pyoxigraph import QueryResultsFormat, RdfFormat, Store
from rich.console import Console

from kg import build, cli_tokens, cli_versions, dumps, evidence, files, findings, tables, terms, tidy
from kg.cli_versions import home_option
from kg.engine import Answer, Formats, Query
from kg.engine.embedded import EmbeddedEngine
from kg.errors import InvalidInput, PraksisError, QuerySyntaxError
from kg.search import opening
from kg.versions import Home, Version, default_home

_STDERR: Final = Console(stderr=True, highlight=False)
_RESULTS: Final = {
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
}
_GRAPHS: Final = {"csv": None, "tsv": None, "json": RdfFormat.JSON_LD, "xml": RdfFormat.RDF_XML}


class _Commands(click.Group):
    """Commands whose expected errors are told in words, with exit code 1, and not as a traceback."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the whole first sentence of each; see `click.Group.format_commands`."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(limit=1000)) for name, command in commands])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; see `click.Group.invoke`."""
        try:
            return super().invoke(ctx)
        except InvalidInput as error:
            for fault in error.faults:
                click.echo(str(fault), err=True)
            for note in getattr(error, "__notes__", ()):
                click.echo(note, err=True)
            number = len(error.faults)
            click.echo(f"{number} {'fault' if number == 1 else 'faults'}; nothing was published.", err=True)
            ctx.exit(1)
        except PraksisError as error:
            click.echo(f"{error.title}: {error.detail}" + (f"\n{error.hint}" if error.hint else ""), err=True)
            ctx.exit(1)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="praksisgrafen")
def main() -> None:
    """Praksisgrafen: the open knowledge graph of the survey IT i praksis.

    The graph is built from the folders ontology/ and data/ and published as numbered versions in a home folder.
    Commands that read the graph read the current version, and build it first where there is none.
    """
    # rdflib tells of literals that it cannot read with a traceback; what is wrong with one is told as a fault.
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)


@main.command("build")
@home_option
@click.option("--message", "-m", default="Built from the files.", show_default=True, help="What the version is about.")
@click.option("--discard-edits", is_flag=True, help="Lose the edits made since the last build.")
def build_command(home: Path | None, message: str, discard_edits: bool) -> None:
    """Build the graph from the files and publish it.

    Where the files have faults, all of them are told, and nothing is published; see “kg check --help”.
    """
    version, new = _build(home, message, discard_edits=discard_edits)
    state = "Published" if new else "Nothing has changed since"
    click.echo(f"{state} version {version.number}: {version.quads} quads in {len(version.graphs)} graphs.")


@main.command()
def check() -> None:
    """Do all that build does, but publish nothing.

    The files are read, the rules applied, and all is validated against the shapes. A fault is told with its file, line
    and column; in a table the column is the number of the cell. While there are faults in the files themselves, the
    shapes are asked only what does not depend on what these hide: there may be more once they are mended.
    """
    with _progress() as progress:
        built = build.check(files.default_folders(), progress)
    click.echo(f"No faults: {len(built.store)} quads conform to the shapes.")


@main.command("evidence")
@click.option(
    "--sources",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the texts of the sources, which are not part of the project.",
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Read the version published in this folder, edits and all, instead of the files.",
)
def evidence_command(sources: Path | None, home: Path | None) -> None:
    """Compare each place in the sources with their texts.

    What is compared is what the files in data/ say, as they are now, whether built or not: each figure expression and
    its position, the limits of every other place, and the hash and length of each text.
    """
    folders = files.default_folders()
    store = build.dataset(folders) if home is None else _store(home)
    captures, places = evidence.captures(store), evidence.places(store)
    places += evidence.excluded_places(folders)
    figures = sum(place.expression is not None for place in places)
    if sources is None:
        click.echo(
            f"Without --sources nothing was compared: neither the {len(captures)} text files (hash, length) nor "
            f"{len(places)} places in them, {figures} of which quote a figure expression."
        )
        return
    differences = list(evidence.verify(captures, places, sources))
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        click.echo(f"{len(differences)} of {len(places)} places or files differ.", err=True)
        sys.exit(1)
    click.echo(f"All {len(places)} places in {len(captures)} sources are right, {figures} of them figure expressions.")


@main.command("findings")
@click.option("--format", "output", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@home_option
def findings_command(output: str, home: Path | None) -> None:
    """Print the tidy table of reported figures, one finding a row."""
    rows = findings.tidy_rows(_store(home))
    if output == "csv":
        tidy.write_csv(rows, sys.stdout)
    elif output == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        tables.show(findings.TIDY_COLUMNS, [[row[column] for column in findings.TIDY_COLUMNS] for row in rows])


@main.command("query")
@click.argument("query", required=False)
@click.option("--file", "-f", "source", type=click.File("r", encoding="utf-8"), help="Read the query from a file.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", *_RESULTS]),
    default="table",
    show_default=True,
    help="Of SELECT and ASK; CONSTRUCT and DESCRIBE give Turtle, or JSON-LD and RDF/XML for json and xml.",
)
@home_option
def query_command(query: str | None, source: Any, output: str, home: Path | None) -> None:
    """Answer a SPARQL query.

    It is given as an argument, with --file or on standard input. The prefixes of the graph need not be declared.
    """
    if query is not None and source is not None:
        raise click.UsageError("Give the query as an argument or with --file, not both.")
    text = query if query is not None else (source or sys.stdin).read()
    if not text.strip():
        raise click.ClickException("The query is empty.")
    store, index = _store(home), opening.place(_current(home).store_path)
    engine = EmbeddedEngine(store, prefixes=terms.PREFIXES, index=index)
    results = _RESULTS.get(output, QueryResultsFormat.JSON)
    formats = Formats(bindings=results, boolean=results, graph=_GRAPHS.get(output, RdfFormat.TURTLE))
    answer = _ask(engine, text, formats)
    body = answer.read()
    if output == "table" and answer.form in ("SELECT", "ASK"):
        tables.show(*tables.from_json(body))
    else:
        sys.stdout.buffer.write(body if body.endswith(b"\n") else body + b"\n")


@main.command()
@click.option("--format", "output", type=click.Choice(list(dumps.FORMATS)), default="turtle", show_default=True)
@home_option
def dump(output: str, home: Path | None) -> None:
    """Write the whole graph to standard output.

    The same graph gives the same bytes.
    """
    dumps.write(_store(home), output, sys.stdout.buffer)


@main.command()
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on. [default: 8000]")
@click.option("--workers", type=int, help="Query workers of each server process. [default: 2]")
@click.option("--query-timeout", type=float, help="Seconds a query may run. [default: 30]")
@click.option("--query-memory", type=int, help="MiB a query may use above what the opened graph needs. [default: 512]")
@click.option("--rate", help="Requests a second one client may send, or “off”. [default: 50]")
@click.option("--trusted-proxies", help="Addresses or networks of proxies that are believed, with commas.")
@click.option("--conformance", is_flag=True, help="An empty, unvalidated, temporary graph open to writes, for suites.")
@home_option
def serve(conformance: bool, **given: Any) -> None:
    """Serve the graph: SPARQL, pages and downloads. Builds a new version first where the files have changed.

    It never builds over edits: where there are any since the last build, what is there is served.

    Further settings are read from variables PRAKSIS_…, described in docs/settings.md.
    """
    # Imported here: kg knows nothing of the web server but this, and the other commands start without it.
    from server import conformance as suites  # noqa: PLC0415
    from server.config import from_environment  # noqa: PLC0415
    from server.serve import serve as run  # noqa: PLC0415

    settings = from_environment(os.environ, **given)
    if conformance:
        click.secho(suites.WARNING, err=True, bold=True)
        with suites.temporary(settings) as temporary:
            run(temporary)
        return
    version, new = _build_if_changed(settings.home)
    click.echo(f"{'Published' if new else 'Serving'} version {version.number}: {version.quads} quads.")
    run(settings)


main.add_command(cli_tokens.token)
for _history in cli_versions.COMMANDS:
    main.add_command(_history)


def _ask(engine: EmbeddedEngine, text: str, formats: Formats) -> Answer:
    """Ask with the graph's prefixes declared on a line of their own, which no error message counts."""
    prologue = " ".join(f"PREFIX {prefix}: <{iri}>" for prefix, iri in terms.PREFIXES.items())
    try:
        return engine.query(Query(f"{prologue}\n{text}", formats=formats))
    except QuerySyntaxError as error:
        values = {name: value for name, value in error.values.items() if name != "token"}
        raise QuerySyntaxError(
            error.line - 1, error.column, error.token, error.template, error.advice, **values
        ) from error


def _build(home: Path | None, message: str, *, discard_edits: bool = False) -> tuple[Version, bool]:
    with _progress() as progress:
        place = Home(home or default_home())
        return build.build(files.default_folders(), place, "kg build", message, progress, discard_edits=discard_edits)


def _build_if_changed(home: Path) -> tuple[Version, bool]:
    """Build where the files have changed since the last build, but never over edits."""
    current = Home(home).current()
    if current and build.digests(files.default_folders()) == current.files:
        return current, False
    if current and current.is_edited:
        click.echo(
            "The files have changed since the last build, but there are edits since, and they are served: "
            "“kg build” tells which, “kg build --discard-edits” loses them.",
            err=True,
        )
        return current, False
    return _build(home, "Built from the files at the start of the server.")


def _store(home: Path | None) -> Store:
    """Open the current version, which is not pruned before the command ends."""
    return click.get_current_context().with_resource(_current(home).reading())


def _current(home: Path | None) -> Version:
    version = Home(home or default_home()).current()
    if version is None:
        click.echo("No version yet: building one.", err=True)
        version, _ = _build(home, "Built from the files.")
    return version


@contextmanager
def _progress() -> Iterator[build.Progress]:
    """Show what is being done, on a terminal only."""
    if not _STDERR.is_terminal:
        yield build.silent
        return
    with _STDERR.status("Starting") as status:
        yield lambda step: status.update(f"{step} …")


if __name__ == "__main__":
    main()
