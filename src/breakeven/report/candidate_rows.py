"""The table of candidates: every figure in the column's unit, with its 90% interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from breakeven.advice.decision import CandidateResult, Decision, Spread
from breakeven.report.page_types import CandidateRow, Cell, Money
from breakeven.report.text import MINUS, share

__all__ = ["candidate_rows", "money_of", "target_heading", "usd_cell"]

ONE, HUNDRED = 0.995, 99.5
"""What rounds to these has as many digits."""
MOST = 6
"""Decimals: what is smaller is the rounding of a zero."""


def money_of(d: Decision) -> Money:
    """The unit of the money columns: that of the largest mean."""
    sizes = [abs(v) for c in d.candidates.values() for v in (c.cost.mean, c.net_benefit_vs_today.mean)]
    top = max((s for s in sizes if math.isfinite(s)), default=0.0)
    for symbol, divisor in (("$M", 1e6), ("$k", 1e3)):
        if top >= 20 * divisor:
            return Money(symbol=symbol, divisor=divisor)
    return Money(symbol="$", divisor=1.0)


def target_heading(d: Decision) -> str:
    """``P(≥93%)``; empty where no target is stated, or one world was computed."""
    if d.target is None or d.draws == 1:
        return ""
    return "P(target)" if ".." in d.target or len(d.target) > 6 else f"P(≥{d.target})"


def candidate_rows(d: Decision, money: Money) -> tuple[CandidateRow, ...]:
    """A row for each candidate, in the order of the study."""
    all_ = list(d.candidates.values())
    one = d.draws == 1
    columns = {
        name: _column([get(c) for c in all_], money, signed=name == "benefit", one_world=one)
        for name, get in _MONEY_COLUMNS.items()
    }
    regrets = _scaled([c.regret_usd for c in all_], money)
    rows = []
    for k, c in enumerate(all_):
        is_today = c.name == d.today
        rows.append(
            CandidateRow(
                name=c.name,
                kind=c.kind,
                describe=c.describe,
                is_today=is_today,
                is_recommended=c.name == d.recommendation.candidate,
                extrapolated=c.extrapolated,
                quality=_quality(c.quality, one_world=one),
                p_target="" if one or c.p_target is None or d.target is None else share(c.p_target),
                cost=columns["cost"][k],
                upfront=columns["upfront"][k],
                monthly=columns["monthly"][k],
                benefit=Cell(value="0") if is_today else columns["benefit"][k],
                p_best="" if one else share(c.p_best),
                p_cheaper="" if one or is_today else share(c.p_cheaper_than_today),
                p_better="" if one or is_today else share(c.p_better_than_today),
                regret=regrets[k],
            )
        )
    return tuple(rows)


_MONEY_COLUMNS: Mapping[str, Callable[[CandidateResult], Spread]] = {
    "cost": lambda c: c.cost,
    "upfront": lambda c: c.upfront,
    "monthly": lambda c: c.monthly,
    "benefit": lambda c: c.net_benefit_vs_today,
}


def _column(spreads: Sequence[Spread], money: Money, *, signed: bool, one_world: bool) -> list[Cell]:
    digits = _digits([v for s in spreads for v in (s.mean, s.p05, s.p95)], money)

    def shown(value: float) -> str:
        return _one(value, money, digits, signed)

    def interval(s: Spread) -> str:
        """A point has no interval."""
        return "" if one_world or s.p05 == s.p95 else f"[{shown(s.p05)}, {shown(s.p95)}]"

    return [Cell(value=shown(s.mean), interval=interval(s)) for s in spreads]


def _digits(values: Sequence[float], money: Money) -> int:
    """Decimals for a column: none where the largest value has three digits before the point, two digits where none."""
    top = max((abs(v) for v in values if math.isfinite(v)), default=0.0) / money.divisor
    if 0 < top < ONE:
        return min(1 - math.floor(math.log10(top)), MOST)
    return 0 if money.divisor == 1 or top >= HUNDRED else 1


def _scaled(values: Sequence[float], money: Money) -> list[str]:
    digits = _digits(values, money)
    return [_one(v, money, digits, signed=False) for v in values]


def _one(value: float, money: Money, digits: int, signed: bool) -> str:
    if not math.isfinite(value):
        return "?"
    text = f"{abs(value) / money.divisor:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return "0"
    sign = MINUS if value < 0 else ("+" if signed else "")
    return f"{sign}{text}"


def usd_cell(s: Spread, shown: Callable[[float], str], d: Decision) -> Cell:
    """A sum with its own unit, and its 90% interval where it has one."""
    interval = "" if d.draws == 1 or s.p05 == s.p95 else f"[{shown(s.p05)}, {shown(s.p95)}]"
    return Cell(value=shown(s.mean), interval=interval)


def _quality(s: Spread, *, one_world: bool) -> Cell:
    if not math.isfinite(s.mean):
        return Cell(value="?")
    interval = "" if one_world or s.p05 == s.p95 else f"[{s.p05 * 100:.1f}, {s.p95 * 100:.1f}]"
    return Cell(value=f"{s.mean * 100:.1f}", interval=interval)
