"""Every type of page there is: add a row where a new type appears, and all checks are made on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

LANGUAGES = ("nb", "nn", "en")
FIRST = LANGUAGES[0]

_LADDER = """PREFIX pg: <https://w3id.org/praksisgrafen/def/>
SELECT ?finding ?value WHERE {
  ?finding pg:indicator <https://w3id.org/praksisgrafen/id/indicator/ladder-bodies> ; pg:value ?value
}
ORDER BY ?finding
"""
_YEARS = "SELECT ?year ?value { VALUES (?year ?value) { (2018 1.5) (2019 2.5) (2020 4) } }"
_ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@dataclass(frozen=True)
class Page:
    """One page that stands for all of its type."""

    name: str
    path: str
    status: int = 200
    titled: bool = True
    """Whether no other page here may have its title."""
    languages: tuple[str, ...] = LANGUAGES
    """Those it is opened in at every run; the long tests open it in all."""

    def address(self, language: str) -> str:
        """Return the path in a language."""
        path, _, query = self.path.partition("?")
        return f"{path}?{urlencode([*parse_qsl(query, keep_blank_values=True), ('lang', language)])}"


def _sparql(query: str, **parameters: str) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters})


def _cite(query: str, **parameters: str) -> str:
    """Return what leads to a permalink, which depends on the graph."""
    return "/answers/cite?" + urlencode({"query": query, **parameters})


def _things() -> Iterator[Page]:
    """One thing of each segment; in every language where its page has more than all pages of things have."""
    own = {
        "indicator": "ladder-bodies",
        "edition": "2020",
        "finding": "ladder-bodies-municipalities-article-2020",
        "claim": "visma-examples-of-municipal-shared-solutions-2020",
        "organisation": "digdir",
        "person": "linda-hofstad-helleland",
        "policy": "en-digital-offentlig-sektor",
        "reform": "laere-hele-livet",
        "solution": "kjernejournal",
        "funding": "digifin",
        "discrepancy": "partners-2020",
        "source": "article-2023",
        "observation": "2016_ladder-services_public-services_level-2",
        "derived": "2016_ladder-services_public-services_levels-3-and-4",
        "population": "municipalities",
        "scheme": "ladder",
        "level": "level-3",
    }
    shared = {
        "membership": "linda-hofstad-helleland-government-2020",
        "partnership": "article-2020-ikt-norge",
        "dated-assertion": "digdir-founded",
        "event": "digdir-founded",
        "survey": "it-i-praksis",
        "report": "it-i-praksis-2020",
        "capture": "article-2020",
        "dataset": "reported",
        "rule": "change",
        "theme": "services",
        "status": "reported",
    }
    for segment, name in (own | shared).items():
        languages = LANGUAGES if segment in own else (FIRST,)
        yield Page(segment, f"/id/{segment}/{name}.html", languages=languages)


PAGES = (
    Page("front", "/"),
    *_things(),
    Page("qualitative finding", "/id/finding/users-closer-to-benefit-driven-services-2016.html"),
    Page(
        "incoming",
        "/id/status/reported.html?property=https://w3id.org/praksisgrafen/def/assertionStatus",
        titled=False,
    ),
    Page("list", "/list/organisation"),
    Page("list, second page", "/list/claim?page=2"),
    Page("indicators", "/indicators"),
    Page("indicator compared", "/id/indicator/ladder-bodies.html?with=ladder-services", titled=False),
    Page("findings", "/findings"),
    Page("findings chosen", "/findings?population=municipalities&edition=2020", titled=False),
    Page("findings none", "/findings?edition=2018&precision=fraction", titled=False),
    Page("search", "/search?q=kommunene"),
    Page("search misspelt", "/search?q=komuner&class=finding&edition=2020"),
    Page("search nothing", "/search?q=qqqq"),
    Page("search empty", "/search"),
    Page("preview in a frame", "/reconcile/preview?id=organisation/digdir", titled=False),
    Page("neighbourhood", "/neighbourhood/organisation/digdir"),
    Page("neighbourhood of many", "/neighbourhood/status/reported", languages=(FIRST,)),
    Page("graph", "/graph/people.html"),
    Page("versions", "/versions"),
    Page("version", "/versions/1"),
    Page("difference of versions", "/versions/0...1"),
    Page("difference of a thing", "/versions/0...1?about=https://w3id.org/praksisgrafen/id/organisation/digdir"),
    Page("downloads", "/downloads"),
    Page("catalogue", "/catalogue"),
    Page("vocabulary", "/def"),
    Page("stored queries", "/queries"),
    Page("stored query", "/queries/evidence?edition=2020"),
    Page("stored query drawn", "/queries/goals-against-benefits"),
    Page("stored query wrong", "/queries/evidence?edition=1066", status=400, titled=False),
    Page("stored query in the graph", "/id/query/evidence.html", titled=False, languages=(FIRST,)),
    Page("parameter", "/id/parameter/evidence_edition.html", languages=(FIRST,)),
    Page("description of the API", "/about/openapi"),
    Page("about", "/about"),
    Page("method", "/about/method"),
    Page("guide for programs", "/about/api"),
    Page("accessibility", "/about/accessibility"),
    Page("privacy", "/about/privacy"),
    Page("licence", "/about/licence"),
    Page("problem", "/problem/query-timeout"),
    Page("sparql", "/sparql"),
    Page("sparql table", _sparql(_LADDER), titled=False),
    Page("sparql bars", _sparql(_LADDER, view="bar"), titled=False, languages=(FIRST,)),
    Page("sparql line", _sparql(_YEARS, view="line"), titled=False, languages=(FIRST,)),
    Page("sparql raw", _sparql(_LADDER, view="raw"), titled=False, languages=(FIRST,)),
    Page("sparql ask", _sparql("ASK { ?s ?p ?o }"), titled=False, languages=(FIRST,)),
    Page(
        "sparql graph",
        _sparql("DESCRIBE <https://w3id.org/praksisgrafen/id/level/level-3>"),
        titled=False,
        languages=(FIRST,),
    ),
    Page("sparql nothing", _sparql("SELECT * { ?s a <http://example.org/nothing> }"), titled=False),
    Page("sparql error", _sparql("SELECT * {\n  ?s a ?"), 400, titled=False),
    Page("citable answers", "/answers"),
    Page("cited answer", _cite(_LADDER, title="Ladder 2020")),
    Page("cited answer, drawn and doubtful", _cite(f"{_YEARS} LIMIT 2", view="line"), titled=False),
    Page("not found", "/no/such/page", 404),
    Page("unknown thing", "/id/finding/no-such-finding.html", 404, titled=False),
    Page("unknown version", "/?version=99", 404),
    Page("too many requests", "/id/level/level-3.html", 429),
    Page("unavailable", _sparql(_ENDLESS, timeout="0.01"), 503),
)

EVERY = {page.name: page for page in PAGES}
