"""Eval cases that stand in the training data, and what that adds to the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.commands import clean_command
from breakeven.evidence.training.leaking import KINDS, MOST_COMPARED, NEAR_VECTORS, Leaks, leaks_of
from breakeven.statistics.leaked import clean_accuracy, clean_score

__all__ = ["CHECK"]

_NAME: Final = "leakage"
_TITLE: Final = "Eval cases in the training data"
_SAID: Final = {
    "equal": "word for word", "words": "in a run of {run} words", "near": "nearly (cosine ≥ 0.9)",
    "vectors": "by meaning (cosine of vectors ≥ {vectors:g})",
}  # fmt: skip
_MOST_NAMED: Final = 20_000
"""Cases whose ids stand in the result; more of them, and only their number does."""


def _find(given: CheckInput) -> CheckResult:
    most = float(given.settings.get(_NAME, 0.0))
    if not given.cases or not given.train.rows:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because=_nothing(given), threshold=most,
            better="below", source="document 003, section 4", next_step="name the eval's cases: --eval cases.jsonl",
        )  # fmt: skip
    found = leaks_of(given)
    n, leaked = len(given.cases), int(found.leaked.sum())
    first = [found.kind(k) for k in found.leaked.nonzero()[0].tolist()]
    counts = {kind: first.count(kind) for kind in KINDS if kind in found.rows}
    inflation, said = _inflation(given, found)
    told = "; ".join(f"{count:,} {_said(given, found, kind)}" for kind, count in counts.items())
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if leaked / n <= most else "fail",
        because=f"{leaked:,} of {n:,} eval cases stand in the training data: {told}{_alike(found)}{said}",
        value=leaked / n, n=n,
        method=_method(given, vectors="vectors" in counts),
        threshold=most, better="below", source="document 003, section 4", flagged=_flagged(given, found),
        next_step=clean_command(given, drop="leakage") if leaked else "",
        details={
            **counts, **_meant(found), "leaked": leaked, "clean": n - leaked, "run_words": found.run, **inflation,
            **_ids(given, found),
        },
    )  # fmt: skip


def _meant(found: Leaks) -> Mapping[str, float]:
    """Shares of cases and of rows that have a row as near by their vectors."""
    if found.twins is None:
        return {}
    return {"vectors_cases": float((found.rows["vectors"] >= 0).mean()), "vectors_rows": found.twins}


def _alike(found: Leaks) -> str:
    """What nearness by meaning is worth here: rows that are as near each other were not copied from each other."""
    shares = _meant(found)
    if not shares:
        return ""
    cases, rows = shares["vectors_cases"], shares["vectors_rows"]
    less = (
        "that is how alike these questions are, not copying"
        if rows >= cases / 2
        else "cases are nearer than that"
    )
    return f". By meaning {cases:.0%} of the cases have a row as near, and {rows:.0%} of the rows another row: {less}"


def _method(given: CheckInput, *, vectors: bool) -> str:
    many = " of rows that share rare words" if len(given.train.rows) > MOST_COMPARED else ""
    return f"counted: equal, runs of words, TF-IDF of 3–5 letters{many}{', vectors' if vectors else ''}"


def _nothing(given: CheckInput) -> str:
    if not given.train.rows:
        return "there are no rows"
    return "no eval cases were named" if given.cases is None else "no eval case holds a text"


def _said(given: CheckInput, found: Leaks, kind: str) -> str:
    vectors = float(given.settings.get("vectors-cosine", NEAR_VECTORS))
    return _SAID[kind].format(run=found.run, vectors=vectors)


def _flagged(given: CheckInput, found: Leaks) -> tuple[Flagged, ...]:
    cases, rows = given.cases or (), given.train.rows
    flagged = []
    for case, row in enumerate(found.row.tolist()):
        if row >= 0:
            name = cases[case].id or f"no. {case + 1}"
            said = _said(given, found, found.kind(case))
            flagged.append(Flagged(row=row, place=rows[row].place, reason=f"holds eval case {name} {said}"))
    return tuple(sorted(flagged, key=lambda one: one.row))


def _ids(given: CheckInput, found: Leaks) -> Mapping[str, Any]:
    """Which cases leaked and which did not, so that a study can leave the former out; nothing where one has no id."""
    ids = [case.id for case in given.cases or ()]
    if not all(ids) or len(set(ids)) < len(ids) or len(ids) > _MOST_NAMED:
        return {}
    leaked = found.leaked.tolist()
    return {
        "leaked_cases": [case for case, bad in zip(ids, leaked, strict=True) if bad],
        "clean_cases": [case for case, bad in zip(ids, leaked, strict=True) if not bad],
    }


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
