"""What a class adds to the page of a thing: figures in words, roles, sources side by side, and no more queries."""

import csv
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg import iris
from kg.engine import Row
from kg.terms import PREFIXES
from server import figures, sentences
from server.figures import Book
from server.labels import Labels
from server.sections import BUILDERS, sections

Ask = Callable[[str], list[Row]]
LANGUAGES = ("nb", "nn", "en")
COPIES = 30

SAID = Path(__file__).with_name("sentences.csv")
"""Every figure in words, read and approved: the end of its IRI, then Bokmål, Nynorsk and English."""

BOUNDS = {
    ("lower", "nb"): ("Mer enn", "Over"), ("lower", "nn"): ("Meir enn", "Over"), ("lower", "en"): ("More than", "Over"),
    ("upper", "nb"): ("mindre enn",), ("upper", "nn"): ("mindre enn",), ("upper", "en"): ("less than",),
}  # fmt: skip
ABOUT = re.compile(r"\b(omtrent|om lag|about) (\d|dobbelt|twice|half|halv)", re.IGNORECASE)
FOREIGN = {
    "nb": r"\b(ikkje|frå|kva|korleis|tenester|verksemder|kommunar|dei|the|of|in)\b",
    "nn": r"\b(ikke|fra|hva|hvordan|tjenester|virksomheter|kommuner|de|the|of|in)\b",
    "en": r"\b(ikke|ikkje|fra|frå|av|prosent|og|i)\b",
}


def _asker(store: ox.Store, asked: list[str] | None = None) -> Ask:
    def rows(query: str) -> list[Row]:
        if asked is not None:
            asked.append(query)
        answer = store.query(query, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QuerySolutions)
        names = [variable.value for variable in answer.variables]
        return [{name: term for name in names if (term := solution[name]) is not None} for solution in answer]

    return rows


@pytest.fixture(scope="module")
def books(graph: ox.Store) -> dict[str, Book]:
    """All figures there are, in each language."""
    rows = _asker(graph)
    found = rows(
        f"SELECT DISTINCT ?it WHERE {{ VALUES ?class {{ <{iris.DEF}NumericFinding> <{iris.DEF}DerivedObservation> }}"
        " ?it a ?class }"
    )
    every = [str(row["it"]).strip("<>") for row in found]
    return {language: figures.read(rows, every, Labels(language)) for language in LANGUAGES}


def test_every_figure_is_said_in_words_in_three_languages(books: dict[str, Book]) -> None:
    """Population, indicator, year; the bound, the fraction, the direction; what is assumed and what is not said."""
    with SAID.open(encoding="utf-8", newline="") as file:
        approved = {row.pop("figure"): row for row in csv.DictReader(file)}
    said = {
        iri.removeprefix(iris.ID): {
            language: sentences.sentence(book.thing(iri), book) for language, book in books.items()
        }
        for iri in books["nb"].things
    }
    assert said == approved


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_said_as_exactly_as_the_source_has_it(books: dict[str, Book], language: str) -> None:
    """No figure without a sentence, no bound or “about” lost or made up, no word of another language."""
    book = books[language]
    assert len(book.things) == 70
    for thing in book.things.values():
        said = sentences.sentence(thing, book)
        assert said.endswith("."), said
        assert not re.search(r"[{}%]|\s\s|\s[.,]|not-", said), said
        assert thing.code("sdmx-dimension:refPeriod") in said
        bound = BOUNDS.get((thing.code("pg:bound"), language))
        assert not bound or any(word in said for word in bound), said
        is_about = thing.code("pg:precision") in ("fraction", "approximate")
        assert bool(ABOUT.search(said)) == is_about, said
        assert not re.search(FOREIGN[language], said), said


def test_a_figure_without_words_of_its_own_is_said_plainly(graph: ox.Store) -> None:
    """A new indicator needs no words in a sentence to be read."""
    store = ox.Store()
    phrase = ox.NamedNode(iris.DEF + "inSentence")
    store.extend(quad for quad in graph if quad.predicate != phrase)
    name = iris.ID + "finding/digitisation-goals-blog-2016"
    book = figures.read(_asker(store), [name], Labels("nb"))
    said = sentences.sentence(book.thing(name), book)
    assert said == "Har konkrete mål for digitalisering av tjenester: 63 prosent (kommuner) i 2016."


