"""Short links to queries: `/q/<code>`, where the code is the query itself, compressed.

Nothing is stored, so a link never dies, works on every copy of the server, and nobody can fill a disk with them. What
makes the codes short is a dictionary of what our queries are made of, which both sides know: the last of `shares*.txt`.
Old links need the very bytes of the dictionary they were made with: none is changed, a better one is added beside it.
Source: https://www.rfc-editor.org/rfc/rfc1950 (the header names the dictionary, the end holds a checksum)
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from server import answers
from server.errors import BadRequest, UnknownThing

blueprint = Blueprint("shares", __name__)

LONGEST: Final = 20_000
"""A longer query has no short link. Units: bytes."""
_HERE: Final = Path(__file__).parent
_DICTIONARIES: Final = tuple((_HERE / name).read_bytes() for name in ("shares.txt", "shares-2.txt"))
"""The oldest first; new codes are made with the last."""
_BY_CHECKSUM: Final = {zlib.adler32(dictionary).to_bytes(4, "big"): dictionary for dictionary in _DICTIONARIES}
"""The dictionaries by what the header of a code calls them."""
_KEPT: Final = ("lang", "version", "view", "x", "y", "group")
"""What a short link may say beside the query."""


class BrokenLink(UnknownThing):
    """A short link whose code is not a query: cut off, or mistyped."""

    title = "Broken link"

    def __init__(self) -> None:
        BadRequest.__init__(
            self,
            "The link is not whole: the query it should hold cannot be read from it.",
            "Copy the whole link once more; it may have been cut where a line ended.",
        )


def code(query: str) -> str | None:
    """Return the code of a query, None where the query is too long for one."""
    text = query.encode()
    if len(text) > LONGEST:
        return None
    work = zlib.compressobj(9, zdict=_DICTIONARIES[-1])
    return urlsafe_b64encode(work.compress(text) + work.flush()).rstrip(b"=").decode()


def query(code: str) -> str:
    """Return the query of a code.

    Raises: BrokenLink when it is none.
    """
    try:
        packed = urlsafe_b64decode(code + "=" * (-len(code) % 4))
        work = zlib.decompressobj(zdict=_BY_CHECKSUM.get(packed[2:6], b""))
        text = work.decompress(packed, LONGEST + 1)
        if not work.eof or work.unused_data:
            raise BrokenLink
        return text.decode()
    except (zlib.error, ValueError) as error:
        raise BrokenLink from error


@blueprint.get("/q/<code>")
def follow(code: str) -> Response:
    """Send the reader on to the answer of the query that a short link holds."""
    kept = {name: request.args[name] for name in _KEPT if name in request.args}
    return answers.see_other("/sparql?" + urlencode({"query": query(code), **kept}))
