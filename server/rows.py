"""Reading the rows of an answer."""

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.engine import Row


def value(term: object) -> str:
    """Return the IRI of a node or the text of a literal, empty where there is none."""
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else ""


def number(row: Row, name: str) -> int:
    """Return a count."""
    return int(value(row[name]))


def column(rows: Iterable[Row], name: str) -> list[str]:
    """Return the IRIs in one column."""
    return [term.value for row in rows if isinstance(term := row.get(name), NamedNode)]
