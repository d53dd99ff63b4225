"""The face of a thing in schema.org, for the JSON-LD in the head of its page; the RDF itself is the whole truth."""

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.terms import PREFIXES
from server.labels import Labels
from server.values import best

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_MOST: Final = 50
"""How many values of one property are told."""


def _expand(names: Mapping[str, str]) -> dict[str, str]:
    split = ((term.partition(":"), said) for term, said in names.items())
    return {PREFIXES[prefix] + local: said for (prefix, _, local), said in split}


_CLASSES: Final = _expand({
    "foaf:Person": "Person",
    "org:OrganizationalUnit": "Organization",
    "org:Organization": "Organization",
    "org:Membership": "OrganizationRole",
    "org:ChangeEvent": "Event",
    "pg:NumericFinding": "Observation",
    "qb:Observation": "Observation",
    "pg:DerivedObservation": "Observation",
    "pg:QualitativeFinding": "Claim",
    "schema:Claim": "Claim",
    "pg:SourceArticle": "Article",
    "pg:SurveyReport": "Report",
    "pg:Survey": "CreativeWorkSeries",
    "pg:SurveyEdition": "CreativeWork",
    "pg:PolicyDocument": "CreativeWork",
    "pg:FundingScheme": "FundingScheme",
    "pg:SharedSolution": "Service",
    "qb:DataSet": "Dataset",
    "pg:Indicator": "StatisticalVariable",
    "skos:ConceptScheme": "DefinedTermSet",
    "skos:Concept": "DefinedTerm",
})  # fmt: skip
"""Classes → types, what says most first."""
_WORKS: Final = {"Article", "Report", "CreativeWork", "CreativeWorkSeries", "Dataset", "Claim"}
_LINKS: Final = _expand({
    "dct:publisher": "publisher",
    "dct:creator": "author",
    "schema:author": "author",
    "schema:about": "about",
    "schema:mentions": "mentions",
    "schema:isPartOf": "isPartOf",
    "skos:inScheme": "inDefinedTermSet",
    "org:subOrganizationOf": "parentOrganization",
    "org:unitOf": "parentOrganization",
    "org:hasUnit": "subOrganization",
    "pg:indicator": "variableMeasured",
    "pg:population": "observationAbout",
    "qb:dataSet": "isPartOf",
})  # fmt: skip
_TEXTS: Final = _expand({
    "dct:description": "description",
    "skos:definition": "description",
    "skos:altLabel": "alternateName",
    "dct:title": "headline",
    "dct:identifier": "identifier",
    "dct:issued": "datePublished",
    "skos:notation": "termCode",
    "pg:roleTitle": "roleName",
})  # fmt: skip
_SAME: Final = _expand({"owl:sameAs": "sameAs", "skos:exactMatch": "sameAs"})
_ONLY_OF: Final = {
    "variableMeasured": {"Observation"},
    "observationAbout": {"Observation"},
    "headline": _WORKS,
    "publisher": _WORKS,
    "datePublished": _WORKS,
    "author": _WORKS,
    "about": _WORKS,
    "mentions": _WORKS,
    "isPartOf": _WORKS,
    "inDefinedTermSet": {"DefinedTerm"},
    "termCode": {"DefinedTerm"},
}
"""Which types a property is defined for; others are for all."""
_SOURCE: Final = PREFIXES["prov"] + "wasDerivedFrom"
_VALUES: Final = (PREFIXES["pg"] + "value", PREFIXES["sdmx-measure"] + "obsValue")
_UNIT: Final = PREFIXES["sdmx-attribute"] + "unitMeasure"
_PERIOD: Final = PREFIXES["sdmx-dimension"] + "refPeriod"
_AMOUNTS: Final = {iris.entity("bound", "lower"): "minValue", iris.entity("bound", "upper"): "maxValue"}
_CODES: Final = {iris.entity("unit", "percent"): "P1"}
"""Units → their codes in UN/CEFACT Recommendation 20."""
_VOID: Final = ("/not-applicable", "/not-stated")

Statements = Mapping[str, Sequence[object]]


