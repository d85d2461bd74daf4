"""Pace, concurrency and slowing down, on a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.providers import ChatReply, ChatRequest, Limits, ProviderError, Usage
from breakeven.providers.limits import Gate, Limited, Pace, TimeLimited
from tests.providers.asking import Clock, Scripted, request, run

GOOD = ChatReply(text="4", usage=Usage(input_tokens=10, output_tokens=2))


@given(per_minute=st.floats(1, 10_000), n=st.integers(1, 300))
def test_so_many_take_their_time_but_for_one_burst(per_minute: float, n: int) -> None:
    clock = Clock()
    pace = Pace(per_minute, clock=clock)
    last = max(pace.reserve() for _ in range(n))
    # The n-th starts n−1 intervals after the first, which may have started up to a second ago.
    assert last == pytest.approx(max(0.0, (n - 1) * 60 / per_minute - 1.0))


def test_idle_time_is_not_saved_up() -> None:
    clock = Clock()
    pace = Pace(60, clock=clock)
    clock.now += 3600
    assert [pace.reserve() for _ in range(4)] == [0.0, 0.0, 1.0, 2.0]


def test_tokens_are_set_right_by_the_answer() -> None:
    clock = Clock()
    limited = Limited(Scripted(GOOD), Limits(tokens_per_minute=60), sleep=clock.sleep, clock=clock)

    async def check() -> None:
        # Reserved: 40 characters / 4 + 100 = 110 tokens; billed: 12, which take 12 s, less the second of the burst.
        await limited.complete(request("x" * 40, max_output_tokens=100))
        await limited.complete(request("x" * 40, max_output_tokens=100))

    run(check())
    assert clock.slept == [pytest.approx(11.0)]


class Crowd:
    """Counts how many calls are inside at once."""

    def __init__(self, failing: int = 0) -> None:
        self.inside = self.most = self.calls = 0
        self.failing = failing

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.calls += 1
        failing = self.calls <= self.failing
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if failing:
                raise ProviderError("rate limit", "busy", retry_after_s=2.0)
            return GOOD
        finally:
            self.inside -= 1

    async def close(self) -> None:
        """Nothing to give back."""


@given(limit=st.integers(1, 20), n=st.integers(1, 60))
def test_never_more_at_once_than_the_limit_and_all_are_answered(limit: int, n: int) -> None:
    crowd = Crowd()
    limited = Limited(crowd, Limits(concurrency=limit))

    async def check() -> int:
        return len(await asyncio.gather(*(limited.complete(request(str(i))) for i in range(n))))

    assert run(check()) == n
    assert crowd.most == min(limit, n)
    assert limited.gate.inside == 0


def test_one_burst_of_refusals_halves_once_and_answers_bring_it_back() -> None:
    clock, crowd = Clock(), Crowd(failing=8)
    limited = Limited(crowd, Limits(concurrency=8), sleep=clock.sleep, clock=clock)

    async def check() -> None:
        first = await asyncio.gather(
            *(limited.complete(request(str(i))) for i in range(8)), return_exceptions=True
        )
        assert all(isinstance(error, ProviderError) for error in first)
        assert limited.gate.limit == 4
        crowd.most = 0
        await limited.complete(request())
        assert clock.slept == [2.0]  # nobody is asked before the pause is over
        # 4 + 5 + 6 + 7 answers, one of them just now, bring back one place for each full round.
        await asyncio.gather(*(limited.complete(request(str(i))) for i in range(3)))
        assert limited.gate.limit == 5
        await asyncio.gather(*(limited.complete(request(str(i))) for i in range(5 + 6 + 7)))
        assert limited.gate.limit == 8
        await asyncio.gather(*(limited.complete(request(str(i))) for i in range(20)))
        assert limited.gate.limit == 8

    run(check())


def test_a_caller_who_gives_up_in_line_takes_no_place() -> None:
    async def check() -> None:
        gate = Gate(1)
        await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.leave()  # the second's turn comes …
        waiting[1].cancel()  # … as it gives up
        await asyncio.wait_for(waiting[2], 120)
        assert gate.inside == 1
        gate.leave()
        assert gate.inside == 0
        await asyncio.gather(*waiting, return_exceptions=True)

    run(check())


def test_a_cancelled_call_leaves_its_place() -> None:
    async def check() -> None:
        limited = Limited(Sleeper(), Limits(concurrency=1))
        call = asyncio.create_task(limited.complete(request()))
        await asyncio.sleep(0.01)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert limited.gate.inside == 0

    run(check())


class Sleeper:
    async def complete(self, request: ChatRequest) -> ChatReply:
        await asyncio.sleep(60)
        return GOOD

    async def close(self) -> None:
        """Nothing to give back."""


def test_a_provider_of_ones_own_is_given_up_in_time() -> None:
    with pytest.raises(ProviderError, match=r"0\.01 s") as caught:
        run(TimeLimited(Sleeper(), 0.01).complete(request()))
    assert (caught.value.kind, caught.value.maybe_billed) == ("time-out", 1)


@pytest.mark.parametrize(
    "wrong", [{"concurrency": 0}, {"requests_per_minute": -1}, {"tokens_per_minute": float("nan")}]
)
def test_a_limit_is_more_than_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Limits(**wrong)
