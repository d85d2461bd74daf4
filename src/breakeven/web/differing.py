"""What two scenarios have in common and where they part: each figure of both, and the difference."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from breakeven.advice.decision import CandidateResult, Decision, Spread
from breakeven.advice.reasons import show_months
from breakeven.quantities import show_usd
from breakeven.report.text import MINUS, share, signed_usd

__all__ = ["Pair", "differing_facts", "differing_rows"]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One figure in both scenarios."""

    what: str
    figure: str
    """Its address; empty for a name."""
    saved: str
    edited: str
    delta: str
    """How the edited one differs, with its sign; empty where both print the same."""


_Shown = Callable[[CandidateResult], str]
_Value = Callable[[CandidateResult], float | None]


def _money(get: Callable[[CandidateResult], Spread], show: Callable[[float], str]) -> tuple[_Shown, _Value]:
    return (lambda c: show(get(c).mean)), (lambda c: get(c).mean)


def _points(value: float) -> str:
    return f"{MINUS if value < 0 else '+'}{abs(100 * value):.1f} points"


def _months(c: CandidateResult) -> str:
    return "never" if c.break_even.p50 is None else show_months(c.break_even.p50)


def _quality(c: CandidateResult) -> str:
    return "?" if math.isnan(c.quality.mean) else f"{c.quality.mean:.1%}"


_FIGURES: Final[tuple[tuple[str, str, tuple[_Shown, _Value], Callable[[float], str]], ...]] = (
    ("Net benefit vs today", "net_benefit_vs_today_usd", _money(lambda c: c.net_benefit_vs_today, signed_usd),
     signed_usd),
    ("Cost", "cost_usd", _money(lambda c: c.cost, show_usd), signed_usd),
    ("Quality", "quality", (_quality, lambda c: c.quality.mean), _points),
    ("P(best)", "p_best", (lambda c: share(c.p_best), lambda c: c.p_best), _points),
    ("Break-even on cost", "break_even_months", (_months, lambda c: c.break_even.p50),
     lambda months: f"{MINUS if months < 0 else '+'}{show_months(abs(months))}"),
)  # fmt: skip


_AGAINST_TODAY: Final = ("net_benefit_vs_today_usd", "break_even_months")


def _pair(name: str, row: int, saved: CandidateResult, edited: CandidateResult) -> Pair:
    what, figure, (shown, value), show = _FIGURES[row]
    a, b = shown(saved), shown(edited)
    old, new = value(saved), value(edited)
    delta = ""
    if a != b:
        delta = "changes" if old is None or new is None else show(new - old)
    return Pair(what=what, figure=f"candidates.{name}.{figure}", saved=a, edited=b, delta=delta)


def differing_rows(saved: Decision, edited: Decision) -> list[tuple[str, list[Pair]]]:
    """Each candidate with its figures in both."""
    return [
        (name, [_pair(name, k, c, edited.candidates[name]) for k in _rows_of(name == saved.today)])
        for name, c in saved.candidates.items()
        if name in edited.candidates
    ]


def _rows_of(is_today: bool) -> list[int]:
    """Today's candidate is not held against itself."""
    return [k for k, (_, figure, _, _) in enumerate(_FIGURES) if not (is_today and figure in _AGAINST_TODAY)]


def differing_facts(saved: Decision, edited: Decision) -> list[Pair]:
    """Who leads, how surely, and what is at stake."""
    a, b = saved.recommendation, edited.recommendation
    stake = edited.evpi_usd - saved.evpi_usd
    old, new = show_usd(saved.evpi_usd), show_usd(edited.evpi_usd)
    return [
        Pair(what="Leads", figure="", saved=a.candidate, edited=b.candidate,
             delta="" if a.candidate == b.candidate else "another leads"),
        Pair(what="Best in", figure="recommendation", saved=share(a.p_best), edited=share(b.p_best),
             delta="" if share(a.p_best) == share(b.p_best) else _points(b.p_best - a.p_best)),
        Pair(what="At stake", figure="evpi", saved=old, edited=new, delta="" if old == new else signed_usd(stake)),
    ]  # fmt: skip
