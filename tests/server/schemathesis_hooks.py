"""What schemathesis asks where the description says that a text is SPARQL."""

import schemathesis
from hypothesis import strategies as st

QUERIES = (
    "SELECT * WHERE { ?s ?p ?o } LIMIT 3",
    "ASK { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3",
    "DESCRIBE <https://w3id.org/praksisgrafen/id/edition/2020>",
)

schemathesis.openapi.format("sparql", st.sampled_from(QUERIES))
