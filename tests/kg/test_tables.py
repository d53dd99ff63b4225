"""Tables for people: as wide as the text in a pipe, never squeezed out of reading on a terminal."""

import pytest
from rich.console import Console

from kg import tables

COLUMNS = ["finding", "indicator", "note", "unit"]
ROWS = [["a-long-name-of-a-finding", "some-indicator", "", "percent"], ["x" * 70, "b", "two words", "count"]]


@pytest.fixture
def shown(monkeypatch, capsys):
    """Show rows on a terminal of a width and return the lines, or in a pipe where there is none."""

    def show(columns, rows, width):
        def console(**options):
            return Console(
                **options, **({"force_terminal": True, "width": width, "color_system": None} if width else {})
            )

        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(tables, "Console", console)
        tables.show(columns, rows)
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return show


def test_table_that_fits_stays_a_table(shown):
    """One line of names and one a row."""
    assert [line.split() for line in shown(COLUMNS, ROWS[:1], 80)] == [COLUMNS, [*ROWS[0][:2], "percent"]]


def test_text_that_is_too_wide_is_broken_between_words(shown):
    """A table whose words fit keeps its columns."""
    lines = shown(["name", "text"], [["a", "word " * 30]], 40)
    assert lines[0].split() == ["name", "text"]
    assert "".join(lines).count("word") == 30


def test_row_whose_words_do_not_fit_is_a_list(shown):
    """Each cell that is filled has a line with its column's name; nothing is cut off, and a row ends with a gap."""
    lines = shown(COLUMNS, ROWS, 40)
    assert lines[:4] == [
        "finding    a-long-name-of-a-finding",
        "indicator  some-indicator",
        "unit       percent",
        "",
    ]
    assert "".join(lines).count("x") == 70
    assert max(map(len, lines)) <= 40


def test_pipe_gets_one_line_a_row(shown):
    """However wide it is."""
    assert [line.split()[0] for line in shown(COLUMNS, ROWS, None)] == ["finding", ROWS[0][0], ROWS[1][0]]
