"""The stored queries on the web: `/queries`, a page for each, and its answers as data."""

from flask import Blueprint, Response, request

from server import answers, negotiation, reader
from server.caching import conditional, vary
from server.errors import UnknownThing
from server.examples import choosable, examples, queries
from server.stored import data, page

blueprint = Blueprint("stored", __name__, url_prefix="/queries")


@blueprint.get("", strict_slashes=False)
@conditional
def listing() -> Response:
    """List the stored queries."""
    language = reader.language()
    return answers.page("stored/queries.html", examples=examples(language), choices=choosable(language))


@blueprint.get("/<name>")
def stored(name: str) -> Response:
    """Show a stored query with its answer to a person; give the answer to a program.

    Raises: UnknownThing when there is no such query or format.
    """
    name, dot, suffix = name.partition(".")
    query = queries().get(name)
    if query is None or (dot and suffix not in (*data.SUFFIXES, "html")):
        raise UnknownThing(request.base_url)
    if suffix == "html" or (not dot and negotiation.prefers_html(request.headers.get("Accept"))):
        return vary(page.page(query))
    return data.answer(query, suffix or None)
