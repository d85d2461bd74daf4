"""Lines 8–9, 16–21 and 29: what it costs to keep it running, besides tokens."""

from __future__ import annotations

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.world import Driver, Terms, World
from breakeven.quantities import HOURS_PER_MONTH

__all__ = ["SERVING_LINES"]


def _line_retrieval(world: World) -> Terms:
    c = world.candidate
    if c.retrieval_queries is None or c.retrieval_cost is None:
        return {}
    return {world.calls: world.volume * world[c.retrieval_queries] * world[c.retrieval_cost]}


def _line_guard(world: World) -> Terms:
    c = world.candidate
    if c.guard_share is None or c.guard_cost is None:
        return {}
    return {world.calls: world.volume * world[c.guard_share] * world[c.guard_cost]}


def _labour(world: World) -> Terms:
    """Work to build, once, and to keep, each month: hours at the wage, or money."""
    labour = world.candidate.labour
    terms: dict[Driver, Values] = {}
    for driver, hours, usd in (
        (world.once, labour.build_hours, labour.build_usd),
        (world.month, labour.upkeep_hours, labour.upkeep_usd),
    ):
        if hours is not None or usd is not None:
            terms[driver] = world.get(hours) * world.wage + world.get(usd)
    return terms


def _line_prompt_labour(world: World) -> Terms:
    return _labour(world) if world.candidate.kind == "prompt" else {}


def _line_ml_labour(world: World) -> Terms:
    return _labour(world) if world.candidate.kind != "prompt" else {}


def _line_hosting(world: World) -> Terms:
    hosting = world.candidate.hosting
    if hosting is None:
        return {}
    terms: dict[Driver, Values] = {}
    if hosting.usd_per_month is not None:
        terms[world.month] = world[hosting.usd_per_month]
    if hosting.gpus is not None:
        terms[world.replicas] = HOURS_PER_MONTH * world[hosting.gpus.price]
    return terms


def _line_spare_replicas(world: World) -> Terms:
    hosting = world.candidate.hosting
    if hosting is None or hosting.gpus is None:
        return {}
    gpus = hosting.gpus
    return {world.month: world[gpus.extra_replicas] * HOURS_PER_MONTH * world[gpus.price]}


def _line_cold_starts(world: World) -> Terms:
    hosting = world.candidate.hosting
    if hosting is None or hosting.gpus is None or hosting.cold_starts is None:
        return {}
    return {
        world.month: world[hosting.cold_starts]
        * world.get(hosting.cold_start_hours)
        * world[hosting.gpus.price]
    }


def _line_storage(world: World) -> Terms:
    c = world.candidate
    terms: dict[Driver, Values] = {}
    if c.storage_gb is not None and c.storage_cost is not None:
        terms[world.month] = world[c.storage_gb] * world[c.storage_cost]
    if c.log_cost is not None:
        terms[world.calls] = world.volume * world[c.log_cost]
    return terms


def _line_commitment(world: World) -> Terms:
    commitment = world.candidate.commitment
    return {} if commitment is None else {world.shortfall: np.ones_like(world[commitment])}


SERVING_LINES = (
    CostLine(number=8, key="retrieval", title="Retrieval and tools", formula="N·q·p_q", group="model calls",
             source="document 000", terms=_line_retrieval),
    CostLine(number=9, key="guard", title="Inline guard or judge", formula="N·s·c_judge", group="model calls",
             source="document 003", terms=_line_guard),
    CostLine(number=16, key="prompt_labour", title="Prompt labour", formula="(h0 + h_t)·w", group="people",
             source="documents 001 and 004", terms=_line_prompt_labour),
    CostLine(number=17, key="ml_labour", title="ML operations labour", formula="(h0 + h_t)·w", group="people",
             source="document 002", terms=_line_ml_labour),
    CostLine(number=18, key="hosting", title="Hosting", group="serving", source="document 004, host price lists",
             formula="ceil(peak rps ÷ rps at the latency objective)·730 h·p_gpu, or $/h·730 h", terms=_line_hosting),
    CostLine(number=19, key="spare_replicas", title="Staging and failover", formula="extra replicas·730 h·p_gpu",
             group="serving", source="document 004", terms=_line_spare_replicas),
    CostLine(number=20, key="cold_starts", title="Cold starts", formula="starts·hours·p_gpu", group="serving",
             source="host price lists", terms=_line_cold_starts),
    CostLine(number=21, key="storage_logs", title="Storage, egress, logs", formula="GB·p + N·c_log", group="serving",
             source="document 004", terms=_line_storage),
    CostLine(number=29, key="commitment", title="Commitment not used", formula="max(0, commit − use)",
             group="serving", source="provider contracts", terms=_line_commitment),
)  # fmt: skip
