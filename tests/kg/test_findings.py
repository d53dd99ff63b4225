"""The findings tables: their description is true, and the tidy table says what the sources say."""

import csv
import json
import warnings
from decimal import Decimal

import pyoxigraph as ox
import pytest

from kg import findings, iris
from kg.terms import PREFIXES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # csvw's own imports are not ours to mend
    from csvw import TableGroup


@pytest.fixture(scope="module")
def tidy(graph):
    """The tidy table of the real graph."""
    return findings.tidy_rows(graph)


@pytest.fixture(scope="module")
def described(folders):
    """The tables as a CSVW reader understands them."""
    return TableGroup.from_file(folders.data / "findings" / "csv-metadata.json")


def test_description_names_every_table_and_column(described, folders):
    """CSVW lists the tables that are there and their columns in order."""
    assert sorted(table.url.string for table in described.tables) == [p.name for p in folders.findings()]
    metadata = json.loads((folders.data / "findings" / "csv-metadata.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in metadata["tableSchema"]["columns"]] == findings.COLUMNS


def test_every_row_fits_its_description(described, folders):
    """Datatypes, required cells and primary keys hold, checked by a CSVW library."""
    columns = described.tableSchema.columns
    for path in folders.findings():
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        names = [row["finding"] for row in rows]
        assert len(set(names)) == len(names)
        for row in rows:
            for column in columns:
                column.read(row[column.name])


def test_description_maps_cells_to_the_statements_of_the_graph(folders, graph):
    """aboutUrl, propertyUrl and valueUrl give triples that the graph has."""
    schema = json.loads((folders.data / "findings" / "csv-metadata.json").read_text(encoding="utf-8"))["tableSchema"]
    triples = {(q.subject, q.predicate, q.object) for q in graph}
    checked = 0
    for path in folders.findings():
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                subject = ox.NamedNode(schema["aboutUrl"].replace("{finding}", row["finding"]))
                for column in schema["columns"]:
                    cell = row[column["name"]]
                    if cell and "valueUrl" in column:
                        value = ox.NamedNode(column["valueUrl"].replace(f"{{{column['name']}}}", cell))
                        assert (subject, ox.NamedNode(column["propertyUrl"]), value) in triples
                        checked += 1
                    elif cell and "lang" in column:
                        text = ox.Literal(cell, language=column["lang"])
                        assert (subject, ox.NamedNode(column["propertyUrl"]), text) in triples
                        checked += 1
    assert checked > 900


def _figure(tidy, source, expression):
    return [row for row in tidy if row["source"].startswith(source) and row["expression"] == expression]


def test_tidy_table_has_its_columns_in_order(tidy):
    """Every row has exactly the published columns."""
    assert all(list(row) == findings.TIDY_COLUMNS for row in tidy)


def test_tidy_table_has_one_row_a_finding_in_the_order_of_the_texts(tidy):
    """58 figures, sorted by source and position, none twice."""
    keys = [(row["source"], int(row["start"]), row["finding"]) for row in tidy]
    assert keys == sorted(keys)
    assert len({row["finding"] for row in tidy}) == len(tidy) == 58


def test_fraction_keeps_numerator_and_denominator(tidy):
    """“Hver sjette” is 1/6 and 16.7 per cent."""
    heading, text = _figure(tidy, "000", "Hver sjette innbygger")
    for row in (heading, text):
        assert (row["value"], row["numerator"], row["denominator"], row["precision"]) == ("16.7", "1", "6", "fraction")
        assert row["population"] == "inhabitants-16-plus"
    assert heading["observation"] == text["observation"] != ""


def test_bound_is_kept(tidy):
    """“Over 60 prosent” is a lower bound on municipalities at the individual level."""
    (row,) = _figure(tidy, "003", "Over 60 prosent")
    assert (row["value"], row["bound"], row["population"], row["level"]) == ("60", "lower", "municipalities", "level-2")


def test_change_has_its_base_period(tidy):
    """23 percentage points are a change from 2019 to 2020."""
    (row,) = _figure(tidy, "001", "23 prosentpoeng")
    assert (row["kind"], row["value"], row["unit"]) == ("change", "23", "percentage-point")
    assert (row["base_period"], row["period"]) == ("2019", "2020")


def test_difference_names_whom_it_is_compared_with(tidy):
    """24 per cent more is a difference, in per cent as written, with percentage points assumed and marked inferred."""
    (row,) = _figure(tidy, "004", "24 prosent")
    assert (row["kind"], row["comparison_population"]) == ("difference", "state-leaders")
    assert (row["unit"], row["assumed_unit"], row["status"]) == ("percent", "percentage-point", "inferred")


def test_two_years_share_one_span(tidy):
    """“fra 25 til 11 prosent” is two findings of one place."""
    rows = _figure(tidy, "004", "fra 25 til 11 prosent")
    assert {(row["period"], row["value"], row["edition"]) for row in rows} == {
        ("2012", "25", "2016"),
        ("2016", "11", "2016"),
    }


def test_halved_is_a_ratio_below_one_half(tidy):
    """One place gives two ratios, each with its base period."""
    rows = _figure(tidy, "004", "mer enn halvert")
    assert {(r["indicator"], r["value"], r["bound"], r["base_period"]) for r in rows} == {
        ("preferred-channel-in-person", "0.5", "upper", "2012"),
        ("preferred-channel-phone", "0.5", "upper", "2012"),
    }


def test_figure_of_2020_reported_in_2023_belongs_to_edition_2020(tidy):
    """The edition is the one whose fieldwork gave the figure, not the one the article is about."""
    (row,) = _figure(tidy, "000", "35 prosent")
    assert (row["edition"], row["period"], row["scale"]) == ("2020", "2020", "to-a-great-extent")


def test_facts_about_the_survey_have_their_units(tidy):
    """Ordinals, pages and counts are told apart."""
    units = {(row["expression"], row["value"], row["unit"], row["bound"]) for row in tidy}
    assert ("niende gang", "9", "ordinal", "point") in units
    assert ("137 sider", "137", "page", "point") in units
    assert ("Mer enn 1.000", "1000", "count", "lower") in units
    assert ("over\u00a0750\u00a0000", "750000", "count", "lower") in units


def test_values_are_plain_decimals(tidy):
    """No value is in scientific notation or has a needless zero."""
    for row in tidy:
        assert row["value"] == f"{Decimal(row['value']).normalize():f}"


def test_finding_names_are_slugs_without_values():
    """A name that cannot be part of an IRI is refused by the one minter of IRIs."""
    for name in ("Æ", "a b", "a--b", "", "-a", "a/b"):
        assert not iris.is_slug(name)


def test_cells_are_found_by_what_they_say():
    """The number of a cell follows from the property and, for texts, the language."""
    assert findings.cell(PREFIXES["pg"] + "value") == findings.COLUMNS.index("value") + 1
    assert findings.cell(PREFIXES["skos"] + "prefLabel", "nn") == findings.COLUMNS.index("title_nn") + 1
    assert findings.cell(PREFIXES["skos"] + "prefLabel") is None


def test_rules_add_nothing_to_a_row_but_links(folders, graph):
    """Whatever else a row says is all there is, so that it can be judged while other rows cannot be read."""
    tables = {folders.graph(path) for path in folders.findings()}
    rows = {quad.subject for table in tables for quad in graph.quads_for_pattern(None, None, None, ox.NamedNode(table))}
    said = {quad.predicate.value for quad in graph if quad.subject in rows and quad.graph_name.value not in tables}
    assert said
    assert said <= findings.LINKS
