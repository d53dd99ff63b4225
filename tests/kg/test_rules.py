"""What the rules conclude, exactly, and that they conclude no more."""

from decimal import Decimal

import pyoxigraph as ox
import pytest

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


def concluded(graph: ox.Store, *updates: str) -> ox.Store:
    """Change what the files say and let the rules conclude anew."""
    targets = rules.targets(graph)
    store = ox.Store()
    store.extend([quad for quad in graph if quad.graph_name.value not in targets])
    for update in updates:
        store.update(_PREFIXES + update)
    rules.apply(store)
    return store


def set_to(finding: str, pair: str) -> str:
    """Write the update that gives a finding another value of one property."""
    name, *_ = pair.split(maxsplit=1)
    where = f"GRAPH ?g {{ finding:{finding} {name} ?old }}"
    return f"DELETE {{ {where} }} INSERT {{ GRAPH ?g {{ finding:{finding} {pair} }} }} WHERE {{ {where} }}"


def copy_with(finding: str, scale: str) -> str:
    """Write the update that copies a finding, its value and all, onto another response scale."""
    return f"""INSERT {{ GRAPH ?g {{ finding:{finding}-{scale} ?p ?new }} }} WHERE {{
      GRAPH ?g {{ finding:{finding} ?p ?old }} BIND(IF(?p = pg:scale, scale:{scale}, ?old) AS ?new) }}"""


def test_level_in_the_base_period_is_exact_inside_and_modest_outside(graph):
    """One third less 23 points is 31/3 per cent, shown as about 10; 40 less 7 is 33."""
    assert select(graph, _DERIVED % "rule:base-level") == [
        ("2020_in-2019_ladder-bodies_municipalities_level-3", "10", "31", "3", "precision:approximate"),
        ("2020_in-2019_ladder-bodies_state-bodies_level-3", "33", "33", "1", "precision:calculated"),
    ]


@pytest.mark.parametrize(
    ("rule", "finding", "value", "expected"),
    [
        ("base-level", "ladder-bodies-state-article-2020", "40.25", ("33.25", "3325", "100")),
        ("base-level", "ladder-bodies-state-change-article-2020", "7.125", ("32.875", "32875", "1000")),
        ("base-level", "ladder-bodies-municipalities-change-article-2020", "22.5", ("11", "325", "30")),
        ("change", "involves-private-business-article-2023", "17.125", ("-17.875", "-17875", "1000")),
        ("upper-levels", "ladder-services-general-blog-2016", "54.05", ("13.95", "1395", "100")),
    ],
)
def test_arithmetic_is_exact_for_any_decimals(graph, rule, finding, value, expected):
    """No decimal is cut off, in the value or in the fraction kept beside it."""
    store = concluded(graph, set_to(finding, f"pg:value {value}"))
    assert expected in [row[1:4] for row in select(store, _DERIVED % f"rule:{rule}")]


@pytest.mark.parametrize("finding", ["ladder-bodies-state-article-2020", "ladder-bodies-state-change-article-2020"])
@pytest.mark.parametrize(("given", "result"), [("approximate", ["precision:approximate"]), ("figurative", [])])
def test_derived_figure_is_no_surer_than_its_operands(graph, finding, given, result):
    """About 40 less 7, or 40 less about 7, is about 33; of a figurative figure nothing is derived."""
    store = concluded(graph, set_to(finding, f"pg:precision precision:{given}"))
    rows = select(store, _DERIVED % "rule:base-level")
    assert [precision for slug, *_, precision in rows if "state-bodies" in slug] == result


@pytest.mark.parametrize(
    ("findings", "scales", "slugs"),
    [
        (
            ["ladder-bodies-state-article-2020", "ladder-bodies-state-change-article-2020"],
            ["predominantly"],
            [
                "2020_in-2019_ladder-bodies_state-bodies_level-3",
                "2020_in-2019_ladder-bodies_state-bodies_level-3_predominantly",
            ],
        ),
        (
            ["involves-users-2015-blog-2016", "involves-users-blog-2016"],
            ["not-stated", "to-a-great-extent"],
            [
                "2016_involves-users_public-bodies_change_since-2015",
                "2016_involves-users_public-bodies_not-stated_change_since-2015",
                "2016_involves-users_public-bodies_to-a-great-extent_change_since-2015",
            ],
        ),
        (
            ["ladder-services-general-blog-2016", "ladder-services-individual-blog-2016"],
            ["predominantly"],
            [
                "2016_ladder-services_public-services_levels-3-and-4",
                "2016_ladder-services_public-services_levels-3-and-4_predominantly",
            ],
        ),
    ],
)
def test_each_response_scale_has_derived_figures_of_its_own(graph, findings, scales, slugs):
    """A second scale of one series gives another thing, and the first one keeps its name."""
    store = concluded(graph, *(copy_with(finding, scale) for finding in findings for scale in scales))
    rows = select(store, "SELECT ?o ?scale { ?o a pg:DerivedObservation ; pg:scale ?scale } ORDER BY ?o")
    stem = f"derived:{slugs[0].removesuffix('_change_since-2015')}"
    assert [iri for iri, _ in rows if iri.startswith(stem)] == [f"derived:{slug}" for slug in slugs]
    assert len({iri for iri, _ in rows}) == len(rows)


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


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_reservations_of_operands_hold_for_what_is_derived_of_them(graph, language):
    """That “avanserte digitale” of municipalities is level 3 is assumed of the tenth of 2019 too, and said once."""
    text = """SELECT ?text WHERE { %s pg:assumption|skos:editorialNote ?text FILTER(LANG(?text) = "%s") }"""
    tenth = "<https://w3id.org/praksisgrafen/id/derived/2020_in-2019_ladder-bodies_municipalities_level-3>"
    ((assumption,),) = select(graph, text % (tenth, language))
    ((own,),) = select(graph, text % ("rule:base-level", language))
    ((note,),) = select(graph, text % ("finding:ladder-bodies-municipalities-article-2020", language))
    assert assumption.startswith(own)
    assert assumption.count(note) == 1


