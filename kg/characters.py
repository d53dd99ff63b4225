"""Characters that texts had better not have: those that XML cannot hold, and those that steer a terminal.

XML 1.0 cannot hold some even escaped: with one of them no format of RDF in XML carries a text.
Source: https://www.w3.org/TR/xml/#charsets
"""

import re
from typing import Final

_IN_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_UTF8: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_STEERING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph ends, and what changes the direction of writing."""


def is_printable(text: str) -> bool:
    """Tell whether a text is one line that stays where it is printed."""
    return _STEERING.search(text) is None


def printable(text: str) -> str:
    """Escape what would steer the terminal that a text is printed on."""
    return _STEERING.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def unfit(text: str) -> str | None:
    """Return the first character of a text that XML cannot hold as its code point, U+0001."""
    found = _IN_TEXT.search(text)
    return None if found is None else _named(found.group())


def unfit_in_utf8(written: bytes) -> str | None:
    """Return the same of a text in UTF-8."""
    found = _IN_UTF8.search(written)
    return None if found is None else _named(found.group().decode())


def _named(character: str) -> str:
    return f"U+{ord(character):04X}"
