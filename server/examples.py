"""The stored queries as the pages show them: in the reader's language, and asking for names in that language too."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal

from kg import files
from kg.stored_queries import StoredQuery, stored
from server.labels import Text


@dataclass(frozen=True)
class Example:
    """A query to begin with."""

    name: str
    title: Text
    description: Text
    query: str


def queries() -> Mapping[str, StoredQuery]:
    """Return the stored queries by their names."""
    return stored(files.data_dir() / "queries")


@cache
def examples(language: str) -> tuple[Example, ...]:
    """Return the stored queries as examples, by their titles."""
    found = (example(query, language) for query in queries().values())
    return tuple(sorted(found, key=lambda example: example.title.value.casefold()))


def example(query: StoredQuery, language: str) -> Example:
    """Return a stored query as an example."""
    named = {"lang": [Literal(language)]} if any(parameter.name == "lang" for parameter in query.parameters) else {}
    return Example(
        query.name,
        Text(query.title[language], language),
        Text(query.description[language], language),
        query.bound(named).strip() + "\n",
    )
