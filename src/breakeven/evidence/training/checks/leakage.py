"""Eval cases that stand in the training data, and what that adds to the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.leaking import KINDS, Leaks, leaks_of
from breakeven.statistics.leaked import clean_accuracy, clean_score

__all__ = ["CHECK"]

_NAME: Final = "leakage"
_TITLE: Final = "Eval cases in the training data"
_SAID: Final = {
    "equal": "word for word", "words": "in a run of {run} words", "near": "nearly (cosine ≥ 0.9)",
    "vectors": "by the vectors given",
}  # fmt: skip
_STEP: Final = (
    "breakeven data clean leaves these rows out of the training data; "
    "breakeven data split makes a hold-out that has none"
)


def _find(given: CheckInput) -> CheckResult:
    most = float(given.settings.get(_NAME, 0.0))
    if not given.cases or not given.train.rows:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because="no eval cases were named", threshold=most,
            better="below", source="document 003, section 4", next_step="name the eval's cases: --eval cases.jsonl",
        )  # fmt: skip
    found = leaks_of(given)
    n, leaked = len(given.cases), int(found.leaked.sum())
    first = [found.kind(k) for k in found.leaked.nonzero()[0].tolist()]
    counts = {kind: first.count(kind) for kind in KINDS if kind in found.rows}
    inflation, said = _inflation(given, found)
    told = "; ".join(f"{count:,} {_SAID[kind].format(run=found.run)}" for kind, count in counts.items())
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if leaked / n <= most else "fail",
        because=f"{leaked:,} of {n:,} eval cases stand in the training data: {told}{said}", value=leaked / n, n=n,
        method="counted: equal, runs of words, TF-IDF of 3–5 letters" + (", vectors" if "vectors" in counts else ""),
        threshold=most, better="below", source="document 003, section 4", flagged=_flagged(given, found),
        next_step=_STEP if leaked else "",
        details={**counts, "leaked": leaked, "clean": n - leaked, "run_words": found.run, **inflation},
    )  # fmt: skip


def _flagged(given: CheckInput, found: Leaks) -> tuple[Flagged, ...]:
    cases, rows = given.cases or (), given.train.rows
    flagged = []
    for case, row in enumerate(found.row.tolist()):
        if row >= 0:
            name = cases[case].id or f"no. {case + 1}"
            said = _SAID[found.kind(case)].format(run=found.run)
            flagged.append(Flagged(row=row, place=rows[row].place, reason=f"holds eval case {name} {said}"))
    return tuple(sorted(flagged, key=lambda one: one.row))


def _inflation(given: CheckInput, found: Leaks) -> tuple[Mapping[str, Any], str]:
    """What the leaked cases add to a measured accuracy: seen where each case's score is given, else a bound."""
    scores, accuracy = given.settings.get("scores"), given.settings.get("accuracy")
    if scores is not None and found.leaked.any():
        seen = clean_score([scores.get(case.id) for case in given.cases or ()], found.leaked.tolist())
        if seen is None:
            return {}, ""
        low, high = seen.clean.low, seen.clean.high
        between = "" if low is None or high is None else f" [{low:.1%}, {high:.1%}]"
        said = f". On clean cases the score is {seen.clean.value:.1%}{between}, on all {seen.all:.1%}"
        return {"accuracy": seen.all, "accuracy_clean": seen.clean.value, "accuracy_clean_low": low,
                "accuracy_clean_high": high, "inflation": seen.all - seen.clean.value}, said  # fmt: skip
    if accuracy is not None and found.leaked.any():
        mean, n = accuracy
        bound = clean_accuracy(float(mean), int(n), float(found.leaked.mean()))
        said = (
            f". If every leaked case was answered from memory, the accuracy of {mean:.1%} holds up to "
            f"{bound.inflation:.1%} of inflation: {bound.clean.value:.1%} is to be expected on clean cases"
        )
        return {"accuracy": float(mean), "accuracy_clean": bound.clean.value, "accuracy_clean_low": bound.clean.low,
                "accuracy_clean_high": bound.clean.high, "inflation": bound.inflation}, said  # fmt: skip
    return {}, ""


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
