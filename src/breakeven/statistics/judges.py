"""What an LLM judge's verdicts are worth once people have checked some of them.

A judge errs, and errs to one side: its raw pass rate covers the truth .08 to .22 of the time at a nominal .90. So
``judged_accuracy`` takes the judge's verdict only as a way to sort the cases, and the share of right answers within
each verdict from human labels (post-stratification, Beta(½, ½) in each stratum): .90 to .92. For graded scores
``judged_mean`` uses the judge as a control variate with the best power (PPI++: Angelopoulos, Duchi and Zrnic, 2023).
The cases that people label must be a random sample, at least within each verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, check_level, encode, scores_vector
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import t_mean, wilson
from breakeven.statistics.sample_size import Needed
from breakeven.statistics.summary import quantiles

__all__ = [
    "JudgedAccuracy",
    "JudgedMean",
    "Stratum",
    "judged_accuracy",
    "judged_mean",
    "labels_for_claim",
    "labels_for_half_width",
]

LEAST_LABELS = 50
"""Human labels under which the page should ask for more before it shows a corrected figure as settled."""
LEAST_FOR_PPI = 100
"""Human labels under which the judge is left out of a graded mean: its best weight is not yet known."""


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """The cases that got one verdict."""

    verdict: Hashable
    n_cases: int
    n_labels: int
    """Of them with a human label."""
    n_right: int
    """Of the labelled ones right, say the people."""


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedAccuracy:
    """Share of right answers: by people, spread over all cases by the judge's verdicts."""

    corrected: Estimate
    raw: Estimate | None
    """The judge's own pass rate, to be shown beside; None where verdicts are not right or wrong."""
    strata: tuple[Stratum, ...]
    n_labels: int
    enough_labels: bool
    """Whether there are at least ``LEAST_LABELS`` human labels, and one in each stratum."""
    draws: FloatArray
    """Posterior draws of the accuracy, (draws,)."""
    right_draws: FloatArray
    """Posterior draws of the share right within each verdict, (draws, strata)."""


@dataclass(frozen=True, kw_only=True)
class JudgedMean:
    """Mean of graded scores: by people, with the judge's grades as a control."""

    corrected: Estimate
    raw: Estimate
    """The judge's own mean over all cases, to be shown beside."""
    n_labels: int
    weight: float
    """How much of the judge was used, 0 (people alone) to 1."""
    labels_saved: float
    """Human labels that the judge stood in for: what people alone would need for this width, less what there are."""


def judged_accuracy(
    verdicts: Sequence[Hashable] | npt.NDArray[np.generic],
    human: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    level: float = 0.90,
    draws: int = 20_000,
) -> JudgedAccuracy:
    """Share of right answers from a judge's verdicts on all cases and human labels on some.

    verdicts: (n_cases,) right/wrong as 1/0 or True/False, or any few categories. human: (n_cases,) 1, 0, or NaN where
    nobody looked. Raises NotEnoughEvidenceError without a single label.
    """
    check_level(level)
    labels, seen = _labels(human)
    if not np.isin(labels[seen], (0.0, 1.0)).all():
        raise InputError(
            "human: labels of 1 (right), 0 (wrong) or NaN are needed; `judged_mean` takes grades"
        )
    codes = encode(verdicts, labels.size, "verdicts")
    names = list(dict.fromkeys(np.asarray(verdicts).tolist()))
    strata = tuple(_stratum(name, codes == k, labels, seen) for k, name in enumerate(names))
    drawn, right = _accuracy_draws(strata, rng, draws)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    corrected = Estimate(
        value=float(drawn.mean()),
        low=float(low),
        high=float(high),
        level=level,
        n=labels.size,
        method=f"post-stratified by verdict, {int(seen.sum())} human labels",
    )
    return JudgedAccuracy(
        corrected=corrected,
        raw=_raw(strata, labels.size, level),
        strata=strata,
        n_labels=int(seen.sum()),
        enough_labels=int(seen.sum()) >= LEAST_LABELS and all(s.n_labels for s in strata),
        draws=drawn,
        right_draws=right,
    )


def judged_mean(judge: npt.ArrayLike, human: npt.ArrayLike, *, level: float = 0.90) -> JudgedMean:
    """Mean graded score from a judge's grades on all cases and human grades on some (PPI++, power-tuned).

    judge: (n_cases,) within 0..1. human: (n_cases,) within 0..1, NaN where nobody looked. Under ``LEAST_FOR_PPI``
    human grades, or where all cases have one, people alone are used, and the method says so.
    """
    check_level(level)
    grades = scores_vector(judge, "judge")
    labels, seen = _labels(human)
    if labels.size != grades.size:
        raise InputError(f"judge has {grades.size} grades and human {labels.size}; one a case is needed")
    scores_vector(labels[seen], "human")
    y, f, rest = labels[seen], grades[seen], grades[~seen]
    raw, alone = t_mean(grades, level=level), t_mean(y, level=level)
    if y.size < LEAST_FOR_PPI or rest.size < 2 or float(f.var()) == 0:
        return JudgedMean(corrected=alone, raw=raw, n_labels=y.size, weight=0.0, labels_saved=0.0)
    share = float(np.cov(y, f)[0, 1]) / (float(f.var(ddof=1)) * (1 + y.size / rest.size))
    weight = min(max(share, 0.0), 1.0)
    value = float(y.mean() + weight * (rest.mean() - f.mean()))
    variance = float((y - weight * f).var(ddof=1)) / y.size + weight**2 * float(rest.var(ddof=1)) / rest.size
    half = float(special.stdtrit(y.size - 1, (1 + level) / 2)) * math.sqrt(variance)
    method = f"PPI++ with weight {weight:.2f}, {y.size} human grades"
    corrected = Estimate(
        value=value, low=value - half, high=value + half, level=level, n=grades.size, method=method
    )
    saved = float(y.var(ddof=1)) / variance - y.size if variance > 0 else 0.0
    return JudgedMean(
        corrected=corrected, raw=raw, n_labels=y.size, weight=weight, labels_saved=max(0.0, saved)
    )


