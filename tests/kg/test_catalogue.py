"""The numbers of a version, held against what rdflib counts; code lists, held against SKOS-AP-NO-Begrep."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import RDF, SH, SKOS, Graph, URIRef
from rdflib.term import Node

from kg import files, iris, statistics, void
from kg.engine import Row
from kg.engine.embedded import EmbeddedEngine
from kg.statements import NAMESPACES, Statements, iri
from kg.statistics import Statistics
from kg.terms import PREFIXES
from kg.versions import Home

VOID = NAMESPACES["void"]


@pytest.fixture(scope="module")
def counted(graph: ox.Store) -> Statistics:
    """Count the real graph."""
    return statistics.count(EmbeddedEngine(graph).rows)


@pytest.fixture(scope="module")
def copy(graph: ox.Store) -> Graph:
    """Read the real graph with another library."""
    text = ox.serialize({quad.triple for quad in graph}, format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=text, format="nt")


def test_every_total_is_what_rdflib_counts(counted: Statistics, copy: Graph) -> None:
    """Triples, things, subjects, objects, classes and properties are right to the number."""
    subjects = {str(subject) for subject in copy.subjects()}
    assert counted.triples == len(copy) > 10_000
    assert counted.subjects == len(subjects)
    assert counted.objects == len(set(copy.objects()))
    assert counted.entities == len([one for one in subjects if one.startswith(iris.ID)])
    assert counted.class_count == len(set(copy.objects(None, RDF.type)))
    assert counted.property_count == len(set(copy.predicates()))


def test_every_part_is_what_rdflib_counts(counted: Statistics, copy: Graph) -> None:
    """Each class with its things, each property with its triples, subjects and objects."""
    classes: dict[str, set[Node]] = defaultdict(set)
    for thing, kind in copy.subject_objects(RDF.type):
        classes[str(kind)].add(thing)
    assert {one.iri: one.entities for one in counted.classes} == {name: len(them) for name, them in classes.items()}
    for used in counted.properties:
        pairs = list(copy.subject_objects(URIRef(used.iri)))
        subjects, objects = ({pair[side] for pair in pairs} for side in (0, 1))
        assert (used.triples, used.subjects, used.objects) == (len(pairs), len(subjects), len(objects)), used.iri
    assert sum(used.triples for used in counted.properties) == counted.triples


def test_links_lead_to_others_and_are_all_counted(counted: Statistics, copy: Graph) -> None:
    """Wikidata and QUDT are among the targets, and the number of links is that of the triples."""
    same = PREFIXES["owl"] + "sameAs"
    told = Counter({(one.property, one.space): one.triples for one in counted.links})
    assert told[same, "http://www.wikidata.org/"] == len(list(copy.subject_objects(URIRef(same)))) > 0
    assert told[PREFIXES["skos"] + "exactMatch", "http://qudt.org/"] > 0
    assert not any(space.startswith("https://w3id.org/praksisgrafen") for _, space in told)


def test_what_is_counted_is_kept_with_its_version(
    graph: ox.Store, counted: Statistics, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The second time, no query is asked; and it says the same."""
    home = Home(tmp_path_factory.mktemp("counted"), durable=False)
    version, _ = home.publish(graph, "tests", "the real graph", {})
    rows = EmbeddedEngine(graph).rows
    assert statistics.of_version(home.path, version, rows) == counted

    def refuse(query: str) -> Iterator[Row]:
        raise AssertionError(query)

    assert statistics.of_version(home.path, version, refuse) == counted


