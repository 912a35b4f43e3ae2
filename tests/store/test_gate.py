"""The gate: who waits, who is refused at once, and when all is well again."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from widget.domain.refusals import LedgerUnavailable
from widget.store.gate import PATIENCE, Gate


class Clock:
    """A clock that goes only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(gate: Gate, clock: Clock, *, after: float) -> None:
    with suppress(LedgerUnavailable), gate.visit():
        clock.now += after
        raise LedgerUnavailable("away")


def elsewhere(what: Callable[[], object]) -> None:
    thread = threading.Thread(target=what)
    thread.start()
    thread.join()


def refused(gate: Gate) -> bool:
    """Tell whether somebody else is refused, from a thread of their own."""
    answers = []

    def try_it() -> None:
        try:
            with gate.visit():
                answers.append(False)
        except LedgerUnavailable:
            answers.append(True)

    elsewhere(try_it)
    return answers[0]


def test_nobody_waits_before_places_where_nobody_moves() -> None:
    clock = Clock()
    gate = Gate(1, monotonic=clock)
    with gate.visit():
        clock.now += PATIENCE * 2
        assert refused(gate)
    assert not refused(gate)


def test_after_a_slow_failure_one_at_a_time_looks() -> None:
    clock = Clock()
    gate = Gate(3, monotonic=clock)
    fail(gate, clock, after=PATIENCE)
    assert gate.hangs
    with gate.visit():
        assert refused(gate)
    assert not gate.hangs
    assert not refused(gate)


def test_a_look_that_fails_slowly_lets_the_next_one_look() -> None:
    clock = Clock()
    gate = Gate(3, monotonic=clock)
    fail(gate, clock, after=PATIENCE)
    fail(gate, clock, after=PATIENCE)
    assert gate.hangs
    assert not refused(gate)


@pytest.mark.parametrize("ends", [LedgerUnavailable("refused"), KeyError("a fault of ours")])
def test_a_ledger_that_answers_at_once_does_not_hang(ends: Exception) -> None:
    clock = Clock()
    gate = Gate(2, monotonic=clock)
    fail(gate, clock, after=PATIENCE)
    with suppress(type(ends)), gate.visit():
        raise ends
    assert not gate.hangs


def test_who_waits_comes_in_when_somebody_leaves() -> None:
    gate = Gate(1)
    came_in = threading.Event()

    def wait() -> None:
        with gate.visit():
            came_in.set()

    waiting = threading.Thread(target=wait)
    with gate.visit():
        waiting.start()
        assert not came_in.is_set()
    waiting.join()
    assert came_in.is_set()
