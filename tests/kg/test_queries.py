"""The twelve stored queries answer their questions on the real graph.

Names in the expected rows are looked up in the graph, so that better wording changes no answer.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from kg import files, iris, stored_queries

FOLDER = files.data_dir() / "queries"
QUERIES = sorted(FOLDER.glob("*.rq"))
LANGUAGES = ("nb", "nn", "en")
HEADER = [f"# {part}.{language} = " for part in ("title", "description") for language in LANGUAGES]
STORED = stored_queries.stored(FOLDER)
PREF_LABEL = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")

Row = tuple[str | None, ...]
Label = Callable[[str], str]
Ask = Callable[..., list[Row]]


@pytest.fixture
def name(graph: ox.Store) -> Label:
    """Look up what a thing of ours, given as `segment/slug`, is called in Bokmål."""

    def look_up(path: str) -> str:
        labels = graph.quads_for_pattern(ox.NamedNode(iris.ID + path), PREF_LABEL, None)
        return next(quad.object.value for quad in labels if quad.object.language == "nb")

    return look_up


@pytest.fixture
def ask(graph: ox.Store) -> Ask:
    """Answer a stored query: one tuple a row, in the order of the columns asked for, by default all."""

    def answer(query: str, *columns: str, language: str = "nb") -> list[Row]:
        text = STORED[query].bound({"lang": [ox.Literal(language)]})
        solutions = graph.query(text, use_default_graph_as_union=True)
        wanted = columns or [variable.value for variable in solutions.variables]
        return [tuple(_text(solution[column]) for column in wanted) for solution in solutions]

    return answer


def _text(term: ox.NamedNode | ox.Literal | None) -> str | None:
    return None if term is None else term.value.removeprefix(iris.ID)


def by_stem(path: Path) -> str:
    return path.stem


# Each file


def test_there_are_twelve_questions_each_with_a_file() -> None:
    """The twelve questions of the project, and no others, are stored."""
    assert [path.stem for path in QUERIES] == [
        "disagreeing-sources",
        "evidence",
        "figures-with-reservations",
        "goals-against-benefits",
        "maturity-ladder",
        "partners",
        "preferred-channels",
        "private-business-involvement",
        "state-against-municipality",
        "statements",
        "strategies",
        "trust",
    ]


@pytest.mark.parametrize("path", QUERIES, ids=by_stem)
def test_every_query_is_titled_and_described_in_three_languages(path: Path) -> None:
    """The file opens with title and description in nb, nn and en; the prefixes follow the header at once."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for line, beginning in zip(lines, HEADER, strict=False):
        assert line.startswith(beginning)
        assert len(line) > len(beginning)
    assert next(line for line in lines if not line.startswith("#")).startswith("PREFIX ")


