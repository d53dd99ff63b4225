"""The stored queries, `data/queries/<name>.rq`: what they answer, what one may choose, and how a choice is put in.

A file runs as it stands. The comment at its top is TOML behind `# `:

    # title.nb = "…"                     title and description, each in nb, nn and en
    # description.nb = "…"
    # chart = { kind = "bar", x = "year", y = "value", group = "kind" }      bar or line; the columns may be left out
    # [parameter.edition]                the name in addresses
    # label.nb = "Utgave"                label, in nb, nn and en
    # variable = "editionCode"           the variable, where it has another name
    # class = "pg:SurveyEdition"         the class of the values; or `datatype`, xsd:integer or xsd:gYear
    # among = "?value a pg:Code"         a pattern that narrows them; or `in`, a list of them
    # many = true                        several at once are allowed
    # optional = true                    none at all is allowed, and means all

The default of a parameter is what stands in its one `VALUES ?variable { … }`, UNDEF for none, and a choice takes that
place. A query that names things has `VALUES ?lang { "nb" }` and so the parameter `lang`, which no header mentions.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg import iris
from kg.engine.lexer import tokens
from kg.errors import Fault, InvalidInput
from kg.files import Folders, Place, Reading, read_text
from kg.terms import PREFIXES

Term = ox.NamedNode | ox.Literal
Words = Mapping[str, str]

LANGUAGES: Final = ("nb", "nn", "en")
GRAPH: Final = iris.graph("queries")
PARAMETERS: Final = iris.BASE + "queries#"
"""What the names of parameters begin with as IRIs: `sh:path` of a parameter, from which SHACL takes its name."""
_CHARTS: Final = ("bar", "line")
_ERROR_PLACE: Final = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")
_SYNTAX_PLACE: Final = re.compile(r"error at (\d+):(\d+): ")
_KEYS: Final = frozenset(("title", "description", "chart", "parameter"))
_PARAMETER_KEYS: Final = frozenset(
    ("label", "variable", "class", "datatype", "among", "in", "many", "optional", "minimum", "maximum")
)


@dataclass(frozen=True, slots=True)
class Datatype:
    """A type of literal a parameter may have: how its values are written, and what JSON Schema calls that."""

    iri: str
    pattern: re.Pattern[str]
    schema: str


DATATYPES: Final = {
    "xsd:integer": Datatype(PREFIXES["xsd"] + "integer", re.compile(r"-?[0-9]{1,15}", re.ASCII), "integer"),
    "xsd:gYear": Datatype(PREFIXES["xsd"] + "gYear", re.compile(r"[0-9]{4}", re.ASCII), "integer"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one may choose; its values are literals of a type, listed terms, or the things of a class or a pattern."""

    name: str
    variable: str
    label: Words
    default: tuple[Term, ...]
    datatype: Datatype | None = None
    class_: str | None = None
    among: str | None = None
    listed: tuple[Term, ...] = ()
    many: bool = False
    optional: bool = False
    minimum: int | None = None
    maximum: int | None = None

    def allowed(self) -> str | None:
        """Return the query for the things there are to choose from, `?value`; None where the header lists them."""
        if self.datatype is not None or self.listed:
            return None
        head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
        return f"{head}SELECT DISTINCT ?value WHERE {{ {self.among or f'?value a <{self.class_}>'} }} ORDER BY ?value"


@dataclass(frozen=True, slots=True)
class Chart:
    """How an answer is best drawn: `bar` or `line`, and the columns that x, y and group take."""

    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where in the text the terms of `VALUES ?variable { … }` stand."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """One stored query; `text` is the file without its header."""

    name: str
    title: Words
    description: Words
    text: str
    parameters: tuple[Parameter, ...]
    chart: Chart | None = None

    @property
    def iri(self) -> str:
        """The query as a thing of the graph."""
        return iris.entity("query", self.name)

    def bound(self, values: Mapping[str, Sequence[Term]]) -> str:
        """Put terms in the place of the defaults; an empty sequence is no condition at all.

        Raises: KeyError when there is no such parameter.
        """
        variables = {parameter.name: parameter.variable for parameter in self.parameters}
        slots = _slots(self.text)
        text = self.text
        for name in sorted(values, key=lambda name: -slots[variables[name]].start):
            slot = slots[variables[name]]
            written = " ".join(str(term) for term in values[name]) or "UNDEF"
            text = f"{text[: slot.start]} {written} {text[slot.end :]}"
        return text

    def counting(self, bound: str) -> str:
        """Return the query for the number of rows, `?count`, of this one with its choices put in."""
        start = _start(bound)
        return f"{bound[:start]}SELECT (COUNT(*) AS ?count) WHERE {{ {{ {bound[start:]}\n }} }}"


@cache
def stored(folder: Path) -> Mapping[str, StoredQuery]:
    """Return the stored queries in a folder by their names.

    Raises: InvalidInput.
    """
    return {
        path.stem: parse(path.stem, path.read_text(encoding="utf-8"), path.name) for path in sorted(folder.glob("*.rq"))
    }


def match(text: str, queries: Mapping[str, StoredQuery]) -> StoredQuery | None:
    """Return the stored query that a text is, whatever is chosen in it."""
    return next((query for query in queries.values() if _frame(text, query) == _frame(query.text, query)), None)


def _frame(text: str, query: StoredQuery) -> list[str]:
    """Return the tokens of a text without the terms that stand in the slots of a query's parameters."""
    variables = {parameter.variable for parameter in query.parameters}
    slots = [slot for variable, slot in _slots(text).items() if variable in variables]
    return [token.text for token in tokens(text) if not any(slot.start <= token.start < slot.end for slot in slots)]


