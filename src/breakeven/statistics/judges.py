"""What an LLM judge's verdicts are worth once people have checked some of them.

A judge errs, and errs to one side: its raw pass rate covers the truth .08 to .22 of the time at a nominal .90. So
``judged_accuracy`` takes the judge's verdict only as a way to sort the cases, and the share of right answers within
each verdict from human labels (post-stratification, Beta(½, ½) in each stratum): .90 to .92. For graded scores
``judged_mean`` uses the judge as a control variate with the best power (PPI++: Angelopoulos, Duchi and Zrnic, 2023).
The cases that people label must be a random sample, at least within each verdict. Cases of one cluster (a customer, a
document, the repeats of one case) are drawn whole, and intervals widened by Student's t over the clusters with labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, IntArray, check_level, encode, scores_vector
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import clustered_wilson, t_mean, wilson
from breakeven.statistics.joint import drawn_totals
from breakeven.statistics.sample_size import Needed, design_effect
from breakeven.statistics.summary import quantiles

__all__ = [
    "JudgedAccuracy",
    "JudgedMean",
    "Ppi",
    "Stratum",
    "judged_accuracy",
    "judged_mean",
    "labels_for_claim",
    "labels_for_half_width",
    "ppi",
    "widened",
]

Clusters = Sequence[Hashable | None] | npt.NDArray[np.generic]

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
    clusters: Clusters | None = None,
    level: float = 0.90,
    draws: int = 20_000,
) -> JudgedAccuracy:
    """Share of right answers from a judge's verdicts on all cases and human labels on some.

    verdicts: (n_cases,) right/wrong as 1/0 or True/False, or any few categories. human: (n_cases,) 1, 0, or NaN where
    nobody looked. clusters: (n_cases,) label of the group a case belongs to; None within it stands alone. Raises
    NotEnoughEvidenceError without a single label.
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
    groups = None if clusters is None else encode(clusters, labels.size, "clusters")
    if draws < 1:
        raise InputError(f"draws: {draws}; at least 1 is needed")
    if groups is None:
        drawn, right = _accuracy_draws(strata, rng, draws)
    else:
        drawn, right = _clustered_draws(strata, codes, labels, groups, rng, draws)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    corrected = Estimate(
        value=float(drawn.mean()),
        low=float(low),
        high=float(high),
        level=level,
        n=labels.size,
        method=f"post-stratified by verdict, {int(seen.sum())} human labels"
        + ("" if groups is None else ", over clusters"),
        n_clusters=None if groups is None else int(groups.max()) + 1,
    )
    return JudgedAccuracy(
        corrected=corrected,
        raw=_raw(strata, codes, groups, level),
        strata=strata,
        n_labels=int(seen.sum()),
        enough_labels=int(seen.sum()) >= LEAST_LABELS and all(s.n_labels for s in strata),
        draws=drawn,
        right_draws=right,
    )


@dataclass(frozen=True, kw_only=True)
class Ppi:
    """A mean by people, with a judge as a control."""

    value: float
    error: float
    """Standard error."""
    freedom: int
    """Degrees of freedom of its Student's t."""
    weight: float
    """How much of the judge was used, 0 to 1."""


def ppi(
    people: FloatArray, judge: FloatArray, rest: FloatArray, groups: IntArray | None = None,
    seen: npt.NDArray[np.bool_] | None = None,
) -> Ppi:  # fmt: skip
    """The power-tuned mean (PPI++) from people's values (m,), the judge's on the same (m,) and on the rest (r,).

    groups: (m + r,) code of each case's cluster, in the cases' own order, of which ``seen`` are the labelled ones.
    """
    m, r, weight = people.size, rest.size, 0.0
    if r >= 2 and float(judge.var()) > 0:
        share = float(np.cov(people, judge)[0, 1]) / (float(judge.var(ddof=1)) * (1 + m / r))
        weight = min(max(share, 0.0), 1.0)
    left = people - weight * judge
    value = float(left.mean()) + (weight * float(rest.mean()) if weight else 0.0)
    if groups is None or seen is None:
        variance = float(left.var(ddof=1)) / m + (weight**2 * float(rest.var(ddof=1)) / r if weight else 0.0)
        return Ppi(value=value, error=math.sqrt(variance), freedom=m - 1, weight=weight)
    moved = np.zeros(groups.size)
    moved[seen] = (left - left.mean()) / m
    if weight:
        moved[~seen] = weight * (rest - rest.mean()) / r
    sums = np.bincount(groups, weights=moved)
    n = max(int(np.unique(groups[seen]).size), 2)
    return Ppi(
        value=value, error=math.sqrt(float((sums**2).sum()) * n / (n - 1)), freedom=n - 1, weight=weight
    )


