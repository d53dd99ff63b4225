"""What each class adds to the shared page of a thing.

A builder belongs to classes. To plug one in, write `build` in a module and add it to `BUILDERS`; the page renders the
sections in the order of that table.
"""

from collections.abc import Collection
from typing import Final

from pyoxigraph import NamedNode

from server.labels import Labels, Rows
from server.sections import (
    assertions,
    codes,
    discrepancy,
    edition,
    finding,
    indicator,
    ladder,
    observation,
    organisation,
    person,
    policy,
    rule,
    source,
)
from server.sections.section import Builder, Section, terms

__all__ = ["BUILDERS", "Builder", "Section", "sections", "terms"]


def _scheme(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show a code list as a ladder where its codes are steps, else as a list."""
    return ladder.build(rows, thing, labels) or codes.scheme(rows, thing, labels)


BUILDERS: Final[tuple[tuple[frozenset[str], Builder], ...]] = (
    (terms("pg:Finding", "pg:NumericFinding", "pg:QualitativeFinding"), finding.build),
    (terms("qb:Observation", "pg:DerivedObservation"), observation.build),
    (terms("pg:Discrepancy", "pg:Conflict", "pg:SeriesBreak"), discrepancy.build),
    (terms("foaf:Person"), person.build),
    (terms("org:Organization", "org:FormalOrganization", "rov:RegisteredOrganization"), organisation.build),
    (terms("pg:PolicyDocument", "pg:Reform", "pg:SharedSolution", "pg:FundingScheme"), policy.build),
    (terms("pg:SurveyEdition"), edition.build),
    (terms("pg:SourceArticle"), source.build),
    (terms("pg:TextCapture"), source.capture),
    (terms("pg:Indicator"), indicator.build),
    (terms("pg:Rule"), rule.build),
    (terms("skos:ConceptScheme"), _scheme),
    (terms("skos:Concept"), codes.concept),
    (terms("schema:Claim"), assertions.claim),
    (terms("org:Membership"), assertions.membership),
    (terms("pg:Partnership"), assertions.partnership),
    (terms("pg:DatedAssertion"), assertions.dated_assertion),
    (terms("org:ChangeEvent"), assertions.change),
)
"""Classes → what makes their sections."""


def sections(rows: Rows, iri: str, classes: Collection[str], labels: Labels) -> list[Section]:
    """Return what the classes of a thing add to its page."""
    thing, held = NamedNode(iri), frozenset(classes)
    return [section for wanted, build in BUILDERS if wanted & held for section in build(rows, thing, labels)]
