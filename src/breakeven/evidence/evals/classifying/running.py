"""A linear candidate of a suite: trained, asked every case, scored by the suite's scorer; a result like any other."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.classifying.leakage import NEAR, Leakage, find_leakage
from breakeven.evidence.evals.classifying.linear import LinearModel, fit_linear
from breakeven.evidence.evals.classifying.texts import LinearCandidate, case_text
from breakeven.evidence.evals.result import FORMAT, CaseRun, EvalResult
from breakeven.evidence.evals.scorers import Scorer
from breakeven.statistics.arrays import FloatArray

__all__ = ["MODEL", "run_linear", "said_of"]

MODEL: Final = "linear/tfidf"
"""What stands as the model of its result."""
_TIMED: Final = 200
"""Cases that are asked one by one, to see how long one call takes."""


def run_linear(
    candidate: LinearCandidate, cases: Sequence[Case], scorer: Scorer, *, cases_sha256: str, date: dt.date,
    repeats: int = 1,
) -> EvalResult:  # fmt: skip
    """Train on the candidate's texts and score it on the cases; the same seed gives the same answers.

    A repeat of a case gets the same answer again, so it is not asked again.
    """
    texts = [case_text(case, candidate.train.input) for case in cases]
    rng = np.random.default_rng(candidate.seed)
    model = fit_linear(candidate.train.texts, candidate.train.labels, rng)
    probabilities = model.probabilities(texts)
    seconds = _seconds(model, texts, rng)
    leakage = find_leakage(candidate.train.texts, texts)
    per_call = float(np.median(list(seconds.values())))
    usd = None if candidate.usd_per_second is None else per_call * candidate.usd_per_second
    runs = tuple(
        _run(scorer, case, model, row, _note(leakage, k), latency_s=seconds.get(k), usd=usd)
        for k, (case, row) in enumerate(zip(cases, probabilities, strict=True))
    )
    leaks = _leaks(leakage, runs)
    runs = tuple(replace(run, repeat=k) for run in runs for k in range(1, repeats + 1))
    return EvalResult(
        candidate=candidate.name, runs=runs, date=date, model=MODEL, scorer=scorer.title, cases_sha256=cases_sha256,
        settings={**candidate.settings, **_facts(candidate, model), **leaks},
    )  # fmt: skip


def _seconds(model: LinearModel, texts: Sequence[str], rng: np.random.Generator) -> dict[int, float]:
    """Position of a case → seconds of one call with it alone."""
    chosen = rng.permutation(len(texts))[:_TIMED]
    model.probabilities([texts[int(chosen[0])]])  # the first call finds nothing in the machine's caches
    found = {}
    for k in map(int, chosen):
        start = time.perf_counter()
        model.probabilities([texts[k]])
        found[k] = time.perf_counter() - start
    return found


def _run(
    scorer: Scorer, case: Case, model: LinearModel, row: FloatArray, note: str | None, *,
    latency_s: float | None, usd: float | None,
) -> CaseRun:  # fmt: skip
    best = int(row.argmax())
    answer = model.classes[best]
    found = scorer.score(case, answer)
    return CaseRun(
        id=case.id, score=found.score, scores={**found.scores, "confidence": round(float(row[best]), 4)},
        failure=FORMAT if found.format_failure else None, cluster=case.cluster, segment=case.segment,
        latency_s=latency_s, cost_usd=usd, output=answer,
        note="; ".join(part for part in (found.note, note) if part) or None,
    )  # fmt: skip


def _note(leakage: Leakage, k: int) -> str | None:
    if leakage.equal[k]:
        return "equals a training text"
    return f"near a training text (cosine {leakage.cosine[k]:.2f})" if leakage.near[k] else None


def _facts(candidate: LinearCandidate, model: LinearModel) -> dict[str, Any]:
    return {
        "train_rows": len(candidate.train.texts), "labels": len(model.classes),
        "train_seconds": round(model.train_seconds, 2), "regularisation_c": model.tuned.c,
        "cross_validated_accuracy": round(model.tuned.accuracy, 4),
    }  # fmt: skip


def _leaks(leakage: Leakage, runs: Sequence[CaseRun]) -> dict[str, Any]:
    scores = np.array([run.score for run in runs], dtype=np.float64)
    clean = leakage.clean
    return {
        "cases_equal_to_a_training_text": int(leakage.equal.sum()),
        "cases_near_a_training_text": int(leakage.near.sum()),
        "clean_cases": int(clean.sum()),
        "clean_score": round(float(scores[clean].mean()), 4) if clean.any() else None,
    }


def said_of(result: EvalResult) -> list[str]:
    """What a reader of a linear candidate's score should know, a line each: ``Trained: …``, ``Leakage: …``."""
    told = result.settings
    said = [
        f"Trained: {result.candidate} on {told['train_rows']:,} rows of {told['labels']} labels in "
        f"{told['train_seconds']:.2g} s; C = {told['regularisation_c']:g} by cross-validation, "
        f"{told['cross_validated_accuracy']:.1%} right on held-out training rows"
    ]
    equal, near = told["cases_equal_to_a_training_text"], told["cases_near_a_training_text"]
    if equal or near:
        clean = told["clean_score"]
        rest = (
            "no other is left"
            if clean is None
            else f"on the other {told['clean_cases']:,} it scores {clean:.1%}"
        )
        said.append(
            f"Leakage: {equal:,} cases equal a training text and {near:,} are near one (cosine ≥ {NEAR:g}); {rest}"
        )
    if result.runs[0].cost_usd is None:
        said.append(
            f"Cost: of {result.candidate} not stated, which is not $0: `machine: $0.10/hour` counts the time of a call"
        )
    return said
