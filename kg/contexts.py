"""JSON-LD documents whose context is elsewhere: nobody fetches it, and the author is told which one it is.

Source: https://www.w3.org/TR/json-ld11/#the-context
"""

import json
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox

from kg.errors import ContextForbidden


def refuse_remote(content: bytes, base_iri: str | None = None) -> None:
    """Refuse a JSON-LD document that cannot be read without a context from elsewhere.

    The parser has no way to fetch anything and decides whether it would have had to: the same word in a value of type
    rdf:JSON is data. Any other fault of the document is left to whoever reads it.

    Raises: ContextForbidden.
    """
    found = _first(content)
    if found is None:
        return
    try:
        for _ in ox.parse(content, format=ox.RdfFormat.JSON_LD, base_iri=base_iri):
            pass
    except SyntaxError as error:
        if "LoadDocumentCallback" in str(error):
            raise ContextForbidden(urljoin(base_iri or "", found)) from error
    except ValueError:
        return


def _first(content: bytes) -> str | None:
    """Return the first context that is given by its IRI, at any depth."""
    try:
        left: list[Any] = [json.loads(content)]
    except (ValueError, RecursionError):
        return None
    while left:
        value = left.pop()
        if isinstance(value, dict):
            named = _named(value.get("@context"))
            if named is not None:
                return named
            left += reversed(value.values())
        elif isinstance(value, list):
            left += reversed(value)
    return None


def _named(context: object) -> str | None:
    """Return the IRI that a context is or imports."""
    for part in context if isinstance(context, list) else [context]:
        imported = part.get("@import") if isinstance(part, dict) else part
        if isinstance(imported, str):
            return imported
    return None
