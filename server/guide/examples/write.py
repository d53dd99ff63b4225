"""Replace a named graph; TOKEN holds what `kg token create` printed."""

import os
from urllib.request import Request, urlopen

NOTES = b"""
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
<https://w3id.org/praksisgrafen/id/finding/ladder-bodies-municipalities-article-2020>
    rdfs:seeAlso <https://example.org/analysis> .
"""

headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "text/turtle"}
with urlopen(Request("http://127.0.0.1:8000/graphs/notes", NOTES, headers, method="PUT")) as answer:
    print(answer.status)
