"""The whole graph as one file, which can be fetched in parts."""

from base64 import b64encode
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, send_file

from kg.artefacts import Artefacts
from server import caching, formats, reader
from server.errors import UnknownThing

blueprint = Blueprint("downloads", __name__)
ADDRESS: Final = "/praksisgrafen."
"""What the addresses of the files begin with; of the parameters behind them, only the version counts."""


@blueprint.get(f"{ADDRESS}<suffix>")
def dump(suffix: str) -> Response:
    """Give every statement of the version; its digest is the entity tag."""
    if suffix not in formats.DUMPS:
        raise UnknownThing(request.base_url)
    version = reader.snapshot().version
    artefacts = Artefacts(version.path.parents[1], version)
    path = artefacts.dump(formats.DUMPS[suffix])
    with version.reading():  # the file goes with its version
        digest = artefacts.digest(path)
        return caching.not_modified(digest) or _sent(path, suffix, digest)


def _sent(path: Path, suffix: str, digest: str) -> Response:
    response = send_file(
        path,
        mimetype=formats.DUMP_TYPES[suffix],
        as_attachment=True,
        download_name=f"praksisgrafen.{suffix}",
        conditional=True,
        etag=digest,
    )
    response.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(digest)).decode()}:"
    return caching.vary(caching.stamp(response, digest))
