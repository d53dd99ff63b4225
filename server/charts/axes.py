"""Axes: a range from zero to a round number, and where its lines stand."""

import math
from collections.abc import Callable, Iterable

from server.charts.model import Axis


def percent(write: Callable[[float], str]) -> Axis:
    """Return the axis of shares: 0 to 100, whatever the figures."""
    return Axis(100, tuple((tick, write(tick)) for tick in (0, 25, 50, 75, 100)), is_whole=True)


def counting(values: Iterable[float], write: Callable[[float], str]) -> Axis:
    """Return an axis from 0 to a round number above the largest value; a negative value counts as 0."""
    largest = max((value for value in values if math.isfinite(value)), default=1)
    step = _round_step(max(largest, 1) / 4)
    count = math.floor(largest / step) + 1
    return Axis(step * count, tuple((step * number, write(step * number)) for number in range(count + 1)))


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 2.5, 5 times a power of ten that is large enough."""
    power: float = 10 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least)
