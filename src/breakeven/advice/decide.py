"""``decide``: from a study to a decision, in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from breakeven.advice.buying import buy_next, first_worth_it, worth_of_groups, worth_of_inputs
from breakeven.advice.curve_plots import learning_fans
from breakeven.advice.decision import (
    Assumption,
    CandidateResult,
    CrossoverMap,
    Decision,
    Fan,
    LineResult,
    Months,
    Recommendation,
    Spread,
)
from breakeven.advice.flips import find_flips
from breakeven.advice.gates import run_gates
from breakeven.advice.measured_plots import evidence_facts, measured_differences, next_gain, routing_frontier
from breakeven.advice.path import find_waiting
from breakeven.advice.plots import acceptability_grids, bad_end_of_regret, icer_rows
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.purchases import PURCHASES, PurchaseKind
from breakeven.advice.ranking import Ranking, rank
from breakeven.advice.reasons import answer, is_extrapolated
from breakeven.advice.rule import Rule
from breakeven.advice.rules import contradictions, run_rules
from breakeven.beliefs import Belief, Draws, Values, unit_of
from breakeven.economics import COST_LINES, CandidateOutcome, CostLine, Outcome, simulate
from breakeven.economics.sensitivity import go_on, winners
from breakeven.economics.totals import break_even_volume, inputs_of
from breakeven.statistics.information import evpi
from breakeven.study.model import Candidate, Study, beliefs_in

__all__ = ["decide", "outline"]

SENSITIVITY_DRAWS = 512
VOLUME_DRAWS = 1000
INFORMATION_DRAWS = 4000
MAP_DRAWS = 64
SHOWN_DRAWS = 4000


def decide(
    study: Study,
    *,
    draws: int = 20_000,
    seed: int = 0,
    prices_as_of: str = "",
    lines: Sequence[CostLine] = COST_LINES,
    rules: Sequence[Rule] = PUBLISHED_RULES,
    purchases: Sequence[PurchaseKind] = PURCHASES,
    between: Callable[[], None] = go_on,
) -> Decision:
    """Compare all candidates of a study over its horizon.

    ``draws``: how many worlds to sample; 1 puts every belief at its centre (deterministic). ``between``: called between
    steps; what it raises ends the work, for which nobody may wait any more. Raises InputError where the study asks for
    something that has no figure.
    """
    worlds = study.centres() if draws <= 1 else study.sample(draws, seed)
    outcome = simulate(study, worlds, lines=lines)
    between()
    ranking = rank(study, outcome)
    volumes = _volumes(study, worlds.first(VOLUME_DRAWS), outcome, lines)
    between()
    known = worlds.first(INFORMATION_DRAWS)
    information = worth_of_inputs(study, known, ranking)
    influential = [row.input for row in information]
    buying = buy_next(study, known, outcome, ranking, seed=seed, purchases=purchases, between=between)
    middle = {name: float(np.quantile(v, 0.5, method="higher")) for name, v in volumes.items()}
    words = answer(study, outcome, ranking, middle, influential, first_worth_it(buying))
    bad_end = bad_end_of_regret(ranking)
    candidates = {
        name: _candidate(study, outcome, ranking, name, volumes.get(name), lines, bad_end.get(name))
        for name in outcome.candidates
    }
    between()
    verdicts = run_rules(study, outcome, ranking.leader, rules)
    choosable = [name for name, ok in zip(ranking.names, ranking.eligible, strict=True) if ok]
    return Decision(
        study=study.name, seed=seed, draws=worlds.n, start=study.start, horizon_months=study.horizon_months,
        discount=str(study.discount), task=study.workload.task, today=study.today,
        recommendation=Recommendation(
            candidate=ranking.leader, action=words.action, headline=words.headline,
            p_best=ranking.p_best[ranking.leader], expected_regret_usd=ranking.regret_usd[ranking.leader],
            reasons=words.reasons, enough_evidence=not words.missing, missing_evidence=words.missing,
        ),
        candidates=candidates,
        rules=verdicts,
        contradictions=contradictions(verdicts, rules),
        gates=run_gates(study, outcome),
        flips=find_flips(study, worlds.first(SENSITIVITY_DRAWS), choosable, ranking.leader, between=between),
        evpi_usd=evpi(ranking.benefits[:, list(ranking.eligible)]),
        evppi_usd={row.input: row.usd for row in information},
        evppi=information,
        evppi_groups=worth_of_groups(study, known, ranking),
        buy_next=buying,
        waiting=find_waiting(study, known, ranking, seed=seed, lines=lines) if worlds.n > 1 else (),
        acceptability=acceptability_grids(study, known, outcome, ranking),
        icers=icer_rows(outcome),
        differences=measured_differences(study, outcome),
        evidence=evidence_facts(study),
        routing=routing_frontier(study, known, seed=seed),
        next_gain=next_gain(study, known, seed=seed),
        learning_curves=learning_fans(study, seed=seed),
        crossover=_crossover(study, worlds.first(MAP_DRAWS), choosable, influential),
        assumptions=_assumptions(study, worlds, lines),
        not_counted=study.not_counted, notes=study.notes,
        error_cost_stated=study.workload.error_cost is not None,
        target=None if study.workload.target is None else str(study.workload.target),
        prices_as_of=prices_as_of,
    )  # fmt: skip


def outline(
    study: Study, *, draws: int = 1000, seed: int = 0, prices_as_of: str = "", lines: Sequence[CostLine] = COST_LINES
) -> Decision:  # fmt: skip
    """Who leads and by how much, in a fraction of the time that ``decide`` takes: for a page that is being changed.

    It weighs no evidence: there are no flips, no values of information, no purchases, rules, gates or break-even
    volumes, so its action is empty and its headline only says who leads.
    """
    worlds = study.sample(draws, seed)
    outcome = simulate(study, worlds, lines=lines)
    ranking = rank(study, outcome)
    leader = ranking.leader
    return Decision(
        study=study.name, seed=seed, draws=worlds.n, start=study.start, horizon_months=study.horizon_months,
        discount=str(study.discount), task=study.workload.task, today=study.today,
        recommendation=Recommendation(
            candidate=leader, action="", headline=f"{leader} leads.", p_best=ranking.p_best[leader],
            expected_regret_usd=ranking.regret_usd[leader], reasons=(), enough_evidence=True, missing_evidence=(),
        ),
        candidates={n: _candidate(study, outcome, ranking, n, None, lines) for n in outcome.candidates},
        rules=(), gates=(), flips=(), evpi_usd=ranking.regret_usd[leader], evppi_usd={}, crossover=None,
        assumptions=(), not_counted={}, notes=(), error_cost_stated=study.workload.error_cost is not None,
        target=None if study.workload.target is None else str(study.workload.target), prices_as_of=prices_as_of,
    )  # fmt: skip


def _spread(x: Values) -> Spread:
    if x.min() == x.max():  # a point has no interval, not even that of rounding
        return Spread(mean=float(x[0]), p05=float(x[0]), p95=float(x[0]))
    low, high = np.quantile(x, (0.05, 0.95))
    return Spread(mean=float(x.mean()), p05=float(low), p95=float(high))


def _months(x: Values) -> Months:
    """Percentiles of a break-even; those that fall among the draws that never do are None."""
    found = [float(v) for v in np.quantile(x, (0.05, 0.5, 0.95), method="higher")]
    p05, p50, p95 = (v if np.isfinite(v) else None for v in found)
    return Months(p_never=float(np.mean(np.isinf(x))), p05=p05, p50=p50, p95=p95)


def _volumes(study: Study, draws: Draws, outcome: Outcome, lines: Sequence[CostLine]) -> dict[str, Values]:
    """Break-even volume of each candidate but today's, (draws,) calls a month."""
    return {
        name: break_even_volume(study, draws, name, lines)
        for name in outcome.candidates
        if name != study.today
    }


