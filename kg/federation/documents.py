"""LOAD in updates: fetched first, its triples written in its place.

Source: https://www.w3.org/TR/sparql11-update/#load
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from kg import documents
from kg.engine.lexer import Token, place, tokens
from kg.engine.syntax import can_go_on, mentions, uses
from kg.errors import ContextForbidden, EditError, LoadForbidden, RemoteFailed, RemoteTooLarge
from kg.federation.texts import READERS, READING, Stretch, declared, head, resolved, rewritten, server, word
from kg.origins import AllowList
from kg.remote import FetchLimits, fetch_graph

_NOTHING: Final = "INSERT DATA {}"


@dataclass(frozen=True, slots=True)
class _Load(Stretch):
    """A LOAD: of which document, into which graph, and all declarations before it."""

    document: Token
    graph: Token | None
    declarations: str


def with_documents(text: str, base_iri: str | None, allowed: AllowList, limits: FetchLimits) -> str:
    """Fetch every document an update loads, and write its triples in the place of the operation.

    The time is for all together. An update without LOAD, or with one that only the parser sees, is returned as it is:
    the edit refuses that.

    Raises: LoadForbidden, ContextForbidden, and what `kg.remote.fetch_graph` and `Apart.call` raise.
    """
    if not allowed or not mentions(text, "LOAD"):
        return text
    wanted = READERS.call(READING, _plan, text, base_iri, allowed)
    deadline = time.monotonic() + limits.timeout
    operations = list[tuple[_Load, str]]()
    for load, iri in wanted:
        left = replace(limits, timeout=deadline - time.monotonic())
        operations.append((load, _operation(load, iri, allowed, left)))
    return rewritten(text, operations)


def _plan(text: str, base_iri: str | None, allowed: AllowList) -> list[tuple[_Load, str]]:
    """Return each operation that loads with its document; none where that is not sure."""
    if not uses(text, "LOAD", base_iri, update=True) or not can_go_on(text, base_iri, update=True):
        return []
    loads = list(_loads(text))
    trial = rewritten(text, ((load, _NOTHING) for load in loads))
    if uses(trial, "LOAD", base_iri, update=True):
        return []
    return [(load, _allowed(load, text, base_iri, allowed)) for load in loads]


def _allowed(load: _Load, text: str, base_iri: str | None, allowed: AllowList) -> str:
    iri = resolved(load.document, head(base_iri, load.declarations))
    if iri is None or not allowed.allows(iri):
        raise LoadForbidden(*place(text, load.start), str(server(iri) or iri or load.document.text))
    return iri


def _operation(load: _Load, iri: str, allowed: AllowList, limits: FetchLimits) -> str:
    """Fetch a document; SILENT forgives what its server does wrong, not what we forbid or cut short."""
    try:
        triples = _triples(iri, allowed, limits)
    except RemoteFailed:
        if not load.silent:
            raise
        return _NOTHING
    if load.graph is None:
        return f"INSERT DATA {{\n{triples}}}"
    return f"INSERT DATA {{ GRAPH {load.graph.text} {{\n{triples}}} }}"


def _triples(iri: str, allowed: AllowList, limits: FetchLimits) -> str:
    """Fetch a document and write it as N-Triples, all of which are good in an update."""
    reply, sent = fetch_graph(iri, allowed, limits)
    return READERS.call(READING, _written, iri, documents.Document(reply.body, sent, reply.iri), limits.size)


def _written(iri: str, document: documents.Document, most: int) -> str:
    try:
        triples = documents.triples(document)
    except ContextForbidden:
        raise
    except EditError as error:
        raise RemoteFailed(iri, "The document of <%(iri)s> cannot be read: %(words)s", words=error.detail) from error
    written = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    if len(written) > most:
        raise RemoteTooLarge(iri, most, "bytes")
    return written.decode()


def _loads(text: str) -> Iterator[_Load]:
    """Find the operations that load a document."""
    declarations, operation, depth = "", list[Token](), 0
    for token in [*tokens(text), Token("mark", ";", len(text))]:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth or token.text != ";":
            operation.append(token)
            continue
        count = declared(operation)
        declarations += "".join(f"{token.text} " for token in operation[:count])
        if load := _load(operation[count:], declarations):
            yield load
        operation = []


def _load(found: list[Token], declarations: str) -> _Load | None:
    words = [word(token) for token in found]
    if words[:1] != ["LOAD"]:
        return None
    silent = words[1:2] == ["SILENT"]
    rest = found[1 + silent :]
    into = words[2 + silent : 4 + silent] == ["INTO", "GRAPH"]
    if len(rest) != (4 if into else 1):
        return None
    return _Load(found[0].start, found[-1].end, silent, rest[0], rest[3] if into else None, declarations)
