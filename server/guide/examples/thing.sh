# --location follows the 303 from the thing to the data about it.
curl --silent --show-error --fail --location \
  --header 'Accept: application/ld+json' \
  http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020
