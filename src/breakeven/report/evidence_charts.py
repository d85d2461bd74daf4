"""What was measured, as chart data: paired differences, a router's frontier, what one more version may bring."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from breakeven.advice.decision import Decision
from breakeven.advice.plot_types import MeasuredDifference, NextGain, RoutingFrontier
from breakeven.quantities import show_usd
from breakeven.report.chart_types import Density, GainChart, Mark, PairedChart, PairedRow, RoutingChart, Table
from breakeven.report.densities import densities
from breakeven.report.text import MINUS, share, signed_usd

__all__ = ["gain_chart", "paired_chart", "routing_chart"]


def paired_chart(d: Decision, marks: Mapping[str, Mark]) -> PairedChart | None:
    """Differences on the same cases; None where no two candidates were scored on the same ones."""
    found = [x for x in d.differences if x.candidate in marks]
    if not found:
        return None
    rows = tuple(
        PairedRow(
            mark=marks[x.candidate], reference=x.reference, raw=x.raw, raw_low=x.raw_low, raw_high=x.raw_high,
            corrected=x.corrected, corrected_low=x.corrected_low, corrected_high=x.corrected_high,
            note=f"better P {share(x.p_better)}",
        )
        for x in found
    )  # fmt: skip
    return PairedChart(
        title=_paired_title(max(found, key=lambda x: x.corrected)),
        text="Score less that of the reference on the same cases, in points, with 90% intervals. "
        + " ".join(
            f"{x.candidate} less {x.reference}: {_points(x.raw)} as read, {_points(x.corrected)} as counted."
            for x in found
        ),
        table=Table(
            head=("Candidate", "Against", "Cases", "As read", "As counted", "P(better)", "Corrected for"),
            rows=tuple(
                (x.candidate, x.reference, f"{x.n_cases:,}", _interval(x.raw, x.raw_low, x.raw_high),
                 _interval(x.corrected, x.corrected_low, x.corrected_high), share(x.p_better),
                 "; ".join(x.why) or "nothing: it had not to be")
                for x in found
            ),
        ),
        rows=rows,
    )  # fmt: skip


def _paired_title(x: MeasuredDifference) -> str:
    sure = x.corrected_low > 0 or x.corrected_high < 0
    word = "better" if x.corrected >= 0 else "worse"
    apart = f"{abs(100 * x.corrected):.1f} points {word}"
    said = f"On the same {x.n_cases:,} cases {x.candidate} is {apart} than {x.reference}"
    return said if sure else f"{said}; the interval holds zero"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", MINUS)


def _interval(value: float, low: float | None, high: float | None) -> str:
    ends = "not enough cases" if low is None or high is None else f"[{_points(low)}, {_points(high)}]"
    return f"{_points(value)} {ends}"


# Routing.


def routing_chart(d: Decision, marks: Mapping[str, Mark]) -> RoutingChart | None:
    """The cross-fitted frontier; None where no scores hold a confidence."""
    r = d.routing
    if r is None or r.small not in marks or r.large not in marks:
        return None
    at = [int(k) for k in np.unique(np.linspace(0, r.shares.size - 1, 11).round())]
    return RoutingChart(
        title=_routing_title(r),
        text=f"Share of right answers by the share of calls that {r.small} hands to {r.large}, by its confidence and "
        f"by chance; judged on {r.n_cases:,} cases by fits that had not seen them.",
        table=Table(
            head=("Handed on", "Right, by confidence", "Right, by chance"),
            rows=tuple(
                (share(float(r.shares[k])), f"{r.quality[k]:.1%}", f"{r.by_chance[k]:.1%}") for k in at
            ),
        ),
        small=marks[r.small], large=marks[r.large], shares=r.shares, quality=r.quality, by_chance=r.by_chance,
        best_share=r.best_share,
    )  # fmt: skip


def _routing_title(r: RoutingFrontier) -> str:
    if r.best_share is None or r.value_usd_per_1000 is None:
        return f"Handing on what {r.small} doubts: errors have no price here, so no share is best"
    if r.best_share == 0:
        return f"No answer that {r.small} doubts is worth handing to {r.large}"
    error = f" ± {show_usd(r.error_usd_per_1000)}" if r.error_usd_per_1000 else ""
    brings = f"{signed_usd(r.value_usd_per_1000)}{error} per 1,000 calls"
    return f"Handing {share(r.best_share)} of calls from {r.small} to {r.large} brings {brings}"


# One more version of a prompt.


def gain_chart(d: Decision) -> GainChart | None:
    """What the next version may bring; None where no versions were scored, or errors have no price."""
    g = d.next_gain
    if g is None:
        return None
    [shape] = densities([g.gain_usd])
    density = shape or Density(usd=np.array([g.value_usd, g.value_usd]), height=np.zeros(2))
    return GainChart(
        title=f"One more version of {g.candidate} is worth {show_usd(g.value_usd)} on average, at most",
        text=f"What the next version may gain over the best of {g.versions}, in dollars over the horizon: truly better "
        f"with probability {share(g.p_gains)}; {_prior(g)}.",
        table=Table(
            head=("Version", "Scored", "Corrected for having been picked", "90%"),
            rows=tuple(
                (f"{k}", f"{raw:.1%}", f"{fixed:.1%}", f"[{100 * low:.1f}, {100 * high:.1f}]")
                for k, (raw, fixed, low, high) in enumerate(g.scores, start=1)
            ),
        ),
        density=density, value_usd=g.value_usd, cost_usd=g.cost_usd, p_gains=g.p_gains,
    )  # fmt: skip


def _prior(g: NextGain) -> str:
    return f"{share(g.prior_share)} of this forecast rests on a prior guess of ±2 points a version"
