"""Read a SPARQL query or update out of an HTTP request, and refuse what the protocol refuses.

Source: https://www.w3.org/TR/sparql11-protocol/#protocol and, for the method QUERY,
https://www.rfc-editor.org/rfc/rfc10008
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from werkzeug.http import parse_options_header

from kg.errors import N_
from server.errors import BadRequest, UnsupportedType

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
ACCEPT_QUERY: Final = f"{QUERY}, {FORM}"
"""What the header Accept-Query says: the bodies that the method QUERY may have."""

_MAX_FIELDS: Final = 200
_ONLY_QUERY: Final = ("default-graph-uri", "named-graph-uri")
_ONLY_UPDATE: Final = ("using-graph-uri", "using-named-graph-uri")

Parameters = dict[str, list[str]]


@dataclass(frozen=True)
class QueryOperation:
    """A query and the dataset the client asks it of; no graphs at all means the service's own dataset.

    `version` is a parameter of ours: the number of the version to ask.
    """

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    version: str | None = None


@dataclass(frozen=True)
class UpdateOperation:
    """An update and the dataset its patterns are matched against; no graphs at all means what the text says.

    `message` is a parameter of ours: what the version that comes of it is about.
    """

    text: str
    using_graphs: tuple[str, ...]
    using_named_graphs: tuple[str, ...]
    message: str | None = None


Operation = QueryOperation | UpdateOperation


def read(method: str, query_string: bytes, content_type: str | None, body: bytes) -> Operation | None:
    """Return the operation of a request, or `None` for a GET that asks nothing at all.

    Raises: BadRequest or UnsupportedType, each saying what to send instead.
    """
    parameters = _parameters(query_string)
    if method in ("POST", "QUERY"):
        return _with_body(method, parameters, content_type, body)
    if "update" in parameters:
        raise BadRequest("An update cannot be sent with GET.", "Updates are sent with POST.")
    if "query" not in parameters and not any(name in parameters for name in (*_ONLY_QUERY, *_ONLY_UPDATE)):
        return None
    return _query(parameters)


def _with_body(method: str, parameters: Parameters, content_type: str | None, body: bytes) -> Operation:
    media_type, options = parse_options_header(content_type)
    readable = (QUERY, FORM) if method == "QUERY" else (QUERY, UPDATE, FORM)
    if media_type not in readable:
        raise UnsupportedType(
            "The body of a %(method)s is not read in the type “%(media_type)s”."
            if media_type
            else "The body of a %(method)s has no media type.",
            "Send one of %(readable)s.",
            method=method,
            media_type=media_type,
            readable=", ".join(readable),
        )
    text = _decoded(body, options)
    if media_type == FORM:
        return _from_form(method, parameters, _parameters(body))
    if "query" in parameters or "update" in parameters:
        raise BadRequest("The request holds more than one operation.", "Send it in the body or the address, not both.")
    if media_type == UPDATE:
        return _update({**parameters, "update": [text]})
    return _query({**parameters, "query": [text]})


def _from_form(method: str, parameters: Parameters, form: Parameters) -> Operation:
    """Read an operation from a form; what stands in the address counts too, an update only in the form."""
    if "update" in parameters:
        raise BadRequest("The update stands in the address.", "Send it in the body of the POST.")
    merged = {name: parameters.get(name, []) + form.get(name, []) for name in {**parameters, **form}}
    if "update" not in merged:
        return _query(merged)
    if "query" in merged:
        raise BadRequest("The request holds a query and an update.", "Send one at a time.")
    if method == "QUERY":
        raise BadRequest("An update cannot be sent with QUERY, which changes nothing.", "Updates are sent with POST.")
    return _update(merged)


def _query(parameters: Parameters) -> QueryOperation:
    _refuse(
        parameters,
        _ONLY_UPDATE,
        N_("%(name)s does not go with a query."),
        N_("The dataset of a query is named with default-graph-uri and named-graph-uri."),
    )
    return QueryOperation(
        _only(parameters, "query"),
        _graphs(parameters, "default-graph-uri"),
        _graphs(parameters, "named-graph-uri"),
        _last(parameters, "version"),
    )


def _update(parameters: Parameters) -> UpdateOperation:
    _refuse(
        parameters,
        _ONLY_QUERY,
        N_("%(name)s does not go with an update."),
        N_("The dataset of an update is named with using-graph-uri and using-named-graph-uri."),
    )
    if "version" in parameters:
        raise BadRequest("An update cannot be made to an earlier version.", "Leave out the parameter “version”.")
    return UpdateOperation(
        _only(parameters, "update"),
        _graphs(parameters, "using-graph-uri"),
        _graphs(parameters, "using-named-graph-uri"),
        _last(parameters, "message"),
    )


def _refuse(parameters: Parameters, names: tuple[str, ...], detail: str, instead: str) -> None:
    for name in names:
        if name in parameters:
            raise BadRequest(detail, instead, name=name)


def _only(parameters: Parameters, name: str) -> str:
    found = parameters.get(name, [])
    if len(found) != 1:
        raise BadRequest(
            "The parameter “%(name)s” is there %(count)s times.",
            "Send exactly one %(name)s, as parameter or as body.",
            name=name,
            count=len(found),
        )
    return found[0]


def _last(parameters: Parameters, name: str) -> str | None:
    return parameters.get(name, [None])[-1]


def _graphs(parameters: Parameters, name: str) -> tuple[str, ...]:
    for iri in parameters.get(name, []):
        try:
            NamedNode(iri)
        except ValueError as error:
            raise BadRequest(
                "%(name)s is not an absolute IRI: “%(iri)s”.", "Give the whole IRI of a graph.", name=name, iri=iri
            ) from error
    return tuple(parameters.get(name, []))


def _decoded(body: bytes, options: Mapping[str, str]) -> str:
    charset = options.get("charset", "utf-8").strip().lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedType("The body is said to be in %(charset)s.", "Send UTF-8.", charset=charset)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8 (byte %(byte)s).", "Encode it in UTF-8.", byte=error.start) from error


def _parameters(encoded: bytes) -> Parameters:
    try:
        pairs = parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise BadRequest("The parameters are not UTF-8.", "Percent-encode them as UTF-8.") from error
    except ValueError as error:
        raise BadRequest("The request has more than %(most)s parameters.", most=_MAX_FIELDS) from error
    found: Parameters = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
