"""Full-text search over the real graph: word forms, slips, beginnings, facets, passages, and whatever people type."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import iris, search
from kg.engine import SearchIndex
from kg.engine.embedded import EmbeddedEngine
from kg.engine.workers import WorkerPool
from kg.errors import EngineUnavailable, QueryEvaluationError
from kg.search import Found, Index, opening, writing
from kg.versions import Home, Version


@pytest.fixture(scope="module")
def index(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("search")
    search.write(graph, folder)
    return Index(folder)


def _ask(index: Index, text: str, language: str = "nb", limit: int = 10, **chosen: str) -> Found:
    return index.search(text, language, {"class": chosen.pop("kind")} if "kind" in chosen else chosen, limit=limit)


def _all(index: Index, text: str) -> set[str]:
    return {hit.iri for hit in _ask(index, text, limit=1000).hits}


@pytest.mark.parametrize("form", ["kommune", "kommuner", "kommunar", "kommunane", "KOMMUNENE"])
def test_forms_of_a_word_find_the_same_in_both_norwegian_languages(index: Index, form: str) -> None:
    """One stem, one set of hits, and it is not small."""
    assert _all(index, form) == _all(index, "kommunene")
    assert iris.entity("population", "municipalities") in _all(index, form)


def test_english_forms_find_what_norwegian_words_name(index: Index) -> None:
    """The population is found by its English name, and shown by the name in the reader's language."""
    first = _ask(index, "municipality", "en").hits[0]
    assert (first.iri, str(first.title)) == (iris.entity("population", "municipalities"), "municipalities")
    assert str(_ask(index, "municipalities", "nn").hits[0].title) == "kommunar"


def test_person_is_found_by_any_part_of_the_name(index: Index) -> None:
    """First name, surname, or both."""
    person = iris.entity("person", "linda-hofstad-helleland")
    for text in ("linda", "Helleland", "hofstad helleland", "Helleland Linda"):
        assert _ask(index, text).hits[0].iri == person


@pytest.mark.parametrize(("text", "slug"), [("digdir", "digdir"), ("991825827", "digdir"), ("difi", "difi")])
def test_organisation_is_found_first_by_another_name_and_by_its_number(index: Index, text: str, slug: str) -> None:
    """A short name beats the titles that mention it."""
    assert _ask(index, text).hits[0].iri == iris.entity("organisation", slug)


def test_slip_of_the_finger_finds_what_was_meant(index: Index) -> None:
    """A letter less, more, other or swapped; what was meant is told."""
    for slip in ("komuner", "kommuuner", "kammuner", "kommnuer"):
        found = _ask(index, slip)
        assert found.meant.corrected == {slip: "kommuner"}
        assert search.corrected(slip, found.meant) == "kommuner"
        assert found.hits[0].iri == iris.entity("population", "municipalities")


def test_beginning_of_a_word_finds_the_word(index: Index) -> None:
    """Nothing is corrected then: the word was only not finished."""
    found = _ask(index, "digitaliseringsdir")
    assert found.hits[0].iri == iris.entity("organisation", "digdir")
    assert not found.meant.corrected


def test_some_of_the_words_are_found_where_nothing_has_all(index: Index) -> None:
    """And it is told that the hits do not have all of them."""
    found = _ask(index, "helleland qqqqxx")
    assert found.total
    assert not found.meant.needs_all
    assert not _ask(index, "qqqqxx").total


def test_expression_of_a_source_finds_its_finding(index: Index) -> None:
    """What the source wrote stands in the passage, marked."""
    (hit,) = _ask(index, "over 60 prosent").hits
    assert hit.kind == "finding"
    assert hit.passage is not None
    assert {piece.text for piece in hit.passage.pieces if piece.is_match} == {"60", "prosent"}


def test_facets_count_what_choosing_them_leaves(index: Index) -> None:
    """Each count is the number of hits with that choice; a facet's own choice does not hide its other values."""
    facets = _ask(index, "kommunene").facets
    assert len(facets["class"]) > 5
    for kind, count in facets["class"].items():
        chosen = _ask(index, "kommunene", kind=kind)
        assert (chosen.total, {hit.kind for hit in chosen.hits}) == (count, {kind})
        assert chosen.facets["class"] == facets["class"]
    for edition, count in facets["edition"].items():
        assert _ask(index, "kommunene", edition=edition).total == count


def test_passage_is_a_part_of_the_text_with_the_match_marked(index: Index, graph: ox.Store) -> None:
    """Nothing is added to the text but signs of omission, and Norwegian letters keep their places."""
    texts = {quad.object.value for quad in graph if isinstance(quad.object, ox.Literal)}
    hits = [hit for hit in _ask(index, "undersøkelsen", limit=100).hits if hit.passage]
    assert len(hits) > 10
    for hit in hits:
        assert hit.passage
        assert any(str(hit.passage).strip(" …") in text for text in texts)
        for piece in hit.passage.pieces:
            assert not piece.is_match or piece.text.lower().startswith("undersøkelse")


