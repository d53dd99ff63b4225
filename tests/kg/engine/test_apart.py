"""Functions called apart: their values and errors come back, and what they do to their process stays there."""

import ctypes
import os
import time
from collections.abc import Iterator

import pytest

from kg.engine import Limits
from kg.engine.apart import Apart
from kg.errors import EngineBusy, QueryMemoryExceeded, QueryTimeout, ResultTooLarge, WorkerCrashed


@pytest.fixture
def apart() -> Iterator[Apart]:
    """Make a place for one call at a time."""
    made = Apart("kg.engine")
    yield made
    made.close()


def _own_pid() -> int:
    return os.getpid()


def _refuse(limit: int) -> None:
    raise ResultTooLarge(limit, "rows")


def _crash() -> None:
    ctypes.string_at(0)


def _fill(size: int) -> int:
    return len(bytearray(size))


def test_a_value_comes_from_another_process(apart: Apart) -> None:
    assert apart.call(Limits(), _own_pid) not in (os.getpid(), apart.call(Limits(), _own_pid))


def test_an_error_comes_as_it_was_raised(apart: Apart) -> None:
    with pytest.raises(ResultTooLarge) as found:
        apart.call(Limits(), _refuse, 7)
    assert found.value.limit == 7


def test_what_dies_is_an_error_and_the_next_call_is_answered(apart: Apart) -> None:
    with pytest.raises(WorkerCrashed, match="SIGSEGV"):
        apart.call(Limits(), _crash)
    assert apart.call(Limits(), _fill, 3) == 3


def test_time_and_memory_end(apart: Apart) -> None:
    with pytest.raises(QueryTimeout):
        apart.call(Limits(timeout=0.5), time.sleep, 60)
    with pytest.raises(QueryMemoryExceeded):
        apart.call(Limits(memory=2**24), _fill, 2**26)


def test_whoever_waits_too_long_for_a_turn_is_told(apart: Apart) -> None:
    assert apart._places.acquire()
    with pytest.raises(EngineBusy):
        apart.call(Limits(timeout=0.01), _own_pid)
