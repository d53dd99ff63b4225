"""What the engine's parser says about a text, without evaluating it.

The parser gives no tree and no exact place: where a keyword could have stood it reports the end of that
keyword. But it is exact about one thing, whether a text can be continued. With forty line ends and a
character that is valid nowhere behind it, a text that is the beginning of some query fails at that character,
every other one before it. So

- the first token that makes the text impossible to continue is the offending one (found by bisection);
- a keyword is in use if the text stops being a query when one letter is changed in every place the keyword is
  written. The same letter changes in comments, strings, IRIs and names, all alike, which does not matter to
  the parser. No lexer could be as exact: in `PREFIX : <…> … SERVICE:x { … }` and `trueSERVICE<…>` the parser
  does see the keyword.
"""

import re
import string
from collections import Counter
from difflib import get_close_matches
from functools import cache

from pyoxigraph import Store

from kg.engine.lexer import Token, place, tokens
from kg.errors import N_, LoadForbidden, QueryError, QuerySyntaxError, ServiceForbidden

_TAIL = "\n" * 40
_NOWHERE = "\x00"
_REPORT = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_CAUSE = re.compile(r"(?:^|, )([A-Z][a-z][^,\[]*)")
_RULES = "A variable may be assigned once only, and a blank node label used in one group only."
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_CLASS = re.compile(r"\[(?:'(?:\\u\{[^}]*\}|\\?.)'|[^\]'])*\]", re.DOTALL)
_READABLE = {
    '"?"': N_("a variable"),
    '"<"': N_("an IRI"),
    '":"': N_("a prefixed name"),
    '"+"': N_("a number"),
    '"\\""': N_("a string"),
    '"_:"': N_("a blank node"),
}
_NOT_WORTH_SAYING = {'"$"', '"\'"', "\"'''\"", '"-"', '"<<"', '"<<("', '"\\"\\"\\""', '"true"', '"false"'}
_KEYWORDS = re.findall(
    "[A-Z_]+",
    """
    BASE PREFIX SELECT DISTINCT REDUCED CONSTRUCT DESCRIBE ASK FROM NAMED WHERE GROUP BY HAVING ORDER ASC
    DESC LIMIT OFFSET VALUES UNDEF OPTIONAL GRAPH SERVICE SILENT BIND AS UNION MINUS FILTER EXISTS NOT IN
    COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR COALESCE BOUND REGEX REPLACE CONTAINS STRSTARTS
    STRENDS STRLEN LANGMATCHES DATATYPE
""",
)


@cache
def _written(keyword: str) -> re.Pattern[str]:
    """Return the pattern for all places a keyword is written, in any case."""
    return re.compile(f"({keyword[:-1]}){keyword[-1]}", re.IGNORECASE | re.ASCII)


@cache
def _scratch() -> Store:
    """Return an empty store: a query that is only to be parsed is asked of it."""
    return Store()


def _complaint(text: str, base_iri: str | None, update: bool = False) -> tuple[int, str]:
    """Return the line of the first error in a text that is no query, and what the parser expected there."""
    parse = _scratch().update if update else _scratch().query
    try:
        parse(text + _TAIL + _NOWHERE, base_iri=base_iri)
    except SyntaxError as error:
        report = _REPORT.search(str(error))
        return (int(report[1]), report[3]) if report else (1, "")
    raise AssertionError("a text that ends in NUL was taken for a query")


def can_go_on(text: str, base_iri: str | None = None, *, update: bool = False) -> bool:
    """Tell whether a text is a query (or an update) or the beginning of one."""
    return _complaint(text, base_iri, update)[0] > text.count("\n") + len(_TAIL)


def mentions(text: str, keyword: str) -> bool:
    """Tell, without parsing, whether a keyword is written anywhere; where it is not, no text uses it."""
    return _written(keyword).search(text) is not None


def uses(text: str, keyword: str, base_iri: str | None = None, *, update: bool = False) -> bool:
    """Tell whether a query or update uses a keyword; true also for some texts that are no query."""
    if not mentions(text, keyword):
        return False
    written = _written(keyword)
    free = (letter for letter in string.ascii_lowercase if not _written(keyword[:-1] + letter).search(text))
    letter = next(free, None)
    return letter is None or not can_go_on(written.sub(rf"\g<1>{letter}", text), base_iri, update=update)


def refuse_service(text: str, base_iri: str | None = None, *, update: bool = False) -> None:
    """Refuse a query or update that calls another service.

    Raises: ServiceForbidden.
    """
    if uses(text, "SERVICE", base_iri, update=update) and can_go_on(text, base_iri, update=update):
        words = [token for token in tokens(text) if token.kind in ("word", "name") and _has(token.text, "SERVICE")]
        raise ServiceForbidden(*place(text, words[0].start)) if words else ServiceForbidden()


def refuse_load(text: str, base_iri: str | None = None) -> None:
    """Refuse an update that loads a document from elsewhere.

    Raises: LoadForbidden.
    """
    if uses(text, "LOAD", base_iri, update=True) and can_go_on(text, base_iri, update=True):
        words = [token for token in tokens(text) if token.kind in ("word", "name") and _has(token.text, "LOAD")]
        raise LoadForbidden(*place(text, words[0].start)) if words else LoadForbidden()


