"""What the charts are made of: frozen data, without a pixel.

Each chart has a ``title`` that states its finding, a ``text`` that tells a reader without eyes what there is to see,
and a ``table`` with the figures behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.advice.decision import Assumption, Months, Spread
from breakeven.beliefs import Values
from breakeven.report.chart_base import ChartBase, Density, Mark, Role, Table
from breakeven.report.worth_chart_types import (
    AcceptabilityChart,
    CurveChart,
    GainChart,
    InputChart,
    InputRow,
    OutcomeAction,
    OutcomeChart,
    PairedChart,
    PairedRow,
    RoutingChart,
    WorthChart,
    WorthRow,
)

__all__ = [
    "AcceptabilityChart",
    "BarChart",
    "BarRow",
    "Chart",
    "Charts",
    "CurveChart",
    "Density",
    "DifferenceChart",
    "DifferenceRow",
    "FanChart",
    "FanSeries",
    "ForestChart",
    "ForestRow",
    "GainChart",
    "Group",
    "InputChart",
    "InputRow",
    "MapChart",
    "Mark",
    "MonthlyChart",
    "MonthlyPanel",
    "OutcomeAction",
    "OutcomeChart",
    "PairedChart",
    "PairedRow",
    "PlaneChart",
    "PlanePoint",
    "Role",
    "RoutingChart",
    "StackedBar",
    "StackedChart",
    "Table",
    "WorthChart",
    "WorthRow",
]


@dataclass(frozen=True, kw_only=True)
class FanSeries:
    """Cumulative cost of one candidate: 5th, 50th and 95th percentile at each month's end, month 0 first."""

    mark: Mark
    low: Values
    middle: Values
    high: Values
    banded: bool
    """Whether its interval is drawn: today's and the one that it is compared with."""


@dataclass(frozen=True, kw_only=True)
class FanChart(ChartBase):
    """Cumulative discounted cost over the horizon, and where it breaks even."""

    months: int
    series: tuple[FanSeries, ...]
    break_even: Months | None
    """Of the banded candidate, where it has one within the horizon."""
    break_even_name: str
    top_usd: float | None = None
    """Where the scale ends, so that two charts can be compared by eye; None: as these lines need it."""


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    """Net benefit of one candidate against today's."""

    mark: Mark
    spread: Spread
    p_better: float
    density: Density | None
    """None where there are too few draws for a shape."""


@dataclass(frozen=True, kw_only=True)
class DifferenceChart(ChartBase):
    """Net-benefit differences to today, best first."""

    rows: tuple[DifferenceRow, ...]
    ends_usd: tuple[float, float] | None = None
    """Ends of the scale, so that two charts can be compared by eye; None: as these rows need it."""


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One candidate's difference from the reference, with its intervals; shares, where 0.01 is a point."""

    mark: Mark
    value: float
    low: float | None
    """None: too few cases for an interval."""
    high: float | None
    wide: tuple[float, float] | None
    """The interval that holds together with all others, where there are several."""
    note: str
    """``97% better``."""


@dataclass(frozen=True, kw_only=True)
class ForestChart(ChartBase):
    """Differences of scores from a reference on the same cases, in points."""

    rows: tuple[ForestRow, ...]
    reference: str
    margin: float
    """How much worse is still good enough, a share; drawn left of zero."""


@dataclass(frozen=True, kw_only=True)
class BarRow:
    """One input of the tornado: the answer's lead with the input at either end of its 90% interval."""

    label: str
    low_usd: float
    high_usd: float
    low_text: str
    high_text: str
    note: str
    """``P 29% below 1.13 points → prompt``."""
    p: float


@dataclass(frozen=True, kw_only=True)
class BarChart(ChartBase):
    """A tornado: which inputs can take the lead from the answer; left of zero, another candidate leads."""

    rows: tuple[BarRow, ...]
    base_usd: float
    """The lead over the next best as all inputs are believed."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cost lines that are drawn as one."""

    key: str
    title: str
    lines: tuple[int, ...]
    """Their numbers."""
    consequence: bool = False
    """Whether they are no part of the bill."""


@dataclass(frozen=True, kw_only=True)
class StackedBar:
    """The mean cost of one candidate over the horizon, by group."""

    mark: Mark
    usd: tuple[float, ...]
    """In the order of the chart's groups."""
    bill_usd: float
    """Without consequences."""
    total_usd: float


@dataclass(frozen=True, kw_only=True)
class StackedChart(ChartBase):
    """Where the money goes, candidate by candidate."""

    groups: tuple[Group, ...]
    bars: tuple[StackedBar, ...]


@dataclass(frozen=True, kw_only=True)
class MonthlyPanel:
    """One candidate's mean bill month by month."""

    mark: Mark
    usd: tuple[Values, ...]
    """For each group, (horizon,)."""
    first_usd: float
    """Month 1's bill, which holds the building and may leave the scale."""


@dataclass(frozen=True, kw_only=True)
class MonthlyChart(ChartBase):
    """When the bill comes, candidate by candidate, on one scale; consequences are left out."""

    groups: tuple[Group, ...]
    panels: tuple[MonthlyPanel, ...]
    top_usd: float
    """Where the scale ends: the dearest month after the first."""


@dataclass(frozen=True, kw_only=True)
class PlanePoint:
    """One candidate on the cost–quality plane."""

    mark: Mark
    cost: Spread
    quality: Spread
    on_frontier: bool
    """Whether no other, and no mix of two others, is both cheaper and better on the mean."""


@dataclass(frozen=True, kw_only=True)
class PlaneChart(ChartBase):
    """Cost against quality, with the target."""

    points: tuple[PlanePoint, ...]
    target: float | None


@dataclass(frozen=True, kw_only=True)
class MapChart(ChartBase):
    """Who leads where, over volume and one other input."""

    volumes: Values
    values: Values
    winners: tuple[tuple[int, ...], ...]
    """[value][volume] index into ``marks``."""
    marks: tuple[Mark, ...]
    input: str
    kind: str
    believed: tuple[Assumption, Assumption] | None
    """Volume and the other input as believed, where both are known."""


Chart = (
    FanChart
    | DifferenceChart
    | ForestChart
    | BarChart
    | StackedChart
    | MonthlyChart
    | PlaneChart
    | MapChart
    | WorthChart
    | InputChart
    | OutcomeChart
    | AcceptabilityChart
    | PairedChart
    | CurveChart
    | RoutingChart
    | GainChart
)


@dataclass(frozen=True, kw_only=True)
class Charts:
    """The charts of a decision; None where it holds nothing to draw."""

    fan: FanChart
    difference: DifferenceChart | None
    tornado: BarChart | None
    stacked: StackedChart
    monthly: MonthlyChart | None
    plane: PlaneChart | None
    map: MapChart | None
    worth: WorthChart | None = None
    outcome: OutcomeChart | None = None
    acceptability: AcceptabilityChart | None = None
    inputs: InputChart | None = None
    paired: PairedChart | None = None
    curve: CurveChart | None = None
    routing: RoutingChart | None = None
    gain: GainChart | None = None

    def all(self) -> tuple[Chart, ...]:
        """Those that there are, in the order of the page."""
        found = (
            self.difference, self.tornado, self.worth, self.outcome, self.acceptability, self.inputs, self.paired,
            self.plane, self.fan, self.curve, self.routing, self.gain, self.stacked, self.monthly, self.map,
        )  # fmt: skip
        return tuple(chart for chart in found if chart is not None)
