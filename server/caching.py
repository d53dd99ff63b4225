"""ETags that are known before anything is evaluated, and the 304 they allow.

An answer is a function of the version's content, the software, and what the request asks for; its tag is a
hash of just that.
"""

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from flask import Response, current_app, request
from werkzeug.datastructures import ETags

from kg.versions import Home
from server import assets, compression, formats, reader
from server.snapshot import Snapshot

TRY_AGAIN_SOON: Final = "public, no-cache"
_DATA: Final = frozenset((*formats.SUFFIXES, *formats.DUMPS))


@cache
def software_version() -> str:
    """Return the version of the installed package, or `0` in a bare checkout."""
    try:
        return version("praksisgrafen")
    except PackageNotFoundError:
        return "0"


def tag(*parts: object) -> str:
    """Return the entity tag of what depends on the current version and these parts."""
    return tag_of(reader.snapshot(), *parts)


def tag_of(snapshot: Snapshot, *parts: object) -> str:
    """Return the entity tag of what depends on a version and these parts."""
    content = snapshot.version.content_hash
    text = "\0".join(repr(part) for part in (content, software_version(), assets.fingerprint(), *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def not_modified(entity_tag: str) -> Response | None:
    """Return the 304 when the client already has this very answer.

    `If-None-Match: *` is left to the view: it may be about something that does not exist.
    """
    if request.method in ("GET", "HEAD", "QUERY") and entity_tag in known_tags():
        return stamp(Response(status=304), entity_tag)
    return None


def known_tags() -> frozenset[str]:
    """Return the tags of If-None-Match, compressed or not; weak ones count too, as the RFC has it.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
    """
    return frozenset(compression.plain(tag) for tag in tags(request.if_none_match, weak=True))


def tags(sent: ETags, *, weak: bool = False) -> frozenset[str]:
    """Return the tags of a header, weak ones where they count; the empty tag, which is none of ours, is left out."""
    return frozenset(filter(None, sent.as_set(weak)))


def stamp(response: Response, entity_tag: str) -> Response:
    """Put the tag on an answer and let caches keep it, to be asked about each time."""
    response.set_etag(entity_tag)
    response.headers["Cache-Control"] = TRY_AGAIN_SOON
    return response


View = Callable[..., Response]


def conditional(view: View) -> View:
    """Give a view an ETag of address, Accept and language, and spare it when nothing changed."""
    return conditional_on(lambda: None)(view)


def conditional_on(facts: Callable[[], object]) -> Callable[[View], View]:
    """Do the same where the answer depends on something beside the version, too."""

    def decorated(view: View) -> View:
        """Wrap one view."""

        @wraps(view)
        def wrapped(*args: object, **kwargs: object) -> Response:
            """Answer 304 without asking the view, or put the tag on its answer where that may be kept."""
            named = current_app.config["PUBLISHER"], current_app.config["CONTACT"]
            accept = request.headers.get("Accept")
            entity_tag = tag(request.full_path, accept, reader.language(), named, _number(), facts())
            unchanged = not_modified(entity_tag)
            if unchanged is not None:
                return vary(unchanged)
            response = view(*args, **kwargs)
            is_lasting = response.status_code == 200 and not response.cache_control.no_store
            return vary(stamp(response, entity_tag) if is_lasting else response)

        return wrapped

    return decorated


def _number() -> tuple[int, ...] | None:
    """Return the number of the version and of those that are kept, which pages name and lead to and data do not."""
    if request.path.rpartition(".")[2] in _DATA:
        return None
    version = reader.snapshot().version
    return (version.number, *Home(version.path.parents[1]).numbers())


def vary(response: Response) -> Response:
    """Say which headers of the request the answer depends on."""
    response.vary.update(("Accept", "Accept-Language"))
    return response
