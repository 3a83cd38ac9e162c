"""The circuit breaker: it opens to refusal, tries once after a moment, and closes on success."""

import asyncio

import pytest

from portico_core.errors import ClassifierUnavailable
from portico_gateway.adapters.breaker import FAILURES, OPEN_S, CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: CircuitBreaker) -> bool:
    """Make a failing call; say whether it was made at all."""
    made = False
    with pytest.raises(ClassifierUnavailable), breaker.guard():
        made = True
        raise ClassifierUnavailable
    return made


def opened() -> tuple[CircuitBreaker, Clock]:
    clock = Clock()
    breaker = CircuitBreaker(ClassifierUnavailable, clock=clock)
    assert [fail(breaker) for _ in range(FAILURES)] == [True] * FAILURES
    return breaker, clock


def test_after_failures_in_a_row_no_call_is_made() -> None:
    breaker, _ = opened()
    assert [fail(breaker) for _ in range(50)] == [False] * 50


def test_after_a_moment_one_call_tries_and_the_others_wait() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    with breaker.guard():
        assert not fail(breaker)
    assert fail(breaker)  # The one that tried succeeded: calls are made again.


def test_a_failed_try_opens_it_again() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    assert fail(breaker)
    assert not fail(breaker)


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = CircuitBreaker(ClassifierUnavailable, clock=Clock())
    for _ in range(3 * FAILURES):
        with breaker.guard():
            pass
        assert fail(breaker)


def test_a_cancelled_caller_says_nothing_of_the_model() -> None:
    breaker = CircuitBreaker(ClassifierUnavailable, clock=Clock())
    for _ in range(2 * FAILURES):
        with pytest.raises(asyncio.CancelledError), breaker.guard():
            raise asyncio.CancelledError
    assert fail(breaker)