def test_the_figure_is_kept_with_all_its_digits(books: dict[str, Book]) -> None:
    """Words round, the encoding does not; a bound goes with both."""
    book = books["nb"]
    third = book.thing(iris.ID + "finding/ladder-bodies-municipalities-article-2020")
    assert (sentences.amount(third, book), sentences.encoded(third, book)) == ("omtrent 33 prosent", "33,3 prosent")
    halved = book.thing(iris.ID + "finding/preferred-channel-phone-ratio-blog-2016")
    assert sentences.encoded(halved, book) == "mindre enn 0,5 ganger"


SHOWN = {
    "finding/manual-operations-heading-article-2020": ("6/10", "60 prosent", "Gjentar dette stedet", "brødteksten"),
    "finding/ladder-bodies-municipalities-article-2020": ("Regnet ut av dette tallet", "Hvem er tredelen", "1/3"),
    "finding/ladder-services-municipal-commentary-2018": ("En annen lesning av det samme stedet", "vår tolkning"),
    "finding/experienced-adaptation-article-2023": ("Viser tilbake til", "«like få»"),
    "finding/survey-covers-public-digitalisation-status-2023": (
        "Slik har vi lest det",
        "Hvordan undersøkelsen er gjort",
    ),
    "derived/2020_in-2019_ladder-bodies_municipalities_level-3": ("Ingen kilde oppgir", "+23 prosentpoeng", "Av disse"),
    "observation/2016_digitisation-goals_municipalities": ("Hvem som gjengir tallet",),
    "observation/2020_ladder-bodies_municipalities_level-3": (
        'href="#caution">omstridt</a>',
        "Sammenlign med omtanke",
        "Hvem er tredelen",
    ),
    "derived/2023_involves-private-business_state-bodies-and-municipalities_change_since-2020": (
        "Sammenlign med omtanke",
        "Rammen skifter fra utgave til utgave",
    ),
    "scheme/ladder": ("Nivå 3 og 4 samlet", "i hovedvekt, brøk, omstridt", "Ingen av kildene nummererer trinnet"),
    "person/truls-berg": ("ikke når den begynte eller tok slutt", "ansvarlig redaktør", "våre ord", "kritiserer"),
    "organisation/digdir": ("Før og etter", "virksomhet.brreg.no/nb/oppslag/enheter/991825827", "Difi"),
    "policy/en-digital-offentlig-sektor": ("Eier", "Regjeringen", "2025", "Erstattet av", "IT i praksis 2020"),
    "edition/2020": ("Hva hver kilde sier om utgaven", "Dataforeningen", "500 (de største", "ikke oppgitt"),
    "source/commentary-2018": ("I tekstens rekkefølge", "Tegn", "mer enn 60 prosent", "En magisk prosent"),
    "solution/sikker-digitalt-arkiv": ("Hva som er sagt om det",),
    "reform/laere-hele-livet": ("Eier", "Hva som er sagt om det"),
    "funding/kompensasjonsordningen": ("Hva som er sagt om det",),
    "scheme/precision": ("Koder", "Tallet er brukt billedlig"),
    "theme/services": ("Hva det betyr", '<h2 id="indicators">Indikatorer</h2>', "Tjenester på et nivå"),
    "level/level-3": ("Forrige trinn", "Tall som bruker koden", "omtrent 33 prosent"),
    "discrepancy/partners-2020": ("Side om side", "Artikkel om IT i praksis 2020", "Dataforeningen"),
    "claim/visma-competence-and-security-needed-2020": ("vår omskrivning, ikke et sitat", "Tolket ut fra teksten"),
    "membership/truls-berg-innomag-2023": ("InnoMag", "ikke når den begynte eller tok slutt"),
    "partnership/commentary-2018-ikt-norge": ("IKT", "Ifølge"),
    "event/digdir-founded": ("Altinn", "ble til"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_class_has_its_own_part_of_the_page(real_client: FlaskClient, name: str) -> None:
    """What the class is about is said in words, in the reader's language."""
    page = real_client.get(f"/id/{name}.html?lang=nb").text
    body = page[page.index("<main") : page.index("</main>")].replace("\N{NO-BREAK SPACE}", " ")
    assert [words for words in SHOWN[name] if words not in body] == []


@pytest.mark.parametrize(("name", "language"), list(product(SHOWN, ["nn", "en"])))
def test_each_part_is_in_the_readers_language(real_client: FlaskClient, name: str, language: str) -> None:
    """Headings of another language do not slip in."""
    page = real_client.get(f"/id/{name}.html?lang={language}").text
    headings = re.findall(r'<h2 id="[\w-]+">([^<]+)</h2>', page)
    norwegian = {"nn": r"\b(ikke|Hva|Hvem|tallet|Slik har vi lest)\b", "en": r"\b(ikke|Hva|Hvem|Talet|Slik|og)\b"}
    assert headings
    assert not [one for one in headings if re.search(norwegian[language], one)]


def test_what_a_section_says_is_not_said_again(real_client: FlaskClient) -> None:
    """The bare facts and the lists of references leave out what a section covers."""
    page = real_client.get("/id/finding/ladder-bodies-municipalities-article-2020.html?lang=en").text
    facts = page[page.index('id="facts"') : page.index('id="relations"')]
    assert "Population" in facts or "population" in facts
    assert not re.search(r"/def#(value|precision|conflictsWith|numerator)\b", facts)
    assert 'id="incoming"' not in page
    person = real_client.get("/id/person/truls-berg.html?lang=en").text
    assert "schema:author" not in person


def test_the_figures_of_a_code_are_in_the_order_of_their_years(real_client: FlaskClient) -> None:
    """Those of one indicator together, the first year first."""
    page = real_client.get("/id/population/municipalities.html?lang=nb").text
    part = page[page.index('id="figures"') : page.index('id="facts"')]
    years = [int(year) for year in re.findall(r"finding/ladder-bodies[\w-]*-(\d{4})\.html", part)]
    assert years == sorted(years)
    assert len(years) > 2


def test_a_long_list_of_references_can_still_be_leafed_through(real_client: FlaskClient) -> None:
    """What a section shows the first of stands whole at an address of its own."""
    author = PREFIXES["schema"] + "author"
    page = real_client.get(f"/id/organisation/visma.html?lang=en&property={author}").text
    assert "schema:author" in page


FEW = (
    "finding/digitisation-goals-blog-2016",
    "finding/ladder-bodies-municipalities-article-2020",
    "observation/2016_digitisation-goals_municipalities",
    "derived/2020_in-2019_ladder-bodies_municipalities_level-3",
    "discrepancy/partners-2020",
    "person/truls-berg",
    "organisation/digdir",
    "policy/en-digital-offentlig-sektor",
    "solution/sikker-digitalt-arkiv",
    "edition/2018",
    "source/article-2020",
    "scheme/precision",
    "level/level-3",
    "claim/visma-competence-and-security-needed-2020",
    "membership/truls-berg-innomag-2023",
)


@pytest.fixture(scope="module")
def crowded(graph: ox.Store) -> ox.Store:
    """Copy the graph and give these things many times the neighbours: what points at one, again and again."""
    store = ox.Store()
    store.extend(graph)
    for name in FEW:
        thing = ox.NamedNode(iris.ID + name)
        pointing = {quad.subject for quad in graph.quads_for_pattern(None, None, thing, None)}
        for subject in pointing:
            if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(iris.ID):
                continue
            own = list(graph.quads_for_pattern(subject, None, None, None))
            for number in range(COPIES):
                copy = ox.NamedNode(f"{subject.value}-copy-{number}")
                store.extend(ox.Quad(copy, quad.predicate, quad.object, quad.graph_name) for quad in own)
    return store


@pytest.mark.parametrize("name", FEW)
def test_the_number_of_queries_does_not_grow_with_the_neighbours(graph: ox.Store, crowded: ox.Store, name: str) -> None:
    """Thirty times as many things point here, and not one query more is asked."""
    counts = []
    for store in (graph, crowded):
        asked: list[str] = []
        classes = [
            str(row["class"]).strip("<>") for row in _asker(store)(f"SELECT ?class {{ <{iris.ID}{name}> a ?class }}")
        ]
        assert sections(_asker(store, asked), iris.ID + name, classes, Labels("nb"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_every_builder_is_asked_for_some_class() -> None:
    """A builder for a class that no thing has would never be seen."""
    assert all(classes for classes, _ in BUILDERS)
