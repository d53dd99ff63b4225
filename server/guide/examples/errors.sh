# No --fail here: the body of an error says what is wrong.
curl --silent --show-error http://127.0.0.1:8000/sparql \
  --header 'Accept: text/csv' --write-out '\n%{http_code}\n' \
  --data-urlencode query='SELECT ?finding WHERE { ?finding }'
