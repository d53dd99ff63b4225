"""Names of things in the reader's language: all that a page needs, fetched with one query.

Terms of other vocabularies rarely have Norwegian names; the interface's catalogue names those we use.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES, shorten
from server import language as lang
from server import links, queries

Rows = Callable[[str], list[Row]]

_ORDER: Final = [
    PREFIXES["skos"] + "prefLabel",
    PREFIXES["rdfs"] + "label",
    PREFIXES["dct"] + "title",
    PREFIXES["foaf"] + "name",
]

KNOWN_TERMS: Final = {
    "rdf:type": "Class",
    "rdfs:Class": "Class",
    "rdfs:label": "Name",
    "rdfs:comment": "Comment",
    "rdfs:seeAlso": "See also",
    "rdfs:subClassOf": "Subclass of",
    "rdfs:subPropertyOf": "Subproperty of",
    "rdfs:domain": "Used on",
    "rdfs:range": "Value",
    "rdfs:isDefinedBy": "Defined by",
    "owl:sameAs": "Same as",
    "owl:equivalentClass": "Equivalent class",
    "owl:equivalentProperty": "Equivalent property",
    "owl:inverseOf": "Inverse of",
    "owl:Class": "Class",
    "owl:ObjectProperty": "Property that links things",
    "owl:DatatypeProperty": "Property with a value",
    "owl:SymmetricProperty": "Symmetric property",
    "owl:Ontology": "Ontology",
    "owl:versionInfo": "Version",
    "rdf:Property": "Property",
    "sh:order": "Place in the order",
    "qb:DimensionProperty": "Dimension",
    "qb:AttributeProperty": "Attribute",
    "qb:MeasureProperty": "Measure",
    "skos:prefLabel": "Name",
    "skos:altLabel": "Also called",
    "skos:definition": "Definition",
    "skos:scopeNote": "Note on use",
    "skos:editorialNote": "Editorial note",
    "skos:note": "Note",
    "skos:notation": "Code",
    "skos:inScheme": "In code list",
    "skos:topConceptOf": "Top concept of",
    "skos:hasTopConcept": "Top concept",
    "skos:member": "Member",
    "skos:memberList": "Members in order",
    "skos:broader": "Broader",
    "skos:narrower": "Narrower",
    "skos:related": "Related",
    "skos:exactMatch": "Exact match",
    "skos:closeMatch": "Close match",
    "skos:Concept": "Concept",
    "skos:ConceptScheme": "Code list",
    "skos:Collection": "Collection",
    "xkos:next": "Next step",
    "xkos:previous": "Previous step",
    "dct:title": "Title",
    "dct:description": "Description",
    "dct:source": "Source",
    "dct:alternative": "Alternative title",
    "dct:date": "Date",
    "dct:identifier": "Identifier",
    "dct:issued": "Published",
    "dct:publisher": "Publisher",
    "dct:creator": "Author",
    "dct:language": "Language",
    "dct:license": "Licence",
    "dct:temporal": "Period",
    "dct:isPartOf": "Part of",
    "dct:replaces": "Replaces",
    "dct:isReplacedBy": "Replaced by",
    "dct:references": "Refers to",
    "prov:wasDerivedFrom": "Derived from",
    "prov:wasGeneratedBy": "Made by",
    "prov:hadPrimarySource": "Primary source",
    "prov:hadPlan": "Rule",
    "prov:used": "Used",
    "prov:Entity": "Entity",
    "prov:Activity": "Activity",
    "prov:Plan": "Plan",
    "prov:SoftwareAgent": "Software",
    "oa:hasBody": "Evidence for",
    "oa:hasTarget": "Place",
    "oa:hasSource": "In the text",
    "oa:hasSelector": "Selected by",
    "oa:start": "From character",
    "oa:end": "To character",
    "oa:exact": "Expression",
    "oa:Annotation": "Evidence",
    "oa:SpecificResource": "Place in a text",
    "oa:TextPositionSelector": "Position",
    "oa:TextQuoteSelector": "Quoted expression",
    "foaf:name": "Proper name",
    "foaf:Person": "Person",
    "org:Organization": "Organisation",
    "org:FormalOrganization": "Formal organisation",
    "org:OrganizationalUnit": "Unit of an organisation",
    "org:Membership": "Role",
    "org:ChangeEvent": "Reorganisation",
    "org:member": "Person",
    "org:organization": "Organisation",
    "org:hasMembership": "Roles",
    "org:originalOrganization": "Before the reorganisation",
    "org:resultingOrganization": "After the reorganisation",
    "org:changedBy": "Reorganised by",
    "org:resultedFrom": "Came from",
    "org:unitOf": "Unit of",
    "org:hasUnit": "Has unit",
    "org:subOrganizationOf": "Part of",
    "rov:RegisteredOrganization": "Registered organisation",
    "rov:registration": "Registration",
    "adms:Identifier": "Identifier",
    "adms:schemaAgency": "Given by",
    "schema:Claim": "Statement",
    "schema:mentions": "Mentions",
    "schema:author": "Stated by",
    "schema:about": "About",
    "schema:isPartOf": "Part of",
    "eli:LegalResource": "Legal resource",
    "qb:Observation": "Observation",
    "qb:DataSet": "Data set",
    "qb:DataStructureDefinition": "Data structure",
    "qb:dataSet": "Data set",
    "qb:structure": "Structure",
    "qb:component": "Component",
    "qb:ComponentSpecification": "Component",
    "qb:CodedProperty": "Property with codes",
    "qb:dimension": "Dimension",
    "qb:attribute": "Attribute",
    "qb:measure": "Measure",
    "qb:order": "Place in the order",
    "qb:codeList": "Code list",
    "qb:concept": "Concept",
    "sdmx-dimension:refPeriod": "Reference period",
    "sdmx-measure:obsValue": "Value",
    "sdmx-attribute:unitMeasure": "Unit",
    "sdmx-attribute:obsStatus": "Status",
}
"""Terms of other vocabularies → their name in English, to be translated; a name in the graph goes first."""


@dataclass(frozen=True)
class Text:
    """A piece of text with its language, and whether it stands in for the page's own language."""

    value: str
    lang: str | None = None
    fallback: bool = False


