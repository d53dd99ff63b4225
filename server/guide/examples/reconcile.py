"""Ask which organisations are meant by a name and by a number."""

import json
from urllib.parse import urlencode
from urllib.request import urlopen

queries = {
    "name": {"query": "Skattetaten", "type": "organisation", "limit": 1},
    "number": {"query": "991 825 827", "type": "organisation", "limit": 1},
}
form = urlencode({"queries": json.dumps(queries)}).encode()
with urlopen("http://127.0.0.1:8000/reconcile/nb", form) as answer:
    for key, found in json.load(answer).items():
        for candidate in found["result"]:
            print(key, candidate["id"], candidate["name"], candidate["score"], candidate["match"])
