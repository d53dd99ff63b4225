"""The versions of the graph: a list, a page for each, what changed between any two, a feed, and “has it changed?”.

Source of the feed: https://www.rfc-editor.org/rfc/rfc4287
"""

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, g, jsonify, render_template, request
from pyoxigraph import NamedNode

from kg import iris
from kg.errors import PraksisError, UnknownVersion
from kg.versions import EMPTY_GRAPH, Home, Version, ranges
from kg.versions import notes as change_notes
from kg.versions.changes import Changes
from kg.versions.notes import Notes
from kg.versions.record import pruned
from server import answers, differences, formats, history, links, memento, negotiation, notes, reader, rendering
from server.caching import View, conditional_on
from server.differences import Side
from server.errors import BadRequest, Unacceptable, UnknownThing
from server.history import Brief
from server.labels import Labels, Text
from server.notes import Told

blueprint = Blueprint("versions", __name__)

FEED: Final = "application/atom+xml"
PER_PAGE: Final = 20
_IN_FEED: Final = 50
_SAID: Final = 5
"""How many figures and terms the list names of a version."""
_SAID_IN_FEED: Final = 20
_THINGS: Final = 1000
"""How many changed things a program is told of."""
_EQUALS: Final = 1000
"""In how many of the newest versions the same content is looked for."""
_NAME: Final = re.compile(r"(?P<old>[0-9]{1,9})(?:\.\.\.(?P<new>[0-9]{1,9}))?(?:\.(?P<suffix>json|rdfp))?", re.ASCII)
_JSON: Final = "application/json"
_SUFFIXES: Final = {"json": _JSON, "rdfp": differences.PATCH}


@dataclass(frozen=True)
class Entry:
    """A version in a list: its record, the others with the same content, and what it changed in words."""

    version: Version
    equal: list[int]
    said: list[str]


@blueprint.app_template_filter()
def why(version: Version) -> str:
    """Write why a version was made."""
    return notes.why(version.message, reader.language())


def _home() -> Home:
    return Home(reader.snapshot().version.path.parents[1])


def _numbers(home: Home) -> list[int]:
    """Return the numbers of the versions up to the one this request reads."""
    return [number for number in home.numbers() if number <= reader.snapshot().version.number]


def _equal(home: Home) -> Mapping[str, list[int]]:
    """Return the numbers of the versions that have the same content, by content hash."""
    found: dict[str, list[int]] = {}
    for number in _numbers(home)[-_EQUALS:]:
        with contextlib.suppress(UnknownVersion):
            found.setdefault(history.brief(home.versions, number).content_hash, []).append(number)
    return found


def _entry(version: Version, equal: Mapping[str, list[int]], most: int) -> Entry:
    same = [number for number in equal.get(version.content_hash, []) if number != version.number]
    return Entry(version, same, _sentences(version, most))


def _sentences(version: Version, most: int) -> list[str]:
    """Say what a version changed; nothing where that cannot be told."""
    found = _changed(version)
    return list(notes.sentences(found, reader.language(), most)) if found else []


def _changed(version: Version) -> Notes | None:
    """Return what a version changed, None where that cannot be told; if only now, the answer is for this once."""
    try:
        return change_notes.of(version)
    except PraksisError:
        g.is_for_once = True
        return None


def _kept_if_whole(view: View) -> View:
    """Have nobody keep an answer that had to do without what another one will have."""

    @wraps(view)
    def wrapped(*args: object, **kwargs: object) -> Response:
        """Answer as the view does, and forbid keeping it where it is for this once."""
        response = view(*args, **kwargs)
        if "is_for_once" in g:
            response.headers["Cache-Control"] = "no-store"
        return response

    return wrapped


def _newest(home: Home, page: int, per_page: int) -> list[Version]:
    """Return a page of the versions, the newest first."""
    found = []
    for number in _numbers(home)[::-1][(page - 1) * per_page : page * per_page]:
        with contextlib.suppress(UnknownVersion):
            found.append(home.version(number))
    return found


def _wants_json() -> bool:
    accept, offers = request.headers.get("Accept"), ("text/html", _JSON)
    chosen = negotiation.choose(accept, offers)
    if chosen is None:
        raise Unacceptable(offers)
    return chosen == _JSON


