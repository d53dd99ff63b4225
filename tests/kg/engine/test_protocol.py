"""Errors cross from a worker to its server unchanged, and half an answer is no answer."""

import socket
import time

import pytest

import kg.errors
from kg.engine import protocol
from kg.engine.evaluation import Outcome
from kg.engine.protocol import Conversation, Kind
from kg.errors import EngineUnavailable, LimitExceeded, PraksisError, QueryError

ERRORS = [
    kg.errors.QueryError("detail", "hint"),
    kg.errors.QuerySyntaxError(1, 2, "token", "message", None),
    kg.errors.QueryEvaluationError("detail"),
    kg.errors.ServiceForbidden(1, 2),
    kg.errors.ServiceForbidden(1, 2, "https://example.org"),
    kg.errors.ServiceNotCallable(1, 2, "reason"),
    kg.errors.NotAcceptable("ASK"),
    kg.errors.NotCitable("%(reason)s", "hint", reason="RAND"),
    kg.errors.NotInXml("U+0001"),
    kg.errors.BeingMade(3),
    kg.errors.QueryTimeout(1.5),
    kg.errors.UpdateTimeout(1.5),
    kg.errors.UpdateTooLarge(1),
    kg.errors.QueryMemoryExceeded(1),
    kg.errors.ResultTooLarge(1, "rows"),
    kg.errors.RangeTooLarge(1),
    kg.errors.RemoteTooLarge("https://example.org/", 1, "bytes"),
    kg.errors.EngineUnavailable("detail", 3),
    kg.errors.EngineBusy(3),
    kg.errors.SpoolFull(1, 3),
    kg.errors.SpoolFull(None, 3),
    kg.errors.NotIndexed(3),
    kg.errors.WorkerCrashed("by lightning"),
]


def subclasses(kind: type[PraksisError]) -> set[type[PraksisError]]:
    below = [error for error in kind.__subclasses__() if error.__module__ == kg.errors.__name__]
    return {kind}.union(*(subclasses(error) for error in below))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_arrives_as_it_was_sent(error: PraksisError) -> None:
    arrived, leaving = protocol.unpack_end(protocol.pack_error(error, leaving=True))
    assert isinstance(arrived, PraksisError)
    assert type(arrived) is type(error)
    assert (str(arrived), arrived.members(), arrived.hint) == (str(error), error.members(), error.hint)
    assert leaving


def test_every_error_of_the_engine_is_tried() -> None:
    known = subclasses(QueryError) | subclasses(LimitExceeded) | subclasses(EngineUnavailable)
    assert known == {type(error) for error in ERRORS} | {LimitExceeded}


def test_an_outcome_arrives_as_it_was_sent() -> None:
    outcome = Outcome("SELECT", "text/csv; charset=utf-8", None)
    assert protocol.unpack_end(protocol.pack_outcome(outcome, leaving=False)) == (outcome, False)


def test_a_stream_that_ends_in_a_message_is_no_message() -> None:
    ours, theirs = socket.socketpair()
    conversation = Conversation(ours)
    theirs.sendall(bytes([Kind.DATA]) + b"\x00\x00\x00\x09half")
    theirs.close()
    with pytest.raises(EOFError):
        conversation.receive(time.monotonic() + 5)
    conversation.close()


def test_a_message_that_does_not_come_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    conversation = Conversation(ours)
    theirs.sendall(bytes([Kind.DATA]) + b"\x00\x00\x00\x09half")
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        conversation.receive(began + 0.1)
    assert 0.09 < time.monotonic() - began < 2
    theirs.close()
    conversation.close()
