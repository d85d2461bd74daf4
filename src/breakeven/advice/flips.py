"""What would change the answer: for each input, the nearest value at which another candidate takes the lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from breakeven.advice.decision import Flip
from breakeven.beliefs import Belief, Draws, Values, unit_of
from breakeven.economics.sensitivity import Swing, go_on, swings
from breakeven.study.model import Study

__all__ = ["find_flips"]


def find_flips(
    study: Study, draws: Draws, names: Sequence[str], leader: str, *, between: Callable[[], None] = go_on
) -> tuple[Flip, ...]:
    """All flips of the recommendation among ``names``, most probable first. ``between``: called before each input."""
    moved = swings(study, draws, names, between=between)
    found = [flip for swing in moved for flip in _flips(swing, names, leader)]
    return tuple(sorted(found, key=lambda flip: (-flip.p, abs(flip.low - flip.high) * -1.0)))


def _flips(swing: Swing, names: Sequence[str], leader: str) -> list[Flip]:
    ours = names.index(leader)
    rivals = np.delete(swing.expected, ours, axis=1)
    if rivals.shape[1] == 0:
        return []
    rival_names = [name for name in names if name != leader]
    lead = swing.expected[:, ours] - rivals.max(axis=1)
    centre = int(np.argmin(np.abs(swing.grid - swing.belief.centre)))
    if lead[centre] <= 0:
        return []
    sides = ((range(centre, 0, -1), -1, "below"), (range(centre, swing.grid.size - 1), +1, "above"))
    found = []
    for steps, step, direction in sides:
        for here in steps:
            there = here + step
            if lead[there] < 0 <= lead[here]:
                to = rival_names[int(rivals[there].argmax())]
                found.append(_flip(swing, lead, here, there, direction, to))
                break
    return found


def _flip(swing: Swing, lead: Values, here: int, there: int, direction: str, to: str) -> Flip:
    share = lead[here] / (lead[here] - lead[there])
    at = float(swing.grid[here] + share * (swing.grid[there] - swing.grid[here]))
    return Flip(
        input=swing.belief.name, kind=swing.belief.kind, at=at, unit=unit_of(swing.belief.kind), direction=direction,
        to=to, p=_probability(swing.belief, at, direction), low=float(lead[0]), high=float(lead[-1]),
    )  # fmt: skip


def _probability(belief: Belief, at: float, direction: str) -> float:
    """Probability that the input lies beyond; 0 for a stated point, which has no interval."""
    if belief.is_point:
        return 0.0
    below = belief.share_below(at)
    return below if direction == "below" else 1 - below