def types(classes: Collection[str]) -> list[str]:
    """Return the types of schema.org for the classes of a thing; an indicator is a term as well."""
    found = dict.fromkeys(said for name, said in _CLASSES.items() if name in classes)
    return list(found) or ["Thing"]


def face(iri: str, statements: Statements, classes: Collection[str], labels: Labels, version: int) -> dict[str, Any]:
    """Return a thing as JSON-LD, from what the graph says; the names of what it links to have to have been fetched."""
    kinds = types(classes)
    name = labels.text(iri)
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": iri,
        "@type": kinds[0] if len(kinds) == 1 else kinds,
        "name": name.value,
        "url": iri,
    }
    for term, said in _TEXTS.items():
        _put(found, kinds, said, [one.value for one in _literals(statements.get(term, ()), labels)])
    for term, said in _LINKS.items():
        _put(found, kinds, said, [_node(one, labels) for one in _nodes(statements.get(term, ()))])
    for term, said in _SAME.items():
        _put(found, kinds, said, _nodes(statements.get(term, ())))
    sources = [_node(one, labels) for one in _nodes(statements.get(_SOURCE, ()))]
    _put(found, kinds, "isBasedOn" if _WORKS & set(kinds) else "subjectOf", sources)
    if "Observation" in kinds:
        found |= _amount(statements, labels)
    found["mainEntityOfPage"] = _in_the_data_set("WebPage", labels.language, version)
    return found


def page(address: str, kind: str, title: str, language: str, version: int) -> dict[str, Any]:
    """Return a page that is about no single thing as JSON-LD; `kind` is a type of schema.org."""
    named = {"@context": "https://schema.org", "@id": address, "url": address, "name": title}
    return named | _in_the_data_set(kind, language, version)


def _in_the_data_set(kind: str, language: str, version: int) -> dict[str, Any]:
    return {
        "@type": kind,
        "inLanguage": language,
        "license": LICENCE,
        "isPartOf": {"@type": "Dataset", "@id": iris.BASE, "name": "Praksisgrafen", "version": str(version)},
    }


def script(data: Mapping[str, Any]) -> Markup:
    """Write JSON-LD so that nothing in it can end the element it stands in."""
    return Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 nothing is left to escape


def _put(found: dict[str, Any], kinds: Collection[str], name: str, values: Sequence[object]) -> None:
    if not values or not _ONLY_OF.get(name, set(kinds)) & set(kinds):
        return
    before = found.get(name, [])
    every = [*(before if isinstance(before, list) else [before]), *values][:_MOST]
    found[name] = every[0] if len(every) == 1 else every


def _literals(terms: Sequence[object], labels: Labels) -> list[Literal]:
    return best(terms, labels)


def _nodes(terms: Sequence[object]) -> list[str]:
    return [term.value for term in terms if isinstance(term, NamedNode) and not term.value.endswith(_VOID)]


def _node(iri: str, labels: Labels) -> dict[str, str]:
    return {"@id": iri, "name": labels.text(iri).value}


def _amount(statements: Statements, labels: Labels) -> dict[str, Any]:
    """Return a figure with its unit and year; one that is only a bound is a least or largest value."""
    found: dict[str, Any] = {}
    bounds = _nodes(statements.get(PREFIXES["pg"] + "bound", ()))
    for term in (term for name in _VALUES for term in statements.get(name, ()) if isinstance(term, Literal)):
        found[next((_AMOUNTS[one] for one in bounds if one in _AMOUNTS), "value")] = _number(term.value)
    for unit in _nodes(statements.get(_UNIT, ())):
        found["unitText"] = labels.text(unit).value
        found |= {"unitCode": _CODES[unit]} if unit in _CODES else {}
    for period in _nodes(statements.get(_PERIOD, ())):
        found["observationDate"] = iris.slug_of(period)
    return found


def _number(written: str) -> int | float | str:
    """Return a decimal as a number of JSON."""
    try:
        number = Decimal(written)
    except InvalidOperation:
        return written
    return int(number) if number == number.to_integral_value() else float(number)
