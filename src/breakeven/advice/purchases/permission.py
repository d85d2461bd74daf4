"""Who may be chosen, judged again at each result: where errors have no price, quality bars and admits candidates.

Today's rule is that of ``advice.ranking``: a candidate may be chosen that keeps today's quality, or meets the target,
with a probability of at least one half. Once a result is there, the probability is that *given the result*, by
regression of the indicator on it; the choice is the best mean among those that may then be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from breakeven.advice.ranking import NOT_WORSE, Ranking, can_serve
from breakeven.beliefs import Values
from breakeven.economics.outcome import Outcome
from breakeven.statistics.information import Worth
from breakeven.statistics.regression import Splines
from breakeven.study.model import Study

__all__ = ["Permission", "permission_of"]

FIT_ERRORS: Final = 2.0
"""A fitted probability within this many standard errors of one half changes nobody's standing, nor does a result that
betters the forecast of quality by less."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Whether each of some candidates is good enough in each draw."""

    names: tuple[str, ...]
    """All that can serve, barred today or not."""
    allowed: Flags
    """(names,) as it stands."""
    good: Values
    """(n, 2·names) 1 where quality is today's, then 1 where it meets the target."""

    def choices(
        self, splines: Splines, gain: Values, *, cross_fitted: bool
    ) -> tuple[Values, npt.NDArray[np.intp]]:
        """Expected gains (n, names), and the place of the choice, at each result.

        gain: (n, names) net benefit over the choice as it stands, which stays where nobody else may be chosen.
        """
        crossed = splines.cross_fit(np.hstack([gain, self.good]))
        fitted = crossed if cross_fitted else splines.fit(np.hstack([gain, self.good]))
        k = len(self.names)
        expected, chance = fitted[:, :k], np.maximum(fitted[:, k : 2 * k], fitted[:, 2 * k :])
        margin = FIT_ERRORS * 0.5 * float(np.sqrt(splines.columns / gain.shape[0]))
        told = _tells(self.good, crossed[:, k:]).reshape(2, k).any(axis=0)
        may = np.where(told & (np.abs(chance - 0.5) > margin), chance > 0.5, self.allowed)
        place = np.where(may, expected, -np.inf).argmax(axis=1)
        stays = int(np.where(self.allowed, gain.mean(axis=0), -np.inf).argmax())
        return expected, np.where(may.any(axis=1), place, stays)

    def worth(self, x: Values, benefits: Values) -> tuple[Worth, bool]:
        """What the results (n, d) gain in money, never below 0; and whether they would rather bar the choice.

        Sums of splines, not products: a probability needs fewer coefficients, and money and quality hardly interact.
        """
        splines, rows = Splines(x), np.arange(len(x))
        stays = int(np.where(self.allowed, benefits.mean(axis=0), -np.inf).argmax())
        gain = benefits - benefits[:, [stays]]
        expected, chosen = self.choices(splines, gain, cross_fitted=False)
        picked = expected[rows, chosen]
        earned = gain[rows, self.choices(splines, gain, cross_fitted=True)[1]]
        error, fair_error = (float(v.std(ddof=1) / np.sqrt(v.size)) for v in (picked, earned))
        raw, fair = float(picked.mean()), float(earned.mean())
        worth = Worth(
            value=max(0.0, raw), cross_fitted=max(0.0, fair), standard_error=error, cross_fitted_error=fair_error,
            n=rows.size,
        )  # fmt: skip
        return worth, fair < -2 * fair_error


def _tells(good: Values, chance: Values) -> Flags:
    """Whether a result says anything of each indicator: fits that have not seen the draw beat the mean."""
    gained = (good - good.mean(axis=0)) ** 2 - (good - chance) ** 2
    error = gained.std(axis=0, ddof=1) / np.sqrt(len(gained))
    return np.asarray(gained.mean(axis=0) > FIT_ERRORS * error)


def permission_of(study: Study, outcome: Outcome, ranking: Ranking, n: int) -> Permission | None:
    """None where errors have a price, or where nobody's standing could change."""
    if study.workload.error_cost is not None or study.workload.value is not None:
        return None
    names = can_serve(study)
    good = _good(study, outcome, names, n)
    if not bool(np.any((good > 0).any(axis=0) & (good < 1).any(axis=0))):
        return None
    standing = dict(zip(ranking.names, ranking.eligible, strict=True))
    return Permission(names=names, allowed=np.array([standing[name] for name in names]), good=good)


def _good(study: Study, outcome: Outcome, names: Sequence[str], n: int) -> Values:
    def quality(name: str) -> Values:
        return np.broadcast_to(outcome.candidates[name].quality, (outcome.n,))[:n]

    todays, target = quality(study.today), study.workload.target
    keeps = [quality(name) >= todays - NOT_WORSE for name in names]
    meets = [np.zeros(n, bool) if target is None else quality(name) >= target.centre for name in names]
    return np.stack([*keeps, *meets], axis=1).astype(np.float64)
