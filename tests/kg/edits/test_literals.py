"""Terms that may be written: literals against their datatypes, and what no shape or XML can take."""

from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import errors
from kg.edits.literals import is_well_typed
from tests.kg.edits.editing import XSD, assert_untouched, put_graph, update


@pytest.mark.parametrize(
    ("literal", "said"),
    [
        ('"2024-02-30"^^xsd:date', "2024-02-30"),
        ('"24"^^xsd:gYear', "24"),
        ('"2024-13"^^xsd:gYearMonth', "2024-13"),
        ('"1e3"^^xsd:decimal', "1e3"),
        ('"1_000"^^xsd:integer', "1_000"),
        ('"yes"^^xsd:boolean', "yes"),
        ('"2024-01-01T25:00:00"^^xsd:dateTime', "T25"),
    ],
)
def test_ill_typed_literal_is_refused_by_name(plain, literal, said):
    """A literal that its datatype does not allow is named, with its subject; nothing is written."""
    one = plain.current()
    with pytest.raises(errors.UnfitTerm, match="ill-typed") as caught:
        update(plain, f"INSERT DATA {{ GRAPH ex:g {{ ex:a ex:p {literal} }} }}")
    assert said in caught.value.detail
    assert "http://example.org/a" in caught.value.detail
    assert_untouched(plain, one)


@pytest.mark.parametrize("escape", ["\\u0000", "\\u0001", "\\u001B", "\\uFFFE"])
def test_text_that_xml_cannot_hold_is_refused(plain, escape):
    """Neither protocol takes a character for which RDF/XML and results in XML have no form; line ends are fine."""
    one = plain.current()
    with pytest.raises(errors.UnfitTerm, match=r"U\+"):
        update(plain, f'INSERT DATA {{ GRAPH ex:g {{ ex:a ex:p "a{escape}b" }} }}')
    with pytest.raises(errors.UnfitTerm, match=r"U\+"):
        put_graph(plain, "http://example.org/g", f'<a> <p> "a{escape}b"@nb .')
    assert_untouched(plain, one)
    assert put_graph(plain, "http://example.org/g", r'<a> <p> "a\t\r\nb\u007F\U0001F600" .').changed


@pytest.mark.parametrize(
    "name", ["http://example.org/p,;=", "http://example.org/123", "http://example.org/", "urn:a(b)"]
)
def test_property_that_xml_cannot_hold_is_refused(plain, name):
    """RDF/XML writes a property as an element, so its IRI has to end in a name."""
    one = plain.current()
    with pytest.raises(errors.UnfitTerm, match="name that XML"):
        update(plain, f"INSERT DATA {{ GRAPH ex:g {{ ex:a <{name}> 1 }} }}")
    with pytest.raises(errors.UnfitTerm, match="name that XML"):
        put_graph(plain, "http://example.org/g", f"<a> <{name}> 1 .")
    assert_untouched(plain, one)
    quad = ox.Triple(ox.NamedNode("x:a"), ox.NamedNode(name), ox.Literal("1"))
    with pytest.raises(ET.ParseError):
        ET.fromstring(ox.serialize([quad], format=ox.RdfFormat.RDF_XML) or b"")  # noqa: S314 - ours
    assert put_graph(
        plain, "http://example.org/g", "<a> <p-1.2>, <x?y=z>, <b%20c>, <blå> 1 .".replace(">, <", "> 1 ; <")
    ).changed


def test_bounds_of_integers_are_judged_in_documents(plain):
    """The store keeps derived integer types as xsd:integer, so they are judged before they get there."""
    with pytest.raises(errors.UnfitTerm, match="-1"):
        put_graph(plain, "http://example.org/g", f'<a> <p> "-1"^^<{XSD}nonNegativeInteger> .')
    assert put_graph(plain, "http://example.org/g", f'<a> <p> "255"^^<{XSD}unsignedByte> .').changed


def test_terms_no_shape_can_judge_are_refused(plain):
    """Triple terms cannot be validated, so they are not written."""
    with pytest.raises(errors.UnfitTerm, match="triple term"):
        update(plain, "INSERT DATA { GRAPH ex:g { ex:a ex:p <<( ex:a ex:b ex:c )>> } }")


@given(st.dates(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False), st.floats())
def test_python_values_are_well_typed(day, number, amount, real):
    """What Python writes as ISO 8601 and as numbers is accepted."""
    assert is_well_typed(day.isoformat(), XSD + "date")
    assert is_well_typed(day.isoformat()[:4], XSD + "gYear") == (day.year > 0)
    assert is_well_typed(str(number), XSD + "integer")
    assert is_well_typed(f"{amount:f}", XSD + "decimal")
    assert is_well_typed(repr(real).replace("inf", "INF").replace("nan", "NaN"), XSD + "double")


@given(st.text(alphabet="0123456789-+.:TZPeE ", max_size=12))
def test_what_the_engine_can_calculate_with_is_well_typed(text):
    """The engine's own casts accept no more than we do."""
    for datatype in ("integer", "decimal", "double", "date", "gYear", "gYearMonth", "dateTime", "boolean", "duration"):
        rows = ox.Store().query(f'SELECT ?x {{ BIND(<{XSD}{datatype}>("{text}") AS ?x) }}')
        if next(iter(rows))["x"] is not None and text == text.strip():
            assert is_well_typed(text, XSD + datatype), (text, datatype)


def test_every_literal_of_the_real_graph_is_well_typed(graph):
    """The check refuses nothing that is in the graph."""
    literals = [quad.object for quad in graph if isinstance(quad.object, ox.Literal)]
    assert [str(term) for term in literals if not is_well_typed(term.value, term.datatype.value)] == []
