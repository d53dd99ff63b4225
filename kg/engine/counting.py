"""Count the rows of a result from its bytes.

Giving every solution to Python would double the time of a large answer; counting bytes adds about a tenth, so that it
is worth while to know how short a row can be.
The counts are exact, whatever the values contain, for the way pyoxigraph writes: it escapes `"` in JSON, `<`
in XML and line ends in TSV, and doubles `"` in CSV.
"""

from typing import Protocol

from pyoxigraph import QueryResultsFormat


class RowCounter(Protocol):
    """Something that is fed the parts of a result and knows how many rows have begun or ended.

    A result has at least `shortest` bytes for each row.
    """

    shortest: int
    rows: int

    def feed(self, part: bytes) -> None:
        """Take the next part."""
        ...


class LineCounter:
    """TSV: one line a row, after the line of variables."""

    shortest = len(b"\n")

    def __init__(self) -> None:
        self.rows = -1

    def feed(self, part: bytes) -> None:
        """Count line ends."""
        self.rows += part.count(b"\n")


class RecordCounter:
    """CSV: one record a row, after that of the variables; line ends inside quotes do not count."""

    shortest = len(b"\r\n")

    def __init__(self) -> None:
        self.rows = -1
        self._quoted = False

    def feed(self, part: bytes) -> None:
        """Count line ends outside quotes; a doubled quote closes and opens again."""
        pieces = part.split(b'"')
        self.rows += sum(piece.count(b"\n") for piece in pieces[self._quoted :: 2])
        self._quoted ^= len(pieces) % 2 == 0


class MarkCounter:
    """XML: a row begins with a tag that no value can contain."""

    shortest = len(b"<result></result>")

    def __init__(self, mark: bytes = b"<result>") -> None:
        self.rows = 0
        self._mark = mark
        self._rest = b""

    def feed(self, part: bytes) -> None:
        """Count the mark, also where it lies across two parts."""
        data = self._rest + part
        self.rows += data.count(self._mark)
        self._rest = data[-len(self._mark) + 1 :]


class ObjectCounter:
    """JSON: a row is an object in the array of bindings.

    A row with values begins with `{"` after `},` or `[`. A value that ends in `},{` looks like it, but behind
    the quote that closes a value stands `}` or `,`, behind one that opens a name never. Only for rows without
    values (`{}`), which are rare, the strings have to be left out.
    """

    shortest = len(b"{},")
    _OPEN = b'"bindings":['

    def __init__(self) -> None:
        self.rows = 0
        self._rest = b""
        self._started = False
        self._in_string = False

    def feed(self, part: bytes) -> None:
        """Count the beginnings of rows in what is complete; the last bytes wait for the next part."""
        data = self._rest + part
        if not self._started:
            head = data.find(self._OPEN)
            if head < 0:
                self._rest = data
                return
            self._started = True
            data = b"}," + data[head + len(self._OPEN) :]
        cut = max(len(data) - 4, 0)
        while cut and data[cut - 1 : cut] == b"\\":
            cut -= 1
        self._count(data, cut)
        self._rest = data[cut:]

    def _count(self, data: bytes, cut: int) -> None:
        """Count the rows whose beginning lies before the cut."""
        self.rows += data.count(b'},{"', 0, cut + 3) - data.count(b'},{"}', 0, cut + 4)
        self.rows -= data.count(b'},{",', 0, cut + 4)
        plain = data[:cut]
        if b"\\" in plain:
            plain = plain.replace(b"\\\\", b"").replace(b'\\"', b"")
        if b"{}" in data[: cut + 1]:
            outside = (plain + data[cut : cut + 1]).split(b'"')[self._in_string :: 2]
            self.rows += sum(piece.count(b"{}") for piece in outside)
        self._in_string ^= plain.count(b'"') % 2 == 1


def row_counter(form: QueryResultsFormat) -> RowCounter:
    """Return a new counter for a result format."""
    if form == QueryResultsFormat.JSON:
        return ObjectCounter()
    if form == QueryResultsFormat.XML:
        return MarkCounter()
    return RecordCounter() if form == QueryResultsFormat.CSV else LineCounter()
