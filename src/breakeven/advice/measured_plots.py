"""What the scores of a study show beside its decision: differences, a router's frontier, the next version's gain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from breakeven.advice.plot_types import EvidenceFacts, MeasuredDifference, NextGain, RoutingFrontier
from breakeven.advice.plots import discounted_calls
from breakeven.beliefs import Draws
from breakeven.economics.lines.tokens import call_cost
from breakeven.economics.outcome import Outcome
from breakeven.economics.world import World
from breakeven.errors import NotEnoughEvidenceError
from breakeven.statistics.iterations import next_iteration
from breakeven.statistics.pairing import compare
from breakeven.statistics.routing import LEAST_CASES, routing_curve
from breakeven.study.model import Study
from breakeven.study.scored import ScoredGroup

__all__ = ["evidence_facts", "measured_differences", "next_gain", "routing_frontier"]

LEVEL: Final = 0.90
PAIR_DRAWS: Final = 2000
HISTORY_DRAWS: Final = 2000


def measured_differences(study: Study, outcome: Outcome) -> tuple[MeasuredDifference, ...]:
    """Every candidate that shares cases with today's (else with the first of its group), as read and as counted."""
    return tuple(
        _difference(study, outcome, group, column, reference)
        for group in study.scored
        if len(group.names) > 1
        for reference in [group.names.index(study.today) if study.today in group.names else 0]
        for column in range(len(group.names))
        if column != reference
    )


def _difference(
    study: Study, outcome: Outcome, group: ScoredGroup, column: int, reference: int
) -> MeasuredDifference:
    name, other = group.names[column], group.names[reference]
    raw = compare(
        group.seen[:, reference], group.seen[:, column], rng=np.random.default_rng(0), clusters=group.seen_clusters,
        level=LEVEL, draws=PAIR_DRAWS,
    ).difference  # fmt: skip
    drawn = outcome.candidates[name].quality - outcome.candidates[other].quality
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return MeasuredDifference(
        candidate=name, reference=other, n_cases=group.seen.shape[0], n_clusters=raw.n_clusters, raw=raw.value,
        raw_low=raw.low, raw_high=raw.high, corrected=float(drawn.mean()), corrected_low=float(low),
        corrected_high=float(high), p_better=float((drawn > 0).mean() + (drawn == 0).mean() / 2),
        why=tuple(reason for one in (name, other) for reason in _why(group, one)),
    )  # fmt: skip


def _why(group: ScoredGroup, name: str) -> Iterator[str]:
    """What a candidate's scores were corrected for."""
    known = group.known[name]
    if name in group.versions:
        yield f"{name} is the best of {group.versions[name].shape[1]} versions"
    if known.moved:
        yield f"people's labels move the judge of {name} by {100 * known.moved:+.1f} points".replace("-", "−")
    if known.leaked:
        yield f"{known.leaked:,} cases stood in the training rows of {name}"
    if (known.openings or 0) > 1:
        yield f"the sealed cases of {name} were opened {known.openings} times"


def evidence_facts(study: Study) -> tuple[EvidenceFacts, ...]:
    """Cases, iterations, optimism and openings behind every measured quality."""
    return tuple(
        EvidenceFacts(
            candidate=name, n_cases=group.scores.shape[0], iterations=group.known[name].iterations,
            optimism=_optimism(group, name, column), openings=group.known[name].openings,
        )
        for group in study.scored
        for column, name in enumerate(group.names)
    )  # fmt: skip


def _optimism(group: ScoredGroup, name: str, column: int) -> float | None:
    if name not in group.versions:
        return None
    return float(group.scores[:, column].mean() + group.known[name].moved - group.drawn[:, column].mean())


def routing_frontier(study: Study, draws: Draws, *, seed: int) -> RoutingFrontier | None:
    """What handing on by a candidate's confidence brings; for the study's hybrids first. None: no such scores."""
    for group, small, large in _routes(study):
        at, to = group.names.index(small), group.names.index(large)
        price = [b for b in (study.workload.error_cost, study.workload.value) if b is not None]
        extra = float(np.mean(call_cost(World(study=study, candidate=study.candidates[large], draws=draws))))
        found = routing_curve(
            group.confidence[small], group.scores[:, at], group.scores[:, to], np.random.default_rng([seed, 58]),
            value_usd=sum(float(np.mean(draws[b])) for b in price) if price else None, extra_cost_usd=extra,
            clusters=group.clusters,
        )  # fmt: skip
        return RoutingFrontier(
            small=small, large=large, n_cases=found.n, shares=found.shares, quality=found.quality,
            by_chance=found.by_chance, best_share=found.best_share,
            value_usd_per_1000=_thousand(found.value_per_call_usd), error_usd_per_1000=_thousand(found.error_usd),
            large_usd_per_1000=_thousand(found.large_per_call_usd), extra_cost_usd_per_1000=1000 * extra,
        )  # fmt: skip
    return None


def _thousand(usd: float | None) -> float | None:
    return None if usd is None else 1000 * usd


def _routes(study: Study) -> Iterator[tuple[ScoredGroup, str, str]]:
    """Pairs with scores and a confidence: those that the study calls a hybrid, then each with today's candidate."""
    able = [(g, name) for g in study.scored for name in g.confidence if g.scores.shape[0] >= LEAST_CASES]
    stated = {(c.small, c.large) for c in study.candidates.values() if c.kind == "hybrid"}
    yield from ((g, small, large) for g, small in able for large in g.names if (small, large) in stated)
    yield from (
        (g, small, study.today) for g, small in able if study.today in g.names and small != study.today
    )


def next_gain(study: Study, draws: Draws, *, seed: int) -> NextGain | None:
    """What one more version of a prompt may bring; today's prompt first. None: no versions, or no price of an error."""
    price = [b for b in (study.workload.error_cost, study.workload.value) if b is not None]
    families = [(g, name) for g in study.scored for name, scores in g.versions.items() if scores.shape[1] > 1]
    families.sort(key=lambda it: it[1] != study.today)
    if not price or not families:
        return None
    group, name = families[0]
    calls = discounted_calls(study, draws)
    usd = 0.01 * float(np.mean(calls * sum(np.asarray(draws[b]) for b in price)))
    try:
        found = next_iteration(
            group.versions[name], np.random.default_rng([seed, 59]), usd_per_point=usd, clusters=group.clusters,
            level=LEVEL, draws=HISTORY_DRAWS,
        )  # fmt: skip
    except NotEnoughEvidenceError:
        return None
    scores = zip(found.selection.raw, found.selection.corrected, strict=True)
    return NextGain(
        candidate=name, versions=found.versions, n_cases=group.scores.shape[0], usd_per_point=usd,
        gain_usd=found.draws * 100 * usd, value_usd=found.value_usd or 0.0, p_gains=found.p_gains, cost_usd=None,
        p_pays=found.p_pays, prior_share=found.prior_share,
        scores=tuple((raw.value, fixed.value, *fixed.interval) for raw, fixed in scores),
    )  # fmt: skip
