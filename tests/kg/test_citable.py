"""The hash of an answer: the same for the same answer, and made by a rule that other code can follow."""

import hashlib
from itertools import permutations

import pyoxigraph as ox
import pytest

from kg import citable, files
from kg.citable import Order
from kg.engine import Limits, Query
from kg.engine.apart import Apart
from kg.engine.embedded import EmbeddedEngine
from kg.errors import NotCitable, QueryMemoryExceeded, QueryTimeout


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    """Ask about two towns and a string that has everything that is escaped."""
    store = ox.Store()
    store.update(
        r"""PREFIX : <http://example.org/>
        INSERT DATA { :bø :size 67.50 ; :name "Bø"@NB , "Bø" . :å :size 3 ; :name "a\t\"b\"\\\n\u0001\u007F\u00E5"
        . [] :name "nobody" }"""
    )
    return EmbeddedEngine(store, union=False)


def _asked(engine: EmbeddedEngine, query: str) -> citable.Result:
    text = f"PREFIX : <http://example.org/> {query}"
    return citable.read(text, engine.query(Query(text, formats=citable.FORMATS)))


def test_text_that_is_hashed_is_the_documented_one(engine: EmbeddedEngine) -> None:
    """Name of the rule, variables, sorted rows in canonical N-Triples; written out here by hand."""
    result = _asked(engine, "SELECT ?town ?name ?none { ?town :size ?size ; :name ?name }")
    assert result.document == (
        b"praksisgrafen-answer-1\n"
        b"?town\t?name\t?none\n"
        b'<http://example.org/b\xc3\xb8>\t"B\xc3\xb8"\t\n'
        b'<http://example.org/b\xc3\xb8>\t"B\xc3\xb8"@nb\t\n'
        b'<http://example.org/\xc3\xa5>\t"a\\t\\"b\\"\\\\\\n\\u0001\\u007F\xc3\xa5"\t\n'
    )
    assert result.digest == hashlib.sha256(result.document).hexdigest()


def test_yes_and_no_have_a_line_of_their_own(engine: EmbeddedEngine) -> None:
    """ASK is `true` or `false`."""
    assert _asked(engine, "ASK { :bø ?p ?o }").document == b"praksisgrafen-answer-1\ntrue\n"
    assert _asked(engine, "ASK { :oslo ?p ?o }").document == b"praksisgrafen-answer-1\nfalse\n"


def test_rows_are_sorted_unless_the_query_itself_orders_them(engine: EmbeddedEngine) -> None:
    """An ORDER BY in a subquery, a comment or a string is none."""
    query = "SELECT ?size { ?town :size ?size } ORDER BY %s(?size)"
    rising, falling = (_asked(engine, query % way) for way in ("ASC", "DESC"))
    assert [row.line[:5] for row in rising.rows] == ['"3"^^', '"67.5'[:5]]
    assert rising.digest != falling.digest
    inner = "SELECT ?size { { SELECT ?size { ?town :size ?size } ORDER BY %s(?size) } } # ORDER BY ?size"
    assert _asked(engine, inner % "ASC").digest == _asked(engine, inner % "DESC").digest == rising.digest


def test_row_that_stands_twice_counts_twice(engine: EmbeddedEngine) -> None:
    """SELECT gives a collection, not a set; CONSTRUCT gives a set."""
    twice = _asked(engine, "SELECT ?x { VALUES ?x { 1 1 } }")
    assert len(twice.rows) == 2
    assert twice.digest != _asked(engine, "SELECT ?x { VALUES ?x { 1 } }").digest
    assert len(_asked(engine, "CONSTRUCT { :a :b :c } { VALUES ?x { 1 2 } }").rows) == 1


def test_blank_nodes_of_a_graph_are_named_by_their_place(engine: EmbeddedEngine) -> None:
    """The engine gives them new labels each time; RDFC-1.0 gives the same."""
    query = "CONSTRUCT { ?town :has [ :size ?size ; :of _:all ] } { ?town :size ?size }"
    first, second = _asked(engine, query), _asked(engine, query)
    assert first.document == second.document
    assert b"_:c14n0" in first.document
    lines = first.document.decode().splitlines()[1:]
    assert lines == sorted(lines)
    assert len(lines) == 6


