"""A decision in words: the sentences and rows that every format shows, made once.

Nothing here knows a screen or a markup. All texts are clean (see ``text.clean``); each format still escapes what it
gives a meaning to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from breakeven.advice.decision import (
    Assumption,
    CandidateResult,
    Decision,
    Flip,
    GateResult,
    Months,
    RuleVerdict,
    Spread,
)
from breakeven.advice.reasons import show_months
from breakeven.beliefs import show_value
from breakeven.quantities import show_usd
from breakeven.report.absent import absent_rows
from breakeven.report.buying import after_it, buy_rows, nothing_to_buy, rule_lines
from breakeven.report.cleaning import cleaned
from breakeven.report.evidence_rows import evidence_rows, icer_lines
from breakeven.report.page_types import (
    BreakEvenRow,
    CandidateRow,
    Cell,
    FlipRow,
    GateRow,
    Money,
    NotCountedRow,
    Page,
    RuleRow,
    WorthRow,
)
from breakeven.report.text import MINUS, join, quantity, share, signed_usd

__all__ = ["ranked_assumptions", "to_page"]

ERROR_LINE = 24
LATENCY_LINE = 28
HIGH_CONFIDENCE = 0.9
LOW_CONFIDENCE = 0.6
LITTLE_AT_STAKE = 0.01
"""A regret under this share of what is spent is called little."""


def to_page(decision: Decision) -> Page:
    """The decision in words; its texts are cleaned first."""
    d = cleaned(decision)
    r = d.recommendation
    money = _money(d)
    level, confidence = _confidence(d)
    return Page(
        study=d.study,
        terms=f"{d.horizon_months} months, {d.discount} discount",
        answer=r.headline,
        action=r.action,
        rule=rule_lines(d),
        recommended=r.candidate,
        today=d.today,
        one_world=d.draws == 1,
        confidence=confidence,
        stake="" if d.draws == 1 else f"{_stake(d)} {after_it(d)}".strip(),
        level=level,
        money=money,
        target=_target_heading(d),
        candidates=_candidate_rows(d, money),
        benefit_usd=_usd_cell(d.candidates[r.candidate].net_benefit_vs_today, signed_usd, d),
        cost_usd=_usd_cell(d.candidates[r.candidate].cost, show_usd, d),
        cheaper=_cheaper(d),
        break_even=tuple(_break_even_row(c, d) for c in d.candidates.values() if c.name != d.today),
        reasons=r.reasons,
        flips=_flip_rows(d),
        rules=tuple(sorted((_rule_row(rule) for rule in d.rules), key=lambda row: _ORDER[row.standing])),
        rules_summary=_rules_summary(d.rules),
        contradictions=d.contradictions,
        gates=tuple(_gate_row(gate) for gate in d.gates),
        evpi="" if d.draws == 1 else show_usd(d.evpi_usd),
        worth=() if d.draws == 1 else _worth(d),
        buy=buy_rows(d),
        buy_says=nothing_to_buy(d),
        evidence=evidence_rows(d),
        missing=() if r.enough_evidence else r.missing_evidence,
        notes=d.notes,
        not_counted=_not_counted(d),
        assumptions=ranked_assumptions(d),
        footer=_footer(d),
        icers=icer_lines(d),
        absent=absent_rows(d),
    )


# The candidates table.


def _money(d: Decision) -> Money:
    sizes = [abs(v) for c in d.candidates.values() for v in (c.cost.mean, c.net_benefit_vs_today.mean)]
    top = max((s for s in sizes if math.isfinite(s)), default=0.0)
    for symbol, divisor in (("$M", 1e6), ("$k", 1e3)):
        if top >= 20 * divisor:
            return Money(symbol=symbol, divisor=divisor)
    return Money(symbol="$", divisor=1.0)


def _target_heading(d: Decision) -> str:
    if d.target is None or d.draws == 1:
        return ""
    return "P(target)" if ".." in d.target or len(d.target) > 6 else f"P(≥{d.target})"


def _candidate_rows(d: Decision, money: Money) -> tuple[CandidateRow, ...]:
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
    """Decimals for a column: none where the largest value has three digits before the point."""
    top = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return 0 if money.divisor == 1 or top / money.divisor >= 99.5 else 1


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


def _usd_cell(s: Spread, shown: Callable[[float], str], d: Decision) -> Cell:
    interval = "" if d.draws == 1 or s.p05 == s.p95 else f"[{shown(s.p05)}, {shown(s.p95)}]"
    return Cell(value=shown(s.mean), interval=interval)


def _quality(s: Spread, *, one_world: bool) -> Cell:
    if not math.isfinite(s.mean):
        return Cell(value="?")
    interval = "" if one_world or s.p05 == s.p95 else f"[{s.p05 * 100:.1f}, {s.p95 * 100:.1f}]"
    return Cell(value=f"{s.mean * 100:.1f}", interval=interval)


# The answer's standing.


def _confidence(d: Decision) -> tuple[str, str]:
    r = d.recommendation
    if d.draws == 1:
        return (
            "Unknown",
            "Every input stood at its centre: this is one world, with no interval and no probability.",
        )
    level = "High" if r.p_best >= HIGH_CONFIDENCE else "Low" if r.p_best < LOW_CONFIDENCE else "Moderate"
    rivals = sorted(
        (c for c in d.candidates.values() if c.name != r.candidate and c.p_best >= 0.005),
        key=lambda c: -c.p_best,
    )
    others = f" ({', '.join(f'{c.name} in {share(c.p_best)}' for c in rivals)})" if rivals else ""
    return level, f"{r.candidate} is best in {share(r.p_best)} of {d.draws:,} draws{others}."


def _stake(d: Decision) -> str:
    r = d.recommendation
    little = r.expected_regret_usd < LITTLE_AT_STAKE * abs(d.candidates[r.candidate].cost.mean)
    forgone = show_usd(r.expected_regret_usd)
    ends = ": little is at stake." if little else "."
    worst = d.candidates[r.candidate].cvar_regret_usd
    bad = f", {show_usd(worst)} in the worst twentieth of draws" if worst and not little else ""
    return f"Choosing it forgoes {forgone} on average against knowing every input{bad}{ends}"


def _cheaper(d: Decision) -> tuple[str, ...]:
    """Cheaper to run and worth it are two questions: both answers, and where they part."""
    others = [c for c in d.candidates.values() if c.name != d.today]
    if not others:
        return ()
    lines = [_cheaper_line(others, d)]
    lines += (
        [_case_for(d.candidates[d.recommendation.candidate], d)]
        if d.recommendation.candidate != d.today
        else []
    )
    lines += [
        f"{c.name} is cheaper to run and on average not worth it: its answers lose more than its bill saves."
        for c in others
        if c.p_cheaper_than_today >= 0.5 and c.net_benefit_vs_today.mean < 0
    ]
    if not d.error_cost_stated:
        lines.append("No cost of an error is stated: net benefit leaves errors out.")
    return tuple(lines)


def _cheaper_line(others: Sequence[CandidateResult], d: Decision) -> str:
    if d.draws == 1:
        cheaper = [c.name for c in others if c.p_cheaper_than_today >= 0.5]
        return f"Cheaper to run than {d.today}: {join(cheaper) if cheaper else 'none'}."
    return f"Cheaper to run than {d.today}: {', '.join(f'{c.name} {share(c.p_cheaper_than_today)}' for c in others)}."


def _case_for(c: CandidateResult, d: Decision) -> str:
    """What speaks for the recommendation: a smaller bill, or what its answers gain."""
    today = d.candidates[d.today]
    saved = today.cost.mean - c.cost.mean
    gains = {
        "fewer errors": _consequence(today, ERROR_LINE) - _consequence(c, ERROR_LINE),
        "faster answers": _consequence(today, LATENCY_LINE) - _consequence(c, LATENCY_LINE),
        "more right answers": c.net_benefit_vs_today.mean
        - saved
        - (today.consequence.mean - c.consequence.mean),
    }
    gained, gain = max(gains.items(), key=lambda item: item[1])
    counts = gain > abs(c.net_benefit_vs_today.mean) * 1e-6
    if saved > 0:
        return f"The case for {c.name} is a smaller bill{f' and {gained}' if counts else ''}."
    return (
        f"The case for {c.name} is {gained}, not a smaller bill."
        if counts
        else f"{c.name} has the larger bill."
    )


def _consequence(c: CandidateResult, number: int) -> float:
    return sum(line.usd for line in c.lines if line.number == number)


# Break-even.


def _break_even_row(c: CandidateResult, d: Decision) -> BreakEvenRow:
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


# What would change the answer, and what others say.


def _flip_rows(d: Decision) -> tuple[FlipRow, ...]:
    """Likeliest first; inputs that the study states as points, which have no chance, last."""
    points = {a.input for a in d.assumptions if a.low == a.high}
    flips = sorted(d.flips, key=lambda f: (f.input in points, -f.p))
    return tuple(_flip_row(f, is_point=f.input in points) for f in flips)


def _flip_row(f: Flip, *, is_point: bool) -> FlipRow:
    at = quantity(f.at, f.kind, f.unit)
    return FlipRow(input=f.input, condition=f"{f.direction} {at}", p="–" if is_point else share(f.p), to=f.to)


def _rule_row(r: RuleVerdict) -> RuleRow:
    standing = {True: "agrees", False: "contradicts", None: "cannot tell"}[r.agrees]
    return RuleRow(title=r.title, source=r.source, verdict=r.verdict, because=r.because, standing=standing)


_ORDER = {"contradicts": 0, "agrees": 1, "cannot tell": 2}


def _rules_summary(rules: Sequence[RuleVerdict]) -> str:
    agree, contradict = (sum(r.agrees is wanted for r in rules) for wanted in (True, False))
    parts = [
        (agree, "agrees" if agree == 1 else "agree"),
        (contradict, "contradicts" if contradict == 1 else "contradict"),
        (len(rules) - agree - contradict, "cannot tell"),
    ]
    return ", ".join(f"{n} {word}" for n, word in parts if n)


def _gate_row(g: GateResult) -> GateRow:
    unknown = "not stated" if g.have.startswith("not stated") else "cannot tell"
    standing = {True: "met", False: "not met", None: unknown}[g.met]
    return GateRow(gate=g.gate, standing=standing, have=g.have, need=g.need, source=g.source)


def _worth(d: Decision) -> tuple[WorthRow, ...]:
    found = sorted(d.evppi_usd.items(), key=lambda item: -item[1])
    return tuple(WorthRow(input=name, usd=show_usd(usd)) for name, usd in found if usd > 0)


def _not_counted(d: Decision) -> tuple[NotCountedRow, ...]:
    lacking: dict[str, list[str]] = {}
    for name, lines in d.not_counted.items():
        for line in lines:
            lacking.setdefault(line, []).append(name)
    groups: dict[tuple[str, ...], list[str]] = {}
    for line, names in lacking.items():
        groups.setdefault(tuple(names), []).append(line)
    everyone = len(d.candidates)
    return tuple(
        NotCountedRow(
            who="all candidates" if len(names) >= everyone > 1 else join(names), lines=", ".join(lines)
        )
        for names, lines in groups.items()
    )


def ranked_assumptions(d: Decision) -> tuple[Assumption, ...]:
    """Assumptions by what knowing them is worth, then by the chance that they flip the answer; points last."""
    chance = {f.input: f.p for f in d.flips}

    def rank(a: Assumption) -> tuple[float, float, bool]:
        return (-d.evppi_usd.get(a.input, 0.0), -chance.get(a.input, 0.0), a.low == a.high)

    return tuple(sorted(d.assumptions, key=rank))


def _footer(d: Decision) -> tuple[str, ...]:
    draws = "one world, every input at its centre" if d.draws == 1 else f"{d.draws:,} draws, seed {d.seed}"
    return (f"Prices as of {d.prices_as_of}.", f"Start {d.start.isoformat()}; {draws}.")
