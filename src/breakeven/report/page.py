"""A decision in words: the sentences and rows that every format shows, made once.

Nothing here knows a screen or a markup. All texts are clean (see ``text.clean``); each format still escapes what it
gives a meaning to.
"""

from __future__ import annotations

from collections.abc import Sequence

from breakeven.advice.decision import (
    Assumption,
    CandidateResult,
    Decision,
    Flip,
    GateResult,
    RuleVerdict,
)
from breakeven.quantities import show_usd
from breakeven.report.absent import absent_rows
from breakeven.report.break_even_rows import break_even_row
from breakeven.report.buying import after_it, buy_rows, nothing_to_buy, rule_lines
from breakeven.report.candidate_rows import candidate_rows, money_of, target_heading, usd_cell
from breakeven.report.cleaning import cleaned
from breakeven.report.evidence_rows import evidence_rows, icer_lines
from breakeven.report.page_types import (
    FlipRow,
    GateRow,
    NotCountedRow,
    Page,
    RuleRow,
    WorthRow,
)
from breakeven.report.text import join, quantity, share, signed_usd

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
    money = money_of(d)
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
        target=target_heading(d),
        candidates=candidate_rows(d, money),
        benefit_usd=usd_cell(d.candidates[r.candidate].net_benefit_vs_today, signed_usd, d),
        cost_usd=usd_cell(d.candidates[r.candidate].cost, show_usd, d),
        cheaper=_cheaper(d),
        break_even=tuple(break_even_row(c, d) for c in d.candidates.values() if c.name != d.today),
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
    prices = (f"Prices as of {d.prices_as_of}.",) if d.prices_as_of else ()
    return (*prices, f"Start {d.start.isoformat()}; {draws}.")
