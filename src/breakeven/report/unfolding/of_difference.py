"""A figure of two scenarios: what it is in each, and which inputs make it another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from breakeven.report.unfolding.parts import InputRow, Made, Unfolded

__all__ = ["difference_of"]


def difference_of(saved: Unfolded, edited: Unfolded, changed: Sequence[str]) -> Unfolded:
    """B less A. ``changed``: the inputs that were edited, which come first."""
    (label, a), (_, b) = _first(saved), _first(edited)
    before = {row.input: row for row in (*saved.inputs, *saved.points)}
    moved = [
        _both(before.get(row.input), row) for row in (*edited.inputs, *edited.points) if row.input in changed
    ]
    rest = [row for row in edited.inputs if row.input not in changed]
    return Unfolded(
        figure=f"difference.{edited.figure}", title=f"{edited.title}: B − A",
        shown=(("A, as saved", a), ("B, as edited", b), *_others(saved, edited, label)),
        formula=f"{edited.formula or edited.title} in B − the same in A", numbers=f"{b} − {a}",
        where="both scenarios are computed on the same draws, so what chance does to one it does to the other.",
        made_of=(Made(figure=saved.figure, title="A, as saved", shown=a, side="A"),
                 Made(figure=edited.figure, title="B, as edited", shown=b, side="B")),
        inputs=(*moved, *rest), points=tuple(row for row in edited.points if row.input not in changed),
        method=edited.method,
    )  # fmt: skip


def _first(figure: Unfolded) -> tuple[str, str]:
    return figure.shown[0] if figure.shown else ("", "–")


def _others(saved: Unfolded, edited: Unfolded, first: str) -> tuple[tuple[str, str], ...]:
    before = dict(saved.shown)
    return tuple(
        (what, f"{before[what]} → {figure}")
        for what, figure in edited.shown
        if what != first and what in before and before[what] != figure
    )


def _both(before: InputRow | None, row: InputRow) -> InputRow:
    """An edited input with what it was."""
    return row if before is None else replace(row, value=f"{before.value} → {row.value}")
