"""What the rules conclude, exactly, and that they conclude no more."""

from decimal import Decimal

import pyoxigraph as ox

from kg import rules, terms

_PREFIXES = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in terms.PREFIXES.items())


def select(store: ox.Store, text: str) -> list[tuple[str, ...]]:
    """Rows of a query, IRIs shortened."""
    rows = store.query(_PREFIXES + text, use_default_graph_as_union=True)
    return [tuple(terms.shorten(t.value) if t is not None else "" for t in row) for row in rows]


_DERIVED = """SELECT ?slug ?value ?n ?d ?precision WHERE {
  ?o a pg:DerivedObservation ; pg:rule %s ; sdmx-measure:obsValue ?value ; pg:precision ?precision ;
    pg:exactNumerator ?n ; pg:exactDenominator ?d .
  BIND(STRAFTER(STR(?o), "/derived/") AS ?slug)
} ORDER BY ?slug"""


def test_level_in_the_base_period_is_exact_inside_and_modest_outside(graph):
    """One third less 23 points is 31/3 per cent, shown as about 10; 40 less 7 is 33."""
    assert select(graph, _DERIVED % "rule:base-level") == [
        ("2020_in-2019_ladder-bodies_municipalities_level-3", "10", "31", "3", "precision:approximate"),
        ("2020_in-2019_ladder-bodies_state-bodies_level-3", "33", "330", "10", "precision:calculated"),
    ]


def test_involvement_of_business_fell_by_18_percentage_points(graph):
    """The change 2020 to 2023 is −18 percentage points, never −18 per cent."""
    rows = select(
        graph,
        """SELECT ?value ?unit ?base WHERE {
          ?o pg:rule rule:change ; pg:indicator indicator:involves-private-business ; pg:basePeriod ?base ;
            sdmx-measure:obsValue ?value ; sdmx-attribute:unitMeasure ?unit }""",
    )
    assert rows == [("-18", "unit:percentage-point", "period:2020")]


def test_upper_levels_state_what_they_assume(graph):
    """16 and 14 per cent hold only if the levels cover all services, and say so in three languages."""
    rows = select(
        graph,
        """SELECT ?period ?value (COUNT(?text) AS ?texts) WHERE {
          ?o pg:rule rule:upper-levels ; sdmx-dimension:refPeriod ?period ; sdmx-measure:obsValue ?value ;
            pg:assumption ?text } GROUP BY ?period ?value ORDER BY ?period""",
    )
    assert rows == [("period:2015", "16", "3"), ("period:2016", "14", "3")]


def test_no_change_is_derived_where_it_is_unclear_what_is_counted(graph):
    """87 and 93 per cent have no clear subject, so no difference between them is stated."""
    rows = select(graph, "SELECT ?o { ?o pg:rule rule:change ; pg:indicator indicator:benefit-driven-development }")
    assert rows == []


def test_figure_expressions_are_quoted_and_nothing_else_is(graph):
    """58 text quotes, one a figure; every place has a position."""
    rows = select(
        graph,
        """SELECT (COUNT(?quote) AS ?quotes) (COUNT(?position) AS ?positions) (COUNT(DISTINCT ?a) AS ?n) WHERE {
          ?a a oa:Annotation ; oa:hasTarget/oa:hasSelector ?selector .
          OPTIONAL { ?selector oa:exact ?quote } OPTIONAL { ?selector oa:start ?position } }""",
    )
    ((quotes, positions, annotations),) = rows
    assert quotes == "58"
    assert positions == annotations


def test_nothing_is_said_twice_in_the_union(graph):
    """Each triple stands in one graph, so a count over the union counts it once."""
    assert len({quad.triple for quad in graph}) == len(graph)


