"""The table of findings: narrowed by facets, sorted, paged, and the same as CSV.

The choices stand in the address. A choice nobody can make is told, with what there is instead. No more than `MOST`
findings are read for a page; where there are more, the page says so, and the first choice narrows what is read.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from kg import iris
from server import answers, figures, formats, queries, reader, rendering, reuse, sentences, signposting
from server import language as lang
from server.caching import conditional
from server.errors import BadRequest
from server.figures import Book, Thing, expand
from server.labels import Labels, Link, Text, literal
from server.language import N_
from server.rows import number
from server.snapshot import Snapshot

blueprint = Blueprint("findings", __name__)

PER_PAGE: Final = 50
MOST: Final = 1000
"""How many findings a page is made from."""
_ALL: Final = 10_000_000
_TITLE: Final = N_("Findings from the survey IT i praksis")
_READ: Final[dict[str, Mapping[str, Thing]]] = {}
"""All findings of the last version read, where a page can be made from all."""
_SLUG: Final = re.compile(r"[a-z0-9-]{1,200}")
_FIGURE: Final = "figure"
_WORDS: Final = "words"


@dataclass(frozen=True)
class Facet:
    """One way to narrow the table: its parameter, its name, and the property whose values are the choices."""

    name: str
    title: str
    property: str = ""


FACETS: Final = (
    Facet("kind", N_("Kind of finding")),
    Facet("edition", N_("Edition"), "pg:edition"),
    Facet("source", N_("Source"), "prov:wasDerivedFrom"),
    Facet("population", N_("Population"), "pg:population"),
    Facet("indicator", N_("Indicator"), "pg:indicator"),
    Facet("precision", N_("Precision"), "pg:precision"),
    Facet("unit", N_("Unit"), "sdmx-attribute:unitMeasure"),
)
_KINDS: Final = {_FIGURE: N_("With a figure"), _WORDS: N_("Without a figure")}


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    name: str
    title: str
    property: str = ""


COLUMNS: Final = (
    Column("title", N_("Finding")),
    Column("value", N_("Figure")),
    Column("population", N_("Population"), "pg:population"),
    Column("year", N_("Year"), "sdmx-dimension:refPeriod"),
    Column("source", N_("Source"), "prov:wasDerivedFrom"),
    Column("edition", N_("Edition"), "pg:edition"),
    Column("precision", N_("Precision"), "pg:precision"),
    Column("indicator", N_("Indicator"), "pg:indicator"),
)


@dataclass(frozen=True)
class Choice:
    """One value of a facet: what it is called, how many findings have it, and where it leads."""

    value: str
    label: Text
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Wanted:
    """What the address asks for: a value a facet, a column to sort by, and what is wrong with the rest."""

    choices: Mapping[str, str]
    sort: str
    descending: bool
    problems: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """One finding as the table shows it."""

    link: Link
    amount: str
    cells: Mapping[str, list[Link]]


class Table:
    """All findings of a version, in the reader's language."""

    def __init__(self, things: Mapping[str, Thing], labels: Labels, *, is_whole: bool = True) -> None:
        self.is_whole = is_whole
        self._labels = labels
        self._book = Book(things, {}, labels)
        self._things = list(things.values())

    def values(self, thing: Thing, facet: Facet) -> list[str]:
        """Return what a finding has for a facet, as it stands in an address."""
        if not facet.property:
            return [_FIGURE if thing.number() is not None else _WORDS]
        return [iris.slug_of(iri) for iri in thing.all(facet.property)]

    def known(self, facet: Facet) -> set[str]:
        """Return every value of a facet that some finding has."""
        return {value for thing in self._things for value in self.values(thing, facet)}

    def narrowed(self, choices: Mapping[str, str], *, but: str = "") -> list[Thing]:
        """Return the findings that have all that is chosen; one facet can be left out of account."""
        held = [(facet, choices[facet.name]) for facet in FACETS if facet.name in choices and facet.name != but]
        return [thing for thing in self._things if all(value in self.values(thing, facet) for facet, value in held)]

    def label(self, facet: Facet, value: str) -> Text:
        """Name a value of a facet."""
        if not facet.property:
            return Text(lang.words(self._labels.language).gettext(_KINDS[value]))
        found = (iri for thing in self._things for iri in thing.all(facet.property) if iris.slug_of(iri) == value)
        return self._labels.text(next(found))

    def choices(self, facet: Facet, wanted: Wanted) -> list[Choice]:
        """Return the values of a facet with their counts in the present selection, the chosen one first."""
        things = self.narrowed(wanted.choices, but=facet.name)
        counts = Counter(value for thing in things for value in self.values(thing, facet))
        chosen = wanted.choices.get(facet.name)
        if chosen:
            counts.setdefault(chosen, 0)
        found = [
            Choice(
                value,
                self.label(facet, value),
                count,
                rendering.here(**{facet.name: None if value == chosen else value, "page": None}),
                value == chosen,
            )
            for value, count in counts.items()
        ]
        return sorted(found, key=lambda choice: (not choice.is_chosen, *_order(facet.name, choice)))

    def sorted(self, things: Iterable[Thing], wanted: Wanted) -> list[Thing]:
        """Sort findings by a column; those that have nothing there come last, whichever way it goes."""
        ordered = sorted(things, key=self._by_text)
        if not wanted.sort:
            return ordered
        key = self._key(wanted.sort)
        filled = [thing for thing in ordered if key(thing) is not None]
        empty = [thing for thing in ordered if key(thing) is None]
        return [*sorted(filled, key=key, reverse=wanted.descending), *empty]  # type: ignore[arg-type]

    def _by_text(self, thing: Thing) -> tuple[int, str, int]:
        """Put the newest edition first, then source by source in the order of the text."""
        year = iris.slug_of(thing.one("pg:edition"))
        return (
            -int(year) if year.isdecimal() else 0,
            thing.one("prov:wasDerivedFrom"),
            int(thing.one("pg:evidenceStart") or 0),
        )

    def _key(self, name: str) -> Callable[[Thing], str | Decimal | None]:
        column = next(column for column in COLUMNS if column.name == name)
        if name == "value":
            return Thing.number
        if name == "title":
            return lambda thing: self.title(thing).value.casefold()
        return lambda thing: "; ".join(link.label.value for link in self._links(thing, column)).casefold() or None

    def _links(self, thing: Thing, column: Column) -> list[Link]:
        """Return what a finding has in a column, by their names."""
        found = [self._labels.link(iri) for iri in thing.all(column.property)]
        return sorted(found, key=lambda link: link.label.value.casefold())

    def title(self, thing: Thing) -> Text:
        """Return the title of a finding."""
        found = thing.literal("skos:prefLabel", self._labels.language)
        return literal(found, self._labels.language) if found is not None else Text(iris.slug_of(thing.iri))

    def row(self, thing: Thing) -> Row:
        """Show one finding."""
        link = self._labels.link(thing.iri)
        cells = {column.name: self._links(thing, column) for column in COLUMNS if column.property}
        return Row(Link(link.iri, self.title(thing), link.href), sentences.amount(thing, self._book), cells)

    def record(self, thing: Thing) -> list[str]:
        """Write one finding as a row of CSV: its address, then the columns, the figure also as a number and a unit."""
        row = self.row(thing)
        number, unit = thing.number(), thing.one("sdmx-attribute:unitMeasure")
        cells = ["; ".join(link.label.value for link in row.cells[column.name]) for column in COLUMNS[2:]]
        return [
            thing.iri, row.link.label.value, row.amount, "" if number is None else str(number),
            self._labels.text(unit).value if unit else "", *cells,
        ]  # fmt: skip


