"""Answers that a judge scored, looked at by people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from breakeven.advice.purchases.offer import Finding, Offer, PurchaseKind, Scene, scored

__all__ = ["JUDGE_SAMPLE"]

LABELS: Final = 100
"""From 50 on a judge's error can be corrected at all; 100 halve its variance."""
DAYS: Final = 3.0


def _offers(scene: Scene) -> Iterator[Offer]:
    """Only where a judge is paid, and only for candidates that it has scored.

    Cost: a label for each answer of each candidate. The answers are there, so nothing is called and nothing judged.
    Days: as one person labels, with a day to draw the sample.
    """
    candidates = scene.study.candidates.values()
    if not any(c.training is not None and c.training.judge_cost is not None for c in candidates):
        return
    names = [c.name for c in candidates if c.quality.n_cases is not None and not scene.knows_quality(c.name)]
    if not names:
        return
    label, state = scene.label_usd()
    seen = scored([scene.qualities[name] for name in names], LABELS, scene.rng("judge-sample"))
    yield Offer(
        what=f"{LABELS} judged answers labelled by people",
        ask=f"{LABELS} labels by people on judged answers, for {{cost}}",
        informs=tuple(f"candidates.{name}.quality" for name in names),
        findings=tuple(
            Finding(
                words=f"people find {name} right in", values=values, kind="share", on=f"of {LABELS} answers"
            )
            for name, values in zip(names, seen, strict=True)
        ),
        # Each candidate's answers are its own, and so are the labels on them.
        cost_usd=None if label is None else LABELS * len(names) * label,
        days=DAYS,
        state=state,
        if_useless="a judge's error is shared by all that it scores and cancels" if len(names) > 1 else "",
    )


JUDGE_SAMPLE = PurchaseKind(
    key="judge-sample",
    title="Judged answers labelled by people",
    source="binomial on people's labels",
    offers=_offers,
)
