"""Terms in the files that may not be written, judged as those of edits are, and told where they stand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import findings, iris, terms
from kg.edits.literals import is_well_typed, refuse_unfit
from kg.errors import Fault, UnfitTerm
from kg.files import Folders, Reading

_TYPED: Final = re.compile(
    r'(?P<quote>"""|\'\'\'|"|\')(?P<text>(?:[^\\]|\\.)*?)(?P=quote)(?P<typed>\^\^)?|#[^\n]*|<[^>\s]*>', re.DOTALL
)
"""A quoted text, or something that may hold a quotation mark that opens none."""
_ESCAPED: Final = re.compile(r"""\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))""")
_LETTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True, slots=True)
class _Typed:
    """A literal with a datatype in a Turtle file."""

    line: int
    column: int
    text: str


def refuse(folders: Folders, reading: Reading) -> None:
    """Take statements with unfit terms out of what was read, and add them to the faults."""
    paths = {folders.graph(path): path for path in folders.turtle() if iris.is_slug(path.stem)}
    literals: dict[Path, list[_Typed]] = {}
    fit = []
    for quad in reading.quads:
        try:
            refuse_unfit(quad)
        except UnfitTerm as error:
            path = paths.get(str(quad.graph_name).strip("<>"))
            if path is not None and path not in literals:
                literals[path] = list(_literals(path))
            name = folders.name(path) if path else ""
            reading.faults.append(_fault(quad, error, name, literals.get(path, []) if path else [], reading))
            reading.lost.add(iris.slug_of(str(quad.subject).rstrip(">")))
        else:
            fit.append(quad)
    reading.quads[:] = fit


def _fault(quad: ox.Quad, error: UnfitTerm, name: str, literals: list[_Typed], reading: Reading) -> Fault:
    subject, predicate = str(quad.subject).strip("<>"), quad.predicate.value
    place = reading.places.get(subject)
    message = re.sub("<([^<>]*)>", lambda found: terms.shorten(found[1]), f"{error.detail} {error.hint or ''}").strip()
    literal = quad.object
    if isinstance(literal, ox.Literal):
        if not is_well_typed(literal.value, literal.datatype.value):
            said = f"{terms.shorten(subject)} {terms.shorten(predicate)}"
            message = f"“{literal.value}” is no {terms.shorten(literal.datatype.value)} ({said})"
            if found := _first(literals, literal.value, place.line if place and place.file == name else 1):
                literals.remove(found)  # the next of the same text is another one
                return Fault(name, found.line, found.column, message)
        if place and place.file.endswith(".csv"):
            return Fault(place.file, place.line, findings.cell(predicate, literal.language), message)
    if place and name in ("", place.file):
        return Fault(place.file, place.line, None, message)
    return Fault(name or "data", None, None, message)


def _first(literals: Iterable[_Typed], text: str, line: int) -> _Typed | None:
    """Find the first literal with a text from a line on, else the first in the file."""
    found = [literal for literal in literals if literal.text == text]
    return next((literal for literal in found if literal.line >= line), found[0] if found else None)


def _literals(path: Path) -> Iterator[_Typed]:
    text = path.read_bytes().decode("utf-8-sig")
    for found in _TYPED.finditer(text):
        if found["typed"]:
            start = found.start()
            column = start - text.rfind("\n", 0, start)
            yield _Typed(text.count("\n", 0, start) + 1, column, _ESCAPED.sub(_unescaped, found["text"]))


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _LETTERS.get(found[3], found[3])
