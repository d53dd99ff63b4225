"""Immutable versions of the graph: `<home>/versions/<n>` with `current` pointing at the one in force.

A version directory holds the store (RocksDB, opened read-only), what changed (`changes/`) and `version.json`. Nothing
in it is ever changed; a new version is written beside it and made current with one atomic rename.
"""

from kg.versions.content import DEFAULT_GRAPH, EMPTY_GRAPH
from kg.versions.home import Home, default_home
from kg.versions.record import Version

__all__ = ["DEFAULT_GRAPH", "EMPTY_GRAPH", "Home", "Version", "default_home"]
