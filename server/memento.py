"""Memento: what an address here answered at a moment in the past, found by the header Accept-Datetime.

Things, graphs and the SPARQL endpoint are original resources. Each version of the graph is a memento of them, at the
same address with `?version=`. An original is its own TimeGate; `/timegate/…` and `/timemap/…` serve any of them.
Source: https://www.rfc-editor.org/rfc/rfc7089
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote_plus

from flask import Blueprint, Flask, Response, jsonify, request
from pyoxigraph import NamedNode
from werkzeug.http import http_date

from kg import iris
from kg.errors import PraksisError
from kg.versions import Home
from server import entities, history, negotiation, queries, reader, rows
from server.caching import conditional_on
from server.errors import BadRequest, Unacceptable, UnknownThing
from server.history import Brief

blueprint = Blueprint("memento", __name__)

LINK_FORMAT: Final = "application/link-format"
_HEADER: Final = "Accept-Datetime"
_DATE: Final = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
_THINGS: Final = ("/id/", "/shapes/", "/.well-known/genid/")
_GRAPHS: Final = "/graph/"
_ENDPOINT: Final = "/sparql"
_LONGEST: Final = 2000
"""What an address may have to stand in the header Link, which proxies take only so long. Units: characters."""
_SAFE: Final = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True)
class Original:
    """An address that answers for the present: all of it, and the parameters after it but the version."""

    root: str
    path: str
    parameters: tuple[str, ...]

    def at(self, number: int | None = None) -> str:
        """Return the whole address, of a memento where a version is given."""
        pinned = () if number is None else (f"version={number}",)
        query = quote("&".join((*self.parameters, *pinned)), safe=f"{_SAFE}%?")
        return self.root + quote(self.path, safe=_SAFE) + (f"?{query}" if query else "")

    @property
    def is_endpoint(self) -> bool:
        """Whether this is there in every version."""
        return self.path == _ENDPOINT

    def name(self) -> str:
        """Return the IRI of the thing or graph that this is about.

        Raises: UnknownThing.
        """
        named, _ = entities.resolve(self.path, entities.OF_THINGS)
        return named.value


def _original(path: str, query: str) -> Original | None:
    """Return the original at a path of this server, None where there is none."""
    if path != _ENDPOINT and not path.startswith((*_THINGS, _GRAPHS)):
        return None
    parameters = [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) != "version"]
    return Original(request.host_url.rstrip("/"), path, tuple(parameters))


def _requested() -> Original | None:
    """Return the original that this request is about, or a memento of."""
    if request.method not in ("GET", "HEAD") or reader.is_conformance():
        return None
    return _original(request.path, request.query_string.decode("latin-1"))


def _named(uri: str) -> Original:
    """Return the original that the address of a TimeGate or TimeMap names, by its address here or its IRI.

    Raises: UnknownThing.
    """
    bare = re.sub(r"^https?:/{1,2}", "", uri)  # proxies make one slash of two
    for root in (request.host, re.sub(r"^https?://|/$", "", iris.BASE)):
        if bare.startswith(f"{root}/"):
            found = _original(bare.removeprefix(root), request.query_string.decode("latin-1"))
            if found is not None:
                return found
    raise UnknownThing(uri)


def mementos(original: Original) -> list[Brief]:
    """Return the versions in which an original was there, oldest first, no more than the newest few hundred."""
    current = reader.snapshots().current().version
    if original.path.startswith(_GRAPHS):
        return history.holding(original.name(), current)
    if not original.is_endpoint:
        return history.present(original.name(), current, lambda number: _count(original, number))
    home = Home(current.path.parents[1])
    return [history.brief(home.versions, number) for number in home.numbers()[-history.PRESENT :]]


def _count(original: Original, number: int) -> int:
    """Count the statements about a thing, or the graphs of a name that have any, in a version."""
    snapshot, node = reader.snapshots().at(number), NamedNode(original.name())
    if original.path.startswith(_GRAPHS):
        return int(history.holds(snapshot.version.path, node.value))
    (row,) = snapshot.rows(queries.bind("statement-count", thing=node))
    return rows.number(row, "count")


def _moment() -> datetime | None:
    """Return the moment the client asks for, None where it asks for none.

    Raises: BadRequest.
    """
    sent = request.headers.get(_HEADER)
    if sent is None:
        return None
    with contextlib.suppress(ValueError):
        if _DATE.fullmatch(sent):
            return datetime.strptime(sent, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    raise BadRequest(
        "The header Accept-Datetime is not an HTTP date.", "Write it like this: Sun, 22 Nov 2026 10:00:00 GMT."
    )


def _chosen(original: Original, there: list[Brief], moment: datetime | None) -> Brief:
    """Return the memento that was in force at a moment; the newest where none is given, the first before it.

    Raises: UnknownThing when there are none.
    """
    if not there:
        raise UnknownThing(original.at())
    if moment is None:
        return there[-1]
    earlier = [one for one in there if one.moment <= moment]
    if earlier:
        return earlier[-1]
    before = history.in_force(Home(reader.snapshots().current().version.path.parents[1]), moment)
    is_there = before and (original.is_endpoint or _count(original, before.number))
    return before if before and is_there else there[0]


def _send_on(original: Original) -> Response:
    """Lead to the memento the client wants."""
    moment = _moment()
    there = mementos(original)
    chosen = _chosen(original, there, moment)
    response = Response(status=302, headers={"Location": original.at(chosen.number), "Cache-Control": "no-cache"})
    response.headers["Link"] = ", ".join([*_around(original), *_neighbours(original, there, chosen)])
    response.vary.add(_HEADER)
    return response


def invitation(address: str, root: str) -> list[str]:
    """Return the links from an original to its TimeGate and TimeMap, none where they are too long for a header."""
    if len(address) > _LONGEST:
        return []
    return [
        f'<{root}/timegate/{address}>; rel="timegate"',
        f'<{root}/timemap/{address}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]


def _around(original: Original) -> list[str]:
    address = original.at()
    if len(address) > _LONGEST:
        return []
    return [f'<{address}>; rel="original"', *invitation(address, original.root)]


def _neighbours(original: Original, there: list[Brief], chosen: Brief) -> list[str]:
    """Return the links to the first, the last and the neighbouring mementos, and to the chosen one itself."""
    if len(original.at()) > _LONGEST:
        return []
    before = [one for one in there if one.number < chosen.number]
    after = [one for one in there if one.number > chosen.number]
    roles = {"first": there[:1], "prev": before[-1:], "next": after[:1], "last": there[-1:]}
    every = {one.number: one for one in (*there[:1], *before[-1:], chosen, *after[:1], *there[-1:])}
    return [
        _link(original, one, [role for role, found in roles.items() if one in found])
        for one in sorted(every.values(), key=lambda one: one.number)
    ]


def _link(original: Original, one: Brief, roles: list[str]) -> str:
    relation = " ".join([*roles, "memento"])
    return f'<{original.at(one.number)}>; rel="{relation}"; datetime="{http_date(one.moment)}"'


def install(app: Flask) -> None:
    """Let the originals of an app negotiate in time, and say so."""

    @app.before_request
    def negotiate() -> Response | None:
        """Send whoever names a date, and no version, on to what was there then."""
        if _HEADER not in request.headers or "version" in request.args:
            return None
        original = _requested()
        return _send_on(original) if original else None

    @app.after_request
    def tell(response: Response) -> Response:
        """Date a memento and link it to the others; invite whoever got an original to ask for a date."""
        original = _requested() if response.status_code in (200, 303, 304) else None
        held = reader.held_snapshot()
        if original is None or held is None:
            return response
        if "version" in request.args:
            moment = datetime.fromisoformat(held.version.time)
            response.headers["Memento-Datetime"] = http_date(moment)
            if response.status_code != 304:
                this = history.in_short(held.version)
                _add(response, [*_around(original), *_neighbours(original, _there(original), this)])
        else:
            response.vary.add(_HEADER)
            if response.status_code != 304:
                _add(response, invitation(original.at(), original.root))
        return response


def _there(original: Original) -> list[Brief]:
    """Return the mementos, none where they cannot be found out now: the answer itself is more than its links."""
    with contextlib.suppress(PraksisError):
        return mementos(original)
    return []


def _add(response: Response, links: list[str]) -> None:
    if links:
        response.headers.add("Link", ", ".join(links))


def kept() -> object:
    """Return what changes when versions are removed, some of which may stay because they are being read."""
    return tuple(Home(reader.snapshots().current().version.path.parents[1]).numbers())


@blueprint.get("/timegate/<path:uri>")
def timegate(uri: str) -> Response:
    """Lead to the memento of an original at the moment the client wants, the newest where it wants none."""
    return _send_on(_named(uri))


@blueprint.get("/timemap/<path:uri>")
@conditional_on(kept)
def timemap(uri: str) -> Response:
    """List the mementos of an original."""
    original = _named(uri)
    there = mementos(original)
    if not there:
        raise UnknownThing(uri)
    offers = (LINK_FORMAT, "application/json")
    chosen = negotiation.choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise Unacceptable(offers)
    return _list(original, there) if chosen == LINK_FORMAT else _json(original, there)


def _list(original: Original, there: list[Brief]) -> Response:
    address, first, last = original.at(), there[0], there[-1]
    span = f'from="{http_date(first.moment)}"; until="{http_date(last.moment)}"'
    lines = [
        f'<{address}>; rel="original"',
        f'<{original.root}/timemap/{address}>; rel="self"; type="{LINK_FORMAT}"; {span}',
        f'<{original.root}/timegate/{address}>; rel="timegate"',
        *(_link(original, one, _ends(one, first, last)) for one in there),
    ]
    return Response(",\n".join(lines) + "\n", mimetype=LINK_FORMAT)


def _ends(one: Brief, first: Brief, last: Brief) -> list[str]:
    return [role for role, end in (("first", first), ("last", last)) if one == end]


def _json(original: Original, there: list[Brief]) -> Response:
    """Write a TimeMap in JSON, as the Time Travel service of the protocol's authors does.

    Source: http://timetravel.mementoweb.org/guide/api/#timemap
    """
    address = original.at()
    every = [{"datetime": one.moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "uri": original.at(one.number)} for one in there]
    return jsonify({
        "original_uri": address,
        "timegate_uri": f"{original.root}/timegate/{address}",
        "timemap_uri": {"link_format": f"{original.root}/timemap/{address}"},
        "mementos": {"first": every[0], "last": every[-1], "list": every},
    })  # fmt: skip
