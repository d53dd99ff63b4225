"""What a page offers for reuse: citations, the face in schema.org, the history, the shapes it was checked with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask, Response
from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES
from server import citations, faces, history, queries, reader, rendering, signposting
from server.citations import Form, Source, Work
from server.description import Description
from server.history import History
from server.labels import Labels, Link
from server.rows import column, value
from server.selection import Selection
from server.snapshot import Snapshot

_INFERRED = iris.entity("status", "inferred")
_ROLES = {PREFIXES["dct"] + "creator": "authors", PREFIXES["dct"] + "publisher": "publishers"}


@dataclass(frozen=True)
class Citation:
    """How something is cited: a sentence, and the same for programs; at the address of a thing those are files too."""

    text: str
    forms: Sequence[tuple[str, Form, str]]
    thing: str | None = None


@dataclass(frozen=True)
class Reuse:
    """The parts of a page about reuse."""

    citation: Citation
    data: Markup
    types: Sequence[str]
    history: History
    shapes: Sequence[Link]
    chart: Selection | None
    """The figures that the page draws, if it does."""


def of(described: Description, snapshot: Snapshot, labels: Labels) -> Reuse:
    """Gather what the page of a thing says about reuse."""
    version, thing = snapshot.version, NamedNode(described.iri)
    shapes = column(snapshot.rows(queries.bind("target-shapes", thing=thing)), "shape")
    work = cited(described.iri, snapshot, labels, shapes)
    classes = [one.iri for one in described.classes]
    return Reuse(
        citation=Citation(citations.text(work), list(citations.all_forms(work)), described.iri),
        data=faces.script(faces.face(described.iri, described.statements, classes, labels, version.number)),
        types=faces.types(classes),
        history=history.of(described.iri, version),
        shapes=[labels.link(shape) for shape in shapes],
        chart=_chart(described),
    )


def of_page(title: str, address: str, snapshot: Snapshot, language: str) -> Citation:
    """Return how a page that is about no single thing is cited, at an address that stays."""
    version = snapshot.version
    work = Work(address, title, language, version.number, version.time[:10], ())
    return Citation(citations.text(work), list(citations.all_forms(work)))


def page_citation(title: str, address: str | None = None) -> Citation | None:
    """Return how the page that is being answered is cited, None where no graph is published yet."""
    snapshot = reader.held_snapshot()
    return of_page(title, address or rendering.permanent(), snapshot, reader.language()) if snapshot else None


def page_face(title: str, kind: str) -> Markup:
    """Return the page that is being answered as JSON-LD; `kind` is a type of schema.org."""
    version = reader.snapshot().version.number
    return faces.script(faces.page(rendering.permanent(), kind, title, reader.language(), version))


def signposted(response: Response, kind: str) -> Response:
    """Say in the headers of a page that is about no single thing what it is and how it is cited."""
    if not reader.held_snapshot():
        return response
    return signposting.put(response, signposting.landing(rendering.permanent(), (kind,), {}, {}))


def install(app: Flask) -> None:
    """Give the templates of an app the citation and the face of a page that is about no single thing."""
    app.jinja_env.globals |= {"page_citation": page_citation, "page_face": page_face}


def _chart(described: Description) -> Selection | None:
    found = (section.context.get("selected") for section in described.sections if section.context.get("image"))
    return next((one for one in found if isinstance(one, Selection)), None)


def cited(iri: str, snapshot: Snapshot, labels: Labels, also: Sequence[str] = ()) -> Work:
    """Return a thing as what is cited, in the reader's language; the names of other things can be fetched along."""
    thing = NamedNode(iri)
    rows = snapshot.rows(queries.bind("cite", thing=thing))
    named = [term for row in rows for name, term in row.items() if name in ("source", "name")]
    labels.fetch(snapshot.rows, [thing, *named, *map(NamedNode, also)])
    return Work(
        iri=iri,
        title=_heading(labels.text(iri).value),
        language=labels.language,
        version=snapshot.version.number,
        day=snapshot.version.time[:10],
        sources=_sources(rows, labels),
    )


def _heading(name: str) -> str:
    """Begin a name with a capital, as the heading of its page does: that of a code can stand inside a sentence."""
    return name[:1].upper() + name[1:]


def _sources(rows: Sequence[Row], labels: Labels) -> list[Source]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(value(row["source"]), []).append(row)
    return [_source(iri, group, labels) for iri, group in groups.items()]


def _source(iri: str, rows: Sequence[Row], labels: Labels) -> Source:
    makers: Mapping[str, dict[str, None]] = {"authors": {}, "publishers": {}}
    for row in rows:
        role, name = value(row.get("role")), row.get("name")
        if role in _ROLES and name is not None:
            makers[_ROLES[role]][name.value if isinstance(name, Literal) else labels.text(value(name)).value] = None
    titles = {value(row.get("title")) for row in rows} - {""}
    return Source(
        name=labels.text(iri).value,
        title=min(titles, default=None),
        authors=list(makers["authors"]),
        publishers=list(makers["publishers"]),
        issued=value(rows[0].get("issued")),
        is_date_inferred=value(rows[0].get("status")) == _INFERRED,
    )
