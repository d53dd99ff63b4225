"""Assertions that are things of their own: a claim, a role, a partnership, a dated statement, a reorganisation."""

from pyoxigraph import NamedNode

from server import figures
from server.figures import Book
from server.labels import Labels, Rows
from server.language import N_
from server.sections import items
from server.sections.organisation import event
from server.sections.partners import partner
from server.sections.person import role
from server.sections.policy import dated
from server.sections.section import Section, terms

_COMMON = terms("pg:assertionStatus", "skos:editorialNote", "prov:wasDerivedFrom")


def _book(rows: Rows, thing: NamedNode, labels: Labels) -> Book:
    return figures.read(rows, [thing.value], labels)


def claim(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show who said it, in which role, how they stand to it, and what it is about."""
    book = _book(rows, thing, labels)
    said = items.statement(thing.value, book)
    context = {"claim": said, "note": items.text(book.thing(thing.value), "skos:editorialNote", book)}
    covered = terms(
        "schema:author", "schema:about", "schema:isPartOf", "pg:inRole", "pg:stance", "pg:stanceStatus", "dct:type"
    )  # fmt: skip
    title = N_("Who said what")
    return [Section("claim", title, "sections/claim.html", context, covered | _COMMON, terms("oa:hasBody"))]


def membership(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show who held which role where, and when that was seen."""
    found = role(thing.value, _book(rows, thing, labels))
    covered = terms("org:member", "org:organization", "pg:roleTitle", "pg:observedOn") | _COMMON
    incoming = terms("org:hasMembership", "oa:hasBody")
    return [Section("role", N_("The role"), "sections/role.html", {"role": found}, covered, incoming)]


def partnership(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what an organisation did for an edition, as the source has it."""
    found = partner(thing.value, _book(rows, thing, labels))
    covered = terms("pg:organisation", "pg:edition", "pg:partnerRole", "pg:nameAsWritten") | _COMMON
    title = N_("The partnership")
    return [Section("partner", title, "sections/partner.html", {"partner": found}, covered, terms("oa:hasBody"))]


def dated_assertion(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show when something held or happened."""
    found = dated(thing.value, _book(rows, thing, labels))
    covered = terms("pg:dateAspect", "pg:from", "pg:until", "dcat:startDate", "dcat:endDate", "dct:source") | _COMMON
    title, incoming = N_("The date"), terms("oa:hasBody", "dct:temporal")
    return [Section("dates", title, "sections/dates.html", {"dates": [found]}, covered, incoming)]


def change(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Show what there was before and after a reorganisation."""
    found = event(thing.value, _book(rows, thing, labels))
    covered = terms("dct:date", "org:originalOrganization", "org:resultingOrganization")
    return [Section("events", N_("Before and after"), "sections/events.html", {"events": [found]}, covered)]
