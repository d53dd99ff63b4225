"""What every template may use: words, numbers, links, the reader's language."""

import re
from typing import Final
from urllib.parse import urlencode

from flask import Flask, request

from kg import iris
from kg.characters import printable
from kg.terms import shorten
from server import assets, links, navigation, reader
from server import language as lang
from server.labels import Link

_AMOUNT: Final = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d+|\.)?) (?=[^\W\d])")
_NUMBERED: Final = re.compile(r"\b([^\W\d]{1,5}|[Vv]ersjon|[Vv]ersion) (?=\d)")


def install(app: Flask) -> None:
    """Give the templates of an app their words and links."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: lang.words(reader.language()).gettext(message),
        lambda one, many, n: lang.words(reader.language()).ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.filters["number"] = lambda value: lang.number(str(value), reader.language())
    app.jinja_env.filters["day"] = _day
    app.jinja_env.filters["tight"] = _tight
    app.jinja_env.filters["printable"] = printable
    app.jinja_env.filters["enumerated"] = lambda values: lang.enumerated(map(str, values), reader.language())
    app.jinja_env.tests["link"] = lambda value: isinstance(value, Link)
    app.context_processor(_context)


def _day(moment: str) -> str:
    """Write the day of a moment in words, without a break after the number."""
    written = lang.day(moment[:10], lang.XSD + "date", reader.language())
    return written.replace(" ", "\N{NO-BREAK SPACE}", 1)


def _tight(sentence: str) -> str:
    """Keep each number on one line with its unit or month, and with a short word before it: “33 percent”, “in 2020”."""
    bound = _AMOUNT.sub("\\1\N{NO-BREAK SPACE}", sentence)
    return _NUMBERED.sub("\\1\N{NO-BREAK SPACE}", bound)


def _context() -> dict[str, object]:
    held = reader.held_snapshot()
    return {
        "language": reader.language(),
        "languages": lang.NAMES,
        "base": iris.BASE,
        "asset": assets.asset,
        "menu": navigation.menu(),
        "footer": navigation.footer(),
        "leads_somewhere": navigation.leads_somewhere,
        "absolute": absolute,
        "located": located,
        "graph_version": held.version if held else None,
        "url": url,
        "here": here,
        "sparql_url": lambda query: links.sparql(query, reader.carried()),
        "list_url": lambda segment: links.listing(segment.slug, reader.carried()),
        "difference_url": _difference_url,
        "citation_url": lambda iri, suffix: links.citation(iri, suffix, reader.carried()),
        "data_url": lambda iri, suffix: links.data(iri, suffix, reader.carried()),
        "earlier": reader.earlier_version(),
        "shorten": shorten,
    }


def url(path: str) -> str:
    """Return an address on this server that keeps the language and version the reader asked for."""
    carried = urlencode(reader.carried())
    return f"{path}?{carried}" if carried else path


def _difference_url(old: int, new: int, about: str) -> str:
    """Return where to read what changed about a thing from one version to another."""
    return f"/versions/{old}...{new}?{urlencode({'about': about, **reader.carried()})}"


def here(**changes: object) -> str:
    """Return the address of this very page with some parameters changed; `None` takes one away."""
    parameters = {**request.args.to_dict(flat=False), **changes}
    query = urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def absolute(**changes: object) -> str:
    """Return the whole address of this very page, host included, with some parameters changed."""
    return located(here(**changes))


def permanent() -> str:
    """Return the address under which this page stays as it is: at the version it was read from, in no language."""
    return absolute(version=reader.snapshot().version.number, lang=None, page=None)


def located(path: str) -> str:
    """Return the whole address of a path on this server."""
    return request.root_url.rstrip("/") + path
