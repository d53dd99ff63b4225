"""RDF documents of strangers: read whole, or refused with what is wrong with them.

How deep a document nests is up to who wrote it, and the parser ends its process where that is too deep: what comes
over the network is read in a process that may die.
"""

import copyreg
from dataclasses import dataclass
from xml.parsers import expat

import pyoxigraph as ox

from kg import contexts
from kg.errors import DocumentSyntaxError, EditError


def _format(extension: str) -> ox.RdfFormat:
    found = ox.RdfFormat.from_extension(extension)
    if found is None:
        raise ValueError(f"no format of RDF has files named .{extension}")
    return found


# Documents travel to the process that reads them, and pyoxigraph's formats cannot be pickled by themselves.
copyreg.pickle(ox.RdfFormat, lambda rdf_format: (_format, (rdf_format.file_extension,)))


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came, with the name of its file where it is one of several."""

    content: bytes
    format: ox.RdfFormat
    base_iri: str | None = None
    name: str | None = None


def triples(document: Document) -> list[ox.Triple]:
    """Read a document; its blank nodes are never those of another.

    Raises: DocumentSyntaxError; ContextForbidden; EditError when it has named graphs.
    """
    content, kind, base_iri = document.content, document.format, document.base_iri
    if kind == ox.RdfFormat.RDF_XML:
        _refuse_ill_formed(document)
    try:
        quads = list(ox.parse(content, format=kind, base_iri=base_iri, rename_blank_nodes=True))
    except SyntaxError as error:
        if kind == ox.RdfFormat.JSON_LD:
            contexts.refuse_remote(content, base_iri)
        raise _fault(document, error.lineno, error.offset, error.msg) from error
    except ValueError as error:
        raise _fault(document, None, None, str(error)) from error
    if any(not isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads):
        hint = "Send one graph at a time, as triples."
        if document.name:
            raise EditError("The file “%(file)s” has named graphs.", hint, file=document.name)
        raise EditError("The document has named graphs.", hint)
    return [quad.triple for quad in quads]


def _refuse_ill_formed(document: Document) -> None:
    """Refuse what is no whole XML: pyoxigraph takes a document whose end is missing.

    Raises: DocumentSyntaxError.
    """
    try:
        expat.ParserCreate().Parse(document.content, True)
    except expat.ExpatError as error:
        raise _fault(document, error.lineno, error.offset + 1, expat.ErrorString(error.code)) from error


def _fault(document: Document, line: int | None, column: int | None, message: str) -> DocumentSyntaxError:
    return DocumentSyntaxError(line, column, message, document.name)
