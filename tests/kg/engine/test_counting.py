"""Rows counted from bytes are the rows there are, whatever the values contain."""

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store

from kg.engine.counting import row_counter

NASTY = ["},{", '"},{"', "\\", "{}", "[{}", "\n", "\r\n", '"\r\n"', "<result>", '"', '},{"x":', "é", "\t", ""]
FORMATS = [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.CSV, QueryResultsFormat.TSV]
cells = st.one_of(
    st.none(),
    st.lists(st.sampled_from(NASTY), max_size=3).map(lambda parts: Literal("".join(parts))),
    st.just(NamedNode("http://example.org/x")),
)
tables = st.lists(st.tuples(cells, cells), max_size=8)


def solutions(table: list[tuple[object, object]]) -> QuerySolutions:
    rows = " ".join("(" + " ".join("UNDEF" if cell is None else str(cell) for cell in row) + ")" for row in table)
    results = Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {rows} }} }}")
    assert isinstance(results, QuerySolutions)
    return results


@given(tables, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.sampled_from(FORMATS))
def test_counted_rows_are_the_rows_however_the_bytes_are_cut(
    table: list[tuple[object, object]], sizes: list[int], form: QueryResultsFormat
) -> None:
    data = solutions(table).serialize(format=form)
    assert data is not None
    counter = row_counter(form)
    position = turn = 0
    while position < len(data):
        size = sizes[turn % len(sizes)]
        counter.feed(data[position : position + size])
        position, turn = position + size, turn + 1
    assert counter.rows == len(table)
    assert len(data) >= counter.shortest * len(table)
