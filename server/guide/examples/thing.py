"""What the graph says of one finding, read with RDFLib."""

from rdflib import Graph, URIRef
from rdflib.namespace import SKOS

NAME = "id/finding/ladder-bodies-municipalities-article-2020"

graph = Graph().parse(f"http://127.0.0.1:8000/{NAME}.ttl")
finding = URIRef(f"https://w3id.org/praksisgrafen/{NAME}")
for label in graph.objects(finding, SKOS.prefLabel):
    print(label)
