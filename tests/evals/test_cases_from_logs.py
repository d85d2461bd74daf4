"""Cases from logs: spread, each once, masked; the sheet for people, and what comes back."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from breakeven.cli.eval_cases import cases
from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.labelling import read_labels, write_cases, write_sheet
from breakeven.evidence.evals.reading_cases import read_cases
from breakeven.evidence.evals.sampling import sample_cases
from breakeven.evidence.prompts.messages import Message
from breakeven.evidence.prompts.reading import LoggedPrompt

ROOT = Path(__file__).resolve().parents[2]


def call(
    text: str, *, feature: str | None = "triage", session: str | None = None, answer: str | None = None,
    system: str = "Route it.",
) -> LoggedPrompt:  # fmt: skip
    return LoggedPrompt(
        time_s=None, provider="openai", model="openai/x", feature=feature, session=session, call_id=None,
        input_tokens=None, cached_tokens=None, batch=False, answer=answer,
        messages=(Message("system", system), Message("user", text)) if text else (),
    )  # fmt: skip


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def distinct(n: int, word: str = "ticket") -> list[str]:
    made = np.random.default_rng(9)
    return [f"{word} {made.integers(10**9)} {made.integers(10**9)}" for _ in range(n)]


def test_the_sample_is_spread_as_the_calls_are_and_no_kind_is_forgotten() -> None:
    calls = [call(t) for t in distinct(900)]
    calls += [call(t, feature="summary") for t in distinct(90, "note")] + [
        call("one of a kind", feature="rare")
    ]
    found = Counter(case.segment for case in sample_cases(calls, 100, rng()).cases)
    assert found["rare"] == 1
    assert 80 <= found["triage"] <= 92
    assert 6 <= found["summary"] <= 14


def test_equal_and_nearly_equal_texts_count_once() -> None:
    long = "my card was stolen in the train from Berlin to Munich yesterday evening, please block it"
    calls = [call(long), call(long.upper() + "!!"), call(long.replace("please", "do"))]
    found = sample_cases([*calls, *(call(t) for t in distinct(30))], 100, rng())
    assert (len(found.cases), found.n_repeated, found.n_near) == (31, 1, 1)


def test_texts_that_share_a_template_are_no_duplicates() -> None:
    template = "Classify the following ticket by topic and urgency and answer in JSON only. Ticket: "
    found = sample_cases(
        [call(template + word) for word in ("alpha", "beta", "gamma", "delta", "epsilon")], 100, rng()
    )
    assert (len(found.cases), found.n_near) == (5, 0)


def test_personal_data_is_masked_and_counted() -> None:
    calls = [call(f"{t}, mail ann@example.org", answer="wrote to ann@example.org") for t in distinct(3)]
    found = sample_cases(calls, 10, rng())
    assert "ann@" not in str(found.cases) + str(found.answers)
    assert found.masked == {"EMAIL": 6}
    assert "ann@" in str(sample_cases(calls, 10, rng(), masking=False).cases)


def test_what_only_personal_data_told_apart_is_one_case() -> None:
    calls = [call(f"call {name}@example.org") for name in ("ann", "bob", "eve")]
    found = sample_cases(calls, 10, rng())
    assert (len(found.cases), found.n_near) == (1, 2)


def test_sessions_become_clusters_without_their_names() -> None:
    calls = [call(t, session="ann@example.org" if k < 4 else f"s{k}") for k, t in enumerate(distinct(10))]
    found = [case.cluster for case in sample_cases(calls, 10, rng()).cases]
    assert Counter(found) == {None: 6, next(name for name in found if name): 4}
    assert "ann" not in str(found)


def test_earlier_turns_and_changing_instructions_stand_in_the_case() -> None:
    turns = (
        Message("system", "a"),
        Message("user", "2 + 2?"),
        Message("assistant", "4"),
        Message("user", "3 + 3?"),
    )
    [case] = sample_cases([call("x")._replace(messages=turns)], 5, rng()).cases
    assert dict(case.variables) == {"input": "3 + 3?", "history": "user: 2 + 2?\nassistant: 4"}
    found = sample_cases(
        [call("a b", system="Context: one"), call("c d", system="Context: two")], 5, rng()
    ).cases
    assert {case.variables["system"] for case in found} == {"Context: one", "Context: two"}


@given(st.lists(st.text(min_size=1), min_size=1, max_size=30), st.integers(0, 5))
def test_the_same_seed_gives_the_same_cases_with_ids_of_their_own(texts: list[str], seed: int) -> None:
    calls = [call(text) for text in [*texts, "something"]]
    first, second = (sample_cases(calls, 10, np.random.default_rng(seed)) for _ in range(2))
    assert first == second
    assert len({case.id for case in first.cases}) == len(first.cases) <= 10


def test_logs_without_texts_are_refused_in_a_sentence() -> None:
    with pytest.raises(EvidenceError, match="none of the 3 calls has a text: this log keeps counts"):
        sample_cases([call("")] * 3, 10, rng())


CASES = (
    Case(id="a", variables={"input": "=HYPERLINK(1)"}),
    Case(id="b", variables={"input": "two\nlines"}, segment="s", cluster="c"),
    Case(id="c", variables={"input": "x", "segment": "a variable"}),
)


def fill(sheet: Path, labels: dict[str, str], more: list[list[str]] | None = None) -> None:
    with sheet.open(newline="") as file:
        table = list(csv.reader(file))
    at = table[0].index("expected")
    for row in table[1:]:
        row[at] = labels.get(row[0], "")
    with sheet.open("w", newline="") as file:
        csv.writer(file).writerows([*table, *(more or [])])


def test_a_sheet_opens_harmlessly_and_comes_back(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    write_sheet(sheet, CASES, {"a": "-1+2"})
    with sheet.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert table[0]["input"] == "'=HYPERLINK(1)"
    assert table[0]["suggestion"] == "'-1+2"
    fill(sheet, {"a": "'-7", "b": "yes"})
    found = read_labels(sheet, CASES)
    assert [(case.id, case.expected) for case in found.cases] == [("a", "-7"), ("b", "yes")]
    assert found.unlabelled == ("c",)


def test_contradictions_and_strangers_are_listed(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("id,expected\na,x\na,x\nb,x\nb,y\nz,x\n")
    found = read_labels(sheet, CASES)
    assert [case.id for case in found.cases] == ["a"]
    said = "\n".join(map(str, found.problems))
    assert "case 'b' is labelled 'x'" in said
    assert "no case has the id 'z'" in said


def test_cases_are_written_as_they_are_read(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases.jsonl", CASES)
    assert read_cases(tmp_path / "cases.jsonl").cases == CASES


def test_the_command_from_log_to_labelled_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    log = str(ROOT / "examples" / "logs" / "calls.jsonl")
    taken = CliRunner().invoke(cases, ["--from", log, "-n", "120"])
    assert taken.exit_code == 0, taken.output
    assert "120 of 305 calls" in taken.output
    assert "suggestion" not in Path("cases-labels.csv").read_text()
    again = CliRunner().invoke(cases, ["--from", log])
    assert "is there already" in str(again.exception)
    empty = CliRunner().invoke(cases, ["--labels", "cases-labels.csv"])
    assert "no case is labelled yet" in str(empty.exception)
    fill(Path("cases-labels.csv"), {case.id: "billing" for case in read_cases(Path("cases.jsonl")).cases[:7]})
    found = CliRunner().invoke(cases, ["--labels", "cases-labels.csv", "--json"])
    assert json.loads(found.stdout)["labelled"] == 7
    assert len(read_cases(Path("cases-labelled.jsonl")).cases) == 7


def test_real_logs_with_texts(
    real_data: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = real_data("tensorzero_haiku_log_a") / "model_inference.jsonl.gz"
    found = CliRunner().invoke(cases, ["--from", str(log), "--show-answers", "--json"])
    told = json.loads(found.stdout)
    assert (told["cases"], told["calls"], told["answers"]) == (300, 1_000, 300)
    # The data set's page: two functions, 500 calls each.
    systems = Counter(case.variables["system"] for case in read_cases(Path("cases.jsonl")).cases)
    assert sorted(systems.values()) == pytest.approx([150, 150], abs=3)
    traces = CliRunner().invoke(
        cases, ["--from", str(real_data("langfuse_traces_a")), "-o", "t.jsonl", "--json"]
    )
    assert json.loads(traces.stdout)["cases"] >= 10
