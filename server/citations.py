"""How to cite a thing in the graph, or an answer from it: as a sentence, BibTeX, RIS and CSL-JSON.

Praksisgrafen is what is cited, in a version; the articles that the thing rests on are named with what the graph knows
of them. An author or publisher that the graph does not know stays out, and so does a title nobody has given.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from server import language as lang
from server.language import N_

CONTAINER: Final = "Praksisgrafen"
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}
_QUOTED: Final = re.compile('[“«"]([^“”«»"]*)[”»"]')
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()


@dataclass(frozen=True)
class Source:
    """An article that the thing rests on.

    `name` is what we call it, `title` what it is called. `issued` is a year, a month or a day as in XML Schema.
    """

    name: str
    title: str | None
    authors: Sequence[str]
    publishers: Sequence[str]
    issued: str
    is_date_inferred: bool


@dataclass(frozen=True)
class Work:
    """A thing or an answer to be cited, in a version of the graph; days are in ISO 8601.

    `day` is when that version was published, `accessed` when it was read; `digest` is the hash of an answer.
    """

    iri: str
    title: str
    language: str
    version: int
    day: str
    sources: Sequence[Source]
    publisher: str = ""
    digest: str = ""
    accessed: str = ""


def text(work: Work) -> str:
    """Return the citation as text in the language of the work."""
    publisher = f"{work.publisher.rstrip('.')}." if work.publisher else ""
    parts = (_sentence(work), publisher, f"{work.iri}.", _sources(work), _hash(work), _accessed(work))
    return " ".join(filter(None, parts))


def _sentence(work: Work) -> str:
    message = N_("“%(title)s”. In: Praksisgrafen, version %(number)s (%(day)s).")
    if work.title == CONTAINER:
        message = N_("Praksisgrafen, version %(number)s (%(day)s).")
    day = lang.day(work.day, lang.XSD + "date", work.language)
    return _say(work.language, message, title=_inner(work.title), number=str(work.version), day=day)


def _sources(work: Work) -> str:
    """Return the sources as one sentence, empty without any."""
    if not work.sources:
        return ""
    named = "; ".join(_source(source, work.language) for source in work.sources)
    message = N_("Source: %(sources)s.") if len(work.sources) == 1 else N_("Sources: %(sources)s.")
    return _say(work.language, message, sources=named)


def _hash(work: Work) -> str:
    return _say(work.language, N_("Hash of the answer (SHA-256): %(hash)s."), hash=work.digest) if work.digest else ""


def _accessed(work: Work) -> str:
    if not work.accessed:
        return ""
    day = lang.day(work.accessed, lang.XSD + "date", work.language)
    return _say(work.language, N_("Read on %(day)s."), day=day)


def _note(work: Work) -> str:
    return " ".join(filter(None, (_sources(work), _hash(work))))


def _source(source: Source, language: str) -> str:
    """Name an article as it is cited; in brackets stands what the article does not say itself."""
    title = _say(language, N_("“%(title)s”"), title=_inner(source.title)) if source.title else f"[{source.name}]"
    kind = {4: "gYear", 7: "gYearMonth"}.get(len(source.issued), "date")
    issued = lang.day(source.issued, lang.XSD + kind, language)
    issued = f"[{issued}]" if issued and source.is_date_inferred else issued
    return ", ".join(filter(None, (*source.authors, title, *source.publishers, issued)))


def _inner(title: str) -> str:
    """Write the quotation marks in a title as those that stand within others."""
    return _QUOTED.sub(r"‘\1’", title)


def _say(language: str, message: str, **values: str) -> str:
    return lang.words(language).gettext(message) % values


def bibtex(work: Work) -> str:
    """Return an entry for BibTeX, in UTF-8.

    Source: https://tug.ctan.org/info/bibtex/tamethebeast/ttb_en.pdf
    """
    year, month, _ = work.day.split("-")
    fields = {
        "title": f"{{{_latex(work.title)}}}",
        "howpublished": _latex(f"{CONTAINER}, {_version(work)}"),
        "year": year,
        "organization": f"{{{_latex(work.publisher)}}}" if work.publisher else "",
        "url": work.iri,
        "urldate": work.accessed,
        "language": work.language,
        "note": _latex(_note(work)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    lines.insert(3, f"  month = {_MONTHS[int(month) - 1]},")
    return "\n".join([f"@misc{{{_key(work)},", *lines, "}"]) + "\n"


def _latex(written: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in written)


def _key(work: Work) -> str:
    """Return a name for the entry that only has letters, digits and hyphens."""
    if work.digest:
        return f"praksisgrafen-answer-{work.digest[:12]}"
    return "praksisgrafen-" + re.sub(r"[^a-z0-9]+", "-", "-".join(work.iri.rsplit("/", 2)[-2:]).lower()).strip("-")


def _version(work: Work) -> str:
    return _say(work.language, N_("version %(number)s"), number=str(work.version))


def ris(work: Work) -> str:
    """Return a record in the RIS format, with the line ends it wants.

    Source: https://en.wikipedia.org/wiki/RIS_(file_format)
    """
    lines: list[tuple[str, str]] = [
        ("TY", "DATA"),
        ("TI", work.title),
        ("T2", CONTAINER),
        ("ET", str(work.version)),
        ("PY", work.day[:4]),
        ("DA", work.day.replace("-", "/")),
        ("LA", work.language),
        ("UR", work.iri),
        ("PB", work.publisher),
        ("Y2", work.accessed.replace("-", "/")),
        ("N1", _note(work)),
    ]
    said = [(tag, value) for tag, value in lines if value]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in [*said, ("ER", "")])


def csl(work: Work) -> str:
    """Return an item of CSL-JSON, as a list of one.

    Source: https://github.com/citation-style-language/schema/blob/master/schemas/input/csl-data.json
    """
    item: dict[str, object] = {
        "id": _key(work),
        "type": "dataset",
        "title": work.title,
        "container-title": CONTAINER,
        "version": str(work.version),
        "issued": _csl_date(work.day),
        "publisher": work.publisher,
        "URL": work.iri,
        "accessed": _csl_date(work.accessed) if work.accessed else None,
        "language": work.language,
        "note": _note(work),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2) + "\n"


def _csl_date(day: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in day.split("-")]]}


@dataclass(frozen=True)
class Form:
    """A way to write a citation: what it is called, its media type, and what writes it."""

    name: str
    media_type: str
    write: Callable[[Work], str]


FORMS: Final[Mapping[str, Form]] = {
    "bib": Form("BibTeX", "application/x-bibtex", bibtex),
    "ris": Form("RIS", "application/x-research-info-systems", ris),
    "csl.json": Form("CSL-JSON", "application/vnd.citationstyles.csl+json", csl),
}
"""Suffix of the address of a thing → the form of its citation."""


def all_forms(work: Work) -> Iterable[tuple[str, Form, str]]:
    """Yield each form with its suffix and the citation written in it."""
    return ((suffix, form, form.write(work)) for suffix, form in FORMS.items())
