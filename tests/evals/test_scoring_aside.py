"""Scorers that wait for a program: other calls go on meanwhile, and each program is run once."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.planning import Plan
from breakeven.evidence.evals.scorers import Scored, make_scorer
from breakeven.providers import ChatReply, ChatRequest
from tests.evals.test_run_engine import Scripted, plan_of, run


class Waiting:
    """Scores an answer only once all cases have been asked, which a scorer that blocks the loop would never see."""

    title = "waits"
    outside: ClassVar[bool] = True

    def __init__(self) -> None:
        self.all_asked = threading.Event()
        self.kept: dict[str, Scored] = {}
        self.in_time = True
        self.threads: set[int] = set()

    def score(self, case: Case, output: str) -> Scored:
        if case.id not in self.kept:
            self.threads.add(threading.get_ident())
            self.in_time = self.all_asked.wait(120) and self.in_time
            self.kept[case.id] = Scored(score=1.0)
        return self.kept[case.id]


class Asked(Scripted):
    """Says when as many calls are under way as may be."""

    def __init__(self, scorer: Waiting, most: int) -> None:
        super().__init__()
        self.scorer, self.most = scorer, most

    async def complete(self, request: ChatRequest) -> ChatReply:
        reply = await super().complete(request)
        if self.asked.total() >= self.most:
            self.scorer.all_asked.set()
        return reply


def waiting_plan(path: Path, scorer: Any) -> Plan:
    """Four cases, four at a time."""
    one = "{a: {model: x/a, prompt: p.md, max_output_tokens: 5}}"
    plan = plan_of(path, n=4, candidates=one)
    together = replace(plan.suite.scorer, scorers={"waits": scorer})
    return replace(plan, suite=replace(plan.suite, scorer=together))


def test_scoring_does_not_hold_up_other_calls(tmp_path: Path) -> None:
    scorer = Waiting()
    _, [result] = run(waiting_plan(tmp_path, scorer), Asked(scorer, 4), tmp_path)
    assert scorer.in_time
    assert [row.score for row in result.runs] == [1.0] * 4
    assert threading.get_ident() not in scorer.threads


def test_answers_of_an_earlier_run_are_scored_aside_too(tmp_path: Path) -> None:
    first = Waiting()
    first.all_asked.set()
    run(waiting_plan(tmp_path, first), Asked(first, 4), tmp_path)
    again = Waiting()
    again.all_asked.set()
    provider = Asked(again, 4)
    _, [result] = run(waiting_plan(tmp_path, again), provider, tmp_path)
    assert provider.asked.total() == 0
    assert [row.score for row in result.runs] == [1.0] * 4
    assert threading.get_ident() not in again.threads


def test_a_program_is_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    program = f"open({str(runs)!r}, 'a').write('x')"
    scorer = make_scorer("code", {"sandbox": f"{sys.executable} -I -", "timeout": 120}, Path)
    case = Case(id="c", variables={"input": "?", "tests": ""}, expected=None)
    assert [scorer.score(case, program).score for _ in range(3)] == [1.0] * 3
    assert runs.read_text() == "x"