def _has(word: str, keyword: str) -> bool:
    """Tell whether a word, its code point escapes read, contains a keyword."""
    return keyword in _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16) % 0x110000), word).upper()


def explain(text: str, error: SyntaxError, base_iri: str | None = None, *, update: bool = False) -> QueryError:
    """Turn the parser's complaint about a text into an error with the offending token and its place."""
    found = list(tokens(text))
    bad = _first_impossible(text, found, base_iri, update)
    if bad is None:
        return _explain_whole(text, str(error), base_iri, update)
    if bad.kind == "word" and _has(bad.text, "SERVICE"):
        return ServiceForbidden(*place(text, bad.start))
    after = _complaint(text[: bad.end], base_iri, update)[1]
    if "IRI parsing failed" in after and bad.text == ">":
        bad = Token("iri", text[text.rfind("<", 0, bad.start) : bad.end], text.rfind("<", 0, bad.start))
    line, column = place(text, bad.start)
    message, hint, values = _message(bad, _expected(text[: bad.start], base_iri, update), after)
    return QuerySyntaxError(line, column, bad.text, message, hint, **values)


def _first_impossible(text: str, found: list[Token], base_iri: str | None, update: bool) -> Token | None:
    """Return the first token after which the text can no longer become a query."""
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        if can_go_on(text[: _end(found, middle)], base_iri, update=update):
            low = middle + 1
        else:
            high = middle
    return found[low] if low < len(found) else None


def _end(found: list[Token], index: int) -> int:
    """Return the end of a token; behind two functions the parser wants the bracket before any white space."""
    together = found[index].text.upper() in ("COALESCE", "CONCAT") and index + 1 < len(found)
    return found[index + together].end


def _message(bad: Token, before: str, after: str) -> tuple[str, str | None, dict[str, str]]:
    """Say what is wrong with a token, and what would help; the token is one of the values anyway."""
    if "Prefix not found" in after or (bad.kind == "name" and '":"' in before):
        prefix = bad.text.split(":")[0] + ":"
        return (
            N_("The prefix %(prefix)s is not declared."),
            N_("Begin the query with PREFIX %(prefix)s <…>."),
            {"prefix": prefix},
        )
    if "IRI parsing failed" in after or (bad.kind == "iri" and '"<"' in before):
        return (
            N_("%(token)s is not an absolute IRI."),
            N_("Write the IRI in full, without spaces, or declare a BASE."),
            {},
        )
    cause = _CAUSE.search(after)
    if cause:
        return N_("At %(token)s: %(words)s"), None, {"words": cause[1].strip()}
    if bad.text == "}":
        return N_("%(token)s cannot stand here, or the group it ends breaks a rule."), _RULES, {}
    close = get_close_matches(bad.text.upper(), _KEYWORDS, 1, 0.75)
    if close and close[0] != bad.text.upper():
        return N_("%(token)s cannot stand here."), N_("Did you mean %(close)s?"), {"close": close[0]}
    wanted = _wanted(before)
    can = N_("%(token)s cannot stand here. What can: %(wanted)s.")
    return can if wanted else N_("%(token)s cannot stand here."), None, {"wanted": wanted} if wanted else {}


def _explain_whole(text: str, complaint: str, base_iri: str | None, update: bool) -> QueryError:
    """Explain a text in which every token has its place, but which is no query."""
    report = _REPORT.search(complaint)
    expected = report[3] if report else complaint
    line, column = place(text, len(text))
    cause = _CAUSE.search(expected)
    if cause:
        return QuerySyntaxError(line, column, None, "The query breaks a rule: %(words)s", words=cause[1].strip())
    wanted = _wanted(_expected(text, base_iri, update))
    if wanted:
        message = N_("The query ends too early. What can follow: %(wanted)s.")
        return QuerySyntaxError(line, column, None, message, wanted=wanted)
    if not any(tokens(text)):
        return QuerySyntaxError(line, column, None, "The query is empty.")
    return QuerySyntaxError(line, column, None, "The query as a whole breaks a rule.", _RULES)


def _expected(text: str, base_iri: str | None, update: bool) -> str:
    """Return what the parser expects after the beginning of a query; empty where this might evaluate it."""
    if update:
        return ""
    marks = Counter(token.text for token in tokens(text))
    if marks["{"] and marks["{"] == marks["}"]:
        return ""
    try:
        _scratch().query(text + _TAIL, base_iri=base_iri)
    except SyntaxError as error:
        report = _REPORT.search(str(error))
        return report[3] if report else ""
    return ""


def _wanted(expected: str) -> str:
    """Shorten the parser's list of what it expected to what a reader can use."""
    plain = _CLASS.sub("", expected)
    items = re.findall(r'"(?:[^"\\]|\\.)+"|\b[A-Z]{2,}\b', plain)
    readable = [_READABLE.get(item, item) for item in items if item not in _NOT_WORTH_SAYING]
    unique = list(dict.fromkeys(readable))
    return ", ".join(unique[:8]) + (" …" if len(unique) > 8 else "")
