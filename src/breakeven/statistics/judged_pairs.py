"""Two candidates that one judge scored, by what people say: the difference, and the labels that would settle it.

A judge that favours one style moves a difference as well as a score. So the difference is made of people's labels too:
for pass or fail, each candidate's share of right answers within each verdict (Beta(½, ½)) times how often the judge
gave it, draw by draw on the paired cases, so that a case which people saw for both counts as a pair; for marks, PPI++
on the differences (Angelopoulos, Duchi and Zrnic, 2023). Clusters are drawn whole (the Bayesian bootstrap over
clusters, Rubin, 1981), and widened by Student's t over those that hold labels.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, IntArray, check_level, encode, scores_vector
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.joint import drawn_totals
from breakeven.statistics.judges import LEAST_FOR_PPI, LEAST_LABELS, ppi, widened
from breakeven.statistics.margins import NonInferiority, inferiority_at
from breakeven.statistics.sample_size import Needed, design_effect
from breakeven.statistics.summary import quantiles

__all__ = ["JudgedDifference", "judged_difference", "judged_mean_difference"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]
_POWER: Final = 0.8
_FEWEST_BOTH: Final = 20
"""Cases labelled for both under which their labels are planned with as if they were unrelated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedDifference:
    """Candidate b less candidate a, as people would score them."""

    difference: Estimate
    p_b_better: float
    inferiority: NonInferiority
    n_labels: tuple[int, int]
    """Human labels of a and of b, on the paired cases."""
    n_both: int
    """Cases whose answers have one for both."""
    labels_needed: Needed | None
    """Labelled answers of each candidate to show that b is within the margin, or that it is not, whichever seems true;
    None: marks, where it is not computed."""
    draws: FloatArray
    """(draws,) of the difference."""

    def at(self, level: float, method: str) -> Estimate:
        """The difference with its interval at another level; ``method`` is added to how it was made."""
        low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2])
        it = self.difference
        return replace(it, low=min(float(low), it.value), high=max(float(high), it.value), level=level,
                       method=f"{it.method}, {method}")  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """One candidate on the paired cases."""

    verdict: IntArray
    """(n,) 0 or 1."""
    label: FloatArray
    """(n,) 1, 0, or NaN where nobody looked."""

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        return ~np.isnan(self.label)

    @property
    def n_labels(self) -> int:
        return int(self.seen.sum())

    def right(self) -> FloatArray:
        """(2,) share right within either verdict, with the prior's label."""
        inside = [self.seen & (self.verdict == v) for v in (0, 1)]
        return np.array([(self.label[k].sum() + 0.5) / (k.sum() + 1) for k in inside])

    def columns(self) -> FloatArray:
        """(n, 4): labelled under a fail, of them right; the same under a pass."""
        parts = []
        for v in (0, 1):
            inside = self.seen & (self.verdict == v)
            parts += [inside.astype(float), np.where(inside, np.nan_to_num(self.label), 0.0)]
        return np.column_stack(parts)


def judged_difference(
    verdicts: tuple[npt.ArrayLike, npt.ArrayLike],
    human: tuple[npt.ArrayLike, npt.ArrayLike],
    rng: np.random.Generator,
    *,
    margin: float = 0.01,
    clusters: Labels | None = None,
    level: float = 0.95,
    assumed_difference: float | None = None,
    draws: int = 20_000,
) -> JudgedDifference:
    """The difference in the share of right answers, b less a, from verdicts on all cases and labels on some.

    verdicts: (n,) 1 or 0, of a and of b on the same cases, row for row. human: (n,) 1, 0, or NaN where nobody looked.
    assumed_difference: plan labels for this true difference (0: equally good) instead of the one seen.
    Raises NotEnoughEvidenceError under ``LEAST_LABELS`` labels of either, or where one of its verdicts has none.
    """
    check_level(level)
    a, b = (_side(v, h) for v, h in zip(verdicts, human, strict=True))
    n = a.verdict.size
    if b.verdict.size != n:
        raise InputError(f"a has {n} verdicts and b has {b.verdict.size}; both must be on the same cases")
    groups = None if clusters is None else encode(clusters, n, "clusters")
    drawn = _difference_draws(a, b, groups, rng, draws)
    planned = drawn if assumed_difference is None else np.full(1, assumed_difference)
    to_decide = _labels_to_decide(a, b, groups, planned, margin, level)
    how = f"post-stratified by verdict, {a.n_labels:,} and {b.n_labels:,} human labels"
    return _found(drawn, float(drawn.mean()), (a, b), groups, margin, level, how, to_decide)


