# Every figure on the service ladder, as CSV.
curl --silent --show-error --fail http://127.0.0.1:8000/sparql \
  --header 'Accept: text/csv' \
  --data-urlencode query='
    PREFIX pg: <https://w3id.org/praksisgrafen/def/>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
    SELECT ?year ?population ?level ?kind ?value WHERE {
      ?finding pg:indicator ?indicator ; dimension:refPeriod/pg:year ?year ;
        pg:population/skos:prefLabel ?population ;
        pg:level/skos:prefLabel ?level ;
        pg:kind/skos:prefLabel ?kind ; pg:value ?value .
      FILTER(STRSTARTS(STR(?indicator), "https://w3id.org/praksisgrafen/id/indicator/ladder-"))
      FILTER(LANG(?population) = "nb" && LANG(?level) = "nb" && LANG(?kind) = "nb")
    }
    ORDER BY ?year ?population ?level ?value'
