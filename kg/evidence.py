"""Evidence against the sources themselves: every position is re-read in the text it points into.

The texts are not part of the project; whoever has them can check. Positions count Unicode code points, half open, in
the file decoded as UTF-8 with its line ends as they are.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kg import excluded, iris
from kg.files import Folders

_QUERIES: Final = Path(__file__).parent / "queries"
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Capture:
    """What the graph says of the text of a source: length in code points, SHA-256 of the file."""

    source: str
    file_name: str
    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a source that something in the graph rests on; `expression` only where it is a figure's."""

    subject: str
    source: str
    start: int
    end: int
    expression: str | None


def captures(store: ox.Store) -> list[Capture]:
    """Return the text captures of a graph."""
    return [
        Capture(_slug(row["source"]), _text(row["file"]), _text(row["sha256"]), int(_text(row["length"])))
        for row in _select(store, "captures.rq")
    ]


def places(store: ox.Store) -> list[Place]:
    """Return every place in a source that the graph rests on."""
    return [
        Place(
            str(row["subject"]).strip("<>")[len(iris.ID) :],
            _slug(row["source"]),
            int(_text(row["start"])),
            int(_text(row["end"])),
            _text(row["expression"]) if row["expression"] is not None else None,
        )
        for row in _select(store, "places.rq")
    ]


def excluded_places(folders: Folders) -> list[Place]:
    """Return the places of what was left out on purpose."""
    return [
        Place(f"data/excluded.csv:{row.line}", row.source, row.start, row.end, row.expression)
        for row in excluded.read(folders)
    ]


def verify(captures: Iterable[Capture], places: Iterable[Place], folder: Path) -> Iterator[str]:
    """Tell in words every difference between the graph and the texts in a folder; nothing means that all is right."""
    texts: dict[str, str] = {}
    for capture in captures:
        path = folder / capture.file_name
        if not path.is_file():
            yield f"{capture.source}: {capture.file_name} is not in {folder}"
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != capture.sha256:
            yield f"{capture.source}: {capture.file_name} is another file than the one read (SHA-256 differs)"
        try:
            texts[capture.source] = text = content.decode("utf-8")
        except UnicodeDecodeError:
            yield f"{capture.source}: {capture.file_name} is not UTF-8; nothing in it was compared"
            continue
        if len(text) != capture.length:
            yield f"{capture.source}: {capture.file_name} has {len(text)} characters, not {capture.length}"
    for place in places:
        if place.source in texts and (message := _difference(place, texts[place.source])):
            yield f"{place.subject}: {message}"


def _difference(place: Place, text: str) -> str | None:
    if not 0 <= place.start < place.end <= len(text):
        return f"the place {place.start}–{place.end} is not within the {len(text)} characters of {place.source}"
    found = text[place.start : place.end]
    if place.expression is None:
        return _ragged(place, text)
    if found == place.expression:
        return None
    at = _nearest(place.expression, text, place.start)
    hint = "" if at is None else f"; it stands at {at}–{at + len(place.expression)}"
    return f"at {place.start}–{place.end} stands {found[:_SHOWN]!r}, not {place.expression!r}{hint}"


def _nearest(expression: str, text: str, start: int) -> int | None:
    """Return where an expression begins in a text, nearest to where it was to begin; None where it does not stand."""
    before = text.rfind(expression, 0, start + len(expression))
    after = text.find(expression, start)
    return min((at for at in (before, after) if at >= 0), key=lambda at: abs(at - start), default=None)


def _ragged(place: Place, text: str) -> str | None:
    """Tell whether a place starts or ends inside a word or in white space."""
    inside_start = place.start > 0 and text[place.start - 1].isalnum() and text[place.start].isalnum()
    inside_end = place.end < len(text) and text[place.end - 1].isalnum() and text[place.end].isalnum()
    if inside_start or inside_end or text[place.start].isspace() or text[place.end - 1].isspace():
        return f"the place {place.start}–{place.end} starts or ends inside a word or in white space"
    return None


def _select(store: ox.Store, name: str) -> ox.QuerySolutions:
    text = (_QUERIES / name).read_text(encoding="utf-8")
    return cast("ox.QuerySolutions", store.query(text, use_default_graph_as_union=True))


def _text(term: object) -> str:
    return cast("ox.Literal", term).value


def _slug(term: object) -> str:
    return iris.slug_of(cast("ox.NamedNode", term).value)
