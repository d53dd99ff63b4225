"""What is about trust, the best hits first, as a data frame."""

from urllib.parse import urlencode

import pandas as pd

QUERY = """
PREFIX pg: <https://w3id.org/praksisgrafen/def/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?name ?score WHERE {
  ?thing skos:prefLabel ?name FILTER(LANG(?name) = "nb")
  BIND(pg:score(?thing, "tillit") AS ?score)
  FILTER(BOUND(?score))
}
ORDER BY DESC(?score) ?thing
LIMIT 10
"""

address = "http://127.0.0.1:8000/sparql?" + urlencode({"query": QUERY})
hits = pd.read_csv(address, storage_options={"Accept": "text/csv"})
print(hits.to_csv(index=False))
