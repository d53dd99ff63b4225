"""What a store has that another had not: compared graph by graph, reading only the graphs that may differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.versions.content import digest, graphs, in_graph, lines


@dataclass(slots=True)
class Delta:
    """Added and removed quads as lines of N-Quads, and the digest of every graph that differs; None if it is gone."""

    added: list[bytes] = field(default_factory=list)
    removed: list[bytes] = field(default_factory=list)
    digests: dict[str, str | None] = field(default_factory=dict)

    def applied_to(self, before: Mapping[str, str]) -> dict[str, str]:
        """Return the digests of all graphs after the change."""
        after = {**before, **self.digests}
        return {graph: value for graph, value in after.items() if value is not None}


def compare(old: ox.Store, new: ox.Store, known: Mapping[str, str], candidates: Iterable[str] | None) -> Delta:
    """Compare two stores, given the old one's digests and the graphs that may differ; None stands for all."""
    delta, present = Delta(), graphs(new)
    for graph in sorted(present | known.keys() if candidates is None else set(candidates) & (present | known.keys())):
        after = lines(new, graph) if graph in present else []
        value = digest(after) if graph in present else None
        if value == known.get(graph):
            continue
        was, now = set(lines(old, graph)) if graph in known else set(), set(after)
        delta.added += in_graph(now - was, graph)
        delta.removed += in_graph(was - now, graph)
        delta.digests[graph] = value
    return delta
