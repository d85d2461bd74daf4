"""From a decision to its charts, as data: what is drawn, in which order, and what it says. ``svg`` draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from breakeven.advice.decision import (
    Assumption,
    CandidateResult,
    Decision,
    Flip,
    LineResult,
    Spread,
)
from breakeven.quantities import show_usd
from breakeven.report.chart_types import (
    BarChart,
    BarRow,
    Charts,
    DifferenceChart,
    DifferenceRow,
    FanChart,
    FanSeries,
    Group,
    Mark,
    MonthlyChart,
    MonthlyPanel,
    Role,
    StackedBar,
    StackedChart,
    Table,
)
from breakeven.report.cleaning import cleaned
from breakeven.report.curve_chart import curve_chart
from breakeven.report.densities import densities
from breakeven.report.evidence_charts import gain_chart, paired_chart, routing_chart
from breakeven.report.place_charts import map_chart, plane_chart
from breakeven.report.text import quantity, share, signed_usd
from breakeven.report.worth_charts import acceptability_chart, input_chart, outcome_chart, worth_chart

__all__ = ["GROUPS", "to_charts"]

GROUPS: Final = (
    Group(key="calls", title="Model calls", lines=(1, 2, 3, 4, 5, 6, 7, 8, 9, 30)),
    Group(key="serving", title="Hosting and serving", lines=(18, 19, 20, 21, 29, 32)),
    Group(key="build", title="Data, training, evaluation", lines=(10, 11, 12, 13, 14, 15, 31)),
    Group(key="people", title="People and compliance", lines=(16, 17, 25, 26, 27)),
    Group(key="renewal", title="Retraining and migration", lines=(22, 23)),
    Group(key="errors", title="Errors", lines=(24,), consequence=True),
    Group(key="latency", title="Latency and delay", lines=(28,), consequence=True),
)
"""Cost lines by number (30 to 32 are sums that a study states as a total); others stand apart, as ``other``."""
_OTHER: Final = Group(key="other", title="Other lines", lines=())


def to_charts(decision: Decision) -> Charts:
    """Chart data of a decision; its texts are cleaned first."""
    d = cleaned(decision)
    marks = _marks(d)
    return Charts(
        fan=_fan(d, marks),
        difference=_difference(d, marks),
        tornado=_tornado(d),
        stacked=_stacked(d, marks),
        monthly=_monthly(d, marks),
        plane=plane_chart(d, marks),
        map=map_chart(d, marks),
        worth=worth_chart(d),
        outcome=outcome_chart(d, marks),
        acceptability=acceptability_chart(d, marks),
        inputs=input_chart(d),
        paired=paired_chart(d, marks),
        curve=curve_chart(d, marks),
        routing=routing_chart(d, marks),
        gain=gain_chart(d),
    )


def _marks(d: Decision) -> dict[str, Mark]:
    """Today is grey, the answer has the first colour, the others follow in the study's order."""
    rest = [name for name in d.candidates if name != d.today]
    rest.sort(key=lambda name: name != d.recommendation.candidate)
    colours = {d.today: 0} | {name: k for k, name in enumerate(rest, start=1)}
    return {
        name: Mark(name=name, colour=colours[name], role=_role(name, d), extrapolated=c.extrapolated)
        for name, c in d.candidates.items()
    }


def _role(name: str, d: Decision) -> Role:
    if name == d.today:
        return "today"
    return "recommended" if name == d.recommendation.candidate else "other"


def _by_benefit(d: Decision) -> list[CandidateResult]:
    return sorted(d.candidates.values(), key=lambda c: -c.net_benefit_vs_today.mean)


# Cumulative cost.


def _fan(d: Decision, marks: dict[str, Mark]) -> FanChart:
    rival = _rival(d)
    banded = {d.today, rival.name} if rival else {d.today}
    series = tuple(
        FanSeries(
            mark=marks[c.name], low=c.fan.p05, middle=c.fan.p50, high=c.fan.p95, banded=c.name in banded
        )
        for c in d.candidates.values()
    )
    shown = range(0, d.horizon_months + 1, 6 if d.horizon_months >= 18 else 3)
    return FanChart(
        title=_fan_title(rival, d),
        text="Cumulative discounted cost by month, median. "
        + " ".join(f"{s.mark.name} ends at {show_usd(float(s.middle[-1]))}." for s in series),
        table=Table(
            head=("Month", *(s.mark.name for s in series)),
            rows=tuple((str(k), *(_fan_cell(s, k, d) for s in series)) for k in shown),
        ),
        months=d.horizon_months,
        series=series,
        break_even=rival.break_even if rival and rival.break_even.p50 is not None else None,
        break_even_name=rival.name if rival else "",
    )


def _rival(d: Decision) -> CandidateResult | None:
    """Who is compared with today: the answer, or the best of the others where today is the answer."""
    if d.recommendation.candidate != d.today:
        return d.candidates[d.recommendation.candidate]
    return next((c for c in _by_benefit(d) if c.name != d.today), None)


