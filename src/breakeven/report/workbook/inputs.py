"""The sheet Inputs: every input once, with a name that formulas use. These are the cells to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from breakeven.beliefs import Belief, unit_of
from breakeven.quantities import KINDS
from breakeven.report.workbook.formulas import quoted
from breakeven.report.workbook.sheets import Sheet, kind_format
from breakeven.report.workbook.tracing import Trace

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

__all__ = ["VALUE", "used_inputs", "write_inputs"]

VALUE: Final = 1
"""The column of values."""
DECIDED: Final = 3
HEAD_ROW: Final = 4
_HEADS: Final = ("Input", "Value", "Unit", "As decided", "Low (5%)", "High (95%)", "Source", "Reference", "Date",
                 "Name in formulas")  # fmt: skip


_HEAD_LOOKS: Final = {
    **dict.fromkeys((VALUE, DECIDED, 4, 5, 8), "head right"), **dict.fromkeys((2, 6, 9), "head beside"),
}  # fmt: skip


def used_inputs(trace: Trace) -> tuple[Belief, ...]:
    """The inputs that some figure depends on, in the order of the study."""
    bits = 0
    for candidate in trace.candidates.values():
        for node in (candidate.quality, candidate.worth, *trace.discount):
            bits |= node.inputs
        for row in candidate.rows:
            bits |= row.rate.inputs | row.discounted.inputs
    return tuple(b for b in trace.study.beliefs if trace.inputs[b.name].inputs & bits)


def write_inputs(
    workbook: Workbook, sheet: Sheet, inputs: Sequence[Belief], names: Mapping[str, str]
) -> Mapping[str, int]:  # fmt: skip
    """Write them; returns the row of each."""
    sheet.text(0, 0, "Inputs", "title")
    sheet.text(
        1,
        0,
        "Change a blue value: all totals, the break-even and the sensitivity follow. Shares and rates are percentages.",
        "subtitle",
    )
    for column, head in enumerate(_HEADS):
        sheet.text(HEAD_ROW, column, head, _HEAD_LOOKS.get(column, "head"))
    rows: dict[str, int] = {}
    row, group = HEAD_ROW + 1, ""
    order = list(dict.fromkeys(_group(belief.name) for belief in inputs))
    for belief in sorted(inputs, key=lambda b: order.index(_group(b.name))):
        of = _group(belief.name)
        if of != group:
            sheet.text(row, 0, of, "heading")
            row, group = row + 1, of
        _write(workbook, sheet, row, belief, names[belief.name])
        rows[belief.name] = row
        row += 1
    last = max(rows.values(), default=HEAD_ROW)
    first = HEAD_ROW + 2
    changed = f"SUMPRODUCT(--(B{first}:B{last + 1}<>D{first}:D{last + 1}))"
    sheet.text(2, 0, "Inputs changed since the decision", "strong")
    sheet.formula(2, VALUE, f"={changed}", 0, "0", "strong")
    _shape(sheet, last)
    return rows


def _group(name: str) -> str:
    parts = name.split(".")
    return (
        ".".join(parts[:2])
        if parts[0] == "candidates" and len(parts) > 2
        else parts[0]
        if len(parts) > 1
        else "general"
    )


def _write(workbook: Workbook, sheet: Sheet, row: int, belief: Belief, name: str) -> None:
    number = kind_format(belief.kind, belief.centre)
    sheet.text(row, 0, belief.name)
    sheet.number(row, VALUE, belief.centre, number, "input")
    workbook.define_name(name, f"={quoted(sheet.name)}!$B${row + 1}")
    sheet.text(row, 2, _unit(belief.kind), "beside")
    sheet.number(row, DECIDED, belief.centre, number, "static")
    if not belief.is_point:
        sheet.number(row, 4, belief.low, number, "static")
        sheet.number(row, 5, belief.high, number, "static")
    sheet.text(row, 6, belief.source.kind, "beside")
    sheet.text(row, 7, belief.source.reference)
    sheet.date(row, 8, belief.source.date)
    sheet.text(row, 9, name, "faint beside")
    _guard(sheet, row, belief.kind)


def _unit(kind: str) -> str:
    unit = unit_of(kind)
    return {"share": "%", "share/month": "%/month", "share/year": "%/year"}.get(
        unit, unit.replace("usd", "US$")
    )


def _guard(sheet: Sheet, row: int, kind: str) -> None:
    """Refuse a value that the study file would refuse."""
    known = KINDS.get(kind)
    if known is None:
        return
    low, high = max(known.low, -1e18), min(known.high, 1e18)
    said = f"{kind}: {low * 100:g}% to {high * 100:g}%" if known.percent else f"{kind}: at least {low:g}"
    sheet.worksheet.data_validation(
        row, VALUE, row, VALUE,
        {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high, "error_title": "Out of bounds",
         "error_message": said},
    )  # fmt: skip


def _shape(sheet: Sheet, last: int) -> None:
    for column, width in enumerate((44, 15, 15, 15, 15, 15, 13, 78, 12, 44)):
        sheet.worksheet.set_column(column, column, width)
    sheet.worksheet.freeze_panes(HEAD_ROW + 1, 2)
    changed = sheet.styles.changed()
    sheet.worksheet.conditional_format(
        HEAD_ROW + 1, VALUE, last, VALUE,
        {"type": "formula", "criteria": f"=$B{HEAD_ROW + 2}<>$D{HEAD_ROW + 2}", "format": changed},
    )  # fmt: skip
