"""Incremental rules and validation against full ones, over edits of the real graph: random ones and chosen ones."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kg import incremental, rules, shapes, terms

View = shapes.View
TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
Change = tuple[set[ox.Quad], set[ox.Quad]]


def node(name: str) -> ox.NamedNode:
    """A name with its prefix, in full."""
    prefix, _, local = name.partition(":")
    return ox.NamedNode(terms.PREFIXES[prefix] + local)


def decimal(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=node("xsd:decimal"))


def written(store: ox.Store) -> list[ox.Quad]:
    """What people wrote: all but what the rules concluded."""
    concluded = rules.targets(store)
    return [quad for quad in store if quad.graph_name.value not in concluded]


def store_of(quads: object) -> ox.Store:
    store = ox.Store()
    store.extend(quads)
    return store


def edited(base: "Base", change: Change) -> tuple[ox.Store, set[ox.Quad], set[ox.Quad]]:
    """The store after an edit and its rules, and the whole difference."""
    added, removed = change[0] - base.quads, change[1] - change[0]
    after = store_of(base.quads - removed | added)
    incremental.conclude(after, added, removed)
    return after, added, removed


def afresh(store: ox.Store) -> ox.Store:
    """The same with all rules run again from nothing."""
    fresh = store_of(written(store))
    rules.apply(fresh)
    return fresh


@dataclass(frozen=True)
class Base:
    """A dataset to edit, and what of it may be drawn."""

    store: ox.Store

    @cached_property
    def of(self) -> dict[ox.NamedNode, list[ox.Quad]]:
        """What people wrote about each thing but the shapes."""
        return grouped(self.store, "subject")

    @cached_property
    def quads(self) -> set[ox.Quad]:
        """All there is."""
        return set(self.store)

    @cached_property
    def by_predicate(self) -> dict[ox.NamedNode, list[ox.Quad]]:
        """What people wrote with each predicate, but of the shapes."""
        return grouped(self.store, "predicate")

    @cached_property
    def by_class(self) -> list[list[ox.NamedNode]]:
        """The things of each class."""
        found = defaultdict(set)
        for quad in self.by_predicate[TYPE]:
            found[quad.object].add(quad.subject)
        return [sorted(members, key=str) for _, members in sorted(found.items(), key=str)]

    def subject(self, luck: Random) -> ox.NamedNode:
        """Draw a thing; those of rare classes are as likely as those of common ones."""
        return luck.choice(luck.choice(self.by_class))

    def about(self, luck: Random) -> list[ox.Quad]:
        """What people wrote about a thing that is drawn."""
        return self.of[self.subject(luck)]


def grouped(store: ox.Store, part: str) -> dict[ox.NamedNode, list[ox.Quad]]:
    found = defaultdict(list)
    for quad in sorted(written(store), key=str):
        if not shapes.is_shape(quad):
            found[getattr(quad, part)].append(quad)
    return found


def replaced(quad: ox.Quad, **parts: object) -> ox.Quad:
    return ox.Quad(
        parts.get("subject", quad.subject),
        parts.get("predicate", quad.predicate),
        parts.get("object", quad.object),
        quad.graph_name,
    )


def drop_one(base: Base, luck: Random) -> Change:
    return set(), {luck.choice(base.about(luck))}


def drop_all(base: Base, luck: Random) -> Change:
    return set(), set(base.about(luck))


def drop_with_links(base: Base, luck: Random) -> Change:
    subject = base.subject(luck)
    return set(), {quad for quads in base.of.values() for quad in quads if subject in (quad.subject, quad.object)}


def another_value(base: Base, luck: Random) -> Change:
    quad = luck.choice(base.about(luck))
    other = luck.choice(base.by_predicate[quad.predicate])
    return {replaced(quad, object=other.object)}, {quad}


def one_more_value(base: Base, luck: Random) -> Change:
    return another_value(base, luck)[0], set()


def strange_value(base: Base, luck: Random) -> Change:
    """Give something a value that may not fit; a rule keeps its query, for an edit that breaks it is refused."""
    quad = luck.choice([quad for quad in base.about(luck) if quad.predicate != node("sh:construct")])
    strange = luck.choice(
        [decimal("-7.5"), decimal("140"), ox.Literal(-3), ox.Literal(10**7), ox.Literal("x"), base.subject(luck)]
    )
    return {replaced(quad, object=strange)}, {quad}


def twin(base: Base, luck: Random) -> Change:
    quads = base.about(luck)
    name = ox.NamedNode(f"{quads[0].subject.value}-twin")
    return {replaced(quad, subject=name) for quad in quads}, set()


def rival(base: Base, luck: Random) -> Change:
    figure = luck.choice(base.by_predicate[node("pg:value")])
    name = ox.NamedNode(f"{figure.subject.value}-rival")
    quads = {replaced(quad, subject=name) for quad in base.of[figure.subject]}
    return {replaced(q, object=decimal("1")) if q.predicate == figure.predicate else q for q in quads}, set()


def stray(base: Base, luck: Random) -> Change:
    quad, predicate = luck.choice(base.about(luck)), luck.choice(sorted(base.by_predicate, key=str))
    value = luck.choice(base.by_predicate[predicate]).object
    return {replaced(quad, predicate=predicate, object=value)}, set()


def elsewhere(base: Base, luck: Random) -> Change:
    quad = luck.choice(base.about(luck))
    return {ox.Quad(quad.subject, quad.predicate, quad.object, node("graph:elsewhere"))}, {quad}


def renamed(base: Base, luck: Random) -> Change:
    subject = base.subject(luck)
    name = ox.NamedNode(f"{subject.value}-renamed")
    return {replaced(quad, subject=name) for quad in base.of[subject]}, set(base.of[subject])


EDITS: list[Callable[[Base, Random], Change]] = [
    *(drop_one, drop_all, drop_with_links, another_value, one_more_value, strange_value),
    *(twin, rival, stray, elsewhere, renamed),
]


def drawn(base: Base, luck: Random, most: int) -> Change:
    """Draw some edits and make one of them."""
    added, removed = set(), set()
    for _ in range(luck.randint(1, most)):
        more, less = luck.choice(EDITS)(base, luck)
        added, removed = added | more, removed | less
    return added, removed - added


@pytest.fixture(scope="module")
def real(graph: ox.Store) -> Base:
    return Base(graph)


@pytest.fixture(scope="module")
def thin(graph: ox.Store) -> Base:
    """The real graph with one in twenty-five of the findings and claims that nothing points at: it conforms too."""
    kinds = {node(name) for name in ("pg:NumericFinding", "pg:QualitativeFinding", "schema:Claim")}
    quads = written(graph)
    pointed_at = {quad.object for quad in quads}
    loose = {q.subject for q in quads if q.predicate == TYPE and q.object in kinds and q.subject not in pointed_at}
    dropped = loose - set(sorted(loose, key=str)[::25])
    store = store_of(quad for quad in quads if quad.subject not in dropped)
    rules.apply(store)
    assert shapes.validate(store) == []
    return Base(store)


def conclude_like_all_rules(base: Base, luck: Random) -> None:
    after, added, removed = edited(base, drawn(base, luck, most=8))
    assert (now := set(after)) == set(afresh(after))
    assert (added, removed) == (now - base.quads, base.quads - now)


def validate_like_all_shapes(base: Base, luck: Random, most: int) -> None:
    after, added, removed = edited(base, drawn(base, luck, most))
    assert incremental.validate(after, added, removed) == shapes.validate(after)


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""An example takes seconds: finding a smaller one would take hours."""


