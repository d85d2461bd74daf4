"""A repricing as one self-contained HTML file, with the chart of what each alternative is made of."""

from __future__ import annotations

from breakeven.evidence.repricing.result import Alternative, Repricing
from breakeven.quantities import show_usd
from breakeven.report.chart_types import Group, Mark, StackedBar, StackedChart, Table
from breakeven.report.repricing import baseline_name, columns, head_lines, rows, title
from breakeven.report.templating import drawn, style, template
from breakeven.report.text import clean

__all__ = ["to_chart", "to_html"]

_GROUPS = (
    Group(key="calls", title="Input", lines=()),
    Group(key="serving", title="Cached input", lines=()),
    Group(key="errors", title="Cache writes", lines=()),
    Group(key="build", title="Output", lines=()),
    Group(key="people", title="Hosting", lines=()),
    Group(key="other", title="As made", lines=()),
)
_PARTS = ("input", "cached", "written", "output", "hosting", "was")
_TOP = 12
"""Bars in the chart; the table has them all."""


def to_html(r: Repricing) -> str:
    """The page as HTML. Every text from outside is escaped by the template; the drawing escapes its own."""
    chart = to_chart(r)
    both = drawn(chart, "cost") if chart else None
    return template("repricing.html.j2").render(
        title=title(r),
        head=tuple(head_lines(r)),
        columns=columns(r),
        rows=rows(r),
        wide=both.wide if both else None,
        narrow=both.narrow if both else None,
        chart=chart,
        assumptions=[(clean(a.input), clean(a.value), clean(str(a.source))) for a in r.assumptions],
        warnings=[clean(warning) for warning in r.warnings],
        files=[(clean(file), name) for file, name in r.files],
        style=style(),
    )


def to_chart(r: Repricing) -> StackedChart | None:
    """Cost over the log as one bar an alternative, by what it is made of; None where nothing has a cost."""
    shown = [a for a in r.alternatives if a.cost_usd is not None][:_TOP]
    if not shown:
        return None
    bars = [_bar(k, a) for k, a in enumerate(shown, start=1)]
    was = r.baseline.cost_usd
    # Beside alternatives that price more calls than the baseline knows, its bar would look like a saving.
    if was is not None and r.baseline.calls == r.priced_calls:
        bars.insert(0, _stacked(Mark(name=baseline_name(r.baseline), colour=0, role="today", extrapolated=False),
                                {"was": was}))  # fmt: skip
    used = [k for k in range(len(_PARTS)) if any(bar.usd[k] > 0 for bar in bars)]
    bars = [
        StackedBar(mark=b.mark, usd=tuple(b.usd[k] for k in used), bill_usd=b.bill_usd, total_usd=b.total_usd)
        for b in bars
    ]
    groups = tuple(_GROUPS[k] for k in used)
    return StackedChart(
        title=title(r),
        text="Cost over the log. " + " ".join(f"{bar.mark.name}: {show_usd(bar.total_usd)}." for bar in bars),
        table=Table(
            head=("", *(group.title for group in groups), "Sum"),
            rows=tuple((b.mark.name, *map(show_usd, b.usd), show_usd(b.total_usd)) for b in bars),
        ),
        groups=groups,
        bars=tuple(bars),
    )


def _bar(k: int, a: Alternative) -> StackedBar:
    # The chart's column of names is narrow: the host goes, and what is cut is said short.
    model = "same models" if a.kind == "same" else a.model.partition("/")[2]
    name = ("↓ " if a.shorter else "") + clean(model)
    return _stacked(Mark(name=name, colour=k, role="other", extrapolated=False), a.parts_usd)


def _stacked(mark: Mark, parts: dict[str, float] | object) -> StackedBar:
    assert isinstance(parts, dict)
    usd = tuple(float(parts.get(part, 0.0)) for part in _PARTS)
    return StackedBar(mark=mark, usd=usd, bill_usd=sum(usd), total_usd=sum(usd))