def test_names_that_continue_what_is_typed(index: Index) -> None:
    """The last word may be unfinished, down to one letter; things come before what is said of them."""
    assert index.suggest("linda h", "nb", 8)[0] == (
        "Linda Hofstad Helleland", iris.entity("person", "linda-hofstad-helleland"), "person"
    )  # fmt: skip
    assert index.suggest("digdi", "nn", 8)[0][0] == "Digitaliseringsdirektoratet"
    assert len(index.suggest("k", "nb", 5)) == 5
    assert index.suggest(" ", "nb", 5) == []


def test_nothing_behind_the_scenes_is_found(index: Index) -> None:
    """Annotations and the like are read as part of what they belong to."""
    assert index.values("class").isdisjoint({"annotation", "identifier", "component", "agent"})
    assert {"finding", "claim", "person", "def"} <= index.values("class")


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_only_words(index: Index, text: str) -> None:
    """No sign means anything to the search, and no text breaks it."""
    found = index.search(text, "nb", {}, limit=3)
    assert len(found.hits) == min(3, found.total)
    assert len(found.meant.words) <= 8
    index.suggest(text, "nb", 3)


@pytest.mark.parametrize(
    "sign", ['"', "AND ", "title:", "*", "+-", "(", "^2", "~", "[a TO z]", "\\", "\0", "<b>", "e\u0301"]
)
def test_signs_of_query_languages_mean_nothing(index: Index, sign: str) -> None:
    """What stands beside the word does not hide it."""
    assert _ask(index, f"{sign}kommunene{sign}").total or _ask(index, f"{sign} kommunene {sign}").total


def test_index_is_made_once_and_shared(graph: ox.Store, tmp_path: Path) -> None:
    """The second who asks gets what the first one made."""
    home = Home(tmp_path, durable=False)
    home.publish(graph, "tests", "the real graph", {})
    version = home.current()
    assert version is not None
    assert opening.index(version) is opening.index(version)
    assert opening.index(version).search("kommunene", "nb", {}, limit=1).total


def test_index_is_made_by_another_process(graph: ox.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for it goes on with everything else; a writer that fails here is not the one that writes."""
    version, _ = Home(tmp_path, durable=False).publish(graph, "tests", "the real graph", {})
    monkeypatch.setattr(writing, "_described", None)
    assert opening.index(version).search("kommunene", "nb", {}, limit=1).total


_RANKED = """
PREFIX pg: <https://w3id.org/praksisgrafen/def/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?score WHERE {
  { SELECT DISTINCT ?thing WHERE { ?thing ?property ?name } }
  BIND(pg:score(?thing, "kommunene"@nb) AS ?score)
  FILTER(BOUND(?score))
} ORDER BY DESC(?score)
"""


@pytest.fixture(scope="module")
def version(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Version:
    """The real graph, published; nothing has asked its index yet."""
    home = Home(tmp_path_factory.mktemp("home"), durable=False)
    version, _ = home.publish(graph, "tests", "the real graph", {})
    return version


@pytest.fixture(scope="module")
def pool(version: Version) -> Iterator[WorkerPool]:
    """Workers that have never searched."""
    pool = WorkerPool(version.store_path, size=1, index=opening.place)
    yield pool
    pool.close()


def test_function_of_sparql_ranks_as_the_search_does(version: Version, pool: WorkerPool) -> None:
    """The index is made when the first query wants it; whoever orders by the score gets the order of the search."""
    folder = opening.place(version.store_path)
    assert folder is not None
    assert not folder.folder.exists()
    rows = pool.rows(_RANKED)
    assert folder.folder.exists()
    hits = opening.index(version).search("kommunene", "nb", {}, limit=1000).hits
    scores = {str(row["thing"]): float(str(row["score"].value)) for row in rows}  # type: ignore[union-attr]
    assert len(rows) == len(hits) > 20
    order = [scores[f"<{hit.iri}>"] for hit in hits]
    assert order == sorted(order, reverse=True)
    assert all(score > 0 for score in order)


def test_function_has_no_value_for_what_it_is_not_made_for(version: Version, pool: WorkerPool) -> None:
    """Other terms, other numbers of them, words that stand nowhere; the rest of the query is answered."""
    del version
    calls = ('pg:score(1, "x")', "pg:score(?thing, ?thing)", "pg:score(?thing)", 'pg:score(?thing, "qqqqxx")')
    tries = ", ".join(calls)
    (row,) = pool.rows(
        f"PREFIX pg: <{iris.DEF}> SELECT ?score WHERE {{ VALUES ?thing {{ <{iris.entity('organisation', 'digdir')}> }} "
        f'BIND(COALESCE({tries}, "none") AS ?score) }}'
    )
    assert row["score"] == ox.Literal("none")


def test_function_that_meets_an_error_gives_no_answer_instead_of_a_wrong_one(graph: ox.Store, tmp_path: Path) -> None:
    """What stands in the folder is no index."""
    (tmp_path / "meta.json").write_text("{}")
    engine = EmbeddedEngine(graph, index=SearchIndex(tmp_path, lambda: None))
    with pytest.raises(EngineUnavailable, match="meta"):
        engine.rows(_RANKED)


def test_there_is_no_such_function_where_there_is_no_index(graph: ox.Store) -> None:
    """It is said, and not answered with nothing."""
    with pytest.raises(QueryEvaluationError, match="score"):
        EmbeddedEngine(graph).rows(_RANKED)
