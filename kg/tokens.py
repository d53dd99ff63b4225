"""Bearer tokens for writing and administration, in `<home>/tokens.json`.

A token is 32 random bytes, so its SHA-256 is kept and no slow password hash is needed: nobody can guess 256 bits, and
nothing is gained by slowing down who tries. The token itself is shown once, when it is made. The file belongs to its
owner alone; one that others may read or write is refused.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kg.errors import InvalidToken, TokensError

SCOPES: Final = ("write", "admin")
PREFIX: Final = "pg_"
"""What every token begins with, so that one left in a file is recognised for what it is."""

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: never the token itself. Units: seconds of query time, where it has more of it."""

    name: str
    scopes: tuple[str, ...]
    digest: str
    created: str
    expires: str | None = None
    query_timeout: float | None = None

    def is_expired(self, now: datetime) -> bool:
        """Tell whether the token no longer counts."""
        return self.expires is not None and datetime.fromisoformat(self.expires) <= now


class Tokens:
    """The tokens of one home; reading them again costs a `stat` where nothing has changed."""

    def __init__(self, home: Path) -> None:
        self.path = home / "tokens.json"
        self._seen: tuple[int, ...] | None = None
        self._held: tuple[Token, ...] = ()

    def all(self) -> tuple[Token, ...]:
        """Return the tokens by name, expired ones included.

        Raises: TokensError when the file cannot be read or others may read it.
        """
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise TokensError(f"{self.path} cannot be read: {error.strerror}") from error
        if status.st_mode & 0o077:
            raise TokensError(f"Others may read or write {self.path}.", f"Run: chmod 600 {self.path}")
        state = (status.st_mtime_ns, status.st_ino, status.st_size)
        if state != self._seen:
            self._held, self._seen = self._read(), state
        return self._held

    def find(self, secret: str) -> Token | None:
        """Return the token with this secret, comparing it with every one there is, in constant time."""
        digest, now, found = _digest(secret), datetime.now(UTC), None
        for token in self.all():
            if hmac.compare_digest(token.digest, digest) and not token.is_expired(now):
                found = token
        return found

    def create(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        days: int | None = None,
        query_timeout: float | None = None,
    ) -> str:
        """Make a token and return its secret, which is kept nowhere.

        Raises: InvalidToken when the name is taken or a scope unknown; TokensError when the file cannot be written.
        """
        wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
        if not wanted or set(scopes) - set(SCOPES):
            raise InvalidToken(f"A token has one or more of the scopes {', '.join(SCOPES)}.")
        if not name.strip() or not name.isprintable():
            raise InvalidToken("A token has a name that can be printed; it becomes the author of what it writes.")
        secret = PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        expires = None if days is None else (now + timedelta(days=days)).isoformat(timespec="seconds")
        token = Token(name, wanted, _digest(secret), now.isoformat(timespec="seconds"), expires, query_timeout)
        with self._changing() as tokens:
            if any(other.name == name for other in tokens):
                raise InvalidToken(f"There is a token “{name}” already.", "Revoke it first, or choose another name.")
            tokens.append(token)
        return secret

    def revoke(self, name: str) -> None:
        """Forget a token; it counts no more at the next request.

        Raises: InvalidToken when there is none of that name; TokensError when the file cannot be written.
        """
        with self._changing() as tokens:
            kept = [token for token in tokens if token.name != name]
            if len(kept) == len(tokens):
                raise InvalidToken(f"There is no token “{name}”.", "`kg token list` shows all.")
            tokens[:] = kept

    @contextlib.contextmanager
    def _changing(self) -> Iterator[list[Token]]:
        """Give the tokens to be changed, and write them when that went well."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                tokens = list(self.all())
                yield tokens
                self._write(tokens)
        except OSError as error:
            raise TokensError(f"{self.path} cannot be written: {error.strerror}") from error

    def _read(self) -> tuple[Token, ...]:
        try:
            record: Any = json.loads(self.path.read_text(encoding="utf-8"))
            if record["format"] != FORMAT:
                raise TokensError(f"{self.path} has format {record['format']}, this program reads format {FORMAT}.")
            return tuple(Token(**{**entry, "scopes": tuple(entry["scopes"])}) for entry in record["tokens"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TokensError(f"{self.path} holds no readable tokens: {error}") from error

    def _write(self, tokens: Iterable[Token]) -> None:
        """Replace the file in one step by one that only its owner could ever read."""
        record = {"format": FORMAT, "tokens": [asdict(token) for token in sorted(tokens, key=lambda token: token.name)]}
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
