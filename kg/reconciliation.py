"""How well a text names a thing: the scores of reconciliation, from names alone.

A score is 100 for a name, a code or an identifier that is the same but for capitals and punctuation, and the similarity
of the letters for others; the same text and the same names always give the same score. What a thing grew out of is not
what it is called: a former name gives no more than `_FORMER` of that.
Source: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz import fuzz

Role = Literal["name", "code", "former"]
WHOLE: Final = 100.0
_NEARLY: Final = 99.0
"""The most that a name gets which is not the same."""
_FORMER: Final = 0.9
_LEAST: Final = 40.0
"""What is less alike is no candidate."""
_NAME_SHARE: Final = 0.6
"""How much of a score the name makes where other properties are compared as well."""
_REGISTERED: Final = re.compile(r"(?:no)?[\s.]*((?:\d[\s.]*){9})(?:mva)?", re.IGNORECASE)
"""A Norwegian organisation number as people write it."""


@dataclass(frozen=True)
class Name:
    """Something a thing is, or was, called."""

    text: str
    role: Role = "name"


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant, and what speaks for it. Units: 0 to 100, the share from 0 to 1."""

    iri: str
    score: float
    features: Mapping[str, float | bool]
    match: bool = False


def organisation_number(text: str) -> str | None:
    """Return the nine digits of a text that is an organisation number and nothing else."""
    found = _REGISTERED.fullmatch(text.strip())
    return re.sub(r"\D", "", found[1]) if found else None


def judged(
    text: str, names: Mapping[str, Iterable[Name]], shares: Mapping[str, float] | None = None
) -> list[Candidate]:
    """Return the candidates for a text, the likeliest first, by the names of each thing.

    With `shares` of other properties that are as they should be, those count as well. One candidate is a match if it
    alone has the full score. A text that is an organisation number is compared with codes and nothing else.
    """
    found = (_candidate(iri, text, own, None if shares is None else shares.get(iri, 0.0)) for iri, own in names.items())
    ranked = sorted((one for one in found if one.score >= _LEAST), key=lambda one: (-one.score, one.iri))
    if ranked and ranked[0].score == WHOLE and (len(ranked) == 1 or ranked[1].score < WHOLE):
        first = ranked[0]
        ranked[0] = Candidate(first.iri, first.score, first.features, match=True)
    return ranked


def by_share(shares: Mapping[str, float]) -> list[Candidate]:
    """Return the candidates where no name is asked for, by the share of properties that are as they should be."""
    found = [Candidate(iri, _round(WHOLE * share), {"properties": share}) for iri, share in shares.items() if share]
    return sorted(found, key=lambda one: (-one.score, one.iri))


def share(wanted: Mapping[str, Sequence[str]], held: Mapping[str, Iterable[str]]) -> float:
    """Return how many of the wanted properties, each with one of its values, a thing has."""
    same = [bool({_plain(text) for text in texts} & {_plain(own) for own in held.get(name, ())}) for name, texts in wanted.items()]  # fmt: skip  # noqa: E501
    return sum(same) / len(same) if same else 0.0


def _candidate(iri: str, text: str, names: Iterable[Name], properties: float | None) -> Candidate:
    number = organisation_number(text)
    best: dict[Role, float] = {"name": 0.0, "code": 0.0, "former": 0.0}
    for name in names:
        best[name.role] = max(best[name.role], _similarity(number or text, name, coded=number is not None))
    score = max(best["name"], best["code"], _FORMER * best["former"])
    features: dict[str, float | bool] = {"name": _round(best["name"]), "former_name": _round(best["former"])}
    features["identifier"] = best["code"] == WHOLE
    if properties is not None:
        features["properties"] = round(properties, 2)
        score *= _NAME_SHARE + (1 - _NAME_SHARE) * properties
    return Candidate(iri, _round(score), features)


def _similarity(text: str, name: Name, *, coded: bool) -> float:
    asked, own = _plain(text), _plain(name.text)
    if asked == own:
        return WHOLE if asked else 0.0
    if coded or name.role == "code":
        return 0.0
    return min(_NEARLY, max(fuzz.ratio(asked, own), fuzz.token_sort_ratio(asked, own)))


def _plain(text: str) -> str:
    """Return a text without what does not count: capitals, punctuation, white space more than needed."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _round(score: float) -> float:
    return round(score, 1)
