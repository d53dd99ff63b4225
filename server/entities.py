"""Things and named graphs: 303 from the address of a thing to a document about it, and the documents."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, Response, jsonify, request
from pyoxigraph import NamedNode, QueryResultsFormat

from kg import iris
from kg.engine import Formats, Query, Row
from server import answers, formats, links, neighbourhood, queries, reader, rendering, reuse, signposting
from server.caching import conditional
from server.citations import FORMS
from server.description import INCOMING_PAGE, Focus, describe, is_known
from server.errors import UnknownThing
from server.rows import column, number
from server.segments import SEGMENTS
from server.selection import Selection

blueprint = Blueprint("entities", __name__)

_CITATIONS: Final = {suffix: form.media_type for suffix, form in FORMS.items()}
DOCUMENTS: Final = {"html": "text/html", **formats.SUFFIXES}
OF_THINGS: Final = {**DOCUMENTS, **_CITATIONS, **signposting.LINKSETS}
_GRAPH_PAGE: Final = 50
_FOLLOWING: Final = {"relations", "said", "statements", "text"}
"""Sections about what surrounds a thing, which are long: what the thing is and how we know it come before them."""


def resolve(path: str, documents: Mapping[str, str]) -> tuple[NamedNode, str | None]:
    """Return the thing an address is about and the suffix of the document asked for."""
    chosen = next((suffix for suffix in documents if path.endswith(f".{suffix}")), None)
    name = path.removesuffix(f".{chosen}") if chosen else path
    return links.named(iris.BASE + name.removeprefix("/")), chosen


@blueprint.get("/id/<path:name>")
@blueprint.get("/shapes/<path:name>")
@blueprint.get("/.well-known/genid/<path:name>")
@conditional
def thing(name: str) -> Response:  # noqa: ARG001 the whole path names the thing
    """Send the reader of a thing to a document, or give the document."""
    iri, suffix = resolve(request.path, OF_THINGS)
    if not is_known(reader.snapshot().rows, iri.value):
        raise UnknownThing(iri.value)
    if suffix is None:
        return _send_on(iri.value, OF_THINGS)
    if suffix == "html":
        return _page(iri.value)
    if suffix in signposting.LINKSETS:
        return _linkset(iri.value, suffix)
    made = _citation(iri.value, suffix) if suffix in _CITATIONS else _document("entity", iri, suffix)
    page = rendering.located(links.page(iri.value, reader.carried()) or "/")
    return signposting.put(made, signposting.metadata(page))


@blueprint.get("/graph/<name>")
@conditional
def named_graph(name: str) -> Response:  # noqa: ARG001 the whole path names the graph
    """Send the reader of a named graph to a document, or give the document."""
    iri, suffix = resolve(request.path, DOCUMENTS)
    (size,) = reader.snapshot().rows(queries.bind("graph-size", graph=iri))
    if not number(size, "triples"):
        raise UnknownThing(iri.value)
    if suffix is None:
        return _send_on(iri.value, DOCUMENTS)
    return _graph_page(iri, size) if suffix == "html" else _document("named-graph", iri, suffix)


def _send_on(iri: str, documents: Mapping[str, str]) -> Response:
    suffix = answers.suffix_for_accept(documents)
    carried = reader.carried()
    if suffix == "html":
        return answers.see_other(links.page(iri, carried) or "/")
    lead = links.data if suffix in formats.SUFFIXES else links.citation
    return answers.see_other(lead(iri, suffix, carried))


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
    reusable = reuse.of(description, reader.snapshot(), labels)
    page = answers.page(
        "entity.html", it=description, focus=focus,
        leading=[section for section in description.sections if section.name not in _FOLLOWING],
        following=[section for section in description.sections if section.name in _FOLLOWING],
        per_page=INCOMING_PAGE, suffixes=formats.SUFFIXES,
        segment=SEGMENTS.get(iri.removeprefix(iris.ID).partition("/")[0]),
        reuse=reusable, around=neighbourhood.address(iri),
    )  # fmt: skip
    return signposting.put(page, _signposts(iri, reusable.types, reusable.chart))


def _signposts(iri: str, types: Sequence[str], chart: Selection | None) -> list[signposting.Signpost]:
    """Return what leads programs on from the page of a thing: its data, its citations, the files of its chart."""
    carried = reader.carried()
    documents = {rendering.located(links.data(iri, name, carried)): kind for name, kind in formats.SUFFIXES.items()}
    documents |= {rendering.located(links.citation(iri, name, carried)): kind for name, kind in _CITATIONS.items()}
    files = {"figures.csv": formats.CSV, "chart.svg": "image/svg+xml", "chart.png": "image/png"} if chart else {}
    items = {rendering.located(chart.address(name, carried.items())): kind for name, kind in files.items() if chart}
    sets = ((links.citation(iri, name, carried), kind) for name, kind in signposting.LINKSETS.items())
    return [
        *signposting.landing(iri, types, documents, items),
        *(signposting.Signpost(rendering.located(path), "linkset", kind) for path, kind in sets),
    ]


def _linkset(iri: str, suffix: str) -> Response:
    """Give the links of the page of a thing, and of what it leads to, as a document."""
    labels = reader.labels()
    description = describe(reader.snapshot().rows, iri, labels)
    if description is None:
        raise UnknownThing(iri)
    reusable = reuse.of(description, reader.snapshot(), labels)
    page = rendering.located(links.page(iri, reader.carried()) or "/")
    found = signposting.contexts(page, _signposts(iri, reusable.types, reusable.chart))
    if suffix == "linkset.txt":
        return Response(signposting.linkset_text(found), content_type=signposting.LINKSETS[suffix])
    response = jsonify(signposting.linkset(found))
    response.mimetype = signposting.LINKSETS[suffix]
    return response


def _citation(iri: str, suffix: str) -> Response:
    """Give the citation of a thing as a file."""
    work = reuse.cited(iri, reader.snapshot(), reader.labels())
    response = Response(FORMS[suffix].write(work), content_type=formats.with_charset(FORMS[suffix].media_type))
    response.headers["Content-Disposition"] = f'attachment; filename="{iris.slug_of(iri)}.{suffix}"'
    return response


def _graph_page(iri: NamedNode, size: Row) -> Response:
    page, rows = reader.page_number(), reader.snapshot().rows
    query = queries.bind("graph-things", graph=iri)
    found = rows(queries.window(query, _GRAPH_PAGE, (page - 1) * _GRAPH_PAGE))
    labels = reader.labels()
    labels.fetch(rows, [iri, *(row["thing"] for row in found)])
    things = [labels.link(thing) for thing in column(found, "thing")]
    it = labels.link(iri.value)
    documents = {
        rendering.located(links.data(iri.value, name, reader.carried())): k for name, k in formats.SUFFIXES.items()
    }
    shown = answers.page(
        "graph.html", it=it, things=things, number=page,
        triples=number(size, "triples"), total=number(size, "things"), per_page=_GRAPH_PAGE,
        query=queries.bind("named-graph", graph=iri), suffixes=formats.SUFFIXES,
        citation=reuse.of_page(it.label.value, iri.value, reader.snapshot(), reader.language()),
    )  # fmt: skip
    return signposting.put(shown, signposting.landing(iri.value, ("Dataset",), documents, {}))
