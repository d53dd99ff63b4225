"""What changed between versions, and what that is in words."""

import itertools
import shutil

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg import cli, iris
from kg.errors import PrunedVersion, RangeTooLarge, UnknownVersion
from kg.terms import PREFIXES
from kg.versions import Home, changes, history, notes, ranges
from kg.versions.changes import Changes

GRAPH = ox.NamedNode(iris.graph("g"))
LABEL = ox.NamedNode(PREFIXES["skos"] + "prefLabel")
TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
BOUND = ox.NamedNode(iris.DEF + "bound")
UNIT = ox.NamedNode(PREFIXES["sdmx-attribute"] + "unitMeasure")
VALUE = ox.NamedNode(iris.DEF + "value")
PERCENT = ox.NamedNode(iris.entity("unit", "percent"))


def _thing(iri: str, name: str, *more: tuple[ox.NamedNode, object], kind: str = "NumericFinding") -> list[ox.Quad]:
    subject = ox.NamedNode(iri)
    said = [(TYPE, ox.NamedNode(iris.DEF + kind)), (LABEL, ox.Literal(name, language="nb")), *more]
    return [ox.Quad(subject, predicate, value, GRAPH) for predicate, value in said]


def _figure(slug: str, value: str, name: str = "") -> list[ox.Quad]:
    number = ox.Literal(value, datatype=ox.NamedNode(PREFIXES["xsd"] + "decimal"))
    return _thing(iris.entity("finding", slug), name or f"Tallet {slug}", (VALUE, number), (UNIT, PERCENT))


UNITS = _thing(PERCENT.value, "prosent", kind="Unit")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home", durable=False)


def _publish(home, *parts):
    return home.publish([quad for part in parts for quad in part], "a", "m", {}, discard_edits=True)[0]


def test_figures_are_matched_by_their_iri(home):
    """A figure that came, one that went, one whose value changed, and one of which something else changed."""
    _publish(home, UNITS, _figure("a", "51"), _figure("b", "2"), _figure("c", "3"), _figure("d", "4"))
    second = _publish(
        home, UNITS, _figure("a", "52.5"), _figure("c", "3", "Nytt navn"), _figure("d", "4"), _figure("e", "5")
    )
    told = notes.of(second)
    assert told is not None
    said = [
        (one.kind, one.thing.name("nb"), one.before and one.before.value, one.after and one.after.value)
        for one in told.figures
    ]
    assert said == [
        ("changed", "Tallet a", "51", "52.5"),
        ("removed", "Tallet b", "2", None),
        ("changed", "Nytt navn", "3", "3"),
        ("added", "Tallet e", None, "5"),
    ]
    assert {one.after.unit.name("nb") for one in told.figures if one.after} == {"prosent"}
    (tally,) = told.tallies
    assert (tally.of.iri, tally.added, tally.changed, tally.removed) == (iris.DEF + "NumericFinding", 1, 2, 1)


def test_bound_is_told_with_the_figure(home):
    """“Over 60” is not told as 60, neither when it came nor when the bound alone changed."""
    bound = ox.Quad(_figure("a", "60")[0].subject, BOUND, ox.NamedNode(iris.entity("bound", "lower")), GRAPH)
    first = _publish(home, UNITS, _figure("a", "60"), [bound])
    assert "+ figure Tallet a: over 60 prosent" in list(notes.readable(notes.of(first)))
    second = _publish(home, UNITS, _figure("a", "60"))
    assert "~ figure Tallet a: over 60 prosent → 60 prosent" in list(notes.readable(notes.of(second)))


def test_terms_and_classes_are_told(home):
    """A term of the vocabulary is named; of everything, how many of each most particular class."""
    wider = [
        ox.Quad(
            ox.NamedNode(iris.DEF + "NumericFinding"),
            ox.NamedNode(PREFIXES["rdfs"] + "subClassOf"),
            ox.NamedNode(iris.DEF + "Finding"),
            GRAPH,
        )
    ]
    both = [ox.Quad(ox.NamedNode(iris.entity("finding", "a")), TYPE, ox.NamedNode(iris.DEF + "Finding"), GRAPH)]
    first = _publish(home, wider, both, _figure("a", "1"))
    told = notes.of(first)
    assert [tally.of and tally.of.iri for tally in told.tallies] == [None, iris.DEF + "NumericFinding"]
    second = _publish(home, wider, both, _figure("a", "1"), _thing(iris.entity("theme", "x"), "Temaet", kind="Theme"))
    assert [(term.kind, term.thing.name("nn", "nb")) for term in notes.of(second).terms] == [("added", "Temaet")]
    third = _publish(home, wider, both, _figure("a", "1"))
    assert [(term.kind, term.thing.name("nb")) for term in notes.of(third).terms] == [("removed", "Temaet")]


