"""What is wrong with a query, as the server tells it."""

import json
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

try:
    urlopen("http://127.0.0.1:8000/sparql?" + urlencode({"query": "SELECT ?finding WHERE { ?finding }"}))
except HTTPError as error:
    problem = json.load(error)
    print(problem["status"], problem["title"], problem["detail"], sep="\n")
