"""A JSON-LD context elsewhere is never fetched: the document is refused, and told how to mend it."""

import pytest

from kg.contexts import refuse_remote
from kg.errors import (
    ContextForbidden,
)


@pytest.mark.parametrize(
    "document",
    [
        '{"@context": "http://127.0.0.2/c", "@id": "a:b", "p": 1}',
        '{"@context": [{"x": "http://e/x"}, "c"], "@id": "a:b", "x": 1}',
        '{"@context": {"@version": 1.1, "@import": "c"}, "@id": "a:b", "x": 1}',
        '{"@context": {"x": {"@id": "http://e/x", "@context": "c"}}, "@id": "a:b", "x": {"y": 1}}',
        '[{"@id": "a:b", "@included": [{"@context": "c", "@id": "a:c", "x": 1}]}]',
    ],
)
def test_a_context_elsewhere_is_named_and_how_to_mend_it(document: str) -> None:
    with pytest.raises(ContextForbidden, match=r"<http://127\.0\.0\.2/c>") as refused:
        refuse_remote(document.encode(), "http://127.0.0.2/a")
    assert "Put what it says into the document" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "document",
    [
        '{"@context": {"p": "http://e/p"}, "@id": "a:b", "p": "@context"}',
        '{"@context": null, "@id": "a:b", "http://e/p": 1}',
        '{"@context": {"x": {"@id": "http://e/x", "@type": "@json"}}, "@id": "a:b", "x": {"@context": "http://e/c"}}',
        '{"@context": "http://e/c"',
        "[" * 100_000,
    ],
)
def test_a_document_without_a_context_elsewhere_is_left_to_its_reader(document: str) -> None:
    refuse_remote(document.encode())
