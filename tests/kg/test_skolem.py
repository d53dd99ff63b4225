"""Blank nodes get IRIs that depend on what they say and hang from, and on nothing else."""

import pyoxigraph as ox
import pytest

from kg.skolem import blank_again, skolemise


def _quads(turtle: str) -> list[ox.Quad]:
    return list(ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri="https://example.org/"))


def _list(*items: object) -> list[ox.Quad]:
    return _quads(f"<s> <p> ({' '.join(map(str, items))}) .")


@pytest.mark.parametrize(
    "turtle",
    ["_:a <p> _:a .", "_:a <p> _:b . _:b <p> _:a .", "_:n <q> 1 . _:a <r> _:n ; <p> _:b . _:b <p> _:a ."],
)
def test_circle_is_refused_in_words(turtle):
    """Blank nodes in a circle are refused, also where only their parents are in one."""
    with pytest.raises(ValueError, match="point at each other in a circle"):
        skolemise(_quads(turtle), "x")


def test_name_depends_on_neither_place_nor_label():
    """Other lines, another order and other labels leave the IRI as it was."""
    one = skolemise(_quads("<s> <p> [ <q> 1, 2 ] ."), "x")
    other = skolemise(_quads("<t> <p> 3 . _:z <q> 2 , 1 . <s> <p> _:z ."), "x")
    assert {quad for quad in one if quad.subject != ox.NamedNode("https://example.org/s")} < set(other)


def test_long_list_keeps_every_item():
    """A list of any length is named, node by node, and comes back as it was."""
    items = range(5000)
    named = skolemise(_list(*items), "x")
    assert len({quad.subject for quad in named}) == len(items) + 1
    assert len(list(blank_again(named))) == len(_list(*items))
    assert not any(isinstance(term, ox.BlankNode) for quad in named for term in (quad.subject, quad.object))


def test_end_of_a_long_list_tells_its_beginning():
    """Lists that differ in their last item only share no node, though their texts are too long to be kept."""
    subjects = [
        {quad.subject for quad in skolemise(_list(*range(5000), last), "x")} - {ox.NamedNode("https://example.org/s")}
        for last in ("'a'", "'b'")
    ]
    assert not subjects[0] & subjects[1]
