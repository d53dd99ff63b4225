"""Headers every answer carries: what a browser may do with it, who may read it, which version it is of."""

from typing import Final

from flask import Flask, Response, request

from server import reader

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
ALWAYS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Range, ETag, Link, Location, Memento-Datetime, Praksisgrafen-Version, Repr-Digest, "
        "Retry-After, WWW-Authenticate"
    ),
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Datetime, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, Query-Id"
    ),
    "Access-Control-Max-Age": "86400",
}


def install(app: Flask) -> None:
    """Put the headers on every answer of an app, errors included."""

    @app.after_request
    def add(response: Response) -> Response:
        """Add what the view has not set itself, and the version that was read."""
        for name, content in ALWAYS.items():
            response.headers.setdefault(name, content)
        if request.method == "OPTIONS":
            response.headers.update(_PREFLIGHT)
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "OPTIONS")
        held = reader.held_snapshot()
        if held is not None:
            response.headers["Praksisgrafen-Version"] = str(held.version.number)
        return response