@dataclass(frozen=True)
class Link:
    """Something named, and where to read about it."""

    iri: str
    label: Text
    href: str | None


@dataclass
class Labels:
    """Collects the things a page mentions, names them all with one query."""

    language: str
    carried: Mapping[str, str] = field(default_factory=dict)
    _names: dict[str, list[tuple[int, int, Literal]]] = field(default_factory=dict)

    def fetch(self, rows: Rows, things: Iterable[object]) -> None:
        """Read the names of things; those without any keep the end of their IRI."""
        terms = {term for term in things if isinstance(term, NamedNode) and term.value not in self._names}
        if not terms:
            return
        for row in rows(queries.bind("labels", thing=sorted(terms, key=str))):
            thing, source, label = row["thing"], row["property"], row["label"]
            if isinstance(thing, NamedNode) and isinstance(source, NamedNode) and isinstance(label, Literal):
                place = (lang.rank(label, self.language), _ORDER.index(source.value), label)
                self._names.setdefault(thing.value, []).append(place)

    def text(self, iri: str) -> Text:
        """Return the best name of a thing."""
        if iri in self._names:
            _, _, label = min(self._names[iri], key=lambda item: (item[0], item[1], item[2].value))
            return literal(label, self.language)
        known = KNOWN_TERMS.get(shorten(iri))
        if known:
            return Text(lang.words(self.language).gettext(known), self.language)
        return Text(shorten(iri) if not iri.startswith(iris.ID) else iris.slug_of(iri))

    def link(self, iri: str) -> Link:
        """Return the name of a thing with the address of its page."""
        return Link(iri, self.text(iri), links.page(iri, self.carried))


def literal(term: Literal, language: str) -> Text:
    """Return a literal as text, saying when it stands in for the page's language."""
    tag = term.language
    return Text(term.value, tag, tag is not None and tag.split("-")[0] != language)
