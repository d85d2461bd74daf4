"""The sample decision with everything that its pictures can show, each figure simple enough to be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from breakeven.advice.decision import Decision, InputWorth
from breakeven.advice.plot_types import (
    AcceptabilityGrid,
    CurvePoint,
    EvidenceFacts,
    LearningFan,
    MeasuredDifference,
    NextGain,
    OutcomeGrid,
    RoutingFrontier,
)
from breakeven.economics.options.waiting import Waiting
from breakeven.statistics.cost_effectiveness import icers

GRID = np.linspace(0.0, 0.4, 41)


def with_plots(decision: Decision) -> Decision:
    """``decision`` (one of ``sample``'s) with every picture."""
    names = list(decision.candidates)
    return replace(
        decision,
        buy_next=tuple(replace(p, outcome=outcome()) if p.rule else p for p in decision.buy_next),
        evppi=(
            InputWorth(input="candidates.tuned.quality.gain", usd=3_900.0, cross_fitted_usd=3_600.0,
                       standard_error_usd=150.0),
            InputWorth(input="workload.errors.cost", usd=2_150.0, cross_fitted_usd=2_000.0, standard_error_usd=90.0),
        ),
        waiting=(waited(3, 2_000.0, -9_000.0), waited(6, 9_100.0, -17_800.0), waited(None, 9_100.0, -17_000.0)),
        acceptability=(acceptability(), replace(acceptability(), over="value per point", values_usd=GRID * 1e5)),
        icers=icers(names, [10.0, 20.0, 30.0, 40.0, 50.0][: len(names)], [90.0, 89.0, 91.0, 93.0, 94.0][: len(names)]),
        differences=(
            MeasuredDifference(candidate="small", reference="prompt", n_cases=412, n_clusters=None, raw=0.03,
                               raw_low=-0.01, raw_high=0.07, corrected=0.01, corrected_low=-0.03, corrected_high=0.05,
                               p_better=0.66, why=("prompt is the best of 14 versions",)),
        ),
        evidence=(EvidenceFacts(candidate="prompt", n_cases=412, iterations=14, optimism=0.012, openings=2),),
        routing=RoutingFrontier(
            small="small", large="prompt", n_cases=412, shares=np.array([0.0, 0.5, 1.0]),
            quality=np.array([0.8, 0.95, 0.9]), by_chance=np.array([0.8, 0.85, 0.9]), best_share=0.5,
            value_usd_per_1000=12.0, error_usd_per_1000=2.0, large_usd_per_1000=4.0, extra_cost_usd_per_1000=8.0,
        ),
        next_gain=NextGain(
            candidate="prompt", versions=2, n_cases=412, usd_per_point=1_000.0, gain_usd=np.linspace(-3e3, 3e3, 1001),
            value_usd=750.0, p_gains=0.5, cost_usd=500.0, p_pays=0.42, prior_share=0.75,
            scores=((0.88, 0.87, 0.84, 0.90), (0.90, 0.88, 0.85, 0.91)),
        ),
        learning_curves=(learning(),),
    )  # fmt: skip


def outcome() -> OutcomeGrid:
    """hybrid passes small at +0.8 points: the lines are straight."""
    values = np.linspace(-0.032, 0.048, 41)
    return OutcomeGrid(
        words="pilot gains", on="over prompt on the same 400 cases", kind="points", values=values,
        names=("small", "hybrid"), leader="small",
        expected_usd=np.stack([np.zeros(41), 1e6 * (values - 0.008)], axis=1),
        edges=np.linspace(-0.032, 0.048, 9), share=np.array([1, 2, 3, 4, 4, 3, 2, 1]) / 20,
    )  # fmt: skip


def acceptability() -> AcceptabilityGrid:
    """prompt is best up to $0.20, hybrid beyond; the chances cross there, too."""
    hybrid = GRID / 0.4
    return AcceptabilityGrid(
        over="error cost", names=("prompt", "hybrid"), values_usd=GRID,
        p_best=np.stack([1 - hybrid, hybrid], axis=1),
        frontier=tuple("hybrid" if k > 0.205 else "prompt" for k in GRID), believed=(0.04, 0.09, 0.17),
    )  # fmt: skip


def waited(months: int | None, information: float, delay: float) -> Waiting:
    return Waiting(months=months, value_usd=information + delay, information_usd=information, delay_usd=delay,
                   error_usd=400.0, p_changes=0.2, then="hybrid")  # fmt: skip


def learning() -> LearningFan:
    """small was run on up to 400 examples: two points more with each doubling, ±1 point, planned on 1,000."""

    def at(size: float) -> CurvePoint:
        value = 0.80 + 0.02 * float(np.log2(size / 50))
        return CurvePoint(
            size=size, value=value, low=value - 0.01, high=value + 0.01, extrapolated=size > 400
        )

    sizes = (50.0, 100.0, 200.0, 400.0)
    return LearningFan(
        candidate="small", file="evidence/curve.json", runs=tuple((n, at(n).value) for n in (*sizes, 400.0)),
        band=tuple(at(50.0 * 2 ** (k / 4)) for k in range(21)),
        marked=tuple(map(at, (*sizes, 800.0, 1000.0, 1600.0))), largest=400.0, farthest=1600.0, level=0.9,
        planned=1000.0, expected=at(1000.0),
    )  # fmt: skip
