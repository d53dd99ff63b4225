"""What is asked of an index: hits with their passages, counts of facets, names that begin like a text."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import tantivy
from tantivy import Occur, Query

from kg.search.fields import CONTENT, FACETS, KINDS, STEMMED, STEMS, WORDS, registered
from kg.search.marking import Marker, Passage, name

LONGEST: Final = 200
"""Units: characters of what is asked for; the rest is not read."""
MOST_WORDS: Final = 8
_WEIGHTS: Final = {"name": 4.0, "other": 3.0, "quote": 1.5, "text": 1.0}
_PREFERRED: Final = 1.5
"""How much more a match in the reader's language counts than one in another."""
_WHOLE_NAME: Final = 60.0
"""What it counts that something is called just what is asked for: more than anything else."""
_LIKELY: Final = tuple("edition funding indicator organisation person policy population reform solution theme".split())
"""Kinds of things that are suggested before what is said of them."""
_COMPLETED: Final = 0.5
_MISSPELT: Final = 0.3
_FEW: Final = 3
_PREFIX_LENGTH: Final = 3
_FUZZY_LENGTH: Final = 4
_VARIANTS: Final = 10
_SCANNED: Final = 200
_SCORED: Final = 10_000
"""Things that are given a score; what fits less well than so many others is not found."""
_OPEN: Final = 4
"""Indexes a process keeps open: those of the versions that were searched last."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzæøåéö0123456789"

Variants = Mapping[str, float]
"""Words that count as one that was asked for → how much they do."""


@dataclass(frozen=True)
class Hit:
    """One thing that was found: `kind` is the segment of its address."""

    iri: str
    kind: str
    title: Passage
    passage: Passage | None


@dataclass(frozen=True)
class Meant:
    """What is looked for: each word with its variants, and whether a hit needs all of the words.

    `corrected` are words that stand nowhere → the word that was most likely meant.
    """

    words: Mapping[str, Variants]
    needs_all: bool = True
    corrected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """One page of hits, how many there are in all, and how many each value of a facet has."""

    hits: Sequence[Hit]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    meant: Meant


def words(text: str) -> list[str]:
    """Return the words of a text that are worth looking for, the first `MOST_WORDS` of them."""
    cut = _cut(text)
    return list(dict.fromkeys(CONTENT.analyze(" ".join(cut)) or cut))[:MOST_WORDS]


def corrected(text: str, meant: Meant) -> str:
    """Return the words of a text with those that were meant in the places of those that stand nowhere."""
    return " ".join(meant.corrected.get(word, word) for word in _cut(text))


def _cut(text: str) -> list[str]:
    return WORDS.analyze(unicodedata.normalize("NFC", text[:LONGEST]))


class Index:
    """The index of one version, opened to be read; several threads may do so at once."""

    def __init__(self, folder: Path) -> None:
        index = registered(tantivy.Index.open(str(folder)))
        index.config_reader("manual")
        self._schema = index.schema
        self._searcher = index.searcher()

    def search(self, text: str, language: str, chosen: Mapping[str, str], *, limit: int, offset: int = 0) -> Found:
        """Find what has the words of a text; where little has them as they stand, what has nearly the same.

        `chosen` narrows the hits: a value for each of some facets.
        """
        query, meant = self._asked(text, language)
        narrowed = self._narrowed(query, chosen)
        result = self._searcher.search(narrowed, limit=limit, offset=offset)
        marker = Marker(self._searcher, self._schema, self._query(meant.words.values(), Occur.Should))
        documents = (self._searcher.doc(address) for _, address in result.hits)
        facets = {facet: self._counts(self._narrowed(query, _without(chosen, facet)), facet) for facet in FACETS}
        return Found([_hit(one, language, marker) for one in documents], self._count(narrowed), facets, meant)

    def scores(self, text: str, language: str) -> dict[str, float]:
        """Return for all that `search` finds how well it fits, by IRI: numbers that only compare within one answer."""
        query, _ = self._asked(text, language)
        hits = self._searcher.search(query, limit=_SCORED, count=False).hits
        return {self._searcher.doc(address)["iri"][0]: score for score, address in hits}

    def suggest(self, text: str, language: str, limit: int, kinds: Iterable[str] = ()) -> list[tuple[str, str, str]]:
        """Return names with the words of a text in them, the last maybe unfinished, with their IRIs and kinds.

        Where kinds are named, only things of those.
        """
        asked = words(text)
        if not asked:
            return []
        names = ("name", "other")
        whole = [self._word({word: 1}, names, language) for word in asked[:-1]]
        within = Query.boolean_query([(Occur.Must, one) for one in whole]) if whole else None
        beginnings = self._completions(asked[-1], "name_word", within)
        last = self._word({asked[-1]: 1} | dict.fromkeys(beginnings, 1.0), names, language)
        likely = [self._constant("class", kind, _WHOLE_NAME) for kind in _LIKELY]
        query = Query.boolean_query([
            *((Occur.Must, one) for one in (*whole, last, *self._of_kinds(kinds))),
            *((Occur.Should, one) for one in likely),
        ])  # fmt: skip
        hits = self._searcher.search(query, limit=limit, count=False).hits
        documents = [self._searcher.doc(address) for _, address in hits]
        found = [(name(document, language)[0], document["iri"][0], document["class"][0]) for document in documents]
        return list({text.casefold(): (text, iri, kind) for text, iri, kind in reversed(found)}.values())[::-1]

    def called(self, text: str, kinds: Iterable[str], limit: int) -> list[str]:
        """Return the IRIs of things of some kinds with a word in their names that is one of a text's, or nearly so."""
        wide = [
            dict.fromkeys(self._near(word), _MISSPELT) | dict.fromkeys(self._completions(word, "name_word"), _COMPLETED)
            | {word: 1.0}
            for word in words(text)
        ]  # fmt: skip
        named = Query.boolean_query([(Occur.Should, self._word(variants, ("name", "other"))) for variants in wide])
        query = Query.boolean_query([(Occur.Must, one) for one in (named, *self._of_kinds(kinds))])
        hits = self._searcher.search(query, limit=limit, count=False).hits if wide else []
        return [self._searcher.doc(address)["iri"][0] for _, address in hits]

    def _of_kinds(self, kinds: Iterable[str]) -> list[Query]:
        """Return what narrows hits to things of some kinds, nothing where none is named."""
        chosen = [(Occur.Should, self._constant("class", kind, 0)) for kind in kinds]
        return [Query.boolean_query(chosen)] if chosen else []

    def _asked(self, text: str, language: str) -> tuple[Query, Meant]:
        """Return the query for the words of a text, and what was taken to be meant."""
        meant = self._meant(words(text))
        return self._ranked(meant, language, corrected(text, meant)), meant

    def values(self, facet: str) -> set[str]:
        """Return all values of a facet."""
        return set(self._counts(Query.all_query(), facet))

    def _meant(self, asked: Sequence[str]) -> Meant:
        """Widen what is looked for until something is found: as it stands, nearly so, and at last any of the words."""
        exact: dict[str, dict[str, float]] = {word: {word: 1.0} for word in asked}
        if not asked or self._count(self._query(exact.values(), Occur.Must)) >= _FEW:
            return Meant(exact)
        known = {word for word in asked if self._count(self._word({word: 1}, KINDS))}
        completed = {word: self._completions(word, "word") for word in asked}
        near = {word: self._near(word) for word in asked}
        corrected = {word: near[word][0] for word in asked if near[word] and word not in known and not completed[word]}
        wide = {
            word: dict.fromkeys(near[word], _MISSPELT) | dict.fromkeys(completed[word], _COMPLETED) | exact[word]
            for word in asked
        }
        if self._count(self._query(wide.values(), Occur.Must)):
            return Meant(wide, corrected=corrected)
        return Meant({word: (exact if word in known else wide)[word] for word in asked}, False, corrected)

    def _completions(self, word: str, place: str, within: Query | None = None) -> list[str]:
        """Return words that begin with a word, usual ones first."""
        if len(word) < _PREFIX_LENGTH and place == "word":
            return []
        found = self._searcher.terms_with_prefix(place, word, within, _SCANNED)
        return [text for text, _ in sorted(found, key=lambda pair: (-pair[1], pair[0])) if text != word][:_VARIANTS]

    def _near(self, word: str) -> list[str]:
        """Return words a slip of the finger away from a word, usual ones first."""
        slips = _slips(word) if len(word) >= _FUZZY_LENGTH else set()
        counts = {slip: count for slip in slips if (count := self._searcher.doc_freq("word", slip))}
        return sorted(counts, key=lambda slip: (-counts[slip], slip))[:_VARIANTS]

    def _query(self, asked: Iterable[Variants], occur: Occur, language: str = "") -> Query:
        return Query.boolean_query([(occur, self._word(variants, KINDS, language)) for variants in asked])

    def _word(self, variants: Variants, kinds: Sequence[str], language: str = "") -> Query:
        """Look for a word or one of its variants, in all languages; the best match is what counts."""
        weights: dict[tuple[str, str], float] = {}
        for variant, share in variants.items():
            for held_in, tongue in STEMMED.items():
                kind = held_in.partition("_")[0]
                weight = share * _WEIGHTS[kind] * (_PREFERRED if tongue == language else 1)
                for stem in STEMS[tongue].analyze(variant) if kind in kinds else ():
                    weights[held_in, stem] = max(weight, weights.get((held_in, stem), 0))
        terms = [(Query.term_query(self._schema, *pair), weight) for pair, weight in weights.items()]
        return Query.disjunction_max_query([Query.boost_query(term, weight) for term, weight in terms], 0.1)

    def _ranked(self, meant: Meant, language: str, whole: str) -> Query:
        asked = self._query(meant.words.values(), Occur.Must if meant.needs_all else Occur.Should, language)
        named = self._constant("whole", whole, _WHOLE_NAME)
        return Query.boolean_query([(Occur.Must, asked), (Occur.Should, named)])

    def _narrowed(self, query: Query, chosen: Mapping[str, str]) -> Query:
        kept = (self._constant(facet, value, 0) for facet, value in chosen.items())
        return Query.boolean_query([(Occur.Must, one) for one in (query, *kept)])

    def _constant(self, place: str, value: str, score: float) -> Query:
        return Query.const_score_query(Query.term_query(self._schema, place, value), score)

    def _count(self, query: Query) -> int:
        found: int = self._searcher.search(query, limit=1).count  # type: ignore[attr-defined] # the stub forgets it
        return found

    def _counts(self, query: Query, facet: str) -> dict[str, int]:
        found = self._searcher.aggregate(query, {facet: {"terms": {"field": facet, "size": _SCANNED}}})
        return {bucket["key"]: bucket["doc_count"] for bucket in found[facet]["buckets"]}


@lru_cache(maxsize=_OPEN)
def opened(folder: Path) -> Index:
    """Return the index in a folder, open."""
    return Index(folder)


def _hit(document: tantivy.Document, language: str, marker: Marker) -> Hit:
    (iri,), (kind,) = document["iri"], document["class"]
    return Hit(iri, kind, marker.title(document, language), marker.passage(document, language))


def _without(chosen: Mapping[str, str], facet: str) -> dict[str, str]:
    return {name: value for name, value in chosen.items() if name != facet}


def _slips(word: str) -> set[str]:
    """Return the texts a letter more, less, other or swapped away from a word.

    Source: https://norvig.com/spell-correct.html
    """
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {start + rest[1:] for start, rest in cuts if rest}
    found |= {start + rest[1] + rest[0] + rest[2:] for start, rest in cuts if len(rest) > 1}
    found |= {start + letter + rest[1:] for start, rest in cuts if rest for letter in _LETTERS}
    found |= {start + letter + rest for start, rest in cuts for letter in _LETTERS}
    return found - {word}