@pytest.mark.parametrize("path", QUERIES, ids=by_stem)
def test_every_query_has_a_fixed_order(path: Path) -> None:
    """Two runs of a stored query give the same rows in the same order."""
    assert re.search(r"^ORDER BY ", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", QUERIES, ids=by_stem)
def test_every_query_is_sparql_to_rdflib_too(path: Path) -> None:
    """No stored query leans on what only one engine reads."""
    assert prepareQuery(path.read_text(encoding="utf-8")).algebra.name == "SelectQuery"


@pytest.mark.parametrize("path", QUERIES, ids=by_stem)
def test_every_query_answers_within_a_second(path: Path, ask: Ask) -> None:
    """A stored query may be offered to everybody: it is quick."""
    start = time.perf_counter()
    assert ask(path.stem)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("language", ["nn", "en"])
@pytest.mark.parametrize("path", QUERIES, ids=by_stem)
def test_one_change_gives_the_same_table_in_another_language(path: Path, language: str, ask: Ask) -> None:
    """With another language tag each query gives as many rows, as full, with other words."""

    def filled(rows: list[Row]) -> list[int]:
        return sorted(sum(cell is not None for cell in row) for row in rows)

    there, here = ask(path.stem, language=language), ask(path.stem)
    assert filled(there) == filled(here)
    assert set(there) != set(here)


@pytest.mark.parametrize("path", QUERIES, ids=by_stem)
def test_no_query_gives_a_row_twice(path: Path, ask: Ask) -> None:
    """Each row of an answer is a fact of its own."""
    rows = ask(path.stem)
    assert len(rows) == len(set(rows))


# Each question


def test_municipalities_at_level_3_over_the_years(ask: Ask, name: Label) -> None:
    """A tenth in 2019, derived and approximate, and a third in 2020, reported as a fraction; bodies only."""
    rows = ask(
        "maturity-ladder",
        "year",
        "value",
        "unit",
        "precision",
        "status",
        "population",
        "counted",
        "source",
    )
    whom = (name("population/municipalities"), name("unit-of-analysis/bodies"), name("source/article-2020"))
    percent = name("unit/percent")
    assert rows == [
        ("2019", "10", percent, name("precision/approximate"), name("status/derived"), *whom),
        ("2020", "33.3", percent, name("precision/fraction"), name("status/reported"), *whom),
    ]


def test_level_3_of_municipalities_says_what_it_assumes(ask: Ask) -> None:
    """The derived year says what it takes for granted, and both years that the level is our reading."""
    (derived, its_note), (reported, note) = ask("maturity-ladder", "assumption", "note")
    assert derived
    assert reported is None
    assert its_note == note
    assert "nivå 3" in (note or "")


def test_state_against_municipality(ask: Ask, name: Label) -> None:
    """Six comparisons; two are told only as a difference, in per cent as written, assumed to be points."""
    rows = ask(
        "state-against-municipality",
        *("year", "baseYear", "indicator", "municipalPopulation", "municipalValue", "municipalStatus"),
        *("statePopulation", "stateValue", "stateStatus", "difference", "unit", "assumedUnit"),
    )
    reported, inferred, derived = name("status/reported"), name("status/inferred"), name("status/derived")
    percent, points = name("unit/percent"), name("unit/percentage-point")
    potential = name("indicator/digitalisation-potential-inhabitants")
    municipal_it, state_it = name("population/municipal-it-leaders"), name("population/state-it-leaders")
    inhabitants = name("indicator/communication-potential-inhabitants")
    business = name("indicator/communication-potential-business")
    leaders, of_state = name("population/municipal-leaders"), name("population/state-leaders")
    ladder = name("indicator/ladder-bodies")
    municipal, state = name("population/municipalities"), name("population/state-bodies")
    assert set(rows) == {
        (
            "2016",
            None,
            potential,
            municipal_it,
            "91",
            reported,
            state_it,
            "40",
            reported,
            None,
            percent,
            None,
        ),
        ("2016", None, inhabitants, leaders, None, inferred, of_state, None, inferred, "36", percent, points),
        ("2016", None, business, leaders, None, inferred, of_state, None, inferred, "24", percent, points),
        ("2019", None, ladder, municipal, "10", derived, state, "33", derived, None, percent, None),
        ("2020", "2019", ladder, municipal, "23", reported, state, "7", reported, None, points, None),
        ("2020", None, ladder, municipal, "33.3", reported, state, "40", reported, None, percent, None),
    }
    assert [row[0] for row in rows] == ["2016", "2016", "2016", "2019", "2020", "2020"]


def test_state_against_municipality_marks_what_is_not_exact(ask: Ask, name: Label) -> None:
    """The tenth of 2019 is approximate, the state's of that year calculated; the third of 2020 a fraction."""
    rows = ask("state-against-municipality", "municipalValue", "municipalPrecision", "statePrecision")
    as_stated = name("precision/as-stated")
    assert ("10", name("precision/approximate"), name("precision/calculated")) in rows
    assert ("33.3", name("precision/fraction"), as_stated) in rows


def test_sources_disagree_about_2020_on_population_method_frame_and_partners(ask: Ask, name: Label) -> None:
    """Three sources report on one edition, that of 2020; on four things they cannot be reconciled."""
    rows = ask("disagreeing-sources", "edition", "disagreeOn", "source", "says", "expression")
    article, blog = name("source/article-2020"), name("source/blog-2020")
    population, method = name("discrepancy-type/population"), name("discrepancy-type/method")
    partners, frame = name("discrepancy-type/partners"), name("discrepancy-type/frame")
    later = name("source/article-2023")
    statements = {
        (population, article, name("finding/ladder-bodies-municipalities-article-2020"), "en tredel"),
        (population, blog, name("finding/ladder-bodies-public-bodies-blog-2020"), "En tredel"),
        (method, article, name("finding/frame-size-article-2020"), "500 største"),
        (method, blog, name("finding/survey-in-depth-interviews-2020"), None),
        (frame, article, name("finding/frame-size-article-2020"), "500 største"),
        (frame, later, name("finding/involves-private-business-2020-article-2023"), "35 prosent"),
        (partners, article, name("partnership/article-2020-visma"), None),
        (partners, article, name("partnership/article-2020-ikt-norge"), None),
        (partners, blog, name("partnership/blog-2020-ikt-norge"), None),
        (partners, blog, name("partnership/blog-2020-digdir"), None),
        (partners, blog, name("partnership/blog-2020-visma"), None),
        (partners, blog, name("partnership/blog-2020-dataforeningen"), None),
        (partners, blog, name("partnership/blog-2020-ntnu"), None),
    }
    assert set(rows) == {(name("edition/2020"), *statement) for statement in statements}
    assert all(reason for (reason,) in ask("disagreeing-sources", "reason"))


def test_involvement_of_private_business_fell_by_18_points(ask: Ask, name: Label) -> None:
    """From 35 to 17 per cent is 18 percentage points less: derived, over two breaks in the series."""
    rows = ask("private-business-involvement", "year", "baseYear", "kind", "value", "unit", "status", "seriesBreak")
    level, change = name("kind/level"), name("kind/change")
    percent, points = name("unit/percent"), name("unit/percentage-point")
    reported, derived = name("status/reported"), name("status/derived")
    method, frame = name("discrepancy/method-2020-2023"), name("discrepancy/frame-over-the-editions")
    assert rows == [
        ("2020", None, level, "35", percent, reported, None),
        ("2023", None, level, "17", percent, reported, None),
        *(("2023", "2020", change, "-18", points, derived, one) for one in sorted([method, frame])),
    ]


def test_involvement_keeps_its_population_and_scale(ask: Ask, name: Label) -> None:
    """All is about state bodies and municipalities, "to a great extent"; the change says what it assumes."""
    rows = ask("private-business-involvement", "population", "scale", "assumption")
    population, scale = name("population/state-bodies-and-municipalities"), name("scale/to-a-great-extent")
    assert {row[:2] for row in rows} == {(population, scale)}
    assert [row[2] is not None for row in rows] == [False, False, True, True]


def test_preferred_channels_turned_around(ask: Ask, name: Label) -> None:
    """In person and telephone more than halved, a bound; website nearly doubled, approximate."""
    rows = ask(
        "preferred-channels",
        *("channel", "share2012", "share2016", "unit", "change", "changeUnit", "changeStatus"),
        *("ratio", "ratioBound", "ratioPrecision", "ratioExpression"),
    )
    points = (name("unit/percentage-point"), name("status/derived"))
    halved = ("0.5", name("bound/upper"), name("precision/as-stated"), "mer enn halvert")
    doubled = ("2", name("bound/point"), name("precision/approximate"), "nesten doblet")
    percent = name("unit/percent")
    assert rows == [
        (name("indicator/preferred-channel-in-person"), "25", "11", percent, "-14", *points, *halved),
        (name("indicator/preferred-channel-phone"), "27", "13", percent, "-14", *points, *halved),
        (name("indicator/preferred-channel-web"), "20", "36", percent, "16", *points, *doubled),
    ]


def test_evidence_for_every_figure_of_2018(ask: Ask, name: Label) -> None:
    """Seven figures at six places, each with its words, its bound, its precision and how we know it."""
    rows = ask(
        "evidence",
        "finding",
        "value",
        "expression",
        "start",
        "end",
        "bound",
        "precision",
        "status",
        "file",
    )
    point, lower = name("bound/point"), name("bound/lower")
    as_stated, figurative = name("precision/as-stated"), name("precision/figurative")
    reported, inferred = name("status/reported"), name("status/inferred")
    figures: list[tuple[str, ...]] = [
        (
            "digital-communication-with-public-sector",
            "77",
            "77 prosent",
            "724",
            "734",
            point,
            as_stated,
            reported,
        ),
        ("digital-communication-with-gp", "14", "14 prosent", "912", "922", point, as_stated, reported),
        ("ladder-bodies-municipalities", "60", "Over 60 prosent", "1105", "1120", lower, as_stated, reported),
        ("ladder-services", "17", "17 prosent", "1407", "1417", point, as_stated, reported),
        ("ladder-services-municipal", "8", "8 prosent", "1509", "1518", point, as_stated, inferred),
        (
            "municipal-share-of-advanced-services",
            "8",
            "8 prosent",
            "1509",
            "1518",
            point,
            as_stated,
            inferred,
        ),
        ("ladder-bodies-proactive", "1", "En magisk prosent", "1766", "1783", point, figurative, reported),
    ]
    file = "003_a49618f8cc69e90d.txt"
    assert rows == [(f"finding/{slug}-commentary-2018", *rest, file) for slug, *rest in figures]


def test_evidence_of_2018_keeps_both_readings_of_one_place(ask: Ask, name: Label) -> None:
    """Either reading of "8 per cent of these" points at the other; services and bodies stay apart."""
    rows = ask("evidence", "finding", "population", "alternativeReading")
    services = "finding/ladder-services-municipal-commentary-2018"
    share = "finding/municipal-share-of-advanced-services-commentary-2018"
    assert [row for row in rows if row[2]] == [
        (services, name("population/municipal-services"), name(share)),
        (share, name("population/advanced-individual-services"), name(services)),
    ]


PARTNERS = {
    ("2016", "blog-2016"): [
        ("conducted", "ramboll-management-consulting", "Rambøll"),
        ("collaborated", "ikt-norge", "IKT Norge"),
        ("collaborated", "visma", "Visma"),
    ],
    ("2018", "commentary-2018"): [
        ("conducted", "ramboll-management-consulting", "Rambøll"),
        ("collaborated", "ikt-norge", "IKT-Norge"),
        ("collaborated", "visma", "Visma"),
        ("contributed", "difi", "DIFI"),
        ("contributed", "ntnu", "NTNU"),
        ("contributed", "dataforeningen", "Dataforeningen"),
    ],
    ("2020", "article-2020"): [
        ("conducted", "ramboll-management-consulting", "Rambøll Management"),
        ("collaborated", "visma", "Visma"),
        ("collaborated", "ikt-norge", "IKT Norge"),
    ],
    ("2020", "blog-2020"): [
        ("conducted", "ramboll-management-consulting", "Rambøll Management Consulting"),
        ("collaborated", "ikt-norge", "IKT-Norge"),
        ("collaborated", "digdir", "Digitaliseringsdirektoratet"),
        ("collaborated", "visma", "Visma"),
        ("collaborated", "dataforeningen", "Den norske dataforening"),
        ("collaborated", "ntnu", "Norges teknisk-naturvitenskapelige universitet"),
    ],
    ("2023", "article-2023"): [
        ("conducted", "ramboll-management-consulting", "Rambøll Management Consulting"),
        ("collaborated", "digdir", "Digitaliseringsdirektoratet"),
        ("collaborated", "ks", "KS"),
        ("collaborated", "ikt-norge", "IKT-Norge"),
        ("collaborated", "ntnu", "NTNU"),
    ],
}


def test_partners_of_each_edition_source_by_source(ask: Ask, name: Label) -> None:
    """Each source keeps its partners, roles and spellings, in the order it gives them; none are merged."""
    rows = ask("partners", "year", "source", "role", "partner", "nameAsWritten")
    assert rows == [
        (
            year,
            name(f"source/{source}"),
            name(f"partner-role/{role}"),
            name(f"organisation/{partner}"),
            written,
        )
        for (year, source), partners in PARTNERS.items()
        for role, partner, written in partners
    ]


STATEMENTS = {
    ("Liv Freihow", "2020-05"): [
        ("freihow-services-more-coherent-2020", "praises"),
        ("freihow-municipalities-had-come-far-2020", "praises"),
        ("freihow-manual-work-behind-2020", "criticises"),
        ("freihow-business-projects-successful-2020", "praises"),
        ("freihow-compensation-scheme-example-2020", "praises"),
        ("freihow-innovation-needs-market-and-public-2020", "describes"),
        ("freihow-lack-of-collaboration-hurts-2020", "criticises"),
        ("freihow-organisation-and-leadership-2020", "describes"),
        ("freihow-focus-on-adoption-2020", "demands"),
        ("freihow-public-sector-way-to-go-2020", "criticises"),
        ("freihow-learning-curve-visible-2020", "describes"),
    ],
    ("Øyvind Husby", "2023"): [
        ("husby-inclusion-crucial-for-trust-2023", "describes"),
        ("husby-follow-up-inclusion-action-plan-2023", "demands"),
        ("husby-collaboration-worrying-2023", "criticises"),
        ("husby-collaboration-not-surprising-2023", "describes"),
        ("husby-cause-consultant-signals-2023", "criticises"),
        ("husby-cause-employer-contributions-2023", "criticises"),
        ("husby-cause-hiring-rules-2023", "criticises"),
        ("husby-agencies-limit-business-involvement-2023", "describes"),
        ("husby-impossible-without-business-2023", "describes"),
    ],
}


def test_what_the_people_of_ikt_norge_have_said(ask: Ask, name: Label) -> None:
    """Freihow in 2020 and Husby in 2023, in the order of the texts, each with an inferred stance."""
    rows = ask("statements", "person", "observedOn", "issued", "statement", "stance", "stanceStatus")
    assert rows == [
        (person, date, date, name(f"claim/{slug}"), name(f"stance/{stance}"), name("status/inferred"))
        for (person, date), statements in STATEMENTS.items()
        for slug, stance in statements
    ]
    assert all(paraphrase for (paraphrase,) in ask("statements", "paraphrase"))


def test_in_which_role_the_people_of_ikt_norge_spoke(ask: Ask) -> None:
    """A policy director in 2020, a managing director in 2023; the years of articles without a date are inferred."""
    assert set(ask("statements", "person", "role", "observedOn", "dateStatus", language="en")) == {
        ("Liv Freihow", "policy director", "2020-05", "reported"),
        ("Øyvind Husby", "managing director", "2023", "inferred"),
    }


def test_trust_and_its_population(ask: Ask, name: Label) -> None:
    """One claim about those over 16, in two forms and a heading, and one about inhabitants with no number."""
    rows = ask(
        "trust",
        "finding",
        "population",
        "value",
        "numerator",
        "denominator",
        "unit",
        "bound",
        "restates",
        "sameClaimAs",
    )
    share, count = name("finding/low-trust-share-article-2023"), name("finding/low-trust-count-article-2023")
    grown, all_ages = name("population/inhabitants-16-plus"), name("population/inhabitants")
    sixth = ("16.7", "1", "6", name("unit/percent"), name("bound/point"))
    heading = name("finding/low-trust-share-heading-article-2023")
    transferred = name("finding/general-trust-not-necessarily-transferred-2023")
    assert rows == [
        (heading, grown, *sixth, share, None),
        (transferred, all_ages, None, None, None, None, None, None, None),
        (share, grown, *sixth, None, count),
        (count, grown, "750000", None, None, name("unit/count"), name("bound/lower"), None, share),
    ]


RESERVATIONS = {
    "bound/lower": [
        ("finding/inhabitant-sample-blog-2016", "1000"),
        ("finding/ladder-bodies-municipalities-commentary-2018", "60"),
        ("finding/low-trust-count-article-2023", "750000"),
    ],
    "bound/upper": [
        ("finding/preferred-channel-in-person-ratio-blog-2016", "0.5"),
        ("finding/preferred-channel-phone-ratio-blog-2016", "0.5"),
    ],
    "confidence/low": [
        ("finding/benefit-driven-development-2015-blog-2016", "87"),
        ("finding/benefit-driven-development-blog-2016", "93"),
        ("finding/ladder-bodies-proactive-commentary-2018", "1"),
        ("finding/ladder-services-municipal-commentary-2018", "8"),
        ("finding/municipal-share-of-advanced-services-commentary-2018", "8"),
    ],
    "confidence/medium": [
        ("finding/communication-potential-business-blog-2016", "24"),
        ("finding/communication-potential-inhabitants-blog-2016", "36"),
        ("finding/digital-communication-with-gp-commentary-2018", "14"),
        ("finding/experienced-adaptation-article-2023", "40"),
        ("finding/involves-inhabitants-2015-blog-2016", "30"),
        ("finding/involves-inhabitants-blog-2016", "50"),
        ("finding/involves-private-business-2020-article-2023", "35"),
        ("finding/involves-users-2015-blog-2016", "30"),
        ("finding/involves-users-blog-2016", "52"),
        ("finding/ladder-bodies-municipalities-article-2020", "33.3"),
        ("finding/ladder-bodies-municipalities-change-article-2020", "23"),
        ("finding/low-trust-count-article-2023", "750000"),
        ("finding/low-trust-share-heading-article-2023", "16.7"),
        ("finding/manual-operations-heading-article-2020", "60"),
        ("finding/response-rate-article-2023", "67"),
        ("finding/self-service-communication-blog-2016", "75"),
    ],
    "precision/approximate": [
        ("derived/2020_in-2019_ladder-bodies_municipalities_level-3", "10"),
        ("finding/preferred-channel-web-ratio-blog-2016", "2"),
    ],
    "precision/figurative": [
        ("finding/ladder-bodies-proactive-commentary-2018", "1"),
    ],
    "status/derived": [
        ("derived/2016_in-2015_ladder-services_public-services_levels-3-and-4", "16"),
        ("derived/2016_involves-inhabitants_public-bodies_change_since-2015", "20"),
        ("derived/2016_involves-users_public-bodies_change_since-2015", "22"),
        ("derived/2016_ladder-services_public-services_level-1_change_since-2015", "-13"),
        ("derived/2016_ladder-services_public-services_level-2_change_since-2015", "15"),
        ("derived/2016_ladder-services_public-services_levels-3-and-4", "14"),
        ("derived/2016_preferred-channel-in-person_inhabitants_change_since-2012", "-14"),
        ("derived/2016_preferred-channel-phone_inhabitants_change_since-2012", "-14"),
        ("derived/2016_preferred-channel-web_inhabitants_change_since-2012", "16"),
        ("derived/2020_in-2019_ladder-bodies_municipalities_level-3", "10"),
        ("derived/2020_in-2019_ladder-bodies_state-bodies_level-3", "33"),
        ("derived/2023_involves-private-business_state-bodies-and-municipalities_change_since-2020", "-18"),
    ],
    "status/inferred": [
        ("finding/communication-potential-business-blog-2016", "24"),
        ("finding/communication-potential-inhabitants-blog-2016", "36"),
        ("finding/experienced-adaptation-article-2023", "40"),
        ("finding/ladder-services-municipal-commentary-2018", "8"),
        ("finding/municipal-share-of-advanced-services-commentary-2018", "8"),
    ],
}


def test_figures_that_are_approximate_bounded_unsure_inferred_or_derived(ask: Ask, name: Label) -> None:
    """Every figure with a reservation is listed under it, those with two under both."""
    rows = ask("figures-with-reservations", "reservation", "item", "value")
    assert rows == [(name(code), *figure) for code, figures in RESERVATIONS.items() for figure in figures]


def test_no_figure_that_is_unsure_is_left_out(ask: Ask, graph: ox.Store) -> None:
    """Each figure that is less than plain to read is there."""
    unsure = graph.query(
        """PREFIX pg: <https://w3id.org/praksisgrafen/def/>
        PREFIX confidence: <https://w3id.org/praksisgrafen/id/confidence/>
        SELECT ?f { ?f a pg:NumericFinding ; pg:confidence ?c FILTER(?c != confidence:high) }""",
        use_default_graph_as_union=True,
    )
    assert {_text(row["f"]) for row in unsure} <= {item for (item,) in ask("figures-with-reservations", "item")}


def test_every_reservation_says_why(ask: Ask, name: Label) -> None:
    """Each has its meaning; a note where something is inferred or unsure, the rule where derived, else the words."""
    reasons = {name("status/inferred"): "note", name("status/derived"): "rule"} | {
        name(f"confidence/{degree}"): "note" for degree in ("low", "medium")
    }
    columns = ("reservation", "item", "meaning", "expression", "note", "rule")
    for row in ask("figures-with-reservations", *columns):
        cells = dict(zip(columns, row, strict=True))
        default = "rule" if str(cells["item"]).startswith("derived/") else "expression"
        assert cells["meaning"]
        assert cells[reasons.get(str(cells["reservation"]), default)], cells["item"]


def test_strategy_in_force_at_each_edition_and_its_successor(ask: Ask, name: Label) -> None:
    """Digital agenda in 2016 and 2018, with no successor in any source; then the strategy replaced in 2024."""
    rows = ask(
        "strategies",
        "year",
        "strategy",
        "type",
        "successor",
        "successorStatus",
        "successorFrom",
        "successorUntil",
    )
    agenda = (name("policy/digital-agenda"), name("policy-type/white-paper"), None, None, None, None)
    one = (name("policy/en-digital-offentlig-sektor"), name("policy-type/strategy"))
    future = (name("policy/fremtidens-digitale-norge"), name("status/external"), "2024", "2030")
    assert rows == [
        ("2016", *agenda),
        ("2018", *agenda),
        ("2020", *one, *future),
        ("2023", *one, *future),
    ]


def test_strategies_say_how_we_know(ask: Ask) -> None:
    """No source names the strategy in force outright: each edition says what the link rests on."""
    rows = ask("strategies", "howWeKnow", "successor", "successorNote")
    assert all(how for how, _, _ in rows)
    assert all((successor is None) == (note is None) for _, successor, note in rows)


def test_goals_against_identified_benefits(ask: Ask, name: Label) -> None:
    """In 2016, 63 per cent of municipalities had goals, 23 knew the internal benefits, 16 those to end users."""
    rows = ask("goals-against-benefits", "year", "indicator", "population", "value", "unit", "expression", "source")
    whom, percent, blog = name("population/municipalities"), name("unit/percent"), name("source/blog-2016")
    assert rows == [
        ("2016", name("indicator/digitisation-goals"), whom, "63", percent, "63 prosent", blog),
        ("2016", name("indicator/benefits-identified-internal"), whom, "23", percent, "23 prosent", blog),
        ("2016", name("indicator/benefits-identified-end-users"), whom, "16", percent, "16 prosent", blog),
    ]