def test_any_class_and_any_site_has_a_part_with_an_iri_of_its_own() -> None:
    """What clients may write is no reason to fail: strange IRIs get parts too, and none stands for two."""
    strange = ("http://[::1]/a/", "http://user:x@host/", "https://example.org/", "http://example.org/")
    found = Statistics(
        triples=4,
        entities=1,
        subjects=1,
        objects=4,
        class_count=2,
        property_count=1,
        classes=(statistics.Class("urn:x:1", 1), statistics.Class("dct:A/B?c=d", 1)),
        properties=(statistics.Property("tag:a,b'c", 4, 1, 4),),
        links=tuple(statistics.Links(PREFIXES["owl"] + "sameAs", space, 1) for space in strange),
        examples=(),
    )
    document = Statements()
    void.describe(document, iris.BASE, found, {})
    spaces = [triple for triple in document.triples if triple.predicate == iri("void:uriSpace")]
    assert len({triple.subject for triple in spaces}) == len(strange) + 1
    assert len({triple.subject for triple in document.triples if triple.predicate == iri("void:linkPredicate")}) == 4
    assert ox.NamedNode("dct:A/B?c=d") in {triple.object for triple in document.triples}
    assert list(ox.parse(document.written(ox.RdfFormat.RDF_XML), format=ox.RdfFormat.RDF_XML))


NOT_FOR_CODES = {
    "hasMin1MaxNShape-dctIdentifier": "a code is identified by its IRI; a concept of a term base has a number as well",
    "hasMin1Max1Shape-dctIdentifier": "the same, of a list",
    "hasMin1MaxNShape-dcatContactPoint": "whom to ask is said of the whole data set, in the catalogue",
    "hasMin1Max1Shape-dctPublisher": "who publishes is a setting, and said of the whole data set in the catalogue",
    "hasMin1MaxNShape-dctTitle": "lists are called by skos:prefLabel like everything else here",
}
"""Rules for descriptions of concepts in a term base (begrepsbeskrivelser) that ask of a code what is said elsewhere."""
OF_OTHERS = {"hasMin0MaxNShape-skosExactMatch", "hasMin0MaxNShape-skosCloseMatch"}
"""Rules that want to see the class of what a code is matched with. The units of QUDT and the years of data.gov.uk are
described there; that they are concepts follows from being matched (SKOS, S19), which the shapes do not infer."""


@pytest.fixture(scope="module")
def code_lists(folders: files.Folders) -> Graph:
    """Read the code lists."""
    lists = Graph()
    for path in sorted((folders.ontology / "codes").glob("*.ttl")):
        lists.parse(path)
    return lists


def _results(shapes: Path, data: Graph) -> list[tuple[str, str, str]]:
    """Return the shape, the focus node and the value of each result."""
    rules = Graph().parse(shapes)
    _, report, _ = pyshacl.validate(data, shacl_graph=rules)
    assert isinstance(report, Graph)
    found = []
    for result in report.subjects(RDF.type, SH.ValidationResult):
        shape, node, value = (report.value(result, name) for name in (SH.sourceShape, SH.focusNode, SH.value))
        found.append((str(shape).rpartition("#")[2], str(node), str(value)))
    return found


def test_code_lists_pass_what_applies_of_skos_ap_no_begrep(suites: Path, code_lists: Graph) -> None:
    """Names in both written standards, one each; definitions; members and links that are concepts."""
    shapes = suites / "shapes" / "skos-ap-no-begrep" / "SKOS-AP-NO-Begrep-shape_shape_v2.ttl"
    assert len(list(code_lists.subjects(RDF.type, SKOS.Concept))) > 100
    found = _results(shapes, code_lists)
    elsewhere = [value for shape, _, value in found if shape in OF_OTHERS]
    assert [one for one in found if one[0] not in {*NOT_FOR_CODES, *OF_OTHERS}] == []
    assert not [value for value in elsewhere if value.startswith(iris.BASE)]
    assert {one[0] for one in found} == {*NOT_FOR_CODES, *OF_OTHERS}


def test_a_code_without_a_nynorsk_name_would_be_found(suites: Path, code_lists: Graph) -> None:
    """The shapes do look at our codes."""
    shapes = suites / "shapes" / "skos-ap-no-begrep" / "SKOS-AP-NO-Begrep-shape_shape_v2.ttl"
    spoiled = Graph()
    node = URIRef(iris.entity("population", "municipalities"))
    for triple in code_lists.triples((node, None, None)):
        if not (triple[1] == SKOS.prefLabel and getattr(triple[2], "language", None) == "nn"):
            spoiled.add(triple)
    assert "hasMin1Max1Shape-skosPrefLabelNynorsk" in {one[0] for one in _results(shapes, spoiled)}
