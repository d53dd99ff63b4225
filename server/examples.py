"""The stored queries as the pages show them: in the reader's language, and asking for names in that language too."""

from collections import defaultdict
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


@dataclass(frozen=True)
class Choice:
    """What can be chosen under one name, as the queries that have it call it, and those queries: name, title."""

    name: str
    labels: tuple[str, ...]
    queries: tuple[tuple[str, str], ...]


@cache
def choosable(language: str) -> tuple[Choice, ...]:
    """Return everything that stored queries let one choose, by its name in addresses."""
    labels, owners = defaultdict[str, dict[str, None]](dict), defaultdict[str, list[tuple[str, str]]](list)
    for one in examples(language):
        for parameter in queries()[one.name].parameters:
            labels[parameter.name][parameter.label[language]] = None
            owners[parameter.name].append((one.name, one.title.value))
    return tuple(Choice(name, tuple(labels[name]), tuple(owners[name])) for name in sorted(labels))


def example(query: StoredQuery, language: str) -> Example:
    """Return a stored query as an example."""
    named = {"lang": [Literal(language)]} if any(parameter.name == "lang" for parameter in query.parameters) else {}
    return Example(
        query.name,
        Text(query.title[language], language),
        Text(query.description[language], language),
        query.bound(named).strip() + "\n",
    )
