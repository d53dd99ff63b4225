"""Permalinks to answers: `/answers/<version>/<hash>/<code>`.

`version` is the number of the version and the beginning of its content hash, `hash` that of the answer
(`kg.citable`), and the code holds the query itself (`server.shares`): nothing is stored. What may stand behind it in
the address, the title and how the answer is drawn, is not hashed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from kg.errors import N_, NotCitable
from kg.versions import Version
from server import reader, shares
from server.errors import BadRequest

ADDRESS: Final = "/answers"
LONGEST_TITLE: Final = 200
"""Units: characters."""
_VIEW: Final = ("view", "x", "y", "group")
"""What an address may say of the drawing, as that of the SPARQL page does."""
_LONGEST_COLUMN: Final = 100
_VERSION: Final = re.compile(r"([0-9]{1,9})-([0-9a-f]{12})")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_CODE: Final = re.compile(r"[A-Za-z0-9_-]+")


class BrokenPermalink(BadRequest):
    """The permalink to an answer is not whole: it was cut off or mistyped."""

    title = "Broken permalink"

    def __init__(self) -> None:
        super().__init__(
            N_("The permalink is not whole: version, hash and query of the answer cannot be read from it."),
            N_("Copy the whole link once more; it may have been cut where a line ended."),
        )


@dataclass(frozen=True)
class Permalink:
    """What a permalink says; `content` is the beginning of the content hash of the version."""

    number: int
    content: str
    digest: str
    query: str
    title: str = ""
    view: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def to(cls, query: str, version: Version, digest: str, title: str, view: Mapping[str, str]) -> "Permalink":
        """Return the permalink to an answer."""
        return cls(version.number, version.content_hash[:12], digest, query, title, view)

    def path(self, suffix: str = "", **also: str) -> str:
        """Return where it leads on this server, with a suffix to a file; `also` are further parameters.

        Raises: NotCitable when the query is too long.
        """
        code = shares.code(self.query)
        if code is None:
            raise NotCitable(
                N_("The query is longer than the %(limit)s bytes that fit into a permalink."), limit=shares.LONGEST
            )
        beside = urlencode({**({"title": self.title} if self.title else {}), **self.view, **also})
        return f"{ADDRESS}/{self.number}-{self.content}/{self.digest}/{code}{suffix}" + (f"?{beside}" if beside else "")

    def iri(self) -> str:
        """Return the whole address, host included, which is what is cited."""
        return request.url_root.rstrip("/") + self.path()

    def is_of(self, version: Version) -> bool:
        """Tell whether the version of this number here has the content that was cited."""
        return version.content_hash.startswith(self.content)


def read(version: str, digest: str, code: str) -> Permalink:
    """Read the permalink of this request from the parts of its path.

    Raises: BrokenPermalink; BadRequest when what stands behind the path cannot be.
    """
    named = _VERSION.fullmatch(version)
    if named is None or not _DIGEST.fullmatch(digest) or not _CODE.fullmatch(code):
        raise BrokenPermalink
    try:
        query = shares.query(code)
    except shares.BrokenLink as error:
        raise BrokenPermalink from error
    return Permalink(int(named[1]), named[2], digest, query, title(), view(request.args))


def title() -> str:
    """Return the title that the request gives the answer, empty for none; white space runs together.

    Raises: BadRequest when it is too long, or has characters that cannot be shown.
    """
    said = " ".join(request.args.get("title", "").split())
    if len(said) > LONGEST_TITLE or not said.isprintable():
        raise BadRequest(
            N_("The title of an answer has up to %(limit)s characters, all of which can be shown."), limit=LONGEST_TITLE
        )
    return said


def view(said: Mapping[str, str]) -> dict[str, str]:
    """Return how the answer is to be drawn, empty for a table."""
    if said.get("view") not in ("bar", "line"):
        return {}
    return {name: said[name] for name in _VIEW if name in said and len(said[name]) <= _LONGEST_COLUMN}


def link(query: str, title: str = "", view: Mapping[str, str] | None = None) -> str:
    """Return the address that makes the permalink of a query's answer and sends the reader on to it.

    It is the answer of the version that this request reads.
    """
    said = {"query": query, "version": str(reader.snapshot().version.number), "title": title, **(view or {})}
    kept = {"lang": request.args["lang"]} if "lang" in request.args else {}
    return f"{ADDRESS}/cite?{urlencode({name: value for name, value in {**said, **kept}.items() if value})}"


def asked(arguments: MultiDict[str, str]) -> str:
    """Return the query of a request for a permalink: line ends as Unix has them, no white space around it.

    Raises: BadRequest when there is none.
    """
    text = arguments.get("query", "").replace("\r\n", "\n").strip()
    if not text:
        raise BadRequest(N_("There is no query whose answer could be cited."), N_("Send it as the parameter “query”."))
    return text