def test_derived_figures_stay_out_of_the_reported_dataset(graph):
    """No derived observation is in the data set of reported figures, and each names two operands and an activity."""
    derived = select(graph, "SELECT ?o WHERE { ?o a pg:DerivedObservation }")
    whole = select(
        graph,
        """SELECT ?o (COUNT(DISTINCT ?operand) AS ?n) WHERE { ?o a pg:DerivedObservation ; qb:dataSet dataset:derived ;
          prov:wasDerivedFrom ?operand ; prov:wasGeneratedBy/prov:qualifiedAssociation/prov:hadPlan ?rule .
          ?operand qb:dataSet dataset:reported } GROUP BY ?o""",
    )
    assert len(whole) == len(derived) == 12
    assert {n for _, n in whole} == {"2"}


def test_heading_and_text_share_one_observation(graph):
    """Two findings of one cell with one value are one observation."""
    rows = select(
        graph,
        """SELECT ?finding WHERE { ?finding pg:observation observation:2023_low-trust-share_inhabitants-16-plus }
        ORDER BY ?finding""",
    )
    assert rows == [("finding:low-trust-share-article-2023",), ("finding:low-trust-share-heading-article-2023",)]


def test_third_of_municipalities_and_third_of_public_bodies_are_two_cells_in_conflict(graph):
    """The same fraction about different populations is never merged; the conflict is stated both ways."""
    one, other = "finding:ladder-bodies-municipalities-article-2020", "finding:ladder-bodies-public-bodies-blog-2020"
    cells = select(graph, f"SELECT ?o WHERE {{ {{ {one} pg:observation ?o }} UNION {{ {other} pg:observation ?o }} }}")
    assert len(set(cells)) == 2
    ask = _PREFIXES + f"ASK {{ {one} pg:conflictsWith {other} . {other} pg:conflictsWith {one} }}"
    assert graph.query(ask, use_default_graph_as_union=True)


def test_facts_about_the_survey_are_no_cells(graph):
    """Response rate, frame, sample, ordinal and pages have findings but no observation."""
    rows = select(graph, "SELECT ?o WHERE { ?o a qb:Observation ; pg:indicator/pg:surveyFact true }")
    assert rows == []


def test_findings_that_disagree_about_a_cell_get_a_conflict_and_no_observation(graph):
    """A second value for a cell withdraws its observation until someone decides."""
    finding = ox.NamedNode(terms.PREFIXES["finding"] + "experienced-data-reuse-blog-2020")
    rival = ox.NamedNode(terms.PREFIXES["finding"] + "rival-blog-2020")
    value = ox.NamedNode(terms.PREFIXES["pg"] + "value")
    targets = rules.targets(graph)
    store = ox.Store()
    store.extend([quad for quad in graph if quad.graph_name.value not in targets])
    for quad in list(store.quads_for_pattern(finding, None, None)):
        term = ox.Literal("52", datatype=quad.object.datatype) if quad.predicate == value else quad.object
        store.add(ox.Quad(rival, quad.predicate, term, quad.graph_name))
    rules.apply(store)
    assert (
        select(store, "SELECT ?o WHERE { ?o a qb:Observation ; pg:indicator indicator:experienced-data-reuse }") == []
    )
    assert select(store, "SELECT ?f WHERE { finding:rival-blog-2020 pg:conflictsWith ?f }") == [
        ("finding:experienced-data-reuse-blog-2020",)
    ]


def test_rules_come_to_rest(graph):
    """Applying the rules again adds nothing."""
    store = ox.Store()
    store.extend(graph)
    assert rules.apply(store) == 0


def test_every_fraction_is_rounded_half_up_to_one_decimal(graph):
    """100·n/d with one decimal, for every finding that keeps its fraction."""
    rows = select(graph, "SELECT ?v ?n ?d WHERE { ?f pg:value ?v ; pg:numerator ?n ; pg:denominator ?d }")
    assert len(rows) == 8
    for value, n, d in rows:
        assert Decimal(value) == (Decimal(1000) * int(n) / int(d)).quantize(Decimal(1), "ROUND_HALF_UP") / 10
