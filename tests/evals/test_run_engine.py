"""The runner: nothing lost, nothing asked twice, a stop that holds, results that depend on the answers alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.estimating import estimate_run
from breakeven.evidence.evals.executing import execute
from breakeven.evidence.evals.journal import Journal, read_journal
from breakeven.evidence.evals.metering import Budget, BudgetReachedError, call_usd
from breakeven.evidence.evals.planning import Plan, make_plan
from breakeven.evidence.evals.result import EvalResult
from breakeven.evidence.evals.running import Run, results
from breakeven.evidence.evals.suite import open_suite
from breakeven.prices import load_book
from breakeven.providers import ChatReply, ChatRequest, ProviderError, Usage

NOW = "2026-11-22T00:00:00+00:00"
DAY = dt.date(2026, 11, 22)
LABELS = ("card", "loan", "other")


class Scripted:
    """Answers with a label that depends on the question alone; fails as its script says. Counts what it was asked."""

    def __init__(
        self, *, fails: Any = lambda request, attempt: None, output_tokens: int = 1, pause_s: float = 0
    ) -> None:
        self.fails = fails
        self.output_tokens = output_tokens
        self.pause_s = pause_s
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.closed = False

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked[request.key] += 1
        attempt = self.asked[request.key]
        await asyncio.sleep(self.pause_s)
        error = self.fails(request, attempt)
        if error is not None:
            raise error
        self.answered[request.key] += 1
        text = LABELS[int(request.key[:4], 16) % 3]
        tokens = sum(len(message.content) for message in request.messages) // 4
        return ChatReply(
            text=text, usage=Usage(input_tokens=tokens, output_tokens=self.output_tokens), latency_s=0.01
        )

    async def close(self) -> None:
        self.closed = True


def suite_folder(path: Path, *, n: int = 12, **over: Any) -> Path:
    """A folder with a suite of ``n`` cases and two candidates."""
    path.mkdir(parents=True, exist_ok=True)
    rows = [{"id": f"c{k}", "input": f"question {k}", "expected": LABELS[k % 3]} for k in range(n)]
    (path / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "p.md").write_text("Which queue?\n\n{{input}}\n")
    price = "{input: $2/1M tokens, output: $8/1M tokens}"
    lines = {
        "cases": "cases.jsonl", "score": "exact", "concurrency": 4,
        "candidates": "{a: {model: x/a, prompt: p.md, max_output_tokens: 5}, "
                      "b: {model: x/b, prompt: p.md, max_output_tokens: 5}}",
        "prices": f"{{x/a: {price}, x/b: {price}}}",
    } | over  # fmt: skip
    (path / "eval.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))
    return path


def plan_of(path: Path, **over: Any) -> Plan:
    return make_plan(open_suite(suite_folder(path, **over)), book=load_book())


def run(plan: Plan, provider: Scripted, path: Path) -> tuple[Run, tuple[EvalResult, ...]]:
    """One run on the journal in a folder, retries without waiting."""

    async def go() -> Run:
        with Journal(path / "journal.jsonl", now=lambda: NOW) as journal:
            rng = np.random.default_rng(0)
            return await execute(plan, journal, provider=provider, rng=rng)

    made = asyncio.run(go())
    return made, results(plan, made, date=DAY)


def test_a_run_scores_every_case_once_and_a_second_one_asks_nothing(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    provider = Scripted()
    made, found = run(plan, provider, tmp_path)
    assert [len(result.runs) for result in found] == [12, 12]
    assert all(result.complete for result in found)
    assert set(provider.asked.values()) == {1}
    assert provider.closed
    # x/a and x/b are different models: 24 different requests
    assert made.progress.answered == len(provider.asked) == 24
    again = Scripted()
    made, same = run(plan, again, tmp_path)
    assert again.asked.total() == 0
    assert made.progress.journalled == 24
    assert same == found


def test_candidates_that_ask_the_same_share_one_call(tmp_path: Path) -> None:
    both = "{a: {model: x/a, prompt: p.md, max_output_tokens: 5}, b: {model: x/a, prompt: p.md, max_output_tokens: 5}}"
    plan = plan_of(tmp_path, candidates=both)
    provider = Scripted()
    _, (a, b) = run(plan, provider, tmp_path)
    assert provider.asked.total() == 12
    assert a.runs == b.runs


def test_repeats_are_asked_anew(tmp_path: Path) -> None:
    provider = Scripted()
    _, (a, _) = run(plan_of(tmp_path, repeats=3), provider, tmp_path)
    assert provider.asked.total() == 72
    assert [(row.id, row.repeat) for row in a.runs[:4]] == [("c0", 1), ("c0", 2), ("c0", 3), ("c1", 1)]


@settings(max_examples=12)
@given(concurrency=st.integers(1, 40), seed=st.integers(0, 1000), pause=st.sampled_from([0, 0.0005]))
def test_results_do_not_depend_on_order_or_concurrency(
    concurrency: int, seed: int, pause: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one = tmp_path_factory.mktemp("one")
    _, straight = run(plan_of(one, n=6, concurrency=1), Scripted(), one)
    other = tmp_path_factory.mktemp("other")
    plan = plan_of(other, n=6, concurrency=concurrency, seed=seed)
    _, shuffled = run(plan, Scripted(pause_s=pause), other)
    assert [result.runs for result in shuffled] == [result.runs for result in straight]


def test_the_order_is_random_seeded_and_keeps_candidates_together(tmp_path: Path) -> None:
    def order(seed: int, folder: str) -> list[str]:
        seen: list[str] = []

        def script(request: ChatRequest, attempt: int) -> None:
            seen.append(request.messages[-1].content.rpartition(" ")[2])

        path = tmp_path / folder
        run(plan_of(path, n=30, concurrency=1, seed=seed), Scripted(fails=script), path)
        return seen

    first = order(1, "a")
    assert first[0::2] == first[1::2]  # both candidates on a case, then the next case
    assert first[0::2] != [str(k) for k in range(30)]
    assert first == order(1, "b")
    assert first != order(2, "c")


# ------------------------------------------------------------------------------------------------ failures


def test_what_brings_no_answer_is_listed_with_its_reason_and_never_scored(tmp_path: Path) -> None:
    def script(request: ChatRequest, attempt: int) -> ProviderError | None:
        question = request.messages[-1].content
        if question.endswith("question 3"):
            return ProviderError("too long", "too long for x")
        if question.endswith("question 5") and attempt == 1:
            return ProviderError("malformed", "half a body", maybe_billed=1)
        return None

    plan = plan_of(tmp_path, attempts=2)
    made, (a, _) = run(plan, Scripted(fails=script), tmp_path)
    rows = {row.id: row for row in a.runs}
    assert rows["c3"].score is None
    assert rows["c3"].failure == "too long"
    assert rows["c5"].score is not None
    assert a.complete  # every case ended
    assert made.progress.failures == {"too long": 2}
    # the next run asks the failed ones again, and nothing else
    again = Scripted()
    _, (a, _) = run(plan, again, tmp_path)
    assert again.asked.total() == 2
    assert all(row.score is not None for row in a.runs)


def test_a_wrong_key_stops_its_candidate_and_not_the_other(tmp_path: Path) -> None:
    def script(request: ChatRequest, attempt: int) -> ProviderError | None:
        return ProviderError("not allowed", "x answered 401") if request.model == "x/b" else None

    plan = plan_of(tmp_path, concurrency=1)
    made, (a, b) = run(plan, Scripted(fails=script), tmp_path)
    assert a.complete
    assert not b.complete
    assert len(b.runs) == 1  # the first one told enough
    assert set(made.given_up) == {"b"}


def test_an_answer_that_a_filter_held_back_is_paid_for_and_not_asked_again(tmp_path: Path) -> None:
    class Filtered(Scripted):
        async def complete(self, request: ChatRequest) -> ChatReply:
            reply = await super().complete(request)
            return ChatReply(text="", usage=reply.usage, finish_reason="content_filter")

    plan = plan_of(tmp_path, n=2)
    _, (a, _) = run(plan, Filtered(), tmp_path)
    assert [(row.score, row.failure) for row in a.runs] == [(None, "content filter")] * 2
    assert all(row.cost_usd for row in a.runs)
    again = Scripted()
    _, (same, _) = run(plan, again, tmp_path)
    assert again.asked.total() == 0
    assert same == a


# ------------------------------------------------------------------------------------------------ the budget


@settings(max_examples=30)
@given(
    limit=st.floats(0, 0.004), concurrency=st.integers(1, 16), lengths=st.integers(1, 5), seed=st.integers(0, 99),
    billed=st.booleans(),
)  # fmt: skip
def test_the_stop_holds_whatever_answers_cost(
    limit: float, concurrency: int, lengths: int, seed: int, billed: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    """The provider's own bill, counted apart from the runner's books, stays under the limit."""
    path = tmp_path_factory.mktemp("budget")
    plan = plan_of(path, n=20, concurrency=concurrency, seed=seed, budget=f"${limit:.6f}", attempts=1)
    bill = 0.0

    def script(request: ChatRequest, attempt: int) -> ProviderError | None:
        nonlocal bill
        tokens = sum(len(message.content) for message in request.messages) // 4
        usd = call_usd(plan.prices[request.model], Usage(input_tokens=tokens, output_tokens=lengths))
        bill += usd or 0.0
        fails = billed and int(request.key[-1], 16) < 5
        return ProviderError("time-out", "too late", maybe_billed=1) if fails else None

    provider = Scripted(fails=script, output_tokens=lengths, pause_s=0.0001)
    made, found = run(plan, provider, path)
    assert bill <= limit + 1e-5
    assert made.progress.spent_usd <= round(limit, 6) + 1e-12
    assert bill <= made.progress.spent_usd + 1e-12
    if made.stopped == "budget":
        assert not all(result.complete for result in found)
    # a second run with the same budget may not spend it again
    made, _ = run(plan, provider, path)
    assert bill <= limit + 1e-5


def test_a_run_that_the_budget_stopped_goes_on_with_a_larger_one(tmp_path: Path) -> None:
    provider = Scripted()
    plan = plan_of(tmp_path, budget="$0.0005")
    made, (a, _) = run(plan, provider, tmp_path)
    assert made.stopped == "budget"
    assert 0 < len(a.runs) < 12
    assert not a.complete
    _, (a, b) = run(plan_of(tmp_path, budget="$1"), provider, tmp_path)
    assert a.complete
    assert b.complete
    assert set(provider.asked.values()) == {1}


def test_calls_wait_for_what_others_give_back() -> None:
    async def go() -> list[str]:
        budget, order = Budget(1.0), []

        async def call(name: str, paid: float) -> None:
            await budget.reserve(0.6)
            order.append(name)
            await asyncio.sleep(0.001)
            budget.settle(0.6, paid)

        await asyncio.gather(call("first", 0.1), call("second", 0.1), call("third", 0.7))
        with pytest.raises(BudgetReachedError):
            await budget.reserve(0.2)
        return order

    assert asyncio.run(go()) == ["first", "second", "third"]


# ------------------------------------------------------------------------------------------------ the journal


def test_a_line_that_was_being_written_is_cut_off_and_asked_again(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    run(plan, Scripted(), tmp_path)
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    for cut in (1, 5, 40):  # 1: whole but for the end of the line
        journal.write_bytes(whole[:-cut])
        provider = Scripted()
        _, found = run(plan, provider, tmp_path)
        assert provider.asked.total() == (0 if cut == 1 else 1)
        assert all(result.complete for result in found)
        assert len(read_journal(journal).answers) == 24
        assert read_journal(journal).problems == []


def test_every_beginning_of_a_journal_can_be_gone_on_with(tmp_path: Path) -> None:
    """Wherever the program was killed: what stands in whole lines counts, the rest is asked."""
    plan = plan_of(tmp_path, n=2)
    run(plan, Scripted(), tmp_path)
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    for end in range(0, len(whole), 61):
        journal.write_bytes(whole[:end])
        kept = len(read_journal(journal).answers)
        provider = Scripted()
        _, found = run(plan, provider, tmp_path)
        assert provider.asked.total() == 4 - kept
        assert all(result.complete for result in found)


def test_calls_under_way_at_a_kill_are_known_and_count_against_the_budget(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, n=2)
    call = plan.calls[0]
    with Journal(tmp_path / "journal.jsonl", now=lambda: NOW) as journal:
        journal.asked(call.key)
    found = read_journal(tmp_path / "journal.jsonl")
    assert found.under_way == {call.key: 1}
    made, _ = run(plan, Scripted(), tmp_path)
    paid = [call_usd(plan.prices["x/a"], Usage(input_tokens=6, output_tokens=1))] * 4
    assert call.most_usd is not None
    assert made.progress.spent_usd == pytest.approx(call.most_usd + sum(usd or 0 for usd in paid))


def test_two_runs_can_not_share_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, now=lambda: NOW), pytest.raises(EvidenceError, match="another run is writing"):
        Journal(path, now=lambda: NOW)
    Journal(path, now=lambda: NOW).close()


def test_another_file_is_not_taken_for_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "score": 1}\n')
    with pytest.raises(EvidenceError, match="no journal"):
        Journal(path, now=lambda: NOW)
    assert path.read_text() == '{"id": "a", "score": 1}\n'


def test_any_text_survives_the_journal(tmp_path: Path) -> None:
    text = "a\n\u2028\ud800\x00\x1b[31m ünï"
    path = tmp_path / "journal.jsonl"

    async def go() -> None:
        with Journal(path, now=lambda: NOW) as journal:
            await journal.answered("k", ChatReply(text=text, usage=Usage(output_tokens=3)))

    asyncio.run(go())
    reply = read_journal(path).answers["k"]
    assert reply.text == text
    assert reply.usage == Usage(output_tokens=3)


def test_a_full_disk_stops_the_run_before_more_is_paid_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    plan = plan_of(tmp_path, concurrency=1)
    provider = Scripted()
    written = 0
    real = os.write

    def full(fd: int, data: bytes) -> int:
        nonlocal written
        if b'"answered"' in data:
            written += 1
            if written == 3:
                real(fd, data[:10])
                raise OSError(28, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(EvidenceError, match="No space left"):
        run(plan, provider, tmp_path)
    assert provider.asked.total() == 3
    monkeypatch.setattr(os, "write", real)
    again = Scripted()
    _, found = run(plan, again, tmp_path)
    assert again.asked.total() == 24 - 2
    assert all(result.complete for result in found)


# ------------------------------------------------------------------------------------------------ the estimate


def test_the_estimate_counts_what_is_left_and_holds_the_bill(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    before = estimate_run(plan, {})
    assert (before.calls, before.answered) == (24, 0)
    made, _ = run(plan, Scripted(), tmp_path)
    assert before.usd is not None
    assert before.most_usd is not None
    assert made.progress.spent_usd <= before.most_usd
    after = estimate_run(plan, read_journal(tmp_path / "journal.jsonl").answers)
    assert (after.calls, after.answered) == (0, 24)
    assert after.usd is not None
    assert after.usd.high == 0


def test_the_estimate_knows_the_limits_of_pace(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, limits="{x: {requests_per_minute: 6}}")
    assert estimate_run(plan, {}).seconds.low == 240  # 24 calls, one every ten seconds


def test_an_unknown_price_is_an_error_unless_it_is_allowed(tmp_path: Path) -> None:
    suite = open_suite(suite_folder(tmp_path, prices="{}"))
    with pytest.raises(
        EvidenceError, match=r"eval.yaml:4:\d+: candidates.a.model: no price is known for 'x/a'"
    ):
        make_plan(suite, book=load_book())
    plan = make_plan(suite, book=load_book(), allow_unpriced=True)
    assert plan.unpriced == ("x/a", "x/b")
    _, (a, _) = run(plan, Scripted(), tmp_path)
    assert {row.cost_usd for row in a.runs} == {None}


def test_a_budget_wants_the_longest_answer(tmp_path: Path) -> None:
    candidates = "{a: {model: x/a, prompt: p.md}}"
    with pytest.raises(EvidenceError, match="max_output_tokens"):
        plan_of(tmp_path, candidates=candidates, budget="$1")
