"""Qualities drawn together, where a prompt is the one picked of several versions on the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from breakeven.beliefs import Values
from breakeven.evidence import Paired
from breakeven.statistics.joint import joint_posterior
from breakeven.statistics.levels import with_jeffreys_levels
from breakeven.statistics.selection import select_best

__all__ = ["draw_qualities"]


def draw_qualities(
    paired: Paired,
    families: Mapping[int, tuple[int, ...]],
    n_candidates: int,
    errors: Sequence[tuple[float, float]],
    rng: np.random.Generator,
    n: int,
) -> Values:
    """(draws, candidates): joint draws of the candidates' true qualities.

    paired: the candidates' scores in the first ``n_candidates`` columns, those of further versions after them.
    families: column of a candidate → columns of the versions that it was picked from; it is corrected for that.
    errors: for each candidate how far its scores are moved, and how much wider they are drawn than the cases alone say:
    a judge that people corrected, a sealed set that was opened more than once.
    """
    if not families:
        found = _levels(paired, n_candidates, rng, n)
    elif len(families) == 1:
        [(column, versions)] = families.items()
        found = _one_family(paired, column, versions, n_candidates, rng, n)
    else:
        found = _levels(paired, n_candidates, rng, n)
        for column, versions in families.items():
            found[:, column] = _in_order_of(found[:, column], _picked(paired, column, versions, rng, n))
    moved, wider = np.array(errors).T
    if (moved != 0).any() or (wider != 1).any():
        centre = found.mean(axis=0)
        found = np.clip(centre + moved + wider * (found - centre), 0.0, 1.0)
    return found


def _levels(paired: Paired, n_candidates: int, rng: np.random.Generator, n: int) -> Values:
    scores = paired.scores[:, :n_candidates]
    return with_jeffreys_levels(joint_posterior(scores, rng, n, paired.clusters), scores, paired.clusters)


def _one_family(
    paired: Paired,
    column: int,
    versions: tuple[int, ...],
    n_candidates: int,
    rng: np.random.Generator,
    n: int,
) -> Values:
    rest = [other for other in range(n_candidates) if other != column]
    family = [column, *versions]
    others = paired.scores[:, rest] if rest else None
    chosen = select_best(paired.scores[:, family], rng, others=others, clusters=paired.clusters, draws=n)
    found = np.empty((n, n_candidates))
    found[:, column] = chosen.draws[:, 0]
    found[:, rest] = chosen.draws[:, len(family) :]
    return found


def _picked(
    paired: Paired, column: int, versions: tuple[int, ...], rng: np.random.Generator, n: int
) -> Values:
    family = paired.scores[:, [column, *versions]]
    return np.asarray(select_best(family, rng, clusters=paired.clusters, draws=n).draws[:, 0])


def _in_order_of(drawn: Values, corrected: Values) -> Values:
    """The corrected draws, high where ``drawn`` is high: what the candidates have in common stays."""
    placed = np.empty_like(corrected)
    placed[np.argsort(drawn)] = np.sort(corrected)
    return placed