def _side(verdicts: npt.ArrayLike, human: npt.ArrayLike) -> _Side:
    given, labels = np.asarray(verdicts), np.asarray(human, dtype=np.float64)
    if given.ndim != 1 or labels.shape != given.shape:
        raise InputError(
            f"verdicts {given.shape}, human {labels.shape}: one of each a case is needed, shape (n,)"
        )
    known = labels[~np.isnan(labels)]
    if not np.isin(given, (0, 1)).all() or not np.isin(known, (0, 1)).all():
        raise InputError(
            "verdicts and human labels of 1 or 0 are needed; `judged_mean_difference` takes marks"
        )
    side = _Side(verdict=given.astype(np.int64), label=labels)
    if side.n_labels < LEAST_LABELS:
        raise NotEnoughEvidenceError(
            f"{side.n_labels} human labels on paired cases; at least {LEAST_LABELS} are needed"
        )
    for v, word in ((0, "failed"), (1, "passed")):
        cases = side.verdict == v
        if cases.any() and not (cases & side.seen).any():
            raise NotEnoughEvidenceError(
                f"none of the {int(cases.sum())} answers that the judge {word} has a label"
            )
    return side


def _difference_draws(
    a: _Side, b: _Side, groups: IntArray | None, rng: np.random.Generator, draws: int
) -> FloatArray:
    """Draws (draws,) of the difference: weights of cases, or of clusters, that verdicts and labels share."""
    pattern = np.eye(4)[2 * a.verdict + b.verdict]
    rows = np.hstack([pattern, a.columns(), b.columns()])
    effect = design_effect(_influence(a, b), groups)
    if groups is not None:
        rows = np.column_stack([np.bincount(groups, weights=column) for column in rows.T])
    prior, shapes = _prior_rows()
    table, shape = np.vstack([rows, effect * prior]), np.append(np.ones(len(rows)), shapes)
    out = np.empty(draws)
    for where, total in drawn_totals(table, shape, draws, rng):
        share = total[:, :4] / total[:, :4].sum(axis=1, keepdims=True)
        right = total[:, 5::2] / total[:, 4::2]  # a failed, a passed, b failed, b passed
        of_a = (share[:, 0] + share[:, 1]) * right[:, 0] + (share[:, 2] + share[:, 3]) * right[:, 1]
        of_b = (share[:, 0] + share[:, 2]) * right[:, 2] + (share[:, 1] + share[:, 3]) * right[:, 3]
        out[where] = of_b - of_a
    return out if groups is None else widened(out, groups[a.seen | b.seen], -1.0)


def _prior_rows() -> tuple[FloatArray, FloatArray]:
    """What is imagined beside the cases: a label right and one wrong, half each, in each verdict of each candidate;
    and half a case of each verdict."""
    labels = np.zeros((8, 12))
    for k in range(4):
        labels[2 * k : 2 * k + 2, 4 + 2 * k] = 1
        labels[2 * k, 5 + 2 * k] = 1
    patterns = np.zeros((4, 12))
    patterns[:, :4] = np.eye(4)
    return np.vstack([labels, patterns]), np.append(np.full(8, 0.5), np.full(4, 0.25))


def _influence(a: _Side, b: _Side) -> FloatArray:
    """(n,) how far each case moves the difference, times n."""
    total = np.zeros(a.verdict.size)
    for side, sign in ((a, -1.0), (b, 1.0)):
        fitted = side.right()[side.verdict]
        off = np.where(side.seen, np.nan_to_num(side.label) - fitted, 0.0)
        weight = np.array([_labelled_share(side, v) for v in (0, 1)])[side.verdict]
        total += sign * (fitted + off / weight)
    return np.asarray(total - total.mean())


def _labelled_share(side: _Side, verdict: int) -> float:
    cases = side.verdict == verdict
    return float((cases & side.seen).sum() / cases.sum()) if cases.any() else 1.0


