"""Errors of the files that a graph is built from: every fault in them, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from kg.errors.base import PraksisError


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault in the input and where it is; line and column count from 1, in Unicode code points."""

    file: str
    line: int | None
    column: int | None
    message: str

    def __str__(self) -> str:
        """Write the fault as editors and people read it: `file:line:column: message`."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message}"


class InvalidInput(PraksisError):
    """The files or the graph they make have faults; nothing was published."""

    status = 422
    title = "Invalid input"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(
            sorted(faults, key=lambda fault: (fault.file, fault.line or 0, fault.column or 0, fault.message))
        )
        super().__init__("\n".join(str(fault) for fault in self.faults))
