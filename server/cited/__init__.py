"""Citable answers: a permalink holds a query, a version and the hash of the answer, and checks itself when opened.

`/answers` explains what a permalink is and how its hash is made, `/answers/cite?query=…&version=…` makes one, and
`/answers/<version>/<hash>/<code>` is the answer: a page, a record in JSON, by a suffix a citation or the hashed text.
"""

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request

from kg import citable
from server import answers, negotiation, permalinks, reader
from server.caching import conditional, conditional_on
from server.citations import FORMS
from server.cited import checking, page, recompute
from server.errors import BadRequest
from server.language import N_
from server.permalinks import BrokenPermalink, Permalink

blueprint = Blueprint("cited", __name__, url_prefix=permalinks.ADDRESS)

_JSON: Final = "application/json"
_FILES: Final = {"json": _JSON, "txt": "text/plain", **{suffix: form.media_type for suffix, form in FORMS.items()}}
"""What a suffix after a permalink stands for."""


class NotTheCitedAnswer(BadRequest):
    """An answer is to be cited that is not the one whose hash the permalink has."""

    status = 409
    title = "Not the answer that was cited"

    def __init__(self, address: str) -> None:
        super().__init__(
            N_("The answer here is not the one that was cited, so there is no citation of it."),
            N_("Why it is not stands at <%(address)s>."),
            address=address,
        )


@blueprint.get("", strict_slashes=False)
@conditional
def about() -> Response:
    """Explain what a permalink is, and how its hash is made."""
    program = Path(recompute.__file__).read_text(encoding="utf-8")
    return answers.page("answers/about.html", algorithm=citable.ALGORITHM, most=citable.MOST_ROWS, program=program)


@blueprint.get("/cite")
def cite() -> Response:
    """Make the permalink of an answer and send the reader on to it."""
    query, title, view = permalinks.asked(request.args), permalinks.title(), permalinks.view(request.args)
    snapshot = reader.snapshot()
    result = checking.evaluate(query, snapshot)
    made = Permalink.to(query, snapshot.version, result.digest, title, view)
    address = made.path()
    language = request.args.get("lang")
    return answers.see_other(
        address + (f"{'&' if '?' in address else '?'}lang={reader.language()}" if language else "")
    )


@blueprint.get("/<version>/<digest>/<code>")
def cited(version: str, digest: str, code: str) -> Response:
    """Check a cited answer: show it to a person, tell a program, or give a file of it."""
    code, dot, suffix = code.partition(".")
    if dot and suffix not in _FILES:
        raise BrokenPermalink
    permalink = permalinks.read(version, digest, code)
    reader.choose_version(str(permalink.number))
    return _answer(permalink, suffix)


def _beside() -> object:
    """Return what the answer depends on beside the version it was cited from."""
    now = reader.snapshots().current().version
    return now.number, now.content_hash, page.today()


@conditional_on(_beside)
def _answer(permalink: Permalink, suffix: str) -> Response:
    offered = {"json": _JSON, **{name: form.media_type for name, form in FORMS.items()}}
    if not suffix and not negotiation.prefers_html(request.headers.get("Accept")):
        suffix = answers.suffix_for_accept(offered)
    checked = checking.check(permalink)
    if suffix in ("", "json"):
        response = page.record(checked) if suffix else page.page(checked)
        if checked.today.error:  # which may not fail the next time
            response.headers["Cache-Control"] = "no-store"
        return response
    if suffix == "txt":
        return page.document(checked)
    if not checked.is_verified:
        raise NotTheCitedAnswer(permalink.iri())
    return page.citation(checked, suffix)
