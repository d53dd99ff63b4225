"""The built style sheets, fonts and scripts: their addresses, and the files as they are sent.

`server/assets/build.mjs` writes them to `server/static/built` with a hash of the content in each name, so that they
may be kept for ever; without that folder the pages are plain.
"""

import hashlib
import json
import logging
import mimetypes
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request, send_from_directory

FOLDER: Final = Path(__file__).parent / "static" / "built"
FOREVER: Final = "public, max-age=31536000, immutable"
_CODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""What is compressed beforehand, the smallest first: name of the coding → ending of the file."""
_log = logging.getLogger(__name__)

blueprint = Blueprint("assets", __name__)


@cache
def manifest() -> dict[str, str]:
    """Return the name of each built file by its plain name; empty where nothing is built."""
    try:
        found: dict[str, str] = json.loads((FOLDER / "manifest.json").read_bytes())
    except OSError:
        return {}
    return found


@cache
def fingerprint() -> str:
    """Return what tells these built files from others, for the tags of the pages that name them."""
    return hashlib.sha256(json.dumps(manifest(), sort_keys=True).encode()).hexdigest()[:16]


def warn_if_missing() -> None:
    """Say in the log that the pages will be plain, and what to do about it."""
    if not manifest():
        _log.warning("Style sheets and scripts are not built, so pages are plain. In a checkout, run: make assets")


def asset(name: str) -> str | None:
    """Return the address of a built file, `None` where it is not built."""
    built = manifest().get(name)
    return built and f"/static/built/{built}"


@blueprint.get("/static/built/<name>")
def built(name: str) -> Response:
    """Send a built file, compressed as the client likes."""
    if name not in manifest().values():
        abort(404)
    coding = _coding(name)
    file = name + _CODINGS[coding] if coding else name
    response = send_from_directory(FOLDER, file, mimetype=mimetypes.guess_type(name)[0])
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Cache-Control"] = FOREVER
    response.vary.add("Accept-Encoding")
    return response


def _coding(name: str) -> str | None:
    """Return the smallest coding of a file that the client takes."""
    accepted = request.accept_encodings
    taken = (coding for coding in _CODINGS if accepted.quality(coding) > 0)
    return next((coding for coding in taken if (FOLDER / (name + _CODINGS[coding])).exists()), None)
