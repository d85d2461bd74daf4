"""Who leads where: the crossover map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breakeven.beliefs import Values
from breakeven.report.canvas import Canvas, number
from breakeven.report.chart_types import MapChart
from breakeven.report.drawings.axes import SIZE, is_narrow, name_of, series_class, strong
from breakeven.report.scales import Linear, log_ticks, round_ticks, text_width
from breakeven.report.text import quantity

__all__ = ["draw_crossover"]


def draw_crossover(chart: MapChart, width: int, ident: str) -> Canvas:
    """Who leads where: the crossover map."""
    narrow = is_narrow(width)
    left, right, top, bottom = (58, width - 8, 24, 290) if narrow else (92, width - 20, 24, 400)
    c = Canvas(width, bottom + 42, ident=ident, title=chart.title, description=chart.text)
    cell_x = Linear(-0.5, chart.volumes.size - 0.5, left, right)
    cell_y = Linear(-0.5, chart.values.size - 0.5, bottom, top)
    _map_cells(c, chart, cell_x, cell_y)
    for tick in _axis_ticks(chart.volumes, 4 if narrow else 8):
        label = quantity(tick, "volume", "").removesuffix(" calls/month")
        c.text(cell_x(_index(chart.volumes, tick)), bottom + 18, label, "tick", anchor="middle")
    for tick in _axis_ticks(chart.values, 6):
        c.text(left - 7, cell_y(_index(chart.values, tick)) + 4, quantity(tick, chart.kind, "").split(" ")[0], "tick",
               anchor="end")  # fmt: skip
    c.text(right, bottom + 36, "calls a month →", "tick", anchor="end")
    c.text(4, top - 10, f"{chart.input} ↑", "tick")
    _map_labels(c, chart, cell_x, cell_y)
    _map_belief(c, chart, cell_x, cell_y)
    return c


def _map_cells(c: Canvas, chart: MapChart, x: Linear, y: Linear) -> None:
    """One shape for each candidate, so that no seams show between its cells."""
    for k, mark in enumerate(chart.marks):
        steps = [
            f"M{number(x(start - 0.5))} {number(y(j + 0.5))}H{number(x(end - 0.5))}V{number(y(j - 0.5))}"
            f"H{number(x(start - 0.5))}Z"
            for j, row in enumerate(chart.winners)
            for start, end in _runs(row, k)
        ]
        c.open(series_class(mark))
        c.raw(f'<path class="cell" d="{"".join(steps)}"/>')
        c.close()


def _runs(row: Sequence[int], wanted: int) -> list[tuple[int, int]]:
    """Where a value stands without a break: (first, after the last)."""
    ends = [k for k in range(1, len(row)) if row[k] != row[k - 1]]
    pairs = zip([0, *ends], [*ends, len(row)], strict=True)
    return [(start, end) for start, end in pairs if row[start] == wanted]


def _map_labels(c: Canvas, chart: MapChart, x: Linear, y: Linear) -> None:
    """Each name where its land is widest: the cell of it that is farthest from any other."""
    grid = np.array(chart.winners)
    for k, mark in enumerate(chart.marks):
        own = np.argwhere(grid == k)
        rest = np.argwhere(grid != k)
        spot = own[0]
        if len(rest):
            scale = np.array([1.0, 0.6])
            far = np.min(np.sum(((own[:, None, :] - rest[None, :, :]) * scale) ** 2, axis=2), axis=1)
            edge = (
                np.min(np.concatenate([own + 0.5, np.array(grid.shape) - 0.5 - own], axis=1) * 1.0, axis=1)
                ** 2
            )
            spot = own[int(np.argmax(np.minimum(far, edge)))]
        else:
            spot = grid.shape[0] // 4, grid.shape[1] // 4
        name = name_of(mark, 14)
        width = text_width(name, SIZE)
        middle = min(max(x(spot[1]), x.start + width / 2 + 4), x.end - width / 2 - 4)
        c.text(middle, y(spot[0]) + 4, name, f"halo {strong(mark)}".strip(), anchor="middle")


def _map_belief(c: Canvas, chart: MapChart, x: Linear, y: Linear) -> None:
    """Where the study stands: a cross at the centre, a box around the 90% intervals."""
    if chart.believed is None:
        return
    volume, other = chart.believed

    def at_x(value: float) -> float:
        return x(_index(chart.volumes, value))

    def at_y(value: float) -> float:
        return y(_index(chart.values, value))

    left, right, top, bottom = at_x(volume.low), at_x(volume.high), at_y(other.high), at_y(other.low)
    if right - left < 1 or bottom - top < 1:  # a point has no width, and a rectangle without one is not drawn
        c.line(left, top, right, bottom, "belief")
    else:
        c.rect(left, top, right - left, bottom - top, "belief", tip="90% of what is believed")
    c.circle(at_x(volume.centre), at_y(other.centre), 4.5, "markdot")
    c.text(at_x(volume.centre) + 9, at_y(other.centre) + 4, "as believed", "small halo")


def _is_log(values: Values) -> bool:
    return bool(values[0] > 0 and values[-1] / values[0] > 8)


def _axis_ticks(values: Values, most: int) -> list[float]:
    low, high = float(values[0]), float(values[-1])
    return log_ticks(low, high, most) if _is_log(values) else round_ticks(low, high, most)


def _index(values: Values, value: float) -> float:
    """The place of a value among the grid's, as a fractional index, ends held."""
    if _is_log(values):
        return float(np.interp(np.log(max(value, 1e-300)), np.log(values), np.arange(values.size)))
    return float(np.interp(value, values, np.arange(values.size)))
