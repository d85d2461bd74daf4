"""Break-even in words: from which month, and from or up to which volume."""

from __future__ import annotations

from breakeven.advice.decision import CandidateResult, Decision, Months
from breakeven.advice.reasons import show_months
from breakeven.beliefs import show_value
from breakeven.report.page_types import BreakEvenRow
from breakeven.report.text import share

__all__ = ["break_even_row"]


def break_even_row(c: CandidateResult, d: Decision) -> BreakEvenRow:
    """A candidate's break-even against today's, on cost alone."""
    m = c.break_even
    return BreakEvenRow(
        name=c.name,
        month=_month(m, d),
        chance="" if d.draws == 1 else _chance(m),
        volume=_at_volume(c, d, after_never=m.p50 is None),
    )


def _month(m: Months, d: Decision) -> str:
    if m.p50 is None:
        return f"never within {d.horizon_months} months"
    return f"after {show_months(m.p50)}" if m.p50 > 0 else "from the start"


def _chance(m: Months) -> str:
    if m.p50 is None or m.p05 is None:
        return f"P {share(m.p_never)}"
    early, late = show_months(m.p05), "never" if m.p95 is None else show_months(m.p95)
    said = [f"90%: {early} to {late}"] if early != late else []
    said += [f"never P {share(m.p_never)}"] if m.p_never > 0 else []
    return ", ".join(said)


def _at_volume(c: CandidateResult, d: Decision, *, after_never: bool) -> str:
    v = c.break_even_volume
    if v.p50 is None:
        return "" if d.draws == 1 and v.p_never == 0 else "at no volume" + _p(v.p_never, d)
    side = _cheaper_side(c, d)
    if v.p50 <= 0:
        return "cheaper at any volume" if side == "above" else "at no volume"
    at, interval = show_value(v.p50, "volume"), _volume_interval(v, d)
    would = after_never and side == "above"
    return f"at {at} it would{interval}" if would else f"cheaper {side} {at}{interval}"


def _p(p: float, d: Decision) -> str:
    return "" if d.draws == 1 else f" (P {share(p)})"


def _volume_interval(v: Months, d: Decision) -> str:
    if d.draws == 1 or v.p05 is None:
        return ""
    low = _volume(v.p05)
    high = "no volume" if v.p95 is None else _volume(v.p95)
    return f" (90%: {low} to {high})" if low != high else ""


def _volume(value: float) -> str:
    return show_value(value, "volume").removesuffix(" calls/month")


def _cheaper_side(c: CandidateResult, d: Decision) -> str:
    """On which side of the break-even volume the candidate is the cheaper one: read off at the believed volume."""
    volume = next((a.centre for a in d.assumptions if a.input == "workload.volume"), None)
    if volume is None or c.break_even_volume.p50 is None:
        return "above"
    cheaper_here = c.cost.mean < d.candidates[d.today].cost.mean
    return "above" if cheaper_here == (volume > c.break_even_volume.p50) else "below"
