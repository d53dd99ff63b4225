"""What may be chosen in a stored query, and what a request chooses.

A thing is written in an address as the last part of its IRI, or as the whole IRI; a literal as itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode
from werkzeug.datastructures import MultiDict

from kg import iris
from kg.stored_queries import Parameter, StoredQuery, Term
from server.errors import BadRequest
from server.labels import Rows
from server.language import N_

_SHOWN: Final = 200
"""How much of a wrong value an error repeats. Units: characters."""

_AMONG: Final = N_("Allowed: %(allowed)s.")
_ONCE: Final = N_("Send one of these: %(allowed)s.")

Values = Mapping[str, Sequence[Term]]
"""The terms chosen for each parameter, by its name; none at all is no condition."""


class ImpossibleChoice(BadRequest):
    """A parameter of a stored query has a value that it cannot have."""

    title = "This cannot be chosen"

    def __init__(self, parameter: str, value: str, allowed: str, advice: str = _AMONG) -> None:
        super().__init__(
            N_("The parameter “%(parameter)s” cannot be “%(value)s”."),
            advice,
            parameter=parameter,
            value=value[:_SHOWN],
            allowed=allowed,
        )


@dataclass(frozen=True)
class Choices:
    """What there is to choose for a parameter in a version: terms by how an address writes them, none for literals."""

    parameter: Parameter
    terms: Mapping[str, Term]

    @property
    def allowed(self) -> str:
        """Say what may be sent."""
        if self.parameter.datatype is None:
            return ", ".join(self.terms)
        ends = (self.parameter.minimum, self.parameter.maximum)
        return " – ".join("…" if end is None else str(end) for end in ends)

    def read(self, sent: Sequence[str]) -> tuple[Term, ...]:
        """Return the terms that were sent.

        Raises: ImpossibleChoice.
        """
        name = self.parameter.name
        if self.parameter.optional and not any(sent):
            return ()
        if len(sent) > 1 and not self.parameter.many:
            raise ImpossibleChoice(name, ", ".join(sent), self.allowed, _ONCE)
        return tuple(dict.fromkeys(self._term(value) for value in sent))

    def _term(self, value: str) -> Term:
        if self.parameter.datatype is not None:
            return self._literal(value)
        term = self.terms.get(value.removeprefix(iris.ID).rpartition("/")[2] if value.startswith(iris.ID) else value)
        if term is None or (value.startswith(iris.ID) and term != NamedNode(value)):
            raise ImpossibleChoice(self.parameter.name, value, self.allowed)
        return term

    def _literal(self, value: str) -> Literal:
        datatype, low, high = self.parameter.datatype, self.parameter.minimum, self.parameter.maximum
        assert datatype is not None  # noqa: S101 - asked by `_term` alone
        fits = datatype.pattern.fullmatch(value) is not None
        if not fits or (low is not None and int(value) < low) or (high is not None and int(value) > high):
            raise ImpossibleChoice(self.parameter.name, value, self.allowed)
        return Literal(value, datatype=NamedNode(datatype.iri))


def choices(parameter: Parameter, rows: Rows) -> Choices:
    """Return what there is to choose for a parameter."""
    query = parameter.allowed()
    terms: Sequence[object] = parameter.listed if query is None else [row["value"] for row in rows(query)]
    return Choices(parameter, {written(term): term for term in terms if isinstance(term, Term)})


def written(term: Term) -> str:
    """Write a term as an address does."""
    return iris.slug_of(term.value) if isinstance(term, NamedNode) else term.value


def read(query: StoredQuery, sent: MultiDict[str, str], rows: Rows, language: str) -> Values:
    """Return what is chosen for every parameter, the default where nothing was sent; `lang` is the reader's.

    Raises: ImpossibleChoice.
    """
    chosen: dict[str, Sequence[Term]] = {}
    for parameter in query.parameters:
        values = sent.getlist(parameter.name)
        if values:
            chosen[parameter.name] = choices(parameter, rows).read(values)
        else:
            chosen[parameter.name] = (Literal(language),) if parameter.name == "lang" else parameter.default
    return chosen
