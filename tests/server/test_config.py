"""Settings and their environment."""

import re
from pathlib import Path

import pytest

from kg.cli import serve
from server.config import SettingError, Settings, from_environment, table
from server.documentation import OPTIONS, settings_page


def test_every_setting_has_a_variable_and_says_what_it_is() -> None:
    """The table is what help and documentation are made of."""
    assert [row.variable for row in table()][:3] == ["PRAKSIS_HOME", "PRAKSIS_HOST", "PRAKSIS_PORT"]
    assert all(row.help.endswith(".") for row in table())


def test_the_environment_is_read_and_the_command_line_wins() -> None:
    """A variable replaces the default, an argument replaces the variable."""
    read = from_environment({"PRAKSIS_PORT": "81", "PRAKSIS_HOME": "here", "PATH": "x"}, port=82, host=None)
    assert (read.port, read.home, read.host) == (82, Path("here"), "127.0.0.1")


def test_an_unknown_variable_stops_the_start() -> None:
    """A mistyped variable must not be silently without effect."""
    with pytest.raises(SettingError, match="PRAKSIS_PROT"):
        from_environment({"PRAKSIS_PROT": "81"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "0"),
        ("QUERY_TIMEOUT", "nan"),
        ("QUERY_TIMEOUT", "inf"),
        ("QUERY_TIMEOUT", "0"),
        ("QUERY_MEMORY", "1"),
        ("WORKERS", "-2"),
        ("WORKERS", "100000"),
        ("RATE", "fast"),
        ("RATE", "0"),
        ("RATE", "inf"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy"),
        ("LOG", "everything"),
    ],
)
def test_an_impossible_value_stops_the_start(variable: str, value: str) -> None:
    """What cannot be is refused at the start, not at the first request."""
    with pytest.raises(SettingError):
        from_environment({f"PRAKSIS_{variable}": value})


def test_no_limit_may_be_nothing() -> None:
    """A server without workers answers nobody."""
    with pytest.raises(SettingError, match="workers"):
        Settings(workers=0)


def test_variables_of_the_tests_do_not_stop_the_server() -> None:
    """A shell in which the tests ran can start it, too."""
    assert from_environment({"PRAKSIS_SUITES": "/suites", "PRAKSIS_SOURCES": "/sources"}) == Settings()


def test_the_page_of_settings_is_up_to_date() -> None:
    """It is made from the table."""
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_page()


def test_every_option_of_the_server_is_a_setting_and_the_page_names_it() -> None:
    """`kg serve --help` and the page agree, defaults included."""
    options = {option.name: option for option in serve.params if option.name != "conformance"}
    assert set(options) == set(OPTIONS)
    defaults = {row.name: row.default for row in table()}
    for name, option in options.items():
        said = re.search(r"\[default: (.+)\]", getattr(option, "help", ""))
        assert said is None or float(said[1]) == float(str(defaults[name])) if name not in ("host", "home") else True