@blueprint.get("/versions")
@blueprint.get("/versions.json")
@conditional_on(memento.kept)
@_kept_if_whole
def listing() -> Response:
    """List the versions, the newest first; two that are to be compared lead to what changed between them."""
    if "from" in request.args or "to" in request.args:
        ends = [reader.version_number(request.args.get(name, "")) for name in ("from", "to")]
        return answers.see_other(rendering.url(f"/versions/{ends[0]}...{ends[1]}"))
    home = _home()
    numbers, equal = _numbers(home), _equal(home)
    page = min(reader.page_number(), max(1, -(-len(numbers) // PER_PAGE)))
    entries = [_entry(version, equal, _SAID) for version in _newest(home, page, PER_PAGE)]
    if request.path.endswith(".json") or _wants_json():
        told = list(map(_told, entries))
        return jsonify({"total": len(numbers), "page": page, "perPage": PER_PAGE, "versions": told})
    removed = sorted(set(range(1, numbers[-1])) - set(numbers))
    return answers.page(
        "versions/list.html", entries=entries, total=len(numbers), number=page, per_page=PER_PAGE,
        numbers=numbers[::-1][:_EQUALS], removed=_spans(removed),
    )  # fmt: skip


def _spans(numbers: list[int]) -> str:
    """Write numbers as few spans: 1–3, 5."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ", ".join("–".join(map(str, dict.fromkeys(span))) for span in spans)


def _told(entry: Entry) -> dict[str, Any]:
    """Write a version for programs."""
    version = entry.version
    return {
        "number": version.number,
        "parent": version.parent,
        "time": version.time,
        "author": version.author,
        "message": version.message,
        "origin": version.origin,
        "quads": version.quads,
        "added": version.added,
        "removed": version.removed,
        "contentHash": version.content_hash,
        "sameContentAs": entry.equal,
        "notes": entry.said,
        "href": rendering.located(f"/versions/{version.number}"),
    }


@blueprint.get("/versions.atom")
@conditional_on(memento.kept)
@_kept_if_whole
def feed() -> Response:
    """Give the newest versions as a feed."""
    home = _home()
    entries = [_entry(version, {}, _SAID_IN_FEED) for version in _newest(home, 1, _IN_FEED)]
    return Response(render_template("versions/feed.xml", entries=entries), mimetype=FEED)


@blueprint.get("/versions/<name>")
@conditional_on(memento.kept)
@_kept_if_whole
def version(name: str) -> Response:
    """Show one version, or what changed between two."""
    match = _NAME.fullmatch(name)
    if match is None or (match["suffix"] == "rdfp" and match["new"] is None):
        raise UnknownThing(request.base_url)
    old, suffix = int(match["old"]), match["suffix"]
    if match["new"] is not None:
        return _difference(old, int(match["new"]), suffix)
    home = _home()
    found = home.version(old)
    if suffix == "json" or _wants_json():
        entry = _entry(found, _equal(home), change_notes.LISTED)
        return jsonify(_told(entry) | {"graphs": dict(found.graphs)})
    return _page(home, found)


def _page(home: Home, found: Version) -> Response:
    numbers, parent = home.numbers(), _parent(home, found)
    return answers.page(
        "versions/version.html",
        it=found,
        equal=[one for one in _equal(home).get(found.content_hash, []) if one != found.number],
        parent=parent,
        told=_notes(found, parent),
        graphs=_graphs(found, parent),
        earlier_one=max((one for one in numbers if one < found.number), default=None),
        later_one=min((one for one in numbers if one > found.number), default=None),
    )


def _parent(home: Home, found: Version) -> Version | None:
    """Return the version that this one was made from, None where there was none or it is gone."""
    with contextlib.suppress(UnknownVersion):
        return home.version(found.parent) if found.parent else None
    return None


def _notes(found: Version, parent: Version | None) -> Told | None:
    notes_ = _changed(found)
    if notes_ is None:
        return None
    return notes.told(notes_, reader.language(), _carried(found.number), _carried(parent.number) if parent else None)


def _carried(number: int) -> dict[str, str]:
    """Return what links into a version carry."""
    wanted = {name: value for name, value in reader.carried().items() if name == "lang"}
    return wanted | {"version": str(number)}


def _graphs(found: Version, parent: Version | None) -> list[tuple[Text, str | None, str, str]]:
    """Return the graphs of a version: name, address, digest, and what became of it since the parent."""
    before: Mapping[str, str] = parent.graphs if parent else {}
    graphs = sorted({*found.graphs, *before})
    labels, rows = _names(graphs), []
    for graph in graphs:
        is_gone = graph not in found.graphs
        state = "removed" if is_gone else "added" if graph not in before else "changed"
        same = parent is None or found.graphs.get(graph) == before.get(graph)
        at = parent.number if is_gone and parent else found.number
        digest = found.graphs.get(graph) or before[graph]
        rows.append((labels.text(graph), links.page(graph, _carried(at)), digest, "" if same else state))
    return rows


def _names(graphs: Iterable[str]) -> Labels:
    """Return the names of graphs; if they cannot be found out now, the answer is for this once."""
    labels = reader.labels()
    try:
        labels.fetch(reader.snapshot().rows, [NamedNode(graph) for graph in graphs if graph.startswith(iris.GRAPH)])
    except PraksisError:
        g.is_for_once = True
    return labels


def _difference(old: int, new: int, suffix: str | None) -> Response:
    offers = ("text/html", *_SUFFIXES.values())
    kind = _SUFFIXES[suffix] if suffix else negotiation.choose(request.headers.get("Accept"), offers)
    if kind is None:
        raise Unacceptable(offers)
    about = _about()
    found = ranges.between(_home(), old, new)
    chosen = differences.only(found, about) if about else found
    if kind == differences.PATCH:
        name = f"{iris.BASE}versions/{old}...{new}"
        return Response(differences.patch(chosen, name), mimetype=formats.with_charset(kind))
    return _difference_json(old, new, about, chosen) if kind == _JSON else _difference_page(old, new, about, chosen)


def _about() -> str | None:
    """Return the thing whose changes are asked for.

    Raises: BadRequest when it is no IRI.
    """
    sent = request.args.get("about")
    if sent is None:
        return None
    try:
        return NamedNode(sent).value
    except ValueError as error:
        raise BadRequest("The parameter “about” is not an absolute IRI.", "Give the whole IRI of a thing.") from error


def _difference_json(old: int, new: int, about: str | None, found: Changes) -> Response:
    """Give what changed to a program, each statement as a line of N-Quads."""
    added, removed = ([line.decode().rstrip("\n") for line in lines] for lines in (found.added, found.removed))
    return jsonify({"from": old, "to": new, "about": about, "added": added, "removed": removed})


def _difference_page(old: int, new: int, about: str | None, found: Changes) -> Response:
    every = differences.subjects(found)
    total = len(found.added) + len(found.removed) if about else len(every)
    per_page = differences.OF_ONE if about else differences.THINGS
    page = min(reader.page_number(), max(1, -(-total // per_page)))
    here = slice((page - 1) * per_page, page * per_page)
    subjects, window = (every, here) if about else (every[here], slice(differences.STATEMENTS))
    before, after = _side(old), _side(new)
    groups = differences.groups(found, subjects, before, after, window)
    if about:
        for side in (before, after):
            side.fetch([NamedNode(about)])
    named = after if after.labels.has(about or "") else before
    return answers.page(
        "versions/difference.html", old=old, new=new, groups=groups, total=total, number=page, per_page=per_page,
        about=named.labels.link(about) if about else None, things=len(every),
        added=len(found.added), removed=len(found.removed),
    )  # fmt: skip


def _side(number: int) -> Side:
    """Return where names of a version come from; of one that is gone, from nowhere."""
    labels = Labels(reader.language(), _carried(number))
    with contextlib.suppress(UnknownVersion):
        return Side(reader.snapshots().at(number).rows, labels)
    return Side(None, labels)


@blueprint.get("/changes")
@conditional_on(memento.kept)
def changes() -> Response:
    """Tell a program whether the graph has changed since a version or a moment, and what, without any query."""
    current, home = reader.snapshot().version, _home()
    answer: dict[str, Any] = {"current": _short(history.brief(home.versions, current.number))}
    sent = request.args.get("since")
    if sent is not None:
        answer |= _since(home, current, _number_since(home, sent))
    return jsonify(answer)


def _short(one: Brief) -> dict[str, object]:
    return {"number": one.number, "time": one.time, "contentHash": one.content_hash}


def _number_since(home: Home, sent: str) -> int:
    """Return the version that a number or a moment stands for; 0 before the first one.

    Raises: BadRequest; PrunedVersion when the version in force then was removed.
    """
    if sent.isascii() and sent.isdecimal():
        return reader.version_number(sent)
    try:
        moment = datetime.fromisoformat(sent.replace(" ", "+") if "T" in sent else sent)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            "The parameter “since” is neither the number of a version nor a moment.",
            "Write it like this: since=3 or since=2026-11-22T10:00:00Z.",
        ) from error
    then, first = history.in_force(home, moment), home.numbers()[0]
    if then is None and first > 1:
        raise pruned(first - 1)
    return then.number if then else 0


def _since(home: Home, current: Version, number: int) -> dict[str, Any]:
    """Tell what changed since a version, from the records; things are missing where those do not tell.

    Raises: UnknownVersion; PrunedVersion.
    """
    if number > current.number:
        raise UnknownVersion("There is no version %(number)s.", "See /versions.", number=str(number))
    found = ranges.recorded(home, number, current.number)
    if found is None:
        graphs = _changed_graphs(home.version(number).graphs if number else {}, current.graphs)
    else:
        graphs = sorted({_graph(line) for line in (*found.added, *found.removed)})
    things = [one[1:-1].decode() for one in differences.subjects(found) if one.startswith(b"<")] if found else None
    return {
        "since": number,
        "changed": bool(graphs),
        "graphs": graphs,
        "things": None if things is None else things[:_THINGS],
        "allThings": None if things is None else len(things),
        "difference": rendering.located(f"/versions/{number}...{current.number}"),
    }


def _graph(line: bytes) -> str:
    """Return the name of the graph of a line of N-Quads."""
    return line.rsplit(b" ", 2)[1].decode().strip("<>")


def _changed_graphs(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Compare digests; a graph without statements is none."""
    digests = [{name: digest for name, digest in one.items() if digest != EMPTY_GRAPH} for one in (old, new)]
    return sorted({name for name, _ in digests[0].items() ^ digests[1].items()})
