"""The title and the passage that are shown of a hit, in pieces, so that nobody has to write markup."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import tantivy

from kg.search.fields import LANGUAGES, STEMMED

_PASSAGE: Final = 200
_WHOLE: Final = 4000
"""Units: bytes, as the library counts them."""


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and whether it is what was looked for."""

    text: str
    is_match: bool = False


@dataclass(frozen=True)
class Passage:
    """A text or a part of one, in pieces, and its language."""

    pieces: Sequence[Piece]
    language: str

    def __str__(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def name(document: tantivy.Document, language: str) -> tuple[str, str]:
    """Return the name in the reader's language, else in another, and the field it stands in."""
    fields = (f"name_{one}" for one in _order(language))
    field = next(field for field in fields if document.get_first(field) is not None)
    return str(document.get_first(field)), field


def _order(language: str) -> list[str]:
    return [language, *(one for one in LANGUAGES if one != language)]


class Marker:
    """Marks what was looked for in the texts of hits."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, query: tantivy.Query) -> None:
        self._searcher, self._schema, self._query = searcher, schema, query
        self._generators: dict[str, tantivy.SnippetGenerator] = {}

    def title(self, document: tantivy.Document, language: str) -> Passage:
        """Return the name of a hit."""
        text, field = name(document, language)
        marked = self._mark(document, field, _WHOLE)
        return marked if marked and str(marked) == text else Passage([Piece(text)], STEMMED[field])

    def passage(self, document: tantivy.Document, language: str) -> Passage | None:
        """Return where it was found: in the reader's language if it is there; else how the text begins."""
        for one in _order(language):
            for kind in ("text", "quote", "other"):
                marked = self._mark(document, f"{kind}_{one}", _PASSAGE)
                if marked is not None:
                    return marked
        texts = ((one, document.get_first(f"text_{one}")) for one in _order(language))
        return next((Passage([Piece(_beginning(str(text)))], one) for one, text in texts if text is not None), None)

    def _mark(self, document: tantivy.Document, field: str, size: int) -> Passage | None:
        """Return the part of a field with most of what was looked for; None where there is nothing of it."""
        if document.get_first(field) is None:
            return None
        if field not in self._generators:
            self._generators[field] = tantivy.SnippetGenerator.create(self._searcher, self._query, self._schema, field)
            self._generators[field].set_max_num_chars(size)
        found = self._generators[field].snippet_from_doc(document)
        ranges = [(one.start, one.end) for one in found.highlighted()]
        if not ranges:
            return None
        fragment = found.fragment()
        before, _, after = " ".join(map(str, document.get_all(field))).partition(fragment)
        cut = _pieces(fragment.encode(), ranges)
        return Passage([Piece(_rest(before, "… ")), *cut, Piece(_rest(after, " …"))], STEMMED[field])


def _pieces(text: bytes, ranges: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """Cut a text at the places that are marked. Units: bytes."""
    end = 0
    for start, stop in sorted(ranges):
        if start >= end:
            yield Piece(text[end:start].decode())
            yield Piece(text[start:stop].decode(), is_match=True)
            end = stop
    yield Piece(text[end:].decode())


def _rest(text: str, sign: str) -> str:
    """Return what stands for the rest of a text: the rest itself where that is a full stop or a bracket."""
    return sign if re.search(r"\w", text) else text


def _beginning(text: str) -> str:
    return text if len(text) <= _PASSAGE else re.sub(r"\s+\S*$", "", text[:_PASSAGE]) + " …"
