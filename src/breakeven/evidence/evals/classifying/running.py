"""A linear candidate of a suite: trained, asked every case, scored by the suite's scorer; a result like any other."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.classifying.features import EmbeddingFeatures, MakeFeatures, TfidfFeatures
from breakeven.evidence.evals.classifying.leakage import NEAR, Leakage, find_leakage
from breakeven.evidence.evals.classifying.linear import LinearModel, fit_linear
from breakeven.evidence.evals.classifying.texts import LinearCandidate, case_text
from breakeven.evidence.evals.embedding.needs import embedding_usd
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.result import FORMAT, CaseRun, EvalResult
from breakeven.evidence.evals.scorers import Scorer
from breakeven.prices import ModelPrice
from breakeven.quantities import show_usd
from breakeven.statistics.arrays import FloatArray

__all__ = ["MODEL", "run_linear", "said_of"]

MODEL: Final = "linear/tfidf"
"""What stands as the model of its result."""
LOCAL: Final = "sentence-transformers/"
"""Models that run on a machine of one's own."""
_TIMED: Final = 200
"""Cases that are asked one by one, to see how long one call takes."""


def run_linear(
    candidate: LinearCandidate, cases: Sequence[Case], scorer: Scorer, *, cases_sha256: str, date: dt.date,
    repeats: int = 1, vectors: Vectors | None = None, embedding_price: ModelPrice | None = None,
) -> EvalResult:  # fmt: skip
    """Train on the candidate's texts and score it on the cases; the same seed gives the same answers.

    A repeat of a case gets the same answer again, so it is not asked again. vectors: of all texts, for a candidate
    on embeddings; embedding_price: of the model that they come from. Raises EvidenceError where a vector is missing.
    """
    texts = [case_text(case, candidate.train.input) for case in cases]
    rng = np.random.default_rng(candidate.seed)
    embeddings, vectors = candidate.embeddings, vectors or Vectors()
    make: MakeFeatures = TfidfFeatures
    if embeddings is not None:
        made = EmbeddingFeatures(vectors, embeddings)
        make = lambda _: made  # noqa: E731
    model = fit_linear(candidate.train.texts, candidate.train.labels, rng, make=make)
    probabilities = model.probabilities(texts)
    seconds = _seconds(model, texts, rng)
    leakage = find_leakage(candidate.train.texts, texts)
    per_call = float(np.median(list(seconds.values())))
    machine_usd = _machine_usd(candidate, _machine_seconds(candidate, texts, per_call, vectors))
    calls = [_Call(seconds=seconds.get(k), usd=machine_usd) for k in range(len(texts))]
    if embeddings is not None:
        calls = [_with_embedding(candidate, it, text, per_call, vectors, embedding_price)
                 for it, text in zip(calls, texts, strict=True)]  # fmt: skip
    runs = tuple(
        _run(scorer, case, model, row, _note(leakage, k), calls[k])
        for k, (case, row) in enumerate(zip(cases, probabilities, strict=True))
    )
    leaks = _leaks(leakage, runs)
    runs = tuple(replace(run, repeat=k) for run in runs for k in range(1, repeats + 1))
    return EvalResult(
        candidate=candidate.name, runs=runs, date=date, model=_model(candidate), scorer=scorer.title,
        cases_sha256=cases_sha256,
        settings={**candidate.settings, **_facts(candidate, model), **leaks,
                  **_embedding_facts(candidate, texts, calls, machine_usd, vectors, embedding_price)},
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Call:
    """What one call takes."""

    seconds: float | None
    usd: float | None
    tokens: int | None = None


def _machine_usd(candidate: LinearCandidate, seconds: float | None) -> float | None:
    return None if candidate.usd_per_second is None or seconds is None else seconds * candidate.usd_per_second


def _with_embedding(
    candidate: LinearCandidate, call: _Call, text: str, per_call_s: float, vectors: Vectors, price: ModelPrice | None
) -> _Call:  # fmt: skip
    """The call with the embedding of its text: its tokens at the model's price, and its time where it was timed."""
    assert candidate.embeddings is not None  # the caller asked
    known = vectors.get(candidate.embeddings, text)
    waited = None if known is None else known.latency_s
    seconds = None if waited is None else waited + (call.seconds or per_call_s)
    billed = embedding_usd(price, vectors, candidate.embeddings, [text])
    usd = None if billed is None or call.usd is None else billed + call.usd
    return _Call(seconds=seconds, usd=usd, tokens=None if known is None else known.tokens)


def _machine_seconds(
    candidate: LinearCandidate, texts: Sequence[str], linear_s: float, vectors: Vectors
) -> float | None:
    """Seconds of one call on the machine that serves it; an embedding model that runs there takes most of them.

    None: that model was not timed.
    """
    if candidate.embeddings is None or not candidate.embeddings.startswith(LOCAL):
        return linear_s
    known = (vectors.get(candidate.embeddings, text) for text in texts)
    timed = [one.latency_s for one in known if one is not None and one.latency_s is not None]
    return linear_s + float(np.median(timed)) if timed else None


def _embedding_facts(
    candidate: LinearCandidate, texts: Sequence[str], calls: Sequence[_Call], machine_usd: float | None,
    vectors: Vectors, price: ModelPrice | None,
) -> dict[str, Any]:  # fmt: skip
    """What embedding costs: once for training, and the lines of a mean call."""
    if candidate.embeddings is None:
        return {}
    tokens = [call.tokens for call in calls if call.tokens is not None]
    billed = [
        usd
        for text in texts
        if (usd := embedding_usd(price, vectors, candidate.embeddings, [text])) is not None
    ]
    return {
        "embeddings": {
            "model": candidate.embeddings,
            "train_tokens": vectors.tokens(candidate.embeddings, candidate.train.texts),
            "train_usd": embedding_usd(price, vectors, candidate.embeddings, candidate.train.texts),
            "per_call": {
                "tokens": float(np.mean(tokens)) if tokens else None,
                "embedding_usd": float(np.mean(billed)) if billed else None,
                "machine_usd": machine_usd,
            },
        }
    }


def _model(candidate: LinearCandidate) -> str:
    return MODEL if candidate.embeddings is None else f"linear/embeddings:{candidate.embeddings}"


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
    scorer: Scorer, case: Case, model: LinearModel, row: FloatArray, note: str | None, call: _Call
) -> CaseRun:  # fmt: skip
    best = int(row.argmax())
    answer = model.classes[best]
    found = scorer.score(case, answer)
    return CaseRun(
        id=case.id, score=found.score, scores={**found.scores, "confidence": round(float(row[best]), 4)},
        failure=FORMAT if found.format_failure else None, cluster=case.cluster, segment=case.segment,
        latency_s=call.seconds, cost_usd=call.usd, input_tokens=call.tokens, output=answer,
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
    said += _said_of_embeddings(result)
    if result.runs[0].cost_usd is None:
        said.append(
            f"Cost: of {result.candidate} not stated, which is not $0: `machine: $0.10/hour` counts the time of a call"
        )
    return said


def _said_of_embeddings(result: EvalResult) -> list[str]:
    """The lines of a call, so that a study can take them."""
    told = result.settings.get("embeddings")
    if not isinstance(told, dict):
        return []
    call, trained = told["per_call"], told["train_usd"]
    if call["embedding_usd"] is None:
        return []
    tokens = "" if call["tokens"] is None else f" ({call['tokens']:,.1f} tokens)"
    once = "" if trained is None else f"; embedding the training texts cost {show_usd(trained)} once"
    machine = "not stated" if call["machine_usd"] is None else show_usd(call["machine_usd"])
    return [
        f"Per call: {result.candidate}: embedding {show_usd(call['embedding_usd'])}{tokens}, machine {machine}{once}"
    ]