def _fan_title(rival: CandidateResult | None, d: Decision) -> str:
    if rival is None:
        return f"{d.today} costs {show_usd(d.candidates[d.today].cost.mean)} over {d.horizon_months} months"
    m = rival.break_even
    if m.p50 is None:
        chance = "" if d.draws == 1 else f" in {share(m.p_never)} of draws"
        return f"On its bill alone, {rival.name} does not pay for itself within {d.horizon_months} months{chance}"
    if m.p50 <= 0:
        return f"{rival.name} costs less than {d.today} from the start"
    return f"On its bill alone, {rival.name} has paid for itself from month {math.ceil(m.p50)} on"


def _fan_cell(s: FanSeries, month: int, d: Decision) -> str:
    middle = show_usd(float(s.middle[month]))
    if d.draws == 1:
        return middle
    return f"{middle} [{show_usd(float(s.low[month]))}, {show_usd(float(s.high[month]))}]"


# Net benefit.


def _difference(d: Decision, marks: dict[str, Mark]) -> DifferenceChart | None:
    others = [c for c in _by_benefit(d) if c.name != d.today]
    if not others:
        return None
    shapes = densities([c.net_benefit_draws for c in others])
    rows = tuple(
        DifferenceRow(
            mark=marks[c.name], spread=c.net_benefit_vs_today, p_better=c.p_better_than_today, density=density
        )
        for c, density in zip(others, shapes, strict=True)
    )
    best = rows[0]
    chance = "" if d.draws == 1 else f", and is better in {share(best.p_better)} of draws"
    title = (
        f"{best.mark.name} gains {show_usd(best.spread.mean)} on {d.today} on average{chance}"
        if best.spread.mean > 0
        else f"On average nothing gains on {d.today}"
    )
    return DifferenceChart(
        title=title,
        text=f"Net benefit against {d.today}, mean and 90% interval. "
        + " ".join(f"{r.mark.name}: {_interval(r.spread, d)}." for r in rows),
        table=Table(
            head=("Candidate", "Mean", "90% interval", "P(better)"),
            rows=tuple(
                (r.mark.name, signed_usd(r.spread.mean),
                 "" if d.draws == 1 else f"{signed_usd(r.spread.p05)} to {signed_usd(r.spread.p95)}",
                 "" if d.draws == 1 else share(r.p_better))
                for r in rows
            ),
        ),
        rows=rows,
    )  # fmt: skip


def _interval(s: Spread, d: Decision) -> str:
    if d.draws == 1:
        return signed_usd(s.mean)
    return f"{signed_usd(s.mean)}, {signed_usd(s.p05)} to {signed_usd(s.p95)}"


TORNADO_ROWS: Final = 10
# The tornado.


def _tornado(d: Decision) -> BarChart | None:
    rows = _bars(d)
    if not rows or d.draws == 1:
        return None
    chosen = d.recommendation.candidate
    others = [c.net_benefit_vs_today.mean for c in d.candidates.values() if c.name != chosen]
    base = d.candidates[chosen].net_benefit_vs_today.mean - max(others, default=0.0)
    return BarChart(
        title=_tornado_title(rows),
        text=f"Expected lead of {chosen} over the next best, {show_usd(base)}, with one input moved across its 90% "
        "interval; under zero another candidate leads. "
        + " ".join(f"{r.label}: {signed_usd(r.low_usd)} to {signed_usd(r.high_usd)}." for r in rows),
        table=Table(
            head=("Input", "Lead at its low end", "Lead at its high end", "The answer changes"),
            rows=tuple(
                (r.label, f"{signed_usd(r.low_usd)} {_at(r.low_text)}", f"{signed_usd(r.high_usd)} {_at(r.high_text)}",
                 r.note)
                for r in rows
            ),
        ),
        rows=rows,
        base_usd=base,
    )  # fmt: skip


def _tornado_title(rows: Sequence[BarRow]) -> str:
    likeliest = max(rows, key=lambda row: row.p)
    if likeliest.p > 0:
        return f"{likeliest.label} is the likeliest input to change the answer (P {share(likeliest.p)})"
    return "No input changes the answer within its 90% interval"


def _bars(d: Decision) -> tuple[BarRow, ...]:
    """Widest first: one bar for each input that has a range to be moved across."""
    known = {a.input: a for a in d.assumptions}
    bars = {f.input: _bar(f, known.get(f.input)) for f in reversed(d.flips) if _moves(f, known.get(f.input))}
    return tuple(sorted(bars.values(), key=lambda row: -abs(row.high_usd - row.low_usd))[:TORNADO_ROWS])


def _at(text: str) -> str:
    return f"({text})" if text else ""


