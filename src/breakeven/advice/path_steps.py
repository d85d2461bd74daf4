"""The steps of a path in words: what, when, at what cost and effort, through which gate, back to what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breakeven.advice.decision import Spread
from breakeven.advice.path_types import CadenceTable, Step, StepGate
from breakeven.advice.spreads import spread
from breakeven.beliefs import Belief, Values
from breakeven.economics.options.gates import Gate
from breakeven.economics.options.plans import Plans, parts_of, serves_until
from breakeven.economics.options.retirements import Retirement, month_start
from breakeven.economics.options.staging import Staged, Tranches
from breakeven.quantities import show_usd

__all__ = ["after_tuning", "every", "kept_steps", "staged_steps"]


def every(months: int | None) -> str:
    """A cadence in words."""
    if months is None:
        return "never"
    return "every month" if months == 1 else f"every {months} months"


def kept_steps(plans: Plans, base: str, target: str | None, nearest: Staged | None) -> tuple[Step, ...]:
    """Staying with what needs no training; the first gate of the nearest path says when to look again."""
    today = plans.study.today
    first = [] if base == today else [_moving(plans, base)]
    gate = None if nearest is None else nearest.pilot_gate
    opens = gate is not None and gate.threshold is not None
    again = (
        f"Look again: a pilot of {target} pays once its gate opens"
        if opens
        else "Look again: with a year of data, a new model, or other prices"
    )
    month = min(13, plans.study.horizon_months)
    look = _step(plans, again, month, 1.0, cost=np.zeros(1), gate=gate if opens else None, rollback=base)
    return (*first, look)


def _moving(plans: Plans, base: str) -> Step:
    """Moving to a candidate that needs no training."""
    cost = sum(plans.build_usd(base).values(), np.zeros(1))
    return _step(plans, f"Move to {base}", 2, 1.0, cost=cost, hours=_hours(plans, base, 1.0, 1.0),
                 rollback=_todays(plans))  # fmt: skip


def _todays(plans: Plans) -> str:
    """Today's candidate, to go back to while it still answers."""
    study = plans.study
    stops = serves_until(study, study.today)
    return (
        study.today if stops >= study.horizon_months else f"nothing: {study.today} stops in month {stops + 1}"
    )


def staged_steps(
    plans: Plans, base: str, target: str, staged: Staged, cost: Tranches, cases: Values
) -> tuple[Step, ...]:
    """The stages of a calendar."""
    c, today = staged.calendar, plans.study.today
    if c.pilot_month is None:
        return _at_once(plans, base, target, staged, cost)
    n, f = float(np.median(cases)), cost.pilot_share
    pilot = (
        f"Pilot fine-tune: {target} on {f:.0%} of its examples"
        if 0 < f < 1
        else f"Pilot fine-tune of {target}"
    )
    moving = np.zeros(1) if base == today else sum(plans.build_usd(base).values(), np.zeros(1))
    score = f"Score {base} on {n:,.0f} cases" + (
        "" if base == today else "; it serves from month 2 if it passes"
    )
    p_moved = 1.0 if staged.base_gate is None else staged.base_gate.p_pass
    steps = [
        _step(plans, score, 1, 1.0, cost=cost.evals_usd + moving, gate=staged.base_gate or staged.pilot_gate,
              hours=None if base == today else _hours(plans, base, 1.0, 1.0), rollback=today)
    ]  # fmt: skip
    if staged.base_gate is not None and staged.pilot_gate is not None and c.pilot_month > 2:
        steps.append(_step(plans, f"{base} serves all calls", 2, p_moved, cost=np.zeros(1), gate=staged.pilot_gate,
                           rollback=base))  # fmt: skip
    live = f"{'' if f >= 1 else 'Build the rest; '}{target} serves {c.share:.0%} of calls"
    return (
        *steps,
        _step(plans, pilot, c.pilot_month, staged.p_pilot, cost=cost.pilot_usd + cost.repeated_usd,
              gate=staged.share_gate, hours=_hours(plans, target, f, 1.0) if f else None, rollback=base),
        _step(plans, live, c.share_month, staged.p_share,
              cost=cost.rest_usd, gate=staged.full_gate, hours=_hours(plans, target, 1 - f, 0.0) if f else None,
              rollback=base),
    )  # fmt: skip


