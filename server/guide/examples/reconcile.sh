# Which organisations are meant by a name and by a number?
curl --silent --show-error --fail http://127.0.0.1:8000/reconcile/nb \
  --data-urlencode queries='{
    "name": {"query": "Skattetaten", "type": "organisation", "limit": 1},
    "number": {"query": "991 825 827", "type": "organisation", "limit": 1}
  }'
