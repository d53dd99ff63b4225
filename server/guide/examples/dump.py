"""The whole graph, kept as a file and read line by line."""

from pathlib import Path
from urllib.request import urlretrieve

urlretrieve("http://127.0.0.1:8000/downloads/latest/praksisgrafen.nt", "praksisgrafen.nt")
with Path("praksisgrafen.nt").open(encoding="utf-8") as file:
    print(sum(1 for line in file), "statements")
