"""The command line, as people and scripts use it."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from kg import build, cli, files, findings
from kg.versions import Home


@pytest.fixture(scope="module")
def home(graph, tmp_path_factory):
    """A home with the real graph in it."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.publish(graph, "test", "for the command line", build.digests(files.default_folders()))
    return home


@pytest.fixture
def kg(home):
    """Run a command on the home and return the result."""

    def run(*arguments, **options):
        return CliRunner().invoke(cli.main, [*arguments, "--home", str(home.path)], **options)

    return run


def test_findings_as_csv_are_the_tidy_table(kg):
    """The CSV has the published columns and one row a figure."""
    rows = list(csv.reader(io.StringIO(kg("findings", "--format", "csv").stdout)))
    assert rows[0] == findings.TIDY_COLUMNS
    assert len(rows) == 1 + 58


def test_findings_as_json_say_the_same_as_csv(kg):
    """Both forms hold the same cells."""
    rows = json.loads(kg("findings", "--format", "json").stdout)
    table = list(csv.DictReader(io.StringIO(kg("findings", "--format", "csv").stdout)))
    assert rows == table


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("csv", "n\n58\n"),
        ("tsv", "?n\n58\n"),
        ("table", "n \n58\n"),
    ],
)
def test_query_gives_the_form_asked_for(kg, output, expected):
    """SELECT comes as table, CSV or TSV."""
    result = kg("query", "SELECT (COUNT(*) AS ?n) WHERE { ?f a pg:NumericFinding }", "--format", output)
    assert result.stdout == expected


def test_query_reads_standard_input(kg):
    """Without an argument the query comes from standard input."""
    assert kg("query", "--format", "csv", input="ASK { ?s a foaf:Person }").stdout.strip() == "true"


def test_construct_gives_turtle(kg):
    """A graph comes as Turtle with the project's prefixes."""
    result = kg("query", "CONSTRUCT { person:liv-freihow ?p ?o } WHERE { person:liv-freihow ?p ?o }")
    assert 'foaf:name "Liv Freihow"' in result.stdout


def test_syntax_error_names_line_and_column(kg):
    """A wrong query is told in words, with exit code 1 and no traceback."""
    result = kg("query", "SELECT *\nWHERE { ?s ?p }")
    assert result.exit_code == 1
    assert "Line 2, column 15" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("arguments", "given"), [(("",), None), (("  \n",), None), ((), ""), ((), "\n")])
def test_empty_query_is_told(kg, arguments, given):
    """Nothing asked is told as such, not as a syntax error in what nobody wrote."""
    result = kg("query", *arguments, input=given)
    assert (result.exit_code, result.stderr) == (1, "Error: The query is empty.\n")


def test_query_given_twice_is_refused(kg, tmp_path):
    """Neither of two queries is silently left out."""
    (tmp_path / "a.rq").write_text("ASK {}", encoding="utf-8")
    result = kg("query", "--file", str(tmp_path / "a.rq"), "ASK {}")
    assert result.exit_code == 2
    assert "Give the query as an argument or with --file, not both." in result.stderr


def test_evidence_without_sources_says_what_it_cannot_check(kg):
    """Nothing is claimed to be right that was not compared."""
    result = kg("evidence")
    assert result.stdout.startswith("Without --sources nothing was compared: neither the 5 text files")


def test_evidence_finds_every_position_right(kg, sources):
    """Against the real texts everything is right."""
    result = kg("evidence", "--sources", str(sources))
    assert (result.exit_code, result.stdout.split(" places")[0].split(" ")[0]) == (0, "All")


def test_evidence_of_other_texts_fails(kg, sources, tmp_path):
    """A text with one more character at its start is found out, with exit code 1."""
    for path in sources.glob("*.txt"):
        (tmp_path / path.name).write_text("x" + path.read_text(encoding="utf-8"), encoding="utf-8")
    result = kg("evidence", "--sources", str(tmp_path))
    assert result.exit_code == 1
    assert "it stands at 2486–2498" in result.stderr


def test_evidence_reads_the_files_and_not_what_is_published(copy, spoil, sources, monkeypatch):
    """A row that was just changed is compared before it is built, and a file that cannot be read is told."""
    monkeypatch.setattr(files, "default_folders", lambda: copy)
    spoil("data/findings/blog-2020.csv", "edition-ordinal-blog-2020,332,346,", "edition-ordinal-blog-2020,333,347,")
    result = CliRunner().invoke(cli.main, ["evidence", "--sources", str(sources)])
    assert result.exit_code == 1
    assert "finding/edition-ordinal-blog-2020: at 333–347 stands " in result.stderr
    assert "it stands at 332–346" in result.stderr
    spoil("data/findings/blog-2020.csv", "edition-ordinal-blog-2020,333,347,", "edition-ordinal-blog-2020,x,347,")
    result = CliRunner().invoke(cli.main, ["evidence", "--sources", str(sources)])
    assert (result.exit_code, result.stderr.split("\n")[0]) == (
        1,
        "data/findings/blog-2020.csv:2:2: start: “x” is not a number; write a whole number",
    )


def test_notes_on_what_was_not_checked_are_told(copy, monkeypatch):
    """Whoever mends the faults knows that there may be more."""
    monkeypatch.setattr(files, "default_folders", lambda: copy)
    (copy.data / "findings" / "blog-2020.csv").write_bytes(b"")
    result = CliRunner().invoke(cli.main, ["evidence"])
    assert result.stderr.split("\n")[1:] == [
        "Links to findings were not checked: it is not known which ones the faulty tables describe.",
        "1 fault; nothing was published.",
        "",
    ]


def test_dumps_of_two_homes_are_equal_bytes(graph, kg, tmp_path):
    """Two builds from the same files dump the same."""
    other = Home(tmp_path / "other")
    other.publish(reversed(list(graph)), "someone", "else", {})
    again = CliRunner().invoke(cli.main, ["dump", "--format", "turtle", "--home", str(other.path)])
    assert again.stdout_bytes == kg("dump", "--format", "turtle").stdout_bytes
    assert len(again.stdout_bytes) > 1_000_000


def test_what_cannot_be_printed_is_escaped(graph, tmp_path):
    """A message or a text that would move the cursor is shown as what it is; letters and symbols stay."""
    Home(tmp_path, durable=False).publish(list(graph)[:1], "me\x1b[1m", "gone\x1b[2J\r\nøy 😀", {})
    for command in (["versions"], ["show", "1"], ["query", r'SELECT ("gone\u001B[2J\r\nøy 😀" AS ?x) {}']):
        result = CliRunner().invoke(cli.main, [*command, "--home", str(tmp_path)])
        assert result.exit_code == 0, result.output
        assert "\x1b" not in result.output
        assert "\r" not in result.output
        assert r"gone\x1b[2J\r\nøy 😀" in result.output


def test_every_command_explains_itself():
    """`kg --help` lists every command, and each has a help text of its own."""
    listing = CliRunner().invoke(cli.main, ["--help"]).stdout
    for name in cli.main.commands:
        assert f"  {name}" in listing
        assert "Usage:" in CliRunner().invoke(cli.main, [name, "--help"]).stdout
    assert "..." not in listing.split("Commands:")[1]


def test_progress_is_silent_off_the_terminal(tmp_path):
    """A build in a pipe writes its result and nothing else."""
    command = [sys.executable, "-m", "kg.cli", "build", "--home", str(tmp_path / "home")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True, env={**os.environ})
    assert result.stderr == ""
    assert result.stdout.startswith("Published version 1: ")
