"""The only place that turns IRIs of the graph into addresses on this server."""

from urllib.parse import urlencode

from pyoxigraph import NamedNode

from kg import iris
from server.errors import UnknownThing

_LOCAL = ("id/", "graph/", "shapes/", ".well-known/genid/")


def is_ours(iri: str) -> bool:
    """Tell whether an IRI is one that this server answers for."""
    return iri.startswith(iris.BASE)


def named(iri: str) -> NamedNode:
    """Return the IRI as a term.

    Raises: UnknownThing when it is no IRI, so that nothing can be known about it.
    """
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise UnknownThing(iri) from error


def page(iri: str, language: str | None = None, **parameters: str | int) -> str | None:
    """Return where a reader should be sent for an IRI: a page here, the web address itself, or `None`.

    `language` is given where the reader asked for one in the address, so that the choice follows along.
    """
    if not is_ours(iri):
        return iri if iri.startswith(("http://", "https://")) else None
    path = iri.removeprefix(iris.BASE)
    query = _query({"lang": language, **parameters})
    if path.startswith("def/"):
        return f"/def{query}#{path.removeprefix('def/')}"
    if path.startswith(_LOCAL):
        return f"/{path}.html{query}"
    return f"/{path}{query}"


def data(iri: str, suffix: str) -> str:
    """Return the address of the data about one of our things."""
    return f"/{iri.removeprefix(iris.BASE)}.{suffix}"


def sparql(query: str, language: str | None = None) -> str:
    """Return the address that opens a query in the SPARQL form."""
    return "/sparql" + _query({"query": query, "lang": language})


def listing(segment: str, language: str | None = None, **parameters: str | int) -> str:
    """Return the address of the list of all things of a segment."""
    return f"/list/{segment}" + _query({"lang": language, **parameters})


def _query(parameters: dict[str, str | int | None]) -> str:
    present = {name: value for name, value in parameters.items() if value is not None}
    return "?" + urlencode(present) if present else ""
