"""The whole graph as one file."""

import tempfile
from typing import IO, cast

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from kg import dumps
from server import formats, reader
from server.caching import conditional
from server.errors import UnknownThing

blueprint = Blueprint("downloads", __name__)
_IN_MEMORY = 1 << 22


@blueprint.get("/praksisgrafen.<suffix>")
@conditional
def dump(suffix: str) -> Response:
    """Give every statement of the version."""
    if suffix not in formats.DUMPS:
        raise UnknownThing(request.base_url)
    file = cast(IO[bytes], tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 closed with the answer
    with reader.snapshot().version.reading() as store:
        dumps.write(store, formats.DUMPS[suffix], file)
    length = file.tell()
    file.seek(0)
    content_type = formats.with_charset(formats.DUMP_TYPES[suffix])
    response = Response(wrap_file(request.environ, file), content_type=content_type, direct_passthrough=True)
    response.content_length = length
    response.call_on_close(file.close)
    response.headers["Content-Disposition"] = f'attachment; filename="praksisgrafen.{suffix}"'
    return response
