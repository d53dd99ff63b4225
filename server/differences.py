"""The difference between two versions, thing by thing, and as files.

Source of the format RDF Patch: https://jena.apache.org/documentation/rdf-patch/
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg import iris
from kg.versions.changes import Changes
from server.labels import Labels, Link, Rows, Text
from server.values import Value, shown

PATCH: Final = "application/rdf-patch"
THINGS: Final = 25
"""How many things stand on a page."""
STATEMENTS: Final = 30
"""How many statements about one of several things are shown."""
OF_ONE: Final = 200
"""How many statements stand on a page about one thing."""
_LONGEST: Final = 600
"""Units: characters of a text that is shown."""

_THINGS: Final = f"<{iris.ID}".encode()
_NAMELESS: Final = (f"<{iris.GENID}".encode(), b"_:")

Marked = tuple[bool, bytes]
"""Whether a statement was added (or removed), and its line of N-Quads."""


@dataclass(frozen=True)
class Statement:
    """A statement that was added or removed."""

    is_added: bool
    property: Link
    value: Value
    graph: str


@dataclass(frozen=True)
class Group:
    """What changed about a thing: the first statements, and how many there are of each kind."""

    thing: Link
    statements: list[Statement]
    added: int
    removed: int

    @property
    def left_out(self) -> int:
        """How many statements are not shown."""
        return self.added + self.removed - len(self.statements)


@dataclass(frozen=True)
class Side:
    """One of the two versions: where it is asked for names, and the names that were fetched from it."""

    rows: Rows | None
    labels: Labels

    def fetch(self, terms: Iterable[object]) -> None:
        """Read names, where the version is still there."""
        if self.rows is not None:
            self.labels.fetch(self.rows, terms)


def only(changes: Changes, subject: str) -> Changes:
    """Keep what changed about one thing."""
    start = f"<{subject}> ".encode()
    return Changes(
        [line for line in changes.added if line.startswith(start)],
        [line for line in changes.removed if line.startswith(start)],
    )


def subjects(changes: Changes) -> list[bytes]:
    """Return what something changed about, as N-Quads has it: things that people read about first."""
    found = {line[: line.index(b" ")] for line in (*changes.added, *changes.removed)}
    return sorted(found, key=lambda subject: (_depth(subject), subject))


def _depth(subject: bytes) -> int:
    """Tell how far behind the scenes something is: a thing, what is read as part of one, all else, what has no name."""
    if subject.startswith(_THINGS):
        return int(subject.removeprefix(_THINGS).partition(b"/")[0].decode() in iris.BEHIND_THE_SCENES)
    return 3 if subject.startswith(_NAMELESS) else 2


def patch(changes: Changes, name: str) -> bytes:
    """Write changes as RDF Patch: what goes is deleted before what comes is added."""
    return b"".join((
        f"H id <{name}> .\nTX .\n".encode(),
        *(b"D " + line for line in changes.removed),
        *(b"A " + line for line in changes.added),
        b"TC .\n",
    ))  # fmt: skip


def groups(changes: Changes, page: Sequence[bytes], old: Side, new: Side, window: slice) -> list[Group]:
    """Return what changed about the things of a page; of each, the statements of a window."""
    wanted = set(page)
    found: dict[bytes, list[Marked]] = {subject: [] for subject in page}
    for is_added, lines in ((False, changes.removed), (True, changes.added)):
        for line in lines:
            if (subject := line[: line.index(b" ")]) in wanted:
                found[subject].append((is_added, line))
    shown_ = {subject: sorted(marked, key=_order)[window] for subject, marked in found.items()}
    parsed = {subject: [_parsed(one) for one in marked] for subject, marked in shown_.items()}
    every = [pair for pairs in parsed.values() for pair in pairs]
    for side, is_added in ((old, False), (new, True)):
        side.fetch(itertools.chain.from_iterable(_terms(quad) for added, quad in every if added == is_added))
    things = [ox.NamedNode(subject[1:-1].decode()) for subject in page if subject.startswith(b"<")]
    new.fetch(things)
    old.fetch(things)
    return [_group(subject, found[subject], parsed[subject], old, new) for subject in page]


def _group(
    subject: bytes, marked: Sequence[Marked], parsed: Sequence[tuple[bool, ox.Quad]], old: Side, new: Side
) -> Group:
    added = sum(is_added for is_added, _ in marked)
    return Group(_thing(subject, old, new), [_statement(one, old, new) for one in parsed], added, len(marked) - added)


def _thing(subject: bytes, old: Side, new: Side) -> Link:
    """Name a thing as the later version does, or the earlier one where it is gone."""
    if not subject.startswith(b"<"):
        return Link("", Text(subject.decode()), None)
    iri = subject[1:-1].decode()
    side = new if new.labels.has(iri) or not old.labels.has(iri) else old
    return side.labels.link(iri)


def _statement(one: tuple[bool, ox.Quad], old: Side, new: Side) -> Statement:
    is_added, quad = one
    labels = (new if is_added else old).labels
    graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
    value = shown(quad.object, labels)
    if isinstance(value, Text) and len(value.value) > _LONGEST:
        value = Text(f"{value.value[:_LONGEST]} …", value.lang)
    return Statement(is_added, labels.link(quad.predicate.value), value, graph)


def _order(marked: Marked) -> tuple[bytes, bool, bytes]:
    """Put what was said with a property beside what is said with it now."""
    is_added, line = marked
    return line.split(b" ", 2)[1], is_added, line


def _parsed(marked: Marked) -> tuple[bool, ox.Quad]:
    is_added, line = marked
    return is_added, next(iter(ox.parse(line, format=ox.RdfFormat.N_QUADS)))


def _terms(quad: ox.Quad) -> tuple[object, ...]:
    return quad.subject, quad.predicate, quad.object
