"""Fetch the graph again only if it has changed."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

ADDRESS = "http://127.0.0.1:8000/praksisgrafen.ttl"

with urlopen(ADDRESS) as answer:
    tag, graph = answer.headers["ETag"], answer.read()

try:
    with urlopen(Request(ADDRESS, headers={"If-None-Match": tag})) as answer:
        tag, graph = answer.headers["ETag"], answer.read()
except HTTPError as error:
    if error.code != 304:
        raise
    print(error.code, "Not changed")
