"""How the graph is made, read from the graph itself: codes, encodings, rules, differences and shapes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES
from server import language as lang
from server import queries
from server.labels import Labels, Link, Rows, Text, by_name, literal
from server.language import N_
from server.rows import number, value

EXPLAINED: Final = ("kind", "bound", "precision", "scale", "status", "confidence", "population", "unit-of-analysis")
"""The code lists whose codes are shown one by one."""
_TARGET_CLASS: Final = PREFIXES["sh"] + "targetClass"
_SUBJECTS_OF: Final = PREFIXES["sh"] + "targetSubjectsOf"


@dataclass(frozen=True)
class Code:
    """A code, what it means, and how many figures it is used on."""

    link: Link
    definition: Text | None
    count: int


@dataclass(frozen=True)
class Encoding:
    """How some figures are written down, and one of them."""

    kind: Link
    bound: Link
    precision: Link
    count: int
    example: Link
    expression: str
    value: str
    unit: Link


@dataclass(frozen=True)
class Fraction:
    """A figure that a source gives as a fraction."""

    finding: Link
    expression: str
    numerator: str
    denominator: str
    value: str


@dataclass(frozen=True)
class Rule:
    """A rule, what it concludes, where that is written, and how many figures it has derived."""

    link: Link
    description: Text | None
    graph: Link
    derived: int


@dataclass(frozen=True)
class Demand:
    """What a shape demands of one property, or of the thing as a whole."""

    property: Text | None
    message: Text


@dataclass(frozen=True)
class Shape:
    """A shape and all it demands."""

    link: Link
    demands: list[Demand]


@dataclass
class Group:
    """The shapes that are about the same: a class or property, or what the title says."""

    title: str | None = None
    about: Link | None = None
    shapes: list[Shape] = field(default_factory=list)


@dataclass(frozen=True)
class Method:
    """All that the page shows."""

    dimensions: list[Link]
    attributes: list[Link]
    codes: dict[str, list[Code]]
    encodings: list[Encoding]
    fractions: list[Fraction]
    rules: list[Rule]
    conflicts: list[Link]
    breaks: list[Link]
    lookalikes: list[Link]
    schemes: list[tuple[Link, int]]
    shapes: list[Group]
    shape_count: int


def read(rows: Rows, labels: Labels) -> Method:
    """Read it all; the names of everything with one query."""
    schemes = [NamedNode(iris.entity("scheme", name)) for name in EXPLAINED]
    codes = rows(queries.bind("codes", scheme=schemes))
    encodings, fractions = rows(queries.bind("encodings")), rows(queries.bind("fractions"))
    rules, differences = rows(queries.bind("rules")), rows(queries.bind("differences"))
    lists, targets = rows(queries.bind("schemes")), rows(queries.bind("shape-targets"))
    components = rows(queries.bind("components"))
    said = (*components, *codes, *encodings, *fractions, *rules, *differences, *lists, *targets)
    labels.fetch(rows, [term for row in said for term in row.values()])
    demands = _demands(rows(queries.bind("shape-messages")), labels.language)
    return Method(
        dimensions=_in_role(components, "dimension", labels),
        attributes=_in_role(components, "attribute", labels),
        codes=_codes(codes, labels),
        encodings=[_encoding(row, labels) for row in encodings],
        fractions=[_fraction(row, labels) for row in fractions],
        rules=_rules(rules, labels),
        conflicts=_of_class(differences, "Conflict", labels),
        breaks=_of_class(differences, "SeriesBreak", labels),
        lookalikes=_of_class(differences, "Discrepancy", labels),
        schemes=by_name((labels.link(value(row["scheme"])), number(row, "count")) for row in lists),
        shapes=_groups(targets, demands, labels),
        shape_count=len({value(row["shape"]) for row in targets}),
    )


def best(terms: Iterable[object], language: str) -> Text | None:
    """Return the literal that suits the reader's language best."""
    literals = [term for term in terms if isinstance(term, Literal)]
    found = min(literals, key=lambda term: (lang.rank(term, language), term.value), default=None)
    return None if found is None else literal(found, language)


