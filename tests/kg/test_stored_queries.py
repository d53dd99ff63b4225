"""Stored queries are read from their files, take choices as terms, and stand in the graph."""

import re
from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import build, files, iris, stored_queries
from kg.errors import InvalidInput
from kg.terms import PREFIXES

STORED = stored_queries.stored(files.data_dir() / "queries")
PREFLABEL = ox.NamedNode(PREFIXES["skos"] + "prefLabel")

HEADER = """\
# title = { nb = "Et spørsmål", nn = "Eit spørsmål", en = "A question" }
# description = { nb = "Tekst", nn = "Tekst", en = "Text" }
"""
CHOICE = """\
# [parameter.edition]
# label = { nb = "Utgave", nn = "Utgåve", en = "Edition" }
# class = "pg:SurveyEdition"
"""
BODY = """\
PREFIX edition: <https://w3id.org/praksisgrafen/id/edition/>
SELECT ?edition WHERE { VALUES ?edition { edition:2018 } }
ORDER BY ?edition
"""


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        stored_queries.parse("case", text, "case.rq")
    return [str(fault) for fault in caught.value.faults]


def ask(graph: ox.Store, text: str) -> list[tuple[object, ...]]:
    solutions = graph.query(text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple(solution) for solution in solutions]


# Reading


def test_what_stands_in_the_query_is_the_default() -> None:
    """The file says each default once, where it is used."""
    (edition,) = stored_queries.parse("case", HEADER + CHOICE + BODY, "case.rq").parameters
    assert edition.default == (ox.NamedNode(iris.entity("edition", "2018")),)
    assert edition.class_ == PREFIXES["pg"] + "SurveyEdition"


def test_undef_is_no_default() -> None:
    """A query that asks about all of them has no default."""
    text = (HEADER + CHOICE + BODY).replace("edition:2018", "UNDEF")
    assert stored_queries.parse("case", text, "case.rq").parameters[0].default == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER.replace(', en = "Text"', "") + BODY, "case.rq:1: description is missing in en"),
        (HEADER + CHOICE.replace(', nn = "Utgåve"', "") + BODY, "label of the parameter edition is missing in nn"),
        (HEADER + CHOICE.replace("edition]", "year]") + BODY, "the parameter year has no place in the query"),
        (HEADER + CHOICE.replace("class", "klasse") + BODY, "the parameter edition has klasse, which means nothing"),
        (HEADER + CHOICE + '# in = ["edition:2018"]\n' + BODY, "exactly one of class, datatype and in"),
        (HEADER + CHOICE + '# among = "?value a"\n' + BODY, "the parameter edition: "),
        (HEADER + CHOICE.replace("pg:", "gp:") + BODY, "the parameter edition: 'gp'"),
        (HEADER + '# chart = { kind = "bar", x = "year" }\n' + BODY, "chart: x = 'year' is no column of the answer"),
        (HEADER + '# chart = { kind = "pie" }\n' + BODY, "chart has a kind, one of bar, line"),
        (HEADER + BODY.replace("ORDER BY ?edition", ""), "a stored query has ORDER BY"),
        (HEADER + BODY + "LIMIT 5", "neither LIMIT nor OFFSET"),
        (HEADER + "# title.nb = 5 5\n" + BODY, "case.rq:3:"),
        (HEADER + BODY.replace("SELECT", "SELEKT"), "case.rq:4:10: "),
        (HEADER + "ASK { ?a ?b ?c }", "a stored query is a SELECT query"),
    ],
)
def test_a_faulty_file_is_told_what_is_wrong_and_where(text: str, expected: str) -> None:
    """The build names the file and the fault."""
    assert any(expected in fault for fault in faults(text)), faults(text)


# Choosing


def test_a_choice_takes_the_place_of_the_default(graph: ox.Store) -> None:
    """Another edition gives its own figures, and only those."""
    query = STORED["evidence"]
    of = {year: ask(graph, query.bound({"edition": [ox.NamedNode(iris.entity("edition", year))]})) for year in
          ("2018", "2020")}  # fmt: skip
    assert of["2018"] == ask(graph, query.text)
    assert len(of["2020"]) > 5
    assert not set(of["2018"]) & set(of["2020"])


def test_no_choice_is_all_of_them(graph: ox.Store) -> None:
    """Without an edition the figures of all editions come."""
    query = STORED["evidence"]
    editions = [ox.NamedNode(iris.entity("edition", year)) for year in ("2016", "2018", "2020", "2023")]
    every = ask(graph, query.bound({"edition": []}))
    assert sorted(every, key=str) == sorted(ask(graph, query.bound({"edition": editions})), key=str)
    assert len(every) > len(ask(graph, query.text))


