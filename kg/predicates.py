"""The predicates that a query may read, told from its tokens; too many rather than too few.

What is named anywhere from WHERE on counts as read. Where the query could read what it does not name, it counts as
reading everything: a variable in the predicate's place, a negated property set, a path that may have no step, a graph
asked for nothing, a name that cannot be resolved.
"""

from functools import cache

from kg import terms
from kg.engine.lexer import Token, tokens

_RDF = terms.PREFIXES["rdf"]
_TERMS = {"variable", "iri", "name", "label", "string", "number", "language"}
_TYPE, _LIST = _RDF + "type", frozenset((_RDF + "first", _RDF + "rest"))
_NEW_SYNTAX = {"<<", "<<(", "{|", "~"}


@cache
def read_by(query: str) -> frozenset[str] | None:
    """Return the predicates that a valid query may read, None for any."""
    found = list(tokens(query))
    start = _where(found)
    if _reads_the_unnamed(found[start:]):
        return None
    prefixes = {
        name.text[:-1]: iri.text[1:-1]
        for word, name, iri in zip(found, found[1:], found[2:], strict=False)
        if word.text.upper() == "PREFIX"
    }
    names = {_name(token, prefixes) for token in found[start:] if token.kind in ("iri", "name") or token.text == "a"}
    return None if None in names else frozenset(name for name in names if name) | _LIST


def _where(found: list[Token]) -> int:
    """Find the place of the outermost WHERE; a query without one is read from its start."""
    depth = 0
    for place, token in enumerate(found):
        depth += (token.text in "{(") - (token.text in "})")
        if depth == 0 and token.kind == "word" and token.text.upper() == "WHERE":
            return place
    return 0


def _name(token: Token, prefixes: dict[str, str]) -> str | None:
    if token.text == "a":
        return _TYPE
    if "\\" in token.text:
        return None
    if token.kind == "iri":
        return token.text[1:-1] if ":" in token.text else None
    prefix, _, local = token.text.partition(":")
    return prefixes[prefix] + local if prefix in prefixes else None


def _reads_the_unnamed(found: list[Token]) -> bool:
    """Tell whether any token may be a predicate without a name."""
    brackets, listing = [""], False
    for before, token, after in zip(found, found[1:], found[2:], strict=False):
        word = token.text.upper() if token.kind == "word" else ""
        listing = (listing or word in ("SELECT", "BY")) and word not in ("WHERE", "HAVING") and token.text not in "{}"
        if token.text in "({":
            brackets.append(token.text)
        elif token.text in ")}" and len(brackets) > 1:
            brackets.pop()
        in_pattern = not listing and brackets[-1] != "("
        if token.text in _NEW_SYNTAX or (in_pattern and _is_verb(before, token, after)):
            return True
        if token.text == "!" and _starts_term(after):
            return True
        if token.text == "?" or (token.text == "*" and (in_pattern or after.text in ("/", "|", ")"))):
            return True
        if before.kind == "variable" and token.text == "{" and after.text == "}":
            return True
    return False


def _is_verb(before: Token, token: Token, after: Token) -> bool:
    """Tell whether a token may be a variable between a subject and an object."""
    follows_subject = before.kind in _TERMS or before.text in (";", "[", "]", ")")
    return token.kind == "variable" and follows_subject and _starts_term(after)


def _starts_term(token: Token) -> bool:
    return token.kind in _TERMS or token.text in ("(", "[", "^", "a", "true", "false")
