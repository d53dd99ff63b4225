"""SPARQL update requests: split into operations, with the dataset of each operation's WHERE made explicit.

pyoxigraph takes no dataset for an update and does not tell which graphs it changed. Both can be read off the tokens, if
one is strict: what this reading does not recognise is refused, never guessed.
Source: https://www.w3.org/TR/sparql11-update/#sparqlGrammar
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pyoxigraph as ox

from kg.engine.lexer import Token, tokens
from kg.errors import EditError, GraphNotWritable

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SHAPE = re.compile(
    r"(INSERT DATA|DELETE DATA|DELETE WHERE|(WITH )?(DELETE( INSERT)?|INSERT)( USING( NAMED)?)* WHERE"
    r"|(CLEAR|DROP|CREATE)( SILENT)?( GRAPH| DEFAULT| NAMED| ALL)"
    r"|(COPY|MOVE|ADD)( SILENT)?( GRAPH| DEFAULT)? TO( GRAPH| DEFAULT)?)"
)
_UNREADABLE = EditError(
    "The operations of this update cannot be told apart.",
    "Write white space around keywords, and no code point escapes inside them.",
)


def word(token: Token) -> str:
    """Return a token as a keyword: upper case, code point escapes read; empty if it is of another kind."""
    if token.kind != "word":
        return ""
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16) % 0x110000), token.text).upper()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a request with all declarations before it; `depths` says inside how many braces a token is."""

    declarations: str
    source: str
    found: tuple[Token, ...]
    depths: tuple[int, ...]

    @property
    def text(self) -> str:
        """Return the operation as a request of its own."""
        return self._with(self.source[self.found[0].start : self.found[-1].end])

    def keywords(self) -> list[str]:
        """Return the keywords outside all braces."""
        return [word(token) for token, depth in self._placed() if depth == 0 and token.kind == "word"]

    def check(self) -> None:
        """Refuse an operation that is none of those of the grammar.

        Raises: EditError.
        """
        if not _SHAPE.fullmatch(" ".join(self.keywords())):
            raise _UNREADABLE

    def names_its_dataset(self) -> bool:
        """Tell whether the operation has USING or WITH."""
        return any(keyword in ("USING", "WITH") for keyword in self.keywords())

    def is_short_delete(self) -> bool:
        """Tell DELETE WHERE { … }, whose pattern is also its template, from DELETE { … } WHERE { … }."""
        return [word(token) for token in self.found[:2]] == ["DELETE", "WHERE"]

    def with_dataset(self, default: Iterable[str], named: Iterable[str]) -> str:
        """Return the operation with the dataset its WHERE reads; operations without a WHERE stay as they are."""
        where = next((t for t, depth in self._placed() if depth == 0 and word(t) == "WHERE"), None)
        if where is None:
            return self.text
        using = "".join(f"USING {ox.NamedNode(graph)}\n" for graph in default)
        using += "".join(f"USING NAMED {ox.NamedNode(graph)}\n" for graph in named)
        head, tail = self.source[self.found[0].start : where.start], self.source[where.start : self.found[-1].end]
        if self.is_short_delete():
            # The short form takes no USING: its pattern is also its template.
            head += tail[len(where.text) :] + "\n"
        return self._with(f"{head}\n{using}{tail}")

    def reads_or_writes(self, base_iri: str | None) -> set[str] | None:
        """Return the IRIs in the operation, among which are all graphs it can write to; None if it can write to any."""
        for token, after in pairwise((*self.found, Token("mark", "", 0))):
            text = token.text.upper() if token.kind in ("word", "name") else ""
            is_graph = word(token) == "GRAPH"
            if (("GRAPH" in text or "\\U" in text) and not is_graph) or (is_graph and after.kind == "variable"):
                return None
        if {"ALL", "NAMED"} & set(self.keywords()[1:]) and "USING" not in self.keywords():
            return None
        names = list(dict.fromkeys(token.text for token in self.found if token.kind in ("iri", "name")))
        return self._resolved(names, base_iri) if names else set()

    def refuse_default_graph(self) -> None:
        """Refuse triples to write or delete outside GRAPH, and operations on the default graph.

        Raises: GraphNotWritable.
        """
        keywords = self.keywords()
        if "DEFAULT" in keywords or (keywords[0] != "WITH" and self._writes_outside_graphs()):
            raise GraphNotWritable(
                "The default graph is the union of all named graphs and cannot itself be written.",
                "Say which graph: INSERT DATA { GRAPH <…> { … } }, or WITH <…> before DELETE and INSERT.",
            )

    def _writes_outside_graphs(self) -> bool:
        """Tell whether a template has anything but GRAPH blocks at its top."""
        template = False
        before = ""
        for token, depth in self._placed():
            if depth == 0:
                if word(token) in ("DELETE", "INSERT", "USING"):
                    template = word(token) != "USING"
                elif word(token) == "WHERE":
                    template = self.is_short_delete()
            elif depth == 1 and template:
                names_graph = before == "GRAPH" and token.kind in ("iri", "name", "variable")
                if not names_graph and word(token) != "GRAPH" and token.text not in ("{", "}", "."):
                    return True
            before = word(token)
        return False

    def _resolved(self, names: list[str], base_iri: str | None) -> set[str] | None:
        query = self._with(f"SELECT ?iri WHERE {{ VALUES ?iri {{ {' '.join(names)} }} }}")
        try:
            rows = ox.Store().query(query, base_iri=base_iri)
        except SyntaxError:
            return None
        return {row["iri"].value for row in rows if isinstance(row["iri"], ox.NamedNode)}  # type: ignore[union-attr]

    def _placed(self) -> Iterator[tuple[Token, int]]:
        return zip(self.found, self.depths, strict=True)

    def _with(self, text: str) -> str:
        return f"{self.declarations}\n{text}"


def operations(text: str) -> list[Operation]:
    """Split a request into its operations.

    Raises: EditError when that cannot be done with certainty; SyntaxError when braces do not match.
    """
    found: list[Operation] = []
    declarations, part, depths, depth = "", list[Token](), list[int](), 0
    for token in [*tokens(text), Token("mark", ";", len(text))]:
        is_end = depth == 0 and token.kind == "mark" and token.text == ";"
        if not is_end:
            depth -= token.text == "}" and token.kind == "mark"
            part.append(token)
            depths.append(depth)
            depth += token.text == "{" and token.kind == "mark"
            continue
        head = _declared(part)
        declarations += "".join(f"{token.text} " for token in part[:head])
        if part[head:]:
            operation = Operation(declarations, text, tuple(part[head:]), tuple(depths[head:]))
            operation.check()
            found.append(operation)
        part, depths = [], []
    if part:
        raise SyntaxError("the braces do not match")
    return found


def _declared(part: list[Token]) -> int:
    """Return how many tokens at the start are declarations of prefixes, a base or a version."""
    at = 0
    while at < len(part):
        length = {"PREFIX": 3, "BASE": 2, "VERSION": 2}.get(word(part[at]))
        if length is None:
            break
        at += length
    return at
