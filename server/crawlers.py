"""For crawlers: which pages there are, in which languages and how new, and what they had better leave alone.

Source: https://www.sitemaps.org/protocol.html and https://www.rfc-editor.org/rfc/rfc9309
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, render_template
from werkzeug.urls import iri_to_uri

from kg.versions import Home
from server import history, links, navigation, queries, reader
from server import language as lang
from server.caching import conditional
from server.rows import column
from server.segments import SEGMENTS

blueprint = Blueprint("crawlers", __name__)

PER_MAP: Final = 10_000
"""Pages in one sitemap; the protocol allows 50,000, and 50 MB."""
_LEFT_ALONE: Final = (
    "/sparql",
    "/search",
    "/reconcile",
    "/graphs",
    "/admin",
    "/limits",
    "/metrics",
    "/timegate",
    "/timemap",
    "/versions/*...",
)
"""What is computed for who asks, and not meant to be read page by page."""
_DAY: Final = "public, max-age=86400"


@dataclass(frozen=True)
class Page:
    """A page: its address without a language, and when it last changed."""

    path: str
    changed: str


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Say what is to be left alone: answers to questions, earlier versions, permutations of what can be chosen."""
    body = render_template("robots.txt", paths=_LEFT_ALONE, languages=lang.LANGUAGES)
    response = Response(body, mimetype="text/plain")
    response.headers["Cache-Control"] = _DAY
    return response


@blueprint.get("/sitemap.xml")
@conditional
def sitemap() -> Response:
    """List the pages; where they are too many for one list, list the lists."""
    pages = list(_pages())
    if len(pages) <= PER_MAP:
        return _listed(pages)
    maps = [_of(pages, number) for number in range(1, -(-len(pages) // PER_MAP) + 1)]
    newest = [max(page.changed for page in part) for part in maps]
    return Response(render_template("sitemapindex.xml", newest=newest), mimetype="application/xml")


@blueprint.get("/sitemap-<int:number>.xml")
@conditional
def part(number: int) -> Response:
    """List some of the pages."""
    pages = _of(list(_pages()), number)
    if not pages:
        abort(404)
    return _listed(pages)


def _of(pages: list[Page], number: int) -> list[Page]:
    return pages[(number - 1) * PER_MAP : number * PER_MAP] if number else []


def _listed(pages: list[Page]) -> Response:
    body = render_template("sitemap.xml", pages=pages, tags=lang.LANGUAGES)
    return Response(body, mimetype="application/xml")


def _pages() -> Iterator[Page]:
    """Give the pages about many things, then one for each thing."""
    snapshot = reader.snapshot()
    menus = (place.path for place in (*navigation.menu(), *navigation.footer()))
    lists = (links.listing(segment) for segment in SEGMENTS)
    for path in dict.fromkeys(("/", *menus, *lists)):
        if path not in _LEFT_ALONE:
            yield Page(path, snapshot.version.time)
    home = Home(snapshot.version.path.parents[1])
    numbers = tuple(number for number in home.numbers() if number <= snapshot.version.number)
    changes = history.latest(home.versions, numbers)
    for iri in column(snapshot.rows(queries.bind("sitemap")), "thing"):
        yield Page(iri_to_uri(links.page(iri) or "/"), changes.of(iri))