def read_queries(folders: Folders, reading: Reading) -> None:
    """Add the stored queries to their graph, and what is wrong with them to the faults."""
    for path in folders.queries():
        name = folders.name(path)
        text = read_text(path, folders, reading.faults)
        if text is None:
            reading.lost.add(path.stem)
            continue
        try:
            query = parse(path.stem, text, name)
        except InvalidInput as error:
            reading.faults.extend(error.faults)
            reading.lost.add(path.stem)
            continue
        for quad in quads(query):
            reading.add(quad, Place(name, 1))


def parse(name: str, text: str, file: str) -> StoredQuery:
    """Read a stored query.

    Raises: InvalidInput with every fault of the header, or the first of the query.
    """
    header, body = _split(text)
    said = _toml(header, file)
    solutions = _checked(body, header.count("\n"), file)
    slots, faults = _slots(body), list[str]()
    parameters = [_parameter(key, value, body, slots, faults) for key, value in said.get("parameter", {}).items()]
    if "lang" in slots:
        parameters.append(_language(body, slots["lang"]))
    faults += [f"the header has {key}, which means nothing" for key in sorted(said.keys() - _KEYS)]
    title, description = (_words(said.get(key), key, faults) for key in ("title", "description"))
    chart = _chart(said.get("chart"), {variable.value for variable in solutions.variables}, faults)
    words = [token.text.upper() for token in tokens(body) if token.kind == "word"]
    if "ORDER" not in words or "LIMIT" in words or "OFFSET" in words:
        faults.append("a stored query has ORDER BY, and neither LIMIT nor OFFSET: readers page through it")
    if faults:
        raise InvalidInput([Fault(file, 1, None, fault) for fault in faults])
    return StoredQuery(name, title, description, body, tuple(filter(None, parameters)), chart)


def _split(text: str) -> tuple[str, str]:
    """Part the comment at the top from the query."""
    lines = text.splitlines(keepends=True)
    length = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:length]), "".join(lines[length:])


def _toml(header: str, file: str) -> dict[str, Any]:
    plain = re.sub(r"^# ?", "", header, flags=re.MULTILINE)
    try:
        return tomllib.loads(plain)
    except tomllib.TOMLDecodeError as error:
        match = _ERROR_PLACE.fullmatch(str(error))
        message = f"the header is no TOML: {match[1] if match else error}"
        line, column = (int(match[2]), int(match[3]) + len("# ")) if match else (1, None)
        raise InvalidInput([Fault(file, line, column, message)]) from error


def _checked(body: str, lines_above: int, file: str) -> ox.QuerySolutions:
    """Make sure that the text is a SELECT query, by asking it of nothing."""
    try:
        found = ox.Store().query(body)
    except SyntaxError as error:
        match = _SYNTAX_PLACE.match(error.msg)
        line, column = (int(match[1]), int(match[2])) if match else (1, None)
        message = _SYNTAX_PLACE.sub("", error.msg, count=1)
        raise InvalidInput([Fault(file, line + lines_above, column, message)]) from error
    if not isinstance(found, ox.QuerySolutions):
        raise InvalidInput([Fault(file, lines_above + 1, None, "a stored query is a SELECT query")])
    return found


def _slots(text: str) -> dict[str, _Slot]:
    """Find each `VALUES ?variable { … }` with one variable."""
    found, all_tokens = {}, list(tokens(text))
    for place, token in enumerate(all_tokens[:-3]):
        variable, opening = all_tokens[place + 1 : place + 3]
        if token.text.upper() == "VALUES" and variable.kind == "variable" and opening.text == "{":
            closing = next(token for token in all_tokens[place + 3 :] if token.text == "}")
            found[variable.text[1:]] = _Slot(opening.end, closing.start)
    return found


def _start(text: str) -> int:
    """Return where the prologue of a query ends."""
    return next(token.start for token in tokens(text) if token.text.upper() == "SELECT")


