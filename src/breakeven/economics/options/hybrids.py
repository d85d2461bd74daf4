"""The best share and month for a hybrid: every share handed on × every month of switching, on the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from breakeven.beliefs import Source, Values, point
from breakeven.economics.options.plans import Phase, Plans
from breakeven.study.model import Candidate, Labour, Quality

__all__ = ["MONTHS", "SHARES", "HybridSearch", "hybrid_of", "search_hybrids"]

SHARES: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)
MONTHS: Final = (1, 2, 4, 7, 10, 13, 19, 25)
_HANDED: Final = 0.1
"""The share of calls for which ``must_catch`` is told."""
_SEARCH: Final = Source(kind="stated", reference="the search over shares")


@dataclass(frozen=True, kw_only=True)
class HybridSearch:
    """Expected net benefit against today's by share handed on (rows) and month of switching (columns)."""

    small: str
    large: str
    hybrid: str | None
    """The study's own hybrid that was varied; None where one was made of its two candidates."""
    shares: tuple[float, ...]
    """Of calls handed to the large one; 0: the small one alone."""
    months: tuple[int, ...]
    gain_usd: Values
    """(shares, months) against keeping today's."""
    best_share: float
    best_month: int
    best_usd: float
    """Its gain on the draws that did not choose it."""
    error_usd: float
    p_best: float
    """Share of draws in which no other cell earns more."""
    over_small_usd: float
    """What the best share adds to the small candidate alone, in its best month."""
    by_chance: bool
    """Whether calls are handed on by chance, as nobody has stated what a router catches."""
    must_catch: float | None = None
    """By chance only: the share of the small one's errors, among a tenth of the calls, from which a router pays; None
    where not even all of them would do."""


def hybrid_of(plans: Plans, small: str, large: str) -> Candidate:
    """A hybrid that no study states: handed on by chance, without work of its own."""
    return Candidate(
        name=f"{small} + {large}", kind="hybrid", labour=Labour(), quality=Quality(), small=small, large=large,
        escalate=point("path.escalate", "share", 0.1, _SEARCH),
    )  # fmt: skip


def search_hybrids(
    plans: Plans, hybrid: Candidate, *, stated: bool, shares: Sequence[float] = SHARES
) -> HybridSearch:
    """All shares and months; today's candidate serves until the switch.

    What a router catches at another share than the stated one follows a power of the share that goes through what is
    stated (1: chance), so it catches nothing of nothing and everything of everything.
    """
    assert hybrid.small is not None
    assert hybrid.large is not None
    today, horizon = plans.study.today, plans.study.horizon_months
    months = tuple(m for m in MONTHS if m <= horizon)
    varied, names = _varied(plans, hybrid, shares)
    keep = varied.net_benefit(Phase(candidate=today))
    cells = np.empty((len(shares), len(months), plans.draws.n))
    for row, name in enumerate(names):
        for column, month in enumerate(months):
            before = [Phase(candidate=today, last=month - 1)] if month > 1 else []
            phases = (
                [Phase(candidate=today)] if name == today else [*before, Phase(candidate=name, first=month)]
            )
            cells[row, column] = varied.net_benefit(*phases) - keep
    found = _found(hybrid, cells, tuple(shares), months, stated=stated)
    return (
        replace(found, must_catch=_must_catch(plans, hybrid, found.best_month)) if found.by_chance else found
    )


def _varied(plans: Plans, hybrid: Candidate, shares: Sequence[float]) -> tuple[Plans, list[str]]:
    """The study with one hybrid for each share, and its name; at share 0 the small candidate itself."""
    draws, candidates, names = plans.draws, dict(plans.study.candidates), []
    power = _power(plans, hybrid)
    for share in shares:
        if share == 0 and hybrid.small is not None:
            names.append(hybrid.small)
            continue
        name = f"{hybrid.name} at {share:g}"
        escalate = point(f"path.escalate.{share:g}", "share", share, _SEARCH)
        catches = point(f"path.catches.{share:g}", "share", share, _SEARCH)
        draws = draws.with_values(escalate.name, np.array([share])).with_values(catches.name, share**power)
        own = replace(hybrid, name=name, escalate=escalate, catches=catches, quality=Quality())
        candidates[name] = own
        names.append(name)
    return Plans(replace(plans.study, candidates=candidates), draws, lines=plans.lines), names


def _must_catch(plans: Plans, hybrid: Candidate, month: int) -> float | None:
    """The least share of errors that a router must catch among a tenth of the calls, by bisection."""

    small, today = str(hybrid.small), plans.study.today
    before = [Phase(candidate=today, last=month - 1)] if month > 1 else []
    alone = plans.net_benefit(*before, Phase(candidate=small, first=month))
    escalate, catches = (point(f"path.{what}", "share", _HANDED, _SEARCH) for what in ("escalate", "catches"))
    stated = replace(hybrid, escalate=escalate, catches=catches)
    study = replace(plans.study, candidates={**plans.study.candidates, stated.name: stated})
    draws = plans.draws.with_values(escalate.name, np.array([_HANDED]))

    def more(caught: float) -> float:
        tried = Plans(study, draws.with_values(catches.name, np.array([caught])), lines=plans.lines)
        return float((tried.net_benefit(*before, Phase(candidate=stated.name, first=month)) - alone).mean())

    low, high = _HANDED, 1.0
    if more(high) < 0:
        return None
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (low, middle) if more(middle) >= 0 else (middle, high)
    return high


def _power(plans: Plans, hybrid: Candidate) -> Values:
    if hybrid.catches is None or hybrid.escalate is None:
        return np.ones(1)
    handed = np.clip(plans.draws[hybrid.escalate], 1e-4, 1 - 1e-4)
    caught = np.clip(plans.draws[hybrid.catches], 1e-4, 1 - 1e-4)
    power: Values = np.minimum(np.log(caught) / np.log(handed), 1.0)
    return power


def _found(
    hybrid: Candidate, cells: Values, shares: tuple[float, ...], months: tuple[int, ...], *, stated: bool
) -> HybridSearch:
    means = cells.mean(axis=2)
    row, column = np.unravel_index(int(means.argmax()), means.shape)
    best = cells[row, column]
    honest = _judged_elsewhere(cells.reshape(-1, cells.shape[2]))
    small = float(means[shares.index(0.0)].max()) if 0.0 in shares else float("nan")
    return HybridSearch(
        small=str(hybrid.small), large=str(hybrid.large), hybrid=hybrid.name if stated else None, shares=shares,
        months=months, gain_usd=means, best_share=shares[int(row)], best_month=months[int(column)],
        best_usd=float(honest.mean()),
        error_usd=float(honest.std(ddof=1) / np.sqrt(honest.size)) if honest.size > 1 else 0.0,
        p_best=float(np.mean(best >= cells.max(axis=(0, 1)))), over_small_usd=float(best.mean()) - small,
        by_chance=hybrid.catches is None,
    )  # fmt: skip


def _judged_elsewhere(cells: Values) -> Values:
    """What the best cell of each half earned in the other half, (n,)."""
    n = cells.shape[1]
    if n == 1:
        return np.array(cells[int(cells[:, 0].argmax())])
    earned = np.empty(n)
    for half in (0, 1):
        chosen = int(cells[:, 1 - half :: 2].mean(axis=1).argmax())
        earned[half::2] = cells[chosen, half::2]
    return earned
