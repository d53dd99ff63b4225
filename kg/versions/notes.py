"""What a version changed, as people would tell it: figures, terms of the vocabulary, and how many things of each class.

All of it is read from what the version added and removed and from the version itself, never from a later one: before
was what is there now, without what was added, with what was removed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import pyoxigraph as ox

from kg import iris, terms
from kg.errors import RangeTooLarge, UnknownVersion
from kg.versions import ranges
from kg.versions.changes import Changes
from kg.versions.home import Home
from kg.versions.record import Version, read

MOST: Final = 60_000
"""How many statements a version may have changed to be told in words."""
LISTED: Final = 100
"""How many figures, and how many terms, are named; the rest is counted."""
_LONGEST: Final = 300
"""Units: characters of a name."""

Kind = Literal["added", "changed", "removed"]
_NAMES: Final = tuple(
    ox.NamedNode(terms.PREFIXES[prefix] + local)
    for prefix, local in (("skos", "prefLabel"), ("rdfs", "label"), ("dct", "title"), ("foaf", "name"))
)
_VALUE: Final = ox.NamedNode(iris.DEF + "value")
_CODES: Final = {
    ox.NamedNode(iris.DEF + name): default
    for name, default in {"bound": "point", "precision": "exact", "kind": "level"}.items()
}
"""Properties of a figure, and the code of one that has none."""
_UNIT: Final = ox.NamedNode(terms.PREFIXES["sdmx-attribute"] + "unitMeasure")
_TYPE: Final = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_SUBCLASS: Final = ox.NamedNode(terms.PREFIXES["rdfs"] + "subClassOf")
_TERMS: Final = (iris.DEF, *(f"{iris.ID}{segment}/" for segment in (*terms.CODE_LISTS, "scheme", "collection")))

_Subject = ox.NamedNode | ox.BlankNode | ox.Triple
_Statement = tuple[ox.NamedNode, object, object]
"""Predicate, object and graph."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its names: language, or nothing, → name."""

    iri: str
    names: Mapping[str, str] = field(hash=False)

    def name(self, *languages: str) -> str:
        """Return the name in the first of these languages there is one in, else the end of the IRI."""
        found = next((self.names[tag] for tag in (*languages, "") if tag in self.names), None)
        return found or next(iter(self.names.values()), iris.slug_of(self.iri))


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure: its number as written in the graph, its unit, and the codes of its bound, precision and kind."""

    value: str
    unit: Named | None
    bound: str = "point"
    precision: str = "exact"
    kind: str = "level"


@dataclass(frozen=True, slots=True)
class Figure:
    """A reported figure that came, went or changed; where both amounts are equal, something else said of it changed."""

    thing: Named
    before: Amount | None
    after: Amount | None

    @property
    def kind(self) -> Kind:
        """What happened to it."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property or code that came, went or changed."""

    thing: Named
    kind: Kind


@dataclass(frozen=True, slots=True)
class Tally:
    """How many things of a class came, changed and went; those without a class have none."""

    of: Named | None
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class Notes:
    """What a version changed: the first figures and terms by their IRIs, and how many there are of each."""

    figures: tuple[Figure, ...]
    terms: tuple[Term, ...]
    tallies: tuple[Tally, ...]
    all_figures: int
    all_terms: int


def of(version: Version) -> Notes | None:
    """Return what a version changed; None where that cannot be told, because it is too much or was not recorded.

    Raises: EngineUnavailable, QueryTimeout and QueryMemoryExceeded when it cannot be found out now.
    """
    try:
        return _notes(version.path)
    except (UnknownVersion, RangeTooLarge):
        return None


@lru_cache(maxsize=128)
def _notes(path: Path) -> Notes:
    version = read(path)
    is_recorded = version.added is not None
    if (ranges.size(version) if is_recorded else version.quads) > MOST:
        raise RangeTooLarge(MOST)
    found = ranges.between(Home(path.parents[1]), version.parent or 0, version.number)
    if len(found.added) + len(found.removed) > MOST:
        raise RangeTooLarge(MOST)
    with version.reading() as store:
        return _Reading(store, found).notes()


