"""Lines 30–32: totals that a study states instead of their parts (documents often print only these)."""

from __future__ import annotations

from breakeven.economics.lines.entry import CostLine
from breakeven.economics.world import Terms, World

__all__ = ["STATED_LINES"]


def _per_call(world: World) -> Terms:
    cost = world.candidate.per_call
    return {} if cost is None else {world.api: world.volume * world[cost]}


def _upfront(world: World) -> Terms:
    cost = world.candidate.upfront
    return {} if cost is None else {world.once: world[cost]}


def _running(world: World) -> Terms:
    cost = world.candidate.running
    return {} if cost is None else {world.month: world[cost]}


STATED_LINES = (
    CostLine(number=30, key="stated_calls", title="Calls, as stated", formula="N·c (retries are inside c)",
             group="model calls", source="the study", terms=_per_call),
    CostLine(number=31, key="stated_upfront", title="Up front, as stated", formula="the stated sum, in month 1",
             group="build", source="the study", terms=_upfront, unit="US dollars, once"),
    CostLine(number=32, key="stated_running", title="Running, as stated", formula="the stated sum, each month",
             group="serving", source="the study", terms=_running),
)  # fmt: skip
