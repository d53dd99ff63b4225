"""The neighbourhood of a thing: what it is linked to, both ways, as a drawing and as a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg import iris
from kg.terms import PREFIXES
from server import answers, links, queries, reader, reuse
from server import language as lang
from server.caching import conditional
from server.charts import ego
from server.charts.ego import Branch, Ego, Leaf
from server.description import is_known
from server.errors import UnknownThing
from server.labels import Labels, Link, Rows
from server.language import N_
from server.rows import number, value
from server.segments import SEGMENTS

blueprint = Blueprint("neighbourhood", __name__)

DRAWN: Final = 50
"""How many neighbours are drawn one by one; beyond that the properties are cut, the largest first."""
_UNDRAWN: Final = frozenset((PREFIXES["rdf"] + "type",))


@dataclass(frozen=True)
class Group:
    """The neighbours a property leads to: how many there are, those that are drawn, and where the rest is."""

    link: Link
    is_incoming: bool
    count: int
    things: list[Link]
    more: str | None

    @property
    def hidden(self) -> int:
        """How many are not drawn."""
        return self.count - len(self.things)


@dataclass(frozen=True)
class Neighbourhood:
    """A thing with its neighbours by property."""

    it: Link
    groups: list[Group]

    @property
    def incoming(self) -> list[Group]:
        """What points at the thing."""
        return [group for group in self.groups if group.is_incoming]

    @property
    def outgoing(self) -> list[Group]:
        """What the thing points at."""
        return [group for group in self.groups if not group.is_incoming]

    @property
    def count(self) -> int:
        """How many links there are."""
        return sum(group.count for group in self.groups)


@blueprint.get("/neighbourhood/<segment>/<slug>")
@conditional
def page(segment: str, slug: str) -> Response:
    """Show the neighbourhood of a thing."""
    iri = links.named(f"{iris.ID}{segment}/{slug}").value
    rows, labels = reader.snapshot().rows, reader.labels()
    if not is_known(rows, iri):
        raise UnknownThing(iri)
    found = read(rows, iri, labels)
    page = answers.page(
        "neighbourhood.html", found=found, it=found.it, segment=SEGMENTS.get(segment),
        image=ego.draw(picture(found, labels), "ego") if found.groups else None,
    )  # fmt: skip
    return reuse.signposted(page, "WebPage")


def address(iri: str) -> str | None:
    """Return the path of the neighbourhood of a thing, None for what has none."""
    segment, _, slug = iri.removeprefix(iris.ID).partition("/")
    return f"/neighbourhood/{segment}/{slug}" if iri.startswith(iris.ID) and slug and "/" not in slug else None


def read(rows: Rows, iri: str, labels: Labels) -> Neighbourhood:
    """Read the neighbours of a thing with one query, and all their names with another."""
    counts: dict[tuple[bool, str], int] = {}
    seen: dict[tuple[bool, str], dict[str, None]] = {}
    for row in rows(queries.bind("neighbours", thing=NamedNode(iri))):
        key = value(row["incoming"]) == "true", value(row["property"])
        if key[1] in _UNDRAWN:
            continue
        if row.get("count") is not None:
            counts[key] = number(row, "count")
        elif value(row["other"]) != iri:
            seen.setdefault(key, {})[value(row["other"])] = None
    for key in [key for key in counts if key[0]]:
        there = not key[0], key[1]
        if counts[key] == counts.get(there) and seen.get(key) == seen.get(there):
            del counts[key]  # the property holds both ways, so the thing points back with the very same
    most = room(counts.values())
    shown = {key: sorted(seen.get(key, ()))[:most] for key in counts}
    labels.fetch(rows, [NamedNode(one) for one in {iri, *(name for _, name in counts), *chain(*shown.values())}])
    groups = [_group(iri, key, count, shown[key], labels) for key, count in counts.items()]
    return Neighbourhood(labels.link(iri), sorted(groups, key=_order))


def room(counts: Iterable[int], drawn: int = DRAWN) -> int:
    """Return how many neighbours of one property may be drawn, so that all together are no more than `drawn`."""
    sizes = list(counts)
    return max((most for most in range(drawn + 1) if sum(min(size, most) for size in sizes) <= drawn), default=0)


def _group(iri: str, key: tuple[bool, str], count: int, shown: list[str], labels: Labels) -> Group:
    is_incoming, name = key
    things = sorted((labels.link(one) for one in shown), key=lambda link: link.label.value.casefold())
    more = None
    if count > len(things):
        parameters = {"property": name} if is_incoming else {}
        anchor = "#incoming" if is_incoming else "#facts"
        more = f"{links.page(iri, labels.carried, **parameters)}{anchor}"
    return Group(labels.link(name), is_incoming, count, things, more)


def _order(group: Group) -> tuple[bool, bool, str]:
    """Put our own properties before those of others, each by their names."""
    return not group.is_incoming, not group.link.iri.startswith(iris.DEF), group.link.label.value.casefold()


def picture(found: Neighbourhood, labels: Labels) -> Ego:
    """Return what is drawn of a neighbourhood."""
    say = lang.words(labels.language).gettext
    name = found.it.label.value
    return Ego(
        title=say(N_("The neighbourhood of “%(name)s”")) % {"name": name},
        description=say(N_("Arrows towards the box: what refers to this. Arrows away from it: what this refers to.")),
        name=name[:1].upper() + name[1:],
        branches=_branches(found.groups, labels),
    )


def _branches(groups: Iterable[Group], labels: Labels) -> list[Branch]:
    """Return a branch for each name of a property and direction: two vocabularies can share a name."""
    leaves: dict[tuple[bool, str], list[Leaf]] = {}
    for group in groups:
        name = group.link.label.value
        leaves.setdefault((group.is_incoming, name[:1].upper() + name[1:]), []).extend(_leaves(group, labels))
    return [
        Branch(name, sorted(found, key=lambda leaf: leaf.is_many), is_incoming)
        for (is_incoming, name), found in leaves.items()
    ]


def _leaves(group: Group, labels: Labels) -> list[Leaf]:
    leaves = [Leaf(one.label.value, one.href, _other(one, labels)) for one in group.things]
    if group.hidden:
        words = lang.words(labels.language).gettext(N_("%(count)s more") if leaves else N_("%(count)s in all"))
        words %= {"count": lang.number(str(group.hidden), labels.language)}
        leaves.append(Leaf(words, group.more, is_many=True))
    return leaves


def _other(link: Link, labels: Labels) -> str | None:
    return link.label.lang if link.label.lang != labels.language else None
