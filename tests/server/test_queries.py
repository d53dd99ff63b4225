"""Stored queries and the values put into them."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import queries

NAMES = sorted(path.stem for path in (Path(queries.__file__).parent / "queries").glob("*.rq"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_value_can_become_syntax(text: str) -> None:
    """Whatever a literal says, it stays a literal: asking for it gives it back and nothing else."""
    store = ox.Store()
    subject, name = ox.NamedNode("urn:x"), ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    store.add(ox.Quad(subject, name, ox.NamedNode("urn:c")))
    query = queries.bind("list-count", **{"class": ox.NamedNode("urn:c")}, base=ox.Literal(text))
    (row,) = store.query(query)
    assert row["count"].value == ("1" if "urn:x".startswith(text) else "0")


def test_a_value_without_a_slot_and_a_slot_without_a_value_are_mistakes() -> None:
    """A query must never run with a slot left open."""
    with pytest.raises(KeyError):
        queries.bind("known", thing=ox.NamedNode("urn:x"), other=ox.NamedNode("urn:y"))
    with pytest.raises(KeyError):
        queries.bind("known")


@pytest.mark.parametrize("name", NAMES)
def test_every_stored_query_is_sparql_and_says_what_it_asks(name: str) -> None:
    """With any values, a stored query parses; its first line is a comment."""
    term = ox.NamedNode("urn:x")
    slots = dict.fromkeys(queries.slots(name), term)
    ox.Store().query(queries.bind(name, **slots))
    path = Path(queries.__file__).parent / "queries" / f"{name}.rq"
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_a_window_changes_only_the_window() -> None:
    """Paging asks the same query."""
    query = queries.bind("incoming", thing=ox.NamedNode("urn:x"), property=ox.NamedNode("urn:p"))
    assert queries.window(query, 7, 14) == query.replace("LIMIT 10 OFFSET 0", "LIMIT 7 OFFSET 14")
    with pytest.raises(ValueError, match="LIMIT"):
        queries.window("ASK {}", 1)
