"""The W3C Entity Reconciliation API 0.2: match a table's names and numbers with things of the graph.

Source: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, jsonify, request
from pyoxigraph import NamedNode

from kg import iris
from kg.reconciliation import Candidate, by_share, judged, organisation_number, share
from kg.search import opening
from server import answers, caching, links, reader, rendering
from server.caching import conditional
from server.errors import BadRequest, UnknownThing
from server.headers import CONTENT_SECURITY_POLICY
from server.labels import Labels
from server.reconciliation import entities, reading
from server.reconciliation.entities import PROPERTIES, TYPES, Known, Naming, Table
from server.reconciliation.reading import Asked

blueprint = Blueprint("reconciliation", __name__)

_ROOTS: Final = ("/reconcile", "/reconcile/<any(nb, nn, en):language>")
"""The endpoint, and one for each language, for clients that cannot ask for one."""
_NAME: Final = "Praksisgrafen"
_PREVIEW: Final = {"width": 420, "height": 260}
"""Units: CSS pixels."""
_EMBEDDABLE: Final = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "script-src 'self'", "script-src 'none'"
)
"""The preview does nothing and takes nothing in, so whoever likes may frame it."""
_FOUND: Final = 25
"""Things that are compared with one text."""
_SUGGESTED: Final = 10
_FURTHEST: Final = 200
_View = TypeVar("_View", bound=Callable[..., Response])


def _routes(path: str, *methods: str) -> Callable[[_View], _View]:
    def add(view: _View) -> _View:
        """Give a view its address under each root."""
        for root in _ROOTS:
            blueprint.add_url_rule(root + path, view_func=view, methods=list(methods))
        return view

    return add


def _labels(language: str | None) -> Labels:
    return Labels(language or reader.language(), reader.carried())


@_routes("", "GET")
@conditional
def endpoint(language: str | None = None) -> Response:
    """Say what the service can do, or answer what stands in the address."""
    sent = request.args
    return _answer(sent, language) if "queries" in sent or "extend" in sent else jsonify(_manifest(language))


@_routes("", "POST")
def posted(language: str | None = None) -> Response:
    """Answer a form with queries, or with what values are wanted."""
    return caching.vary(_answer(request.form, language))


def _answer(sent: Mapping[str, str], language: str | None) -> Response:
    if "extend" in sent:
        return jsonify(_extended(reading.extension(sent["extend"]), _labels(language)))
    if "queries" not in sent:
        raise BadRequest("The request holds neither “queries” nor “extend”.", "Send one of them as a field of a form.")
    return jsonify(_reconciled(reading.batch(sent["queries"]), _labels(language)))


def _manifest(language: str | None) -> dict[str, Any]:
    labels = _labels(language)
    labels.fetch(reader.snapshot().rows, [kind.term for kind in TYPES.values()])
    here = rendering.located("/reconcile" + (f"/{language}" if language else ""))
    service = {
        name: {"service_url": here, "service_path": f"/suggest/{name}"} for name in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": _NAME,
        "identifierSpace": iris.ID,
        "schemaSpace": iris.DEF,
        "documentation": rendering.located("/about/api#reconcile"),
        "serviceVersion": caching.software_version(),
        "defaultTypes": [entities.type_(kind, labels) for kind in TYPES],
        "view": {"url": rendering.located("/id/{{id}}")},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", **_PREVIEW},
        "suggest": service,
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": [],
        },
        "batchSize": reading.BATCH,
    }


def _reconciled(batch: Mapping[str, Asked], labels: Labels) -> dict[str, Any]:
    """Answer all queries of a batch, with four queries to the graph however many they are."""
    rows = reader.snapshot().rows
    members = cache(partial(entities.members, rows))
    found = {key: _found(asked, members) for key, asked in batch.items()}
    naming = entities.named(rows, (iri for things in found.values() for iri in things))
    wanted = {name for asked in batch.values() for name in asked.properties}
    table = entities.held(rows, naming.known, wanted)
    results = {key: _candidates(asked, found[key], naming, table)[: asked.limit] for key, asked in batch.items()}
    things = {one.iri for candidates in results.values() for one in candidates}
    labels.fetch(rows, [*map(NamedNode, things), *(kind.term for kind in TYPES.values())])
    return {
        key: {"result": [_shown(one, naming.known[one.iri], labels) for one in candidates]}
        for key, candidates in results.items()
    }


def _found(asked: Asked, members: Callable[[tuple[str, ...]], list[str]]) -> list[str]:
    """Return what is worth comparing with a query."""
    if not asked.text.strip():
        return members(asked.kinds)
    own = entities.iri_of(asked.text)
    index = opening.index(reader.snapshot().version)
    called = index.called(organisation_number(asked.text) or asked.text, asked.kinds, _FOUND)
    return [*([own] if own else ()), *called]


def _candidates(asked: Asked, found: Iterable[str], naming: Naming, table: Table) -> list[Candidate]:
    near = dict.fromkeys(
        iri for one in found for iri in naming.near.get(one, ()) if entities.kind_of(iri) in asked.kinds
    )
    shares = {
        iri: share(asked.properties, {name: own.texts for name, own in table.get(iri, {}).items()}) for iri in near
    }
    if not asked.text.strip():
        return by_share(shares)
    return judged(asked.text, {iri: naming.known[iri].names for iri in near}, shares if asked.properties else None)


def _shown(one: Candidate, known: Known, labels: Labels) -> dict[str, Any]:
    about = entities.description(known, labels)
    return {
        "id": entities.id_of(one.iri),
        "name": labels.text(one.iri).value,
        **({"description": about} if about else {}),
        "type": [entities.type_(entities.kind_of(one.iri), labels)],
        "score": one.score,
        "match": one.match,
        "features": [{"id": name, "value": value} for name, value in one.features.items()],
    }


def _extended(wanted: reading.Extension, labels: Labels) -> dict[str, Any]:
    """Give values; what is no entity of the service, people among them, has none."""
    rows = reader.snapshot().rows
    things = {name: iri for name in wanted.ids if (iri := entities.iri_of(name))}
    table = entities.held(rows, things.values(), wanted.properties)
    properties = [PROPERTIES[name] for name in wanted.properties]
    terms = [term for own in table.values() for one in own.values() for term in one.terms]
    labels.fetch(rows, [*terms, *(one.term for one in properties)])
    return {
        "meta": [entities.property_(one, labels) for one in properties],
        "rows": {
            name: {
                one.id: entities.cell(table[things[name]][one.id].terms, labels)
                if one.id in table.get(things.get(name, ""), {})
                else []
                for one in properties
            }
            for name in wanted.ids
        },
    }


@_routes("/properties", "GET")
@conditional
def propose(language: str | None = None) -> Response:
    """Propose what may be asked about things of a type, or of any."""
    sent, labels = request.args.get("type"), _labels(language)
    chosen = TYPES[reading.kind(sent)].properties if sent else tuple(PROPERTIES.values())
    limit = reading.whole(request.args.get("limit"), "limit", len(PROPERTIES), len(PROPERTIES))
    labels.fetch(reader.snapshot().rows, [one.term for one in chosen])
    properties = [entities.property_(one, labels) for one in chosen[:limit]]
    return jsonify({**({"type": sent} if sent else {}), "properties": properties, "limit": limit})


@_routes("/suggest/<any(entity, type, property):what>", "GET")
@conditional
def suggest(what: str, language: str | None = None) -> Response:
    """Propose what begins as somebody has begun to type."""
    text, labels = request.args.get("prefix", ""), _labels(language)
    if len(text) > reading.LONGEST:
        raise BadRequest("“%(name)s” has more than %(limit)s characters.", name="prefix", limit=reading.LONGEST)
    start = reading.whole(request.args.get("cursor"), "cursor", 0, _FURTHEST)
    found = _entities(text, start, labels) if what == "entity" else _terms(what, text, labels)[start:]
    return jsonify({"result": found[:_SUGGESTED]})


def _entities(text: str, start: int, labels: Labels) -> list[dict[str, Any]]:
    rows = reader.snapshot().rows
    index, own = opening.index(reader.snapshot().version), entities.iri_of(text)
    named = [iri for _, iri, _ in index.suggest(text, labels.language, start + _SUGGESTED, TYPES)]
    naming = entities.named(rows, [*([own] if own else ()), *named])
    found = [iri for iri in dict.fromkeys([*([own] if own else ()), *named]) if iri in naming.known][start:]
    labels.fetch(rows, [*map(NamedNode, found), *(kind.term for kind in TYPES.values())])
    described = [(iri, entities.description(naming.known[iri], labels)) for iri in found]
    return [
        {
            "id": entities.id_of(iri),
            "name": labels.text(iri).value,
            **({"description": about} if about else {}),
            "notable": [entities.type_(entities.kind_of(iri), labels)],
        }
        for iri, about in described
    ]


def _terms(what: str, text: str, labels: Labels) -> list[dict[str, str]]:
    """Return the types or properties with a word that begins so, or all where nothing is typed."""
    terms = [*(kind.term for kind in TYPES.values()), *(one.term for one in PROPERTIES.values())]
    labels.fetch(reader.snapshot().rows, terms)
    every: Sequence[dict[str, str]] = (
        [entities.type_(kind, labels) for kind in TYPES]
        if what == "type"
        else [entities.property_(one, labels) for one in PROPERTIES.values()]
    )
    typed = text.strip().casefold()
    return [
        one
        for one in every
        if one["id"].casefold().startswith(typed)
        or any(one["name"].casefold()[place:].startswith(typed) for place in _beginnings(one["name"]))
    ]


def _beginnings(text: str) -> list[int]:
    return [0, *(place + 1 for place, sign in enumerate(text) if sign == " ")]


@_routes("/preview", "GET")
@conditional
def preview(language: str | None = None) -> Response:
    """Show in short what an entity is, in a frame on somebody else's page."""
    identifier, labels = request.args.get("id", ""), _labels(language)
    iri = entities.iri_of(identifier)
    rows = reader.snapshot().rows
    known = entities.named(rows, [iri]).known.get(iri) if iri else None
    if iri is None or known is None:
        raise UnknownThing(links.named(iris.ID + identifier[: reading.LONGEST]).value)
    kind = TYPES[entities.kind_of(iri)]
    table = entities.held(rows, [iri], (one.id for one in kind.properties)).get(iri, {})
    shown = [one for one in kind.properties if one.id in table and one.id not in ("dct:description", "skos:definition")]
    terms = [term for one in shown for term in table[one.id].terms]
    labels.fetch(rows, [NamedNode(iri), kind.term, *terms, *(one.term for one in shown)])
    response = answers.page(
        "reconciliation/preview.html",
        iri_url=links.page(iri, {"lang": labels.language}),
        title=labels.text(iri),
        kind=labels.text(kind.term.value).value,
        about=entities.description(known, labels),
        facts=[(entities.property_(one, labels)["name"], _words(table[one.id].terms, labels)) for one in shown],
        tongue=labels.language,
    )
    response.headers["Content-Security-Policy"] = _EMBEDDABLE
    response.content_language.clear()
    response.content_language.add(labels.language)
    return response


def _words(terms: Iterable[object], labels: Labels) -> list[str]:
    cells = entities.cell(terms, labels)
    return [str(cell.get("name", next(iter(cell.values())))) for cell in cells]
