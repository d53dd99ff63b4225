"""Bearer tokens: what is kept of them, who may read it, and that revoking works at once."""

import json
import stat
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import tokens as module
from kg.cli import main
from kg.errors import InvalidToken, TokensError
from kg.tokens import Tokens


def test_a_token_is_found_by_its_secret_and_by_nothing_else(tmp_path: Path) -> None:
    """The name, the digest and half a secret are no secret."""
    tokens = Tokens(tmp_path)
    secret = tokens.create("anna", ["admin", "write"])
    found = tokens.find(secret)
    assert found is not None
    assert (found.name, found.scopes) == ("anna", ("write", "admin"))
    for wrong in ("", "anna", found.digest, secret[:-1], secret + "x", secret.upper(), "\udcff"):
        assert tokens.find(wrong) is None


def test_the_file_holds_no_secret_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    """Who reads the file cannot write to the graph."""
    secret = Tokens(tmp_path).create("anna", ["write"])
    path = tmp_path / "tokens.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret not in path.read_text(encoding="utf-8")
    assert secret.removeprefix(module.PREFIX) not in path.read_text(encoding="utf-8")


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A loosened file counts for nothing until it is mended."""
    tokens = Tokens(tmp_path)
    secret = tokens.create("anna", ["write"])
    assert tokens.find(secret)
    tokens.path.chmod(0o640)
    with pytest.raises(TokensError, match="Others may read"):
        tokens.find(secret)
    tokens.path.chmod(0o600)
    assert tokens.find(secret)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2, "tokens": []}', '{"format": 1, "tokens": [{}]}'])
def test_a_damaged_file_is_an_error_and_lets_nobody_in(tmp_path: Path, content: str) -> None:
    """No token is better than a guess."""
    path = tmp_path / "tokens.json"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(TokensError):
        Tokens(tmp_path).find("anything")


def test_every_token_is_compared_whichever_matches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time taken does not tell which token was nearly right."""
    tokens = Tokens(tmp_path)
    secrets = [tokens.create(f"token {number}", ["write"]) for number in range(5)]
    compared: list[str] = []

    def compare(left: str, right: str) -> bool:
        compared.append(left)
        return compare_digest(left, right)

    monkeypatch.setattr(module.hmac, "compare_digest", compare)
    for secret in (secrets[0], secrets[4], "wrong"):
        compared.clear()
        tokens.find(secret)
        assert len(compared) == 5


def test_an_expired_token_counts_for_nothing(tmp_path: Path) -> None:
    """Its time is in the file, so it ends without anybody's help."""
    tokens = Tokens(tmp_path)
    secret = tokens.create("guest", ["write"], days=1)
    assert tokens.find(secret)
    record = json.loads(tokens.path.read_text(encoding="utf-8"))
    record["tokens"][0]["expires"] = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    tokens.path.write_text(json.dumps(record), encoding="utf-8")
    assert tokens.find(secret) is None


@pytest.mark.parametrize(("name", "scopes"), [("x", []), ("x", ["root"]), ("x", ["write", "root"]), (" ", ["write"])])
def test_what_is_no_token_is_not_made(tmp_path: Path, name: str, scopes: list[str]) -> None:
    """A scope that means nothing would look like one that does."""
    with pytest.raises(InvalidToken):
        Tokens(tmp_path).create(name, scopes)
    assert not (tmp_path / "tokens.json").exists()


def test_the_command_makes_lists_and_revokes(tmp_path: Path) -> None:
    """What one process revokes, another one no longer takes."""
    server, run, home = Tokens(tmp_path), CliRunner().invoke, ["--home", str(tmp_path)]
    made = run(main, ["token", "create", "anna", "--scope", "write", *home])
    secret = made.stdout.strip()
    found = server.find(secret)
    assert found is not None
    assert found.scopes == ("write",)
    taken = run(main, ["token", "create", "anna", *home])
    assert (taken.exit_code, "already" in taken.stderr) == (1, True)
    listed = run(main, ["token", "list", *home]).stdout
    assert "anna" in listed
    assert secret not in listed
    assert run(main, ["token", "revoke", "anna", *home]).exit_code == 0
    assert server.find(secret) is None
    assert run(main, ["token", "revoke", "anna", *home]).exit_code == 1
