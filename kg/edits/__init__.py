"""Edits: what may be done to the graph, and the one way it becomes a version.

An edit runs in a child process of its own that can be killed, on a copy of the current version, and is either a whole
new version or nothing at all.
Source: https://www.w3.org/TR/sparql11-update/ and https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from kg.edits.applying import apply, warm
from kg.edits.control import Control, Listed
from kg.edits.model import (
    DropGraph,
    Edit,
    EditLimits,
    Expect,
    MergeGraph,
    Outcome,
    ReplaceGraph,
    SparqlUpdate,
    described,
)

__all__ = [
    "Control",
    "DropGraph",
    "Edit",
    "EditLimits",
    "Expect",
    "Listed",
    "MergeGraph",
    "Outcome",
    "ReplaceGraph",
    "SparqlUpdate",
    "apply",
    "described",
    "warm",
]
