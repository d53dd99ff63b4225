curl --silent --show-error --fail --remote-name http://127.0.0.1:8000/praksisgrafen.ttl
wc --bytes praksisgrafen.ttl
