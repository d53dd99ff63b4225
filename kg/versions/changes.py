"""What a version added and removed, as compressed N-Quads, and the difference between any two versions."""

import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.versions.content import in_graph, lines
from kg.versions.disk import Disk
from kg.versions.record import Version, pruned


@dataclass(frozen=True, slots=True)
class Changes:
    """Sorted lines of N-Quads that were added and removed."""

    added: list[bytes]
    removed: list[bytes]

    def readable(self) -> Iterator[str]:
        """Write the changes graph by graph and subject by subject, with prefixes: `-` was removed, `+` was added."""
        marked = [*_parsed(self.removed, "-"), *_parsed(self.added, "+")]
        graph = subject = None
        for quad, sign in sorted(marked, key=lambda item: (*_sort_key(item[0]), item[1] == "+")):
            if quad.graph_name != graph:
                graph, subject = quad.graph_name, None
                yield f"{_short(graph)}"
            if quad.subject != subject:
                subject = quad.subject
                yield f"  {_short(subject)}"
            yield f"  {sign}   {_short(quad.predicate)} {_short(quad.object)}"


def between(old: Version | None, new: Version) -> Changes:
    """Compare two versions, reading only the graphs whose digests differ; without an old one, everything was added."""
    with new.reading() as after:
        if old is None:
            return of_graphs(None, after, new.graphs)
        both = {*old.graphs, *new.graphs}
        with old.reading() as before:
            return of_graphs(before, after, (g for g in both if old.graphs.get(g) != new.graphs.get(g)))


def of_graphs(old: ox.Store | None, new: ox.Store, graphs: Iterable[str]) -> Changes:
    """Compare some graphs of two stores; without an old one, everything was added."""
    added: list[bytes] = []
    removed: list[bytes] = []
    for graph in graphs:
        before = set(lines(old, graph)) if old else set()
        after = set(lines(new, graph))
        added += in_graph(after - before, graph)
        removed += in_graph(before - after, graph)
    return Changes(sorted(added), sorted(removed))


def write(changes: Changes, version_dir: Path, disk: Disk) -> None:
    """Write the change record of a version; the same changes give the same bytes."""
    folder = version_dir / "changes"
    folder.mkdir()
    for stem, found in (("added", changes.added), ("removed", changes.removed)):
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, filename="", compresslevel=6) as file:
            file.writelines(found)
        disk.write(folder / f"{stem}.nq.gz", buffer.getvalue())


def read(version: Version) -> Changes | None:
    """Read the change record of a version; None where it has none, as versions of format 1.

    Raises: PrunedVersion when the version is removed meanwhile.
    """
    folder = version.path / "changes"
    if not folder.is_dir():
        return None
    try:
        parts = [gzip.decompress((folder / f"{stem}.nq.gz").read_bytes()) for stem in ("added", "removed")]
    except FileNotFoundError as error:
        raise pruned(version.number) from error
    return Changes(*([line + b"\n" for line in part.split(b"\n")[:-1]] for part in parts))


def _parsed(found: list[bytes], sign: str) -> list[tuple[ox.Quad, str]]:
    return [(quad, sign) for quad in ox.parse(b"".join(found), format=ox.RdfFormat.N_QUADS)]


def _sort_key(quad: ox.Quad) -> tuple[str, ...]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)


def _short(term: object) -> str:
    """Write a term with a prefix where one fits."""
    if isinstance(term, ox.NamedNode):
        short = terms.shorten(term.value)
        return short if short != term.value else str(term)
    if isinstance(term, ox.DefaultGraph):
        return "(default graph)"
    return str(term)
