"""Doubted labels, the random audit, and the claim that rests on it alone."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, InputError, NotEnoughEvidenceError
from breakeven.evidence.training.auditing.claim import take_stock
from breakeven.evidence.training.auditing.confident import doubt_labels
from breakeven.evidence.training.auditing.drawing import draw_random, draw_suspects, find_doubts
from breakeven.evidence.training.auditing.keys import row_keys
from breakeven.evidence.training.auditing.sheet import read_sheet, write_sheet
from breakeven.evidence.training.auditing.verdicts import Verdict, merged, read_audit, write_audit
from breakeven.evidence.training.row import TrainingRow
from breakeven.report.audit_text import audit_text
from tests.training.builders import checked, data, row

WORDS = {"refund": "money back refund paid twice", "login": "password sign in account locked"}


def rows_of(n: int, *, wrong: frozenset[int] = frozenset()) -> list[TrainingRow]:
    """Rows of two classes that a classifier tells apart; those in ``wrong`` have the other label."""
    rng = np.random.default_rng(1)
    found = []
    for k in range(n):
        true = ("refund", "login")[k % 2]
        text = " ".join(rng.permutation(WORDS[true].split())) + f" case {k}"
        label = {"refund": "login", "login": "refund"}[true] if k in wrong else true
        found.append(row(text, label, number=k + 1, label=label))
    return found


# ------------------------------------------------------------------------------------- confident learning


def test_thresholds_joint_and_suspects_by_hand() -> None:
    # Labelled a: P(a) = .9, .8, .1 -> threshold .6. Labelled b: P(b) = .9, .5 -> threshold .7.
    # Row 2 (P(b) = .9) counts for b only; row 4 (.5, .5) counts for neither.
    found = doubt_labels(
        np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.1, 0.9], [0.5, 0.5]]), list("aaabb"), ["a", "b"]
    )
    assert found.thresholds == pytest.approx([0.6, 0.7])
    assert [(one.row, one.label, one.guess) for one in found.suspects] == [(2, "a", "b")]
    # a: 2 of 3 count for a, 1 for b, scaled to 3 of 5 rows; b: all that count, scaled to 2 of 5.
    assert found.joint == pytest.approx(np.array([[2, 1], [0, 2]]) / 5)
    assert found.estimated_error_share == pytest.approx(0.2)


def test_a_file_of_reviews_with_checked_errors(real_data) -> None:
    """25,000 film reviews; five people each looked at 1,310 that seemed wrong."""
    path = real_data("imdb_label_errors") / "imdb_test.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = doubt_labels(
        np.array([[float(r["prob_0"]), float(r["prob_1"])] for r in rows]),
        [r["given_label"] for r in rows],
        ["0", "1"],
    )
    picked = {one.row for one in found.suspects}
    reviewed = {k for k, r in enumerate(rows) if r["votes_given"]}
    assert (len(picked), len(picked & reviewed)) == (1_076, 1_076)
    guessed = {k for k in reviewed if float(rows[k]["votes_guessed"]) >= 3}
    doubted = {k for k in reviewed if float(rows[k]["votes_given"]) < 3}
    assert len(guessed) == 173
    # Of the suspects 14% have the other label by majority, 57% no majority for theirs; 89% of all such are found.
    assert len(picked & guessed) / len(picked) == pytest.approx(0.143, abs=0.001)
    assert len(picked & doubted) / len(picked) == pytest.approx(0.570, abs=0.001)
    assert len(picked & guessed) / len(guessed) == pytest.approx(0.890, abs=0.001)
    # The most doubtful come first: they are wrong about twice as often.
    first = {one.row for one in found.suspects[:100]}
    assert len(first & guessed) >= 2 * 100 * 0.143


def test_wrong_labels_are_found_by_a_classifier_that_never_saw_them() -> None:
    wrong = frozenset({3, 10, 40, 77})
    predicted, doubts = find_doubts(rows_of(120, wrong=wrong))
    assert {predicted.rows[one.row] for one in doubts.suspects} == wrong
    assert predicted.source.startswith("a classifier")


def test_probabilities_of_the_file_are_used_where_every_row_has_them() -> None:
    rows = rows_of(20)
    rows = [replace(r, raw={**r.raw, "prob_refund": "0.9", "prob_login": "0.1"}) for r in rows]
    predicted, doubts = find_doubts(rows)
    assert predicted.source == "the file's columns prob_*"
    assert {one.label for one in doubts.suspects} <= {"login"}
    predicted, _ = find_doubts([*rows[:-1], replace(rows[-1], raw={})])
    assert predicted.source.startswith("a classifier")


def test_rows_beyond_the_budget_are_judged_by_a_classifier_that_was_trained_on_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("breakeven.evidence.training.auditing.predicting._LARGEST", 60)
    wrong = frozenset({3, 10, 40, 77})
    predicted, doubts = find_doubts(rows_of(300, wrong=wrong))
    assert predicted.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert {predicted.rows[one.row] for one in doubts.suspects} >= wrong


def test_short_answers_that_come_again_are_labels_and_free_texts_are_not() -> None:
    rows = [replace(one, label=None) for one in rows_of(60)]
    assert set(find_doubts(rows)[0].classes) == {"login", "refund"}
    with pytest.raises(NotEnoughEvidenceError, match="no row has a label"):
        find_doubts([row(f"question {k}", f"a free answer {k}") for k in range(60)])


def test_impossible_probabilities_are_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        doubt_labels(np.ones((2, 2)), ["a"], ["a", "b"])
    with pytest.raises(InputError, match="no row"):
        doubt_labels(np.ones((2, 2)), ["a", "a"], ["a", "b"])


# ------------------------------------------------------------------------------------------------ drawing


def test_a_larger_sample_holds_the_smaller_and_nothing_is_drawn_twice() -> None:
    rows = rows_of(50)
    small = draw_random(rows, [], 10, seed=7)
    assert [one.row for one in draw_random(rows, [], 20, seed=7)][:10] == [one.row for one in small]
    judged = [Verdict(row=one.key, sample="random", verdict="right", plan=10) for one in small]
    more = draw_random(rows, judged, 15, seed=7)
    assert len(more) == 5
    assert not {one.key for one in more} & {one.row for one in judged}
    assert draw_random(rows, judged, 10, seed=7) == []
    assert len(draw_random(rows, judged, 500, seed=8)) == 40


def test_every_row_is_as_likely_to_be_drawn() -> None:
    rows = rows_of(10)
    counts = np.zeros(10)
    for seed in range(600):
        for one in draw_random(rows, [], 3, seed):
            counts[one.row] += 1
    assert counts == pytest.approx(180, abs=60)  # 600 × .3, sd 11


def test_suspects_are_apart_from_the_random_sample() -> None:
    rows = rows_of(120, wrong=frozenset({3, 10}))
    drawn, _ = draw_suspects(rows, [], 50)
    assert {one.row for one in drawn} == {3, 10}
    verdicts = [Verdict(row=one.key, sample="suspect", verdict="wrong") for one in drawn]
    assert draw_suspects(rows, verdicts, 50)[0] == []
    stock = take_stock(rows, verdicts)
    assert stock.claim is None
    assert stock.suspects is not None
    assert stock.suspects.value == 1.0
    # A judged suspect stays in the lot for the random sample.
    assert {one.row for one in draw_random(rows, verdicts, 120, seed=0)} == set(range(120))


def test_equal_rows_have_their_own_keys() -> None:
    rows = [row("same"), row("same"), row("other")]
    assert len(set(row_keys(rows))) == 3
    assert row_keys(rows)[:1] == row_keys(rows[:1])


# -------------------------------------------------------------------------------------------------- claim


def judged(rows: list[TrainingRow], n: int, wrong: int = 0, *, plan: int | None = None) -> list[Verdict]:
    drawn = draw_random(rows, [], n, seed=0)
    return [
        Verdict(row=one.key, sample="random", verdict="wrong" if k < wrong else "right", plan=plan or n)
        for k, one in enumerate(drawn)
    ]


def test_the_claim_by_one_planned_sample() -> None:
    rows = rows_of(300)
    assert take_stock(rows, judged(rows, 59)).holds
    one = take_stock(rows, judged(rows, 59, 1))
    assert (one.holds, one.more_rows, one.by_plan) == (False, 34, True)
    assert not take_stock(rows, judged(rows, 40)).holds


def test_a_sample_that_is_not_complete_or_was_extended_needs_the_stronger_evidence() -> None:
    rows = rows_of(300)
    partly = take_stock(rows, judged(rows, 60, plan=80))
    assert (partly.missing, partly.holds) == (20, False)
    extended = [*judged(rows, 59, 1), *judged(rows, 93)[59:]]
    assert take_stock(rows, extended).looks == 2
    assert not take_stock(rows, extended).holds  # 93 rows with one error would do, had they been planned
    assert take_stock(rows, [*judged(rows, 59, 1), *judged(rows, 128)[59:]]).holds


def test_a_repaired_error_still_counts_and_an_edited_right_row_no_longer_does() -> None:
    rows = rows_of(300)
    verdicts = judged(rows, 93, 1)
    at = [k for k, key in enumerate(row_keys(rows)) if key in (verdicts[0].row, verdicts[5].row)]
    edited = [replace(r, raw={"edited": k}) if k in at else r for k, r in enumerate(rows)]
    stock = take_stock(edited, verdicts)
    assert stock.claim is not None
    assert (stock.claim.errors, stock.claim.n, stock.changed) == (1, 92, 2)
    assert not stock.holds


def test_unsure_counts_as_wrong() -> None:
    rows = rows_of(200)
    verdicts = judged(rows, 59)
    verdicts[3] = replace(verdicts[3], verdict="unsure")
    stock = take_stock(rows, verdicts)
    assert stock.claim is not None
    assert (stock.claim.errors, stock.unsure, stock.holds) == (1, 1, False)


# ------------------------------------------------------------------------------------------ sheet and file


def test_a_sheet_out_and_back(tmp_path: Path) -> None:
    rows = [
        row('=HYPERLINK("http://x")', "+1", number=1, label="+1"),
        row("mail me: bob@acme.io\x1b[2J", number=2),
    ]
    sheet = tmp_path / "sheet.csv"
    write_sheet(sheet, rows, draw_random(rows, [], 2, seed=0), mask=True)
    text = sheet.read_text()
    assert "bob@acme.io" not in text
    assert "\x1b" not in text
    with sheet.open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert all(not cell["asked"].startswith("=") and not cell["taught"].startswith("+") for cell in cells)
    for cell, word in zip(cells, ("Y", "wrong"), strict=True):
        cell["verdict"] = word
    with sheet.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(cells[0]))
        writer.writeheader()
        writer.writerows(cells)
    back = read_sheet(sheet)
    assert [one.verdict for one in back.verdicts] == ["right", "wrong"]
    assert {one.row for one in back.verdicts} == set(row_keys(rows))
    assert {one.plan for one in back.verdicts} == {2}


def test_rows_that_are_passed_over_are_unsure_and_later_ones_are_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    lines = [
        "verdict,row,sample,plan",
        "y,r1,random,5",
        ",r2,random,5",
        "perhaps,r3,random,5",
        "n,r4,random,5",
        ",r5,random,5",
    ]
    path.write_text("\n".join(lines) + "\n")
    back = read_sheet(path)
    assert [(one.row, one.verdict) for one in back.verdicts] == [
        ("r1", "right"),
        ("r2", "unsure"),
        ("r4", "wrong"),
    ]
    assert (back.skipped, back.unread) == (1, 1)
    assert "perhaps" in str(back.problems[0])


def test_the_file_of_verdicts_holds_no_text_and_damage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    verdicts = judged(rows_of(20), 5, 1)
    write_audit(path, verdicts)
    assert read_audit(path) == verdicts
    assert "refund" not in path.read_text()
    path.write_text(path.read_text() + '{"row": "r9", "sample": "random", "verdict": "fine"}\n')
    with pytest.raises(EvidenceError, match=r"jsonl:6.*fine"):
        read_audit(path)


def test_a_second_word_on_a_row_replaces_the_first_but_not_how_it_was_drawn() -> None:
    first = Verdict(row="r1", sample="random", verdict="right", plan=59)
    again = merged([first], [Verdict(row="r1", sample="suspect", verdict="wrong")])
    assert [(one.sample, one.verdict, one.plan) for one in again] == [("random", "wrong", 59)]


# -------------------------------------------------------------------------------------------------- check


def test_without_an_audit_nothing_is_claimed_and_suspects_are_flagged() -> None:
    rows = rows_of(120, wrong=frozenset({3}))
    found = checked("labels", data(rows), audit="/nowhere/a.jsonl")
    assert (found.verdict, found.value, found.low) == ("cannot_tell", None, None)
    assert [one.row for one in found.flagged] == [3]
    assert "data audit" in found.next_step


@pytest.mark.parametrize(
    ("n", "wrong", "verdict"),
    [(59, 0, "pass"), (59, 1, "cannot_tell"), (59, 12, "fail"), (40, 0, "cannot_tell")],
)
def test_the_check_takes_the_audit_s_word(tmp_path: Path, n: int, wrong: int, verdict: str) -> None:
    rows = rows_of(300)
    write_audit(tmp_path / "a.jsonl", judged(rows, n, wrong))
    found = checked("labels", data(rows), audit=str(tmp_path / "a.jsonl"))
    assert found.verdict == verdict
    assert found.value == pytest.approx(1 - wrong / n)
    assert found.n == n


# ------------------------------------------------------------------------------------------------ command


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(root, ["data", "audit", *words], input=stdin)


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.jsonl"
    lines = [{"question": r.question, "label": r.label} for r in rows_of(200)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_from_sheet_to_claim(train: Path) -> None:
    assert run("train.jsonl", "--n", "59", "-o", "sheet.csv").exit_code == 0
    assert isinstance(
        run("train.jsonl", "-o", "sheet.csv").exception, InputError
    )  # never over what people filled in
    with Path("sheet.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert len(cells) == 59
    for cell in cells:
        cell["verdict"] = "right"
    cells[4]["verdict"] = "wrong"
    with Path("sheet.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(cells[0]))
        writer.writeheader()
        writer.writerows(cells)
    page = run("train.jsonl", "--verdicts", "sheet.csv")
    assert page.exit_code == 0, page.exception
    assert "98.3% [90.9, 100.0] of the labels are right" in page.output
    assert "34 more rows without a further error (93 in all)" in " ".join(page.output.split())
    told = json.loads(run("train.jsonl", "--json").stdout)
    assert (told["claim"]["n"], told["claim"]["errors"], told["claim"]["more_rows"]) == (59, 1, 34)
    assert told["wrong_rows"] == 1


def test_a_review_over_a_pipe_stops_and_goes_on(train: Path) -> None:
    page = run("train.jsonl", "--n", "59", "--review", stdin="y" * 20 + "zn?q")
    assert "Stopped after 22 of 59" in page.output
    kept = read_audit(Path("train.audit"))
    assert [one.verdict for one in kept] == ["right"] * 20 + ["wrong", "unsure"]
    page = run("train.jsonl", "--n", "59", "--review", stdin="y\n" * 60)
    assert "1 of 37" in page.output
    assert len(read_audit(Path("train.audit"))) == 59
    assert "59 of 200 rows judged at random, 2 wrong, 1 of them unsure" in " ".join(page.output.split())


def test_modes_exclude_each_other(train: Path) -> None:
    assert run("train.jsonl", "--review", "-o", "x.csv").exit_code == 2


def test_the_file_of_verdicts_is_no_training_file(train: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    train.rename(folder / "train.jsonl")
    assert run("rows/train.jsonl", "--n", "3", "--review", stdin="yyy").exit_code == 0
    assert (folder / "train.audit").exists()
    assert "3 of 200 rows" in run("rows").output  # the folder, read anew


# ----------------------------------------------------------------------------- what people do to sheets and screens


def test_a_sheet_that_a_spreadsheet_has_changed_is_read_as_it_was_meant(train: Path) -> None:
    """Sorted, columns turned round and renamed, semicolons, a byte order mark, blank rows: half of it judged."""
    assert run("train.jsonl", "--n", "10", "-o", "s.csv").exit_code == 0
    with Path("s.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    for k, cell in enumerate(cells):
        cell["verdict"] = " Right " if k < 5 else ""
    columns = list(cells[0])[::-1]
    with Path("s.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([name.upper().replace("_", " ") for name in columns])
        for cell in sorted(cells, key=lambda cell: cell["asked"]):
            writer.writerows([[cell[name] for name in columns], [""] * len(columns)])
    back = read_sheet(Path("s.csv"))
    assert (len(back.verdicts), back.skipped, back.unread, back.problems) == (5, 0, 5, ())
    assert {one.row for one in back.verdicts} == {cell["row"] for cell in cells[:5]}


@pytest.mark.parametrize("n", [40, 58])
def test_so_few_rows_never_prove_the_claim(tmp_path: Path, n: int) -> None:
    """All of them right: 1 − 0.05^(1/40) = 7.2% of errors can not be ruled out, 5.03% with 58."""
    rows = rows_of(n)
    write_audit(tmp_path / "a", judged(rows, n))
    found = checked("labels", data(rows), audit=str(tmp_path / "a"))
    assert found.verdict == "cannot_tell"
    assert f"{n} rows are too few to prove 95%, even if all are right (59 are needed)" in found.because
    assert found.next_step == f"label {59 - n} more rows at least, and audit them too"
    stock = take_stock(rows, read_audit(tmp_path / "a"))
    assert (stock.file_too_small, stock.left, stock.by_plan) == (True, 0, True)
    page = audit_text(stock, "t.jsonl", n, width=200)
    assert f"these rows show more than {'92.7' if n == 40 else '94.9'}%" in page


def test_a_sample_is_never_planned_larger_than_the_file() -> None:
    rows = rows_of(12)
    assert {one.plan for one in draw_random(rows, [], 59, seed=0)} == {12}


def test_edge_cases_are_marked_on_the_screen_and_a_row_can_be_judged_again(train: Path) -> None:
    run("train.jsonl", "--n", "5", "--review", stdin="eyybnq")  # the second one: first right, then wrong
    found = read_audit(Path("train.audit"))
    assert [(one.verdict, one.edge) for one in found] == [("right", True), ("wrong", None)]
    run("train.jsonl", "--n", "5", "--review", stdin="eybyq")  # marked, taken back
    assert [(one.verdict, one.edge) for one in read_audit(Path("train.audit"))][2:] == [("right", False)]


def test_a_mark_on_the_sheet_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("n,verdict,edge_case,row,sample\n1,y,Yes,r1,random\n2,y,,r2,random\n3,n,no,r3,random\n")
    assert [one.edge for one in read_sheet(path).verdicts] == [True, None, False]
    (tmp_path / "a").write_text('{"row": "r1", "sample": "random", "verdict": "right", "edge": "yes"}\n')
    with pytest.raises(EvidenceError, match="edge 'yes'; true or false"):
        read_audit(tmp_path / "a")
