"""More scored cases for every candidate that can answer one today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from breakeven.advice.purchases.offer import CaseSet, Finding, Offer, PurchaseKind, Scene, scored
from breakeven.beliefs import Values

__all__ = ["EVAL_CASES"]

SIZES: Final = (100, 200, 500)
SET_UP_DAYS: Final = 2.0
CASES_A_DAY: Final = 60
"""Labelled by one person."""


def _offers(scene: Scene) -> Iterator[Offer]:
    """Three sizes of one set, that all answer.

    Cost: for each case its label, at the study's own price of a label, and one call of every candidate that answers
    (a hybrid calls both of its parts), judged where the study pays a judge. No work: the cases are drawn from logs.
    Days: two to set up, then as one person labels.
    """
    names = [name for name in scene.study.candidates if scene.can_be_asked(name)]
    open_ = [name for name in names if not scene.knows_quality(name)]
    if not open_:
        return
    label, state = scene.label_usd()
    truths = {name: scene.qualities[name] for name in names}
    answers = {name: scene.call_usd(name) + _judge_usd(scene, name) for name in names}
    against = scene.study.today if scene.study.today in names else ""
    rng = scene.rng("eval-cases")
    for cases in SIZES:
        seen = dict(zip(names, scored(truths.values(), cases, rng), strict=True))
        held = CaseSet(
            count=cases, label_usd=label or 0.0, truths=truths, answer_usd=answers, against=against
        )
        yield Offer(
            what=f"{cases} more eval cases",
            ask=f"{cases} more eval cases for {{cost}}",
            informs=tuple(f"candidates.{name}.quality" for name in open_),
            findings=tuple(_findings(scene, seen, open_, cases)),
            cost_usd=None if label is None else held.usd(cases),
            days=SET_UP_DAYS + cases / CASES_A_DAY,
            state=state,
            if_useless=_cancels(scene, names),
            cases=held,
        )


def _judge_usd(scene: Scene, name: str) -> float:
    training = scene.study.candidates[name].training
    return 0.0 if training is None else scene.mean(training.judge_cost)


def _findings(scene: Scene, seen: dict[str, Values], open_: list[str], cases: int) -> Iterator[Finding]:
    """Differences to today's first, where today's runs the same cases; then scores."""
    today = scene.study.today
    on = f"on the same {cases} cases"
    if today in seen:
        for name in seen:
            if name != today:
                yield Finding(
                    words=f"{name} gains", values=seen[name] - seen[today], kind="points", on=f"over {today} {on}"
                )  # fmt: skip
    told = {today} & set(open_)
    for name in open_:
        yield Finding(
            words=f"{name} scores", values=seen[name], kind="share", on=f"on {cases} cases",
            derived=bool(told) and name not in told,
        )  # fmt: skip


def _cancels(scene: Scene, asked: list[str]) -> str:
    """Where all others are believed relative to what is scored, an error in the score moves them together."""
    others = [c for c in scene.study.candidates.values() if c.name not in asked]
    leaning = [c.name for c in others if c.quality.relative_to in asked]
    if not leaning:
        return ""
    return f"eval error is shared and cancels: {leaning[0]} is believed relative to what is scored"


EVAL_CASES = PurchaseKind(
    key="eval-cases",
    title="More eval cases",
    source="binomial, on the same cases; half of them equally hard for all",
    offers=_offers,
)