def _candidate(
    study: Study,
    outcome: Outcome,
    ranking: Ranking,
    name: str,
    volumes: Values | None,
    lines: Sequence[CostLine],
    bad_end: float | None = None,
) -> CandidateResult:
    ours, todays = outcome.candidates[name], outcome.candidates[study.today]
    candidate, target = study.candidates[name], study.workload.target
    gain = ours.net_benefit_usd - todays.net_benefit_usd
    never = Months(p_never=1.0, p05=None, p50=None, p95=None)
    is_today = name == study.today
    return CandidateResult(
        name=name, kind=ours.kind, describe=describe(study, candidate),
        cost=_spread(ours.cost_usd), upfront=_spread(ours.upfront_usd), monthly=_spread(ours.monthly_usd),
        consequence=_spread(ours.consequence_usd), net_benefit_vs_today=_spread(gain), quality=_spread(ours.quality),
        quality_source=_quality_source(study, candidate), extrapolated=is_extrapolated(study, candidate),
        p_best=ranking.p_best[name],
        p_cheaper_than_today=float(np.mean(ours.cost_usd < todays.cost_usd)),
        p_better_than_today=float(np.mean(gain > 0)),
        p_target=None if target is None else float(np.mean(ours.quality >= target.centre)),
        regret_usd=ranking.regret_usd[name],
        break_even=Months(p_never=0.0, p05=0.0, p50=0.0, p95=0.0) if is_today else _months(ours.break_even_months),
        break_even_volume=never if volumes is None else _months(volumes),
        lines=_lines(ours, lines), fan=_fan(ours), net_benefit_draws=gain[:SHOWN_DRAWS],
        cvar_regret_usd=bad_end,
    )  # fmt: skip


