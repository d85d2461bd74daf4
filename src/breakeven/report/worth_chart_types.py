"""Charts of what knowing more is worth and of what was measured: frozen data, without a pixel."""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.advice.plot_types import CurvePoint
from breakeven.beliefs import Values
from breakeven.report.chart_base import ChartBase, Density, Mark

__all__ = [
    "AcceptabilityChart",
    "CurveChart",
    "GainChart",
    "InputChart",
    "InputRow",
    "OutcomeAction",
    "OutcomeChart",
    "PairedChart",
    "PairedRow",
    "RoutingChart",
    "WorthChart",
    "WorthRow",
]


@dataclass(frozen=True, kw_only=True)
class WorthRow:
    """Something that can be bought: what it is worth before it is made, beside what it costs."""

    label: str
    value_usd: float
    error_usd: float
    """The draws' own error of the value."""
    cost_usd: float | None
    """None: not known."""
    delay_usd: float
    """What is forgone while one waits for the result."""
    net_usd: float | None
    worth_it: bool


@dataclass(frozen=True, kw_only=True)
class WorthChart(ChartBase):
    """The value of information against its cost."""

    rows: tuple[WorthRow, ...]


@dataclass(frozen=True, kw_only=True)
class InputRow:
    """What knowing one input alone is worth."""

    label: str
    raw_usd: float
    """By a fit to all draws: errs upwards."""
    fair_usd: float
    """Cross-fitted: errs downwards."""
    error_usd: float


@dataclass(frozen=True, kw_only=True)
class InputChart(ChartBase):
    """What knowing each input alone is worth (EVPPI), most first."""

    rows: tuple[InputRow, ...]


@dataclass(frozen=True, kw_only=True)
class OutcomeAction:
    """What is done in one range of results."""

    mark: Mark
    low: float | None
    high: float | None
    p: float


@dataclass(frozen=True, kw_only=True)
class OutcomeChart(ChartBase):
    """Expected gain over the choice as it stands, by what a purchase would show; and how likely each result is."""

    figure: str
    """What is seen: ``pilot gains``."""
    where: str
    kind: str
    values: Values
    """(g,)."""
    marks: tuple[Mark, ...]
    """Those that lead somewhere, the choice as it stands first."""
    lines: tuple[Values, ...]
    """For each of them, (g,) usd."""
    edges: Values
    share: Values
    actions: tuple[OutcomeAction, ...]
    """From the lowest results to the highest."""


@dataclass(frozen=True, kw_only=True)
class AcceptabilityChart(ChartBase):
    """How often each candidate is best, over the price of an error; and who leads in expectation."""

    marks: tuple[Mark, ...]
    values: Values
    """(g,) dollars for one wrong answer."""
    p_best: tuple[Values, ...]
    """For each mark, (g,)."""
    frontier: tuple[int, ...]
    """(g,) index into ``marks``."""
    believed: tuple[float, float, float] | None


@dataclass(frozen=True, kw_only=True)
class PairedRow:
    """One candidate's score less another's on the same cases, twice: as read, and as counted."""

    mark: Mark
    reference: str
    raw: float
    raw_low: float | None
    raw_high: float | None
    corrected: float
    corrected_low: float
    corrected_high: float
    note: str


@dataclass(frozen=True, kw_only=True)
class PairedChart(ChartBase):
    """Paired differences in points, raw and corrected."""

    rows: tuple[PairedRow, ...]


@dataclass(frozen=True, kw_only=True)
class CurveChart(ChartBase):
    """Score over training examples, on a scale in which each doubling is as wide as the last."""

    mark: Mark | None
    """Whose it is; None on a page of its own."""
    runs: tuple[tuple[float, float], ...]
    """(size, score) of each training run."""
    band: tuple[CurvePoint, ...]
    """Along the curve, ascending, from the smallest size to as far as anything is told."""
    marked: tuple[CurvePoint, ...]
    """At the sizes that were run, and those that were asked for."""
    largest: float
    """The largest size that was run: beyond it all is extrapolated."""
    planned: float | None
    """Examples that the candidate is to be trained on, where something is told of them."""
    target: float | None
    level: float
    """Of the intervals."""


@dataclass(frozen=True, kw_only=True)
class RoutingChart(ChartBase):
    """Quality by the share of calls that one candidate hands to another."""

    small: Mark
    large: Mark
    shares: Values
    quality: Values
    by_chance: Values
    best_share: float | None


@dataclass(frozen=True, kw_only=True)
class GainChart(ChartBase):
    """What one more version of a prompt may bring, in dollars."""

    density: Density
    value_usd: float
    cost_usd: float | None
    p_gains: float