@pytest.mark.parametrize(
    ("name", "choice", "expected"),
    [
        ("disagreeing-sources", {"kind": ["discrepancy-type/partners"]}, 7),
        ("disagreeing-sources", {"edition": ["edition/2018"]}, 0),
        ("figures-with-reservations", {"reservation": ["bound/lower"]}, 3),
        ("figures-with-reservations", {"edition": ["edition/2018"]}, 8),
        ("goals-against-benefits", {"indicator": ["indicator/digitisation-goals"]}, 1),
        ("maturity-ladder", {"population": ["population/state-bodies"]}, 2),
        ("maturity-ladder", {"level": ["level/level-2"]}, 1),
        ("partners", {"organisation": ["organisation/digdir"]}, 2),
        ("partners", {"role": ["partner-role/conducted"], "edition": ["edition/2020"]}, 2),
        ("preferred-channels", {"channel": ["indicator/preferred-channel-phone"]}, 1),
        ("private-business-involvement", {"kind": ["kind/level"]}, 2),
        ("statements", {"organisation": ["organisation/ks"]}, 14),
        ("statements", {"edition": ["edition/2023"]}, 9),
        ("strategies", {"edition": ["edition/2023"]}, 1),
        ("trust", {"population": ["population/inhabitants"]}, 1),
    ],
)
def test_each_parameter_chooses(graph: ox.Store, name: str, choice: dict[str, list[str]], expected: int) -> None:
    """Every parameter narrows its query, to as many rows as the graph has."""
    terms = {key: [ox.NamedNode(iris.ID + path) for path in paths] for key, paths in choice.items()}
    assert len(ask(graph, STORED[name].bound(terms))) == expected


def test_a_year_chooses_too(graph: ox.Store) -> None:
    """A literal is compared as what it is, a year."""
    query = STORED["state-against-municipality"]
    year = ox.Literal("2019", datatype=ox.NamedNode(PREFIXES["xsd"] + "gYear"))
    rows = ask(graph, query.bound({"from": [year]}))
    years = [row[0].value for row in rows if isinstance(row[0], ox.Literal)]
    assert years
    assert min(years) >= "2019"
    assert len(rows) < len(ask(graph, query.text))


def test_every_parameter_is_tried_above() -> None:
    """A parameter that chooses nothing would be noticed."""
    (mark,) = (one for one in test_each_parameter_chooses.pytestmark if one.name == "parametrize")  # type: ignore[attr-defined]
    tried = {(name, key) for name, choice, _ in mark.args[1] for key in choice}
    tried |= {("state-against-municipality", "from"), ("evidence", "edition")}
    assert tried == {(query.name, one.name) for query in STORED.values() for one in query.parameters} - {
        (name, "lang") for name in STORED
    }


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_term_never_becomes_syntax(text: str) -> None:
    """Whatever a literal holds, the bound query gives that very literal back and nothing else."""
    query = stored_queries.parse("case", HEADER + CHOICE + BODY, "case.rq")
    rows = ox.Store().query(query.bound({"edition": [ox.Literal(text)]}))
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["edition"] for row in rows] == [ox.Literal(text)]


@pytest.mark.parametrize("query", STORED.values(), ids=STORED)
def test_rows_are_counted_without_being_sent(graph: ox.Store, query: stored_queries.StoredQuery) -> None:
    """The count of a query is the number of its rows."""
    ((count,),) = ask(graph, query.counting(query.text))
    assert isinstance(count, ox.Literal)
    assert int(count.value) == len(ask(graph, query.text))


@pytest.mark.parametrize("query", STORED.values(), ids=STORED)
def test_what_can_be_chosen_is_in_the_graph(graph: ox.Store, query: stored_queries.StoredQuery) -> None:
    """Every list of values has a named thing for each, the defaults among them."""
    for parameter in query.parameters:
        allowed = parameter.allowed()
        terms: Iterable[object] = parameter.listed if allowed is None else [row[0] for row in ask(graph, allowed)]
        assert parameter.datatype or set(parameter.default) <= set(terms)
        assert parameter.datatype or len(list(terms)) > 1, parameter.name
        for term in terms:
            named = isinstance(term, ox.Literal) or any(graph.quads_for_pattern(term, PREFLABEL, None))  # type: ignore[arg-type]
            assert named, term


# In the graph


def test_stored_queries_stand_in_a_graph_of_their_own(graph: ox.Store) -> None:
    """Each is an executable of SHACL with its text, which runs as it stands, and its parameters."""
    rows = ask(
        graph,
        "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?query ?text (COUNT(?parameter) AS ?parameters) WHERE { "
        f"GRAPH <{stored_queries.GRAPH}> {{ ?query a sh:SPARQLSelectExecutable ; sh:select ?text ; "
        "sh:parameter ?parameter . ?parameter a sh:Parameter } } GROUP BY ?query ?text",
    )
    found = {str(query): (text, count) for query, text, count in rows}
    assert len(found) == len(STORED)
    for query in STORED.values():
        text, count = found[f"<{query.iri}>"]
        assert isinstance(text, ox.Literal)
        assert isinstance(count, ox.Literal)
        assert text.value == query.text
        assert int(count.value) == len(query.parameters)


def test_a_changed_query_is_built_again(folders: files.Folders) -> None:
    """The build knows the digest of each stored query."""
    known = build.digests(folders)
    assert all(f"data/queries/{name}.rq" in known for name in STORED)


def test_names_of_parameters_are_names_for_shacl() -> None:
    """SHACL takes the name of a parameter from the end of its path, which must be a name of SPARQL."""
    for query in STORED.values():
        assert all(re.fullmatch(r"[a-z][a-z0-9]*", parameter.name) for parameter in query.parameters)
