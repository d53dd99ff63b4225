"""The SPARQL endpoint, for programs and as a form for people."""

from itertools import islice
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse_query_results

from kg import federation
from kg.engine import Answer, Formats, Query
from kg.engine.volatile import is_volatile
from kg.errors import PraksisError, QueryError
from server import (
    answers,
    caching,
    elsewhere,
    formats,
    limits,
    negotiation,
    protocol,
    reader,
    running,
    service_description,
    silent,
    updates,
)
from server.caching import conditional
from server.errors import problem
from server.examples import examples

blueprint = Blueprint("sparql", __name__)

ROWS_SHOWN: Final = 500
BYTES_SHOWN: Final = 100_000
_SHOWN: Final = Formats(QueryResultsFormat.JSON, QueryResultsFormat.JSON, RdfFormat.TURTLE)


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"], strict_slashes=False)
def endpoint() -> Response:
    """Answer a query, make an update, or say what this is to whoever asks nothing."""
    operation = protocol.read(request.method, request.query_string, request.content_type, request.get_data())
    if isinstance(operation, protocol.UpdateOperation):
        return updates.update(operation, request.base_url)
    if operation is not None and operation.version is not None:
        reader.choose_version(operation.version)
    accept = request.args.get("accept") or request.headers.get("Accept")
    wants_page = negotiation.prefers_html(accept)
    if operation is None:
        response = _form() if wants_page else service_description.document(accept)
    else:
        response = _results_page(operation) if wants_page else _answer(operation, accept)
    response.headers["Accept-Query"] = protocol.ACCEPT_QUERY
    return caching.vary(response)


@conditional
def _form() -> Response:
    return answers.page("sparql.html", query="", examples=examples(reader.language()))


def _answer(operation: protocol.QueryOperation, accept: str | None) -> Response:
    """Answer a program, without a query where it has this very answer already."""
    bindings = negotiation.choose(accept, tuple(formats.RESULTS))
    graph = negotiation.choose(accept, tuple(formats.GRAPHS))
    tag = None if is_volatile(operation.text) else caching.tag("sparql", operation, request.base_url, bindings, graph)
    unchanged = caching.not_modified(tag) if tag else None
    if unchanged is not None:
        return unchanged
    results = formats.RESULTS[bindings] if bindings else None
    answer = _evaluate(operation, Formats(results, results, formats.GRAPHS[graph] if graph else None))
    media_type = graph if answer.form in ("CONSTRUCT", "DESCRIBE") else bindings
    response = answers.whole(answer, media_type or answer.media_type)
    return caching.stamp(response, tag) if tag else response


def _evaluate(operation: protocol.QueryOperation, chosen: Formats) -> Answer:
    done = request.environ.pop(reader.DONE, None)
    if isinstance(done, reader.Evaluated):
        if isinstance(done.result, PraksisError):
            raise done.result
        return done.result
    snapshot = reader.snapshot()
    named = operation.default_graphs or operation.named_graphs
    query = Query(
        silent.failed(operation.text) if reader.is_conformance() else operation.text,
        default_graphs=operation.default_graphs if named else None,
        named_graphs=operation.named_graphs if named else None,
        formats=chosen,
        base_iri=request.base_url,
        key=running.key(request),
    )
    return federation.ask(snapshot.engine, query, elsewhere.allowed(), limits.timeout(request))


def _results_page(operation: protocol.QueryOperation) -> Response:
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
