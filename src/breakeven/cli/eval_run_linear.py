"""Candidates of ``breakeven eval run`` that are trained here, when their vectors are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breakeven.evidence.evals.planning import Plan
    from breakeven.evidence.evals.result import EvalResult
    from breakeven.evidence.evals.running import Run

__all__ = ["trained"]


def trained(plan: Plan, made: Run, *, say: Callable[[str], None]) -> tuple[list[EvalResult], list[str]]:
    """The results of a suite's linear candidates, and a line for each that lacks vectors. say: shows progress."""
    from breakeven.cli.common import today
    from breakeven.evidence.evals.classifying.running import run_linear
    from breakeven.evidence.evals.embedding.needs import classifier_need

    suite, vectors = plan.suite, made.embedding.vectors
    found, unmade = [], []
    for one in suite.linear:
        need = classifier_need(suite, one)
        missing = () if need is None else vectors.missing(need.model, need.texts)
        if missing:
            why = "; ".join(dict.fromkeys(map(str, made.embedding.failed.values())))
            n = "1 text is" if len(missing) == 1 else f"{len(missing):,} texts are"
            unmade.append(f"Gave up: {one.name}: {n} not embedded{why and ': '}{why}")
            continue
        say(f"Training {one.name} on {len(one.train.texts):,} rows …")
        found.append(
            run_linear(
                one, suite.cases.cases, suite.scorer, cases_sha256=suite.cases.sha256, date=today(),
                repeats=suite.repeats, vectors=vectors, embedding_price=plan.prices.get(one.embeddings or ""),
            )
        )  # fmt: skip
    return found, unmade