def _lines(candidate: CandidateOutcome, lines: Sequence[CostLine]) -> tuple[LineResult, ...]:
    return tuple(
        LineResult(
            key=line.key, number=line.number, title=line.title, usd=candidate.lines_usd[line.key],
            by_month_usd=candidate.line_months_usd[line.key], consequence=line.consequence,
        )
        for line in lines
        if line.key in candidate.lines_usd
    )  # fmt: skip


def _fan(candidate: CandidateOutcome) -> Fan:
    p05, p50, p95 = np.quantile(candidate.cumulative_usd, (0.05, 0.5, 0.95), axis=0)
    return Fan(p05=p05, p50=p50, p95=p95)


def describe(study: Study, candidate: Candidate) -> str:
    """One short phrase for a candidate."""
    if candidate.kind == "hybrid" and candidate.escalate is not None:
        return f"{candidate.small}, {candidate.escalate} of calls handed to {candidate.large}"
    if candidate.kind == "wait":
        return f"{candidate.first} now, {candidate.then} from month {candidate.switch_month}"
    parts = [candidate.prices.key] if candidate.prices is not None and candidate.per_call is None else []
    if candidate.per_call is not None:
        parts.append(f"{candidate.per_call}, as stated")
    elif candidate.tokens is not None:
        t = candidate.tokens
        sizes = (t.static.centre + t.input.centre, t.output.centre + t.reasoning.centre)
        parts.append(f"{sizes[0]:,.0f} → {sizes[1]:,.0f} tokens")
    return ", ".join(parts) or candidate.kind


def _quality_source(study: Study, candidate: Candidate) -> str:
    """Where its quality comes from, and what caps it."""
    cap = candidate.quality.cap
    found = _uncapped_source(candidate)
    return found if cap is None else f"{found}; at most the share of right labels, {cap}: {cap.source}"


def _uncapped_source(candidate: Candidate) -> str:
    quality = candidate.quality
    if quality.level is not None:
        return str(quality.level.source)
    if quality.gain is not None:
        return f"{quality.relative_to} {quality.gain}: {quality.gain.source}"
    if candidate.kind == "hybrid":
        return f"mixed from {candidate.small} and {candidate.large}"
    return f"from {candidate.first} and {candidate.then}"


def _crossover(
    study: Study, draws: Draws, names: Sequence[str], influential: Sequence[str]
) -> CrossoverMap | None:
    """Volume against the input that matters most besides it."""
    other = _other_axis(study, influential)
    volume = study.workload.volume.centre
    if other is None or len(names) < 2 or volume <= 0:
        return None
    volumes = volume * np.geomspace(1 / 30, 30, 25)
    values = _axis(other)
    return CrossoverMap(
        input=other.name, kind=other.kind, volumes=volumes, values=values,
        winner=winners(study, draws, names, volumes, other, values),
    )  # fmt: skip


def _other_axis(study: Study, influential: Sequence[str]) -> Belief | None:
    """The most influential input but volume and draws from evidence; else the cost of an error, else a price."""
    by_name = {belief.name: belief for belief in study.beliefs}
    wanted = [by_name[name] for name in influential if name in by_name]
    usable = [b for b in wanted if b.name != study.workload.volume.name and b.high > b.low]
    if usable:
        return usable[0]
    if study.workload.error_cost is not None and study.workload.error_cost.centre > 0:
        return study.workload.error_cost
    prices = [
        c.prices.input for c in study.candidates.values() if c.prices is not None and c.per_call is None
    ]
    ranged = [b for b in study.beliefs if not b.is_point and b.name != study.workload.volume.name]
    return next(iter([p for p in prices if p.centre > 0] + ranged), None)


def _axis(belief: Belief) -> Values:
    if belief.is_point:
        return belief.centre * np.geomspace(0.25, 4, 13)
    return np.linspace(belief.low, belief.high, 13)


def _assumptions(study: Study, draws: Draws, lines: Sequence[CostLine]) -> tuple[Assumption, ...]:
    """Every input that a figure on the page is computed from; those that no candidate reads are left out."""
    read = frozenset().union(*(inputs_of(study, draws, name, lines) for name in study.candidates))
    shown = {b.name for c in study.candidates.values() for b in beliefs_in(c.quality)}
    shown |= {b.name for b in (study.workload.target,) if b is not None}
    return tuple(_assumption(belief) for belief in study.beliefs if belief.name in read | shown)


def _assumption(belief: Belief) -> Assumption:
    return Assumption(
        input=belief.name, value=str(belief), low=belief.low, centre=belief.centre, high=belief.high,
        unit=unit_of(belief.kind), source=belief.source,
    )  # fmt: skip
