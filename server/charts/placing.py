"""Where labels go, so that none covers another or a mark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether two rectangles overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def is_within(self, outer: "Box") -> bool:
        """Tell whether this lies wholly inside another."""
        return (
            outer.left <= self.left
            and self.right <= outer.right
            and outer.top <= self.top
            and self.bottom <= outer.bottom
        )


def first_free(candidates: Iterable[Box], taken: Sequence[Box], inside: Box) -> Box | None:
    """Return the first candidate that lies inside and meets nothing, or None."""
    within = [box for box in candidates if box.is_within(inside)]
    if not within:
        return None
    left, top = min(box.left for box in within), min(box.top for box in within)
    around = Box(left, top, max(box.right for box in within), max(box.bottom for box in within))
    near = [box for box in taken if box.meets(around)]
    return next((box for box in within if not any(box.meets(other) for other in near)), None)


def ticks(middles: Sequence[float], halves: Sequence[float], gap: float) -> list[int]:
    """Return which of the labels of a scale can be written: the first, the last, then those between that fit."""
    last = len(middles) - 1
    written, end, start = [0], middles[0] + halves[0] + gap, middles[last] - halves[last]
    if last == 0 or start < end:
        return written
    for index in range(1, last):
        if middles[index] - halves[index] >= end and middles[index] + halves[index] + gap <= start:
            written.append(index)
            end = middles[index] + halves[index] + gap
    return [*written, last]


def stack(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return the tops of blocks that stand as near as can be to where their middles are wanted, none over another.

    Blocks that would touch are moved apart together: each run of them is centred on the mean of what they want.
    They keep within top and bottom as long as there is room for all of them.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    runs: list[list[int]] = []
    tops: list[float] = []
    for index in order:
        runs.append([index])
        tops.append(_settled([index], wanted, heights, top, bottom))
        while len(runs) > 1 and tops[-2] + sum(heights[one] for one in runs[-2]) > tops[-1]:
            merged = runs[-2] + runs.pop()
            runs[-1] = merged
            tops.pop()
            tops[-1] = _settled(merged, wanted, heights, top, bottom)
    placed = [0.0] * len(wanted)
    for run, start in zip(runs, tops, strict=True):
        at = start
        for index in run:
            placed[index] = at
            at += heights[index]
    return placed


def _settled(run: Sequence[int], wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> float:
    """Return where a run of blocks begins."""
    offset, ideal = 0.0, 0.0
    for index in run:
        ideal += wanted[index] - heights[index] / 2 - offset
        offset += heights[index]
    return max(top, min(ideal / len(run), bottom - offset))
