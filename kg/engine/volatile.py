"""Which queries may answer differently each time they are asked of the same version.

A word too many only costs an answer that is not kept; one too few would keep a wrong one. So words are looked for
in every token that the parser could read as one, escapes included, and never in comments, strings, IRIs and names.
"""

import re
from typing import Final

from kg.engine.lexer import Token, tokens

_MAYBE: Final = re.compile(r"rand|now|uuid|bnode|service|construct|\\u", re.IGNORECASE)
"""What a text must hold somewhere for a closer look to be worth it."""
_LONG: Final = 50_000
"""Longer texts with such a word are not looked at closely: the process that serves everybody would be held up."""
_CALLS: Final = ("RAND", "NOW", "UUID", "BNODE", "SERVICE")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def is_volatile(text: str) -> bool:
    """Tell whether a query calls RAND, NOW, UUID, STRUUID, BNODE or SERVICE, or constructs blank nodes."""
    if not _MAYBE.search(text):
        return False
    if len(text) > _LONG:
        return True
    found = list(tokens(text))
    return any(_calls(token) for token in found) or _constructs_blank_nodes(found)


def is_repeatable(text: str) -> bool:
    """Tell whether a query gives the same each time but for the labels of the blank nodes that it constructs."""
    return not _MAYBE.search(text) or not any(_calls(token) for token in tokens(text))


def keyword(token: Token) -> str:
    """Return a word in capital letters, its escapes read; nothing for what is no word."""
    return _ESCAPE.sub(_decoded, token.text).upper() if token.kind == "word" else ""


def _calls(token: Token) -> bool:
    """Look at the end of a word: the parser reads `trueNOW()` as two."""
    return keyword(token).endswith(_CALLS)


def _decoded(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF else "?"


def _constructs_blank_nodes(found: list[Token]) -> bool:
    """Look for labels, brackets and lists in the template of a CONSTRUCT, or in its only pattern."""
    words = [keyword(token) for token in found]
    start = next((place for place, word in enumerate(words) if word.endswith("CONSTRUCT")), None)
    if start is None:
        return False
    depth = 0
    for token in found[start + 1 :]:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if token.text == "}" and depth == 0:
            return False
        if depth and (token.kind == "label" or token.text in ("[", "(")):
            return True
    return False
