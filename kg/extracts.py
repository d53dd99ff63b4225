"""Parts of the graph that make sense alone: the things of a class, and what an edition of the survey found."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

import pyoxigraph as ox

from kg import iris, terms

_PG: Final = terms.PREFIXES["pg"]
_TYPE: Final = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_EDITION_CLASS: Final = ox.NamedNode(_PG + "SurveyEdition")
_EDITION: Final = ox.NamedNode(_PG + "edition")

Node = ox.NamedNode | ox.BlankNode

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    **{
        segment: (segment,)
        for segment in (
            "indicator edition finding claim organisation person policy reform solution funding discrepancy source"
        ).split()
    },
    "observation": ("observation", "derived", "derivation"),
    **{segment: (segment,) for segment in "membership partnership dated-assertion event survey report".split()},
    "capture": ("capture", "annotation"),
    "dataset": ("dataset", "component"),
    "rule": ("rule",),
    "query": ("query", "parameter"),
    "scheme": ("scheme", "collection", *(segment for segment in terms.CODE_LISTS if segment != "indicator")),
}
"""The extracts by class, and which segments of our names each holds."""

MOST_EDITIONS: Final = 100

_ABOUT: Final = frozenset({"annotation", "discrepancy"})
"""Segments of what points at findings and belongs to them."""
_WHOLE: Final = frozenset(
    "annotation capture component derivation derived observation report rule source survey".split()
) | frozenset(terms.CODE_LISTS)
"""Segments of what is told in full where something that is told in full points at it; of others the names are told."""
_NAMES: Final = frozenset(
    terms.PREFIXES[prefix] + local
    for prefix, local in (
        ("rdf", "type"),
        ("skos", "prefLabel"),
        ("skos", "notation"),
        ("rdfs", "label"),
        ("dct", "title"),
        ("foaf", "name"),
    )
)


def editions(store: ox.Store) -> dict[str, ox.NamedNode]:
    """Return the editions of the survey by the last part of their names, the last ones where there are very many."""
    found = (quad.subject for quad in store.quads_for_pattern(None, _TYPE, _EDITION_CLASS, None))
    prefix = f"{iris.ID}edition/"
    ours = {
        subject.value.removeprefix(prefix): subject
        for subject in found
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(prefix)
    }
    slugs = sorted(slug for slug in ours if iris.is_slug(slug))
    return {slug: ours[slug] for slug in slugs[-MOST_EDITIONS:]}


def of_class(store: ox.Store) -> dict[str, list[ox.Triple]]:
    """Return all that is said of the things of each class, read in one pass."""
    homes = {segment: name for name, segments in CLASSES.items() for segment in segments}
    found: dict[str, list[ox.Triple]] = {name: [] for name in CLASSES}
    for quad in store:
        name = homes.get(_segment(quad.subject))
        if name is not None:
            found[name].append(quad.triple)
    return found


def of_edition(store: ox.Store, edition: ox.NamedNode) -> list[ox.Triple]:
    """Return an edition's findings with observations, evidence, sources and codes, and the names of all they point at.

    Of the organisations and people they mention, only the names are there.
    """
    told: set[Node] = {edition, *_subjects(store, _EDITION, edition)}
    told |= {one for thing in told for one in _subjects(store, None, thing) if _segment(one) in _ABOUT}
    said: dict[Node, list[ox.Triple]] = {}
    new = told
    while new:
        said |= {thing: _said_of(store, thing) for thing in new}
        new = {one for thing in new for one in _objects(said[thing]) if _segment(one) in _WHOLE} - said.keys()
    named = {one for triples in said.values() for one in _objects(triples)} - said.keys()
    names = (triple for one in named for triple in _said_of(store, one) if triple.predicate.value in _NAMES)
    return [*chain.from_iterable(said.values()), *names]


def _subjects(store: ox.Store, predicate: ox.NamedNode | None, thing: Node) -> set[Node]:
    found = (quad.subject for quad in store.quads_for_pattern(None, predicate, thing, None))
    return {subject for subject in found if isinstance(subject, Node)}


def _said_of(store: ox.Store, subject: Node) -> list[ox.Triple]:
    return [quad.triple for quad in store.quads_for_pattern(subject, None, None, None)]


def _objects(triples: Iterable[ox.Triple]) -> set[Node]:
    return {triple.object for triple in triples if isinstance(triple.object, Node)}


def _segment(term: object) -> str:
    """Return the segment of the IRI of a thing of ours, nothing of any other term; blank nodes have none either."""
    if not isinstance(term, ox.NamedNode) or not term.value.startswith(iris.ID):
        return ""
    return term.value[len(iris.ID) :].partition("/")[0]
