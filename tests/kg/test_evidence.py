"""Every place in the sources is right to the character; a wrong one is told with where it should be."""

import dataclasses
import hashlib

from kg import evidence


def test_every_place_is_right(graph, folders, sources):
    """All figure expressions, all claims and everything left out stand where the graph says."""
    places = evidence.places(graph) + evidence.excluded_places(folders)
    assert len(places) > 300
    assert list(evidence.verify(evidence.captures(graph), places, sources)) == []


def test_place_one_character_off_is_told_with_the_right_one(graph, sources):
    """A shifted position names what stands there and where the expression is."""
    place = next(p for p in evidence.places(graph) if p.subject == "finding/low-trust-count-article-2023")
    assert place.expression == "over\u00a0750\u00a0000"
    moved = dataclasses.replace(place, start=place.start + 1, end=place.end + 1)
    (message,) = evidence.verify(evidence.captures(graph), [moved], sources)
    assert message.startswith("finding/low-trust-count-article-2023: at 2486–2498 stands ")
    assert message.endswith("it stands at 2485–2497")


def test_hint_is_the_nearest_place(tmp_path):
    """Of several places where an expression stands, the one meant is the one nearest to what was written."""
    (tmp_path / "a.txt").write_text("50 x 50 y 50", encoding="utf-8")
    digest = hashlib.sha256((tmp_path / "a.txt").read_bytes()).hexdigest()
    capture = evidence.Capture("a", "a.txt", digest, 12)
    for start, right in ((1, "0–2"), (4, "5–7"), (6, "5–7"), (8, "10–12")):
        (message,) = evidence.verify([capture], [evidence.Place("x", "a", start, start + 2, "50")], tmp_path)
        assert message.endswith(f"it stands at {right}")


def test_text_in_another_encoding_is_told(tmp_path):
    """A text that is not UTF-8 is named, and nothing in it is called right or wrong."""
    (tmp_path / "a.txt").write_bytes("å".encode("latin-1"))
    place = evidence.Place("x", "a", 0, 1, "å")
    *_, message = evidence.verify([evidence.Capture("a", "a.txt", "0", 1)], [place], tmp_path)
    assert message == "a: a.txt is not UTF-8; nothing in it was compared"


def test_claim_that_starts_inside_a_word_is_told(graph, sources):
    """A place without an expression must at least begin and end at words."""
    place = next(p for p in evidence.places(graph) if p.expression is None)
    moved = dataclasses.replace(place, start=place.start + 1)
    (message,) = evidence.verify(evidence.captures(graph), [moved], sources)
    assert "starts or ends inside a word" in message


def test_place_outside_the_text_is_told(graph, sources):
    """A position past the end is out of bounds, not an empty text."""
    place = dataclasses.replace(evidence.places(graph)[0], start=0, end=10**6)
    (message,) = evidence.verify(evidence.captures(graph), [place], sources)
    assert "is not within the" in message


def test_changed_and_missing_texts_are_told(graph, sources, tmp_path):
    """Another file of the same name is recognised by hash and length; a missing one is named."""
    captures = evidence.captures(graph)
    for capture in captures[1:]:
        (tmp_path / capture.file_name).write_bytes((sources / capture.file_name).read_bytes() + b" ")
    messages = list(evidence.verify(captures, [], tmp_path))
    assert len(messages) == 1 + 2 * (len(captures) - 1)
    assert "is not in" in messages[0]
    assert "SHA-256 differs" in messages[1]


def test_no_expression_is_longer_than_five_words(graph):
    """No more of a source is kept than a figure's own words."""
    assert all(len(p.expression.split()) <= 5 for p in evidence.places(graph) if p.expression)
