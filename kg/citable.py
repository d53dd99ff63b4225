"""The hash of an answer, which anybody can recompute from the answer in any format that keeps the terms whole.

What is hashed is a text in UTF-8, each line ended by a line feed, the first line the name of this rule:

    praksisgrafen-answer-1
    ?finding⇥?value                      SELECT: the variables as the answer has them, with tabs between
    <https://…/x>⇥"33.3"^^<…#decimal>    and a line for each solution, sorted unless the query itself has ORDER BY

ASK has one line, `true` or `false`; CONSTRUCT and DESCRIBE have the canonical N-Triples of RDFC-1.0, sorted, each once.
Terms are written as canonical N-Triples, an unbound variable as nothing; sorted is by code point. The hash is SHA-256.
Source: https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples, https://www.w3.org/TR/rdf-canon/
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from kg.engine import Answer, Form, Formats, Limits, Term
from kg.engine.apart import Apart
from kg.engine.lexer import Token, tokens
from kg.engine.volatile import is_repeatable, keyword
from kg.errors import N_, NotCitable

ALGORITHM: Final = "praksisgrafen-answer-1"
FORMATS: Final = Formats(QueryResultsFormat.JSON, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES)
"""What an answer has to be asked for as, to be read here."""
MOST_ROWS: Final = 10_000
MOST_BYTES: Final = 8 * 2**20
"""A larger answer has no hash: whoever opens its link would wait for it to be made and compared."""
_NAMING: Final = Limits(timeout=5.0, memory=256 * 2**20)
"""What naming the blank nodes of a graph may take; there are graphs that would take for ever."""
_APART: Final = Apart("kg.citable")
_STATEMENT: Final = ("subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class Row:
    """One solution or statement: the line that is hashed, and its terms, None for an unbound variable."""

    line: str
    terms: tuple[Term | None, ...]


@dataclass(frozen=True)
class Result:
    """An answer as it is hashed; that of ASK has one row without terms."""

    form: Form
    columns: tuple[str, ...]
    rows: Sequence[Row]

    @cached_property
    def document(self) -> bytes:
        """The text that is hashed, in UTF-8."""
        head = ["\t".join(f"?{name}" for name in self.columns)] if self.form == "SELECT" else []
        return "".join(f"{line}\n" for line in (ALGORITHM, *head, *(row.line for row in self.rows))).encode()

    @cached_property
    def digest(self) -> str:
        """The hash, in hexadecimal digits."""
        return hashlib.sha256(self.document).hexdigest()


@dataclass(frozen=True)
class Difference:
    """What one answer has that the other has not, in the order of the answer it stands in."""

    added: Sequence[Row]
    removed: Sequence[Row]


def read(query: str, answer: Answer) -> Result:
    """Read an answer in `FORMATS`.

    Raises: NotCitable when it has blank nodes that no rule can name; what `Apart.call` raises.
    """
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        return Result(answer.form, _STATEMENT, _statements(answer.read()))
    found = parse_query_results(answer.read(), QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        return Result("ASK", (), [Row("true" if found else "false", ())])
    columns = tuple(variable.value for variable in found.variables)
    rows = [_row(tuple(solution)) for solution in found]
    return Result("SELECT", columns, rows if Order.of(query).is_given else _sorted(rows))


def _row(terms: tuple[Term | None, ...]) -> Row:
    if any(isinstance(term, BlankNode) or (isinstance(term, Triple) and _blank(term)) for term in terms):
        raise _nameless()
    return Row("\t".join("" if term is None else _written(term) for term in terms), terms)


def _nameless() -> NotCitable:
    return NotCitable(
        N_("The answer has blank nodes, which have no name that lasts."),
        N_("Ask for what stands around them, or make a graph with CONSTRUCT: its blank nodes can be named."),
    )


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.line)


def _statements(written: bytes) -> list[Row]:
    triples = list(parse(written, RdfFormat.N_TRIPLES))
    if any(isinstance(one.triple.object, Triple) and _blank(one.triple.object) for one in triples):
        raise _nameless()  # RDFC-1.0 says nothing of triple terms
    if any(_blank(triple.triple) for triple in triples):
        triples = list(parse(_APART.call(_NAMING, canonical, written), RdfFormat.N_TRIPLES))
    found = {line(triple.triple): triple.triple for triple in triples}
    return _sorted(Row(text, (one.subject, one.predicate, one.object)) for text, one in found.items())


def _blank(triple: Triple) -> bool:
    return any(
        isinstance(term, BlankNode) or (isinstance(term, Triple) and _blank(term))
        for term in (triple.subject, triple.object)
    )


def line(triple: Triple) -> str:
    """Write a statement as a line of canonical N-Triples, without its end."""
    return f"{triple.subject} {triple.predicate} {_written(triple.object)} ."


def _written(term: Term) -> str:
    """Write a term as canonical N-Triples does; the library leaves out what stands around a triple term."""
    return f"<<( {' '.join(map(_written, term))} )>>" if isinstance(term, Triple) else str(term)


def canonical(written: bytes) -> bytes:
    """Give the blank nodes of a graph in N-Triples the names that RDFC-1.0 gives them; may take for ever."""
    dataset = Dataset(Quad(*parsed.triple) for parsed in parse(written, RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(f"{line(quad.triple)}\n" for quad in dataset).encode()


def difference(before: Result, after: Result) -> Difference:
    """Compare two answers to one query as collections of rows, in which a row may stand several times."""
    old, new = (Counter(row.line for row in result.rows) for result in (before, after))
    return Difference(_left(after.rows, new - old), _left(before.rows, old - new))


def _left(rows: Sequence[Row], counts: Counter[str]) -> list[Row]:
    found = []
    for row in rows:
        if counts[row.line]:
            counts[row.line] -= 1
            found.append(row)
    return found


def refuse_unrepeatable(query: str) -> None:
    """Refuse a query that may answer differently each time it is asked of the same version.

    Raises: NotCitable.
    """
    if not is_repeatable(query):
        raise NotCitable(
            N_("The query asks for what is new each time: the hour, a random value, a blank node or another server."),
            N_("Leave out RAND, NOW, UUID, STRUUID, BNODE and SERVICE."),
        )


@dataclass(frozen=True, slots=True)
class Order:
    """What the query says of the order of its rows: whether it has ORDER BY itself, and by which variables.

    `variables` is None where the rows are ordered by more than variables. `is_cut_at_will` tells that there is a LIMIT
    or OFFSET, here or in a subquery, where no ORDER BY says which rows these are.
    """

    is_given: bool
    variables: tuple[str, ...] | None
    is_cut_at_will: bool
    is_gathered: bool
    """Whether GROUP_CONCAT or SAMPLE is used, whose values depend on the order in which rows are found."""

    @classmethod
    def of(cls, query: str) -> "Order":
        """Read the order of a valid query."""
        found = list(tokens(query))
        words = [keyword(token) for token in found]
        levels = _levels(found, words)
        own = levels[-1]
        is_ask = next((word for word in words if word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), "") == "ASK"
        cut = levels[:-1] if is_ask else levels
        return cls(
            is_given="ORDER" in own,
            variables=_variables(found[own["ORDER"] :]) if "ORDER" in own else (),
            is_cut_at_will=any({"LIMIT", "OFFSET"} & level.keys() and "ORDER" not in level for level in cut),
            is_gathered=any(word in ("GROUP_CONCAT", "SAMPLE") for word in words),
        )

    def leaves_open(self, result: Result) -> bool:
        """Tell whether rows that differ may change places without breaking the order."""
        if not self.is_given or result.form != "SELECT":
            return False
        if self.variables is None or not set(self.variables) <= set(result.columns):
            return len({row.line for row in result.rows}) > 1
        places = [result.columns.index(name) for name in self.variables]
        lines: dict[tuple[object, ...], str] = {}
        return any(
            lines.setdefault(tuple(_rank(row.terms[p]) for p in places), row.line) != row.line for row in result.rows
        )


def _rank(term: Term | None) -> object:
    """Return what is the same for terms that ORDER BY may not tell apart: equal numbers, texts in two languages."""
    if not isinstance(term, Literal):
        return term
    try:
        number = float(term.value)
    except ValueError:
        return term.value
    return term.value if math.isnan(number) else number


_MODIFIERS: Final = ("ORDER", "LIMIT", "OFFSET")


def _levels(found: Sequence[Token], words: Sequence[str]) -> list[dict[str, int]]:
    """Return for each pair of braces, and last for the query itself, where its solution modifiers begin."""
    opened: list[dict[str, int]] = [{}]
    closed: list[dict[str, int]] = []
    for place, (token, word) in enumerate(zip(found, words, strict=True)):
        if token.text == "{":
            opened.append({})
        elif token.text == "}" and len(opened) > 1:
            closed.append(opened.pop())
        for modifier in _MODIFIERS:
            if word.startswith(modifier):
                opened[-1].setdefault(modifier, place)
    return [*closed, opened[0]]


def _variables(after: Sequence[Token]) -> tuple[str, ...] | None:
    """Return the variables that an ORDER BY names, None where it names anything else."""
    names = []
    for token in after:
        word = keyword(token)
        if word.startswith(("LIMIT", "OFFSET", "VALUES")):
            break
        if token.kind == "variable":
            names.append(token.text[1:])
        elif word not in ("ORDER", "BY", "ASC", "DESC") and token.text not in ("(", ")"):
            return None
    return tuple(names)
