"""Names of things in the reader's language: all that a page needs, fetched with one query.

Terms of other vocabularies rarely have Norwegian names; the interface's catalogue names those we use.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES, shorten
from server import language as lang
from server import links, queries
from server.segments import SEGMENTS

Rows = Callable[[str], list[Row]]

_ORDER: Final = [
    PREFIXES["skos"] + "prefLabel",
    PREFIXES["rdfs"] + "label",
    PREFIXES["dct"] + "title",
    PREFIXES["foaf"] + "name",
    PREFIXES["sh"] + "name",
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
    "rdf:first": "First in the list",
    "rdf:rest": "Rest of the list",
    "rdf:nil": "End of the list",
    "sd:Function": "Function",
    "sh:order": "Place in the order",
    "sh:SPARQLSelectExecutable": "Stored query",
    "sh:SPARQLExecutable": "Executable SPARQL",
    "sh:Parameter": "Parameter",
    "sh:parameter": "Parameter",
    "sh:select": "SPARQL query",
    "sh:construct": "SPARQL that builds",
    "sh:path": "Property",
    "sh:alternativePath": "One of these paths",
    "sh:inversePath": "Property the other way",
    "sh:NodeShape": "SHACL shape",
    "sh:PropertyShape": "SHACL shape of a property",
    "sh:SPARQLConstraint": "Condition in SPARQL",
    "sh:PropertyGroup": "Group of properties",
    "sh:closed": "Nothing else allowed",
    "sh:ignoredProperties": "Allowed besides",
    "sh:message": "Message",
    "sh:name": "Name",
    "sh:property": "Conditions on properties",
    "sh:node": "Follows the shape",
    "sh:group": "Group",
    "sh:targetClass": "Judges things of class",
    "sh:targetNode": "Judges the thing",
    "sh:targetSubjectsOf": "Judges things with property",
    "sh:targetObjectsOf": "Judges values of property",
    "sh:minCount": "Least number of values",
    "sh:maxCount": "Greatest number of values",
    "sh:minInclusive": "Least value",
    "sh:maxInclusive": "Greatest value",
    "sh:hasValue": "Has the value",
    "sh:in": "One of these values",
    "sh:nodeKind": "Kind of value",
    "sh:pattern": "Pattern of the text",
    "sh:languageIn": "Languages allowed",
    "sh:uniqueLang": "At most one value a language",
    "sh:or": "At least one of these holds",
    "sh:xone": "Just one of these holds",
    "sh:not": "This does not hold",
    "sh:sparql": "Condition in SPARQL",
    "sh:prefixes": "Prefixes",
    "sh:declare": "Declares the prefix",
    "sh:prefix": "Prefix",
    "sh:namespace": "Namespace",
    "sh:qualifiedValueShape": "Values that follow the shape",
    "sh:qualifiedMinCount": "Least number of such values",
    "sh:qualifiedMaxCount": "Greatest number of such values",
    "prov:Association": "Part played by a program",
    "sh:class": "Class of the values",
    "sh:datatype": "Datatype of the values",
    "sh:defaultValue": "Default value",
    "sh:optional": "May be left out",
    "foaf:page": "Page",
    "qb:DimensionProperty": "Dimension",
    "qb:AttributeProperty": "Attribute",
    "qb:MeasureProperty": "Measure",
    "skos:prefLabel": "Name",
    "skos:altLabel": "Also called",
    "skos:definition": "Definition",
    "skos:scopeNote": "Note on use",
    "skos:editorialNote": "Our note",
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
    "dct:PeriodOfTime": "Period",
    "dct:type": "Type",
    "dcat:startDate": "From",
    "dcat:endDate": "Until",
    "dct:isPartOf": "Part of",
    "dct:replaces": "Replaces",
    "dct:isReplacedBy": "Replaced by",
    "dct:references": "Refers to",
    "prov:wasDerivedFrom": "Derived from",
    "prov:wasGeneratedBy": "Made by",
    "prov:hadPrimarySource": "Primary source",
    "prov:hadPlan": "Rule",
    "prov:used": "Used",
    "prov:agent": "Done by",
    "prov:qualifiedAssociation": "Carried out with",
    "prov:Person": "Person (PROV)",
    "prov:Entity": "Entity",
    "prov:Activity": "Activity",
    "prov:Plan": "Plan",
    "prov:SoftwareAgent": "Software",
    "oa:hasBody": "Evidence for",
    "oa:motivatedBy": "Purpose",
    "oa:identifying": "Points out what is meant",
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
    "schema:Claim": "Claim",
    "schema:Person": "Person (schema.org)",
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
    "qb:componentRequired": "Must be there",
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
    "graph:claims": "Claims",
    "graph:cube": "Data structure",
    "graph:derived": "Derived figures",
    "graph:discrepancies": "Where sources differ",
    "graph:editions": "Editions of the survey",
    "graph:evidence": "Places in the sources",
    "graph:inferred": "Links derived by rules",
    "graph:labels": "Names of observations",
    "graph:observations": "Observations",
    "graph:ontology": "Vocabulary",
    "graph:organisations": "Organisations",
    "graph:people": "People",
    "graph:policies": "Strategies and plans",
    "graph:qualitative": "Findings without figures",
    "graph:queries": "Stored queries",
    "graph:rules": "Rules",
    "graph:shapes-evidence": "Evidence for facts (SHACL shapes)",
    "graph:shapes-groups": "Sections of forms (SHACL shapes)",
    "graph:shapes-prefixes": "Prefixes (SHACL shapes)",
    "graph:shapes-text": "Texts (SHACL shapes)",
    "graph:solutions": "Shared solutions",
    "graph:sources": "Sources",
}
"""Terms of other vocabularies → their name in English, to be translated; a name in the graph goes first."""


_SHAPES: Final = f"{iris.GRAPH}shapes-"
_ADDRESS: Final = re.compile(r"^https?://(www\.)?")
"""What the address of another site begins with, and readers need not see."""


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
        terms |= {NamedNode(_content(term.value)) for term in terms if term.value.startswith(iris.GRAPH)}
        if not terms:
            return
        for row in rows(queries.bind("labels", thing=sorted(terms, key=str))):
            thing, source, label = row["thing"], row["property"], row["label"]
            if isinstance(thing, NamedNode) and isinstance(source, NamedNode) and isinstance(label, Literal):
                place = (lang.rank(label, self.language), _ORDER.index(source.value), label)
                self._names.setdefault(thing.value, []).append(place)

    def know(self, iri: str, names: Mapping[str, str]) -> None:
        """Take names that are known already, by language; the empty text where a name has none."""
        found = [Literal(name, language=tag) if tag else Literal(name) for tag, name in names.items()]
        self._names[iri] = [(lang.rank(name, self.language), 0, name) for name in found]

    def has(self, iri: str) -> bool:
        """Tell whether a name of a thing was found."""
        return iri in self._names

    def text(self, iri: str) -> Text:
        """Return the best name of a thing."""
        if iri in self._names:
            _, _, label = min(self._names[iri], key=lambda item: (item[0], item[1], item[2].value))
            return literal(label, self.language)
        if iri.startswith(iris.GRAPH) and _content(iri) in self._names:
            return self._of_graph(iri)
        known = KNOWN_TERMS.get(shorten(iri)) or _codes(iri)
        if known:
            return Text(lang.words(self.language).gettext(known), self.language)
        if iri.startswith(iris.ID):
            return Text(iris.slug_of(iri))
        short = shorten(iri)
        return Text(_ADDRESS.sub("", short).rstrip("/") if short == iri else short)

    def _of_graph(self, iri: str) -> Text:
        """Name a graph after what is in it."""
        content = self.text(_content(iri))
        if not iri.startswith(_SHAPES):
            return content
        message = lang.words(self.language).gettext("%(name)s (SHACL shapes)")
        return replace(content, value=message % {"name": content.value})

    def link(self, iri: str) -> Link:
        """Return the name of a thing with the address of its page."""
        return Link(iri, self.text(iri), links.page(iri, self.carried))


def by_name(counted: Iterable[tuple[Link, int]]) -> list[tuple[Link, int]]:
    """Return things with their counts in the order of their names."""
    return sorted(counted, key=lambda pair: pair[0].label.value.casefold())


def _content(graph: str) -> str:
    """Return what a named graph would be about: a shape that goes by the name of its file, or a source of figures."""
    if graph.startswith(_SHAPES):
        return PREFIXES["shape"] + graph.removeprefix(_SHAPES).title().replace("-", "")
    return f"{iris.ID}source/{iris.slug_of(graph)}"


def _codes(iri: str) -> str | None:
    """Return the name of the code list in a named graph."""
    segment = SEGMENTS.get(iri.removeprefix(f"{iris.GRAPH}codes-"))
    return segment.name if segment else None


def literal(term: Literal, language: str) -> Text:
    """Return a literal as text, saying when it stands in for the page's language."""
    tag = term.language
    return Text(term.value, tag, tag is not None and tag.split("-")[0] != language)
