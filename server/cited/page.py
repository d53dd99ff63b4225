"""The page of a cited answer, its citations, and the record of it for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from flask import Response, current_app, jsonify
from werkzeug.http import http_date

from kg import citable, stored_queries
from kg.citable import Result, Row
from kg.stored_queries import StoredQuery
from kg.versions import Version
from server import answers, citations, formats, language, reader, rendering, result_tables, signposting
from server.citations import FORMS, Form, Work
from server.cited.checking import CAVEATS, Checked, Today
from server.errors import problem
from server.examples import queries
from server.language import N_
from server.permalinks import Permalink
from server.result_charts import Drawn, bars, lines
from server.result_tables import Table
from server.signposting import Signpost
from server.snapshot import Snapshot
from server.stored.columns import COLUMNS

ROWS_SHOWN: Final = 200
"""Rows in the table, and in the drawing of it."""
DIFFERENT_SHOWN: Final = 5
"""How many of the rows that are new or gone today are shown, of each."""
_DRAWN: Final = {"bar": bars, "line": lines}
_UNTITLED: Final = N_("Answer to a SPARQL query")
_RESULTS: Final = {"CSV": formats.CSV, "TSV": formats.TSV, "JSON": formats.JSON_RESULTS, "XML": formats.XML_RESULTS}
_GRAPHS: Final = {"Turtle": formats.TURTLE, "N-Triples": formats.NTRIPLES, "JSON-LD": formats.JSONLD}
_LONGEST_LINK: Final = 2000
"""What an address may have to stand in the header Link. Units: characters."""


@dataclass(frozen=True)
class Changed:
    """Some rows that only one of two answers has: how many, and the first of them."""

    count: int
    table: Table


@dataclass(frozen=True)
class Cited:
    """How to cite the answer: as text in each language, and in the formats of reference managers."""

    texts: Mapping[str, str]
    forms: Sequence[tuple[str, Form, str]]


def page(checked: Checked) -> Response:
    """Show a cited answer: whether it is the one, what it is today, and how to cite it."""
    permalink, result, at = checked.permalink, checked.result, reader.snapshot()
    rows = [row.terms for row in result.rows[:ROWS_SHOWN]]
    shown = result_tables.table(result.columns, rows, at)
    response = answers.page(
        "answers/cited.html",
        checked=checked,
        title=title(permalink, reader.language()),
        is_own_title=bool(permalink.title),
        caveats=[CAVEATS[name] for name in checked.caveats],
        table=shown if result.form != "ASK" else None,
        columns=COLUMNS,
        drawn=_drawn(permalink, shown, rows) if result.form == "SELECT" and rows else None,
        today=checked.today,
        added=_changed(result, checked.today.difference.added, reader.snapshots().current()),
        removed=_changed(result, checked.today.difference.removed, at),
        problem=problem(checked.today.error) if checked.today.error else None,
        cited=_cited(checked) if checked.is_verified else None,
        files={name: _at(permalink, accept=kind) for name, kind in _types(result).items()},
        editor=_at(permalink),
        editor_today=_at(permalink, version=None),
        permalink=permalink,
        canonical=permalink.iri(),
        names=language.NAMES,
    )
    return signed(response, checked)


def title(permalink: Permalink, tag: str) -> str:
    """Return what the answer is called in a language: as whoever cited it wrote, else as the stored query is."""
    stored = _stored(permalink)
    return permalink.title or (stored.title[tag] if stored else language.words(tag).gettext(_UNTITLED))


def _stored(permalink: Permalink) -> StoredQuery | None:
    return stored_queries.match(permalink.query, queries())


def _drawn(permalink: Permalink, table: Table, rows: Sequence[Sequence[object]]) -> Drawn | None:
    """Draw the rows as the link says, else as the stored query proposes."""
    stored = _stored(permalink)
    view, wanted = permalink.view.get("view", ""), permalink.view
    if not view and stored and stored.chart:
        view, wanted = stored.chart.kind, stored.chart.columns
    if view not in _DRAWN:
        return None
    return _DRAWN[view](table.columns, table.values(rows), reader.language(), wanted)


def _changed(result: Result, rows: Sequence[Row], at: Snapshot) -> Changed | None:
    if not rows or result.form == "ASK":
        return None
    return Changed(len(rows), result_tables.table(result.columns, [row.terms for row in rows[:DIFFERENT_SHOWN]], at))


def _types(result: Result) -> Mapping[str, str]:
    if result.form in ("CONSTRUCT", "DESCRIBE"):
        return _GRAPHS
    return _RESULTS if result.form == "SELECT" else {name: _RESULTS[name] for name in ("JSON", "XML")}


def _at(permalink: Permalink, **changes: str | None) -> str:
    """Return the address of the query at the SPARQL endpoint, asked of the version that was cited."""
    said: dict[str, str | None] = {"query": permalink.query, "version": str(permalink.number), **changes}
    return "/sparql?" + urlencode({name: value for name, value in said.items() if value is not None})


def _work(checked: Checked, tag: str) -> Work:
    return Work(
        iri=checked.permalink.iri(),
        title=title(checked.permalink, tag),
        language=tag,
        version=checked.version.number,
        day=checked.version.time[:10],
        sources=(),
        publisher=current_app.config["PUBLISHER"],
        digest=checked.permalink.digest,
        accessed=today(),
    )


def today() -> str:
    """Return the day on which the answer is read, in ISO 8601 and UTC."""
    return datetime.now(UTC).date().isoformat()


def _cited(checked: Checked) -> Cited:
    texts = {tag: citations.text(_work(checked, tag)) for tag in language.LANGUAGES}
    return Cited(texts, list(citations.all_forms(_work(checked, reader.language()))))


def citation(checked: Checked, suffix: str) -> Response:
    """Give the citation of an answer as a file."""
    form, work = FORMS[suffix], _work(checked, reader.language())
    response = Response(form.write(work), content_type=formats.with_charset(form.media_type))
    name = f"praksisgrafen-answer-{checked.permalink.digest[:12]}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.content_language.add(work.language)
    return signposting.put(response, signposting.metadata(checked.permalink.iri()))


def document(checked: Checked) -> Response:
    """Give the text that is hashed, to be hashed by others."""
    response = Response(checked.result.document, content_type="text/plain; charset=utf-8")
    return signposting.put(response, signposting.metadata(checked.permalink.iri()))


def record(checked: Checked) -> Response:
    """Tell a program what is cited and whether it holds."""
    permalink, version = checked.permalink, checked.version
    said = {
        "permalink": permalink.iri(),
        "title": title(permalink, reader.language()),
        "query": permalink.query,
        "form": checked.result.form,
        "version": _about(version),
        "algorithm": citable.ALGORITHM,
        "cited_hash": permalink.digest,
        "result_hash": checked.result.digest,
        "rows": len(checked.result.rows),
        "verified": checked.is_verified,
        "reason": checked.reason,
        "reproducible": "cut" not in checked.caveats,
        "caveats": checked.caveats,
        "today": _record_of(checked.today),
        "data": rendering.located(_at(permalink)),
    }
    return signed(jsonify(said), checked)


def _about(version: Version) -> Mapping[str, object]:
    return {"number": version.number, "published": version.time, "content_hash": version.content_hash}


def _record_of(today: Today) -> Mapping[str, object]:
    about = {
        "number": today.version.number,
        "published": today.version.time,
        "content_hash": today.version.content_hash,
    }
    if today.result is None:
        return {"version": about, "same": None, "problem": problem(today.error).title if today.error else None}
    return {
        "version": about,
        "same": today.is_same,
        "result_hash": today.result.digest,
        "rows": len(today.result.rows),
        "added": len(today.difference.added),
        "removed": len(today.difference.removed),
        "reordered": today.is_reordered,
    }


def signed(response: Response, checked: Checked) -> Response:
    """Lead programs on: to what is to be cited, the data behind it, and its citations."""
    permalink = checked.permalink
    found = (
        [
            Signpost(rendering.located(permalink.path(f".{suffix}")), "describedby", form.media_type)
            for suffix, form in FORMS.items()
        ]
        if checked.is_verified
        else []
    )
    data = rendering.located(_at(permalink))
    if checked.is_verified:
        found.insert(0, Signpost(permalink.iri(), "cite-as"))
    found.append(Signpost(data, "item", formats.JSON_RESULTS if checked.result.form == "SELECT" else None))
    signposting.put(response, (one for one in found if len(one.href) <= _LONGEST_LINK))
    if len(data) <= _LONGEST_LINK:
        moment = http_date(datetime.fromisoformat(checked.version.time))
        response.headers.add("Link", f'<{data}>; rel="memento"; datetime="{moment}"')
    return response
