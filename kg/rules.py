"""Rules: CONSTRUCT queries whose conclusions go to graphs of their own, stratum by stratum.

A rule is a `pg:Rule` of `ontology/rules.ttl` with an order and a target graph; its query is `ontology/rules/<slug>.rq`,
which the build puts into the graph as `sh:construct`. The rules that are run are those in the dataset.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import pyoxigraph as ox

from kg import iris, terms
from kg.errors import Fault
from kg.files import Folders, Place, Reading, read_text
from kg.predicates import read_by

_PG, _SH = terms.PREFIXES["pg"], terms.PREFIXES["sh"]
_RDF_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_CONSTRUCT = ox.NamedNode(_SH + "construct")
_ORDER = ox.NamedNode(_SH + "order")
TARGET_GRAPH: Final = ox.NamedNode(_PG + "targetGraph")
_MOST_ROUNDS = 20
_NO_CONSTRUCT = "a rule has to be a CONSTRUCT query: what it constructs is what it concludes"


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One rule: where it stands in the order, its IRI, the graph it writes to and its query."""

    order: int
    iri: str
    target: str
    construct: str

    @property
    def reads(self) -> frozenset[str] | None:
        """The predicates that the rule may read, None for any."""
        return read_by(self.construct)

    def may_read(self, predicates: Collection[str]) -> bool:
        """Tell whether triples with these predicates can matter to the rule."""
        return bool(predicates) if self.reads is None else not self.reads.isdisjoint(predicates)


def read_rules(folders: Folders, reading: Reading) -> None:
    """Add the text of every rule file to the graph of the rules, checking its syntax."""
    graph = ox.NamedNode(iris.graph("rules"))
    for path in folders.rules():
        name, text = folders.name(path), read_text(path, folders, reading.faults)
        if text is None:
            continue
        try:
            is_construct = isinstance(ox.Store().query(text), ox.QueryTriples)
        except SyntaxError as error:
            reading.faults.append(Fault(name, error.lineno or 1, error.offset or 1, error.msg))
            continue
        if not is_construct:
            reading.faults.append(Fault(name, 1, 1, _NO_CONSTRUCT))
            continue
        rule = ox.NamedNode(iris.entity("rule", path.stem))
        reading.add(ox.Quad(rule, _CONSTRUCT, ox.Literal(text), graph), Place(name, 1))


def rules_of(store: ox.Store) -> list[Rule]:
    """Return the rules of a dataset in the order they are run; the shapes tell of what is no rule."""
    rules = []
    for quad in store.quads_for_pattern(None, _CONSTRUCT, None):
        order = _whole(_only(store, quad.subject, _ORDER))
        target = _only(store, quad.subject, TARGET_GRAPH)
        if order is not None and isinstance(target, ox.NamedNode) and isinstance(quad.object, ox.Literal):
            rules.append(Rule(order, str(quad.subject), target.value, quad.object.value))
    return sorted(rules)


def is_of_rule(quad: ox.Quad) -> bool:
    """Tell whether a quad makes a rule the rule it is, in whichever graph."""
    return quad.predicate in (_CONSTRUCT, _ORDER, TARGET_GRAPH)


def _only(store: ox.Store, subject: ox.NamedNode | ox.BlankNode | ox.Triple, predicate: ox.NamedNode) -> object:
    """Return the value of a property; of several always the same one, whatever the order they came in."""
    found = (quad.object for quad in store.quads_for_pattern(subject, predicate, None))
    return min(found, key=str, default=None)


def _whole(term: object) -> int | None:
    """Return the whole number that a literal is, None for anything else."""
    try:
        return int(term.value) if isinstance(term, ox.Literal) else None
    except ValueError:
        return None


def apply(store: ox.Store) -> int:
    """Run all rules to a fixed point within each stratum; return how many quads they added.

    Raises: RuntimeError when a stratum does not come to rest; SyntaxError when a rule is no CONSTRUCT query.
    """
    before = len(store)
    run(store, rules_of(store))
    return len(store) - before


def run(store: ox.Store, rules: Iterable[Rule]) -> None:
    """Run some rules, in their order, to a fixed point within each stratum.

    Raises: RuntimeError when a stratum does not come to rest; SyntaxError when a rule is no CONSTRUCT query.
    """
    for order, stratum in groupby(rules, key=lambda rule: rule.order):
        members = list(stratum)
        waiting = members
        for _ in range(_MOST_ROUNDS):
            concluded = set[str]().union(*(_conclude(store, rule) for rule in waiting))
            if not (waiting := [rule for rule in members if rule.may_read(concluded)]):
                break
        else:
            raise RuntimeError(f"the rules of order {order} do not come to rest after {_MOST_ROUNDS} rounds")


def _conclude(store: ox.Store, rule: Rule) -> set[str]:
    """Run a rule once; return the predicates it concluded with, none if all was known."""
    graph = ox.NamedNode(rule.target)
    try:
        triples = store.query(rule.construct, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise SyntaxError(f"{rule.iri}: {error}") from error
    if not isinstance(triples, ox.QueryTriples):
        raise SyntaxError(f"{rule.iri}: {_NO_CONSTRUCT}")  # noqa: TRY004 - the text of the query is wrong
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
    before = len(store)
    store.extend(quads)
    return {quad.predicate.value for quad in quads} if len(store) > before else set()


def targets(store: ox.Store) -> set[str]:
    """Return the graphs that only rules write to."""
    return {rule.target for rule in rules_of(store)}
