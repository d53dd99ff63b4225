"""The SPARQL endpoint, for programs and as a form for people."""

import time

from flask import Blueprint, Response, request

from kg import federation
from kg.engine import Answer, Formats, Query
from kg.engine.volatile import is_volatile
from kg.errors import PraksisError
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
    sparql_page,
    updates,
)

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"], strict_slashes=False)
def endpoint() -> Response:
    """Answer a query, make an update, or say what this is to whoever asks nothing."""
    body = request.get_data() if request.method in ("POST", "QUERY") else b""
    operation = protocol.read(request.method, request.query_string, request.content_type, body)
    if isinstance(operation, protocol.UpdateOperation):
        return updates.update(operation, request.base_url)
    if operation is not None and operation.version is not None:
        reader.choose_version(operation.version)
    accept = request.args.get("accept") or request.headers.get("Accept")
    wants_page = negotiation.prefers_html(accept)
    if operation is None:
        response = sparql_page.form() if wants_page else service_description.document(accept)
    else:
        response = _results_page(operation) if wants_page else _answer(operation, accept)
    response.headers["Accept-Query"] = protocol.ACCEPT_QUERY
    return caching.vary(response)


def _answer(operation: protocol.QueryOperation, accept: str | None) -> Response:
    """Answer a program, without a query where it has this very answer already."""
    limits.timeout(request)  # whoever asks with a token or a time that count for nothing has no answer
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
    """Show the answer below the query; one that cannot be answered is shown with what is wrong with it."""
    started = time.perf_counter()
    try:
        answer = _evaluate(operation, sparql_page.formats_wanted())
    except PraksisError as error:
        return sparql_page.failed(operation.text, error)
    return sparql_page.answered(operation.text, answer, time.perf_counter() - started)
