"""How wide a text is in Inter, and how it breaks into lines.

Source: the advance widths of Inter 4 (regular, digits of one width), in thousandths of the font size, rounded up.
"""

from functools import cache
from typing import Final

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_CUTS: Final = "-/"
"""After these a word may go on in the next line as it is."""
_ROOM: Final = 1.04
"""Room for the semibold weight and for a font that stands in for Inter."""
_OTHER: Final = 680
_WIDTHS: Final = {
    190: "\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}",
    250: "ijlíîï‚",
    290: " \N{NO-BREAK SPACE}I!,.:·",
    340: "t|;'",
    370: "/()[]f",
    390: "r‹›",
    440: "“”„",
    470: "-_°",
    510: "–*?",
    530: "s",
    560: "kxz",
    570: "avycàáâäåýLJ§",
    590: "e«»éèêëçnhuF",
    620: "oôóòöøEbdpqgüúñ",
    650: "0123456789ZPTSR$&",
    670: "B+<=>~×÷−€",
    700: "KXYAVÅÄ",
    750: "DCHUG",
    770: "NOQØÖ",
    820: "w",
    880: "m…",
    920: "Mæ",
    990: "%WÆ@",
    1000: "—œ",
}
_BY_LETTER: Final = {letter: width for width, letters in _WIDTHS.items() for letter in letters}


@cache
def width(text: str, size: float) -> float:
    """Return the width of a line of text, rather too large than too small. Units: those of `size`."""
    return _ROOM * size * sum(_BY_LETTER.get(letter, _OTHER) for letter in text) / 1000


def wrap(text: str, size: float, room: float) -> list[str]:
    """Break a text into lines no wider than there is room for; a word that is wider is cut."""
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines += _pieces(word, size, room)
    return lines


def wrap_evenly(text: str, size: float, room: float) -> list[str]:
    """Break a text into no more lines than `wrap` does, as even as can be, without cutting a word for it."""
    lines = wrap(text, size, room)
    longest = max(width(word, size) for word in text.split(" "))
    rooms = (room * share / 20 for share in range(10, 20))
    even = (wrap(text, size, narrower) for narrower in rooms if narrower >= longest)
    return next((one for one in even if len(one) <= len(lines)), lines)


def _pieces(word: str, size: float, room: float) -> list[str]:
    """Cut a word that is wider than the room: at its no-break spaces, its own hyphens or slashes, else with hyphens."""
    if _NO_BREAK in word and width(word, size) > room:
        return wrap(word.replace(_NO_BREAK, " "), size, room)
    pieces = []
    while width(word, size) > room and len(word) > 6:
        fitting = [end for end in range(len(word) - 3, 2, -1) if width(_cut(word, end), size) <= room]
        end = next((end for end in fitting if word[end - 1] in _CUTS), fitting[0] if fitting else 3)
        pieces.append(_cut(word, end))
        word = word[end:]
    return [*pieces, word]


def _cut(word: str, end: int) -> str:
    """Return the beginning of a word that goes on in the next line."""
    return word[:end] if word[end - 1] in _CUTS else word[:end] + "-"
