"""The ways through the site: what the main menu leads to, and where in it a page belongs."""

from dataclasses import dataclass
from typing import Final

from flask import current_app, request

from server.language import N_


@dataclass(frozen=True)
class Place:
    """One entry of a menu: an English word of the catalogue, where it leads, and what lists and things belong to it."""

    name: str
    path: str
    segments: frozenset[str] = frozenset()

    @property
    def current(self) -> str | None:
        """Return what `aria-current` says of it on this page."""
        if request.path == self.path:
            return "page"
        first, _, rest = request.path.strip("/").partition("/")
        segment = rest.partition("/")[0] if first in ("id", "list") else first
        return "true" if segment in self.segments else None


_MENU: Final = (
    Place(N_("Indicators"), "/indicators", frozenset(("indicator", "indicators", "observation", "derived", "theme"))),
    Place(N_("Findings"), "/findings", frozenset(("finding", "findings", "claim", "discrepancy"))),
    Place(N_("Organisations"), "/list/organisation", frozenset(("organisation", "partnership", "event"))),
    Place(N_("People"), "/list/person", frozenset(("person", "membership"))),
    Place(N_("Strategies"), "/list/policy", frozenset(("policy", "reform", "solution", "funding"))),
    Place(N_("Sources"), "/list/source", frozenset(("source", "edition", "capture", "report", "survey"))),
    Place(N_("SPARQL"), "/sparql", frozenset(("sparql",))),
    Place(N_("About"), "/about", frozenset(("about", "def"))),
)
_FOOTER: Final = (
    Place(N_("About Praksisgrafen"), "/about"),
    Place(N_("Accessibility"), "/about/accessibility"),
    Place(N_("Privacy"), "/about/privacy"),
    Place(N_("Licence"), "/about/licence"),
    Place(N_("Vocabulary"), "/def"),
    Place(N_("Stored queries"), "/queries", frozenset(("query", "parameter"))),
    Place(N_("Versions"), "/versions", frozenset(("versions",))),
    Place(N_("Guide to the API"), "/about/api"),
    Place(N_("Downloads"), "/downloads"),
    Place(N_("The data set"), "/catalogue"),
)


def menu() -> list[Place]:
    """Return the main menu: what there is of it."""
    return _there(_MENU)


def footer() -> list[Place]:
    """Return what the foot of each page leads to."""
    return _there(_FOOTER)


def leads_somewhere(path: str) -> bool:
    """Tell whether a page answers at an address."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, "GET")


def _there(places: tuple[Place, ...]) -> list[Place]:
    return [place for place in places if leads_somewhere(place.path)]
