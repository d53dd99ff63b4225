address=http://127.0.0.1:8000/praksisgrafen.ttl
curl --silent --show-error --fail --etag-save tag --output praksisgrafen.ttl "$address"

# Later: 304 and nothing more, as long as nothing has changed.
curl --silent --show-error --fail --etag-compare tag --etag-save tag \
  --output newer.ttl --write-out '%{http_code}\n' "$address"