def _order(facet: str, choice: Choice) -> tuple[int, str]:
    """Put editions newest first, other values by how many findings have them."""
    if facet == "edition" and choice.value.isdecimal():
        return -int(choice.value), ""
    return -choice.count, choice.label.value.casefold()


def _table(labels: Labels, most: int | None = None) -> Table:
    snapshot = reader.snapshot()
    things, is_whole = _read(snapshot, most or MOST)
    held = {term for thing in things.values() for terms in thing.statements.values() for term in terms}
    labels.fetch(snapshot.rows, {term for term in held if isinstance(term, NamedNode)})
    return Table(things, labels, is_whole=is_whole)


def _read(snapshot: Snapshot, most: int) -> tuple[Mapping[str, Thing], bool]:
    """Return findings of a version by their IRIs, and whether they are all that the first choice leaves.

    Where all are no more than `most`, all are read, and those of the last version read are kept.
    """
    version = snapshot.version.content_hash
    if version in _READ:
        return _READ[version], True
    (counted,) = snapshot.rows(queries.bind("findings-count"))
    if number(counted, "count") <= min(most, MOST):
        things = _gathered(snapshot, queries.bind("findings"), MOST)
        _READ.clear()
        _READ[version] = things
        return things, True
    narrowing = _narrowing()
    query = queries.bind("findings") if narrowing is None else queries.bind("findings-with", **narrowing)
    things = _gathered(snapshot, query, most + 1)
    return dict(list(things.items())[:most]), len(things) <= most


