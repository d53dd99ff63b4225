"""SERVICE SILENT and LOAD SILENT as calls that failed, for conformance mode: nothing is contacted.

The specification lets SILENT hide any failure, and a refusal is one. Elsewhere such calls are refused like any other:
an answer that leaves out what another service would have said must not look complete.
Source: https://www.w3.org/TR/sparql11-federated-query/#serviceFailure and https://www.w3.org/TR/sparql11-update/#load
"""

from collections.abc import Sequence
from typing import Final

from kg.engine.lexer import Token, tokens

_FAILED: Final = "OPTIONAL { FILTER(false) GRAPH"
"""Joins nothing and removes nothing, as a failed SERVICE SILENT; stands before its name and group."""
_NOTHING: Final = "DELETE DATA { }"

Change = tuple[int, int, str]


def failed(text: str) -> str:
    """Return a query or update whose silent calls elsewhere have failed; other calls stay, to be refused."""
    found = list(tokens(text))
    changes = [change for at in range(len(found)) for change in (*_service(found, at), *_load(found, at))]
    for start, end, instead in sorted(changes, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def _service(found: Sequence[Token], at: int) -> list[Change]:
    if not _says(found[at : at + 2], "SERVICE", "SILENT") or at + 3 >= len(found) or found[at + 3].text != "{":
        return []
    end = _end_of_group(found, at + 3)
    if end is None:
        return []
    return [(found[at].start, found[at + 1].end, _FAILED), (end, end, " }")]


def _load(found: Sequence[Token], at: int) -> list[Change]:
    if not _says(found[at : at + 2], "LOAD", "SILENT") or at + 2 >= len(found):
        return []
    last = at + 5 if _says(found[at + 3 : at + 5], "INTO", "GRAPH") and at + 5 < len(found) else at + 2
    return [(found[at].start, found[last].end, _NOTHING)]


def _end_of_group(found: Sequence[Token], at: int) -> int | None:
    depth = 0
    for token in found[at:]:
        if token.kind == "mark":
            depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0:
            return token.end
    return None


def _says(found: Sequence[Token], *words: str) -> bool:
    return [token.text.upper() for token in found if token.kind == "word"] == list(words)