def labels_for_half_width(judged: JudgedAccuracy, half_width: float, *, level: float = 0.90) -> Needed:
    """Human labels in all for an interval of ± ``half_width`` (a share), were they spread over the verdicts best.

    None where no number of labels on these cases does it: then more *cases* are needed.
    """
    check_level(level)
    if half_width <= 0:
        raise InputError(f"half-width {half_width:g}: a share above 0 is needed, such as 0.03")
    wanted = (half_width / float(special.ndtri((1 + level) / 2))) ** 2
    return _labels_needed(
        judged, lambda accuracy: np.full_like(accuracy, wanted), f"±{half_width:.1%} at {level:.0%}"
    )


def labels_for_claim(judged: JudgedAccuracy, threshold: float, *, confidence: float = 0.95) -> Needed:
    """Human labels in all to show that the accuracy is above ``threshold``, or below it, whichever seems true.

    With that many the chance of showing it is one half if the accuracy is as now estimated; low and high are the same
    over the 80% range that today's labels leave. None: no number of labels on these cases does it.
    """
    check_level(confidence)
    z = float(special.ndtri(confidence))
    sign = 1.0 if judged.corrected.value >= threshold else -1.0

    def wanted(accuracy: FloatArray) -> FloatArray:
        return np.asarray((np.maximum(sign * (accuracy - threshold), 0) / z) ** 2)

    return _labels_needed(judged, wanted, f"accuracy {'above' if sign > 0 else 'below'} {threshold:.1%}")


def _labels(human: npt.ArrayLike) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    labels = np.asarray(human, dtype=np.float64)
    if labels.ndim != 1:
        raise InputError(f"human: shape {labels.shape}; one label or NaN a case is needed, shape (n_cases,)")
    seen = ~np.isnan(labels)
    if not seen.any():
        raise NotEnoughEvidenceError(
            f"human: none of {labels.size} cases has a human label; a judge alone is not evidence. "
            f"Label at least {LEAST_LABELS} cases drawn at random."
        )
    return labels, seen


def _stratum(
    name: Hashable, inside: npt.NDArray[np.bool_], labels: FloatArray, seen: npt.NDArray[np.bool_]
) -> Stratum:
    return Stratum(
        verdict=name,
        n_cases=int(inside.sum()),
        n_labels=int((inside & seen).sum()),
        n_right=int(labels[inside & seen].sum()),
    )


def _accuracy_draws(
    strata: Sequence[Stratum], rng: np.random.Generator, draws: int
) -> tuple[FloatArray, FloatArray]:
    """The accuracy, and the share right in each verdict.

    The verdicts' weights are drawn too (Dirichlet(½)), since the cases are a sample themselves.
    """
    if draws < 1:
        raise InputError(f"draws: {draws}; at least 1 is needed")
    weights = rng.dirichlet([s.n_cases + 0.5 for s in strata], draws)
    right = np.column_stack([rng.beta(s.n_right + 0.5, s.n_labels - s.n_right + 0.5, draws) for s in strata])
    return np.asarray((weights * right).sum(axis=1)), right


def _raw(strata: Sequence[Stratum], n: int, level: float) -> Estimate | None:
    if not all(s.verdict in (0, 1) for s in strata):
        return None
    passed = sum(s.n_cases for s in strata if s.verdict == 1)
    found = wilson(passed, n, level=level)
    return Estimate(
        value=found.value, low=found.low, high=found.high, level=level, n=n, method="judge alone, not checked"
    )


def _labels_needed(
    judged: JudgedAccuracy, wanted: Callable[[FloatArray], FloatArray], purpose: str
) -> Needed:
    """Neyman allocation: labels m with (Σ w·s)²/m + variance of the case sample = wanted variance."""
    n = judged.corrected.n
    weights = np.array([s.n_cases / n for s in judged.strata])
    now = np.array([[(s.n_right + 0.5) / (s.n_labels + 1) for s in judged.strata]])
    right = np.vstack([now, judged.right_draws])
    accuracy = right @ weights
    spread = (np.sqrt(right * (1 - right)) @ weights) ** 2
    left = wanted(accuracy) - (right - accuracy[:, None]) ** 2 @ weights / n
    counts = np.where(left > 0, spread / np.maximum(left, 1e-300), np.inf)
    # An infinite count has no place in an average of two quantiles.
    ends = quantiles(counts[1:], [0.1, 0.9])
    value, low, high = (math.ceil(c) if c <= n else None for c in (float(counts[0]), *ends))
    if value is not None:
        low, high = min(low or value, value), None if high is None else max(high, value)
    return Needed(n=value, low=low, high=high, have=judged.n_labels, unit="human labels", purpose=purpose)
