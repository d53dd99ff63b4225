"""The catalogue for data portals, the numbers of the graph, and the page that tells people the same."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, current_app, request
from pyoxigraph import NamedNode

from kg import catalogue, distributions, void
from kg import iris as minted
from kg.catalogue import Holdings, Publisher
from kg.distributions import File
from kg.errors import LimitExceeded, UnknownVersion
from kg.statements import Statements, iris, texts, typed
from kg.statistics import Statistics
from kg.versions import Version, record
from server import answers, citations, dataset, formats, queries, reader, rendering, reuse, signposting
from server.caching import conditional_on
from server.errors import BadRequest, UnknownThing
from server.labels import Link
from server.language import N_
from server.rows import column

blueprint = Blueprint("catalogue", __name__)

_RDF: Final = {suffix: kind for suffix, kind in formats.SUFFIXES.items() if kind != formats.CSV}
_DOCUMENTS: Final = {"html": "text/html", **_RDF}
_GROUPS: Final = ("graph", "findings")
"""The files that hold the data set; those of single classes and editions hold parts of it."""

_ABOUT_A_TABLE: Final = "application/csvm+json"
"""The description of a table is no form of the data."""

_QUICKLY_MADE: Final = 200_000
"""Up to how many statements all files are made before the catalogue is: that takes seconds."""


class NoPublisher(BadRequest):
    """Data portals may only be told of data whose publisher has a name and can be written to.

    Those who run the server say so in its settings; until they do, there is nothing here to harvest.
    """

    status = 404
    title = "No catalogue to harvest"

    def __init__(self) -> None:
        super().__init__(
            N_("Those who run this server have not said who publishes the data set and where to write to."),
            N_("They set PRAKSIS_PUBLISHER and PRAKSIS_CONTACT. What the graph holds is told at /.well-known/void."),
        )


def publisher() -> Publisher | None:
    """Return who publishes, None where the settings do not say it whole."""
    config = current_app.config
    if not (config["PUBLISHER"] and config["CONTACT_ADDRESS"]):
        return None
    return Publisher(config["PUBLISHER"], config["PUBLISHER_NUMBER"], config["CONTACT_ADDRESS"])


def _versions() -> list[Version]:
    """Return the version that is read and those before it, oldest first: the latest, where there are many."""
    read, found = reader.snapshot().version, []
    for number in _numbers_until(read)[-catalogue.MOST_VERSIONS : -1]:
        with suppress(UnknownVersion):  # it was pruned at this very moment
            found.append(record.read(read.path.with_name(str(number))))
    return [*found, read]


def _numbers_until(read: Version) -> list[int]:
    return [number for number in dataset.home(read).numbers() if number <= read.number]


def _facts() -> object:
    """Return what the documents depend on beside version, address and language."""
    read = reader.snapshot().version
    kept = _numbers_until(read)[-catalogue.MOST_VERSIONS :]
    ready = read.quads > _QUICKLY_MADE and [*_made(read)]
    return request.root_url, publisher(), read.number, kept, ready


@blueprint.get("/catalogue")
@conditional_on(_facts)
def negotiated() -> Response:
    """Give the catalogue in the form the client likes best, under this very address, as harvesters want it."""
    return _in(answers.suffix_for_accept(_DOCUMENTS))


@blueprint.get("/catalogue.<suffix>")
@conditional_on(_facts)
def document(suffix: str) -> Response:
    """Give the catalogue in one form."""
    if suffix not in _DOCUMENTS:
        raise UnknownThing(f"{catalogue.DOCUMENT}.{suffix}")
    return _in(suffix)


@blueprint.get("/.well-known/void")
@conditional_on(_facts)
def numbers() -> Response:
    """Say what there is of what in the version, and how it can be had."""
    read = reader.snapshot().version
    return _written(_numbers(read), answers.suffix_for_accept(_RDF))


def _in(suffix: str) -> Response:
    if suffix == "html":
        return _page()
    known = publisher()
    if known is None:
        raise NoPublisher
    return _written(catalogue.catalogue(known, _holdings()), suffix)


def _written(document: Statements, suffix: str) -> Response:
    media_type = _RDF[suffix]
    response = Response(document.written(formats.GRAPHS[media_type]), content_type=formats.with_charset(media_type))
    return signposting.put(response, signposting.metadata(rendering.located("/catalogue")))


def _holdings() -> Holdings:
    """Return what there is.

    Raises: BeingMade when another makes files just now, and takes long.
    """
    read, rows = reader.snapshot().version, reader.snapshot().rows
    return Holdings(
        root=request.root_url.rstrip("/"),
        versions=_versions(),
        table=_files(read),
        made=_made(read),
        years=dataset.years(rows),
        sources=column(rows(queries.bind("articles")), "source"),
    )


def _files(read: Version) -> list[distributions.Distribution]:
    table = distributions.distributions(dataset.home(read).path, read)
    return [one for one in table if one.group in _GROUPS and one.media_type != _ABOUT_A_TABLE]


def _made(read: Version) -> dict[str, File]:
    """Return the files whose size and checksum can be told: all of them, or where making takes long, what is made."""
    home = dataset.home(read).path
    if read.quads > _QUICKLY_MADE:
        return {one.distribution.name: one for one in distributions.ready(home, read)}
    return {one.name: distributions.file(home, read, one) for one in _files(read)}


def _numbers(read: Version) -> Statements:
    root = request.root_url.rstrip("/")
    whole = [one for one in _files(read) if one.group == "graph"]
    access = void.Access(
        endpoint=f"{root}/sparql",
        search=f"{root}/opensearch.xml",
        dumps=[f"{root}/downloads/{read.number}/{one.name}" for one in whole],
        media_types=[one.media_type for one in whole],
    )
    name = reader.earlier_version()
    subject = catalogue.version_iri(name.number) if name else catalogue.DATASET
    known = publisher()
    said = {
        "dct:title": texts(catalogue.TITLE),
        "dct:description": texts(catalogue.DESCRIPTION),
        "dct:license": iris(catalogue.LICENCE),
        "dct:publisher": iris(known.iri) if known else [],
        "dct:modified": typed(read.time, "dateTime"),
        "dcat:version": typed(read.number, "string"),
        **void.access(access, f"{root}/"),
    }
    found = Statements()
    void.introduce(found, subject)
    void.describe(found, subject, dataset.counted(), said)
    return found


@dataclass(frozen=True)
class Target:
    """A site elsewhere that things here are linked to, and how often with each property."""

    space: str
    links: Sequence[tuple[Link, int]]


def _page() -> Response:
    snapshot, labels = reader.snapshot(), reader.labels()
    read = snapshot.version
    try:
        found: Statistics | None = dataset.counted()
    except LimitExceeded:  # too large to be counted: the rest of the page stands without
        found = None
    links = found.links if found else ()
    labels.fetch(snapshot.rows, [NamedNode(one.property) for one in links])
    files = _files(read)
    spaces = dict.fromkeys(one.space for one in links)
    addresses = {rendering.located(f"/downloads/{read.number}/{one.name}"): one.media_type for one in files}
    page = answers.page(
        "catalogue/catalogue.html",
        face=dataset.face(publisher(), addresses),
        citation=reuse.page_citation(citations.CONTAINER, minted.BASE),
        description=catalogue.DESCRIPTION[reader.language()],
        publisher=publisher(),
        files=files,
        found=found,
        years=dataset.years(snapshot.rows),
        targets=[
            Target(space, [(labels.link(one.property), one.triples) for one in links if one.space == space])
            for space in spaces
        ],
        suffixes=_RDF,
    )
    described = {rendering.located(f"/catalogue.{suffix}"): kind for suffix, kind in _RDF.items()}
    return signposting.put(page, signposting.landing(minted.BASE, ["Dataset"], described, addresses))
