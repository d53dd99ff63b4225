"""The lexer: tokens, and that no text can hold it up."""

import pytest

from kg.engine.lexer import tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b:c.d. ", ["name a.b:c.d", "mark ."]),
        ("SELECT.5", ["word SELECT", "number .5"]),
        ("a.b.c", ["word a", "mark .", "word b", "mark .", "word c"]),
        ("SELEC\\u0054-_:b", ["word SELEC\\u0054", "mark -", "label _:b"]),
        ("_:a.b. ?x", ["label _:a.b", "mark .", "variable ?x"]),
        ("a:%2f\\#b", ["name a:%2f\\#b"]),
        ("'''it's'''@en-GB", ["string '''it's'''", "language @en-GB"]),
        ('"""open "" ', ['string """open "" ']),
    ],
)
def test_tokens_are_those_of_the_grammar(text: str, found: list[str]) -> None:
    """Names may hold dots, not end in one; an unfinished long string takes the rest."""
    assert [f"{token.kind} {token.text}" for token in tokens(text)] == found


@pytest.mark.parametrize(
    "unit", ["a.", "a-", ":.", "_:a.", "a:.", "'''\n\\", '"""\n\\', "<a", "\\u004", "@a-", "a:%2", "a:\\"]
)
def test_no_text_takes_longer_than_its_length_warrants(unit: str) -> None:
    """A megabyte of these once took days, in the process that serves everybody."""
    text = (unit * 20_000)[:30_000] + "x"
    assert sum(len(token.text) for token in tokens(text)) > 0
