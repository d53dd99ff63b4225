"""The SPARQL endpoint, for programs and as a form for people."""

from itertools import islice
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse_query_results

from kg.engine import Answer, Formats, Query
from kg.errors import QueryError
from server import answers, caching, formats, negotiation, protocol, reader
from server.caching import conditional
from server.errors import BadRequest, problem
from server.examples import examples

blueprint = Blueprint("sparql", __name__)

ROWS_SHOWN: Final = 500
BYTES_SHOWN: Final = 100_000
_VOLATILE = ("rand", "now", "uuid", "struuid", "bnode", "service", "\\u")
_SHOWN: Final = Formats(QueryResultsFormat.JSON, QueryResultsFormat.JSON, RdfFormat.TURTLE)


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
def endpoint() -> Response:
    """Answer a query, or show the form to a browser that asks nothing."""
    operation = protocol.read(request.method, request.query_string, request.content_type, request.get_data())
    accept = request.args.get("accept") or request.headers.get("Accept")
    wants_page = negotiation.prefers_html(accept)
    if operation is None and not wants_page:
        raise BadRequest("The request holds no query.", "Send it in the parameter “query” or in a POST.")
    if operation is None:
        return _form()
    return caching.vary(_results_page(operation) if wants_page else _answer(operation, accept))


@conditional
def _form() -> Response:
    return answers.page("sparql.html", query="", examples=examples(reader.language()))


def _answer(operation: protocol.Operation, accept: str | None) -> Response:
    """Answer a program, without a query where it has this very answer already."""
    bindings = negotiation.choose(accept, tuple(formats.RESULTS))
    graph = negotiation.choose(accept, tuple(formats.GRAPHS))
    tag = None if _is_volatile(operation.text) else caching.tag("sparql", operation, bindings, graph)
    unchanged = caching.not_modified(tag) if tag else None
    if unchanged is not None:
        return unchanged
    results = formats.RESULTS[bindings] if bindings else None
    answer = _evaluate(operation, Formats(results, results, formats.GRAPHS[graph] if graph else None))
    media_type = graph if answer.form in ("CONSTRUCT", "DESCRIBE") else bindings
    response = answers.whole(answer, media_type or answer.media_type)
    return caching.stamp(response, tag) if tag else response


def _evaluate(operation: protocol.Operation, chosen: Formats) -> Answer:
    snapshot = reader.snapshot()
    named = operation.default_graphs or operation.named_graphs
    query = Query(
        operation.text,
        default_graphs=operation.default_graphs if named else None,
        named_graphs=operation.named_graphs if named else None,
        formats=chosen,
        base_iri=request.base_url,
    )
    return snapshot.engine.query(query)


def _is_volatile(text: str) -> bool:
    """Tell whether a query may answer differently each time; a word too many only costs a cache hit."""
    folded = text.casefold()
    return any(word in folded for word in _VOLATILE)


def _results_page(operation: protocol.Operation) -> Response:
    """Show the answer below the form; a query that cannot be answered is shown with what is wrong with it."""
    context: dict[str, object] = {"query": operation.text, "examples": examples(reader.language())}
    try:
        answer = _evaluate(operation, _SHOWN)
    except QueryError as error:
        response = answers.page("sparql.html", problem=problem(error), **context)
        response.status_code = error.status
        return response
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        return answers.page("sparql.html", graph=_beginning(answer), **context)
    results = parse_query_results(answer.read(), QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return answers.page("sparql.html", boolean=bool(results), **context)
    shown = [list(solution) for solution in islice(results, ROWS_SHOWN)]
    names = [variable.value for variable in results.variables]
    total = answer.rows if answer.rows is not None else len(shown) + sum(1 for _ in results)
    return answers.page("sparql.html", names=names, solutions=shown, total=total, **context)


def _beginning(answer: Answer) -> tuple[str, bool]:
    """Return the first lines of an RDF answer and whether there are more."""
    with answer:
        text = answer.body.read(BYTES_SHOWN + 1)
    if len(text) <= BYTES_SHOWN:
        return text.decode(), False
    return text[: text.rfind(b"\n", 0, BYTES_SHOWN) + 1].decode(), True
