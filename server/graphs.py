"""The SPARQL 1.1 Graph Store Protocol: one graph at a time, read and written as a document.

A graph is named in the address, `/graphs?graph=IRI` or `/graphs?default`, or is the one directly at `/graphs/NAME`: the
graph of the project with that name. In conformance mode, where the store has no names of its own, the graph at
`/graphs/NAME` is called by just that address.
Source: https://www.w3.org/TR/sparql11-http-rdf-update/
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.http import parse_etags

from kg import iris
from kg.edits import DropGraph, Expect, MergeGraph, ReplaceGraph
from kg.engine import Formats, Query
from kg.errors import PreconditionFailed, UnknownGraph
from kg.versions import Version
from server import answers, auth, bodies, caching, documents, formats, negotiation, reader, updates
from server.errors import BadRequest, Unacceptable

blueprint = Blueprint("graphs", __name__)

_OFFERS: Final = (formats.TURTLE, formats.NTRIPLES, formats.JSONLD, formats.RDFXML)
_WHOLE: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@dataclass(frozen=True)
class Target:
    """The graph a request is about: its IRI, or None for the default graph; `minted` where we chose the IRI."""

    graph: str | None
    minted: bool = False


@blueprint.route("/graphs", methods=["GET", "PUT", "POST", "DELETE"], strict_slashes=False)
@blueprint.route("/graphs/<path:name>", methods=["GET", "PUT", "POST", "DELETE"])
def graph(name: str | None = None) -> Response:
    """Read, replace, extend or remove one graph."""
    if request.method in ("GET", "HEAD"):
        return caching.vary(_get(_target(name)))
    auth.require("write")
    if "version" in request.args:
        raise BadRequest("An earlier version cannot be written to.", "Leave out the parameter “version”.")
    if request.method != "DELETE":
        bodies.require_length()
    return _WRITES[request.method](_target(name))


def _get(target: Target) -> Response:
    version = reader.snapshot().version
    digest = _digest(version, target.graph)
    if digest is None:
        raise UnknownGraph(
            "There is no graph <%(graph)s>.", "The service description at /sparql names all.", graph=target.graph
        )
    media_type = negotiation.choose(request.headers.get("Accept"), _OFFERS)
    if media_type is None:
        raise Unacceptable(_OFFERS)
    format_ = formats.GRAPHS[media_type]
    tag = f"{digest}.{format_.file_extension}"
    _check_match(digest)
    if tag in caching.known_tags() or request.if_none_match.star_tag:
        return caching.stamp(Response(status=304), tag)
    only = (target.graph,) if target.graph is not None else None
    query = Query(_WHOLE, default_graphs=only, formats=Formats(graph=format_))
    return caching.stamp(answers.whole(reader.snapshot().engine.query(query), media_type), tag)


def _put(target: Target) -> Response:
    if request.headers.get("Content-Range"):
        raise BadRequest("A graph cannot be replaced in parts.", "Send all of it, or add to it with POST.")
    edit = ReplaceGraph(target.graph, documents.body(_base(target)))
    outcome = updates.writer().write(edit, _message("PUT", target), _expect(target))
    return updates.done(outcome, _location(target) if outcome.created else None)


def _post(target: Target) -> Response:
    edit = MergeGraph(target.graph, documents.body(_base(target)))
    outcome = updates.writer().write(edit, _message("POST", target), _expect(target))
    return updates.done(outcome, _location(target) if outcome.created or target.minted else None)


def _delete(target: Target) -> Response:
    return updates.done(updates.writer().write(DropGraph(target.graph), _message("DELETE", target), _expect(target)))


_WRITES: Final[dict[str, Callable[[Target], Response]]] = {"PUT": _put, "POST": _post, "DELETE": _delete}


def _target(name: str | None) -> Target:
    """Find out which graph the request is about.

    Raises: BadRequest when it names none, or more than one.
    """
    named, default = request.args.getlist("graph"), "default" in request.args
    if len(named) + default + (name is not None) > 1:
        raise BadRequest("The request names more than one graph.", "One of /graphs/NAME, ?graph=IRI and ?default.")
    if default:
        return Target(None)
    if name is not None:
        return Target(_absolute(_namespace() + name))
    if named:
        return Target(_absolute(_canonical(named[0])))
    if request.method == "POST":
        return Target(_namespace() + uuid.uuid4().hex, minted=True)
    raise BadRequest("The request names no graph.", "Add ?graph=IRI or ?default; the service description names all.")


def _namespace() -> str:
    """Return what the names of graphs directly at `/graphs/` begin with."""
    return _here() if reader.is_conformance() else iris.GRAPH


def _here() -> str:
    return f"{request.host_url}graphs/"


def _canonical(iri: str) -> str:
    """Return the graph's own name for the address it has here."""
    return _namespace() + iri.removeprefix(_here()) if iri.startswith(_here()) else iri


def _absolute(iri: str) -> str:
    try:
        return ox.NamedNode(iri).value
    except ValueError as error:
        raise BadRequest(
            "The graph’s name is not an absolute IRI: “%(iri)s”.", "Give the whole IRI of a graph.", iri=iri
        ) from error


def _location(target: Target) -> str:
    """Return the address of a graph on this server."""
    if target.graph is None:
        return f"{request.host_url}graphs?default"
    if target.graph.startswith(_namespace()):
        return _here() + target.graph.removeprefix(_namespace())
    return f"{request.host_url}graphs?graph={quote(target.graph, safe='')}"


def _base(target: Target) -> str:
    """Return what relative IRIs in a document are resolved against: the name of the graph."""
    return target.graph if target.graph is not None else request.base_url


def _digest(version: Version, graph: str | None) -> str | None:
    """Return the digest of a graph, None where there is none; the default graph is all graphs together."""
    if graph is None and not reader.is_conformance():
        return version.content_hash
    return version.digest(graph)


def _expect(target: Target) -> Expect | None:
    """Return what the client expects of the graph, whichever format its tags are of."""
    if_match, if_none_match = _digests("If-Match"), _digests("If-None-Match", weak=True)
    if if_match is None and if_none_match is None:
        return None
    return Expect(target.graph, if_match, if_none_match)


def _digests(header: str, *, weak: bool = False) -> frozenset[str] | None:
    """Return the digests in a header, None where there is no header; weak tags match nothing unless they may."""
    if header not in request.headers:
        return None
    tags = parse_etags(request.headers[header])
    digests = frozenset(tag.partition(".")[0] for tag in caching.tags(tags, weak=weak))
    return digests | {"*"} if tags.star_tag else digests


def _check_match(digest: str) -> None:
    wanted = _digests("If-Match")
    if wanted is not None and not wanted & {"*", digest}:
        raise PreconditionFailed("The graph is not what If-Match names.", "Read it again and see what has changed.")


def _message(verb: str, target: Target) -> str:
    return request.args.get("message") or f"{verb} {'the default graph' if target.graph is None else target.graph}"