def _gathered(rows: Iterable[Row], *names: str) -> dict[tuple[str, ...], list[Row]]:
    """Put the rows that agree on some columns together, in the order they come."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(value(row.get(name)) for name in names), []).append(row)
    return found


def _count(row: Row) -> int:
    return number(row, "count") if row.get("count") is not None else 0


def _codes(rows: list[Row], labels: Labels) -> dict[str, list[Code]]:
    found: dict[str, list[Code]] = {}
    for (scheme, code), same in _gathered(rows, "scheme", "code").items():
        definition = best((row.get("definition") for row in same), labels.language)
        found.setdefault(iris.slug_of(scheme), []).append(Code(labels.link(code), definition, _count(same[0])))
    return {name: sorted(codes, key=lambda code: (-code.count, code.link.label.value)) for name, codes in found.items()}


def _in_role(rows: list[Row], role: str, labels: Labels) -> list[Link]:
    return [labels.link(value(row["property"])) for row in rows if value(row["role"]) == PREFIXES["qb"] + role]


def _encoding(row: Row, labels: Labels) -> Encoding:
    kind, bound, precision, unit, example = (
        labels.link(value(row[name])) for name in ("kind", "bound", "precision", "unit", "example")
    )
    return Encoding(
        kind, bound, precision, number(row, "count"), example, value(row["expression"]), value(row["value"]), unit
    )


def _fraction(row: Row, labels: Labels) -> Fraction:
    finding = labels.link(value(row["finding"]))
    return Fraction(finding, *(value(row[name]) for name in ("expression", "numerator", "denominator", "value")))


def _rules(rows: list[Row], labels: Labels) -> list[Rule]:
    return [
        Rule(
            labels.link(rule),
            best((row.get("description") for row in same), labels.language),
            labels.link(value(same[0]["graph"])),
            _count(same[0]),
        )
        for (rule,), same in _gathered(rows, "rule").items()
    ]


def _of_class(rows: list[Row], name: str, labels: Labels) -> list[Link]:
    return [labels.link(value(row["discrepancy"])) for row in rows if value(row["class"]) == PREFIXES["pg"] + name]


def _demands(rows: list[Row], language: str) -> dict[str, list[Demand]]:
    """Return what each shape demands: of the whole first, then of its properties in their order."""
    found: dict[str, list[tuple[int, str, Demand]]] = {}
    for (shape, _), same in _gathered(rows, "shape", "part").items():
        message = best((row.get("message") for row in same), language)
        if message is None:
            continue
        name = best((row.get("name") for row in same), language)
        order = number(same[0], "order") if same[0].get("order") is not None else 0
        found.setdefault(shape, []).append((order, message.value, Demand(name, message)))
    return {
        shape: [demand for *_, demand in sorted(parts, key=lambda part: part[:2])] for shape, parts in found.items()
    }


def _groups(rows: list[Row], demands: dict[str, list[Demand]], labels: Labels) -> list[Group]:
    """Put the shapes under the class they are about; those of codes, of properties and of no class come last."""
    classes: dict[str, Group] = {}
    codes = Group(N_("Codes and code lists"))
    properties = Group(N_("Whatever has a certain property"))
    serving = Group(N_("Shapes that serve others"))
    for (shape, how), same in _gathered(rows, "shape", "how").items():
        found = Shape(labels.link(shape), demands.get(shape, []))
        plain = [value(row["target"]) for row in same if row.get("code") is None and row.get("target") is not None]
        if how == _TARGET_CLASS:
            for target in dict.fromkeys(plain):
                classes.setdefault(target, Group(about=labels.link(target))).shapes.append(found)
            if len(plain) < len(same):
                codes.shapes.append(found)
        elif how:
            properties.shapes.append(found)
        else:
            serving.shapes.append(found)
    named = sorted(classes.items(), key=lambda item: labels.text(item[0]).value.casefold())
    return [*(group for _, group in named), *(group for group in (codes, properties, serving) if group.shapes)]