def test_derived_figure_of_plain_figures_says_nothing_of_their_reading(graph):
    """The state's 33 per cent rests on two figures that are read with no reservation: only the rule assumes."""
    rows = select(
        graph,
        """SELECT ?o { ?o pg:assumption ?text . rule:base-level pg:assumption ?text FILTER(LANG(?text) = "nb") }
        ORDER BY ?o""",
    )
    assert rows == [("derived:2020_in-2019_ladder-bodies_state-bodies_level-3",), ("rule:base-level",)]


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


def test_two_questions_that_look_alike_are_no_conflict(graph):
    """50 and 52 per cent answer two questions: they stand side by side with the reason, and neither is disputed."""
    rows = select(
        graph,
        """SELECT ?f ?class { discrepancy:involvement-2016 a ?class ; pg:concerns ?f . ?f a pg:NumericFinding
        FILTER NOT EXISTS { ?f pg:conflictsWith ?other } } ORDER BY ?f""",
    )
    assert rows == [
        ("finding:involves-inhabitants-blog-2016", "pg:Discrepancy"),
        ("finding:involves-users-blog-2016", "pg:Discrepancy"),
    ]


def test_periods_of_policy_documents_stand_side_by_side_as_the_sources_have_them(graph):
    """Who knows Dublin Core and DCAT alone finds when each applied, an open end where a source gives none."""
    rows = select(
        graph,
        """SELECT ?policy ?start ?end { ?policy a pg:PolicyDocument ; dct:temporal ?period .
        ?period a dct:PeriodOfTime .
        OPTIONAL { ?period dcat:startDate ?start } OPTIONAL { ?period dcat:endDate ?end } }
        ORDER BY ?policy ?start ?end""",
    )
    assert rows == [
        ("policy:digital-agenda", "", "2019"),
        ("policy:en-digital-offentlig-sektor", "2019", ""),
        ("policy:en-digital-offentlig-sektor", "2019", "2025"),
        ("policy:fremtidens-digitale-norge", "2024", "2030"),
    ]


def test_what_is_about_something_else_or_another_date_is_no_period_of_a_policy_document(graph):
    """A launch, a beginning of work and the date of an agency are dates, and no period in force."""
    rows = select(
        graph,
        """SELECT ?d { ?d a pg:DatedAssertion, dct:PeriodOfTime ; pg:dateAspect ?aspect
        FILTER(?aspect != date-aspect:in-force) }""",
    )
    assert rows == []


def test_every_claim_says_that_its_words_are_ours(graph):
    """One triple of each claim leads to a definition in three languages; nothing else has it."""
    claims = select(graph, "SELECT ?c { ?c a schema:Claim } ORDER BY ?c")
    assert claims
    assert select(graph, "SELECT ?c { ?c dct:type pg:Paraphrase } ORDER BY ?c") == claims
    definitions = select(graph, "SELECT (LANG(?d) AS ?l) { pg:Paraphrase skos:definition ?d } ORDER BY ?l")
    assert definitions == [("en",), ("nb",), ("nn",)]


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


def test_every_rule_names_what_it_reads(graph):
    """No rule may read any predicate there is, or every edit would run it."""
    assert [rule.iri for rule in rules.rules_of(graph) if rule.reads is None] == []


def test_every_fraction_is_rounded_half_up_to_one_decimal(graph):
    """100·n/d with one decimal, for every finding that keeps its fraction."""
    rows = select(graph, "SELECT ?v ?n ?d WHERE { ?f pg:value ?v ; pg:numerator ?n ; pg:denominator ?d }")
    assert len(rows) == 8
    for value, n, d in rows:
        assert Decimal(value) == (Decimal(1000) * int(n) / int(d)).quantize(Decimal(1), "ROUND_HALF_UP") / 10
