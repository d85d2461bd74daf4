"""What the simulation gives: for each candidate, arrays over draws, and means by cost line and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from breakeven.beliefs import Values
from breakeven.study.model import CandidateKind

__all__ = ["CandidateOutcome", "Outcome"]


@dataclass(frozen=True, kw_only=True)
class CandidateOutcome:
    """One candidate over all draws; money in discounted US dollars over the horizon unless said otherwise."""

    name: str
    kind: CandidateKind
    cost_usd: Values
    """(n,) what is paid: every cost line but the consequences (errors, latency and delay)."""
    upfront_usd: Values
    """(n,) the part of it that is paid once, to build; undiscounted."""
    monthly_usd: Values
    """(n,) mean of a month's running cost in the first year; undiscounted."""
    consequence_usd: Values
    """(n,) wrong answers, latency and delay."""
    value_usd: Values
    """(n,) right answers at their stated worth; zeros where none is stated."""
    quality: Values
    """(n,) share of right answers in the last month's state of the candidate, averaged over calls."""
    break_even_months: Values
    """(n,) months until cumulative discounted cost falls below today's for good; inf where it never does."""
    lines_usd: Mapping[str, float]
    """Mean discounted cost by line, by the line's key; they sum to mean cost plus mean consequence."""
    line_months_usd: Mapping[str, Values]
    """Mean undiscounted cost of each line in each month, shape (horizon,)."""
    cumulative_usd: Values
    """(draws kept, horizon + 1): cumulative discounted cost at the start (what is paid to build) and at each month's
    end, for the first few thousand draws."""

    @property
    def net_benefit_usd(self) -> Values:
        """(n,) value of right answers − consequences − cost."""
        return self.value_usd - self.consequence_usd - self.cost_usd


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All candidates on the same draws."""

    n: int
    horizon_months: int
    today: str
    candidates: Mapping[str, CandidateOutcome]
