"""Improving a prompt in a world whose rules are known: the search, its split, its budget, and how it goes on."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, NotEnoughEvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.improving import Improvement, Settings, improve
from breakeven.evidence.evals.improving.improve import split_cases
from breakeven.evidence.evals.improving.rewriting import with_instructions
from breakeven.evidence.evals.improving.shots import bake, bakeable, sets_to_try
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.evals.prompting import parse_prompt, read_prompt, render, render_shots
from breakeven.evidence.evals.suite import open_suite, question_of
from breakeven.prices import load_book
from breakeven.providers import ChatReply, ChatRequest, Usage

ANSWERS = ("card", "transfer", "account", "loan", "other")
PROMPT = "system:\nName the queue.\n\nuser:\n{{input}}\n"


class World:
    """Answers rightly with a chance that examples, and the word STRICTLY in the instructions, raise; not by chance."""

    def __init__(self, *, base: float = 0.4, per_answer: float = 0.0, strict: float = 0.0) -> None:
        self.base, self.per_answer, self.strict = base, per_answer, strict
        self.asked: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        if request.model == "fake/reflection":
            text = "Better:\n```\nName the queue STRICTLY.\n```"
        else:
            shown = {m.content for m in request.messages if m.role == "assistant"}
            strict = self.strict * ("STRICTLY" in request.messages[0].content)
            chance = self.base + self.per_answer * len(shown) + strict
            right = request.messages[-1].content.split()[-1]
            draw = int(hashlib.sha256(request.key.encode()).hexdigest()[:8], 16) / 16**8
            text = right if draw < chance else "nonsense"
        return ChatReply(text=text, usage=Usage(input_tokens=20, output_tokens=1), finish_reason="stop",
                         model=request.model, latency_s=0.0)  # fmt: skip

    async def close(self) -> None:
        """Nothing to give back."""


def folder(path: Path, *, n: int = 160, train: int = 60, budget: str = "$5") -> Path:
    def row(k: int, kind: str) -> dict[str, Any]:
        answer = ANSWERS[k % len(ANSWERS)]
        return {"id": f"{kind}{k}", "input": f"{kind} question {k} on {answer}", "expected": answer,
                "cluster": f"{kind} owner {k // 2}"}  # fmt: skip

    for name, count in (("cases", n), ("train", train)):
        rows = "".join(json.dumps(row(k, name)) + "\n" for k in range(count))
        (path / f"{name}.jsonl").write_text(rows)
    (path / "prompts").mkdir()
    (path / "prompts" / "route.md").write_text(PROMPT)
    (path / "eval.yaml").write_text(
        f"cases: cases.jsonl\nscore: exact\nbudget: {budget}\ncandidates:\n  small:\n    model: fake/small\n"
        "    prompt: prompts/route.md\n    max_output_tokens: 5\n"
        "prices:\n  fake/small: {input: $10/1M tokens, output: $10/1M tokens}\n"
    )
    return path


def searched(path: Path, world: World, *, train: bool = True, **settings: Any) -> Improvement:
    suite = open_suite(path)
    from breakeven.evidence.evals.suite import read_solved

    with Journal(path / "improve" / "journal.jsonl", now=lambda: "") as journal:
        return improve(
            suite, suite.candidates[0], read_solved(path / "train.jsonl") if train else None, journal=journal,
            book=load_book(), today=dt.date(2026, 3, 1), ledger=path / "improve" / "ledger.jsonl",
            budget_usd=suite.budget_usd, settings=Settings(**settings), provider=world,
        )  # fmt: skip


def test_examples_that_help_are_found_and_shown_to_help_on_unseen_cases(tmp_path: Path) -> None:
    world = World(per_answer=0.1)  # 40% without examples, 90% with all five answers shown
    found = searched(folder(tmp_path), world, tries=6)
    assert found.verdict == "better"
    assert found.difference is not None
    assert found.difference.low is not None
    assert found.difference.low > 0
    assert found.prompt is not None
    assert len(found.prompt.sections) == 2 + 2 * 8
    unseen = {case.id for case in found.parts.unseen}
    assert found.difference.n == len(unseen)
    assert all(unseen.isdisjoint(one.trial.scores) for one in found.tried)


def test_no_better_is_said_where_nothing_helps(tmp_path: Path) -> None:
    found = searched(folder(tmp_path), World(base=1.0), tries=3)
    assert (found.verdict, found.chosen, found.difference) == ("no better", None, None)


def test_an_example_is_never_a_case(tmp_path: Path) -> None:
    path = folder(tmp_path)
    cases = (path / "cases.jsonl").read_text().splitlines()[:5]
    with (path / "train.jsonl").open("a") as file:  # the same questions under other ids and owners
        for k, line in enumerate(cases):
            row = json.loads(line) | {"id": f"copied {k}", "cluster": f"copied {k}"}
            file.write(json.dumps(row) + "\n")
    found = searched(path, World(per_answer=0.1), tries=3)
    asked = {question_of(case) for case in (*found.parts.select, *found.parts.unseen)}
    shots = [shot for one in found.tried for shot in one.trial.candidate.shots]
    assert shots
    assert all(question_of(shot) not in asked for shot in shots)
    assert any("5 of 65 examples are not used" in note for note in found.notes)


def test_a_search_that_ran_before_asks_nothing_again_and_is_one_opening(tmp_path: Path) -> None:
    first = searched(folder(tmp_path), World(per_answer=0.1), tries=4)
    again = World(per_answer=0.1)
    second = searched(tmp_path, again, tries=4)
    assert again.asked == []
    assert second.spent_usd == pytest.approx(first.spent_usd)
    assert second.difference == first.difference
    assert second.opened is not None
    assert second.opened.number == 1


def test_a_search_that_breaks_goes_on_without_paying_twice(tmp_path: Path) -> None:
    class Killed(World):
        async def complete(self, request: ChatRequest) -> ChatReply:
            if len(self.asked) == 130:
                raise RuntimeError("killed")
            return await super().complete(request)

    folder(tmp_path)
    broken, rest, whole = Killed(per_answer=0.1), World(per_answer=0.1), World(per_answer=0.1)
    with pytest.raises(RuntimeError):
        searched(tmp_path, broken, tries=4)
    found = searched(tmp_path, rest, tries=4)
    again = {r.key for r in broken.asked} & {r.key for r in rest.asked}
    assert not again
    (tmp_path / "other").mkdir()
    other = folder(tmp_path / "other")
    assert found.difference == searched(other, whole, tries=4).difference


@pytest.mark.parametrize("budget", ["$0.75", "$0.68"])
def test_the_budget_holds_and_pays_for_the_last_figure(tmp_path: Path, budget: str) -> None:
    world = World(per_answer=0.1)
    found = searched(folder(tmp_path, budget=budget), world, tries=40)
    assert found.stopped
    paid = sum(20 * 10 / 1e6 + 10 / 1e6 for _ in world.asked)
    assert paid == pytest.approx(found.spent_usd)
    assert paid <= float(budget.strip("$"))
    assert found.difference is None or found.difference.n == len(found.parts.unseen)


def test_a_budget_that_can_not_pay_for_the_last_figure_is_refused_before_a_call(tmp_path: Path) -> None:
    world = World()
    with pytest.raises(NotEnoughEvidenceError, match="too small"):
        searched(folder(tmp_path, budget="$0.01"), world)
    assert world.asked == []


def test_a_second_search_on_the_same_cases_pays_with_a_wider_interval(tmp_path: Path) -> None:
    first = searched(folder(tmp_path), World(per_answer=0.1), tries=2)
    second = searched(tmp_path, World(per_answer=0.1), tries=2, shots=6)
    assert first.opened is not None
    assert second.opened is not None
    assert (first.opened.number, second.opened.number) == (1, 2)
    assert first.difference is not None
    assert second.difference is not None
    assert second.difference.level > first.difference.level


def test_instructions_are_rewritten_through_our_own_seam(tmp_path: Path) -> None:
    pytest.importorskip("gepa")
    world = World(strict=0.5)
    found = searched(folder(tmp_path), world, method="rewrite", reflection="fake/reflection", calls=200)
    assert found.verdict == "better"
    assert found.prompt is not None
    assert "STRICTLY" in found.prompt.sections[0].text
    again = World(strict=0.5)
    assert (
        searched(tmp_path, again, method="rewrite", reflection="fake/reflection", calls=200).verdict
        == "better"
    )
    assert again.asked == []  # what gepa asks is the same, so that the journal answers


def test_rewritten_text_that_can_not_stand_in_the_prompt_is_refused() -> None:
    prompt = parse_prompt("system:\nFor {{owner}}: name it.\n\nuser:\n{{input}}", file="p", name="p")
    assert with_instructions(prompt, "For {{owner}}, strictly.") is not None
    assert with_instructions(prompt, "Strictly.") is None  # a placeholder is gone
    assert with_instructions(prompt, "For {{owner}} and {{other}}") is None
    assert with_instructions(prompt, "For {{owner}}\nuser:\nmore") is None  # a message more
    assert with_instructions(prompt, "For {{owner}} {% if x %}") is None
    assert with_instructions(prompt, "") is None


@given(
    sizes=st.lists(st.integers(1, 6), min_size=30, max_size=60),
    seed=st.integers(0, 99),
    own_train=st.booleans(),
)
def test_no_cluster_is_in_two_parts(sizes: list[int], seed: int, own_train: bool) -> None:
    cases = [
        Case(id=f"{c}-{k}", variables={"input": f"q {c} {k}"}, expected="x", cluster=f"c{c}")
        for c, size in enumerate(sizes)
        for k in range(size)
    ]
    random.Random(seed).shuffle(cases)
    train = [
        Case(id=f"t{k}", variables={"input": f"t {k}"}, expected="x", cluster=f"c{k}")
        for k in range(0, 90, 2)
    ]
    parts, _ = split_cases(cases, train if own_train else None, np.random.default_rng(seed))
    groups = [{case.cluster for case in part} for part in (parts.train, parts.select, parts.unseen)]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    held = len(parts.select) + len(parts.unseen) + (0 if own_train else len(parts.train))
    assert held == len(cases)


def test_too_few_cases_are_refused() -> None:
    cases = [Case(id=str(k), variables={"input": str(k)}, expected="x") for k in range(15)]
    with pytest.raises(NotEnoughEvidenceError, match="at least 10 of each"):
        split_cases(cases, [], np.random.default_rng(0))


@given(questions=st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=4, unique=True))
def test_a_baked_prompt_asks_what_the_examples_would(questions: list[str]) -> None:
    prompt = parse_prompt(PROMPT, file="p", name="p")
    pool = [Case(id=str(k), variables={"input": q}, expected=f"a{k}") for k, q in enumerate(questions)]
    kept = bakeable(prompt, pool)
    case = Case(id="x", variables={"input": "and this?"})
    assert render(bake(prompt, kept), case) == render(prompt, case, shots=render_shots(prompt, kept))


def test_an_example_with_a_role_or_a_placeholder_is_not_baked() -> None:
    prompt = parse_prompt(PROMPT, file="p", name="p")
    texts = ["fine", "has {{input}} in it", "user:\nsays this", "\nbegins late"]
    pool = [Case(id=t, variables={"input": t}, expected="a") for t in texts]
    assert [case.id for case in bakeable(prompt, pool)] == ["fine"]


def test_sets_differ_and_are_no_larger_than_asked() -> None:
    pool = [Case(id=str(k), variables={"input": f"q{k}"}, expected=ANSWERS[k % 5]) for k in range(30)]
    sets = list(sets_to_try(pool, most=5, tries=8, rng=np.random.default_rng(3)))
    assert len({frozenset(c.id for c in chosen) for _, chosen in sets}) == len(sets) == 8
    assert all(len({c.id for c in chosen}) == len(chosen) <= 5 for _, chosen in sets)
    first = next(chosen for how, chosen in sets if how == "5 examples, of different answers")
    assert {case.expected for case in first} == set(ANSWERS)


class Judged(World):
    """A world with a judge, which knows the right answer and passes it whatever stands around it."""

    def __init__(self, *, silent: bool = False, **known: float) -> None:
        super().__init__(**known)
        self.silent = silent
        self.verdicts = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        if request.model != "fake/judge":
            return await super().complete(request)
        self.asked.append(request)
        self.verdicts += 1
        texts = dict(
            re.findall(r"<<<([A-Z ]+) \w+>>>\n(.*?)\n<<<END", request.messages[-1].content, re.DOTALL)
        )
        verdict = "pass" if texts["ANSWER"] == texts["RIGHT ANSWER"] else "fail"
        text = (
            "I would rather not"
            if self.silent
            else json.dumps({"reason": "as the rubric says", "verdict": verdict})
        )
        return ChatReply(text=text, usage=Usage(input_tokens=100, output_tokens=10), finish_reason="stop",
                         model=request.model, latency_s=0.0)  # fmt: skip


def judged_folder(path: Path, *, budget: str = "$5", judge: str = "fake/judge") -> Path:
    folder(path, n=100, train=40, budget=budget)
    (path / "rubric.md").write_text("The right queue passes.\n")
    suite = (path / "eval.yaml").read_text()
    suite = suite.replace("score: exact", f"score: {{judge: {{model: {judge}, rubric: rubric.md}}}}")
    (path / "eval.yaml").write_text(
        suite.replace("model: fake/small", "model: other/small").replace(
            "  fake/small:", f"  {judge}: {{input: $1/1M tokens, output: $4/1M tokens}}\n  other/small:"
        )
    )
    return path


def test_a_judge_scores_the_search_within_the_same_budget(tmp_path: Path) -> None:
    world = Judged(per_answer=0.1)
    found = searched(judged_folder(tmp_path), world, tries=4)
    assert found.verdict == "better"
    right = {case.id: case.expected for case in found.parts.select}
    for one in found.tried:
        by_hand = [one.trial.outputs[case] == expected for case, expected in right.items()]
        assert one.trial.mean == sum(by_hand) / len(by_hand)
    assert world.verdicts > 100
    # An answer costs (20 + 1)·$10/1M, a verdict (100·$1 + 10·$4)/1M.
    answers = len(world.asked) - world.verdicts
    assert found.spent_usd == pytest.approx((answers * 210 + world.verdicts * 140) / 1e6)
    assert found.answered == len(world.asked)
    assert any("the search finds what the judge likes" in note for note in found.notes)


def test_the_same_judged_search_pays_nothing_twice(tmp_path: Path) -> None:
    first = searched(judged_folder(tmp_path), Judged(per_answer=0.1), tries=3)
    again = Judged(per_answer=0.1)
    second = searched(tmp_path, again, tries=3)
    assert again.asked == []
    assert second.spent_usd == pytest.approx(first.spent_usd)
    assert second.difference == first.difference


def test_a_budget_holds_over_judge_and_answers(tmp_path: Path) -> None:
    world = Judged(per_answer=0.1)
    found = searched(judged_folder(tmp_path, budget="$0.9"), world, tries=40)
    assert found.stopped
    assert found.spent_usd <= 0.9
    assert found.difference is not None
    (tmp_path / "small").mkdir()
    small = judged_folder(tmp_path / "small", budget="$0.01")
    with pytest.raises(NotEnoughEvidenceError, match="too small"):
        searched(small, Judged(), tries=2)


def test_a_judge_without_a_verdict_ends_the_search(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="gave no verdict"):
        searched(judged_folder(tmp_path), Judged(silent=True), tries=2)


def test_a_judge_of_the_candidates_family_is_refused_even_where_the_suite_allows_it(tmp_path: Path) -> None:
    path = judged_folder(tmp_path, judge="fake/small-judge")
    suite = (path / "eval.yaml").read_text()
    (path / "eval.yaml").write_text(
        suite.replace("rubric: rubric.md", "rubric: rubric.md, allow_self_judging: true")
    )
    with pytest.raises(EvidenceError, match="follow that taste"):
        searched(path, Judged(), tries=2)


def test_a_judge_that_only_gives_a_named_score_is_not_asked(tmp_path: Path) -> None:
    path = judged_folder(tmp_path)
    suite = (path / "eval.yaml").read_text()
    judge = "{judge: {model: fake/judge, rubric: rubric.md}}"
    (path / "eval.yaml").write_text(suite.replace(f"score: {judge}", f"score: [exact, {judge}]"))
    world = Judged(per_answer=0.1)
    searched(path, world, tries=2)
    assert world.verdicts == 0


def test_the_command_saves_one_version_with_parent_and_note(tmp_path: Path) -> None:
    path = folder(tmp_path)
    text = (path / "eval.yaml").read_text().replace("fake/small", "fake/small?accuracy=40%&per-example=10%")
    (path / "eval.yaml").write_text(text)
    arguments = ["eval", "improve", str(path), "--train", str(path / "train.jsonl"), "--yes", "--json"]
    first, second = (CliRunner().invoke(root, arguments) for _ in range(2))
    assert first.exit_code == second.exit_code == 0, first.output
    found = json.loads(first.stdout)
    assert found["verdict"] == "better"
    saved = read_prompt(Path(found["saved"]["file"]))
    assert (saved.name, saved.version) == ("route", "1.0.0")
    assert saved.parent == read_prompt(path / "prompts" / "route.md").version
    assert saved.note is not None
    assert "unseen cases" in saved.note
    assert json.loads(second.stdout)["saved"] == found["saved"]
    assert json.loads(second.stdout)["answered"] == 0


def test_a_killed_command_goes_on_and_pays_nothing_twice(tmp_path: Path) -> None:
    path = folder(tmp_path)
    text = (path / "eval.yaml").read_text()
    slow = "fake/small?accuracy=40%&per-example=10%&latency=8ms"
    (path / "eval.yaml").write_text(text.replace("fake/small", slow))
    words = [
        sys.executable,
        "-m",
        "breakeven",
        "eval",
        "improve",
        str(path),
        "--train",
        str(path / "train.jsonl"),
        "--yes",
    ]
    journal = path / "evals" / "improve" / "journal.jsonl"
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (
        journal.exists() and journal.read_bytes().count(b'"answered"') > 100
    ):
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = journal.read_bytes().count(b'"answered"')
    done = CliRunner().invoke(root, [*words[3:], "--json"])
    assert done.exit_code == 0, done.output
    keys = [json.loads(line)["answered"] for line in journal.read_text().splitlines() if '"answered"' in line]
    assert len(keys) == len(set(keys))
    found = json.loads(done.stdout)
    assert found["answered"] == len(keys) - before
    assert found["unseen"]["openings"] == 1


def test_real_messages_with_a_real_training_set(real_data: Callable[[str], Path], tmp_path: Path) -> None:
    """Banking77: 77 intents. The gain is known, since the world makes it: 1 point for each different answer shown."""
    path = folder(tmp_path)
    for name, file, count in (("cases", "test", 500), ("train", "train", 2_000)):
        with (real_data("banking77") / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        random.Random(0).shuffle(rows)
        (path / f"{name}.jsonl").write_text("".join(
            json.dumps({"id": f"{file} {k}", "input": row["text"], "expected": row["category"]}) + "\n"
            for k, row in enumerate(rows[:count])
        ))  # fmt: skip
    text = (path / "eval.yaml").read_text().replace("fake/small", "fake/small?accuracy=50%&per-example=2%")
    (path / "eval.yaml").write_text(text.replace("max_output_tokens: 5", "max_output_tokens: 30"))
    arguments = [
        "eval",
        "improve",
        str(path),
        "--train",
        str(path / "train.jsonl"),
        "--yes",
        "--json",
        "--tries",
        "2",
    ]
    found = json.loads(CliRunner().invoke(root, [*arguments, "--shots", "12", "--budget", "9"]).stdout)
    gain = found["unseen"]["difference"]
    shots = next(one["examples"] for one in found["tried"] if one["chosen"])
    assert gain["low"] < 0.02 * shots < gain["high"]
    assert found["verdict"] == "better"
