"""Cost over the horizon as one bar a candidate, consequences striped."""

from __future__ import annotations

from collections.abc import Sequence

from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import Group, StackedBar, StackedChart
from breakeven.report.drawings.axes import SIZE, is_narrow, money_axis, name_of, strong
from breakeven.report.drawings.legend import hatch, legend, legend_height
from breakeven.report.scales import Linear, text_width

__all__ = ["draw_stacked"]


def draw_stacked(chart: StackedChart, width: int, ident: str) -> Canvas:
    """Cost over the horizon as one bar a candidate, consequences striped."""
    narrow = is_narrow(width)
    row_height, left, right = (64, 4, width - 6) if narrow else (50, 140, width - 130)
    top = legend_height(chart.groups, width) + 8
    bottom = top + row_height * len(chart.bars)
    c = Canvas(width, bottom + 26, ident=ident, title=chart.title, description=chart.text)
    hatch(c)
    legend(c, chart.groups, width)
    highest = max(sum(v for v in b.usd if v > 0) for b in chart.bars)
    lowest = min(sum(v for v in b.usd if v < 0) for b in chart.bars)
    x = Linear(lowest, highest * 1.01 or 1.0, left, right)
    money_axis(c, x, top, bottom, count=4 if narrow else 7)
    for k, bar in enumerate(chart.bars):
        _stacked_row(c, bar, chart.groups, x, top + k * row_height, narrow=narrow)
    return c


def _stacked_row(
    c: Canvas, bar: StackedBar, groups: Sequence[Group], x: Linear, top: float, *, narrow: bool
) -> None:
    bar_top, tall = (top + 26, 26) if narrow else (top + 10, 30)
    ahead, behind = 0.0, 0.0
    for group, usd in zip(groups, bar.usd, strict=True):
        start = ahead if usd >= 0 else behind + usd
        ahead, behind = ahead + max(usd, 0.0), behind + min(usd, 0.0)
        width = x(start + abs(usd)) - x(start)
        if width > 0.3:
            _segment(
                c,
                x(start),
                bar_top,
                width,
                tall,
                group,
                f"{bar.mark.name}: {group.title} {show_usd(usd)}",
                usd,
            )
    says = show_usd(bar.bill_usd)
    errors = bar.total_usd - bar.bill_usd
    named = [g.title.lower() for g in groups if g.consequence]
    more = f"+ {show_usd(errors)} {named[0] if len(named) == 1 else 'consequences'}" if errors > 0 else ""
    if narrow:
        c.text(x.start + 5, top + 19, name_of(bar.mark, 16), f"halo {strong(bar.mark)}".strip())
        c.text(x.end, top + 19, f"bill {says} {more}".strip(), "small halo", anchor="end")
        return
    c.text(0, bar_top + 19, name_of(bar.mark, 20), strong(bar.mark))
    beside = x(ahead) + 10
    c.text(beside, bar_top + (12 if more else 19), f"bill {says}", f"halo {strong(bar.mark)}".strip())
    c.text(beside, bar_top + 27, more, "small halo")


def _segment(
    c: Canvas, x: float, y: float, width: float, height: float, group: Group, tip: str, usd: float
) -> None:
    c.open(f"g-{group.key}")
    c.rect(x, y, max(width - 1, 0.5), height, "seg", tip=tip)
    if group.consequence:
        c.rect(x, y, max(width - 1, 0.5), height, "hatch", fill=f"url(#{c.ident}-hatch)")
    label = show_usd(usd)
    if width > text_width(label, SIZE) + 10:
        c.text(
            x + width / 2,
            y + height / 2 + 4,
            label,
            "inseg",
            anchor="middle",
        )
    c.close()
