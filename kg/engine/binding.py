"""Values for the variables of a query, put in where the query is written.

pyoxigraph's own substitution knows only variables that the query projects, and a trailing VALUES block does
not reach into filters and subqueries. So each token that is the variable becomes the term, and only the
lexer's tokens are touched.
"""

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode

from kg.engine import Term
from kg.engine.lexer import Token, tokens


def bind(text: str, bindings: Mapping[str, Term]) -> str:
    """Put terms in the place of variables; a variable that SELECT names becomes `(term AS ?variable)`.

    Raises: ValueError when a binding has no variable in the text, or its term is or has a blank node.
    """
    if not bindings:
        return text
    written = {name: _written(term) for name, term in bindings.items()}
    pieces: list[str] = []
    used: set[str] = set()
    end = 0
    for token, projected in _with_projection(text):
        name = token.text[1:]
        if token.kind != "variable" or name not in written:
            continue
        used.add(name)
        value = f"({written[name]} AS ?{name})" if projected else written[name]
        pieces += [text[end : token.start], f" {value} "]
        end = token.end
    if missing := written.keys() - used:
        raise ValueError(f"the query has no variable {', '.join('?' + name for name in sorted(missing))}")
    return "".join(pieces) + text[end:]


def _written(term: Term) -> str:
    """Write a term as SPARQL does."""
    if isinstance(term, BlankNode) or "_:" in str(term)[:2]:
        raise ValueError(f"{term} is a blank node, which in a query is a variable")
    return str(term)


def _with_projection(text: str) -> Iterator[tuple[Token, bool]]:
    """Give each token, and whether it stands in a SELECT clause outside any expression."""
    selecting, depth = False, 0
    for token in tokens(text):
        word = token.text.upper() if token.kind == "word" else token.text
        if word == "SELECT":
            selecting, depth = True, 0
        elif word in ("{", "WHERE", "FROM"):
            selecting = False
        depth += {"(": 1, ")": -1}.get(word, 0)
        yield token, selecting and depth == 0
