"""Queries behind the pages: `.rq` files in `queries/`, with slots for values.

A slot is an empty `VALUES ?name { }`; it takes one term or many. `bind` fills it with terms written by the
RDF library itself: a value can never become syntax, and the query a reader is shown is the one that was run.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg.terms import PREFIXES

_FOLDER = Path(__file__).parent / "queries"
_SLOT = re.compile(r"VALUES \?(\w+) \{ \}")
_PAGE = re.compile(r"^LIMIT \d+ OFFSET \d+$", re.MULTILINE)
_PREFIXED = re.compile(r"(?<![\w<?$:-])([a-z][a-z0-9-]*):(?=[\w-]|\))")

Term = NamedNode | Literal


@cache
def _text(name: str) -> str:
    body = (_FOLDER / f"{name}.rq").read_text(encoding="utf-8")
    used = {prefix for prefix in _PREFIXED.findall(body) if prefix in PREFIXES}
    head = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in PREFIXES if prefix in used)
    return head + body


def slots(name: str) -> tuple[str, ...]:
    """Return the names of the slots of a stored query."""
    return tuple(dict.fromkeys(_SLOT.findall(_text(name))))


def bind(name: str, **values: Term | Iterable[Term]) -> str:
    """Return the stored query with its slots filled.

    Raises: KeyError when a slot gets no value or a value has no slot.
    """
    left = dict(values)

    def fill(match: re.Match[str]) -> str:
        """Write the terms of one slot as a VALUES block.

        Raises: KeyError when there are none for it.
        """
        value = values[match[1]]
        left.pop(match[1], None)
        terms = [value] if isinstance(value, NamedNode | Literal) else value
        return f"VALUES ?{match[1]} {{ {' '.join(str(term) for term in terms)} }}"

    filled = _SLOT.sub(fill, _text(name))
    if left:
        raise KeyError(f"{name}.rq has no slot for {', '.join(left)}")
    return filled


def window(query: str, limit: int, offset: int = 0) -> str:
    """Return the query with another `LIMIT n OFFSET n` in the place of its own."""
    changed, count = _PAGE.subn(f"LIMIT {limit:d} OFFSET {offset:d}", query)
    if count != 1:
        raise ValueError("the query has no line LIMIT … OFFSET … of its own")
    return changed
