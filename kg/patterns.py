"""The triple patterns of a SPARQL constraint, each with the patterns that hold wherever it matters.

Reads the plain part of the language that constraints are written in: triple patterns, OPTIONAL, UNION, EXISTS, FILTER
and BIND. Of anything else it says so, and never guesses: who asks must then count on the query reading everything.
Source: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg import terms
from kg.engine.lexer import Token, tokens

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Place = Node | ox.Variable | None
"""What stands in a pattern; None is anything at all."""
Pattern = tuple[Place, Place, Place]

_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_LITERALS = ("string", "number")


class Unreadable(Exception):
    """The query holds something this reader does not know."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group graph pattern: its own triple patterns and the groups inside it."""

    patterns: list[Pattern] = field(default_factory=list)
    groups: list["Group"] = field(default_factory=list)

    def in_context(self, outer: tuple[Pattern, ...] = ()) -> Iterator[tuple[Pattern, tuple[Pattern, ...]]]:
        """Give each pattern with those of its own group and of the groups around it.

        What matches a pattern counts only in a solution in which these match too; filters and the groups beside it
        or inside it may or may not hold, so they are left out.
        """
        here = outer + tuple(self.patterns)
        for pattern in self.patterns:
            yield pattern, tuple(other for other in here if other is not pattern)
        for group in self.groups:
            yield from group.in_context(here)


def where(query: str, prefixes: Mapping[str, str]) -> Group:
    """Read the WHERE clause of a SELECT query.

    Raises: Unreadable for what is not understood.
    """
    return _Reader(list(tokens(query)), prefixes).query()


class _Reader:
    """A recursive descent over the tokens."""

    def __init__(self, found: Sequence[Token], prefixes: Mapping[str, str]) -> None:
        self._tokens, self._prefixes, self._at = found, prefixes, 0

    def query(self) -> Group:
        """Read a query up to its end: its one group follows WHERE.

        Raises: Unreadable for what is not understood.
        """
        while not self._is("WHERE"):
            if self._take().text == "{":
                raise Unreadable("a group before WHERE")
        self._expect("WHERE", "{")
        group = self._group()
        if any(token.text == "{" for token in self._tokens[self._at :]):
            raise Unreadable("a group after WHERE")
        return group

    def _group(self) -> Group:
        """Read a group whose opening brace is taken."""
        group = Group()
        while not self._is("}"):
            if self._is("."):
                self._take()
            elif self._is("{") or self._is("OPTIONAL") or self._is("UNION"):
                self._take_group(group)
            elif self._is("FILTER") or self._is("BIND"):
                self._condition(group)
            else:
                self._triples(group)
        self._take()
        return group

    def _take_group(self, outer: Group) -> None:
        if not self._is("{"):
            self._take()
        self._expect("{")
        outer.groups.append(self._group())

    def _condition(self, group: Group) -> None:
        """Read a FILTER or BIND: only EXISTS has patterns, an expression in brackets has none or is not understood."""
        self._take()
        if self._is("NOT"):
            self._take()
        if self._is("EXISTS"):
            self._take_group(group)
            return
        while not self._is("("):
            if self._take().kind not in ("word", "name", "iri"):
                raise Unreadable("a condition without brackets")
        depth = 0
        while True:
            text = self._take().text
            depth += (text == "(") - (text == ")")
            if text == "{":
                raise Unreadable("a group in an expression")
            if depth == 0:
                return

    def _triples(self, group: Group) -> None:
        subject = self._term()
        while True:
            if not (self._is(";") or self._is(".") or self._is("}")):
                self._predicate_objects(group, subject)
            if not self._is(";"):
                return
            self._take()

    def _predicate_objects(self, group: Group, subject: Place) -> None:
        predicate: Place = _TYPE
        if self._is("a"):
            self._take()
        else:
            predicate = self._term()
        group.patterns.append((subject, predicate, self._term()))
        while self._is(","):
            self._take()
            group.patterns.append((subject, predicate, self._term()))

    def _term(self) -> Place:
        """Read a term; of a literal only that it is there, since engines differ in which literals are the same."""
        token = self._take()
        if token.kind == "variable":
            if token.text[1:] == "PATH":
                raise Unreadable("a path from outside the query")
            return ox.Variable(token.text[1:])
        if token.kind == "iri" and "\\" not in token.text:
            return ox.NamedNode(token.text[1:-1])
        if token.kind == "name" and "\\" not in token.text:
            return self._named(token.text)
        if token.kind in _LITERALS or token.text in ("true", "false"):
            self._pass_datatype()
            return None
        raise Unreadable(token.text)

    def _named(self, text: str) -> ox.NamedNode:
        prefix, _, local = text.partition(":")
        if prefix not in self._prefixes:
            raise Unreadable(text)
        return ox.NamedNode(self._prefixes[prefix] + local)

    def _pass_datatype(self) -> None:
        if self._is("^^"):
            self._take()
            self._take()
        elif self._at < len(self._tokens) and self._tokens[self._at].kind == "language":
            self._take()

    def _is(self, text: str) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        if token is None:
            raise Unreadable("the end of the query")
        return token.text == text or (token.kind == "word" and text.isupper() and token.text.upper() == text)

    def _take(self) -> Token:
        if self._at >= len(self._tokens):
            raise Unreadable("the end of the query")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, *texts: str) -> None:
        for text in texts:
            if not self._is(text):
                raise Unreadable(f"no {text} where one belongs")
            self._take()
