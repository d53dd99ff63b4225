"""What programs can ask of the server beside the stored queries: one table for the document and its page.

Texts are messages of the interface. Only what the application really serves gets into the document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from server import formats
from server.language import LANGUAGES, N_
from server.segments import SEGMENTS
from server.stored.data import LAST_PAGE, MOST_ROWS

JSON: Final = "application/json"
HTML: Final = "text/html"
Schema = Mapping[str, Any]
TEXT: Final[Schema] = {"type": "string"}
_OBJECT: Final[Schema] = {"type": "object"}
_NUMBERS: Final = 999_999_999
_SLUG: Final[Schema] = {"type": "string", "pattern": "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation: in the query of the address, or in its path, where it is required."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: TEXT)
    where: str = "query"
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation: `answers` are its media types with their schemas, `statuses` what else it may say, in words.

    `bodies` are the media types that a POST may have.
    """

    name: str
    path: str
    summary: str
    description: str
    parameters: Sequence[Parameter]
    answers: Mapping[str, Schema]
    method: str = "get"
    statuses: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, Schema] = field(default_factory=dict)


VERSION: Final = Parameter(
    "version",
    N_("The number of a version, to be answered as the graph was then."),
    {"type": "integer", "minimum": 1, "maximum": _NUMBERS},
)
LANGUAGE: Final = Parameter(
    "lang", N_("The language of texts and names: nb, nn or en."), {"type": "string", "enum": list(LANGUAGES)}
)
LIMIT: Final = Parameter(
    "limit",
    N_("How many rows a page has. The header Link then leads to the other pages."),
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
)
PAGE: Final = Parameter(
    "page", N_("Which page of the rows, from 1."), {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}
)
UNCHANGED: Final = N_("Nothing has changed since the ETag that was sent in If-None-Match.")
UNKNOWN: Final = N_("There is no such thing, or no such version.")
_QUERY: Final[Schema] = {"type": "string", "format": "sparql", "minLength": 1}
RESULTS: Final[Mapping[str, Schema]] = {
    formats.JSON_RESULTS: {"$ref": "#/components/schemas/Results"},
    **dict.fromkeys((formats.XML_RESULTS, formats.CSV, formats.TSV), TEXT),
}
_GRAPHS: Final[Mapping[str, Schema]] = {
    **dict.fromkeys((formats.TURTLE, formats.NTRIPLES, formats.RDFXML), TEXT),
    formats.JSONLD: {"type": ["object", "array"]},
}
_FILES: Final[Mapping[str, Schema]] = {
    **dict.fromkeys(formats.DUMP_TYPES.values(), TEXT),
    formats.JSONLD: {"type": ["object", "array"]},
}
_OF_A_FILE: Final = {
    "304": UNCHANGED,
    "404": UNKNOWN,
    "503": N_("The file is being made; try again in a moment."),
}
_ASKED: Final = Parameter("query", N_("The query, in SPARQL 1.1."), _QUERY, required=True)
_THING: Final = (
    Parameter(
        "segment",
        N_("The kind of thing, as in its IRI."),
        {"type": "string", "enum": sorted(SEGMENTS)},
        "path",
        required=True,
    ),
    Parameter("name", N_("The last part of its IRI."), _SLUG, "path", required=True),
)
_GRAPH_PARAMETERS: Final = (
    Parameter(
        "default-graph-uri",
        N_("The IRI of a graph that the query is asked of, any number of them; without, it is asked of all."),
        {"type": "array", "items": {"type": "string", "format": "uri"}},
    ),
    Parameter(
        "named-graph-uri",
        N_("The IRI of a graph that GRAPH in the query may name, any number of them."),
        {"type": "array", "items": {"type": "string", "format": "uri"}},
    ),
)
_SPARQL_DESCRIPTION: Final = N_(
    "Answers a query in the format that the Accept header asks for. Without a query, a GET gets the description of the "
    "service. What a query may use is given at /limits."
)
_LIMITED: Final = {
    "304": UNCHANGED,
    "422": N_("The answer is larger than allowed."),
    "503": N_("The query took too long or too much memory, or all workers are busy."),
}


def _suffix(known: Iterable[str]) -> Parameter:
    schema = {"type": "string", "enum": list(known)}
    return Parameter("suffix", N_("What stands for the format."), schema, "path", required=True)