def test_graph_that_takes_for_ever_to_name_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve blank nodes, each linked to each other: RDFC-1.0 would try all their orders, in a process of its own."""
    apart = Apart("kg.citable")
    monkeypatch.setattr(citable, "_APART", apart)
    monkeypatch.setattr(citable, "_NAMING", Limits(timeout=1.0, memory=128 * 2**20))
    pairs = " ".join(f"_:n{a} :p _:n{b} ." for a, b in permutations(range(12), 2))
    engine = EmbeddedEngine(ox.Store())
    with pytest.raises((QueryTimeout, QueryMemoryExceeded)):
        _asked(engine, f"CONSTRUCT {{ {pairs} }} {{}}")
    apart.close()


def test_rows_with_blank_nodes_cannot_be_cited(engine: EmbeddedEngine) -> None:
    """Nobody could tell whether it is the same node."""
    with pytest.raises(NotCitable):
        _asked(engine, "SELECT ?who { ?who :name 'nobody' }")


def test_triple_terms_stand_as_in_canonical_ntriples(engine: EmbeddedEngine) -> None:
    """With the marks around them, in a row and in a graph."""
    term = '<<( <http://example.org/a> <http://example.org/b> "c"@nb )>>'
    assert term.encode() in _asked(engine, "SELECT (<<( :a :b 'c'@nb )>> AS ?x) {}").document
    assert (
        f"<http://example.org/p> {term} .".encode()
        in _asked(engine, "CONSTRUCT { :a :p <<( :a :b 'c'@nb )>> } {}").document
    )


def test_blank_nodes_in_triple_terms_cannot_be_cited(engine: EmbeddedEngine) -> None:
    """RDFC-1.0 does not name them."""
    with pytest.raises(NotCitable):
        _asked(engine, "CONSTRUCT { :a :p <<( :a :b _:c )>> } {}")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (rand() AS ?x) {}",
        r"SELECT (\u004eOW() AS ?x) {}",
        "SELECT * { BIND(STRUUID() AS ?x) }",
        "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { BIND(BNODE() AS ?x) }",
    ],
)
def test_what_is_new_each_time_is_refused(query: str) -> None:
    """The answer would have another hash the next time."""
    with pytest.raises(NotCitable):
        citable.refuse_unrepeatable(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 'NOW() RAND()' } # SERVICE <x>",
        "SELECT ?now ?service { ?now <http://example.org/SERVICE> ?service }",
        "CONSTRUCT { ?s <http://example.org/p> [] } { ?s ?p ?o }",
    ],
)
def test_words_that_are_no_calls_are_not_refused(query: str) -> None:
    """Strings, comments, names and IRIs call nothing, and templates may have blank nodes."""
    citable.refuse_unrepeatable(query)


@pytest.mark.parametrize(
    ("query", "is_cut"),
    [
        ("SELECT * { ?s ?p ?o } LIMIT 3", True),
        ("SELECT * { ?s ?p ?o } offset 3", True),
        (r"SELECT * { ?s ?p ?o } \u004cIMIT 3", True),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3", True),
        ("SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 3", False),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } LIMIT 3 } } ORDER BY ?s", True),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3 } }", False),
        ("ASK { { SELECT ?s { ?s ?p ?o } LIMIT 3 } ?s a ?c }", True),
        ("ASK { ?s ?p ?o } LIMIT 1", False),
        ("SELECT ?LIMIT { ?LIMIT ?p 'LIMIT 3' } # LIMIT 3", False),
        ("PREFIX LIMIT: <http://example.org/> SELECT * { ?s LIMIT:3 <http://example.org/LIMIT> }", False),
    ],
)
def test_limit_without_order_is_found(query: str, is_cut: bool) -> None:
    """At every level of the query, and never in what only looks like it."""
    assert Order.of(query).is_cut_at_will is is_cut


@pytest.mark.parametrize(
    ("modifier", "leaves_open"),
    [
        ("", False),
        ("ORDER BY ?a ?b", False),
        ("ORDER BY DESC(?b) LIMIT 3", False),
        ("ORDER BY ?a", True),
        ("ORDER BY STR(?b)", True),
        ("ORDER BY ?hidden", True),
        ("ORDER BY ?same", True),
        ("ORDER BY ?tongue", True),
    ],
)
def test_order_that_leaves_rows_open_is_found(modifier: str, leaves_open: bool) -> None:
    """Two rows that ORDER BY does not tell apart may change places; what it orders by has to be seen to tell."""
    engine = EmbeddedEngine(ox.Store())
    values = "(1 1 1 1 'å'@nb) (1 2 1 1.0 'å'@nn) (2 3 1 2 'ø'@nb)"
    columns = "?a ?b ?same ?tongue"
    query = f"SELECT {columns} {{ VALUES (?a ?b ?hidden ?same ?tongue) {{ {values} }} }} {modifier}"
    assert Order.of(query).leaves_open(_asked(engine, query)) is leaves_open


def test_difference_counts_repeated_rows(engine: EmbeddedEngine) -> None:
    """What is new and what is gone, each as often as it is."""
    before = _asked(engine, "SELECT ?x { VALUES ?x { 1 2 2 3 } } ORDER BY ?x")
    after = _asked(engine, "SELECT ?x { VALUES ?x { 4 3 2 1 1 } } ORDER BY ?x")
    found = citable.difference(before, after)
    assert [row.line[:3] for row in found.added] == ['"1"', '"4"']
    assert [row.line[:3] for row in found.removed] == ['"2"']


def test_every_stored_query_can_be_cited(graph: ox.Store, folders: files.Folders) -> None:
    """Nothing in them is left to the software, however they are cut."""
    engine = EmbeddedEngine(graph)
    for path in folders.queries():
        text = path.read_text(encoding="utf-8")
        citable.refuse_unrepeatable(text)
        assert _asked_as_it_is(engine, text) == _asked_as_it_is(engine, text)
        assert not Order.of(text).is_cut_at_will


def _asked_as_it_is(engine: EmbeddedEngine, text: str) -> str:
    return citable.read(text, engine.query(Query(text, formats=citable.FORMATS))).digest