def _moves(f: Flip, a: Assumption | None) -> bool:
    """Whether the input has a range to be moved across."""
    return f.low != f.high and (a is None or a.low != a.high)


def _bar(f: Flip, a: Assumption | None) -> BarRow:
    low, high = ("", "") if a is None else (quantity(v, f.kind, f.unit) for v in (a.low, a.high))
    return BarRow(
        label=f.input.removeprefix("candidates."), low_usd=f.low, high_usd=f.high, low_text=low, high_text=high, p=f.p,
        note=f"{f.direction} {quantity(f.at, f.kind, f.unit)} (P {share(f.p)}) → {f.to}",
    )  # fmt: skip


# Cost lines.


def _group_of(line: LineResult) -> Group:
    found = next((g for g in GROUPS if line.number in g.lines), None)
    return found if found is not None and found.consequence == line.consequence else _OTHER


def _grouped(d: Decision) -> tuple[Group, ...]:
    used = {_group_of(line).key for c in d.candidates.values() for line in c.lines}
    return tuple(g for g in (*GROUPS, _OTHER) if g.key in used)


def _stacked(d: Decision, marks: dict[str, Mark]) -> StackedChart:
    groups = _grouped(d)
    bars = tuple(_stacked_bar(c, marks[c.name], groups) for c in d.candidates.values())
    cheapest, best = min(bars, key=lambda b: b.bill_usd), min(bars, key=lambda b: b.total_usd)
    named = f"{cheapest.mark.name} has the smallest bill"
    if best.mark.name != cheapest.mark.name:
        named += f"; with what its answers cost, {best.mark.name} has the smallest sum"
    return StackedChart(
        title=named,
        text=f"Mean discounted cost over {d.horizon_months} months by kind of cost. "
        + " ".join(
            f"{b.mark.name}: bill {show_usd(b.bill_usd)}, in all {show_usd(b.total_usd)}." for b in bars
        ),
        table=Table(
            head=("Cost line", *(b.mark.name for b in bars)),
            rows=tuple(_line_row(number, title, d) for number, title in _line_titles(d)),
        ),
        groups=groups,
        bars=bars,
    )


def _stacked_bar(c: CandidateResult, mark: Mark, groups: tuple[Group, ...]) -> StackedBar:
    by_group = {g.key: 0.0 for g in groups}
    for line in c.lines:
        by_group[_group_of(line).key] += line.usd
    bill = sum(line.usd for line in c.lines if not line.consequence)
    return StackedBar(
        mark=mark, usd=tuple(by_group.values()), bill_usd=bill, total_usd=sum(by_group.values())
    )


def _line_titles(d: Decision) -> Iterable[tuple[int, str]]:
    return sorted({(line.number, line.title) for c in d.candidates.values() for line in c.lines})


def _line_row(number: int, title: str, d: Decision) -> tuple[str, ...]:
    cells = []
    for c in d.candidates.values():
        found = [line.usd for line in c.lines if (line.number, line.title) == (number, title)]
        cells.append(show_usd(sum(found)) if found else "–")
    return (f"{number} {title}", *cells)


def _monthly(d: Decision, marks: dict[str, Mark]) -> MonthlyChart | None:
    if d.horizon_months < 2:
        return None
    groups = tuple(g for g in _grouped(d) if not g.consequence)
    panels = tuple(_panel(c, marks[c.name], groups, d.horizon_months) for c in d.candidates.values())
    sums = {p.mark.name: np.sum(p.usd, axis=0) for p in panels}
    peaks = {name: (int(np.argmax(total[1:])) + 2, float(total[1:].max())) for name, total in sums.items()}
    name, (month, top) = max(peaks.items(), key=lambda item: item[1][1])
    rest = {name: float(total[1:].mean()) for name, total in sums.items()}
    return MonthlyChart(
        title=f"After the start, the dearest month is month {month} of {name}: {show_usd(top)}",
        text="Mean bill by month, undiscounted. "
        + " ".join(
            f"{p.mark.name}: {show_usd(p.first_usd)} in month 1, then {show_usd(rest[p.mark.name])} a month."
            for p in panels
        ),
        table=Table(
            head=("Candidate", "Month 1", "Month 2", "Mean from month 2", "Dearest after month 1"),
            rows=tuple(
                (n, *(show_usd(float(v)) for v in (total[0], total[1], rest[n], peaks[n][1])))
                for n, total in sums.items()
            ),
        ),
        groups=groups,
        panels=panels,
        top_usd=top,
    )


def _panel(c: CandidateResult, mark: Mark, groups: tuple[Group, ...], months: int) -> MonthlyPanel:
    usd = {g.key: np.zeros(months) for g in groups}
    for line in c.lines:
        if not line.consequence:
            usd[_group_of(line).key] += line.by_month_usd
    return MonthlyPanel(mark=mark, usd=tuple(usd.values()), first_usd=float(sum(v[0] for v in usd.values())))
