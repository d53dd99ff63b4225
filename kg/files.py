"""The files the graph is made of, and their reading with every fault and its place.

A checkout has `ontology/` and `data/` beside the package; an installed wheel carries them inside it. Every Turtle or
CSV file is one named graph, whose name is the file's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg import iris
from kg.errors import Fault
from kg.skolem import skolemise

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Return the root of the source checkout, or None in an installed wheel."""
    root = _PACKAGE.parent
    return root if (root / "ontology").is_dir() and (root / "pyproject.toml").is_file() else None


def ontology_dir() -> Path:
    """Return the folder of vocabulary, code lists, shapes and rules."""
    return (checkout() or _PACKAGE / "content") / "ontology"


def data_dir() -> Path:
    """Return the folder of the data and the stored queries."""
    return (checkout() or _PACKAGE / "content") / "data"


@dataclass(slots=True)
class Place:
    """Where something stands in the input."""

    file: str
    line: int


@dataclass(slots=True)
class Reading:
    """What was read so far: quads, the place of every subject, all faults.

    `lost` are the last parts of the names of things that a fault kept from being read, `hidden` what the IRIs of such
    things begin with where not even their names could be read: links to them are no faults.
    """

    quads: list[ox.Quad] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    def may_describe(self, iri: str) -> bool:
        """Tell whether the files describe a thing, or may do so where they could not be read."""
        return iri in self.places or iris.slug_of(iri) in self.lost or iri.startswith(tuple(self.hidden))

    def add(self, quad: ox.Quad, place: Place) -> None:
        """Keep a quad, and the place where its subject was first seen."""
        self.quads.append(quad)
        if isinstance(quad.subject, ox.NamedNode):
            self.places.setdefault(quad.subject.value, place)


@dataclass(frozen=True, slots=True)
class Folders:
    """The two folders a graph is built from."""

    ontology: Path
    data: Path

    def turtle(self) -> Iterator[Path]:
        """List the Turtle files, vocabulary first."""
        yield from sorted(self.ontology.glob("*.ttl"))
        yield from sorted(self.ontology.glob("codes/*.ttl"))
        yield from sorted(self.ontology.glob("shapes/*.ttl"))
        yield from sorted(self.data.glob("*.ttl"))

    def findings(self) -> list[Path]:
        """List the findings tables, one a source."""
        return sorted(self.data.glob("findings/*.csv"))

    def rules(self) -> list[Path]:
        """List the rules, one CONSTRUCT query a file."""
        return sorted(self.ontology.glob("rules/*.rq"))

    def queries(self) -> list[Path]:
        """List the stored queries, one SELECT query a file."""
        return sorted(self.data.glob("queries/*.rq"))

    def name(self, path: Path) -> str:
        """Name a file as people find it: `data/people.ttl`."""
        for folder in (self.ontology, self.data):
            if path.is_relative_to(folder):
                return f"{folder.name}/{path.relative_to(folder)}"
        return path.name

    def graph(self, path: Path) -> str:
        """Return the IRI of the named graph a file is: its name, with the kind before code lists and shapes."""
        kind = {"codes": "codes-", "shapes": "shapes-"}.get(path.parent.name, "")
        stem = "ontology" if path == self.ontology / "praksis.ttl" else path.stem
        return iris.graph(kind + stem)


def default_folders() -> Folders:
    """Return the folders of the checkout, or those inside the installed package."""
    return Folders(ontology_dir(), data_dir())


_UNDECLARED = "urn:undeclared:"
_SUBJECT = re.compile(r"^(<[^>]*>|[\w.-]*:[\w.-]*)", re.MULTILINE)


def read_text(path: Path, folders: Folders, faults: list[Fault]) -> str | None:
    """Read a file as UTF-8 with its line ends as they are; one that is not UTF-8 is a fault and reads as None."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        content, start = error.object, error.start
        line = content.count(b"\n", 0, start) + 1
        column = len(content[content.rfind(b"\n", 0, start) + 1 : start].decode("utf-8")) + 1
        message = f"character {column} of the line is not UTF-8 (byte 0x{content[start]:02x}); save the file as UTF-8"
        faults.append(Fault(folders.name(path), line, column, message))
        return None


def graph_of(path: Path, folders: Folders, faults: list[Fault]) -> ox.NamedNode | None:
    """Return the named graph of a file; a file whose name cannot be one is a fault and gives None."""
    try:
        return ox.NamedNode(folders.graph(path))
    except ValueError as error:
        faults.append(Fault(folders.name(path), None, None, f"rename the file: {error}"))
        return None


def read_turtle(path: Path, folders: Folders, reading: Reading) -> None:
    """Parse a Turtle file into its named graph; blank nodes get IRIs that depend on nothing but their content.

    A syntax error hides only its own block of lines: the rest is read, so that all errors come at once.
    """
    name, text = folders.name(path), read_text(path, folders, reading.faults)
    graph = graph_of(path, folders, reading.faults)
    if text is None or graph is None:
        reading.hidden.add(iris.ID)
        return
    lines = _subject_lines(text)
    found = len(reading.faults)
    try:
        quads = skolemise(_parse_blocks(text, name, reading.faults), path.stem)
    except ValueError as error:
        reading.faults.append(Fault(name, None, None, str(error)))
        quads = []
    if len(reading.faults) > found:
        reading.lost.update(lines)
    for quad in quads:
        if _UNDECLARED in str(quad):
            continue  # its prefix is the fault, and what it says is not known
        line = lines.get(iris.slug_of(str(quad.subject)).rstrip(">"), 1)
        reading.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph), Place(name, line))


def _parse_blocks(text: str, name: str, faults: list[Fault]) -> list[ox.Quad]:
    while True:
        try:
            return list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=iris.BASE))
        except SyntaxError as error:
            line, column = error.lineno or 1, error.offset or 1
            message = re.sub(r"^Parser error at line .*?: ", "", error.msg)
            faults.append(Fault(name, line, column, message))
            if missing := re.match(r"The prefix (\S*): has not been declared", message):
                text = f"@prefix {missing[1]}: <{_UNDECLARED}{missing[1]}#> . {text}"
            else:
                text = _without_block(text, line)


def _without_block(text: str, line: int) -> str:
    """Empty the lines around a faulty one up to the nearest blank lines, keeping the line numbers of all others."""
    lines = text.split("\n")
    first = last = min(line, len(lines)) - 1
    while first > 0 and lines[first - 1].strip():
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    keep = [text if text.startswith("@prefix") else "" for text in lines[first : last + 1]]
    if any(keep) and first <= line - 1 and lines[line - 1].startswith("@prefix"):
        keep[line - 1 - first] = ""
    return "\n".join(lines[:first] + keep + lines[last + 1 :])


def _subject_lines(text: str) -> dict[str, int]:
    """Map the last part of each subject's name to the line it starts on."""
    found: dict[str, int] = {}
    for match in _SUBJECT.finditer(text):
        slug = re.split(r"[/#:]", match.group().strip("<>"))[-1]
        found.setdefault(slug, text.count("\n", 0, match.start()) + 1)
    return found
