"""What would change the ranking: one input at a time, and volume against one other input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from breakeven.beliefs import Belief, Draws, Values
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.totals import inputs_of, net_benefits
from breakeven.study.model import Study

__all__ = ["Swing", "go_on", "swings", "winners"]

SCORES: Final = np.linspace(-2.33, 2.33, 13)
"""Standard normal scores from the 1st to the 99th percentile: where an uncertain input is held."""
SEARCHED: Final = frozenset(
    {"volume", "money per error", "money per token", "share", "tokens", "money per call", "money"}
)
"""Kinds of stated points that are searched too: volume from a hundredth to a hundred times, the others to ten times."""


@dataclass(frozen=True, kw_only=True)
class Swing:
    """Expected net benefit of every candidate with one input held at each value of a grid."""

    belief: Belief
    grid: Values
    """(g,) values, ascending."""
    expected: Values
    """(g, candidates)."""


def go_on() -> None:
    """What long work calls between its steps where nobody would end it."""


def swings(
    study: Study, draws: Draws, names: Sequence[str], *, lines: Sequence[CostLine] = COST_LINES,
    between: Callable[[], None] = go_on,
) -> tuple[Swing, ...]:  # fmt: skip
    """One swing for each input that any of these candidates depends on; draws are shared, so differences are smooth.

    ``between``: called before each input; what it raises ends the work.
    """
    known = {name: inputs_of(study, draws, name, lines) for name in names}
    base = net_benefits(study, draws, names, lines).mean(axis=0)
    found = []
    for belief in study.beliefs:
        between()
        found.append(_swing(study, draws, belief, known, base, lines))
    return tuple(swing for swing in found if swing is not None)


def _swing(
    study: Study, draws: Draws, belief: Belief, known: Mapping[str, frozenset[str]], base: Values,
    lines: Sequence[CostLine],
) -> Swing | None:  # fmt: skip
    moved = [name for name in known if belief.name in known[name]]
    grid = _grid(belief)
    if not moved or grid is None:
        return None
    held = draws.at_values(belief.name, grid)
    benefits = net_benefits(study, held, moved, lines).reshape(grid.size, draws.n, len(moved)).mean(axis=1)
    expected = np.tile(base, (grid.size, 1))
    for column, name in enumerate(moved):
        expected[:, list(known).index(name)] = benefits[:, column]
    return Swing(belief=belief, grid=grid, expected=expected)


def _grid(belief: Belief) -> Values | None:
    """Where the input is held: over its belief, or around a stated point."""
    if not belief.is_point:
        values = np.unique(belief.at(SCORES))
        return values if values.size > 1 else None
    value = belief.centre
    if belief.kind not in SEARCHED or value <= 0:
        return None
    if belief.kind == "share":
        return None if value >= 1 else special.expit(special.logit(value) + np.linspace(-2.5, 2.5, 13))
    reach = 100 if belief.kind == "volume" else 10
    return value * np.geomspace(1 / reach, reach, 25)


def winners(
    study: Study, draws: Draws, names: Sequence[str], volumes: Values, other: Belief, values: Values,
    *, lines: Sequence[CostLine] = COST_LINES,
) -> tuple[tuple[str, ...], ...]:  # fmt: skip
    """The candidate with the highest expected net benefit at each value of ``other`` (rows) and volume (columns)."""
    rows = []
    for value in values:
        held = draws.with_values(other.name, np.array([value])).at_values(study.workload.volume.name, volumes)
        benefits = (
            net_benefits(study, held, names, lines).reshape(volumes.size, draws.n, len(names)).mean(axis=1)
        )
        rows.append(tuple(names[k] for k in benefits.argmax(axis=1)))
    return tuple(rows)