@settings(max_examples=6, deadline=None, phases=UNSHRUNK)
@given(luck=st.randoms(use_true_random=False))
def test_rules_after_random_edits_conclude_what_all_rules_do(real, luck):
    """Every graph of the rules is as after a full run, and the two sets are the whole difference."""
    conclude_like_all_rules(real, luck)


@settings(max_examples=4, deadline=None, phases=UNSHRUNK)
@given(luck=st.randoms(use_true_random=False))
def test_validation_after_random_edits_says_what_full_validation_does(thin, luck):
    """Result by result, over a graph of all classes but fewer things."""
    validate_like_all_shapes(thin, luck, most=6)


@pytest.mark.long
@settings(max_examples=300, deadline=None, phases=UNSHRUNK)
@given(luck=st.randoms(use_true_random=False))
def test_rules_after_many_random_edits_conclude_what_all_rules_do(real, luck):
    """The same, oftener."""
    conclude_like_all_rules(real, luck)


@pytest.mark.long
@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
@given(luck=st.randoms(use_true_random=False), most=st.sampled_from([1, 1, 4]))
def test_validation_after_many_random_edits_says_what_full_validation_does(real, luck, most):
    """The same over the whole graph, half of the time with a single edit."""
    validate_like_all_shapes(real, luck, most)


