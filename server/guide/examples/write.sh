# TOKEN holds what `kg token create` printed.
curl --silent --show-error --fail-with-body --request PUT http://127.0.0.1:8000/graphs/notes \
  --header "Authorization: Bearer $TOKEN" --header 'Content-Type: text/turtle' \
  --write-out '%{http_code}\n' --data-binary @- <<'TURTLE'
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
<https://w3id.org/praksisgrafen/id/finding/ladder-bodies-municipalities-article-2020>
    rdfs:seeAlso <https://example.org/analysis> .
TURTLE
