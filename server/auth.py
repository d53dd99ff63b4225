"""Who may write or administer: bearer tokens of the home.

Source: https://www.rfc-editor.org/rfc/rfc6750
"""

import logging
from datetime import UTC, datetime
from typing import Final

from flask import Flask, current_app, g, request

from kg.errors import TokensError
from kg.tokens import Token, Tokens
from server.config import Settings
from server.errors import Forbidden, ScopeMissing, Unauthorized

_log = logging.getLogger(__name__)
_EXTENSION: Final = "praksisgrafen-tokens"
ANYONE: Final = Token("conformance", ("write",), digest="", created="")
"""Who writes in conformance mode."""


def install(app: Flask, settings: Settings) -> None:
    """Give the requests of an app the tokens of its home."""
    app.extensions[_EXTENSION] = None if settings.conformance else Tokens(settings.home)


def writing_is_offered() -> bool:
    """Tell whether anybody could write: there is a token for it that counts, or the mode needs none."""
    tokens, now = _tokens(), datetime.now(UTC)
    try:
        return tokens is None or any("write" in token.scopes and not token.is_expired(now) for token in tokens.all())
    except TokensError as error:
        _log.warning("nobody can write: %s", error.detail)
        return False


def require(scope: str) -> Token:
    """Return the token of the request, which has this scope.

    Raises: Forbidden where no token has been made at all; Unauthorized or ScopeMissing otherwise.
    """
    tokens = _tokens()
    if tokens is None and scope in ANYONE.scopes:
        return ANYONE
    if tokens is None or not tokens.all():
        raise Forbidden(
            "Writing and administration are switched off here.",
            "They need a token; who runs this server makes one with `kg token create`.",
        )
    token = sent()
    if token is None:
        raise Unauthorized("This needs a token.", sent=False)
    if scope not in token.scopes:
        raise ScopeMissing(scope)
    return token


def sent() -> Token | None:
    """Return the token of the request, `None` where it carries none; it is looked up once a request.

    Raises: Unauthorized when the request carries one that counts for nothing.
    """
    if "token" not in g:
        g.token = _look_up()
    found: Token | None = g.token
    return found


def _look_up() -> Token | None:
    tokens, header = _tokens(), request.headers.get("Authorization")
    if header is None or tokens is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("Tokens are sent as Bearer, with one space behind the word.", sent=False)
    found = tokens.find(secret.strip())
    if found is None:
        raise Unauthorized("The token is unknown, revoked or expired.", sent=True)
    return found


def _tokens() -> Tokens | None:
    tokens: Tokens | None = current_app.extensions[_EXTENSION]
    return tokens
