"""The lists of things: which segment of our addresses holds which classes, and what the list is called.

The names are English words of the interface's catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg.engine import Row
from kg.terms import PREFIXES
from server import queries
from server.rows import number, value


@dataclass(frozen=True)
class Segment:
    """One list of things."""

    slug: str
    name: str
    classes: tuple[NamedNode, ...]


def _segment(slug: str, name: str, *classes: str) -> Segment:
    pairs = (written.partition(":") for written in classes)
    return Segment(slug, name, tuple(NamedNode(PREFIXES[prefix] + local) for prefix, _, local in pairs))


MAIN: Final = (
    _segment("indicator", "Indicators", "pg:Indicator"),
    _segment("edition", "Editions of the survey", "pg:SurveyEdition"),
    _segment("finding", "Findings", "pg:Finding", "pg:NumericFinding", "pg:QualitativeFinding"),
    _segment("claim", "Claims", "schema:Claim"),
    _segment(
        "organisation",
        "Organisations",
        "org:Organization",
        "org:FormalOrganization",
        "rov:RegisteredOrganization",
    ),
    _segment("person", "People", "foaf:Person"),
    _segment("policy", "Strategies and plans", "pg:PolicyDocument"),
    _segment("reform", "Reforms", "pg:Reform"),
    _segment("solution", "Shared solutions", "pg:SharedSolution"),
    _segment("funding", "Funding schemes", "pg:FundingScheme"),
    _segment("discrepancy", "Where sources differ", "pg:Discrepancy", "pg:Conflict", "pg:SeriesBreak"),
    _segment("source", "Sources", "pg:SourceArticle"),
)
"""What the front page leads to first."""

MORE: Final = (
    _segment("observation", "Observations", "qb:Observation"),
    _segment("derived", "Derived figures", "pg:DerivedObservation"),
    _segment("membership", "Roles", "org:Membership"),
    _segment("partnership", "Partnerships", "pg:Partnership"),
    _segment("dated-assertion", "Dated assertions", "pg:DatedAssertion"),
    _segment("event", "Reorganisations", "org:ChangeEvent"),
    _segment("survey", "Surveys", "pg:Survey"),
    _segment("report", "Survey reports", "pg:SurveyReport"),
    _segment("capture", "Texts of the sources", "pg:TextCapture"),
    _segment("dataset", "Data sets", "qb:DataSet"),
    _segment("rule", "Rules", "pg:Rule"),
    _segment("query", "Stored queries", "sh:SPARQLSelectExecutable", "sh:SPARQLExecutable"),
    _segment("parameter", "Parameters of the stored queries", "sh:Parameter"),
    _segment("scheme", "Code lists", "skos:ConceptScheme"),
)
"""What researchers and stewards look for."""

CODES: Final = (
    _segment("population", "Populations", "pg:Population"),
    _segment("unit-of-analysis", "Units of analysis", "pg:UnitOfAnalysis"),
    _segment("level", "Levels of the service ladder", "pg:MaturityLevel"),
    _segment("scale", "Response scales", "pg:ResponseScale"),
    _segment("kind", "Kinds of figure", "pg:Kind"),
    _segment("bound", "Bounds", "pg:Bound"),
    _segment("precision", "Precision", "pg:Precision"),
    _segment("unit", "Units", "pg:Unit"),
    _segment("period", "Periods", "pg:Period"),
    _segment("theme", "Themes", "pg:Theme"),
    _segment("confidence", "Confidence", "pg:Confidence"),
    _segment("status", "Assertion statuses", "pg:AssertionStatus"),
    _segment("policy-type", "Types of policy document", "pg:PolicyType"),
    _segment("stance", "Stances", "pg:Stance"),
    _segment("partner-role", "Partner roles", "pg:PartnerRole"),
    _segment("direction", "Directions", "pg:Direction"),
    _segment("quantifier", "Quantifiers", "pg:Quantifier"),
    _segment("finding-type", "Types of finding", "pg:FindingType"),
    _segment("discrepancy-type", "Types of discrepancy", "pg:DiscrepancyType"),
    _segment("date-aspect", "What a date concerns", "pg:DateAspect"),
    _segment("method", "Survey methods", "pg:SurveyMethod"),
)
"""The code lists."""

SEGMENTS: Final = {segment.slug: segment for segment in (*MAIN, *MORE, *CODES)}


def counts(rows: Callable[[str], list[Row]]) -> dict[str, int]:
    """Return how many things there are in each segment that has any."""
    classes = {name for segment in SEGMENTS.values() for name in segment.classes}
    found = rows(queries.bind("counts", **{"class": sorted(classes, key=str)}))
    return {value(row["segment"]): number(row, "count") for row in found if value(row["segment"]) in SEGMENTS}
