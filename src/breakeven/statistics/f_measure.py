"""F1 over a whole set of cases, with its interval: it is no mean of the cases' own scores.

Micro-F1 pools the true positives, the false positives and the misses of all cases and labels; macro-F1 is the mean of
the labels' own F1, so that a rare label counts as much as a common one. The interval is the Bayesian bootstrap (Rubin,
1981) over clusters, plus one imagined case that is all right and one that is all wrong, worth half a case each: so a
set without an error has an interval of Jeffreys' kind, never one of width zero.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, check_level, encode, finite
from breakeven.statistics.estimate import Estimate

__all__ = ["CorpusF1", "LabelF1", "corpus_f1"]

_CELLS: Final = 2_000_000
"""Weights drawn at a time: 16 MB."""


@dataclass(frozen=True, kw_only=True)
class LabelF1:
    """One label's figures over all cases."""

    label: Hashable
    precision: float | None
    """None: it was never given."""
    recall: float | None
    """None: it never occurs."""
    f1: Estimate
    support: float
    """How often it occurs."""
    recalled: Estimate | None = None
    """``recall`` with its interval; None: it never occurs."""


@dataclass(frozen=True, kw_only=True)
class CorpusF1:
    """F1 over a whole set."""

    micro: Estimate
    macro: Estimate | None
    """Over the labels that occur; None: there are fewer than two."""
    precision: float | None
    """Pooled; None: nothing was given."""
    recall: float | None
    labels: tuple[LabelF1, ...]
    """Those that occur, in the order given."""


def corpus_f1(
    counts: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    labels: Sequence[Hashable],
    clusters: Iterable[Hashable | None] | None = None,
    level: float = 0.95,
    draws: int = 2_000,
) -> CorpusF1:
    """Micro- and macro-F1 from counts a case.

    counts: (n_cases, n_labels, 3): true positives, false positives, misses. Raises InputError on another shape or a
    negative count, NotEnoughEvidenceError without a case or where no label occurs or was given.
    """
    check_level(level)
    cells = finite(counts, "counts")
    if cells.ndim != 3 or cells.shape[1:] != (len(labels), 3) or (cells < 0).any():
        raise InputError(
            f"counts: shape {cells.shape}; (n_cases, {len(labels)}, 3) without a negative is needed"
        )
    if not len(cells) or not cells.sum():
        raise NotEnoughEvidenceError("no label occurs in any case, and none was given: there is no F1")
    groups = np.arange(len(cells)) if clusters is None else encode(list(clusters), len(cells), "clusters")
    sums = np.zeros((int(groups.max()) + 1, *cells.shape[1:]))
    np.add.at(sums, groups, cells)
    drawn = _drawn(sums, rng, draws)
    return _figures(
        sums, drawn, labels, level, n=len(cells), n_clusters=None if clusters is None else len(sums)
    )


def _drawn(sums: FloatArray, rng: np.random.Generator, draws: int) -> FloatArray:
    """Totals by label under drawn weights of the clusters, (draws, n_labels, 3)."""
    if draws < 1:
        raise InputError(f"draws: {draws}; at least 1 is needed")
    occurring = (sums[:, :, 0] + sums[:, :, 2]).mean(axis=0)
    right, wrong = np.zeros((2, *sums.shape[1:]))
    right[:, 0] = wrong[:, 1] = wrong[:, 2] = occurring
    rows = np.concatenate([sums, right[None], wrong[None]]).reshape(len(sums) + 2, -1)
    shape = np.array([1.0] * len(sums) + [0.5, 0.5])
    step = max(1, _CELLS // len(rows))
    parts = [
        rng.standard_gamma(shape, (min(step, draws - start), len(rows))) @ rows
        for start in range(0, draws, step)
    ]
    return np.concatenate(parts).reshape(draws, *sums.shape[1:])


def _f1(counts: FloatArray) -> FloatArray:
    """2·tp / (2·tp + fp + fn) over the last axis; 0 where there is nothing."""
    tp, fp, fn = np.moveaxis(counts, -1, 0)
    whole = 2 * tp + fp + fn
    return np.asarray(np.divide(2 * tp, whole, out=np.zeros_like(whole), where=whole > 0))


def _figures(
    sums: FloatArray,
    drawn: FloatArray,
    labels: Sequence[Hashable],
    level: float,
    *,
    n: int,
    n_clusters: int | None,
) -> CorpusF1:
    total = sums.sum(axis=0)
    kept: list[int] = np.flatnonzero(total[:, 0] + total[:, 2] > 0).tolist()

    def estimate(value: float, values: FloatArray) -> Estimate:
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        method = "Bayesian bootstrap" + ("" if n_clusters is None else " over clusters")
        return Estimate(
            value=value, low=min(float(low), value), high=max(float(high), value), level=level, n=n,
            method=method, n_clusters=n_clusters,
        )  # fmt: skip

    by_label, by_draw = _f1(total), _f1(drawn)
    pooled = total.sum(axis=0)
    macro = estimate(float(by_label[kept].mean()), by_draw[:, kept].mean(axis=1)) if len(kept) > 1 else None
    return CorpusF1(
        micro=estimate(float(_f1(pooled)), _f1(drawn.sum(axis=1))),
        macro=macro,
        precision=_share(pooled[0], pooled[1]),
        recall=_share(pooled[0], pooled[2]),
        labels=tuple(
            LabelF1(
                label=labels[k], precision=_share(total[k, 0], total[k, 1]), recall=_share(total[k, 0], total[k, 2]),
                f1=estimate(float(by_label[k]), by_draw[:, k]), support=float(total[k, 0] + total[k, 2]),
                recalled=estimate(
                    float(total[k, 0] / (total[k, 0] + total[k, 2])),
                    drawn[:, k, 0] / (drawn[:, k, 0] + drawn[:, k, 2]),
                ),
            )
            for k in kept
        ),
    )  # fmt: skip


def _share(right: float, other: float) -> float | None:
    return float(right / (right + other)) if right + other > 0 else None
