"""What an edit is told that breaks a shape: the validation report, as data for whoever asks for data."""

from typing import Final

from flask import Response

from kg import reports
from kg.errors import InvalidEdit
from server import formats, negotiation

PROBLEM: Final = "application/problem+json"
_OFFERS: Final = (PROBLEM, formats.TURTLE, formats.NTRIPLES, formats.JSONLD, formats.RDFXML)


def report(error: InvalidEdit, accept: str | None) -> Response | None:
    """Return the report in RDF, or None where the client likes the problem with the messages as well or better."""
    chosen = negotiation.choose(accept, _OFFERS)
    if chosen is None or chosen == PROBLEM:
        return None
    body = reports.serialise(error.results, formats.GRAPHS[chosen])
    return Response(body, content_type=formats.with_charset(chosen))


def messages(error: InvalidEdit) -> list[dict[str, object]]:
    """Return what is wrong where, as members of the problem."""
    return [
        {
            "focus": result.focus,
            **({"path": result.path} if result.path else {}),
            **({"value": result.value} if result.value else {}),
            "shape": result.shape,
            "messages": dict(result.messages),
        }
        for result in error.results
    ]
