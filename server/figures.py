"""Figures: what findings and observations say, read for many at once with a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES
from server import language as lang
from server import queries
from server.labels import Labels, Rows
from server.rows import value

_VOID: Final = ("not-applicable", "not-stated")
_VALUES: Final = ("pg:value", "sdmx-measure:obsValue")

Statements = Mapping[str, list[object]]


def expand(written: str) -> str:
    """Return the IRI of a term written with one of our prefixes."""
    prefix, _, local = written.partition(":")
    return PREFIXES[prefix] + local


@dataclass(frozen=True)
class Thing:
    """What the graph says about one thing: property → values."""

    iri: str
    statements: Statements

    def all(self, written: str) -> list[str]:
        """Return the values of a property, as IRIs or texts."""
        return [value(term) for term in self.statements.get(expand(written), [])]

    def one(self, written: str) -> str:
        """Return the value of a property, empty where there is none."""
        return next(iter(self.all(written)), "")

    def code(self, written: str) -> str:
        """Return the last part of a code's IRI, empty where none is given or it says that none applies."""
        slug = iris.slug_of(self.one(written))
        return "" if slug in _VOID else slug

    def number(self) -> Decimal | None:
        """Return the figure of a finding or an observation."""
        text = next((found for name in _VALUES if (found := self.one(name))), "")
        try:
            return Decimal(text) if text else None
        except InvalidOperation:
            return None

    def literal(self, written: str, language: str) -> Literal | None:
        """Return the text of a property in the best language there is."""
        found = [term for term in self.statements.get(expand(written), []) if isinstance(term, Literal)]
        return min(found, key=lambda term: lang.rank(term, language), default=None)


def gathered(found: Iterable[Row]) -> dict[str, Thing]:
    """Gather rows of ?thing ?property ?value by thing, in the order they come."""
    groups: dict[str, dict[str, list[object]]] = {}
    for row in found:
        groups.setdefault(value(row["thing"]), {}).setdefault(value(row["property"]), []).append(row["value"])
    return {iri: Thing(iri, statements) for iri, statements in groups.items()}


@dataclass(frozen=True)
class Book:
    """Figures, and what is needed to put them into words."""

    things: Mapping[str, Thing]
    words: Mapping[str, Thing]
    labels: Labels

    def thing(self, iri: str) -> Thing:
        """Return what is said about a thing, nothing where nothing is."""
        return self.things.get(iri, Thing(iri, {}))

    def phrase(self, iri: str) -> str:
        """Return the words for a code in a sentence of the reader's own language, empty where there are none."""
        return self._phrase(self.words.get(iri, Thing(iri, {})))

    def predicate(self, figure: Thing) -> str:
        """Return the words for what a figure tells: its own or its finding's, or else those of its indicator."""
        findings = (thing for thing in self.things.values() if figure.iri in thing.all("pg:observation"))
        own = next((found for thing in (figure, *findings) if (found := self._phrase(thing))), "")
        return own or self.phrase(figure.one("pg:indicator"))

    def _phrase(self, thing: Thing) -> str:
        found = thing.literal("pg:inSentence", self.labels.language)
        return found.value if found and found.language == self.labels.language else ""

    def counts(self, iri: str) -> str:
        """Return what an indicator or a population counts, be it bodies, services or inhabitants."""
        return self.words.get(iri, Thing(iri, {})).code("pg:unitOfAnalysis")

    def meaning(self, iri: str) -> Literal | None:
        """Return the definition of a code."""
        return self.words.get(iri, Thing(iri, {})).literal("skos:definition", self.labels.language)


def read(rows: Rows, things: Iterable[str], labels: Labels) -> Book:
    """Read figures with the names and the words they need: three queries, however many figures there are."""
    nodes = sorted({NamedNode(iri) for iri in things}, key=str)
    if not nodes:
        return Book({}, {}, labels)
    found = rows(queries.bind("statements", thing=nodes))
    terms = {row[name] for row in found for name in ("property", "value") if isinstance(row[name], NamedNode)}
    labels.fetch(rows, [*nodes, *terms])
    codes = sorted((term for term in terms if isinstance(term, NamedNode) and iris.ID in term.value), key=str)
    words = rows(queries.bind("words", thing=codes)) if codes else []
    return Book(gathered(found), gathered(words), labels)
