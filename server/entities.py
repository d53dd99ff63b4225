"""Things and named graphs: 303 from the address of a thing to a document about it, and the documents."""

from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode, QueryResultsFormat

from kg import iris
from kg.engine import Formats, Query, Row
from server import answers, formats, links, queries, reader
from server.caching import conditional
from server.description import INCOMING_PAGE, Focus, describe, is_known
from server.errors import UnknownThing
from server.rows import column, number
from server.segments import SEGMENTS

blueprint = Blueprint("entities", __name__)

DOCUMENTS: Final = {"html": "text/html", **formats.SUFFIXES}
_GRAPH_PAGE: Final = 50


def _resolve(path: str) -> tuple[NamedNode, str | None]:
    """Return the thing an address is about and the suffix of the document asked for."""
    stem, dot, suffix = path.rpartition(".")
    name, chosen = (stem, suffix) if dot and suffix in DOCUMENTS else (path, None)
    return links.named(iris.BASE + name.removeprefix("/")), chosen


@blueprint.get("/id/<path:name>")
@blueprint.get("/shapes/<path:name>")
@blueprint.get("/.well-known/genid/<path:name>")
@conditional
def thing(name: str) -> Response:  # noqa: ARG001 the whole path names the thing
    """Send the reader of a thing to a document, or give the document."""
    iri, suffix = _resolve(request.path)
    if not is_known(reader.snapshot().rows, iri.value):
        raise UnknownThing(iri.value)
    if suffix is None:
        return _send_on(iri.value)
    return _page(iri.value) if suffix == "html" else _document("entity", iri, suffix)


@blueprint.get("/graph/<name>")
@conditional
def named_graph(name: str) -> Response:  # noqa: ARG001 the whole path names the graph
    """Send the reader of a named graph to a document, or give the document."""
    iri, suffix = _resolve(request.path)
    (size,) = reader.snapshot().rows(queries.bind("graph-size", graph=iri))
    if not number(size, "triples"):
        raise UnknownThing(iri.value)
    if suffix is None:
        return _send_on(iri.value)
    return _graph_page(iri, size) if suffix == "html" else _document("named-graph", iri, suffix)


def _send_on(iri: str) -> Response:
    suffix = answers.suffix_for_accept(DOCUMENTS)
    carried = reader.carried()
    location = links.page(iri, carried) if suffix == "html" else links.data(iri, suffix, carried)
    return answers.see_other(location or "/")


def _document(name: str, iri: NamedNode, suffix: str) -> Response:
    """Answer with data: RDF, or a table of the statements."""
    slot = {"entity": "thing", "named-graph": "graph"}[name]
    media_type = formats.SUFFIXES[suffix]
    if media_type == formats.CSV:
        text, chosen = queries.bind(f"{name}-table", **{slot: iri}), Formats(bindings=QueryResultsFormat.CSV)
    else:
        text, chosen = queries.bind(name, **{slot: iri}), Formats(graph=formats.GRAPHS[media_type])
    return answers.whole(reader.snapshot().engine.query(Query(text, formats=chosen)), media_type)


def _page(iri: str) -> Response:
    wanted = request.args.get("property")
    focus = Focus(wanted, reader.page_number()) if wanted else None
    labels = reader.labels()
    description = describe(reader.snapshot().rows, iri, labels, focus)
    if description is None:
        raise UnknownThing(iri)
    return answers.page(
        "entity.html", it=description, focus=focus, per_page=INCOMING_PAGE, suffixes=formats.SUFFIXES,
        segment=SEGMENTS.get(iri.removeprefix(iris.ID).partition("/")[0]),
    )  # fmt: skip


def _graph_page(iri: NamedNode, size: Row) -> Response:
    page, rows = reader.page_number(), reader.snapshot().rows
    query = queries.bind("graph-things", graph=iri)
    found = rows(queries.window(query, _GRAPH_PAGE, (page - 1) * _GRAPH_PAGE))
    labels = reader.labels()
    labels.fetch(rows, [iri, *(row["thing"] for row in found)])
    things = [labels.link(thing) for thing in column(found, "thing")]
    return answers.page(
        "graph.html", it=labels.link(iri.value), things=things, number=page,
        triples=number(size, "triples"), total=number(size, "things"), per_page=_GRAPH_PAGE,
        query=queries.bind("named-graph", graph=iri), suffixes=formats.SUFFIXES,
    )  # fmt: skip
