"""Citations: what the readers of their formats understand, and what they never claim."""

import json
import warnings
from dataclasses import replace
from typing import Any

import bibtexparser
import citeproc
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from flask.testing import FlaskClient

from server import citations
from server.citations import Source, Work

FINDING = "/id/finding/ladder-bodies-municipalities-article-2020"
BLOG = Source(
    name="Vismas blogginnlegg",
    title="50 % {av} IT & andre_ting",
    authors=[],
    publishers=["Visma"],
    issued="2016",
    is_date_inferred=True,
)
UNSIGNED = Source("Kommentar", None, ["Kari Nordmann"], [], "2018-06-11", is_date_inferred=False)
WORK = Work(
    iri="https://w3id.org/praksisgrafen/id/finding/some-finding",
    title="Kommuner & 50 % {nivå} #3_a\\b~c^d",
    language="nb",
    version=7,
    day="2026-11-02",
    sources=[BLOG, UNSIGNED],
)


def test_the_sentence_names_the_version_the_address_and_the_sources() -> None:
    """What an article does not say itself stands in brackets: a date we inferred, a name we gave."""
    assert citations.text(WORK) == (
        "«Kommuner & 50 % {nivå} #3_a\\b~c^d». I: Praksisgrafen, versjon 7 (2. november 2026). "
        "https://w3id.org/praksisgrafen/id/finding/some-finding. "
        "Kilder: «50 % {av} IT & andre_ting», Visma, [2016]; Kari Nordmann, [Kommentar], 11. juni 2018."
    )


@pytest.mark.parametrize(("tag", "written"), [("nb", "«Om ‘IT i praksis’»"), ("en", "“Om ‘IT i praksis’”")])
@pytest.mark.parametrize("title", ["Om «IT i praksis»", "Om “IT i praksis”", 'Om "IT i praksis"'])
def test_quotation_marks_in_a_title_stand_within_others(title: str, tag: str, written: str) -> None:
    """Whichever they were, of the thing and of its source."""
    source = replace(BLOG, title=title)
    assert citations.text(replace(WORK, title=title, language=tag, sources=[source])).count(written) == 2


def test_bibtex_is_read_back() -> None:
    """Letters that mean something to LaTeX are escaped, and the title keeps its capitals."""
    (entry,) = bibtexparser.parse_string(citations.bibtex(WORK)).entries
    fields = {field.key: field.value for field in entry.fields}
    assert (entry.entry_type, entry.key) == ("misc", "praksisgrafen-finding-some-finding")
    assert fields["title"] == (
        r"{Kommuner \& 50 \% \{nivå\} \#3\_a\textbackslash{}b\textasciitilde{}c\textasciicircum{}d}"
    )
    assert (fields["howpublished"], fields["year"], fields["month"]) == ("Praksisgrafen, versjon 7", "2026", "nov")
    assert fields["url"] == WORK.iri
    assert fields["note"].startswith(r"Kilder: «50 \% \{av\} IT \& andre\_ting», Visma")
    assert "author" not in fields


def test_ris_is_read_back() -> None:
    """A record of data within Praksisgrafen, without an author."""
    (record,) = rispy.loads(citations.ris(WORK))
    assert record["type_of_reference"] == "DATA"
    assert record["title"] == WORK.title
    assert record["secondary_title"] == "Praksisgrafen"
    assert (record["edition"], record["year"], record["date"]) == ("7", "2026", "2026/11/02")
    assert record["urls"] == [WORK.iri]
    assert record["notes"][0].startswith("Kilder: ")
    assert "authors" not in record


def test_csl_json_is_read_and_written_by_a_processor() -> None:
    """A processor of CSL knows every field, and writes the reference with title, container and year."""
    items: list[dict[str, Any]] = json.loads(citations.csl(WORK))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        source = CiteProcJSON(items)
    assert items[0]["issued"] == {"date-parts": [[2026, 11, 2]]}
    assert "author" not in items[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = citeproc.CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = citeproc.CitationStylesBibliography(style, source, citeproc.formatter.plain)
        bibliography.register(citeproc.Citation([citeproc.CitationItem(items[0]["id"])]))
        (written,) = [str(entry) for entry in bibliography.bibliography()]
    assert WORK.title in written
    assert "2026" in written


def test_a_thing_without_a_source_is_cited_alone() -> None:
    """No empty field stands where nothing is known."""
    alone = Work(WORK.iri, "Nivå 3", "nn", 7, "2026-11-02", [])
    assert citations.text(alone).endswith(f"{WORK.iri}.")
    assert "note" not in citations.bibtex(alone)
    assert "N1" not in citations.ris(alone)
    assert "note" not in citations.csl(alone)


def test_a_citation_does_not_invent_who_wrote_an_article(real_client: FlaskClient) -> None:
    """The article of 2020 has neither author, publisher nor title in the graph; its name is ours, so in brackets."""
    page = real_client.get(f"{FINDING}.html?lang=nb").text
    assert "Kilde: [Artikkel om IT i praksis 2020], mai 2020." in page


def test_a_derived_figure_names_the_articles_of_its_operands(real_client: FlaskClient) -> None:
    """The way leads from the figure over its operands and their findings to the articles, publisher and all."""
    answer = real_client.get("/id/derived/2016_ladder-services_public-services_levels-3-and-4.ris?lang=en")
    (record,) = rispy.loads(answer.text)
    assert record["notes"] == ["Source: “Flere kommuner tar betydelige steg for digitalisering”, Visma, [2016]."]


@pytest.mark.parametrize(
    ("suffix", "media_type"), [(suffix, form.media_type) for suffix, form in citations.FORMS.items()]
)
def test_each_form_is_a_file_and_negotiated(real_client: FlaskClient, suffix: str, media_type: str) -> None:
    """A reference manager that asks for its own media type is sent to the file, in the language asked for."""
    sent_on = real_client.get(f"{FINDING}?lang=en", headers={"Accept": media_type})
    assert (sent_on.status_code, sent_on.headers["Location"]) == (303, f"{FINDING}.{suffix}?lang=en")
    answer = real_client.get(sent_on.headers["Location"])
    assert answer.mimetype == media_type
    assert f'.{suffix}"' in answer.headers["Content-Disposition"]
    assert "Municipalities with advanced digital services, 2020" in answer.text
    assert 'rel="describes"' in answer.headers["Link"]


def test_nothing_is_cited_that_is_not_there(real_client: FlaskClient) -> None:
    """A citation needs a thing."""
    assert real_client.get("/id/finding/no-such-thing.bib").status_code == 404