def _gathered(snapshot: Snapshot, query: str, most: int) -> Mapping[str, Thing]:
    found = figures.gathered(snapshot.rows(queries.window(query, most)))
    return {iri: found[iri] for iri in sorted(found)}


def _narrowing() -> dict[str, NamedNode] | None:
    """Return the first choice in the address that the graph itself can narrow by, as a property and a value."""
    for facet in FACETS:
        sent = [value for value in request.args.getlist(facet.name) if value]
        if facet.property and len(sent) == 1 and _SLUG.fullmatch(sent[0]):
            return {
                "narrowing": NamedNode(expand(facet.property)),
                "chosen": NamedNode(f"{iris.ID}{facet.name}/{sent[0]}"),
            }
    return None


def _wanted(table: Table) -> Wanted:
    """Read the address; what cannot be chosen is left out and told."""
    choices, problems = {}, []
    for facet in FACETS:
        sent = [value for value in request.args.getlist(facet.name) if value]
        if len(sent) == 1 and sent[0] in table.known(facet):
            choices[facet.name] = sent[0]
        elif sent:
            problems.append((facet.title, ", ".join(sent)))
    sort = request.args.get("sort", "")
    name = sort.removeprefix("-")
    if sort and name not in {column.name for column in COLUMNS}:
        problems.append((N_("Sorted by"), sort))
        name = ""
    return Wanted(choices, name, sort.startswith("-"), problems)


@blueprint.get("/findings")
@conditional
def findings() -> Response:
    """Show the findings the address asks for, page by page."""
    labels = reader.labels()
    table = _table(labels)
    wanted = _wanted(table)
    found = table.sorted(table.narrowed(wanted.choices), wanted)
    last = max(1, -(-len(found) // PER_PAGE))
    page = min(reader.page_number(), last)
    response = answers.page(
        "findings.html",
        rows=[table.row(thing) for thing in found[(page - 1) * PER_PAGE : page * PER_PAGE]],
        facets=[(facet, table.choices(facet, wanted)) for facet in FACETS],
        columns=COLUMNS,
        wanted=wanted,
        without=[] if found else _without(table, wanted),
        total=len(found),
        is_whole=table.is_whole,
        most=MOST,
        number=page,
        per_page=PER_PAGE,
        csv="/findings.csv" + rendering.here(page=None).removeprefix(request.path),
        citation=None if wanted.problems else _cited(table, wanted),
    )
    response.status_code = 400 if wanted.problems else 200
    table_as_csv = rendering.permanent().replace("/findings", "/findings.csv", 1)
    return signposting.put(
        response, signposting.landing(rendering.permanent(), ("CollectionPage",), {}, {table_as_csv: formats.CSV})
    )


def _cited(table: Table, wanted: Wanted) -> reuse.Citation:
    """Return how the table is cited, with what it is narrowed by."""
    title = lang.words(reader.language()).gettext(_TITLE)
    narrowed = [
        table.label(facet, wanted.choices[facet.name]).value for facet in FACETS if facet.name in wanted.choices
    ]
    title = f"{title}: {', '.join(narrowed)}" if narrowed else title
    return reuse.of_page(title, rendering.permanent(), reader.snapshot(), reader.language())


def _without(table: Table, wanted: Wanted) -> list[tuple[Facet, Text, int]]:
    """Tell for each choice how many findings there would be without it."""
    return [
        (facet, table.label(facet, wanted.choices[facet.name]), len(table.narrowed(wanted.choices, but=facet.name)))
        for facet in FACETS
        if facet.name in wanted.choices
    ]


@blueprint.get("/findings.csv")
@conditional
def as_csv() -> Response:
    """Give all that the address asks for as CSV, every page of it.

    Raises: BadRequest when something that is asked for cannot be chosen.
    """
    table = _table(reader.labels(), _ALL)
    wanted = _wanted(table)
    if wanted.problems:
        told = "; ".join(f"“{value}”" for _, value in wanted.problems)
        raise BadRequest(
            "This cannot be chosen: %(choices)s.", "See /findings for what there is to choose from.", choices=told
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    names = [column.name for column in COLUMNS[2:]]
    writer.writerow(["finding", "title", "figure", "value", "unit", *names])
    writer.writerows(table.record(thing) for thing in table.sorted(table.narrowed(wanted.choices), wanted))
    return Response(text.getvalue(), content_type=formats.with_charset(formats.CSV))


@blueprint.get("/list/finding")
def listing() -> Response:
    """Lead to the table."""
    return answers.see_other(rendering.url("/findings"))
