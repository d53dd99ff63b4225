"""The page of the SPARQL endpoint: the editor, the answer in one of several views, what went wrong, links to share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from flask import Response, request
from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse, parse_query_results

from kg.engine import Answer, Formats
from kg.engine.volatile import is_repeatable
from kg.errors import PraksisError
from kg.terms import PREFIXES
from server import answers, formats, permalinks, reader, result_tables, schema, shares
from server.caching import conditional
from server.errors import noted
from server.examples import examples
from server.language import N_
from server.result_charts import bars, lines

ROWS_SHOWN: Final = 500
BYTES_SHOWN: Final = 100_000
_OFFERED: Final = {"table": N_("Table"), "bar": N_("Bars"), "line": N_("Line"), "raw": N_("Raw")}
"""Ways to look at an answer, in the order they are offered."""
_DRAWN: Final = {"bar": bars, "line": lines}
_OF_VIEW: Final = ("view", "x", "y", "group")
_GRAPH_COLUMNS: Final = ("subject", "predicate", "object")
_RESULT_TYPES: Final = {
    "CSV": formats.CSV,
    "TSV": formats.TSV,
    "JSON": formats.JSON_RESULTS,
    "XML": formats.XML_RESULTS,
}
_BOOLEAN_TYPES: Final = {"JSON": formats.JSON_RESULTS, "XML": formats.XML_RESULTS}
_GRAPH_TYPES: Final = {
    "Turtle": formats.TURTLE,
    "N-Triples": formats.NTRIPLES,
    "JSON-LD": formats.JSONLD,
    "RDF/XML": formats.RDFXML,
}
_FILE_SUFFIXES: Final = {
    **{media_type: suffix for suffix, media_type in formats.SUFFIXES.items()},
    formats.TSV: "tsv",
    formats.JSON_RESULTS: "json",
    formats.XML_RESULTS: "xml",
}
_BEGINNING: Final = f"""\
PREFIX pg: <{PREFIXES["pg"]}>
PREFIX skos: <{PREFIXES["skos"]}>

SELECT ?indicator ?name WHERE {{{{
  ?indicator a pg:Indicator ;
    skos:prefLabel ?name .
  FILTER(LANG(?name) = "{{language}}")
}}}}
ORDER BY ?name
"""


def formats_wanted() -> Formats:
    """Return the formats that the view asked for is made of."""
    if _view() == "raw":
        return Formats(QueryResultsFormat.TSV, QueryResultsFormat.JSON, RdfFormat.TURTLE)
    return Formats(QueryResultsFormat.JSON, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES)


@conditional
def form() -> Response:
    """Show the editor with nothing asked."""
    return _page("")


def answered(query: str, answer: Answer, seconds: float) -> Response:
    """Show an answer below the query, and how long it took. Units: seconds."""
    timed = {"seconds": f"{seconds:.3f}", "total": answer.rows}
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        return _page(query, types=_GRAPH_TYPES, **timed, **_graph(answer))
    if answer.form == "ASK":
        result = parse_query_results(answer.read(), QueryResultsFormat.JSON)
        assert isinstance(result, QueryBoolean)  # noqa: S101 - what ASK answers
        return _page(query, types=_BOOLEAN_TYPES, boolean=bool(result), **timed)
    return _page(query, types=_RESULT_TYPES, **timed, **_solutions(answer))


def failed(query: str, error: PraksisError) -> Response:
    """Show a query that has no answer with what is wrong with it."""
    found = noted(error)
    response = _page(query, problem=found)
    response.status_code = found.status
    response.headers.update(found.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(query: str, **context: object) -> Response:
    return answers.page(
        "sparql.html",
        query=query,
        examples=examples(reader.language()),
        schema_address=schema.address(),
        view=_view(),
        views=_OFFERED,
        default_query=_BEGINNING.format(language=reader.language()),
        suffixes=_FILE_SUFFIXES,
        asked={name: request.values[name] for name in ("lang", "version", *_OF_VIEW) if name in request.values},
        address=partial(_address, query),
        share=_share(query) if query and "problem" not in context else None,
        citing=_citing(query) if query and "problem" not in context else None,
        **context,
    )


def _view() -> str:
    wanted = request.values.get("view", "")
    return wanted if wanted in _OFFERED else "table"


def _solutions(answer: Answer) -> dict[str, object]:
    """Return what the page shows of the rows of a SELECT query."""
    if _view() == "raw":
        return {"raw": _beginning(answer)}
    results = parse_query_results(answer.read(), QueryResultsFormat.JSON)
    assert not isinstance(results, QueryBoolean)  # noqa: S101 - what SELECT answers
    columns = tuple(variable.value for variable in results.variables)
    return _shown(columns, [tuple(solution) for solution in islice(results, ROWS_SHOWN)])


def _graph(answer: Answer) -> dict[str, object]:
    """Return what the page shows of the statements of an RDF answer."""
    if _view() == "raw":
        return {"raw": _beginning(answer)}
    with answer:
        triples = parse(answer.body, RdfFormat.N_TRIPLES)
        rows = [(triple.subject, triple.predicate, triple.object) for triple in islice(triples, ROWS_SHOWN)]
    return _shown(_GRAPH_COLUMNS, rows)


def _shown(columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> dict[str, object]:
    """Name what stands in some rows, and draw them where the reader wants that."""
    table = result_tables.table(columns, rows)
    draw = _DRAWN.get(_view())
    if draw is None or not rows:
        return {"table": table}
    return {"table": table, "drawn": draw(columns, table.values(rows), reader.language(), request.values)}


def _beginning(answer: Answer) -> tuple[str, bool]:
    """Return the first lines of an answer and whether there are more."""
    with answer:
        text = answer.body.read(BYTES_SHOWN + 1)
    if len(text) <= BYTES_SHOWN:
        return text.decode(), False
    return text[: text.rfind(b"\n", 0, BYTES_SHOWN) + 1].decode(), True


def _address(query: str, **changes: str | None) -> str:
    """Return the address of this query with some parameters changed; `None` takes one away."""
    parameters: dict[str, object] = {"query": query, **request.values.to_dict(flat=False), **changes}
    return "/sparql?" + urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)


@dataclass(frozen=True)
class Share:
    """Two links to the same answer, from the version that is read; a long query has no short one."""

    long: str
    short: str | None


def _citing(query: str) -> dict[str, str] | None:
    """Return what the form sends that makes a permalink to the answer; none where the answer cannot be cited."""
    asked_of = ("default-graph-uri", "named-graph-uri")
    if any(name in request.values for name in asked_of) or not is_repeatable(query) or shares.code(query) is None:
        return None
    said = {"query": query, "version": str(reader.snapshot().version.number), **permalinks.view(request.values)}
    return {**said, **({"lang": reader.language()} if "lang" in request.values else {})}


def _share(query: str) -> Share:
    version = str(reader.snapshot().version.number)
    root = request.url_root.rstrip("/")
    chosen = {name: request.values[name] for name in _OF_VIEW if name in request.values}
    code = shares.code(query)
    return Share(
        root + _address(query, version=version, lang=None, **{"query-id": None}),
        code and f"{root}/q/{code}?{urlencode({'version': version, **chosen})}",
    )
