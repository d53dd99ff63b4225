"""A table of one finding as it stood in a version."""

from urllib.request import urlopen

import pandas as pd

FINDING = "http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020.csv"

with urlopen(FINDING) as answer:
    version = answer.headers["Praksisgrafen-Version"]

# This address gives the same answer for as long as the version is kept.
print("Version", version)
finding = pd.read_csv(f"{FINDING}?version={version}")
names = finding[finding["property"].str.endswith("#prefLabel")]
print(names[["language", "value"]].to_csv(index=False))
