"""SERVICE in queries: asked first, its solutions written in its place.

Source: https://www.w3.org/TR/sparql11-federated-query/#defn_service
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.engine import Answer, Engine, Query
from kg.engine.asking import bound
from kg.engine.lexer import Token, place, tokens
from kg.engine.syntax import can_go_on, mentions, uses
from kg.errors import N_, QueryTimeout, RemoteFailed, RemoteTooLarge, ServiceForbidden, ServiceNotCallable
from kg.federation.texts import READERS, READING, Stretch, declared, head, resolved, rewritten, server, word
from kg.origins import AllowList
from kg.remote import FetchLimits, fetch

_RESULTS: Final = ("application/sparql-results+json", "application/json")
_ROWS: Final = 10_000
_WRITTEN: Final = 4 * 2**20
"""How long the rows of a call may become in the text of the query. Units: bytes, about."""
_CALLS: Final = 4
_NOTHING: Final = "VALUES () { () }"
"""What a call gives that failed and was to be SILENT: one solution that binds nothing."""


@dataclass(frozen=True, slots=True)
class _Call(Stretch):
    """A SERVICE: which one, its pattern with the braces, and what stands in the way of calling it."""

    service: Token
    pattern: str
    obstacle: str | None


def ask(engine: Engine, query: Query, allowed: AllowList, timeout: float) -> Answer:
    """Answer a query after the services it calls; the time they take counts. Units: seconds.

    Raises: what `engine.query` and `with_services` raise.
    """
    started = time.monotonic()
    ready = with_services(query, allowed, FetchLimits(timeout=min(timeout, FetchLimits().timeout)))
    if ready is query:
        return engine.query(query, timeout=timeout)
    left = timeout - (time.monotonic() - started)
    if left <= 0:
        raise QueryTimeout(timeout)
    return engine.query(ready, timeout=left)


def with_services(query: Query, allowed: AllowList, limits: FetchLimits) -> Query:
    """Ask every service a query calls, and put its solutions in the place of the call.

    The time is for all calls together. A query without calls, or with one that only the parser sees, is returned as it
    is: the engine refuses that.

    Raises: ServiceForbidden, ServiceNotCallable, and what `kg.remote.fetch` and `Apart.call` raise.
    """
    if not allowed or not mentions(query.text, "SERVICE"):
        return query
    asked = bound(query)
    before, wanted = READERS.call(READING, _plan, asked.text, asked.base_iri, allowed)
    if not wanted:
        return query
    deadline = time.monotonic() + limits.timeout
    answers = list[tuple[_Call, str]]()
    for call, service in wanted:
        left = replace(limits, timeout=deadline - time.monotonic())
        answers.append((call, _answered(call, service, before, allowed, left)))
    return replace(asked, text=rewritten(asked.text, answers))


def _plan(text: str, base_iri: str | None, allowed: AllowList) -> tuple[str, list[tuple[_Call, str]]]:
    """Return what has to stand before the calls of a query, and each with its service; none where that is not sure."""
    if not uses(text, "SERVICE", base_iri) or not can_go_on(text, base_iri):
        return "", []
    calls = list(_calls(text))
    trial = rewritten(text, ((call, _NOTHING) for call in calls))
    if uses(trial, "SERVICE", base_iri):
        return "", []
    before = head(base_iri, _prologue(text))
    services = [_allowed(call, text, before, allowed) for call in calls]
    if len(calls) > _CALLS:
        line, column = place(text, calls[_CALLS].start)
        raise ServiceNotCallable(line, column, "One query may call no more than %(most)s services.", most=_CALLS)
    return before, list(zip(calls, services, strict=True))


def refuse_services(text: str, base_iri: str | None, allowed: AllowList) -> None:
    """Refuse an update that calls a service which a query may call, and say so; the edit itself refuses every call.

    Raises: ServiceForbidden, ServiceNotCallable, and what `Apart.call` raises.
    """
    if allowed and mentions(text, "SERVICE"):
        READERS.call(READING, _refuse, text, base_iri, allowed)


def _refuse(text: str, base_iri: str | None, allowed: AllowList) -> None:
    if not uses(text, "SERVICE", base_iri, update=True) or not can_go_on(text, base_iri, update=True):
        return
    before = head(base_iri, _prologue(text))
    for call in _calls(text):
        _allowed(
            replace(call, obstacle=N_("This SERVICE cannot be called from here: it stands in an update.")),
            text,
            before,
            allowed,
        )


def _allowed(call: _Call, text: str, before: str, allowed: AllowList) -> str:
    """Return the IRI of a service that may be called, in a place where it can."""
    line, column = place(text, call.start)
    if call.service.kind == "variable":
        raise ServiceNotCallable(
            line,
            column,
            "This SERVICE cannot be called from here: which service it is depends on %(variable)s.",
            variable=call.service.text,
        )
    iri = resolved(call.service, before)
    if iri is None or not allowed.allows(iri):
        raise ServiceForbidden(line, column, str(server(iri) or iri or call.service.text))
    if call.obstacle:
        raise ServiceNotCallable(line, column, call.obstacle)
    return iri


def _answered(call: _Call, service: str, before: str, allowed: AllowList, limits: FetchLimits) -> str:
    """Ask a service; SILENT forgives what it does wrong, not what we forbid or cut short."""
    try:
        return _solutions(service, f"{before}SELECT * WHERE {call.pattern}", allowed, limits)
    except RemoteFailed:
        if not call.silent:
            raise
        return _NOTHING


def _solutions(service: str, text: str, allowed: AllowList, limits: FetchLimits) -> str:
    """Ask a service, and write its solutions as a VALUES block."""
    reply = fetch(service, allowed, _RESULTS[0], form=urlencode({"query": text}).encode(), limits=limits)
    if reply.media_type not in _RESULTS:
        raise RemoteFailed(
            service,
            "<%(iri)s> answered in “%(media_type)s”, not with solutions in JSON.",
            media_type=reply.media_type,
        )
    return READERS.call(READING, _values, service, text, reply.body)


def _values(service: str, text: str, body: bytes) -> str:
    """Write the solutions that a service answered a query with as a VALUES block."""
    try:
        # The parser checks every IRI, language and name, so none can end early and go on as something else.
        solutions = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        if not isinstance(solutions, ox.QuerySolutions):
            raise RemoteFailed(service, "<%(iri)s> answered yes or no to a question for solutions.")
        names = [variable.value for variable in solutions.variables]
        rows = [[_term(service, value) for value in solution] for solution in solutions]
    except (SyntaxError, ValueError) as error:
        raise RemoteFailed(service, "The solutions of <%(iri)s> cannot be read: %(words)s", words=str(error)) from error
    asked = {token.text[1:] for token in tokens(text) if token.kind == "variable"}
    if not asked.issuperset(names) or len(set(names)) != len(names):
        raise RemoteFailed(service, "<%(iri)s> answered with variables it was not asked for.")
    if len(rows) > _ROWS:
        raise RemoteTooLarge(service, _ROWS, "rows")
    block = "".join(f"({' '.join(row)})\n" for row in rows)
    if len(block) > _WRITTEN:
        raise RemoteTooLarge(service, _WRITTEN, "bytes")
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{\n{block}}}"


def _term(service: str, term: object) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, ox.NamedNode | ox.Literal):
        return str(term)
    raise ServiceNotCallable(
        None,
        None,
        "<%(service)s> answered with blank nodes, which cannot be handed on."
        if isinstance(term, ox.BlankNode)
        else "<%(service)s> answered with triples, which cannot be handed on.",
        service=service,
    )


def _prologue(text: str) -> str:
    """Return all that stands before the query itself."""
    found = list(tokens(text))
    count = declared(found)
    return text[: found[count - 1].end] if count else ""


def _calls(text: str) -> Iterator[_Call]:
    """Find the calls that are not inside another one."""
    found = list(tokens(text))
    exists = [False]
    end = 0
    for at, token in enumerate(found):
        if token.text == "{":
            exists.append(exists[-1] or word(found[at - 1]) == "EXISTS")
        elif token.text == "}":
            exists = exists[:-1] or [False]
        elif word(token) == "SERVICE" and token.start >= end and (call := _call(text, found[at:])):
            end = call.end
            yield (
                replace(call, obstacle=N_("This SERVICE cannot be called from here: it stands inside EXISTS."))
                if exists[-1]
                else call
            )


def _call(text: str, found: list[Token]) -> _Call | None:
    """Read a call from its keyword on; None if it is not written as one."""
    silent = len(found) > 1 and word(found[1]) == "SILENT"
    service, group = found[1 + silent : 2 + silent], _group(found[2 + silent :])
    if not service or not group:
        return None
    nested = any(word(token) == "SERVICE" for token in group)
    pattern = text[group[0].start : group[-1].end]
    obstacle = N_("This SERVICE cannot be called from here: it calls another service in turn.") if nested else None
    return _Call(found[0].start, group[-1].end, silent, service[0], pattern, obstacle)


def _group(found: list[Token]) -> list[Token]:
    """Return the tokens up to the brace that closes the first; none if that is no brace or is never closed."""
    depth = 0
    for at, token in enumerate(found):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth <= 0:
            return found[: at + 1] if at else []
    return []