class _Reading:
    """The things that a version changed, each before and after."""

    def __init__(self, store: ox.Store, changes: Changes) -> None:
        self._store = store
        self._added, self._removed = _by_subject(changes.added), _by_subject(changes.removed)

    def notes(self) -> Notes:
        """Tell figures and terms one by one, as many as are listed, and count everything else by its class."""
        figures, terms_, tallies = list[Figure](), list[Term](), defaultdict[str | None, Counter[Kind]](Counter)
        for subject in sorted({*self._added, *self._removed}, key=str):
            before, after = self._states(subject)
            kind: Kind = "changed" if before and after else "added" if after else "removed"
            tallies[self._class(after or before)][kind] += 1
            if not isinstance(subject, ox.NamedNode):
                continue
            if _amounts(before) or _amounts(after):
                named = self._named(subject, after or before)
                figures.append(Figure(named, self._amount(before), self._amount(after)))
            elif subject.value.startswith(_TERMS):
                terms_.append(Term(self._named(subject, after or before), kind))
        return Notes(
            tuple(figures[:LISTED]), tuple(terms_[:LISTED]), self._told(tallies), len(figures), len(terms_)
        )  # fmt: skip

    def _states(self, subject: _Subject) -> tuple[set[_Statement], set[_Statement]]:
        """Return what was said of a thing before, and what is said after."""
        quads = self._store.quads_for_pattern(subject, None, None)
        after: set[_Statement] = {(quad.predicate, quad.object, quad.graph_name) for quad in quads}
        return (after - self._added.get(subject, set())) | self._removed.get(subject, set()), after

    def _amount(self, state: Iterable[_Statement]) -> Amount | None:
        value = min(_amounts(state), default=None)
        if value is None:
            return None
        unit = min((term.value for term in _values(state, _UNIT) if isinstance(term, ox.NamedNode)), default=None)
        codes = (_code(state, name, default) for name, default in _CODES.items())
        return Amount(value, self._looked_up(unit) if unit else None, *codes)

    def _class(self, state: Iterable[_Statement]) -> str | None:
        """Return the class that says most: none that another one is a kind of, one of ours before those of others."""
        classes = {term for term in _values(state, _TYPE) if isinstance(term, ox.NamedNode)}
        wider = {
            quad.object
            for name in (classes if len(classes) > 1 else ())
            for quad in self._store.quads_for_pattern(name, _SUBCLASS, None)
        }
        found = sorted(name.value for name in (classes - wider or classes))
        return min(found, key=lambda name: not name.startswith(iris.DEF), default=None)

    def _told(self, tallies: Mapping[str | None, Counter[Kind]]) -> tuple[Tally, ...]:
        ordered = sorted(tallies.items(), key=lambda item: (-item[1].total(), item[0] or ""))
        return tuple(
            Tally(self._looked_up(name) if name else None, count["added"], count["changed"], count["removed"])
            for name, count in ordered[:LISTED]
        )

    def _looked_up(self, iri: str) -> Named:
        """Name something by what is said of it now, or was said before."""
        before, after = self._states(ox.NamedNode(iri))
        return self._named(ox.NamedNode(iri), after or before)

    def _named(self, subject: ox.NamedNode, state: set[_Statement]) -> Named:
        found: dict[str, str] = {}
        for name in _NAMES:
            for term in sorted(_values(state, name), key=str):
                if isinstance(term, ox.Literal):
                    found.setdefault(term.language or "", term.value[:_LONGEST])
        return Named(subject.value, found)


def _by_subject(lines: list[bytes]) -> dict[_Subject, set[_Statement]]:
    found = defaultdict[_Subject, set[_Statement]](set)
    for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS):
        found[quad.subject].add((quad.predicate, quad.object, quad.graph_name))
    return dict(found)


def _values(state: Iterable[_Statement], predicate: ox.NamedNode) -> list[object]:
    return [value for name, value, _ in state if name == predicate]


def _code(state: Iterable[_Statement], predicate: ox.NamedNode, default: str) -> str:
    found = {iris.slug_of(term.value) for term in _values(state, predicate) if isinstance(term, ox.NamedNode)}
    return min(found, default=default)


def _amounts(state: Iterable[_Statement]) -> list[str]:
    return [term.value for term in _values(state, _VALUE) if isinstance(term, ox.Literal)]


def readable(notes: Notes) -> Iterable[str]:
    """Write notes as lines of English, each with its sign."""
    signs = {"added": "+", "changed": "~", "removed": "-"}
    for figure in notes.figures:
        amounts = [_written(one) for one in dict.fromkeys((figure.before, figure.after)) if one is not None]
        yield f"{signs[figure.kind]} figure {figure.thing.name('en')}: {' → '.join(amounts)}"
    if notes.all_figures > len(notes.figures):
        yield f"  and {notes.all_figures - len(notes.figures)} figures more"
    for term in notes.terms:
        yield f"{signs[term.kind]} term {terms.shorten(term.thing.iri)} ({term.thing.name('en')})"
    if notes.all_terms > len(notes.terms):
        yield f"  and {notes.all_terms - len(notes.terms)} terms more"
    for tally in notes.tallies:
        name = terms.shorten(tally.of.iri) if tally.of else "no class"
        yield f"  {name}: {tally.added} added, {tally.changed} changed, {tally.removed} removed"


def _written(amount: Amount) -> str:
    words = {"lower": "over ", "upper": "under "}.get(amount.bound, "")
    return words + amount.value + (f" {amount.unit.name('en')}" if amount.unit else "")
