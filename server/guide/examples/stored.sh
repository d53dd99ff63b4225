# The answer to a stored query, as CSV.
curl --silent --show-error --fail 'http://127.0.0.1:8000/queries/maturity-ladder.csv?lang=en'
