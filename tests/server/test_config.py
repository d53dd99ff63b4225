"""Settings and their environment."""

from pathlib import Path

import pytest

from server.config import SettingError, Settings, from_environment, table


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


@pytest.mark.parametrize(("variable", "value"), [("PORT", "eighty"), ("PORT", "70000"), ("QUERY_TIMEOUT", "nan")])
def test_an_impossible_value_stops_the_start(variable: str, value: str) -> None:
    """What cannot be is refused at the start, not at the first request."""
    with pytest.raises(SettingError):
        from_environment({f"PRAKSIS_{variable}": value})


def test_no_limit_may_be_nothing() -> None:
    """A server without workers answers nobody."""
    with pytest.raises(SettingError, match="workers"):
        Settings(workers=0)
