"""The only place that turns IRIs of the graph into addresses on this server."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from kg import iris
from server.errors import UnknownThing

Carried = Mapping[str, str]
NOTHING: Final[Carried] = {}
_PAGES: Final = {"indicator": "/indicators", "finding": "/findings"}
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


def page(iri: str, carried: Carried = NOTHING, **parameters: str | int) -> str | None:
    """Return where a reader should be sent for an IRI: a page here, the web address itself, or `None`.

    `carried` is what the reader asked for in the address, language or version, so that the choice follows along.
    """
    if not is_ours(iri):
        return iri if iri.startswith(("http://", "https://")) else None
    path = iri.removeprefix(iris.BASE)
    query = _query({**carried, **parameters})
    if path.startswith("def/"):
        return f"/def{query}#{path.removeprefix('def/')}"
    if path.startswith(_LOCAL):
        return f"/{path}.html{query}"
    return f"/{path}{query}"


def data(iri: str, suffix: str, carried: Carried = NOTHING) -> str:
    """Return the address of the data about one of our things, which is in no language."""
    version = {name: value for name, value in carried.items() if name == "version"}
    return f"/{iri.removeprefix(iris.BASE)}.{suffix}{_query(version)}"


def citation(iri: str, suffix: str, carried: Carried = NOTHING) -> str:
    """Return the address of the citation of one of our things as a file, which is in the reader's language."""
    return f"/{iri.removeprefix(iris.BASE)}.{suffix}{_query(carried)}"


def sparql(query: str, carried: Carried = NOTHING) -> str:
    """Return the address that opens a query in the SPARQL form."""
    return "/sparql" + _query({"query": query, **carried})


def listing(segment: str, carried: Carried = NOTHING, **parameters: str | int) -> str:
    """Return the address of the list of all things of a segment; some have a page of their own."""
    return _PAGES.get(segment, f"/list/{segment}") + _query({**carried, **parameters})


def _query(parameters: Mapping[str, str | int]) -> str:
    return "?" + urlencode(parameters) if parameters else ""
