"""What a client asks of the reconciliation service, read from the JSON in its parameters; every bound is here."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.errors import BadRequest
from server.language import N_
from server.reconciliation.entities import PROPERTIES, TYPES

BATCH: Final = 20
"""Queries in one request."""
LONGEST: Final = 500
"""Units: characters of one text."""
CANDIDATES: Final = 25
_USUAL: Final = 5
_PROPERTIES: Final = 10
_VALUES: Final = 20
IDS: Final = 100
"""Things whose properties are asked for in one request."""
_STRICT: Final = ("any", "should", "all")


@dataclass(frozen=True)
class Asked:
    """One query: a text or properties, each with the values one of which it should have, or both."""

    text: str
    kinds: tuple[str, ...]
    limit: int
    properties: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Extension:
    """Whose values of which properties are asked for."""

    ids: tuple[str, ...]
    properties: tuple[str, ...]


def batch(sent: str) -> dict[str, Asked]:
    """Read a batch of queries.

    Raises: BadRequest.
    """
    found = _object(_json(sent, "queries"), "queries")
    _at_most(len(found), BATCH, N_("A batch may have %(limit)s queries, not %(count)s."))
    return {key: _asked(_object(one, "queries")) for key, one in found.items()}


def extension(sent: str) -> Extension:
    """Read what values are asked for.

    Raises: BadRequest.
    """
    found = _object(_json(sent, "extend"), "extend")
    ids = [_text(one, "ids") for one in _list(found.get("ids"), "ids")]
    names = [_text(_object(one, "properties").get("id"), "id") for one in _list(found.get("properties"), "properties")]
    _at_most(len(ids), IDS, N_("A request may have %(limit)s identifiers, not %(count)s."))
    _at_most(len(names), _PROPERTIES, N_("A request may have %(limit)s properties, not %(count)s."))
    return Extension(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(map(_property, names))))


def kind(sent: str) -> str:
    """Read the identifier of a type.

    Raises: BadRequest when there is none.
    """
    if sent not in TYPES:
        raise BadRequest(
            "There is no type “%(name)s”.", "The types are: %(names)s.", name=sent, names=_enumerated(TYPES)
        )
    return sent


def whole(sent: str | None, name: str, usual: int, most: int) -> int:
    """Read a whole number, cut at the most there may be.

    Raises: BadRequest when it is none.
    """
    if sent is None or not sent:
        return usual
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= 9):
        raise BadRequest("“%(name)s” is not a positive whole number.", name=name)
    return min(int(sent), most)


def _asked(found: Mapping[str, Any]) -> Asked:
    text = _text(found.get("query", ""), "query")
    wanted = dict(_wanted(_object(one, "properties")) for one in _list(found.get("properties", []), "properties"))
    _at_most(len(wanted), _PROPERTIES, N_("A request may have %(limit)s properties, not %(count)s."))
    if not (text.strip() or wanted):
        raise BadRequest("A query has neither a text nor properties.", "Give one of “query” and “properties”.")
    types = found.get("type") or []
    kinds = [kind(_text(one, "type")) for one in ([types] if isinstance(types, str) else _list(types, "type"))]
    limit = found.get("limit", _USUAL)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 1 <= limit < 1e9:
        raise BadRequest("“%(name)s” is not a positive whole number.", name="limit")
    strict = found.get("type_strict", "any")
    if strict not in _STRICT:
        raise BadRequest("“%(name)s” is none of: %(names)s.", name="type_strict", names=_enumerated(_STRICT))
    chosen = tuple(dict.fromkeys(kinds)) or tuple(TYPES)
    kept = () if strict == "all" and len(set(kinds)) > 1 else chosen  # nothing has two types
    return Asked(text, kept, min(int(limit), CANDIDATES), wanted)


def _wanted(found: Mapping[str, Any]) -> tuple[str, list[str]]:
    sent = found.get("v")
    values = sent if isinstance(sent, list) else [sent]
    _at_most(len(values), _VALUES, N_("A property may have %(limit)s values, not %(count)s."))
    return _property(_text(found.get("pid"), "pid")), [_value(one) for one in values]


def _value(sent: object) -> str:
    if isinstance(sent, dict):
        return _text(sent.get("id"), "id")
    if isinstance(sent, bool):
        return str(sent).lower()
    return _text(str(sent) if isinstance(sent, int | float) else sent, "v")


def _property(name: str) -> str:
    if name not in PROPERTIES:
        raise BadRequest(
            "There is no property “%(name)s”.",
            "The properties are: %(names)s.",
            name=name,
            names=_enumerated(PROPERTIES),
        )
    return name


def _json(sent: str, name: str) -> object:
    try:
        found: object = json.loads(sent, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest("“%(name)s” is not JSON.", name=name) from error
    return found


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _object(found: object, name: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise BadRequest("“%(name)s” does not hold objects as the protocol has them.", name=name)
    return found


def _list(found: object, name: str) -> list[Any]:
    if not isinstance(found, list):
        raise BadRequest("“%(name)s” is not a list.", name=name)
    return found


def _text(found: object, name: str) -> str:
    if not isinstance(found, str):
        raise BadRequest("“%(name)s” is not text.", name=name)
    if len(found) > LONGEST:
        raise BadRequest("“%(name)s” has more than %(limit)s characters.", name=name, limit=LONGEST)
    return found


def _enumerated(names: Iterable[str]) -> str:
    return ", ".join(names)


def _at_most(count: int, limit: int, message: str) -> None:
    if count > limit:
        raise BadRequest(message, "Send several requests.", limit=limit, count=count)
