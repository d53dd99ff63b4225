"""Reading operations out of requests, without any server."""

from urllib.parse import urlencode

import pytest

from server.errors import BadRequest, UnsupportedType
from server.protocol import FORM, QUERY, UPDATE, QueryOperation, UpdateOperation, read

GRAPH = "https://example.org/g"


def test_an_update_is_the_same_in_a_form_and_as_the_body() -> None:
    """Its dataset and message may stand in the address or in the form."""
    address = urlencode({"using-graph-uri": GRAPH, "message": "why"}).encode()
    direct = read("POST", address, UPDATE, b"CLEAR ALL")
    form = read("POST", address, FORM, urlencode({"update": "CLEAR ALL"}).encode())
    inside = read("POST", b"", FORM, urlencode({"update": "CLEAR ALL"}).encode() + b"&" + address)
    assert direct == form == inside == UpdateOperation("CLEAR ALL", (GRAPH,), (), "why")


def test_graphs_of_address_and_form_are_put_together() -> None:
    """A dataset may be long; none of it is lost."""
    operation = read("POST", b"named-graph-uri=urn:a", FORM, b"query=ASK%7B%7D&named-graph-uri=urn:b&version=3")
    assert operation == QueryOperation("ASK{}", (), ("urn:a", "urn:b"), "3")


def test_the_method_query_reads_what_post_reads_but_no_update() -> None:
    """QUERY is safe, so it cannot change anything."""
    wanted = QueryOperation("ASK{}", (), ())
    assert read("QUERY", b"", QUERY, b"ASK{}") == read("QUERY", b"", FORM, b"query=ASK%7B%7D") == wanted
    with pytest.raises(UnsupportedType):
        read("QUERY", b"", UPDATE, b"CLEAR ALL")
    with pytest.raises(BadRequest):
        read("QUERY", b"", FORM, b"update=CLEAR%20ALL")


def test_only_a_request_that_asks_nothing_is_none() -> None:
    """A dataset without a query is a query forgotten, not the wish for a description."""
    assert read("GET", b"", None, b"") is None
    assert read("GET", b"lang=nb", None, b"") is None
    with pytest.raises(BadRequest):
        read("GET", b"default-graph-uri=urn:a", None, b"")


@pytest.mark.parametrize(
    ("address", "content_type", "body"),
    [
        (b"", FORM, b"update=CLEAR+ALL&query=ASK%7B%7D"),
        (b"update=CLEAR+ALL", FORM, b""),
        (b"query=ASK%7B%7D", UPDATE, b"CLEAR ALL"),
        (b"default-graph-uri=urn:a", UPDATE, b"CLEAR ALL"),
        (b"using-graph-uri=urn:a", QUERY, b"ASK {}"),
        (b"using-graph-uri=relative", UPDATE, b"CLEAR ALL"),
        (b"version=1", UPDATE, b"CLEAR ALL"),
        (b"", UPDATE, b"CLEAR ALL # \xff"),
    ],
)
def test_what_would_do_something_else_than_asked_is_refused(address: bytes, content_type: str, body: bytes) -> None:
    """No parameter is passed over in silence."""
    with pytest.raises(BadRequest):
        read("POST", address, content_type, body)
