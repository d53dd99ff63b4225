"""Tokens of a SPARQL text, with their places.

The engine's parser decides what is valid; this lexer only names the token an error is about and finds
variables.
Source: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PATTERN = re.compile(
    r"""
      (?P<blank>    [ \t\r\n]+ | \#[^\r\n]* )
    | (?P<iri>      < (?: [^<>"{}|^`\\\x00-\x20] | \\u[0-9A-Fa-f]{4} | \\U[0-9A-Fa-f]{8} )* > )
    | (?P<string>   \"{3} (?: "{0,2} (?: [^"\\] | \\. ) )* \"{3} | '{3} (?: '{0,2} (?: [^'\\] | \\. ) )* '{3}
                  | " (?: [^"\\\r\n] | \\. )* " | ' (?: [^'\\\r\n] | \\. )* ' )
    | (?P<variable> [?$] \w+ )
    | (?P<language> @ [A-Za-z]+ (?: -+ [A-Za-z0-9]+ )* )
    | (?P<label>    _: \w (?: [\w.-]* [\w-] )? )
    | (?P<name>     (?: [^\W\d_] (?: [\w.-]* [\w-] )? )? :
                    (?: [\w:-] | %[0-9A-Fa-f]{2} | \\[_~.!$&'()*+,;=/?\#@%-]
                                      | \.(?=[\w:%\\.-]*[\w:%\\-]) )* )
    | (?P<number>   (?: \d+ (?: \.\d+ )? | \.\d+ ) (?: [eE][+-]?\d+ )? )
    | (?P<word>     (?: \w | \\u[0-9A-Fa-f]{4} | \\U[0-9A-Fa-f]{8} )+ )
    | (?P<mark>     \^\^ | && | \|\| | != | <= | >= | <<\( | \)>> | << | >> | \{\| | \|\} | . )
    """,
    re.VERBOSE | re.DOTALL,
)
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
        kind = match.lastgroup
        if kind is not None and kind != "blank":
            yield Token(kind, match.group(), match.start())


def form_keyword(text: str) -> str:
    """Return the word that gives a valid query its form: SELECT, ASK, CONSTRUCT or DESCRIBE."""
    words = (token.text.upper() for token in tokens(text) if token.kind == "word")
    return next(word for word in words if _FORM.fullmatch(word))


def place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1, in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
