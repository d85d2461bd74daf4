"""A comparison as one self-contained HTML file: the forest of paired differences, segments, regressions, method."""

from __future__ import annotations

from typing import Final

from breakeven.evidence.evals.comparison import Comparison, Pair
from breakeven.report.chart_types import ForestChart, ForestRow, Mark, Table
from breakeven.report.comparison import (
    CANDIDATE_HEAD,
    PAIR_HEAD,
    answers,
    candidate_rows,
    method_notes,
    pair_rows,
    picked,
    segment_rows,
    title,
    unpaired_lines,
)
from breakeven.report.eval_figures import points, points_interval, probability
from breakeven.report.templating import drawn, style, template
from breakeven.report.text import clean, shorten

__all__ = ["comparison_html", "forest"]

_TEXT: Final = 600
_BARS: Final = 24
"""Rows in the chart; the table has them all."""
_COLOURS: Final = 6
_READ: Final = 5


def comparison_html(c: Comparison) -> str:
    """The page as HTML. Every text from outside is escaped by the template; the drawing escapes its own."""
    chart = forest(c)
    both = drawn(chart, "forest")
    return template("comparison.html.j2").render(
        title=title(c),
        answers=_lead(c),
        chart=chart,
        wide=both.wide,
        narrow=both.narrow,
        candidates=_table(CANDIDATE_HEAD, candidate_rows(c), c.level),
        pairs=_table(PAIR_HEAD, pair_rows(c), c.level),
        reference=clean(c.reference),
        segments=[
            (clean(name), name == c.reference, segment_rows(found, means=name == c.reference))
            for name, found in c.segments.items()
        ],
        segment_field=clean(c.segment_field or ""),
        level=f"{c.level:.0%}",
        unpaired=tuple(unpaired_lines(c.unpaired)),
        left_off=max(0, len(c.against_reference()) - len(chart.rows)),
        regressions=[_regression(vars(found)) for found in c.regressions if found.b in _read(c)],
        selection="" if c.selection is None else f"{picked(c.selection)}.",
        notes=[clean(note) for note in c.notes],
        methods=method_notes(c),
        style=style(),
    )


def _lead(c: Comparison) -> tuple[str, ...]:
    """The answers under the title, which has said the finding already."""
    first = title(c)
    lines = [line for line in answers(c) if line != f"{first}."]
    if len(lines) == 1 and lines[0].startswith(f"{first} ("):
        level, _, rest = lines[0].removeprefix(f"{first} (").partition(")")
        return (f"Interval: {level}{rest}",)
    return tuple(lines)


def _table(
    head: tuple[str, ...], rows: list[tuple[str, ...]], level: float
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows without the columns that nobody fills."""
    named = tuple(f"{level:.0%}" if name == "interval" else name for name in head)
    kept = [k for k in range(len(head)) if k == 0 or any(row[k] for row in rows)]
    return tuple(named[k] for k in kept), [tuple(row[k] for k in kept) for row in rows]


def forest(c: Comparison) -> ForestChart:
    """The differences from the reference as chart data, best first."""
    pairs = sorted(c.against_reference(), key=lambda p: -p.difference.value)
    shown = pairs[:_BARS]
    # Of many, colours would come again and tell nothing.
    rows = tuple(_row(k if len(shown) <= _COLOURS else 1, pair) for k, pair in enumerate(shown, start=1))
    head, body = _table(PAIR_HEAD, pair_rows(c), c.level)
    said = " ".join(
        f"{clean(p.b)}: {points(p.difference.value)} points {points_interval(p.difference)}." for p in shown
    )
    return ForestChart(
        title=title(c),
        text=f"Differences from {clean(c.reference)} on the same cases, in points. {said}",
        table=Table(head=head, rows=tuple(body)),
        rows=rows,
        reference=clean(c.reference),
        margin=c.margin,
    )


def _row(k: int, p: Pair) -> ForestRow:
    found, wide = p.difference, p.adjusted
    ends = None if wide is None or wide.low is None or wide.high is None else (wide.low, wide.high)
    mark = Mark(name=clean(p.b), colour=k, role="other", extrapolated=False)
    note = f"{points(found.value)}, {probability(p.p_b_better)} better"
    return ForestRow(mark=mark, value=found.value, low=found.low, high=found.high, wide=ends, note=note)


def _read(c: Comparison) -> set[str]:
    """Candidates whose regressions the page shows; of many, nobody reads them all, and JSON has them."""
    names = [p.b for p in c.against_reference()]
    return set(names if len(names) <= _READ else names[:_READ])


def _regression(found: dict[str, object]) -> dict[str, str]:
    """A regression's texts, cleaned and cut; scores as they are."""
    texts = {name: shorten(clean(v), _TEXT) if isinstance(v, str) else "" for name, v in found.items()}
    return texts | {name: f"{found[name]:g}" for name in ("score_a", "score_b")}
