"""Waits and attempts, on a clock that only sleeping moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.providers import ChatReply, Patience, ProviderError
from breakeven.providers.retrying import Retrying
from tests.providers.asking import Clock, Scripted, request, run

GOOD = ChatReply(text="4")
BUSY = ProviderError("rate limit", "busy", retry_after_s=3.0)
DOWN = ProviderError("server error", "down")
LATE = ProviderError("time-out", "late", maybe_billed=1)
WRONG = ProviderError("bad request", "wrong")


def retrying(inner: Scripted, clock: Clock, *, seed: int = 0, **patience: Any) -> Retrying:
    return Retrying(
        inner, patience=Patience(**patience), rng=np.random.default_rng(seed), sleep=clock.sleep, clock=clock
    )


def test_an_answer_at_once_waits_for_nothing() -> None:
    clock, inner = Clock(), Scripted(GOOD)
    assert run(retrying(inner, clock).complete(request())) is GOOD
    assert clock.slept == []


def test_attempts_and_what_may_have_been_billed_are_counted() -> None:
    clock, inner = Clock(), Scripted(LATE, DOWN, LATE, GOOD)
    reply = run(retrying(inner, clock).complete(request()))
    assert (reply.text, reply.attempts, reply.maybe_billed) == ("4", 4, 2)
    assert len(clock.slept) == 3


def test_what_will_not_pass_is_not_asked_again() -> None:
    clock, inner = Clock(), Scripted(WRONG)
    with pytest.raises(ProviderError) as caught:
        run(retrying(inner, clock).complete(request()))
    assert (inner.calls, caught.value.attempts, clock.slept) == (1, 1, [])


def test_the_last_failure_tells_all_attempts() -> None:
    clock, inner = Clock(), Scripted(DOWN, LATE)
    with pytest.raises(ProviderError, match="late") as caught:
        run(retrying(inner, clock, attempts=3).complete(request()))
    assert (inner.calls, caught.value.attempts, caught.value.maybe_billed) == (3, 3, 2)


def test_a_wait_that_was_asked_for_is_never_cut_short() -> None:
    for seed in range(20):
        clock, inner = Clock(), Scripted(BUSY, GOOD)
        run(retrying(inner, clock, seed=seed, first_wait_s=0.5).complete(request()))
        assert 3.0 <= clock.slept[0] <= 3.5


def test_who_asks_for_too_long_a_wait_is_not_asked_again() -> None:
    clock, inner = Clock(), Scripted(BUSY, GOOD)
    with pytest.raises(ProviderError, match="busy"):
        run(retrying(inner, clock, longest_asked_s=2.0).complete(request()))
    assert clock.slept == []


def test_no_attempt_starts_after_the_deadline() -> None:
    clock, inner = Clock(), Scripted(BUSY)
    with pytest.raises(ProviderError):
        run(retrying(inner, clock, attempts=100, deadline_s=10.0).complete(request()))
    assert sum(clock.slept) < 10.0
    assert inner.calls in (3, 4)  # waits of 3 to 4 s: two or three of them fit


@given(seed=st.integers(0, 2**32), first=st.floats(0.01, 10), longest=st.floats(0.01, 20))
def test_waits_double_at_most_and_never_pass_the_longest(seed: int, first: float, longest: float) -> None:
    clock, inner = Clock(), Scripted(DOWN)
    with pytest.raises(ProviderError):
        run(
            retrying(
                inner, clock, seed=seed, attempts=6, first_wait_s=first, longest_wait_s=longest
            ).complete(request())
        )
    assert len(clock.slept) == 5
    for n, wait in enumerate(clock.slept):
        assert 0 <= wait <= min(longest, first * 2**n)


def test_jitter_fills_the_whole_wait() -> None:
    waits = []
    for seed in range(200):
        clock = Clock()
        run(retrying(Scripted(DOWN, GOOD), clock, seed=seed).complete(request()))
        waits += clock.slept
    # Uniform on 0..1: mean .5, standard error sqrt(1/12/200) = .02.
    assert abs(np.mean(waits) - 0.5) < 0.1
    assert min(waits) < 0.1
    assert max(waits) > 0.9


def test_no_attempts_make_no_sense() -> None:
    with pytest.raises(InputError, match="attempts"):
        Patience(attempts=0)


def test_closing_closes_what_is_inside() -> None:
    inner = Scripted(GOOD)
    run(retrying(inner, Clock()).close())
    assert inner.closed == 1
