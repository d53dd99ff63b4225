"""Tokens of a SPARQL text, with their places.

The engine's parser decides what is valid; this lexer only names the token an error is about and finds
variables. It works in time proportional to the text, whatever a stranger writes: no pattern goes over a part of the
text twice.
Source: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NAME = r"""
    | (?P<name>     (?: [^\W\d_] [\w.-]*+ (?<![.]) )? :
                    (?: [\w:-] | %[0-9A-Fa-f]{2} | \\[_~.!$&'()*+,;=/?\#@%-] | \.++ (?=[\w:%\\-]) )*+ )
    | (?P<run>      [^\W\d_] [\w.-]*+ (?: \w | \\u[0-9A-Fa-f]{4} | \\U[0-9A-Fa-f]{8} )*+ )
"""
"""A prefixed name; and what begins like one and is none, to be split without looking for names in it again."""
_GRAMMAR = r"""
      (?P<blank>    [ \t\r\n]++ | \#[^\r\n]*+ )
    | (?P<iri>      < (?: [^<>"{}|^`\\\x00-\x20] | \\u[0-9A-Fa-f]{4} | \\U[0-9A-Fa-f]{8} )*+ > )
    | (?P<string>   \"{3} (?: "{0,2} (?: [^"\\] | \\. ) )*+ (?: \"{3} | "{0,2} \\? \Z )
                  | '{3} (?: '{0,2} (?: [^'\\] | \\. ) )*+ (?: '{3} | '{0,2} \\? \Z )
                  | " (?: [^"\\\r\n] | \\. )*+ " | ' (?: [^'\\\r\n] | \\. )*+ ' )
    | (?P<variable> [?$] \w++ )
    | (?P<language> @ [A-Za-z]++ (?: -++ [A-Za-z0-9]++ )*+ )
    | (?P<label>    _: \w (?: [\w-] | \.++ (?=[\w-]) )*+ )
    %s
    | (?P<number>   (?: \d++ (?: \.\d++ )? | \.\d++ ) (?: [eE][+-]?\d++ )? )
    | (?P<word>     (?: \w | \\u[0-9A-Fa-f]{4} | \\U[0-9A-Fa-f]{8} )++ )
    | (?P<mark>     \^\^ | && | \|\| | != | <= | >= | <<\( | \)>> | << | >> | \{\| | \|\} | . )
"""
_PATTERN = re.compile(_GRAMMAR % _NAME, re.VERBOSE | re.DOTALL)
_PIECE = re.compile(_GRAMMAR % "", re.VERBOSE | re.DOTALL)
_FORM = re.compile(r"SELECT|ASK|CONSTRUCT|DESCRIBE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, no white space or comment; `kind` is the group of the pattern it matched."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The place just after the token."""
        return self.start + len(self.text)


def tokens(text: str) -> Iterator[Token]:
    """Split a text into tokens; every character that fits nowhere is a token of its own."""
    for match in _PATTERN.finditer(text):
        if match.lastgroup == "run":
            yield from _split(_PIECE.finditer(text, *match.span()))
        else:
            yield from _split([match])


def _split(matches: Iterable[re.Match[str]]) -> Iterator[Token]:
    for match in matches:
        if match.lastgroup is not None and match.lastgroup != "blank":
            yield Token(match.lastgroup, match.group(), match.start())


def form_keyword(text: str) -> str:
    """Return the word that gives a valid query its form: SELECT, ASK, CONSTRUCT or DESCRIBE."""
    words = (token.text.upper() for token in tokens(text) if token.kind == "word")
    return next(word for word in words if _FORM.fullmatch(word))


def place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1, in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
