latest=http://127.0.0.1:8000/downloads/latest
curl --silent --show-error --fail --location --retry 20 --remote-name-all $latest/praksisgrafen.ttl $latest/SHA256SUMS
sha256sum --check --ignore-missing --quiet SHA256SUMS
wc --bytes praksisgrafen.ttl
