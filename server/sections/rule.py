"""A rule: the query it is."""

from pyoxigraph import NamedNode

from server import queries
from server.labels import Labels, Rows
from server.language import N_
from server.rows import value
from server.sections.section import Section, terms


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:  # noqa: ARG001 a query is in no language
    """Show the query of a rule as it is written."""
    found = [value(row["query"]) for row in rows(queries.bind("section-rule", thing=thing))]
    if not found:
        return []
    context = {"query": found[0].strip()}
    covers, incoming = terms("sh:construct"), terms("prov:hadPlan")
    return [Section("query", N_("The rule as a query"), "sections/rule.html", context, covers, incoming)]
