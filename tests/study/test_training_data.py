"""The audit of training rows in a study: defaults, the cap by label noise, clean cases, gates, and bad files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.advice.decide import decide
from breakeven.advice.facts import measure
from breakeven.advice.gates import run_gates
from breakeven.economics import simulate
from breakeven.evidence import read_scores
from breakeven.evidence.training.audit import DataAudit
from breakeven.evidence.training.audit_file import write_audit
from breakeven.evidence.training.check import CheckResult
from breakeven.evidence.training.row import TrainingFile
from breakeven.evidence.training.tokens import TokenSummary
from breakeven.study import parse_study
from breakeven.study.leaks import corrected, without
from breakeven.study.model import Study
from tests.study.studies import problems, smallest, study

AUDIT = "evidence/data.json"
TUNED = (
    "tuned: {kind: tuned, base: azure/test-base, data: evidence/data.json, label_cost: $2, retires_on: never}"
)
SCORED = "prompt: {{kind: prompt, model: openai/test-large, quality: {prompt}}}\n"


def check(name: str, verdict: Any = "pass", **fields: Any) -> CheckResult:
    return CheckResult(check=name, title=name, verdict=verdict, because=f"{name} {verdict}", **fields)


def labels(wrong: int, n: int) -> CheckResult:
    return check("labels", value=1 - wrong / n, n=n, threshold=0.95, details={"errors": wrong})


def leakage(leaked: Sequence[str], clean: Sequence[str], *, named: bool = True) -> CheckResult:
    n = len(leaked) + len(clean)
    ids = {"leaked_cases": list(leaked), "clean_cases": list(clean)} if named else {}
    details = {"leaked": len(leaked), "clean": len(clean), **ids}
    verdict = "fail" if leaked else "pass"
    return check("leakage", verdict, value=len(leaked) / n, n=n, threshold=0.0, details=details)


def write(folder: Path, *checks: CheckResult, rows: int = 1000, **fields: Any) -> Path:
    """An audit in ``evidence/``."""
    tokens = TokenSummary(vocabulary="o200k_base", own=True, sum=rows * 150, answers=rows, mean=150.0, p50=150.0,
                          p95=150.0, max=150)  # fmt: skip
    given: dict[str, Any] = {
        "paths": ("train.jsonl",),
        "sha256": "0" * 64,
        "rows": rows,
        "tokens": tokens,
    } | fields
    evidence = folder / "evidence"
    evidence.mkdir(exist_ok=True)
    return write_audit(evidence, DataAudit(epochs=(2, 4), runs=(3, 10), checks=checks, **given))


def scores(folder: Path, name: str, found: Mapping[str, float]) -> str:
    (folder / name).write_text("id,score\n" + "".join(f"{k},{v:g}\n" for k, v in found.items()), "utf-8")
    return f"{{eval: {name}}}"


def with_prompt(quality: str, *others: str) -> str:
    text = smallest("\n".join(others))
    return text.replace(
        "model: openai/test-large}", f"model: openai/test-large, quality: {quality}}}"
    )  # fmt: skip


def qualities(made: Study, n: int = 4000) -> dict[str, np.ndarray]:
    outcome = simulate(made, made.sample(n, 0))
    return {name: its.quality for name, its in outcome.candidates.items()}


# -------------------------------------------------------------------------------------------------- defaults


def test_rows_and_their_lengths_stand_for_what_is_not_stated(tmp_path: Path):
    write(tmp_path, rows=1234)
    training = study(smallest(TUNED), tmp_path).candidates["tuned"].training
    assert training is not None
    assert training.tokens_per_example is not None
    assert (training.examples.centre, training.labelled.centre) == (1234, 1234)
    assert training.tokens_per_example.centre == 150
    for belief in (training.examples, training.labelled, training.tokens_per_example):
        assert belief.is_point
        assert str(belief.source) == f"measured, {AUDIT}"


def test_what_is_stated_goes_before_what_was_counted(tmp_path: Path):
    write(tmp_path, rows=1234)
    stated = TUNED.replace("label_cost", "examples: 6000, tokens_per_example: 90, label_cost")
    training = study(smallest(stated), tmp_path).candidates["tuned"].training
    assert training is not None
    assert training.tokens_per_example is not None
    assert (training.examples.centre, training.tokens_per_example.centre) == (6000, 90)
    assert training.labelled.centre == 1234  # so 4,766 labels are bought


def test_one_sum_for_all_of_building_stays_one_sum(tmp_path: Path):
    write(tmp_path)
    lump = TUNED.replace("label_cost: $2", "upfront: $20K")
    assert study(smallest(lump), tmp_path).candidates["tuned"].training is None


def test_tokens_that_were_not_counted_are_not_known(tmp_path: Path):
    write(tmp_path, tokens=None)
    training = study(smallest(TUNED), tmp_path).candidates["tuned"].training
    assert training is not None
    assert training.tokens_per_example is None


@pytest.mark.parametrize(("files", "usable"), [(True, 93), (False, 92)])
def test_rows_that_failed_checks_would_leave_out_are_not_used(tmp_path: Path, files: bool, usable: int):
    # 6 repeats and 2 rows that hold cases; row 5 is both, which is told only where the files of rows are there
    flagged = {"duplicates": [0, 1, 2, 3, 4, 5], "leakage": [5, 6], "production": [7, 8, 9]}
    rows = tmp_path / "evidence" / "rows"
    rows.mkdir(parents=True)
    for name, at in flagged.items():
        if files:
            (rows / f"{name}.jsonl").write_text("".join(json.dumps({"row": k}) + "\n" for k in at), "utf-8")
    write(
        tmp_path,
        check("duplicates", "fail", value=0.06),
        leakage(["a"], ["b"]),
        check("production", "fail"),
        rows=100,
        flagged={name: len(at) for name, at in flagged.items()},
        rows_files={name: f"rows/{name}.jsonl" for name in flagged},
    )
    made = study(smallest(TUNED), tmp_path)
    data = made.candidates["tuned"].data
    assert data is not None
    assert data.usable == usable
    assert any(f"tuned: {usable} of 100 training rows are usable" in note for note in made.notes)


def test_repeats_below_the_limit_are_trained_on(tmp_path: Path):
    write(tmp_path, check("duplicates", value=0.03), rows=100, flagged={"duplicates": 3})
    training = study(smallest(TUNED), tmp_path).candidates["tuned"].training
    assert training is not None
    assert training.examples.centre == 100


# ----------------------------------------------------------------------------------------------- label noise


def test_labels_cap_what_nobody_measured_draw_by_draw(tmp_path: Path):
    write(tmp_path, labels(12, 124))
    capped = study(smallest(TUNED), tmp_path)
    cap = capped.candidates["tuned"].quality.cap
    assert cap is not None
    assert cap.parameters == (112.5, 12.5)
    write(tmp_path)
    free = study(smallest(TUNED), tmp_path)
    shares = capped.sample(4000, 0)[cap]
    np.testing.assert_array_equal(
        qualities(capped)["tuned"], np.minimum(qualities(free)["tuned"], shares)
    )  # fmt: skip
    assert shares.mean() == pytest.approx(112.5 / 125, abs=0.002)
    assert qualities(capped)["tuned"].mean() < qualities(free)["tuned"].mean()
    np.testing.assert_array_equal(qualities(capped)["prompt"], qualities(free)["prompt"])


def test_a_stated_quality_is_capped_and_says_so(tmp_path: Path):
    write(tmp_path, labels(12, 124))
    made = study(smallest(TUNED.replace("label_cost", "quality: 99%, label_cost")), tmp_path)
    assert qualities(made)["tuned"].max() < 0.99
    [note] = [note for note in made.notes if "audited" in note]
    assert "12 of 124 labels audited at random are wrong" in note
    assert note.endswith(f"(measured, {AUDIT})")
    assert "candidates.tuned.data.label_accuracy" in {
        row.input for row in decide(made, draws=400).assumptions
    }


def test_without_an_audit_nothing_is_capped_and_it_is_said_that_nobody_knows(tmp_path: Path):
    write(tmp_path, check("labels", "cannot_tell"))
    made = study(smallest(TUNED), tmp_path)
    assert made.candidates["tuned"].quality.cap is None
    assert any("whether they cap its quality can not be told" in note for note in made.notes)


def test_a_measured_quality_is_not_capped(tmp_path: Path):
    right = scores(tmp_path, "s.csv", {f"c{k}": 1 for k in range(200)})
    write(tmp_path, labels(40, 124))
    made = study(smallest(TUNED.replace("label_cost", f"quality: {right}, label_cost")), tmp_path)
    assert made.candidates["tuned"].quality.cap is None
    assert any("it scored more" in note and "the same errors" in note for note in made.notes)


def test_two_candidates_of_one_audit_share_one_input(tmp_path: Path):
    write(tmp_path, labels(12, 124))
    made = study(smallest(TUNED + "\n" + TUNED.replace("tuned: ", "other: ", 1)), tmp_path)
    first, second = (made.candidates[name].quality.cap for name in ("tuned", "other"))
    assert first == second
    assert [b.name for b in made.beliefs].count("candidates.tuned.data.label_accuracy") == 1


def test_a_hybrid_is_capped_by_its_small_part(tmp_path: Path):
    write(tmp_path, labels(62, 124))
    hybrid = "mix: {kind: hybrid, small: tuned, large: prompt, escalate: 0%}"
    found = qualities(study(smallest(f"{TUNED}\n{hybrid}"), tmp_path))
    np.testing.assert_allclose(found["mix"], found["tuned"])


# -------------------------------------------------------------------------------------------------- leakage


CASES = {f"c{k:03}": float(k % 7 != 0) for k in range(140)}
LEAKED = [f"c{k:03}" for k in range(0, 140, 10)]
CLEAN = [case for case in CASES if case not in LEAKED]


def test_leaked_cases_are_left_out_for_all_that_are_compared(tmp_path: Path):
    other = {case: float(k % 5 != 0) for k, case in enumerate(CASES)}
    prompt, pilot = scores(tmp_path, "p.csv", other), scores(tmp_path, "t.csv", CASES)
    tuned = TUNED.replace("label_cost", f"quality: {pilot}, label_cost")
    write(tmp_path, leakage(LEAKED, CLEAN))
    made = study(with_prompt(prompt, tuned), tmp_path)
    assert {made.candidates[name].quality.n_cases for name in ("prompt", "tuned")} == {126}
    scores(tmp_path, "p.csv", {case: other[case] for case in CLEAN})
    scores(tmp_path, "t.csv", {case: CASES[case] for case in CLEAN})
    write(tmp_path, leakage([], CLEAN))
    clean = study(with_prompt(prompt, tuned), tmp_path)
    for name in ("prompt", "tuned"):
        np.testing.assert_array_equal(qualities(made)[name], qualities(clean)[name])
    # 140 cases, 20 of them wrong: 85.7%; the 14 leaked hold 2 wrong, so 108 of 126 are right: 85.7% as well
    assert any("tuned: 14 of 140 scored cases" in n and "85.7% on the 126 clean" in n for n in made.notes)
    assert any("prompt: 14 of its scored cases leaked" in n for n in made.notes)


def test_a_prompt_alone_is_not_corrected(tmp_path: Path):
    prompt = scores(tmp_path, "p.csv", CASES)
    write(tmp_path, leakage(LEAKED, CLEAN))
    assert study(with_prompt(prompt, TUNED), tmp_path).candidates["prompt"].quality.n_cases == 140


def test_a_hybrids_own_score_is_cleaned_of_what_its_small_part_was_trained_on(tmp_path: Path):
    write(tmp_path, leakage(LEAKED, CLEAN))
    own = scores(tmp_path, "h.csv", CASES)
    hybrid = f"mix: {{kind: hybrid, small: tuned, large: prompt, escalate: 10%, quality: {own}}}"
    assert study(smallest(f"{TUNED}\n{hybrid}"), tmp_path).candidates["mix"].quality.n_cases == 126


def test_where_only_their_number_is_known_the_score_is_taken_down(tmp_path: Path):
    pilot = scores(tmp_path, "t.csv", {case: float(k % 10 != 0) for k, case in enumerate(CASES)})
    tuned = TUNED.replace("label_cost", f"quality: {pilot}, label_cost")
    write(tmp_path, leakage(LEAKED, CLEAN, named=False))
    made = study(smallest(tuned), tmp_path)
    assert any("does not say which" in note for note in made.notes)
    write(tmp_path, leakage([], CLEAN))
    # 90% measured, 10% leaked: (.9 − .1)/(1 − .1) = 88.9% on clean cases
    fallen = qualities(study(smallest(tuned), tmp_path))["tuned"].mean() - qualities(made)["tuned"].mean()
    assert fallen == pytest.approx(0.9 - 0.8 / 0.9, abs=0.004)


def test_the_correction_by_hand():
    # 20,000 of 100,000 leaked: the share is .2 but for 0.0013; .9 measured is (.9 − .2)/.8 = .875 on clean cases
    drawn = np.full((500, 2), 0.9)
    found = corrected(drawn, {1: (20_000, 100_000)}, np.random.default_rng(0))
    assert (found[:, 0] == 0.9).all()
    assert found[:, 1].mean() == pytest.approx(0.875, abs=1e-3)


@given(st.floats(0, 1), st.integers(0, 50), st.integers(1, 50), st.integers(0, 99))
def test_a_correction_never_raises_a_score_and_undoes_the_mixture(
    measured: float, leaked: int, clean: int, seed: int
):
    n = leaked + clean
    [[found]] = corrected(np.array([[measured]]), {0: (leaked, n)}, np.random.default_rng(seed))
    share = np.random.default_rng(seed).beta(leaked + 0.5, n - leaked + 0.5)
    assert 0 <= found <= measured + 1e-12
    if found > 0:
        assert share + (1 - share) * found == pytest.approx(measured)


def test_cases_that_the_audit_did_not_see_are_kept_and_counted(tmp_path: Path):
    pilot = scores(tmp_path, "t.csv", {**CASES, "new": 1.0})
    write(tmp_path, leakage(LEAKED, CLEAN))
    made = study(smallest(TUNED.replace("label_cost", f"quality: {pilot}, label_cost")), tmp_path)
    assert made.candidates["tuned"].quality.n_cases == 127
    assert any("1 scored case was not looked at" in note for note in made.notes)


def test_a_table_without_cases_keeps_the_rest_of_its_rows(tmp_path: Path):
    (tmp_path / "s.csv").write_text("id,score,cluster,repeat\na,1,x,1\na,0,x,2\nb,1,y,1\n", "utf-8")
    table = without(read_scores(tmp_path / "s.csv"), frozenset({"a"}))
    assert (table.ids, table.scores.tolist(), table.clusters) == (("b",), [1.0], ("y",))
    assert without(table, frozenset({"z"})) is table


def test_all_cases_leaked_is_an_error(tmp_path: Path):
    pilot = scores(tmp_path, "t.csv", dict.fromkeys(LEAKED, 1.0))
    write(tmp_path, leakage(LEAKED, CLEAN))
    [problem] = problems(
        smallest(TUNED.replace("label_cost", f"quality: {pilot}, label_cost")), tmp_path
    )  # fmt: skip
    assert "candidates.tuned.quality.eval: all 14 cases stand in its training rows" in problem


def test_examples_in_a_prompt_may_stem_from_the_rows(tmp_path: Path):
    write(tmp_path, leakage(LEAKED, CLEAN))
    few = smallest(TUNED).replace("model: openai/test-large}", "model: openai/test-large, shots: 8}")
    assert any(note.startswith("prompt: if its 8 examples") for note in study(few, tmp_path).notes)
    assert not any("prompt: if its" in note for note in study(smallest(TUNED), tmp_path).notes)


# ---------------------------------------------------------------------------------------------- bad evidence


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (None, "'evidence/data.json' is not a file in the study's folder"),
        ("{", "not JSON"),
        ("[]", "no audit of training data"),
        ('{"breakeven_data": 2}', "an audit of format 2; this reads 1"),
        ('{"breakeven_data": 1}', "field required"),
    ],
)
def test_a_bad_audit_is_an_error_with_its_place(tmp_path: Path, found: str | None, says: str):
    if found is not None:
        (tmp_path / "evidence").mkdir()
        (tmp_path / AUDIT).write_text(found, "utf-8")
    told = problems(smallest(TUNED), tmp_path)
    assert told
    assert says in told[0]
    assert "candidates.tuned.data" in told[0]


def test_a_path_out_of_the_folder_is_not_followed(tmp_path: Path):
    inner = tmp_path / "study"
    inner.mkdir()
    write(tmp_path)
    [problem] = problems(smallest(TUNED.replace(AUDIT, "../evidence/data.json")), inner)
    assert "leads out of the study's folder" in problem


def test_a_prompt_has_no_training_rows(tmp_path: Path):
    text = smallest().replace("model: openai/test-large}", f"model: openai/test-large, data: {AUDIT}}}")
    [problem] = problems(text, tmp_path)
    assert "`data` belongs to a tuned or classifier candidate" in problem


@pytest.mark.parametrize(
    ("text", "changed"), [('{"a": 1}\n', False), ('{"a": 2}\n', True), ('{"a": 12}\n', True), (None, None)]
)
def test_rows_that_changed_since_are_told(tmp_path: Path, text: str | None, changed: bool | None):
    audited = b'{"a": 1}\n'
    file = TrainingFile(name="data/train.jsonl", format="chat", container="jsonl", packed=False,
                        n_bytes=len(audited), n_rows=1)  # fmt: skip
    write(tmp_path, paths=("data/train.jsonl",), sha256=hashlib.sha256(audited).hexdigest(), files=(file,))
    if text is not None:
        (tmp_path / "train.jsonl").write_text(text, "utf-8")
    made = study(smallest(TUNED), tmp_path)
    data = made.candidates["tuned"].data
    assert data is not None
    assert data.changed is changed
    assert any("CHANGED since" in note for note in made.notes) is bool(changed)


# ------------------------------------------------------------------------------------------- gates and facts


def test_documents_list_becomes_gates(tmp_path: Path):
    write(
        tmp_path,
        check("labels", "cannot_tell", value=0.975, low=0.9, high=0.99, n=40, threshold=0.95, details={"errors": 1}),
        check("duplicates", value=0.03, threshold=0.05, source="document 003, section 4"),
        leakage(["a"], ["b", "c", "d"]),
        check("origin", "cannot_tell", threshold=0.5),
        check("holdout", "fail", value=0.1, threshold=0.2),
    )  # fmt: skip
    made = study(smallest(TUNED), tmp_path)
    found = {gate.gate: gate for gate in run_gates(made, simulate(made, made.centres()))}
    assert list(found)[5:] == ["label accuracy", "duplicates", "leaked cases", "human-made", "hold-out",
                               "match with production"]  # fmt: skip
    met = {name: gate.met for name, gate in list(found.items())[5:]}
    assert met == {"label accuracy": None, "duplicates": True, "leaked cases": False, "human-made": None,
                   "hold-out": False, "match with production": None}  # fmt: skip
    assert found["label accuracy"].have.startswith("97.5% [90%, 99%], 1 of 40 audited are wrong")
    assert found["duplicates"].have == f"3% ({AUDIT})"
    assert found["leaked cases"].have == f"25%, 1 of 4 ({AUDIT})"
    assert found["human-made"].have == f"origin cannot_tell ({AUDIT})"
    assert found["match with production"].have == f"not checked ({AUDIT})"
    assert found["hold-out"].need == "at least 20% held out, without leaked cases"
    assert all(gate.source for gate in found.values())


def test_a_study_without_training_rows_has_no_gates_on_them():
    made = study(smallest())
    assert len(run_gates(made, simulate(made, made.centres()))) == 5


def test_facts_that_rules_may_ask_for(tmp_path: Path):
    write(tmp_path, labels(3, 120), leakage(["a"], ["b", "c", "d"]), check("production", "fail"), rows=800)
    made = study(smallest(TUNED), tmp_path)
    facts = measure(made, simulate(made, made.centres()))
    assert facts["training_rows"].value == 800
    assert facts["label_accuracy"].value == 0.975
    assert facts["leaked_share"].value == 0.25
    assert facts["matches_production"].value is False
    assert facts["duplicate_share"].value is None
    assert facts["duplicate_share"].key == "candidates.NAME.data"
    assert facts["labelled_examples"].value == 800
    assert facts["leaked_share"].source == f"measured, {AUDIT}"


def test_the_example_is_what_its_tool_writes() -> None:
    from tools.make_example_training_study import wanted

    for path, text in wanted().items():
        assert path.read_text("utf-8") == text, (
            "write them again: python -m tools.make_example_training_study"
        )


def test_the_example_names_the_rows_as_they_are() -> None:
    folder = Path(__file__).parents[2] / "examples" / "with-training-data"
    made = parse_study((folder / "breakeven.yaml").read_text("utf-8"), folder=folder)
    data = made.candidates["larger"].data
    assert data is not None
    assert data.changed is False
    assert (data.rows, data.usable, data.audited, data.wrong, data.leaked) == (432, 399, 120, 5, 9)
    assert {name: its.quality.cap is not None for name, its in made.candidates.items()} == {
        "prompt": False,
        "pilot": False,
        "larger": True,
    }


@pytest.mark.parametrize(
    "details",
    [
        {"leaked": 10**9, "errors": 10**9},
        {"leaked": -3, "errors": -3},
        {"leaked": "many", "leaked_cases": 7},
        {},
    ],
)
def test_figures_that_can_not_be_break_nothing(tmp_path: Path, details: dict[str, Any]):
    pilot = scores(tmp_path, "t.csv", CASES)
    tuned = f"{TUNED}\n" + TUNED.replace("tuned: ", "pilot: ", 1).replace(
        "label", f"quality: {pilot}, label", 1
    )
    found = [check(name, value=0.5, n=40, details=details) for name in ("labels", "leakage")]
    write(tmp_path, *found)
    for drawn in qualities(study(smallest(tuned), tmp_path), 500).values():
        assert ((drawn >= 0) & (drawn <= 1)).all()


def test_with_two_audits_a_gate_says_whose_rows_it_is_about(tmp_path: Path):
    write(tmp_path, labels(3, 120), check("duplicates", "cannot_tell"))
    (tmp_path / "other.json").write_text((tmp_path / AUDIT).read_text("utf-8"), "utf-8")
    other = TUNED.replace("tuned: ", "other: ", 1).replace(AUDIT, "other.json")
    made = study(smallest(f"{TUNED}\n{other}"), tmp_path)
    found = run_gates(made, simulate(made, made.centres()))
    assert [gate.gate for gate in found if gate.gate.startswith("duplicates")] == [
        "duplicates (tuned)",
        "duplicates (other)",
    ]
    caps = {its.quality.cap.name for its in made.candidates.values() if its.quality.cap is not None}
    assert len(caps) == 2  # other rows, another share


def test_the_page_tells_what_nobody_can_tell_from_what_nobody_stated(tmp_path: Path):
    from breakeven.report.page import to_page

    write(tmp_path, check("labels", "cannot_tell"), check("duplicates", value=0.01))
    page = to_page(decide(study(smallest(TUNED), tmp_path), draws=200))
    found = {gate.gate: gate.standing for gate in page.gates}
    assert (found["label accuracy"], found["duplicates"], found["retrieval"]) == (
        "cannot tell",
        "met",
        "not stated",
    )
