"""The front page and the lists it leads to."""

from typing import Final

from flask import Blueprint, Response, abort
from pyoxigraph import Literal

from kg import iris
from server import (
    answers,
    catalogue,
    charts,
    citations,
    dataset,
    errors,
    formats,
    links,
    queries,
    reader,
    rendering,
    reuse,
    segments,
    signposting,
    wording,
)
from server import trends as followed
from server.caching import conditional
from server.labels import literal
from server.rows import column, number
from server.values import best

blueprint = Blueprint("front", __name__)

PER_PAGE: Final = 50


@blueprint.get("/")
@conditional
def front() -> Response:
    """Show what this is, how much there is, and the ways in."""
    rows = reader.snapshot().rows
    files = {
        rendering.located(links.data(iris.BASE + "praksisgrafen", suffix, reader.carried())): kind
        for suffix, kind in formats.DUMP_TYPES.items()
    }
    page = answers.page(
        "front.html",
        citation=reuse.page_citation(citations.CONTAINER, iris.BASE),
        face=dataset.face(catalogue.publisher(), files),
        counts=segments.counts(rows),
        triples=reader.snapshot().version.quads,
        segments=segments,
        suffixes=formats.DUMPS,
        front=True,
        trends=followed.trends(rows, reader.labels()),
        sample=charts.sample,
    )
    return signposting.put(page, signposting.landing(iris.BASE, ["Dataset"], {}, files))


@blueprint.get("/problem/<slug>")
@conditional
def problem(slug: str) -> Response:
    """Explain a kind of problem, as the `type` of an error leads here."""
    kind = errors.kinds().get(slug) or abort(404)
    return answers.page("problem.html", kind=kind, explanation=wording.explanation(kind, reader.language()))


@blueprint.get("/list/<slug>")
@conditional
def listing(slug: str) -> Response:
    """Show the things of one kind, page by page."""
    segment = segments.SEGMENTS.get(slug) or abort(404)
    rows, labels, page = reader.snapshot().rows, reader.labels(), reader.page_number()
    base = Literal(f"{iris.ID}{slug}/")
    (count,) = rows(queries.bind("list-count", **{"class": segment.classes}, base=base))
    query = queries.bind("list", **{"class": segment.classes}, base=base, language=Literal(labels.language))
    found = rows(queries.window(query, PER_PAGE, (page - 1) * PER_PAGE))
    labels.fetch(rows, [row["thing"] for row in found])
    things = [labels.link(iri) for iri in column(found, "thing")]
    meanings = best([row["text"] for row in rows(queries.bind("definitions", thing=segment.classes[:1]))], labels)
    shown = answers.page(
        "list.html",
        segment=segment,
        meaning=literal(meanings[0], labels.language) if meanings else None,
        things=things,
        total=number(count, "count"),
        number=page,
        per_page=PER_PAGE,
    )
    return reuse.signposted(shown, "CollectionPage")