def _default(text: str, slot: _Slot) -> tuple[Term, ...]:
    """Return the terms that stand in a slot, none for UNDEF."""
    rows = ox.Store().query(
        f"{text[: _start(text)]} SELECT ?value {{ VALUES ?value {{ {text[slot.start : slot.end]} }} }}"
    )
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - what SELECT answers
    return tuple(row[0] for row in rows if isinstance(row[0], Term))


def _language(text: str, slot: _Slot) -> Parameter:
    return Parameter(
        "lang",
        "lang",
        {"nb": "Språk", "nn": "Språk", "en": "Language"},
        _default(text, slot),
        listed=tuple(ox.Literal(language) for language in LANGUAGES),
    )


def _parameter(
    name: str, said: Mapping[str, Any], text: str, slots: Mapping[str, _Slot], faults: list[str]
) -> Parameter | None:
    variable = said.get("variable", name)
    unknown = sorted(said.keys() - _PARAMETER_KEYS)
    faults += [f"the parameter {name} has {key}, which means nothing" for key in unknown]
    if not iris.is_slug(name) or variable not in slots:
        faults.append(f"the parameter {name} has no place in the query: write VALUES ?{variable} {{ … }}")
        return None
    if sum(key in said for key in ("class", "datatype", "in")) != 1:
        faults.append(f"the parameter {name} has exactly one of class, datatype and in")
        return None
    try:
        parameter = Parameter(
            name,
            variable,
            _words(said.get("label"), f"label of the parameter {name}", faults),
            _default(text, slots[variable]),
            DATATYPES[said["datatype"]] if "datatype" in said else None,
            _expanded(said["class"]).value if "class" in said else None,
            said.get("among"),
            tuple(_expanded(value) for value in said.get("in", ())),
            said.get("many", False),
            said.get("optional", False),
            said.get("minimum"),
            said.get("maximum"),
        )
        if allowed := parameter.allowed():
            ox.Store().query(allowed)
    except (KeyError, SyntaxError) as error:
        faults.append(f"the parameter {name}: {error}")
        return None
    return parameter


def _expanded(written: str) -> ox.NamedNode:
    """Return the term of a prefixed name.

    Raises: KeyError when the prefix is none of ours.
    """
    prefix, _, local = written.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def _words(said: object, what: str, faults: list[str]) -> Words:
    found = said if isinstance(said, dict) else {}
    faults += [f"{what} is missing in {language}" for language in LANGUAGES if not found.get(language)]
    return found


def _chart(said: object, columns: set[str], faults: list[str]) -> Chart | None:
    if said is None:
        return None
    if not isinstance(said, dict) or said.get("kind") not in _CHARTS:
        faults.append(f"chart has a kind, one of {', '.join(_CHARTS)}")
        return None
    chosen = {axis: column for axis, column in said.items() if axis != "kind"}
    wrong = [axis for axis, column in chosen.items() if axis not in ("x", "y", "group") or column not in (*columns, "")]
    faults += [f"chart: {axis} = {chosen[axis]!r} is no column of the answer" for axis in wrong]
    return Chart(said["kind"], chosen)


def quads(query: StoredQuery) -> Iterator[ox.Quad]:
    """Describe a query as an executable of SHACL, with its parameters.

    Shape: shape:StoredQuery, shape:Parameter. Source: https://www.w3.org/TR/shacl-af/#SPARQLSelectExecutable
    """
    subject = ox.NamedNode(query.iri)
    yield from _said(
        subject,
        ("rdf:type", _full("sh:SPARQLExecutable")),
        ("rdf:type", _full("sh:SPARQLSelectExecutable")),
        ("sh:select", ox.Literal(query.text)),
        ("foaf:page", ox.NamedNode(f"{iris.BASE}queries/{query.name}")),
        *(("skos:prefLabel", ox.Literal(text, language=language)) for language, text in query.title.items()),
        *(("dct:description", ox.Literal(text, language=language)) for language, text in query.description.items()),
    )
    for parameter in query.parameters:
        node = ox.NamedNode(iris.entity("parameter", f"{query.name}_{parameter.name}"))
        yield from _said(subject, ("sh:parameter", node))
        yield from _said(node, *_of_parameter(parameter))


def _of_parameter(parameter: Parameter) -> Iterator[tuple[str, Term]]:
    yield "rdf:type", _full("sh:Parameter")
    yield "sh:path", ox.NamedNode(PARAMETERS + parameter.name)
    yield "sh:optional", ox.Literal(True)
    for language, text in parameter.label.items():
        yield "skos:prefLabel", ox.Literal(text, language=language)
    if parameter.datatype:
        yield "sh:datatype", ox.NamedNode(parameter.datatype.iri)
    if parameter.class_:
        yield "sh:class", ox.NamedNode(parameter.class_)
    for term in parameter.default:
        yield "sh:defaultValue", term


def _said(subject: ox.NamedNode, *statements: tuple[str, Term]) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(GRAPH)
    return (ox.Quad(subject, _full(predicate), term, graph) for predicate, term in statements)


_full = _expanded
