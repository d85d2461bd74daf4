"""Draws chart data as inline SVG: text stays text, colours come from the page's style sheet, nothing runs.

Every chart can be drawn at any width; the page holds a wide and a narrow drawing of each, so type keeps its size.
To add a kind of chart: its data in ``chart_types``, a module in ``drawings``, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import (
    BarChart,
    Chart,
    DifferenceChart,
    FanChart,
    ForestChart,
    MapChart,
    MonthlyChart,
    PlaneChart,
    StackedChart,
)
from breakeven.report.drawings.acceptability import draw_acceptability
from breakeven.report.drawings.crossover import draw_crossover
from breakeven.report.drawings.curve import draw_curve
from breakeven.report.drawings.difference import draw_difference
from breakeven.report.drawings.fan import draw_fan
from breakeven.report.drawings.forest import draw_forest
from breakeven.report.drawings.gain import draw_gain
from breakeven.report.drawings.inputs import draw_inputs
from breakeven.report.drawings.monthly import draw_monthly
from breakeven.report.drawings.outcome import draw_outcome
from breakeven.report.drawings.paired import draw_paired
from breakeven.report.drawings.plane import draw_plane
from breakeven.report.drawings.routing import draw_routing
from breakeven.report.drawings.stacked import draw_stacked
from breakeven.report.drawings.tornado import draw_tornado
from breakeven.report.drawings.worth import draw_worth
from breakeven.report.worth_chart_types import (
    AcceptabilityChart,
    CurveChart,
    GainChart,
    InputChart,
    OutcomeChart,
    PairedChart,
    RoutingChart,
    WorthChart,
)

__all__ = ["NARROW", "WIDE", "draw"]

WIDE: Final = 840
"""The width of the page's text column, in drawing units."""
NARROW: Final = 358
"""The width of a telephone's screen less its margins."""

_DRAWINGS: Final[Mapping[type, Callable[[Any, int, str], Canvas]]] = {
    AcceptabilityChart: draw_acceptability,
    BarChart: draw_tornado,
    CurveChart: draw_curve,
    DifferenceChart: draw_difference,
    FanChart: draw_fan,
    ForestChart: draw_forest,
    MapChart: draw_crossover,
    MonthlyChart: draw_monthly,
    PlaneChart: draw_plane,
    StackedChart: draw_stacked,
    GainChart: draw_gain,
    InputChart: draw_inputs,
    OutcomeChart: draw_outcome,
    PairedChart: draw_paired,
    RoutingChart: draw_routing,
    WorthChart: draw_worth,
}


def draw(chart: Chart, *, width: int = WIDE, ident: str = "chart") -> str:
    """The chart as an ``<svg>`` element; ``ident`` is unique on its page."""
    return str(_DRAWINGS[type(chart)](chart, width, ident))
