"""What a page costs with 10,000 things pointing at it, against one with ten: `make bench`.

Copies of things of the graph in force are put beside it in a home of their own, and the two pages of each kind are
asked for in turn, with an empty cache. Only the ratio means something: at most three. The pages that show all there is
are asked for once of a server just started, with the copies and without: at most ten times as dear.
"""

import argparse
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import servers

from kg import build, files, iris
from kg.versions import EMPTY_GRAPH, Home, default_home
from kg.versions.content import Content, graphs

FEW, MANY = 10, 10_000
MOST = 3.0
WHOLE = ("/findings", "/", "/indicators")
"""Pages about all there is, which nothing has read before the first request."""
MOST_OF_WHOLE = 10.0
_CELL = "observation/2020_ladder-bodies_municipalities_level-3"
_FINDING = "finding/ladder-bodies-municipalities-article-2020"
_STATEMENT = "claim/helleland-joint-strategy-with-ks-2020"
GROUPS = (
    (
        ("indicator/ladder-bodies", "population/municipalities", "edition/2020", "source/article-2020"),
        (_CELL, _FINDING),
    ),
    (
        (
            "organisation/ks",
            "person/linda-hofstad-helleland",
            "theme/governance",
            "policy/en-digital-offentlig-sektor",
        ),
        (_STATEMENT,),
    ),
)
"""Things, and others that point at all of them: what is copied together points at its copies."""


@dataclass
class Hub:
    """One thing with few and with many that point at it. Units: seconds."""

    name: str
    few: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)

    def measure(self, site: str) -> None:
        """Ask for both pages once more."""
        self.few.append(_seconds(f"{site}/id/{self.name}-few.html"))
        self.many.append(_seconds(f"{site}/id/{self.name}-many.html"))

    @property
    def ratio(self) -> float:
        """How much dearer many are, from the medians."""
        return statistics.median(self.many) / statistics.median(self.few)


def _seconds(url: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        answer.read()
    return time.perf_counter() - started


def copies(graph: ox.Store) -> Iterator[ox.Quad]:
    """Copy every hub twice, and what points at it ten and ten thousand times."""
    for hubs, models in GROUPS:
        for suffix, count in (("few", FEW), ("many", MANY)):
            centres = _copied(hubs, suffix)
            yield from _renamed(graph, centres, *centres)
            for number in range(count):
                pointing = _copied(models, f"{suffix}-{number}")
                yield from _renamed(graph, centres | pointing, *pointing)


def _copied(names: tuple[str, ...], suffix: str) -> dict[ox.NamedNode, ox.NamedNode]:
    return {ox.NamedNode(iris.ID + name): ox.NamedNode(f"{iris.ID}{name}-{suffix}") for name in names}


def _renamed(graph: ox.Store, names: dict[ox.NamedNode, ox.NamedNode], *subjects: ox.NamedNode) -> Iterator[ox.Quad]:
    for subject in subjects:
        for quad in graph.quads_for_pattern(subject, None, None):
            value = names.get(quad.object, quad.object) if isinstance(quad.object, ox.NamedNode) else quad.object
            yield ox.Quad(names[subject], quad.predicate, value, quad.graph_name)


def publish(real: Path, home: Path) -> None:
    """Publish the graph in force and the copies.

    Nothing is validated, and there are no digests and no record of changes, which take minutes for so many quads.
    """
    version = Home(real).current()
    if version is None:
        raise SystemExit(f"There is no graph in {real}: run “kg build”.")
    graph = version.open()
    with Home(home, durable=False).writing() as writing:
        scratch = writing.scratch()
        store = ox.Store(str(scratch / "store"))
        store.bulk_extend([*graph, *copies(graph)])
        store.optimize()
        store.flush()
        content = Content(dict.fromkeys(graphs(store), EMPTY_GRAPH), len(store), 0, 0)
        del store
        digests = build.digests(files.default_folders())
        writing.commit(scratch, content, "bench", "hubs", "build", files=digests)


def first(kg: Path, home: Path, folder: Path) -> dict[str, float]:
    """Ask a server just started for each page about the whole. Units: seconds."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(servers.ours(kg, home, folder, PRAKSIS_CACHE="0"))
        site = endpoint.removesuffix("/sparql")
        _seconds(f"{site}/limits")
        return {page: _seconds(site + page) for page in WHOLE}


def main() -> None:
    """Measure and report; the exit status says whether the promise is kept."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kg", type=Path, default=Path(sys.executable).with_name("kg"))
    arguments.add_argument("--home", type=Path, help="where the copies are or are put; a temporary place otherwise")
    arguments.add_argument("--real", type=Path, default=default_home(), help="where the graph is that is copied")
    arguments.add_argument("--rounds", type=int, default=15)
    chosen = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praksisgrafen-bench-")))
        home = chosen.home or folder / "home"
        if not home.exists():
            publish(chosen.real, home)
        real, many = (first(chosen.kg, one, folder) for one in (chosen.real, home))
        endpoint = stack.enter_context(servers.ours(chosen.kg, home, folder, PRAKSIS_CACHE="0"))
        hubs = [Hub(name) for group, _ in GROUPS for name in group]
        for _ in range(chosen.rounds):
            for hub in hubs:
                hub.measure(endpoint.removesuffix("/sparql"))
    print(f"\n{'page':34}{'10 links, ms':>14}{'10,000, ms':>12}{'ratio':>8}")
    for hub in hubs:
        _report(hub.name, *(statistics.median(times) for times in (hub.few, hub.many)), MOST)
    print(f"\n{'first request of':34}{'real, ms':>14}{'10,000, ms':>12}{'ratio':>8}")
    for page in WHOLE:
        _report(page, real[page], many[page], MOST_OF_WHOLE)
    kept = all(hub.ratio <= MOST for hub in hubs) and all(many[p] / real[p] <= MOST_OF_WHOLE for p in WHOLE)
    sys.exit(0 if kept else 1)


def _report(name: str, few: float, many: float, most: float) -> None:
    kept = "yes" if many / few <= most else "NO"
    print(f"{name:34}{few * 1000:14.1f}{many * 1000:12.1f}{many / few:8.2f}   at most {most:g}: {kept}")


if __name__ == "__main__":
    main()
