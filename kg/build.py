"""The build: files → dataset → rules → SHACL → published, or nothing changed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg import descriptions, excluded, iris, refusals, rules, stored_queries, unfit
from kg.errors import Fault, InvalidInput
from kg.files import Folders, Reading, read_turtle
from kg.findings import read_table
from kg.repetitions import repetitions
from kg.versions import Home, Version

Progress = Callable[[str], None]


_SHAPES: Final = "ontology/shapes/"


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
    for path in folders.findings():
        read_table(path, folders, reading)
    rules.read_rules(folders, reading)
    stored_queries.read_queries(folders, reading)
    excluded.check(folders, reading)
    descriptions.check(folders, reading)
    unfit.refuse(folders, reading)
    return reading


def digests(folders: Folders) -> dict[str, str]:
    """Return the SHA-256 of every file the graph is built from, by the file's name."""
    paths = [*folders.turtle(), *folders.findings(), *folders.rules(), *folders.queries()]
    return {folders.name(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def dataset(folders: Folders) -> ox.Store:
    """Read the files into a dataset, without what the rules conclude.

    Raises: InvalidInput with every fault of the files.
    """
    reading, store = _read_all(folders)
    if reading.faults:
        raise _invalid(reading, reading.faults)
    return store


def check(folders: Folders, progress: Progress = silent) -> Built:
    """Read, conclude and validate without publishing.

    Raises: InvalidInput with every fault of the files, and every violation of a shape; where the files have faults,
    only those violations that these cannot be the cause of.
    """
    progress("Reading the files")
    found = digests(folders)
    if not found:
        raise InvalidInput([Fault(str(folders.data), None, None, "no files to build from")])
    reading, store = _read_all(folders)
    if reading.faults:
        progress("Validating what could be read against the shapes")
        raise _partly(reading)
    progress("Applying the rules")
    rules.apply(store)
    if faults := _said_twice(reading, store):
        raise InvalidInput(faults)
    progress("Validating against the shapes")
    if faults := refusals.all_faults(store, reading):
        raise InvalidInput(faults)
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


def _read_all(folders: Folders) -> tuple[Reading, ox.Store]:
    reading, store = read(folders), ox.Store()
    store.extend(reading.quads)
    reading.faults.extend(_dangling(reading))
    reading.faults.extend(_said_twice(reading, store))
    return reading, store


def _partly(reading: Reading) -> InvalidInput:
    """Return the faults of the files with what the shapes say of the rest, and notes on what could not be checked."""
    if any(fault.file.startswith(_SHAPES) for fault in reading.faults):
        error = _invalid(reading, reading.faults)
        error.add_note("The shapes were not asked, since some of them have faults: ask again when these are mended.")
        return error
    error = _invalid(reading, reading.faults + refusals.lasting_faults(reading))
    error.add_note(
        "The shapes were asked only what does not depend on what these faults hide: ask again when they are mended."
    )
    return error


def _invalid(reading: Reading, faults: Sequence[Fault]) -> InvalidInput:
    error = InvalidInput(faults)
    if iris.ID in reading.hidden:
        error.add_note("Links were not checked: it is not known what the files that cannot be read describe.")
    elif reading.hidden:
        error.add_note("Links to findings were not checked: it is not known which ones the faulty tables describe.")
    return error


def _dangling(reading: Reading) -> list[Fault]:
    """Find links to things of ours that no file describes: most often a slip in a slug."""
    faults = {}
    for quad in reading.quads:
        target = quad.object
        if not isinstance(target, ox.NamedNode) or not target.value.startswith(iris.ID):
            continue
        if not reading.may_describe(target.value):
            place = reading.places[str(quad.subject).strip("<>")]
            subject = iris.slug_of(str(quad.subject)).rstrip(">")
            message = f"{subject} points at {target.value[len(iris.ID) :]}, which no file describes"
            faults[message] = Fault(place.file, place.line, None, message)
    return list(faults.values())


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
