"""LOAD: a document is fetched before the update, and what it says is put in its place."""

from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import (
    ContextForbidden,
    LoadForbidden,
    RemoteFailed,
)
from kg.federation import with_documents
from kg.origins import AllowList
from tests.kg.federation.conftest import LIMITS, NAME, TURTLE


def updated(text: str, allowed: AllowList) -> list[str]:
    """Return what an update writes, its documents fetched first."""
    store = ox.Store()
    store.update(with_documents(text, "http://base.example/", allowed, LIMITS), base_iri="http://base.example/")
    return sorted(str(quad) for quad in store)


def test_a_loaded_document_is_written_where_the_update_says(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b'PREFIX : <#> :a :b "}\\n\\u0007\\\\u0041"@nb .', TURTLE)
    text = f"PREFIX d: <{url}> PREFIX g: <http://g/> LOAD d: INTO GRAPH g:1 ; load silent # here\n <{url}>"
    (quad, other) = updated(f"{text} ;", allowed)
    assert quad == f'<{url}#a> <{url}#b> "}}\\n\\u0007\\\\u0041"@nb'
    assert other == f"{quad} <http://g/1>"


def test_blank_nodes_of_two_loaded_documents_stay_apart(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b"_:a <http://e/p> 1 .", TURTLE)
    assert len(updated(f"LOAD <{url}> ; LOAD <{url}> INTO GRAPH <http://g/1> ; LOAD <{url}>", allowed)) == 3


def test_load_silent_forgives_a_failure_and_load_does_not(internet: Any, allowed: AllowList, url: str) -> None:
    assert updated(f"LOAD SILENT <{url}>", allowed) == []
    with pytest.raises(RemoteFailed, match="404"):
        updated(f"LOAD <{url}>", allowed)
    internet.answer("/x", b"<a> <b", TURTLE)
    with pytest.raises(RemoteFailed, match="cannot be read"):
        updated(f"LOAD <{url}>", allowed)


@pytest.mark.parametrize("iri", ["http://other.example/", "file:///etc/passwd", "http://127.0.0.2:{port}/", "ftp://e/"])
def test_a_document_of_a_server_that_is_not_allowed_is_not_loaded(
    internet: Any, allowed: AllowList, url: str, iri: str
) -> None:
    text = f"LOAD <{url}> ;\nLOAD SILENT <{iri.format(port=internet.port)}> INTO GRAPH <http://g/>"
    with pytest.raises(LoadForbidden, match="Line 2, column 1"):
        updated(text, allowed)
    assert internet.asked == []
    assert not internet.was_reached_inside()


def test_a_loaded_document_with_its_context_elsewhere_is_refused(internet: Any, allowed: AllowList, url: str) -> None:
    internet.answer("/x", b'{"@context": "/c", "@id": "a:b", "p": 1}', "application/ld+json")
    with pytest.raises(ContextForbidden, match=f"{internet.origin(NAME)}/c"):
        updated(f"LOAD SILENT <{url}>", allowed)
    assert len(internet.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {{ <a:b> <a:c> 'LOAD <{url}>' }} # LOAD <{url}>",
        "PREFIX load: <{url}> DELETE WHERE {{ ?load load:LOAD 'x'@load }}",
        "LOAD <{url}> INTO <http://g/>",
        "LOAD <{url}> INTO GRAPH",
        "INSERT DATA {{ LOAD <{url}> }}",
    ],
)
def test_what_loads_nothing_or_is_no_update_is_left_to_the_engine(
    internet: Any, allowed: AllowList, url: str, text: str
) -> None:
    text = text.format(url=url)
    assert with_documents(text, None, allowed, LIMITS) == text
    assert internet.asked == []
