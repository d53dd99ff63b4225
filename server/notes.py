"""What a version changed, in the reader's language: lines for a page, sentences for a feed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.versions.notes import Amount, Kind, Named, Notes, Tally
from server import figures, links
from server import language as lang
from server import sentences as in_words
from server.labels import Labels, Text
from server.language import N_

_BEHIND_NUMBER: Final = re.compile(r"(?<=\d) ")
_FIGURES: Final[Mapping[Kind, str]] = {
    "added": N_("New figure: %(name)s (%(after)s)"),
    "removed": N_("Figure removed: %(name)s (%(before)s)"),
    "changed": N_("Figure changed from %(before)s to %(after)s: %(name)s"),
}
_SAME: Final = N_("What is said about a figure changed: %(name)s (%(after)s)")
_TERMS: Final[Mapping[Kind, str]] = {
    "added": N_("New term: %(name)s"),
    "removed": N_("Term removed: %(name)s"),
    "changed": N_("Term changed: %(name)s"),
}
_MORE: Final = N_("And %(count)s more figures or terms.")
_WHY: Final = (
    N_("Built from the files."),
    N_("Built from the files at the start of the server."),
    N_("SPARQL update"),
)
"""What programs of ours say of versions that nobody says anything else of."""
_UNDONE: Final = N_("Undoes version %(number)s.")
_NAMELESS: Final = N_("Without a class")
_COUNTED: Final[Mapping[Kind, str]] = {
    "added": N_("%(count)s new"),
    "changed": N_("%(count)s changed"),
    "removed": N_("%(count)s gone"),
}


@dataclass(frozen=True)
class Line:
    """A figure or a term that came, changed or went, with its amounts where it is a figure."""

    kind: Kind
    name: Text
    href: str | None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Told:
    """What a version changed, for a page."""

    figures: list[Line]
    terms: list[Line]
    tallies: list[tuple[Text, Tally]]
    more_figures: int
    more_terms: int


def why(message: str, language: str) -> str:
    """Return why a version was made: in the reader's language where the words are ours, else as somebody wrote it."""
    undone = re.fullmatch(r"Undoes version (?P<number>[0-9]+)\.", message)
    if undone:
        return lang.words(language).gettext(_UNDONE) % undone.groupdict()
    return lang.words(language).gettext(message) if message in _WHY else message


def told(notes: Notes, language: str, now: Mapping[str, str], before: Mapping[str, str] | None) -> Told:
    """Put notes into words; links carry `now`, those to what is gone `before`, if there is anything to lead to."""
    return Told(
        figures=[
            Line(
                one.kind,
                _name(one.thing, language),
                _href(one.thing, one.kind, now, before),
                _amount(one.before, language),
                _amount(one.after, language),
            )
            for one in notes.figures
        ],
        terms=[
            Line(one.kind, _name(one.thing, language), _href(one.thing, one.kind, now, before)) for one in notes.terms
        ],
        tallies=[(_class(tally.of, language), tally) for tally in notes.tallies],
        more_figures=notes.all_figures - len(notes.figures),
        more_terms=notes.all_terms - len(notes.terms),
    )


def sentences(notes: Notes, language: str, most: int) -> Iterator[str]:
    """Write notes as so many sentences at most about figures and terms, and one for each class."""
    found = told(notes, language, links.NOTHING, None)
    lines = [
        *((_SAME if line.before == line.after else _FIGURES[line.kind], line) for line in found.figures),
        *((_TERMS[line.kind], line) for line in found.terms),
    ]
    for message, line in lines[:most]:
        yield _say(language, message, name=line.name.value, before=line.before, after=line.after)
    more = notes.all_figures + notes.all_terms - len(lines[:most])
    if more:
        yield _say(language, _MORE, count=lang.number(str(more), language))
    for name, tally in found.tallies:
        yield f"{name.value}: {_counts(tally, language)}"


def _counts(tally: Tally, language: str) -> str:
    counts: Mapping[Kind, int] = {"added": tally.added, "changed": tally.changed, "removed": tally.removed}
    return ", ".join(
        _say(language, _COUNTED[kind], count=lang.number(str(count), language))
        for kind, count in counts.items()
        if count
    )


def _say(language: str, message: str, **values: str) -> str:
    return str(lang.words(language).gettext(message)) % values


def _amount(amount: Amount | None, language: str) -> str:
    if amount is None:
        return ""
    labels = Labels(language)
    said: dict[str, object] = {
        "pg:value": Literal(amount.value),
        "pg:bound": NamedNode(iris.entity("bound", amount.bound)),
        "pg:precision": NamedNode(iris.entity("precision", amount.precision)),
        "pg:kind": NamedNode(iris.entity("kind", amount.kind)),
    }
    if amount.unit is not None:
        said["sdmx-attribute:unitMeasure"] = NamedNode(amount.unit.iri)
        labels.know(amount.unit.iri, amount.unit.names)
    figure = figures.Thing("", {figures.expand(name): [term] for name, term in said.items()})
    written = in_words.amount(figure, figures.Book({}, {}, labels)) or amount.value
    return _BEHIND_NUMBER.sub("\N{NO-BREAK SPACE}", written)


def _name(named: Named, language: str) -> Text:
    tag = next((tag for tag in lang.fallbacks(language) if tag in named.names), None)
    return Text(named.name(*lang.fallbacks(language)), tag, tag is not None and tag != language)


def _class(named: Named | None, language: str) -> Text:
    if named is None:
        return Text(lang.words(language).gettext(_NAMELESS), language)
    return _name(named, language) if named.names else Labels(language).text(named.iri)


def _href(named: Named, kind: Kind, now: Mapping[str, str], before: Mapping[str, str] | None) -> str | None:
    carried = before if kind == "removed" else now
    return None if carried is None else links.page(named.iri, carried)
