"""How often a candidate's answers are right, draw by draw."""

from __future__ import annotations

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.world import Schedules, World
from breakeven.errors import InputError

__all__ = ["mean_quality", "quality"]


def quality(world: World) -> Values:
    """Share of right answers, shape (n,) or (1,), while the candidate serves.

    A level is taken as it is; a gain is added to the candidate it is relative to; a hybrid mixes its two parts. None of
    them passes the cap: how many of its training labels are right.
    """
    cap = world.candidate.quality.cap
    found = _uncapped(world)
    return found if cap is None else np.minimum(found, world[cap])


def _uncapped(world: World) -> Values:
    candidate = world.candidate
    known = candidate.quality
    if known.level is not None:
        return world[known.level]
    if known.relative_to is not None and known.gain is not None:
        return _gained(quality(world.other(known.relative_to)), world[known.gain])
    if candidate.kind == "hybrid":
        return _hybrid(world)
    raise InputError(f"{candidate.name}: its quality is neither measured nor stated")


def _gained(base: Values, gain: Values) -> Values:
    """A gain in share, taken from the errors that are left (a loss from the answers that are right).

    For a small gain this is base + gain; a large one nears 1 and never passes it: 88% and 12 points give 95.6%.
    """
    wrong, right = np.maximum(1 - base, 1e-12), np.maximum(base, 1e-12)
    better = 1 - wrong * np.exp(-np.maximum(gain, 0.0) / wrong)
    worse = right * np.exp(np.minimum(gain, 0.0) / right)
    shifted: Values = np.where(gain >= 0, better, worse)
    return shifted


def _hybrid(world: World) -> Values:
    """Calls kept by the small candidate, and calls handed to the large one.

    Of the calls handed on, ``caught`` (a share of all calls) the small one had wrong; the rest it had right. With no
    figure stated the calls are handed on by chance, and this is (1−e)·q_small + e·q_large.
    """
    c = world.candidate
    if c.small is None or c.large is None or c.escalate is None:
        raise InputError(f"{c.name}: a hybrid needs small, large and escalate")
    small, large = quality(world.other(c.small)), quality(world.other(c.large))
    handed = world[c.escalate]
    catches = handed if c.catches is None else world[c.catches]
    caught = np.minimum(catches * (1 - small), handed)
    kept_right = small - (handed - caught)
    mixed: Values = np.clip(kept_right + handed * large, 0.0, 1.0)
    return mixed


def mean_quality(world: World, schedules: Schedules) -> Values:
    """Share of right answers over the whole horizon, weighted by calls."""
    c = world.candidate
    if c.kind != "wait" or c.first is None or c.then is None or c.switch_month is None:
        return quality(world)
    calls = schedules.growth
    before = calls[: c.switch_month - 1].sum(axis=0) / calls.sum(axis=0)
    first, then = world.other(c.first), world.other(c.then)
    mixed: Values = before * mean_quality(first, schedules) + (1 - before) * mean_quality(then, schedules)
    return mixed
