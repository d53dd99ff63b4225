"""The four kinds of edits done to a store that may be thrown away."""

from collections.abc import Mapping

import pyoxigraph as ox

from kg import documents
from kg.edits import requests
from kg.edits.literals import refuse_unfit
from kg.edits.model import DropGraph, Edit, MergeGraph, ReplaceGraph, SparqlUpdate
from kg.engine.syntax import can_go_on, explain, refuse_load, refuse_service
from kg.errors import EditError, GraphNotWritable, QueryEvaluationError, UnknownGraph
from kg.versions.content import DEFAULT_GRAPH, GraphName, graphs, name


def write(store: ox.Store, edit: Edit, known: Mapping[str, str], *, validate: bool) -> set[str] | None:
    """Do an edit; return the graphs it can have changed, None for any. `known` are the graphs that are there.

    Raises: QuerySyntaxError, QueryEvaluationError, ServiceForbidden, the errors below EditError.
    """
    if isinstance(edit, SparqlUpdate):
        return _update(store, edit, validate=validate)
    if validate and edit.graph is None:
        raise GraphNotWritable("The default graph is the union of all named graphs and cannot itself be written.")
    graph = DEFAULT_GRAPH if edit.graph is None else edit.graph
    try:
        target = name(graph)
    except ValueError as error:
        raise EditError("%(graph)s cannot name a graph: %(words)s", graph=graph, words=str(error)) from error
    if isinstance(edit, DropGraph):
        if graph not in known and edit.graph is not None:
            raise UnknownGraph(
                "There is no graph <%(graph)s>.", "The service description at /sparql names all.", graph=graph
            )
        store.remove_graph(target)
    else:
        _write_document(store, edit, target, validate=validate)
    return {graph}


def _write_document(store: ox.Store, edit: ReplaceGraph | MergeGraph, target: GraphName, *, validate: bool) -> None:
    said = [triple for document in edit.documents for triple in documents.triples(document)]
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object, target) for triple in said]
    if validate:
        for quad in quads:
            refuse_unfit(quad)
    if isinstance(edit, ReplaceGraph):
        store.clear_graph(target)
    if not isinstance(target, ox.DefaultGraph):
        store.add_graph(target)
    store.extend(quads)


def _update(store: ox.Store, edit: SparqlUpdate, *, validate: bool) -> set[str] | None:
    refuse_service(edit.text, edit.base_iri, update=True)
    refuse_load(edit.text, edit.base_iri)
    using = edit.using_graphs is not None or edit.using_named_graphs is not None
    try:
        if not validate and not using:
            store.update(edit.text, base_iri=edit.base_iri)
            return None
        return _one_by_one(store, edit, using=using, validate=validate)
    except SyntaxError as error:
        raise explain(edit.text, error, edit.base_iri, update=True) from error
    except RuntimeError as error:
        raise QueryEvaluationError("The query engine says: %(words)s", words=str(error)) from error
    except ValueError as error:
        raise EditError(
            "The query engine says: %(words)s",
            "The IRIs of graphs have to be absolute, and the text has to be Unicode.",
            words=str(error),
        ) from error


def _one_by_one(store: ox.Store, edit: SparqlUpdate, *, using: bool, validate: bool) -> set[str] | None:
    touched: set[str] | None = {DEFAULT_GRAPH}
    for operation in _operations(edit):
        if using and operation.names_its_dataset():
            raise EditError(
                "The dataset is given twice: by using-graph-uri or using-named-graph-uri, and by USING or WITH.",
                "Give it in one place.",
            )
        if validate:
            operation.refuse_default_graph()
        text = operation.text
        if using:
            text = operation.with_dataset(edit.using_graphs or (), edit.using_named_graphs or ())
        elif not operation.names_its_dataset() and not operation.is_short_delete():
            everything = sorted(graphs(store) - {DEFAULT_GRAPH})
            text = operation.with_dataset(everything, everything)
        store.update(text, base_iri=edit.base_iri)
        named = operation.reads_or_writes(edit.base_iri)
        touched = None if named is None or touched is None else touched | named
    return touched


def _operations(edit: SparqlUpdate) -> list[requests.Operation]:
    try:
        return requests.operations(edit.text)
    except EditError:
        if not can_go_on(edit.text, edit.base_iri, update=True):
            raise SyntaxError("no update") from None
        raise