def with_value(base: Base, subject: str, predicate: str, value: object) -> Change:
    """The edit that gives something another value of a property it has once."""
    (quad,) = (quad for quad in base.of[node(subject)] if quad.predicate == node(predicate))
    return {replaced(quad, object=value)}, {quad}


def told(base: Base, change: Change) -> set[str]:
    """What incremental validation says of an edit: focus nodes and shapes."""
    results = incremental.validate(*edited(base, change))
    return {f"{terms.shorten(result.focus)} {terms.shorten(result.shape)}" for result in results}


REUSE = "finding:experienced-data-reuse-blog-2020"


def test_value_of_a_finding_is_judged_on_its_observation_too(real):
    """More than a hundred per cent is wrong where it was written and in the cell that a rule made of it."""
    assert told(real, with_value(real, REUSE, "pg:value", decimal("150"))) == {
        f"{REUSE} shape:LevelPercentage",
        "observation:2020_experienced-data-reuse_inhabitants shape:LevelPercentage",
    }


def test_year_of_a_period_is_judged_on_the_figures_that_use_it(real):
    """Findings and observations whose base period now comes last are found, two steps from the change."""
    year = ox.Literal("2022", datatype=node("xsd:gYear"))
    assert told(real, with_value(real, "period:2019", "pg:year", year)) == {
        f"{figure} shape:BaseComesFirst"
        for figure in (
            "finding:ladder-bodies-municipalities-change-article-2020",
            "finding:ladder-bodies-state-change-article-2020",
            "observation:2020_ladder-bodies_municipalities_level-3_change_since-2019",
            "observation:2020_ladder-bodies_state-bodies_level-3_change_since-2019",
        )
    }


def test_length_of_a_text_is_judged_against_the_evidence_in_it(real):
    """A shape that reads against the links finds the text, though nothing about the evidence changed."""
    assert told(real, with_value(real, "cap:article-2020", "pg:length", ox.Literal(300))) == {
        "cap:article-2020 shape:Capture"
    }


def test_whoever_points_at_a_deleted_organisation_is_told_of(real):
    """Deleting a thing breaks what points at it, each by its own shape."""
    assert told(real, (set(), set(real.of[node("organisation:digdir")]))) == {
        "event:digdir-founded shape:ChangeEvent",
        "identifier:digdir shape:Identifier",
        "membership:guri-kaspara-lande-digdir-2023 shape:Membership",
        "partnership:article-2023-digdir shape:Partnership",
        "partnership:blog-2020-digdir shape:Partnership",
    }


def test_person_keeps_no_more_than_the_shape_lets_it(real):
    """A closed shape sees a property that no shape names."""
    name = real.of[node("person:guri-kaspara-lande")][0]
    email = replaced(name, predicate=node("schema:email"), object=ox.Literal("a@example.no"))
    assert told(real, ({email}, set())) == {"person:guri-kaspara-lande shape:Person"}


def test_rival_value_takes_the_observation_back_and_breaks_nothing(real):
    """The cell is empty and the conflict stated; the difference names what the rules took back."""
    figure = node(REUSE)
    name = ox.NamedNode(f"{figure.value}-rival")
    copies = {replaced(quad, subject=name) for quad in real.of[figure]}
    value = next(quad for quad in copies if quad.predicate == node("pg:value"))
    after, added, removed = edited(real, (copies - {value} | {replaced(value, object=decimal("1"))}, set()))
    assert ox.Quad(figure, node("pg:conflictsWith"), name, node("graph:inferred")) in added
    assert node("observation:2020_experienced-data-reuse_inhabitants") in {quad.subject for quad in removed}
    assert incremental.validate(after, added, removed) == []


def test_edit_of_a_finding_reads_a_small_part_of_the_graph(real, monkeypatch):
    """What validation copies does not grow with the graph."""
    views = []
    monkeypatch.setattr(shapes, "View", lambda store: views.append(View(store)) or views[-1])
    assert told(real, with_value(real, REUSE, "pg:value", decimal("52"))) == set()
    assert 0 < len(views[0]) < len(real.store) / 10