def test_names_are_those_of_the_version(home):
    """What is called otherwise later keeps the name it had."""
    first = _publish(home, UNITS, _figure("a", "1", "Det gamle navnet"))
    _publish(home, UNITS, _figure("a", "1", "Det nye navnet"))
    assert notes.of(first).figures[0].thing.name("nb") == "Det gamle navnet"


def test_notes_are_bounded(home, monkeypatch):
    """No more is named than is listed, and what is too much is not told at all."""
    monkeypatch.setattr(notes, "LISTED", 3)
    version = _publish(home, *(_figure(f"f{number}", "1") for number in range(5)))
    told = notes.of(version)
    assert (len(told.figures), told.all_figures) == (3, 5)
    assert any("2 figures more" in line for line in notes.readable(told))
    monkeypatch.setattr(notes, "MOST", 3)
    notes._notes.cache_clear()
    assert notes.of(version) is None


def test_notes_are_told_though_the_parent_is_gone(home):
    """They need nothing but the version."""
    _publish(home, UNITS, _figure("a", "1"))
    second = _publish(home, UNITS, _figure("b", "2"))
    history.prune(home, 1)
    assert [(one.kind, one.thing.name("nb")) for one in notes.of(second).figures] == [
        ("removed", "Tallet a"),
        ("added", "Tallet b"),
    ]


def _lines(values) -> list[bytes]:
    return sorted(f"<x:{value}> <x:p> <x:o> .\n".encode() for value in values)


@given(st.lists(st.sets(st.integers(0, 6)), min_size=2, max_size=6))
def test_records_add_up_to_the_difference_of_the_ends(states):
    """Whatever lies between two states, the records one after the other come to what the two differ by."""
    steps = [Changes(_lines(after - before), _lines(before - after)) for before, after in itertools.pairwise(states)]
    assert ranges.composed(steps) == Changes(_lines(states[-1] - states[0]), _lines(states[0] - states[-1]))


@pytest.fixture
def chain(home):
    """Four versions; the last has the content of the first."""
    for value in ("1", "2", "3", "1"):
        _publish(home, UNITS, _figure("a", value))
    return home


@pytest.mark.parametrize(("old", "new"), [(1, 2), (1, 3), (3, 1), (2, 4), (1, 4), (2, 2)])
def test_ranges_are_what_a_comparison_of_the_stores_finds(chain, old, new):
    """In both directions, near and far."""
    assert ranges.between(chain, old, new) == changes.between(chain.version(old), chain.version(new))


def test_stores_are_compared_where_records_are_missing(chain):
    """In a process of its own, with the same result."""
    wanted = changes.between(chain.version(1), chain.version(3))
    shutil.rmtree(chain.versions / "2" / "changes")
    assert ranges.recorded(chain, 1, 3) is None
    assert ranges.between(chain, 1, 3) == wanted


def test_ranges_that_cannot_be_told(chain, monkeypatch):
    """A version that never was, one that was removed, and too much; what follows a removed one can still be told."""
    with pytest.raises(UnknownVersion, match="no version 9"):
        ranges.between(chain, 1, 9)
    assert ranges.between(chain, 1, 4) == ranges.recorded(chain, 1, 4) is not None
    history.prune(chain, 2)
    assert ranges.recorded(chain, 1, 4) is None
    assert len(ranges.between(chain, 2, 4).added) == 1
    assert len(ranges.between(chain, 0, 4).added) == 6
    with pytest.raises(PrunedVersion):
        ranges.between(chain, 1, 4)
    monkeypatch.setattr(ranges, "MOST", 1)
    ranges._between.cache_clear()
    ranges._composed.cache_clear()
    with pytest.raises(RangeTooLarge, match="More than 1 statements"):
        ranges.between(chain, 3, 4)


def test_command_tells_a_version_in_words(chain):
    """`kg versions NUMBER`."""
    result = CliRunner().invoke(cli.main, ["versions", "2", "--home", str(chain.path)])
    assert "~ figure Tallet a: 1 prosent → 2 prosent" in result.output, result.output
