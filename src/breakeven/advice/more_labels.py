"""What further training examples are worth in a study: its net benefit with them and without, on the same draws.

How much better a model gets by them is measured (a learning curve's scores) or guessed: so many points for each
doubling, wide on purpose. Everything that hangs on the number of examples is paid as the study prices it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from breakeven.advice.purchases.pilot import DOUBLING, MOST_DOUBLINGS
from breakeven.beliefs import Draws, Values, renamed
from breakeven.economics import simulate
from breakeven.economics.quality import quality
from breakeven.economics.world import World
from breakeven.errors import InputError, Problem
from breakeven.study.model import Quality, Study

__all__ = [
    "FARTHEST",
    "GUESS",
    "LabelsWorth",
    "examples_in",
    "guess_scores",
    "trained_candidate",
    "worth_of_labels",
]

FARTHEST: Final = 4.0
"""Times as many examples up to which a gain is counted; further ones cost, and are guessed to bring nothing."""
GUESS: Final = "guess, 0.7 ± 0.7 points for each doubling"
"""``DOUBLING`` in words."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelsWorth:
    """What so many more examples bring in dollars if their candidate serves, one value a draw."""

    candidate: str
    months: int
    more: int
    net_usd: Values
    cost_usd: Values | None
    """Labels, checking them, training, retraining; None: the study does not price them one by one."""

    @property
    def benefit_usd(self) -> Values:
        """What they bring before their cost."""
        return self.net_usd if self.cost_usd is None else self.net_usd + self.cost_usd


def trained_candidate(study: Study, named: str | None) -> str:
    """The trained candidate with this name, or the only one; raises InputError."""
    there = [name for name, one in study.candidates.items() if one.kind in ("tuned", "classifier")]
    if named is None and len(there) == 1:
        return there[0]
    if named in there:
        return named
    what = f"no tuned candidate {named!r}" if named else "which tuned candidate?"
    raise InputError(
        Problem(message=what, hint=f"in this study: {', '.join(there) or 'none'}; --candidate NAME")
    )


def examples_in(study: Study, name: str) -> int | None:
    """Usable rows of the candidate's audited training data; else the examples that the study states or takes."""
    candidate = study.candidates[name]
    if candidate.data is not None:
        return candidate.data.usable
    return None if candidate.training is None else round(candidate.training.examples.centre) or None


def guess_scores(
    study: Study, name: str, n: int, more: int, rng: np.random.Generator, *, draws: int, seed: int
) -> Values:
    """(draws, 2): quality at ``n`` and at ``n + more`` examples, from the study's own and a guess for each doubling.

    The study's quality is that at the examples which it trains on. No score passes the share of right labels.
    """
    drawn = study.sample(draws, seed)
    candidate = study.candidates[name]
    own = np.broadcast_to(quality(World(study=study, candidate=candidate, draws=drawn)), (draws,))
    trained_on = float(n) if candidate.training is None else candidate.training.examples.centre or float(n)
    each = rng.normal(*DOUBLING, draws)
    reach = min((n + more) / n, FARTHEST) * n
    cap = candidate.quality.cap
    most = np.ones(1) if cap is None else drawn[cap]

    def at(size: float) -> Values:
        doublings = float(np.clip(np.log2(size / trained_on), -MOST_DOUBLINGS, MOST_DOUBLINGS))
        moved: Values = np.clip(own + each * doublings, 0.0, np.maximum(most, own))
        return moved

    return np.column_stack([at(float(n)), at(reach)])


def worth_of_labels(
    study: Study, name: str, scores: Values, n: int, more: int, *, seed: int
) -> LabelsWorth:  # fmt: skip
    """The worth of ``more`` examples on top of ``n``; scores: (draws, 2), quality with ``n`` and with all of them.

    Raises InputError where the study prices neither errors nor right answers.
    """
    if study.workload.error_cost is None and study.workload.value is None:
        raise InputError(
            Problem(
                message=f"{study.name} says neither what an error costs nor what a right answer is worth",
                hint="state `workload.errors.cost` or `workload.value`",
            )
        )
    found = []
    for column, examples in enumerate((n, n + more)):
        changed, draws = _with(study, name, scores[:, column], float(examples), seed)
        found.append(simulate(changed, draws, only=[name]).candidates[name])
    priced = study.candidates[name].training is not None
    return LabelsWorth(
        candidate=name, months=study.horizon_months, more=more,
        net_usd=found[1].net_benefit_usd - found[0].net_benefit_usd,
        cost_usd=found[1].cost_usd - found[0].cost_usd if priced else None,
    )  # fmt: skip


def _with(study: Study, name: str, scores: Values, examples: float, seed: int) -> tuple[Study, Draws]:
    """The study and its draws, with this candidate's quality and number of examples in place of its own."""
    candidate = study.candidates[name]
    level = renamed(study.workload.volume, f"{name}.quality by the curve")
    count = renamed(study.workload.volume, f"{name}.examples by the curve")
    training = None if candidate.training is None else replace(candidate.training, examples=count)
    changed = replace(candidate, quality=Quality(level=level), training=training)
    drawn = study.sample(scores.size, seed)
    values = {key: drawn.named(key) for key in drawn.names}
    values |= {level.name: np.asarray(scores), count.name: np.array([examples])}
    providers = {one.prices.provider for one in study.candidates.values() if one.prices is not None}
    paths = {key: path for p in providers if (path := drawn.path(key := f"price_change.{p}")) is not None}
    return replace(study, candidates={**study.candidates, name: changed}), Draws(drawn.n, values, paths)
