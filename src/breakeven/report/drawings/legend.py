"""The names of cost groups above a drawing, and the stripes of those that are on no bill."""

from __future__ import annotations

from collections.abc import Sequence

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import Group
from breakeven.report.drawings.axes import SIZE
from breakeven.report.scales import text_width

__all__ = ["hatch", "legend", "legend_height"]


def hatch(c: Canvas) -> None:
    """Stripes for what is no part of the bill."""
    c.raw(
        f'<defs><pattern id="{c.ident}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="2.4" height="7" class="stripe"/></pattern></defs>'
    )


def _legend_places(groups: Sequence[Group], width: float) -> list[tuple[float, float]]:
    """Where each entry begins: from left to right, on as many lines as it takes."""
    places, x, y = [], 0.0, 14.0
    for group in groups:
        size = text_width(_legend_text(group), SIZE) + 34
        if x + size > width + 14 and x > 0:
            x, y = 0.0, y + 22
        places.append((x, y))
        x += size
    return places


def _legend_text(group: Group) -> str:
    return f"{group.title} (not billed)" if group.consequence else group.title


def legend_height(groups: Sequence[Group], width: float) -> float:
    """The height that the legend takes at this width."""
    return _legend_places(groups, width)[-1][1] + 12 if groups else 0.0


def legend(c: Canvas, groups: Sequence[Group], width: float) -> None:
    """A square and a title for each group, on as many lines as it takes."""
    for group, (x, y) in zip(groups, _legend_places(groups, width), strict=True):
        c.open(f"g-{group.key}")
        c.rect(x, y - 10, 13, 13, "seg")
        if group.consequence:
            c.rect(x, y - 10, 13, 13, "hatch", fill=f"url(#{c.ident}-hatch)")
        c.close()
        c.text(x + 19, y + 1, _legend_text(group), "small")
