"""What a result of a validation says."""

import pytest

from kg.shapes import Result

FOCUS = "https://w3id.org/praksisgrafen/id/finding/a"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("NaN", " (value: NaN)"),
        ("Norge", " (value: Norge)"),
        ("https://w3id.org/praksisgrafen/id/unit/page", " (value: unit:page)"),
        ("", ""),
        (FOCUS, ""),
        ("N" + "0f" * 16, ""),
    ],
)
def test_value_is_told_where_it_tells_something(value, told):
    """A text is told whatever it begins with; the focus node again and a blank node are not."""
    result = Result(FOCUS, "", "urn:shape", "C", value, (("en", "Wrong."),))
    assert result.told("en") == f"finding:a: Wrong.{told} [urn:shape]"
