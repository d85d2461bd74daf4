"""A pilot fine-tune: make the model once, on few labels or on those at hand, and score it against what serves today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from breakeven.advice.purchases.offer import (
    CaseSet,
    Finding,
    Offer,
    PurchaseKind,
    Scene,
    exists,
    scored,
)
from breakeven.beliefs import Values
from breakeven.quantities import DAYS_PER_MONTH, show
from breakeven.study.model import Candidate, Training

__all__ = ["PILOT"]

SIZES: Final = (500, 1_000, 5_000)
"""Labels; a pilot never has more than the full training set."""
CASES: Final = 200
"""Scored cases, where the study names no number."""
RUN_SD: Final = 0.005
"""Two runs on the same data differ by this (standard deviation, a share): a guess."""
DOUBLING: Final = (0.007, 0.007)
"""What each doubling of the examples adds to the score, mean and standard deviation: a guess, wide on purpose."""
MOST_DOUBLINGS: Final = 3.0
DAYS: Final = 7.0
LABELS_A_DAY: Final = 150
HOURS: Final = 8.0
"""Of an engineer, for one training, where the study does not say what one takes: a guess."""
SERVED_DAYS: Final = 2.0
"""The pilot's model stands on its host while it is scored."""


def _offers(scene: Scene) -> Iterator[Offer]:
    for name, c in scene.study.candidates.items():
        if c.kind in ("tuned", "classifier") and not exists(c) and not scene.knows_quality(name):
            yield from _of(scene, c)


def _of(scene: Scene, c: Candidate) -> Iterator[Offer]:
    training = c.training
    if training is None or scene.mean(training.examples) <= 0:
        state = tuple(f"candidates.{c.name}.{f}" for f in ("examples", "label_cost", "training"))
        yield _offer(scene, c, labels=None, full=0.0, state=state)
        return
    full, ready = training.examples.centre, training.labelled.centre
    sizes: set[float] = {size for size in SIZES if ready < size < full} or {full}
    if ready > 0:
        sizes.add(min(ready, full))
    for labels in sorted(sizes):
        yield _offer(scene, c, labels=labels, full=full, state=_unpriced(scene, c, training, labels))


def _unpriced(scene: Scene, c: Candidate, training: Training, labels: float) -> tuple[str, ...]:
    """What to state where the parts are hidden in one sum (``upfront``), in which each of them counts as nothing."""
    if c.upfront is None:
        return ()
    lacking = [] if training.run_usd or training.gpu_hours or training.price else ["training"]
    evals = training.eval_label_cost or training.label_cost
    bought = [training.label_cost] if _new_labels(training, labels) else []
    if any(scene.mean(each) <= 0 for each in (*bought, evals)):
        lacking.append("label_cost")
    return tuple(f"candidates.{c.name}.{name}" for name in lacking)


def _offer(scene: Scene, c: Candidate, *, labels: float | None, full: float, state: tuple[str, ...]) -> Offer:
    anchor = c.quality.relative_to or scene.study.today
    size = "" if labels is None else f" on {show(labels)} labels"
    rng = scene.rng(f"pilot: {c.name}: {size}")
    held = _case_set(scene, c, anchor, _made(scene.qualities[c.name], full, labels, rng))
    cases = held.count
    pilot, theirs = scored(held.truths.values(), cases, rng)
    same = f"on the same {cases} cases"
    return Offer(
        what=f"pilot fine-tune of {c.name}{size}" if c.kind == "tuned" else f"trial of {c.name}{size}",
        ask=f"the {{cost}} {'pilot fine-tune' if c.kind == 'tuned' else 'trial'} of {c.name}",
        informs=(f"candidates.{c.name}.quality",),
        findings=(
            Finding(words="pilot gains", values=pilot - theirs, kind="points", on=f"over {anchor} {same}"),
            Finding(words="pilot scores", values=pilot, kind="share", on=f"on {cases} cases"),
        ),
        cost_usd=None if labels is None or state else _cost(scene, c, labels, held),
        days=DAYS + (0.0 if labels is None else _new_labels(c.training, labels) / LABELS_A_DAY),
        state=state,
        cases=held,
    )


def _case_set(scene: Scene, c: Candidate, anchor: str, made: Values) -> CaseSet:
    """The cases that the pilot's model and the anchor answer: each is labelled once, called twice and judged twice."""
    training, name = c.training, f"pilot of {c.name}"
    label = None if training is None else training.eval_label_cost or training.label_cost
    judge = 0.0 if training is None else scene.mean(training.judge_cost)
    return CaseSet(
        count=_cases(c), label_usd=scene.mean(label), truths={name: made, anchor: scene.qualities[anchor]},
        answer_usd={name: scene.call_usd(c.name) + judge, anchor: scene.call_usd(anchor) + judge}, against=anchor,
    )  # fmt: skip


def _cases(c: Candidate) -> int:
    stated = None if c.training is None else c.training.eval_cases
    return CASES if stated is None else max(50, round(stated.centre))


def _new_labels(training: Training | None, labels: float) -> float:
    return 0.0 if training is None else max(0.0, labels - training.labelled.centre)


def _made(truth: Values, full: float, labels: float | None, rng: np.random.Generator) -> Values:
    """The pilot's own quality: that of the full model, less what the missing examples would add, give or take a run."""
    short = 0.0 if labels is None or full <= labels else min(np.log2(full / labels), MOST_DOUBLINGS)
    gap = short * rng.normal(*DOUBLING, truth.size) + RUN_SD * rng.standard_normal(truth.size)
    made: Values = np.clip(truth - gap, 0.0, 1.0)
    return made


def _cost(scene: Scene, c: Candidate, labels: float, held: CaseSet) -> float | None:
    """What a pilot costs: labels, one run, one evaluation, the work of one training, and a server while it is scored.

    Lines 10, 12 and 13 of the study at the pilot's size: the run, the labels that are not at hand (with their
    redundancy and checks), and the guidelines for them. One run, since nothing is kept: what a second would have scored
    is in ``RUN_SD``. Cases: their labels, and both candidates' answers. Hours are those of one retraining. Synthetic
    data is not bought: fewer examples are what makes it a pilot.
    """
    training = c.training
    if training is None:
        return None
    at = scene.draws.with_values(training.examples.name, np.array([labels]))
    at = at.with_values(training.runs.name, np.ones(1))
    lines = ["training", "labels"] + (["guidelines"] if _new_labels(training, labels) else [])
    spent = sum(scene.line_usd(key, c.name, at) for key in lines)
    hours = HOURS if c.retraining is None else scene.mean(c.retraining.hours)
    return spent + held.usd(held.count) + scene.work_usd(hours) + _served(scene, c)


def _served(scene: Scene, c: Candidate) -> float:
    if c.hosting is None:
        return 0.0
    hourly = 0.0 if c.hosting.gpus is None else scene.mean(c.hosting.gpus.price) * 24 * SERVED_DAYS
    return hourly + scene.mean(c.hosting.usd_per_month) * SERVED_DAYS / DAYS_PER_MONTH


PILOT = PurchaseKind(
    key="pilot",
    title="Pilot fine-tune",
    source="binomial, on the same cases; half a point between runs; 0.7 ± 0.7 points for each doubling not bought",
    offers=_offers,
)
