"""The build: files → dataset → rules → SHACL → published, or nothing changed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from kg import excluded, iris, rules, shapes, stored_queries
from kg.characters import unfit
from kg.errors import Fault, InvalidInput
from kg.files import Folders, Reading, read_turtle
from kg.findings import read_table
from kg.repetitions import repetitions
from kg.versions import Home, Version

Progress = Callable[[str], None]


def silent(_: str) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Built:
    """A dataset that passed every check, with the digests of the files it came from."""

    store: ox.Store
    digests: dict[str, str]


def read(folders: Folders) -> Reading:
    """Read all files; faults are collected, not raised."""
    reading = Reading()
    for path in folders.turtle():
        read_turtle(path, folders, reading)
    known = reading.places.__contains__
    for path in folders.findings():
        read_table(path, folders, reading, known)
    rules.read_rules(folders, reading)
    stored_queries.read_queries(folders, reading)
    reading.faults.extend(excluded.faults(folders, known))
    return reading


def digests(folders: Folders) -> dict[str, str]:
    """Return the SHA-256 of every file the graph is built from, by the file's name."""
    paths = [*folders.turtle(), *folders.findings(), *folders.rules(), *folders.queries()]
    return {folders.name(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def check(folders: Folders, progress: Progress = silent) -> Built:
    """Read, conclude and validate without publishing.

    Raises: InvalidInput with every fault of the files; where they have none, with every violation of a shape.
    """
    progress("Reading the files")
    found = digests(folders)
    reading = read(folders)
    if not found:
        raise InvalidInput([Fault(str(folders.data), None, None, "no files to build from")])
    store = ox.Store()
    store.extend(reading.quads)
    reading.faults.extend(_dangling(reading))
    reading.faults.extend(_unfit(reading))
    reading.faults.extend(_said_twice(reading, store))
    if reading.faults:
        raise InvalidInput(reading.faults)
    progress("Applying the rules")
    rules.apply(store)
    if faults := _said_twice(reading, store):
        raise InvalidInput(faults)
    progress("Validating against the shapes")
    if results := shapes.validate(store):
        raise InvalidInput([_fault(result.focus, str(result), reading) for result in results])
    return Built(store, found)


def build(  # noqa: PLR0913 - each is a fact about the version
    folders: Folders,
    home: Home,
    author: str,
    message: str,
    progress: Progress = silent,
    *,
    discard_edits: bool = False,
) -> tuple[Version, bool]:
    """Check the files and publish them as a version; return it and whether it is new.

    Raises: InvalidInput; EditsInTheWay where edits since the last build are not to be discarded; VersionError. Nothing
    is published then.
    """
    built = check(folders, progress)
    progress("Writing the version")
    return home.publish(built.store, author, message, built.digests, discard_edits=discard_edits)


def _dangling(reading: Reading) -> list[Fault]:
    """Find links to things of ours that no file describes: most often a slip in a slug."""
    faults = {}
    for quad in reading.quads:
        target = quad.object
        if not isinstance(target, ox.NamedNode) or not target.value.startswith(iris.ID):
            continue
        if target.value not in reading.places and iris.slug_of(target.value) not in reading.lost:
            place = reading.places[str(quad.subject).strip("<>")]
            subject = iris.slug_of(str(quad.subject)).rstrip(">")
            message = f"{subject} points at {target.value[len(iris.ID) :]}, which no file describes"
            faults[message] = Fault(place.file, place.line, None, message)
    return list(faults.values())


def _unfit(reading: Reading) -> list[Fault]:
    """Find texts that not every format of RDF can carry."""
    texts = [(quad, unfit(quad.object.value)) for quad in reading.quads if isinstance(quad.object, ox.Literal)]
    return [
        _fault(str(quad.subject).strip("<>"), f"a text has the character {character}, which XML cannot hold", reading)
        for quad, character in texts
        if character
    ]


def _said_twice(reading: Reading, store: ox.Store) -> list[Fault]:
    """Find statements that stand in two graphs: in the union of all graphs they would count twice."""
    faults = {}
    for quad, other in repetitions(store, store):
        names = sorted(iris.slug_of(str(graph).strip("<>")) for graph in (quad.graph_name, other.graph_name))
        message = f"“{quad.triple}” stands in the graphs {names[0]} and {names[1]}; say it in one of them"
        faults[message] = _fault(str(quad.subject).strip("<>"), message, reading)
    return list(faults.values())


def _fault(subject: str, message: str, reading: Reading) -> Fault:
    """Place what is wrong with a thing where the files begin to speak of it."""
    place = reading.places.get(subject)
    if place is None:
        return Fault("(concluded by the rules)", None, None, message)
    return Fault(place.file, place.line, None, message)
