"""Line 7: calls that a hybrid hands to its large candidate, on top of the small attempt."""

from __future__ import annotations

from collections.abc import Sequence

from breakeven.beliefs import Values
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.world import SCALE_WITH_CALLS, Driver, Terms, World

__all__ = ["escalation_line"]


def escalation_line(per_call: Sequence[CostLine]) -> CostLine:
    """The line that pays ``e`` times every per-call line of the large candidate."""

    def terms(world: World) -> Terms:
        c = world.candidate
        if c.kind != "hybrid" or c.large is None or c.escalate is None:
            return {}
        share, large = world[c.escalate], world.other(c.large)
        handed: dict[Driver, Values] = {}
        for line in per_call:
            for driver, rate in line.terms(large).items():
                if driver.kind in SCALE_WITH_CALLS and not line.consequence:
                    handed[driver] = handed.get(driver, 0.0) + share * rate
        return handed

    return CostLine(
        number=7, key="escalation", title="Escalated calls", formula="e·N·cost_large; the small attempt is paid too",
        group="model calls", source="document 001", terms=terms,
    )  # fmt: skip
