"""Pieces of a query or update: what it declares, which IRI a token stands for, other text in the place of some."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg.engine import Limits
from kg.engine.apart import Apart
from kg.engine.lexer import Token
from kg.origins import Origin, origin

READERS: Final = Apart("kg.federation", places=4)
"""What strangers write is parsed there, and never in a process that serves others."""
READING: Final = Limits(timeout=10.0, memory=256 * 2**20)
"""What parsing one text or document may use."""
_DECLARATIONS: Final = {"PREFIX": 3, "BASE": 2, "VERSION": 2}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where something stands in a text, and whether it is to be SILENT."""

    start: int
    end: int
    silent: bool


def word(token: Token) -> str:
    """Return a token as a keyword in upper case; empty if it is of another kind."""
    return token.text.upper() if token.kind == "word" else ""


def declared(found: list[Token]) -> int:
    """Return how many tokens at the start are declarations."""
    at = 0
    while at < len(found) and (length := _DECLARATIONS.get(word(found[at]))):
        at += length
    return at


def head(base_iri: str | None, declarations: str) -> str:
    """Return what has to stand before a piece for it to mean what it means in its text."""
    base = f"BASE {ox.NamedNode(base_iri)}\n" if base_iri else ""
    return f"{base}{declarations}\n"


def resolved(token: Token, before: str) -> str | None:
    """Return the IRI that a token stands for behind this head; None if it is none."""
    if token.kind not in ("iri", "name"):
        return None
    try:
        rows = ox.Store().query(f"{before}SELECT ?iri {{ VALUES ?iri {{ {token.text} }} }}")
    except SyntaxError:
        return None
    iri = next(iter(rows))["iri"] if isinstance(rows, ox.QuerySolutions) else None
    return iri.value if isinstance(iri, ox.NamedNode) else None


def server(iri: str | None) -> Origin | None:
    """Return the server of an IRI, None where it has none."""
    try:
        return origin(iri or "")
    except ValueError:
        return None


def rewritten(text: str, replaced: Iterable[tuple[Stretch, str]]) -> str:
    """Put other text in the place of stretches, which come in their order."""
    pieces, end = list[str](), 0
    for stretch, written in replaced:
        pieces += [text[end : stretch.start], f" {written} "]
        end = stretch.end
    return "".join(pieces) + text[end:]
