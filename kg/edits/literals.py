"""Which terms may be written: literals in the lexical forms that the datatypes of XML Schema allow.

rdflib judges by what Python can read (it takes 1_000 and " 1" for integers), the engine by what it can calculate with
(it takes no decimal of more than 18 digits), so neither will do.
Source: https://www.w3.org/TR/xmlschema11-2/
"""

import calendar
import re
from collections.abc import Callable
from typing import Final

import pyoxigraph as ox

from kg import terms
from kg.characters import unfit
from kg.errors import UnfitTerm

_XSD: Final = terms.PREFIXES["xsd"]
_ZONE: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR: Final = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_TIME: Final = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_FLOAT: Final = r"(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN)"
_DURATION: Final = r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"

_PATTERNS: Final = {
    "boolean": r"true|false|1|0",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "integer": r"[+-]?\d+",
    "double": _FLOAT,
    "float": _FLOAT,
    "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE.removesuffix('?')}",
    "time": f"{_TIME}{_ZONE}",
    "gYear": f"{_YEAR}{_ZONE}",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": f"--{_MONTH}{_ZONE}",
    "gDay": f"---{_DAY}{_ZONE}",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}",
    "duration": _DURATION,
    "yearMonthDuration": r"-?P(?=.)(?:\d+Y)?(?:\d+M)?",
    "dayTimeDuration": r"-?P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
    "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
}
_PATTERNS_READY: Final = {_XSD + name: re.compile(pattern, re.ASCII) for name, pattern in _PATTERNS.items()}

_RANGES: Final = {
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_LONGEST: Final = 4000
"""Python reads no integers with more digits than about this."""


def is_well_typed(lexical: str, datatype: str) -> bool:
    """Tell whether a datatype allows a lexical form; datatypes that are not known here allow everything."""
    if judge := _JUDGES.get(datatype):
        return judge(lexical)
    pattern = _PATTERNS_READY.get(datatype)
    return pattern is None or (pattern.fullmatch(lexical) is not None and _is_real_day(lexical, datatype))


_BEGINS: Final = (
    r"A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    r"\uf900-\ufdcf\ufdf0-\ufffd"
)
"""What names in XML begin with, but for characters beyond the BMP, which common parsers refuse."""
_NAME_BACKWARDS: Final = re.compile(rf"[-.0-9\xb7\u0300-\u036f\u203f\u2040{_BEGINS}]*[{_BEGINS}]")
"""Source: https://www.w3.org/TR/xml-names/#NT-NCName."""


def refuse_unfit(quad: ox.Quad) -> None:
    """Refuse a quad with a literal that its datatype does not allow, or a term that no shape can judge or no XML hold.

    The store knows the types derived from xsd:integer as xsd:integer only, so their bounds can be judged in documents
    and not behind an update.

    Raises: UnfitTerm.
    """
    for term in (quad.subject, quad.object):
        if isinstance(term, ox.Triple):
            raise UnfitTerm("%(subject)s %(predicate)s …: no shape can judge a triple term.", **_place(quad))
    if not _NAME_BACKWARDS.match(quad.predicate.value[::-1]):
        raise UnfitTerm(
            "%(predicate)s, a property of %(subject)s, does not end in a name that XML can hold.",
            "Name it otherwise: not every format of RDF could carry the graph.",
            **_place(quad),
        )
    literal = quad.object
    if not isinstance(literal, ox.Literal):
        return
    if literal.direction is not None:
        raise UnfitTerm(
            "%(literal)s of %(subject)s: no shape can judge a text with a base direction.",
            literal=str(literal),
            **_place(quad),
        )
    if character := unfit(literal.value):
        raise UnfitTerm(
            "A text of %(subject)s (%(predicate)s) has the character %(character)s, which XML cannot hold.",
            "Leave it out: not every format of RDF could carry the graph.",
            character=character,
            **_place(quad),
        )
    if not is_well_typed(literal.value, literal.datatype.value):
        raise UnfitTerm(
            "%(literal)s is ill-typed: “%(value)s” is none of the values of its datatype "
            "(subject %(subject)s, predicate %(predicate)s).",
            "Mend the value or the datatype.",
            literal=str(literal),
            value=literal.value,
            **_place(quad),
        )


def _place(quad: ox.Quad) -> dict[str, str]:
    return {"subject": str(quad.subject), "predicate": str(quad.predicate)}


def _is_real_day(lexical: str, datatype: str) -> bool:
    """Tell whether the day is one of its month, where there is one."""
    if datatype not in _WITH_DAY:
        return True
    match = re.match(r"(-?\d{4,})?-?-?(\d\d)-(\d\d)", lexical)
    if match is None:
        return True
    year, month, day = int(match[1] or 2000), int(match[2]), int(match[3])
    leap = calendar.isleap(year)
    return day <= (29 if month == 2 and leap else calendar.monthrange(2001, month)[1])


def _in_range(low: int | None, high: int | None) -> Callable[[str], bool]:
    def judge(lexical: str) -> bool:
        """Tell whether a text is an integer, not too long to be read, between the bounds, both included."""
        if len(lexical) > _LONGEST or not _PATTERNS_READY[_XSD + "integer"].fullmatch(lexical):
            return False
        return (low is None or int(lexical) >= low) and (high is None or int(lexical) <= high)

    return judge


_WITH_DAY: Final = {_XSD + name for name in ("date", "dateTime", "dateTimeStamp", "gMonthDay")}
_JUDGES: Final = {_XSD + name: _in_range(*bounds) for name, bounds in _RANGES.items()}
