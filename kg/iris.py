"""The only minter of IRIs: everything the project names lies under `BASE`."""

import re

BASE = "https://w3id.org/praksisgrafen/"
DEF = BASE + "def/"
ID = BASE + "id/"
GRAPH = BASE + "graph/"
GENID = BASE + ".well-known/genid/"

BEHIND_THE_SCENES = frozenset("agent annotation collection component derivation identifier".split())
"""Segments of addresses for what is read as part of something else."""
SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


def is_slug(text: str) -> bool:
    """Tell whether a text can be the last part of an IRI: ASCII lower case, digits, `-`, `_` and `.` inside."""
    return SLUG.fullmatch(text) is not None


def entity(segment: str, slug: str) -> str:
    """Mint the IRI of a thing.

    Raises: ValueError when segment or slug is no slug.
    """
    for part in (segment, slug):
        if not is_slug(part):
            raise ValueError(f"“{part}” cannot be part of an IRI: use a-z, 0-9 and single hyphens")
    return f"{ID}{segment}/{slug}"


def graph(name: str) -> str:
    """Mint the IRI of a named graph, which is also the name of its file.

    Raises: ValueError when the name is no slug.
    """
    if not is_slug(name):
        raise ValueError(f"“{name}” cannot name a graph: use a-z, 0-9 and single hyphens")
    return GRAPH + name


def slug_of(iri: str) -> str:
    """Return the part of an IRI after its last slash or hash."""
    return re.split(r"[/#]", iri)[-1]
