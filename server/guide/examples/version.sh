finding=http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020
version=$(curl --silent --show-error --fail --head "$finding.ttl" |
  tr -d '\r' | sed -n 's/^praksisgrafen-version: //Ip')
echo "Version $version"

# This address gives the same answer for as long as the version is kept.
curl --silent --show-error --fail "$finding.ttl?version=$version"
