"""The value of acting at the best of several dates, by least-squares Monte Carlo (Longstaff and Schwartz, 2001).

What an action will have earned is not known when it is taken, so it is regressed on what is observed by then. The rule
fitted on one half of the draws is valued on the other: no draw decides by its own future, and the value errs downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breakeven.beliefs import Values
from breakeven.errors import InputError

__all__ = ["Exercise", "exercise"]

_FARTHEST: Final = 4.0
"""Standard deviations beyond which a state counts as that far: polynomials run wild out there."""
_RIDGE: Final = 1e-8


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """The value of an optimal rule, and what it did in each draw."""

    earned: Values
    """(n,) what the rule earned."""
    date: NDArray[np.intp]
    """(n,) the date at which it acted, from 0."""
    action: NDArray[np.intp]
    """(n,) what it chose."""

    @property
    def value(self) -> float:
        """Expected."""
        return float(self.earned.mean())

    @property
    def error(self) -> float:
        """Standard error of the value: Monte Carlo's alone."""
        return _standard_error(self.earned)


def _standard_error(x: Values) -> float:
    return float(x.std(ddof=1) / np.sqrt(x.size)) if x.size > 1 else 0.0


def exercise(payoffs: Values, states: Sequence[Values], *, known: bool = False, degree: int = 3) -> Exercise:
    """Act at one of several dates, at the last of them at the latest.

    payoffs: (dates, n, actions), what each action taken at each date earns, discounted to one day. states: for each
    date (n, d), what is observed by then; d may be 0. known: a payoff is known when it is chosen, as an option's is.
    """
    dates, n, _ = payoffs.shape
    if len(states) != dates or any(s.shape[0] != n for s in states):
        raise InputError(f"{len(states)} states for {dates} dates; each needs {n} rows")
    halves = np.arange(n) % 2 if n > 1 else np.zeros(n, dtype=np.intp)
    earned, date, action = np.empty(n), np.zeros(n, dtype=np.intp), np.zeros(n, dtype=np.intp)
    for half in np.unique(halves):
        own, other = halves == half, halves != half if n > 1 else halves == half
        rules = _fit(payoffs[:, other], [s[other] for s in states], known=known, degree=degree)
        earned[own], date[own], action[own] = _follow(
            payoffs[:, own], [s[own] for s in states], rules, known=known
        )
    return Exercise(earned=earned, date=date, action=action)


@dataclass(frozen=True, kw_only=True)
class _Basis:
    """Powers and products of states, standardised as on the draws that they were fitted on."""

    centre: Values
    scale: Values
    degree: int

    def __call__(self, state: Values) -> Values:
        z = np.clip((state - self.centre) / self.scale, -_FARTHEST, _FARTHEST)
        columns = [np.ones((z.shape[0], 1)), *(z**k for k in range(1, self.degree + 1))]
        columns += [z[:, [i]] * z[:, [j]] for i, j in combinations(range(z.shape[1]), 2)]
        return np.concatenate(columns, axis=1)


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """What acting, and going on, are worth in a state."""

    basis: _Basis
    actions: Values
    go_on: Values | None
    """None at the last date."""


def _fit(payoffs: Values, states: Sequence[Values], *, known: bool, degree: int) -> list[_Rule]:
    """From the last date to the first; going on is worth what the later rules earned, not what they promised."""
    rules: list[_Rule] = []
    later: Values | None = None
    for payoff, state in zip(payoffs[::-1], states[::-1], strict=True):
        spread = state.std(axis=0)
        basis = _Basis(centre=state.mean(axis=0), scale=np.where(spread > 0, spread, 1.0), degree=degree)
        found = basis(state)
        rule = _Rule(
            basis=basis, actions=_solve(found, payoff), go_on=None if later is None else _solve(found, later)
        )
        chosen, acts = _choice(rule, payoff, state, known=known)
        now = payoff[np.arange(payoff.shape[0]), chosen]
        later = np.where(acts, now, now if later is None else later).astype(np.float64)
        rules.append(rule)
    return rules[::-1]


def _solve(basis: Values, y: Values) -> Values:
    square = basis.T @ basis
    square[np.diag_indices_from(square)] += _RIDGE * basis.shape[0]
    return np.asarray(np.linalg.solve(square, basis.T @ y), dtype=np.float64)


def _choice(
    rule: _Rule, payoff: Values, state: Values, *, known: bool
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The best action in each draw, and whether to take it now."""
    found = rule.basis(state)
    expected = payoff if known else found @ rule.actions
    chosen = expected.argmax(axis=1)
    best = expected[np.arange(chosen.size), chosen]
    acts = np.ones(chosen.size, dtype=bool) if rule.go_on is None else best >= found @ rule.go_on
    return chosen, acts


def _follow(
    payoffs: Values, states: Sequence[Values], rules: Sequence[_Rule], *, known: bool
) -> tuple[Values, NDArray[np.intp], NDArray[np.intp]]:
    n = payoffs.shape[1]
    rows, open_ = np.arange(n), np.ones(n, dtype=bool)
    earned, date, action = np.zeros(n), np.zeros(n, dtype=np.intp), np.zeros(n, dtype=np.intp)
    for k, (payoff, state, rule) in enumerate(zip(payoffs, states, rules, strict=True)):
        chosen, acts = _choice(rule, payoff, state, known=known)
        now = open_ & acts
        earned[now], date[now], action[now] = payoff[rows, chosen][now], k, chosen[now]
        open_ &= ~acts
    return earned, date, action
