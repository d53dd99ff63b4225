"""Search: a page of hits with facets, the same as JSON, names while one types, and what tells a browser about it.

Source: https://github.com/dewitt/opensearch (OpenSearch 1.1: description documents and suggestions)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request

from kg import search as texts
from kg.search import Found, Hit, Index, Passage, opening
from server import answers, links, negotiation, reader, rendering
from server import language as lang
from server.caching import conditional
from server.findings import Choice
from server.labels import Labels, Text
from server.language import N_
from server.segments import SEGMENTS

blueprint = Blueprint("search", __name__)

PER_PAGE: Final = 20
MOST_PAGES: Final = 50
SUGGESTED: Final = 8
LONGEST: Final = 200
"""Units: characters of what is asked for."""
TITLES: Final = {"class": N_("Kind of thing"), "edition": N_("Edition")}
_LISTS: Final = {"def": N_("Vocabulary")}
_SUGGESTIONS: Final = "application/x-suggestions+json"
_DESCRIPTION: Final = "application/opensearchdescription+xml"


@dataclass(frozen=True)
class Asked:
    """What the address asks for: words, a value for each of some facets, a page, and what cannot be chosen."""

    text: str
    chosen: Mapping[str, str]
    page: int
    problems: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """One hit as the page shows it."""

    title: Passage
    href: str
    kind: Text
    passage: Passage | None


def _index() -> Index:
    return opening.index(reader.snapshot().version)


def _text() -> str:
    """Return what is looked for, without what nobody can see."""
    sent = request.args.get("q", "")[:LONGEST]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in sent).split())


def _asked(index: Index) -> Asked:
    chosen, problems = {}, []
    for facet, title in TITLES.items():
        sent = [value for value in request.args.getlist(facet) if value]
        if len(sent) == 1 and sent[0] in index.values(facet):
            chosen[facet] = sent[0]
        elif sent:
            problems.append((title, ", ".join(sent)[:LONGEST]))
    return Asked(_text(), chosen, min(reader.page_number(), MOST_PAGES), problems)


def _found(index: Index, asked: Asked) -> tuple[Found, int]:
    """Return the hits of a page and its number: the last one where the address asks for more."""
    found = index.search(
        asked.text, reader.language(), asked.chosen, limit=PER_PAGE, offset=(asked.page - 1) * PER_PAGE
    )
    last = max(1, -(-found.total // PER_PAGE))
    if asked.page <= last:
        return found, asked.page
    return index.search(asked.text, reader.language(), asked.chosen, limit=PER_PAGE, offset=(last - 1) * PER_PAGE), last


@blueprint.get("/search")
@conditional
def search() -> Response:
    """Show what has the words that are asked for, as a page or as JSON."""
    index = _index()
    asked = _asked(index)
    found, number = _found(index, asked)
    is_page = negotiation.choose(request.headers.get("Accept"), ("text/html", "application/json")) != "application/json"
    response = _page(asked, found, number) if is_page else _json(asked, found, number)
    response.status_code = 400 if asked.problems else 200
    return response


def _page(asked: Asked, found: Found, number: int) -> Response:
    kinds = _kinds(found.hits)
    return answers.page(
        "search.html",
        asked=asked,
        hits=[_shown(hit, kinds) for hit in found.hits],
        facets=[(facet, title, _choices(facet, found, asked)) for facet, title in TITLES.items()],
        labels={value: _called(facet, value) for facet, value in asked.chosen.items()},
        total=found.total,
        reachable=min(found.total, PER_PAGE * MOST_PAGES),
        meant=found.meant,
        corrected=texts.corrected(asked.text, found.meant),
        number=number,
        per_page=PER_PAGE,
        searching=True,
    )


def _kinds(hits: Sequence[Hit]) -> dict[str, Text]:
    """Name the kinds of the hits, with one query."""
    labels: Labels = reader.labels()
    classes = {hit.kind: SEGMENTS[hit.kind].classes[0] for hit in hits if hit.kind in SEGMENTS}
    labels.fetch(reader.snapshot().rows, classes.values())
    return {kind: labels.text(term.value) for kind, term in classes.items()}


def _shown(hit: Hit, kinds: Mapping[str, Text]) -> Shown:
    href = links.page(hit.iri, reader.carried()) or "/"
    return Shown(hit.title, href, kinds.get(hit.kind, Text(_called("class", hit.kind))), hit.passage)


def _called(facet: str, value: str) -> str:
    """Name a value of a facet; editions go by their year."""
    if facet == "edition":
        return value
    name = _LISTS.get(value) or (SEGMENTS[value].name if value in SEGMENTS else value)
    return lang.words(reader.language()).gettext(name)


def _choices(facet: str, found: Found, asked: Asked) -> list[Choice]:
    """Return the values of a facet with their counts, the chosen one first, editions newest first."""
    chosen = asked.chosen.get(facet)
    counts = {**({chosen: 0} if chosen else {}), **found.facets[facet]}
    choices = [
        Choice(
            value,
            Text(_called(facet, value)),
            count,
            rendering.here(**{facet: None if value == chosen else value, "page": None}),
            value == chosen,
        )
        for value, count in counts.items()
    ]
    if facet == "edition":
        choices.sort(key=lambda choice: choice.value, reverse=True)
    else:
        choices.sort(key=lambda choice: (-choice.count, choice.label.value))
    return sorted(choices, key=lambda choice: not choice.is_chosen)


def _json(asked: Asked, found: Found, number: int) -> Response:
    """Give the hits to a program: texts in the language of the request, matches unmarked."""
    return jsonify({
        "query": asked.text,
        "corrected": found.meant.corrected,
        "allWords": found.meant.needs_all,
        "total": found.total,
        "page": number,
        "perPage": PER_PAGE,
        "facets": found.facets,
        "problems": [{"parameter": title, "value": value} for title, value in asked.problems],
        "hits": [
            {
                "iri": hit.iri,
                "class": hit.kind,
                "title": str(hit.title),
                "lang": hit.title.language,
                "passage": str(hit.passage) if hit.passage else None,
            }
            for hit in found.hits
        ],
    })  # fmt: skip


@blueprint.get("/search/suggest")
@conditional
def suggest() -> Response:
    """Give names that continue what is typed, as browsers ask for them."""
    text = _text()
    found = _index().suggest(text, reader.language(), SUGGESTED)
    root = request.root_url.rstrip("/")
    pages = [root + (links.page(iri, reader.carried()) or "/") for _, iri, _ in found]
    response = jsonify([text, [name for name, _, _ in found], [_called("class", kind) for _, _, kind in found], pages])
    response.mimetype = _SUGGESTIONS
    return response


@blueprint.get("/opensearch.xml")
@conditional
def description() -> Response:
    """Tell a browser how to search here."""
    return Response(render_template("opensearch.xml"), mimetype=_DESCRIPTION)
