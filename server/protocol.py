"""Read a SPARQL query out of an HTTP request, and refuse what the protocol refuses.

Source: https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from werkzeug.http import parse_options_header

from server.errors import BadRequest, Forbidden, UnsupportedType

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_MAX_FIELDS = 200


@dataclass(frozen=True)
class Operation:
    """A query and the dataset the client asks it of; no graphs at all means the service's own dataset."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


def read(method: str, query_string: bytes, content_type: str | None, body: bytes) -> Operation | None:
    """Return the query of a request, or `None` for a GET that asks nothing.

    Raises: BadRequest, Forbidden or UnsupportedType, each saying what to send instead.
    """
    parameters = _parameters(query_string)
    if method == "POST":
        return _post(parameters, content_type, body)
    if "update" in parameters:
        raise BadRequest("An update cannot be sent with GET.", "Updates are sent with POST.")
    return _operation(parameters) if "query" in parameters else None


def _post(parameters: dict[str, list[str]], content_type: str | None, body: bytes) -> Operation:
    media_type, options = parse_options_header(content_type)
    if media_type not in (FORM, QUERY, UPDATE):
        sent = f"“{media_type}”" if media_type else "none"
        raise UnsupportedType(f"A query is not read from a body of this type: {sent}.", f"Send {QUERY} or {FORM}.")
    text = _decoded(body, options)
    if media_type == FORM:
        merged = dict(parameters)
        for name, values in _parameters(body).items():
            merged[name] = merged.get(name, []) + values
        return _operation(merged)
    if "query" in parameters or "update" in parameters:
        raise BadRequest("The request holds more than one operation.", "Send it in the body or the address, not both.")
    if media_type == UPDATE:
        raise _no_updates()
    return _operation({**parameters, "query": [text]})


def _operation(parameters: dict[str, list[str]]) -> Operation:
    if "update" in parameters:
        if len(parameters["update"]) > 1 or "query" in parameters:
            raise BadRequest("The request holds more than one operation.", "Send one at a time.")
        raise _no_updates()
    found = parameters.get("query", [])
    if len(found) != 1:
        raise BadRequest(
            f"The request holds {len(found)} queries.",
            "Send exactly one, in the parameter “query” or as the body.",
        )
    return Operation(found[0], _graphs(parameters, "default-graph-uri"), _graphs(parameters, "named-graph-uri"))


def _no_updates() -> Forbidden:
    return Forbidden("Updates are not offered.", "The graph is changed through its files; see the project's README.")


def _graphs(parameters: dict[str, list[str]], name: str) -> tuple[str, ...]:
    for iri in parameters.get(name, []):
        try:
            NamedNode(iri)
        except ValueError as error:
            raise BadRequest(f"{name} is no absolute IRI: “{iri}”.", "Give the whole IRI of a graph.") from error
    return tuple(parameters.get(name, []))


def _decoded(body: bytes, options: Mapping[str, str]) -> str:
    charset = options.get("charset", "utf-8").strip().lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedType(f"The body is said to be in {charset}.", "Send UTF-8, the only encoding of SPARQL.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is no UTF-8 (byte {error.start}).", "Encode the query in UTF-8.") from error


def _parameters(encoded: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise BadRequest("The parameters are no UTF-8.", "Percent-encode them as UTF-8.") from error
    except ValueError as error:
        raise BadRequest(f"The request has more than {_MAX_FIELDS} parameters.") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
