"""The description of the API: `/openapi.json` for tools, `/about/openapi` for people, both from the same tables.

Source: https://spec.openapis.org/oas/v3.1.0
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, current_app, request

from kg.stored_queries import Parameter as QueryParameter
from kg.stored_queries import StoredQuery
from server import answers, reader
from server import language as lang
from server.about import PAGES
from server.caching import conditional, software_version
from server.examples import queries
from server.labels import Rows
from server.language import N_
from server.openapi.operations import (
    HTML,
    LIMIT,
    OPERATIONS,
    PAGE,
    RESULTS,
    TEXT,
    UNCHANGED,
    UNKNOWN,
    VERSION,
    Operation,
    Parameter,
    Schema,
)
from server.stored import choices

Say = Callable[[str], str]

blueprint = Blueprint("openapi", __name__)

PROBLEM: Final = "application/problem+json"
_OTHER: Final = N_("Something is wrong with the request; the answer says what, and what is allowed.")
_OURS: Final = N_("The server cannot answer now; Retry-After says when to try again.")
_CHOICE: Final = N_("One of the values; the whole IRI does as well.")
_PROBLEM_SCHEMA: Final[Schema] = {
    "type": "object",
    "description": "https://www.rfc-editor.org/rfc/rfc9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["type", "title", "status"],
}
_HEADERS: Final[Mapping[str, Any]] = {
    "Praksisgrafen-Version": {"schema": {"type": "integer"}},
}
_RESULTS_SCHEMA: Final[Schema] = {
    "type": "object",
    "description": "https://www.w3.org/TR/sparql11-results-json/",
    "properties": {
        "head": {"type": "object"},
        "results": {
            "type": "object",
            "properties": {"bindings": {"type": "array", "items": {"type": "object"}}},
            "required": ["bindings"],
        },
        "boolean": {"type": "boolean"},
    },
    "required": ["head"],
}


@blueprint.get("/openapi.json")
@conditional
def document() -> Response:
    """Describe the API for tools."""
    text = json.dumps(described(), ensure_ascii=False, indent=1)
    response = Response(text + "\n", content_type="application/json")
    response.content_language.add(reader.language())
    return response


@blueprint.get("/about/openapi")
@conditional
def page() -> Response:
    """Describe the API for people."""
    return answers.page("about/openapi.html", pages=PAGES, stored=_stored(), others=list(_served()), values=values)


def described() -> dict[str, Any]:
    """Return the document, in the reader's language."""
    say = lang.words(reader.language()).gettext
    paths: dict[str, dict[str, Any]] = {}
    for operation in (*_stored(), *_served()):
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, say)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Praksisgrafen",
            "version": software_version(),
            "description": say(
                N_("The open knowledge graph of what articles have reported from the survey IT i praksis.")
            ),
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": request.root_url.rstrip("/")}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM_SCHEMA, "Results": _RESULTS_SCHEMA}},
    }


def _served() -> Iterator[Operation]:
    """Return the operations that this application has a view for."""
    rules = {rule.rule for rule in current_app.url_map.iter_rules()}
    prefixes = {rule.partition("<")[0] for rule in rules}
    for operation in OPERATIONS:
        if operation.path in rules or operation.path.partition("{")[0] in prefixes:
            yield operation


def _stored() -> list[Operation]:
    """Return an operation for each stored query."""
    rows, language = reader.snapshot().rows, reader.language()
    found = sorted(queries().values(), key=lambda query: query.title[language].casefold())
    return [_of_query(query, rows, language) for query in found]


def _of_query(query: StoredQuery, rows: Rows, language: str) -> Operation:
    return Operation(
        query.name,
        f"/queries/{query.name}",
        query.title[language],
        query.description[language],
        [*(_of_parameter(parameter, rows, language) for parameter in query.parameters), LIMIT, PAGE, VERSION],
        {**RESULTS, HTML: TEXT},
        statuses={"304": UNCHANGED, "404": UNKNOWN},
    )


def _of_parameter(parameter: QueryParameter, rows: Rows, language: str) -> Parameter:
    label = parameter.label[language]
    if parameter.datatype is None and parameter.name != "lang":
        label = f"{label}. {lang.words(language).gettext(_CHOICE)}"
    return Parameter(parameter.name, label, _schema(parameter, choices.choices(parameter, rows)))


def _schema(parameter: QueryParameter, offered: choices.Choices) -> Schema:
    default = [choices.written(term) for term in parameter.default]
    if parameter.datatype is None:
        nothing = [""] if parameter.optional else []
        one: dict[str, Any] = {"type": "string", "enum": [*nothing, *offered.terms]}
    else:
        bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum}
        number = {"type": "integer", **{name: value for name, value in bounds.items() if value is not None}}
        one = {"anyOf": [number, {"const": ""}]} if parameter.optional else number
    if parameter.many:
        return {"type": "array", "items": one, "default": default}
    return {**one, "default": default[0]} if default else one


def _operation(operation: Operation, say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": say(operation.summary),
        "description": say(operation.description),
        "parameters": [_parameter(parameter, say) for parameter in operation.parameters],
        "responses": _responses(operation, say),
    }
    if operation.bodies:
        content = {media_type: {"schema": schema} for media_type, schema in operation.bodies.items()}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameter(parameter: Parameter, say: Say) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": say(parameter.description),
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _responses(operation: Operation, say: Say) -> dict[str, Any]:
    problem = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    found: dict[str, Any] = {}
    if operation.answers:
        content = {media_type: {"schema": schema} for media_type, schema in operation.answers.items()}
        found["200"] = {"description": say(N_("The answer.")), "content": content, "headers": _HEADERS}
    for status, words in operation.statuses.items():
        found[status] = {"description": say(words), **(problem if status >= "400" else {})}
    return {
        **found,
        "4XX": {"description": say(_OTHER), **problem},
        "5XX": {"description": say(_OURS), **problem},
    }


def values(schema: Schema) -> Sequence[str]:
    """Return the values that a schema lists."""
    return [value for value in schema.get("items", schema).get("enum", ()) if value]
