"""Lines 24–28: errors, review, incidents, compliance, latency and delay."""

from __future__ import annotations

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.quality import quality
from breakeven.economics.world import Driver, Terms, World

__all__ = ["CONSEQUENCE_LINES"]


def _line_errors(world: World) -> Terms:
    cost = world.study.workload.error_cost
    return {} if cost is None else {world.calls: world.volume * (1 - quality(world)) * world[cost]}


def _line_review(world: World) -> Terms:
    c = world.candidate
    if c.review_share is None or c.review_hours is None:
        return {}
    return {world.calls: world.volume * world[c.review_share] * world[c.review_hours] * world.wage}


def _line_incidents(world: World) -> Terms:
    c = world.candidate
    if c.incidents is None:
        return {}
    each = world.get(c.incident_hours) * world.wage + world.get(c.downtime_hours) * world.get(c.downtime_cost)
    return {world.month: world[c.incidents] * each}


def _line_compliance(world: World) -> Terms:
    c = world.candidate
    parts = ((world.once, c.compliance_once), (world.month, c.compliance_monthly))
    return {driver: world[belief] for driver, belief in parts if belief is not None}


def _line_latency(world: World) -> Terms:
    """Slower than today costs, faster saves; a month late costs what the month is worth."""
    study, c = world.study, world.candidate
    workload, today = study.workload, study.candidates[study.today]
    terms: dict[Driver, Values] = {}
    if workload.latency_cost is not None and c.latency is not None and today.latency is not None:
        slower = world[c.latency] - world[today.latency]
        terms[world.calls] = world.volume * slower * world[workload.latency_cost]
    if workload.delay_benefit is not None and c.build_months is not None:
        terms[world.once] = np.maximum(0.0, world[c.build_months]) * world[workload.delay_benefit]
    return terms


CONSEQUENCE_LINES = (
    CostLine(number=24, key="errors", title="Wrong answers", formula="N·(1−q)·Σ share_k·cost_k", group="consequences",
             source="document 001", terms=_line_errors),
    CostLine(number=25, key="review", title="Human review", formula="N·ρ·hours·w", group="people",
             source="document 003", terms=_line_review),
    CostLine(number=26, key="incidents", title="Incidents", formula="λ·(h·w + downtime·v)", group="people",
             source="document 004", terms=_line_incidents),
    CostLine(number=27, key="compliance", title="Compliance", formula="once + each month", group="people",
             source="document 004", terms=_line_compliance),
    CostLine(number=28, key="latency_delay", title="Latency and delay", group="consequences",
             formula="N·Δs·v + months late·benefit", source="documents 002 and 003", terms=_line_latency),
)  # fmt: skip