def _labels_to_decide(
    a: _Side, b: _Side, groups: IntArray | None, drawn: FloatArray, margin: float, confidence: float
) -> Needed:
    """Labels m of each, on the same cases, with which variance C + S/m tells the margin at a power of 80%.

    C: of the verdicts among the cases. S: of what people say given the verdict, the two answers to a case together.
    """
    n, have = a.verdict.size, min(a.n_labels, b.n_labels)
    parts = [side.right()[side.verdict] for side in (a, b)]
    offs = [side.label - part for side, part in zip((a, b), parts, strict=True)]
    alone = sum(float((part * (1 - part)).mean()) for part in parts)
    both = a.seen & b.seen
    shared = 2 * float((offs[0] * offs[1])[both].mean()) if int(both.sum()) >= _FEWEST_BOTH else 0.0
    ahead = parts[1] - parts[0]
    of_cases = float(ahead.var()) / n * design_effect(ahead, groups)
    codes = None if groups is None else groups[both]
    of_labels = max(alone - shared, 1e-6)
    if int(both.sum()) >= _FEWEST_BOTH:
        of_labels *= design_effect((offs[1] - offs[0])[both], codes)
    z = float(special.ndtri(confidence) + special.ndtri(_POWER))
    within = drawn.mean() > -margin
    room = np.append(drawn.mean(), drawn) + margin
    left = (np.maximum(room if within else -room, 0.0) / z) ** 2 - of_cases
    counts = np.where(left > 0, of_labels / np.maximum(left, 1e-300), np.inf)
    value, low, high = (
        math.ceil(c) if c <= n else None for c in (counts[0], *quantiles(counts[1:], [0.1, 0.9]))
    )
    if value is not None:
        low, high = min(low or value, value), None if high is None else max(high, value)
    what = f"show {'at most' if within else 'more than'} {100 * margin:g} points worse, power {_POWER:.0%}"
    return Needed(n=value, low=low, high=high, have=have, unit="labelled answers of each", purpose=what)


def _found(
    drawn: FloatArray, value: float, sides: tuple[_Side, _Side], groups: IntArray | None, margin: float, level: float,
    how: str, needed: Needed | None,
) -> JudgedDifference:  # fmt: skip
    a, b = sides
    n_clusters = None if groups is None else int(groups.max()) + 1
    method = how if groups is None else f"{how}, over clusters"

    def at(wide: float) -> Estimate:
        low, high = np.quantile(drawn, [(1 - wide) / 2, (1 + wide) / 2])
        return Estimate(value=value, low=min(float(low), value), high=max(float(high), value), level=wide,
                        n=a.label.size, method=method, n_clusters=n_clusters)  # fmt: skip

    return JudgedDifference(
        difference=at(level),
        p_b_better=float((drawn > 0).mean()),
        inferiority=inferiority_at(
            at(round(2 * level - 1, 12)), float((drawn > -margin).mean()), margin=margin, confidence=level
        ),
        n_labels=(a.n_labels, b.n_labels),
        n_both=int((a.seen & b.seen).sum()),
        labels_needed=needed,
        draws=drawn,
    )


def judged_mean_difference(
    marks: tuple[npt.ArrayLike, npt.ArrayLike],
    human: tuple[npt.ArrayLike, npt.ArrayLike],
    rng: np.random.Generator,
    *,
    margin: float = 0.01,
    clusters: Labels | None = None,
    level: float = 0.95,
    draws: int = 20_000,
) -> JudgedDifference:
    """The difference in mean marks, b less a: PPI++ on the differences of cases that people marked for both.

    marks: (n,) the judge's, within 0..1, of a and of b; human: (n,) people's, NaN where nobody looked. Raises
    NotEnoughEvidenceError under ``LEAST_FOR_PPI`` cases that people marked for both.
    """
    check_level(level)
    first, second = (scores_vector(given, "marks") for given in marks)
    sides = tuple(_Side(verdict=np.zeros(first.size, dtype=np.int64), label=np.asarray(h, dtype=np.float64))
                  for h in human)  # fmt: skip
    a, b = sides
    if first.shape != second.shape or any(side.label.shape != first.shape for side in sides):
        raise InputError("marks and human marks of a and b: one of each a case is needed, on the same cases")
    both = a.seen & b.seen
    if int(both.sum()) < LEAST_FOR_PPI:
        raise NotEnoughEvidenceError(
            f"{int(both.sum())} cases that people marked for both candidates; at least {LEAST_FOR_PPI} are needed"
        )
    groups = None if clusters is None else encode(clusters, first.size, "clusters")
    found = ppi((b.label - a.label)[both], (second - first)[both], (second - first)[~both], groups, both)
    drawn = found.value + found.error * special.stdtrit(found.freedom, rng.random(draws))
    how = f"PPI++ on differences with weight {found.weight:.2f}, {int(both.sum()):,} cases marked for both"
    value = min(max(found.value, -1.0), 1.0)
    return _found(np.clip(drawn, -1.0, 1.0), value, (a, b), groups, margin, level, how, None)
