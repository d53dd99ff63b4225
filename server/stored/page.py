"""The page of a stored query: the form, the answer drawn and as a table, and how programs get the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from flask import Response, request
from pyoxigraph import QueryBoolean, QueryResultsFormat, parse_query_results

from kg import federation
from kg.engine import Formats, Query
from kg.stored_queries import StoredQuery, Term
from server import answers, elsewhere, guide, limits, permalinks, reader, rendering, result_tables, running, signposting
from server import language as lang
from server.caching import conditional
from server.errors import noted
from server.examples import example
from server.labels import Text
from server.result_charts import Drawn, bars, lines
from server.signposting import Signpost
from server.stored import choices
from server.stored.choices import Choices, ImpossibleChoice, Values
from server.stored.columns import COLUMNS, QUOTED
from server.stored.data import SUFFIXES

PER_PAGE: Final = 100
MOST_DRAWN: Final = 500
"""Rows a chart is made of."""
_DRAWN: Final = {"bar": bars, "line": lines}


@dataclass(frozen=True)
class Option:
    """One value that can be chosen: how the address writes it, what it is called, whether it is chosen."""

    value: str
    label: Text
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """One parameter as a form shows it; without options it is a number that is typed."""

    name: str
    label: str
    options: Sequence[Option]
    value: str
    many: bool
    optional: bool
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True)
class Shown:
    """An answer: a page of its rows, how many there are in all, and the drawing where the query has one."""

    table: result_tables.Table
    total: int
    drawn: Drawn | None
    number: int
    """Which page, from 1."""


@conditional
def page(query: StoredQuery) -> Response:
    """Show a stored query with what is chosen and its answer; a choice nobody can make is told above the form."""
    offered = [
        choices.choices(parameter, reader.snapshot().rows) for parameter in query.parameters if parameter.name != "lang"
    ]
    language = reader.language()
    try:
        chosen, problem = choices.read(query, request.args, reader.snapshot().rows, language), None
    except ImpossibleChoice as error:
        chosen, problem = choices.read(query, request.args.__class__(), reader.snapshot().rows, language), noted(error)
    text = query.bound(chosen)
    response = answers.page(
        "stored/query.html",
        asked=example(query, language),
        fields=list(_fields(offered, chosen)),
        problem=problem,
        shown=None if problem else _shown(query, text),
        per_page=PER_PAGE,
        columns=COLUMNS,
        quoted=QUOTED,
        text=text.strip(),
        cite=permalinks.link(text.strip()),
        suffixes=SUFFIXES,
        address=partial(_address, query, chosen),
        programs=_programs(_address(query, chosen, "csv"), _address(query, chosen, "json")),
        kept={name: request.args[name] for name in ("lang", "version") if name in request.args},
    )
    if problem:
        response.status_code = problem.status
        return response
    items = (
        Signpost(rendering.located(_address(query, chosen, suffix)), "item", SUFFIXES[suffix]) for suffix in SUFFIXES
    )
    return signposting.put(response, [*items, Signpost(rendering.located("/openapi.json"), "service-desc")])


def _fields(offered: Sequence[Choices], chosen: Values) -> Iterator[Field]:
    """Return the fields of the form, their values named with one query."""
    labels = reader.labels()
    labels.fetch(reader.snapshot().rows, (term for one in offered for term in one.terms.values()))
    for one in offered:
        parameter, taken = one.parameter, chosen[one.parameter.name]
        options = [Option(value, labels.text(term.value), term in taken) for value, term in one.terms.items()]
        yield Field(
            parameter.name,
            parameter.label[reader.language()],
            options if parameter.listed else sorted(options, key=lambda option: option.label.value.casefold()),
            "" if options or not taken else choices.written(taken[0]),
            parameter.many,
            parameter.optional,
            parameter.minimum,
            parameter.maximum,
        )


def _shown(query: StoredQuery, text: str) -> Shown:
    asked = Query(
        text, formats=Formats(QueryResultsFormat.JSON, QueryResultsFormat.JSON, None), key=running.key(request)
    )
    answer = federation.ask(reader.snapshot().engine, asked, elsewhere.allowed(), limits.timeout(request))
    total = answer.rows or 0
    results = parse_query_results(answer.read(), QueryResultsFormat.JSON)
    assert not isinstance(results, QueryBoolean)  # noqa: S101 - what SELECT answers
    names = tuple(variable.value for variable in results.variables)
    number = min(reader.page_number(), max(1, -(-total // PER_PAGE)))
    start = PER_PAGE * (number - 1)
    rows = [tuple(solution) for solution in islice(results, max(start + PER_PAGE, MOST_DRAWN))]
    return Shown(result_tables.table(names, rows[start : start + PER_PAGE]), total, _drawn(query, names, rows), number)


def _drawn(query: StoredQuery, names: tuple[str, ...], rows: Sequence[Sequence[object]]) -> Drawn | None:
    """Draw the rows as the query proposes."""
    if query.chart is None or not rows:
        return None
    drawn = rows[:MOST_DRAWN]
    values = result_tables.table(names, drawn).values(drawn)
    say = lang.words(reader.language()).gettext
    called = {name: say(COLUMNS[name]) for name in names if name in COLUMNS}
    return _DRAWN[query.chart.kind](names, values, reader.language(), query.chart.columns, called)


def _address(query: StoredQuery, chosen: Values, suffix: str) -> str:
    """Return the address of the data with what is chosen, all of it told, so that it keeps its meaning."""
    told = {name: _written(terms) for name, terms in chosen.items()}
    version = {"version": [request.args["version"]]} if "version" in request.args else {}
    return f"/queries/{query.name}.{suffix}?{urlencode({**told, **version}, doseq=True)}"


def _written(terms: Sequence[Term]) -> list[str]:
    return [choices.written(term) for term in terms] or [""]


def _programs(csv: str, json: str) -> Mapping[str, guide.Example]:
    """Return programs that fetch this very answer, by tool."""
    base = request.root_url.rstrip("/")
    return {name: guide.stored(tool, base, csv, json) for name, tool in guide.TOOLS.items()}
