"""The charts of two scenarios on the same scales and in the same order, so that the eye compares truly."""

from __future__ import annotations

from dataclasses import replace

from breakeven.report.chart_types import Charts, DifferenceChart, FanChart
from breakeven.report.drawings.difference import difference_ends
from breakeven.report.drawings.fan import fan_top

__all__ = ["alike"]


def alike(first: Charts, second: Charts) -> tuple[Charts, Charts]:
    """Both with one scale for each kind of chart that a comparison shows; rows in the order of the first."""
    fans = _fans(first.fan, second.fan)
    differences: tuple[DifferenceChart | None, ...] = (first.difference, second.difference)
    if first.difference is not None and second.difference is not None:
        differences = _differences(first.difference, second.difference)
    one, two = (
        replace(charts, fan=fan, difference=difference)
        for charts, fan, difference in zip((first, second), fans, differences, strict=True)
    )
    return one, two


def _fans(*charts: FanChart) -> list[FanChart]:
    months, top = max(c.months for c in charts), max(fan_top(c.series) for c in charts)
    return [replace(c, months=months, top_usd=top) for c in charts]


def _differences(*charts: DifferenceChart) -> tuple[DifferenceChart, ...]:
    ends = [difference_ends(c.rows) for c in charts]
    both = (min(low for low, _ in ends), max(high for _, high in ends))
    order = {row.mark.name: k for k, row in enumerate(charts[0].rows)}
    return tuple(
        replace(
            c, ends_usd=both, rows=tuple(sorted(c.rows, key=lambda row: order.get(row.mark.name, len(order))))
        )
        for c in charts
    )