def _at_once(plans: Plans, base: str, target: str, staged: Staged, cost: Tranches) -> tuple[Step, ...]:
    c, f = staged.calendar, cost.pilot_share
    hours = _hours(plans, target, 1.0, 1.0) if f else None
    moving = () if base == plans.study.today else (_moving(plans, base),)
    return (
        _step(plans, f"Build {target}", 1, 1.0, cost=cost.total_usd, rollback=base, hours=hours),
        *moving,
        _step(
            plans,
            f"{target} serves all calls, watched for a month",
            c.share_month,
            1.0,
            cost=np.zeros(1),
            gate=staged.full_gate,
            rollback=base,
        ),
    )


def after_tuning(
    plans: Plans,
    base: str,
    target: str,
    staged: Staged,
    tables: Sequence[CadenceTable],
    retiring: Sequence[Retirement],
    *,
    drift_guessed: bool,
) -> tuple[Step, ...]:
    """All calls on the tuned candidate, with its retraining; then every retirement of its base."""
    c = staged.calendar
    own = [t for t in tables if t.candidate in parts_of(plans.study, target)]
    table = own[0] if own else None
    retrain, cost = "", np.zeros(1)
    if table is not None:
        how = table.best if table.priced else table.stated
        word = ", if drift is as guessed" if drift_guessed and table.priced else ""
        each = f", {show_usd(table.event_usd.mean)} each" if how else ""
        retrain = f"; retrain {every(how)}{each}{word}"
    steps = [
        _step(plans, f"{target} serves all calls{retrain}", c.full_month, staged.p_full, cost=cost,
              rollback=f"{base}, kept ready")
    ]  # fmt: skip
    for r in retiring:
        if r.candidate in parts_of(plans.study, target) and r.month > c.full_month:
            what = f"{r.model} retires: " + (
                f"leave for {r.leave_for}" if r.leave_for else "move to a successor"
            )
            move = np.zeros(1) if r.move_usd is None or r.leave_for else np.asarray(r.move_usd)
            steps.append(
                _step(plans, what, r.month, staged.p_full, cost=move, rollback="the model before, until then")
            )
    return tuple(steps)


def _step(
    plans: Plans, what: str, month: int, p_reached: float, *, cost: Values, rollback: str, gate: Gate | None = None,
    hours: Spread | None = None,
) -> Step:  # fmt: skip
    return Step(
        what=what, month=month, date=month_start(plans.study, month), p_reached=p_reached, effort_hours=hours,
        cost_usd=spread(np.asarray(cost)), gate=None if gate is None else _gate(gate), rollback=rollback,
    )  # fmt: skip


def _gate(gate: Gate) -> StepGate:
    return StepGate(
        figure=gate.figure, side=gate.side, threshold=gate.threshold, unit=gate.unit, p_pass=gate.p_pass
    )


def _hours(plans: Plans, name: str, share: float, guidelines: float) -> Spread | None:
    """A share of the hours to build, and the guidelines where they fall into this step; None where none is stated."""
    parts = [plans.study.candidates[part].labour for part in parts_of(plans.study, name) - parts_of(
        plans.study, plans.study.today)]  # fmt: skip
    stated: list[tuple[Belief | None, float]] = [(p.build_hours, share) for p in parts]
    stated += [(p.guideline_hours, guidelines) for p in parts]
    known = [weight * plans.draws[belief] for belief, weight in stated if belief is not None and weight > 0]
    return spread(np.asarray(sum(known, np.zeros(1)))) if known else None
