"""What to do at each result of a purchase, by one figure: ranges of it, and the picture behind them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from breakeven.advice.decision import Branch
from breakeven.advice.plot_types import OutcomeGrid
from breakeven.advice.purchases.offer import Finding
from breakeven.beliefs import Values, show_value

__all__ = ["branches", "outcome_grid"]

OUTCOME_STEPS: Final = 61
OUTCOME_BINS: Final = 30
SMALLEST_BRANCH: Final = 0.03
"""A share of draws under which a range of results is counted with its neighbour."""

Run = tuple[int, int, int]
"""From and to which place in the order of results, and the candidate chosen there."""


def branches(finding: Finding, chosen: npt.NDArray[np.intp], names: Sequence[str]) -> tuple[Branch, ...]:
    """Ranges of results from the lowest to the highest; ``chosen``: (n,) place in ``names`` at each result."""
    order = np.argsort(finding.values, kind="stable")
    seen, runs = finding.values[order], _merged(_runs(chosen[order]))
    return tuple(_branch(finding, seen, runs, at, names) for at in range(len(runs)))


def outcome_grid(finding: Finding, expected: Values, names: Sequence[str], leader: str) -> OutcomeGrid:
    """The rule's figures, thinned out; ``expected``: (n, names) gain over the leader at each result."""
    order = np.argsort(finding.values, kind="stable")
    seen, gain = finding.values[order], expected[order]
    low, high = np.quantile(seen, [0.005, 0.995])
    at = np.linspace(low, high, OUTCOME_STEPS)
    steps = [np.interp(at, seen, column) for column in gain.T]
    counts, edges = np.histogram(seen, bins=_bins(seen, float(low), float(high)))
    return OutcomeGrid(
        words=finding.words, on=finding.on, kind=finding.kind, values=at, names=tuple(names),
        leader=leader, expected_usd=np.stack(steps, axis=1), edges=edges, share=counts / seen.size,
    )  # fmt: skip


def _bins(seen: Values, low: float, high: float) -> Values:
    """Edges from low to high; where only some results can be, each bin holds as many of them as the next."""
    different = np.unique(np.round(seen, 12))
    width = (high - low) / OUTCOME_BINS
    if not 1 < different.size < seen.size / 4 or width <= 0:
        return np.linspace(low, max(high, low + 1e-12), OUTCOME_BINS + 1)
    step = float(np.diff(different).min())
    width = max(1, round(width / step)) * step
    places = np.arange(int(np.ceil((high - low) / width)) + 2, dtype=np.float64)
    return low - step / 2 + width * places


def _runs(choice: npt.NDArray[np.intp]) -> list[Run]:
    cuts = [0, *(np.flatnonzero(np.diff(choice)) + 1).tolist(), choice.size]
    return [(a, b, int(choice[a])) for a, b in pairwise(cuts)]


def _merged(runs: list[Run]) -> list[Run]:
    """Ranges too rare to speak of counted with their larger neighbour, smallest first."""
    runs = list(runs)
    n = runs[-1][1]
    while len(runs) > 1:
        at = min(range(len(runs)), key=lambda k: runs[k][1] - runs[k][0])
        if runs[at][1] - runs[at][0] >= SMALLEST_BRANCH * n:
            break
        beside = [k for k in (at - 1, at + 1) if 0 <= k < len(runs)]
        into = max(beside, key=lambda k: runs[k][1] - runs[k][0])
        runs[into] = (min(runs[at][0], runs[into][0]), max(runs[at][1], runs[into][1]), runs[into][2])
        del runs[at]
        runs = _joined(runs)
    return runs


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours with one choice made one."""
    found = runs[:1]
    for start, stop, choice in runs[1:]:
        if choice == found[-1][2]:
            found[-1] = (found[-1][0], stop, choice)
        else:
            found.append((start, stop, choice))
    return found


def _branch(finding: Finding, seen: Values, runs: list[Run], at: int, names: Sequence[str]) -> Branch:
    start, stop, choice = runs[at]
    low = None if at == 0 else float((seen[start - 1] + seen[start]) / 2)
    high = None if at == len(runs) - 1 else float((seen[stop - 1] + seen[stop]) / 2)
    return Branch(
        condition=_condition(finding, low, high), low=low, high=high, candidate=names[choice],
        p=(stop - start) / seen.size,
    )  # fmt: skip


def _condition(finding: Finding, low: float | None, high: float | None) -> str:
    """``pilot gains ≥ +0.8 points over prompt on the same 200 cases``."""
    if low is None and high is None:
        return "whatever it shows"
    if low is None:
        bounds = f"< {_shown(finding, high)}"
    elif high is None:
        bounds = f"≥ {_shown(finding, low)}"
    else:
        bounds = f"{_shown(finding, low)} to {_shown(finding, high)}"
    return f"{finding.words} {bounds} {finding.on}".rstrip()


def _shown(finding: Finding, value: float | None) -> str:
    assert value is not None
    if finding.kind == "points":
        return f"{value * 100:+.1f} points".replace("-", "−")
    return show_value(value, finding.kind)
