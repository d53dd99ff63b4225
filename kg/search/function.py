"""The search as a function of SPARQL: `pg:score(?thing, "words")`.

It is how well a thing fits the words, as the search ranks it, and has no value for what the search does not find. The
language of the words, where they have one, is the one in which a match counts more.
Source: https://www.w3.org/TR/sparql11-query/#extensionFunctions
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg import iris
from kg.errors import EngineUnavailable, NotIndexed, PraksisError
from kg.search.asking import opened

SCORE: Final = NamedNode(iris.DEF + "score")
_ARGUMENTS: Final = 2
_ASKED: Final = 8
"""Texts whose scores are kept while a query runs; those of more texts are looked up again each time."""


class Scoring:
    """The function as one query calls it. The engine takes every error in it for no value, so it is kept here."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._failure: Exception | None = None
        self._scores = lru_cache(maxsize=_ASKED)(self._looked_up)

    def __call__(self, *terms: NamedNode | BlankNode | Literal | Triple) -> Literal | None:
        """Return the score of a thing for some words; None where it has none, or these are other terms."""
        if len(terms) != _ARGUMENTS or self._failure:
            return None
        thing, words = terms
        if not (isinstance(thing, NamedNode) and isinstance(words, Literal)):
            return None
        try:
            score = self._scores(words.value, words.language or "").get(thing.value)
        except Exception as error:  # noqa: BLE001 - raised again by `check`
            self._failure = error
            return None
        return None if score is None else Literal(score)

    def check(self) -> None:
        """Make sure that no call has failed.

        Raises: NotIndexed; MemoryError; EngineUnavailable when the index cannot be read.
        """
        if isinstance(self._failure, PraksisError | MemoryError):
            raise self._failure
        if self._failure:
            raise EngineUnavailable("The search index cannot be read: %(words)s", words=str(self._failure))

    def _looked_up(self, text: str, language: str) -> dict[str, float]:
        if not self._folder.exists():
            raise NotIndexed
        return opened(self._folder).scores(text, language.partition("-")[0])