OPERATIONS: Final = (
    Operation(
        "sparql",
        "/sparql",
        N_("Ask in SPARQL"),
        _SPARQL_DESCRIPTION,
        (_ASKED, *_GRAPH_PARAMETERS, VERSION),
        {**RESULTS, **_GRAPHS, HTML: TEXT},
        statuses=_LIMITED,
    ),
    Operation(
        "sparqlPost",
        "/sparql",
        N_("Ask in SPARQL, with a long query"),
        _SPARQL_DESCRIPTION,
        (),
        {**RESULTS, **_GRAPHS, HTML: TEXT},
        method="post",
        statuses=_LIMITED,
        bodies={
            "application/x-www-form-urlencoded": {
                "type": "object",
                "properties": {"query": _QUERY},
                "required": ["query"],
            },
            "application/sparql-query": _QUERY,
        },
    ),
    Operation(
        "thing",
        "/id/{segment}/{name}",
        N_("Find what is known of a thing"),
        N_("Redirects to the document about the thing, in the format that the Accept header asks for."),
        (*_THING, VERSION),
        {},
        statuses={"303": N_("The document is at the address in Location."), "304": UNCHANGED, "404": UNKNOWN},
    ),
    Operation(
        "data",
        "/id/{segment}/{name}.{suffix}",
        N_("Fetch what is known of a thing"),
        N_("What the graph says of the thing, in the format of the suffix."),
        (*_THING, _suffix(formats.SUFFIXES), VERSION),
        {**_GRAPHS, formats.CSV: TEXT},
        statuses={"304": UNCHANGED, "404": UNKNOWN},
    ),
    Operation(
        "findings",
        "/findings.csv",
        N_("Fetch the findings as a table"),
        N_("All findings, one a row. The page of findings leads to the same table narrowed down."),
        (VERSION, LANGUAGE),
        {formats.CSV: TEXT},
        statuses={"304": UNCHANGED},
    ),
    Operation(
        "search",
        "/search",
        N_("Search"),
        N_("What has the words that are asked for, the best first."),
        (
            Parameter("q", N_("The words to look for; the first 200 characters count."), TEXT),
            Parameter("page", N_("Which page of the hits, from 1."), {"type": "integer", "minimum": 1}),
            VERSION,
            LANGUAGE,
        ),
        {HTML: TEXT, JSON: _OBJECT},
        statuses={"304": UNCHANGED},
    ),
    Operation(
        "suggestions",
        "/search/suggest",
        N_("Propose names while somebody types"),
        N_("Names that continue what is typed, as browsers ask for them (OpenSearch)."),
        (Parameter("q", N_("What has been typed."), TEXT), VERSION, LANGUAGE),
        {"application/x-suggestions+json": {"type": "array"}},
        statuses={"304": UNCHANGED},
    ),
    Operation(
        "dump",
        "/praksisgrafen.{suffix}",
        N_("Fetch the whole graph"),
        N_("Every statement of the version in one file, in the format of the suffix."),
        (_suffix(formats.DUMPS), VERSION),
        _FILES,
        statuses=_OF_A_FILE,
    ),
    Operation(
        "download",
        "/downloads/{number}/{file}",
        N_("Fetch a file of a version"),
        N_("The files of a version and their checksums never change; /downloads lists them."),
        (
            Parameter(
                "number",
                N_("The number of a version."),
                {"type": "integer", "minimum": 1, "maximum": _NUMBERS},
                "path",
                required=True,
            ),
            Parameter(
                "file",
                N_("The name of the file; SHA256SUMS holds the checksums of all."),
                {"type": "string", "enum": ["SHA256SUMS", *(f"praksisgrafen.{suffix}" for suffix in formats.DUMPS)]},
                "path",
                required=True,
            ),
        ),
        {**_FILES, "text/plain": TEXT},
        statuses=_OF_A_FILE,
    ),
    Operation(
        "versions",
        "/versions.json",
        N_("List the versions"),
        N_("What has been published, the newest first: when, by whom, why, and how much changed."),
        (Parameter("page", N_("Which page of the list, from 1."), {"type": "integer", "minimum": 1}),),
        {JSON: _OBJECT},
        statuses={"304": UNCHANGED},
    ),
    Operation(
        "changes",
        "/changes",
        N_("Ask whether anything has changed"),
        N_("Which version is the current one, and what has changed since a version or a moment. No query is run."),
        (
            Parameter(
                "since",
                N_("The number of a version, or a moment."),
                {
                    "anyOf": [
                        {"type": "integer", "minimum": 0, "maximum": _NUMBERS},
                        {"type": "string", "format": "date-time"},
                    ]
                },
            ),
        ),
        {JSON: _OBJECT},
        statuses={"304": UNCHANGED, "404": UNKNOWN, "410": N_("The version was removed.")},
    ),
    Operation(
        "health",
        "/healthz",
        N_("Ask how the server is"),
        N_("The current version, and that queries about it are answered."),
        (),
        {JSON: _OBJECT},
        statuses={"503": N_("Queries are not answered now.")},
    ),
    Operation(
        "limits",
        "/limits",
        N_("Ask what is allowed"),
        N_("What a query, an update, a request and a client may use."),
        (),
        {JSON: _OBJECT},
    ),
)
