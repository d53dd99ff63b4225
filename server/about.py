"""Pages about the site: what it is, method, guide to the API, accessibility, privacy, licence."""

from typing import Final

from flask import Blueprint, Response, request

from kg import iris
from kg.errors import PraksisError
from kg.terms import PREFIXES
from server import answers, errors, excluded, formats, guide, limits, method, queries, reader, reuse, segments
from server.caching import conditional
from server.labels import Labels, Link, Rows
from server.language import N_
from server.rows import number, value

blueprint = Blueprint("about", __name__, url_prefix="/about")

PAGES: Final = {
    "": N_("About Praksisgrafen"),
    "/method": N_("Method and model"),
    "/api": N_("Guide to the API"),
    "/openapi": N_("Description of the API"),
    "/accessibility": N_("Accessibility"),
    "/privacy": N_("Privacy"),
    "/licence": N_("Licence"),
}
"""The pages by the end of their address, with their names."""
_READ: Final = ("pg:NumericFinding", "pg:QualitativeFinding", "schema:Claim")
_PEOPLE: Final = ("foaf:Person", "org:Membership", "schema:Claim")


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def _page(name: str, **context: object) -> Response:
    return reuse.signposted(answers.page(f"about/{name}.html", pages=PAGES, **context), "AboutPage")


@blueprint.get("", strict_slashes=False)
@conditional
def about() -> Response:
    """Say what this is, who is behind it, how figures get in and what is left out."""
    rows, labels = reader.snapshot().rows, reader.labels()
    return _page(
        "about",
        counts=segments.counts(rows),
        sources=_sources(rows, labels),
        reasons=excluded.by_reason(labels.language),
    )


def _sources(rows: Rows, labels: Labels) -> list[tuple[Link, list[int]]]:
    """Return each source with its figures, findings without a number, statements, and places left out."""
    found = rows(queries.bind("read-from"))
    labels.fetch(rows, [row["source"] for row in found])
    counts = {(value(row["source"]), value(row["class"])): number(row, "count") for row in found}
    left_out = excluded.by_source()
    return [
        (
            labels.link(source),
            [*(counts.get((source, _full(name)), 0) for name in _READ), left_out[iris.slug_of(source)]],
        )
        for source in dict.fromkeys(source for source, _ in counts)
    ]


@blueprint.get("/method")
@conditional
def model() -> Response:
    """Explain method and model to researchers."""
    return _page("method", method=method.read(reader.snapshot().rows, reader.labels()))


@blueprint.get("/api")
@conditional
def api() -> Response:
    """Show how programs ask, in the language of the reader's choice."""
    tool = guide.TOOLS.get(request.args.get("code", ""), guide.TOOLS["curl"])
    base = request.root_url.rstrip("/")
    return _page(
        "api",
        tool=tool,
        tools=guide.TOOLS.values(),
        examples={task: guide.example(task, tool, base) for task in guide.TASKS},
        tasks=guide.TASKS,
        limits=limits.published(),
        problems=_problems(),
        formats=formats,
    )


def _problems() -> dict[str, type[PraksisError]]:
    """Return the kinds of problem that a client may meet, by status."""
    found = {slug: kind for slug, kind in errors.kinds().items() if kind.status != 500}
    return dict(sorted(found.items(), key=lambda item: (item[1].status, item[1].title)))


@blueprint.get("/accessibility")
@conditional
def accessibility() -> Response:
    """Say how accessible the pages are, and how that is known."""
    return _page("accessibility")


@blueprint.get("/privacy")
@conditional
def privacy() -> Response:
    """Say what is stored about people, and how they can have it corrected or erased."""
    rows, labels = reader.snapshot().rows, reader.labels()
    found = rows(queries.bind("of-people"))
    labels.fetch(rows, [row["property"] for row in found])
    said = {
        name: sorted(
            {labels.link(value(row["property"])) for row in found if value(row["class"]) == _full(name)},
            key=lambda link: link.label.value.casefold(),
        )
        for name in _PEOPLE
    }
    is_a = {value(row["class"]): number(row, "count") for row in found if value(row["property"]) == _full("rdf:type")}
    counts = {name: is_a.get(_full(name), 0) for name in _PEOPLE}
    return _page("privacy", said=said, counts=counts, limits=limits.published())


@blueprint.get("/licence")
@conditional
def licence() -> Response:
    """Say what may be used, and how to name where it is from."""
    return _page("licence")