def judged_mean(
    judge: npt.ArrayLike, human: npt.ArrayLike, *, clusters: Clusters | None = None, level: float = 0.90
) -> JudgedMean:
    """Mean graded score from a judge's grades on all cases and human grades on some (PPI++, power-tuned).

    judge: (n_cases,) within 0..1. human: (n_cases,) within 0..1, NaN where nobody looked. clusters: as in
    ``judged_accuracy``. Under ``LEAST_FOR_PPI`` human grades, or where all cases have one, people alone are used, and
    the method says so.
    """
    check_level(level)
    grades = scores_vector(judge, "judge")
    labels, seen = _labels(human)
    if labels.size != grades.size:
        raise InputError(f"judge has {grades.size} grades and human {labels.size}; one a case is needed")
    scores_vector(labels[seen], "human")
    y, f, rest = labels[seen], grades[seen], grades[~seen]
    groups = None if clusters is None else encode(clusters, labels.size, "clusters")
    raw, alone = (
        t_mean(values, clusters=codes, level=level)
        for values, codes in ((grades, groups), (y, None if groups is None else groups[seen]))
    )
    if y.size < LEAST_FOR_PPI or rest.size < 2 or float(f.var()) == 0:
        return JudgedMean(corrected=alone, raw=raw, n_labels=y.size, weight=0.0, labels_saved=0.0)
    found = ppi(y, f, rest, groups, seen)
    half = float(special.stdtrit(found.freedom, (1 + level) / 2)) * found.error
    corrected = Estimate(
        value=found.value, low=found.value - half, high=found.value + half, level=level, n=grades.size,
        method=f"PPI++ with weight {found.weight:.2f}, {y.size} human grades"
        + ("" if groups is None else ", over clusters"),
        n_clusters=None if groups is None else int(groups.max()) + 1,
    )  # fmt: skip
    saved = 0.0
    if found.error > 0:
        saved = float(y.var(ddof=1)) / found.error**2 - y.size
    return JudgedMean(
        corrected=corrected, raw=raw, n_labels=y.size, weight=found.weight, labels_saved=max(0.0, saved)
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
    weights = rng.dirichlet([s.n_cases + 0.5 for s in strata], draws)
    right = np.column_stack([rng.beta(s.n_right + 0.5, s.n_labels - s.n_right + 0.5, draws) for s in strata])
    return np.asarray((weights * right).sum(axis=1)), right


def _clustered_draws(
    strata: Sequence[Stratum], codes: IntArray, labels: FloatArray, groups: IntArray, rng: np.random.Generator,
    draws: int,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """The same from weights of whole clusters, with the priors' cases as heavy as one independent case is."""
    k, seen = len(strata), ~np.isnan(labels)
    inside = np.eye(k)[codes]
    looked, right = inside * seen[:, None], inside * np.nan_to_num(labels)[:, None]
    rows = np.column_stack([np.bincount(groups, weights=c) for c in np.hstack([inside, looked, right]).T])
    effect = design_effect(_influence(strata, codes, labels, seen), groups)
    prior = np.zeros((3 * k, 3 * k))
    prior[:k, :k] = prior[k : 2 * k, k : 2 * k] = prior[2 * k :, k : 2 * k] = np.eye(k)
    prior[k : 2 * k, 2 * k :] = np.eye(k)
    table, shapes = np.vstack([rows, effect * prior]), np.append(np.ones(len(rows)), np.full(3 * k, 0.5))
    drawn, by_verdict = np.empty(draws), np.empty((draws, k))
    for where, total in drawn_totals(table, shapes, draws, rng):
        shares = total[:, :k] / total[:, :k].sum(axis=1, keepdims=True)
        by_verdict[where] = total[:, 2 * k :] / total[:, k : 2 * k]
        drawn[where] = (shares * by_verdict[where]).sum(axis=1)
    return widened(drawn, groups[seen], 0.0), by_verdict


def _influence(
    strata: Sequence[Stratum], codes: IntArray, labels: FloatArray, seen: npt.NDArray[np.bool_]
) -> FloatArray:
    """(n,) how far each case moves the accuracy, times n."""
    right = np.array([(s.n_right + 0.5) / (s.n_labels + 1) for s in strata])[codes]
    share = np.array([max(s.n_labels, 1) / s.n_cases for s in strata])[codes]
    moved = right + np.where(seen, np.nan_to_num(labels) - right, 0.0) / share
    return np.asarray(moved - moved.mean())


def widened(drawn: FloatArray, labelled_groups: IntArray, lowest: float) -> FloatArray:
    """Draws as far apart as Student's t has it for the clusters with labels, since few do not show their own spread.

    labelled_groups: the cluster of each labelled case. lowest: draws stay within it and 1.
    """
    n = max(int(np.unique(labelled_groups).size), 2)
    factor = float(special.stdtrit(n - 1, 0.95) / special.ndtri(0.95))
    centre = drawn.mean()
    return np.asarray(np.clip(centre + factor * (drawn - centre), lowest, 1.0))


def _raw(
    strata: Sequence[Stratum], codes: IntArray, groups: IntArray | None, level: float
) -> Estimate | None:
    if not all(s.verdict in (0, 1) for s in strata):
        return None
    passed = np.array([float(s.verdict == 1) for s in strata])[codes]
    found = (
        wilson(int(passed.sum()), passed.size, level=level) if groups is None
        else clustered_wilson(passed, clusters=groups, level=level)
    )  # fmt: skip
    return replace(found, method="judge alone, not checked")


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
