"""The sheet Break-even: from which month a candidate has cost less than today's for good, and from which volume."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from breakeven.economics.lines import CostLine
from breakeven.economics.totals import break_even_volume
from breakeven.report.workbook.candidates import Written
from breakeven.report.workbook.formulas import Cell, row_range
from breakeven.report.workbook.months import FIRST_MONTH, HEAD_ROW, TOTAL, write_month_heads
from breakeven.report.workbook.nodes import Node
from breakeven.report.workbook.sheets import MONEY, Sheet, small_format
from breakeven.report.workbook.tracing import Trace

__all__ = ["Crossing", "write_break_even"]

ROUNDING = 1e-12
"""Of the sums compared: a smaller difference is none."""
BLOCK = 6
"""Rows for each candidate."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """A candidate's break-even, in its cell."""

    cell: Cell
    months: float
    """Infinite where it never breaks even."""


def write_break_even(
    sheet: Sheet, trace: Trace, written: Mapping[str, Written], lines: tuple[CostLine, ...]
) -> dict[str, Crossing]:  # fmt: skip
    """A block of months for each candidate but today's; the volumes stand beneath."""
    today = trace.study.today
    sheet.text(0, 0, "Break-even", "title")
    sheet.text(
        1,
        0,
        f"On cost alone, against {today}. Lumps are paid at a month's start, the rest flows evenly through it.",
        "subtitle",
    )
    write_month_heads(sheet, trace, ("Candidate", "", "", "", "Months"))
    for column, width in enumerate((44, 1, 1, 1, 24)):
        sheet.worksheet.set_column(column, column, width)
    others = [name for name in written if name != today]
    crossings = {
        name: _Block(sheet, trace, written[name], written[today]).write(HEAD_ROW + 2 + BLOCK * k, name)
        for k, name in enumerate(others)
    }
    _volumes(sheet, HEAD_ROW + 3 + BLOCK * len(others), trace, written, others, lines)
    return crossings


class _Block:
    """One candidate's difference to today, month by month."""

    def __init__(self, sheet: Sheet, trace: Trace, ours: Written, todays: Written) -> None:
        self.sheet, self.trace, self.ours, self.todays, self.tape = sheet, trace, ours, todays, trace.tape

    def write(self, at: int, name: str) -> Crossing:
        make = self.tape.make
        self.sheet.text(at, 0, name, "strong")
        ends = [make("sub", a, b) for a, b in zip(self.ours.cumulative, self.todays.cumulative, strict=True)]
        self._months(at + 2, "Dearer so far, at the month's end", ends, MONEY)
        starts = self._starts(ends)
        self._months(at + 1, "Dearer so far, after what the month's start brings", starts, MONEY)
        least = self._least(at + 3)
        passed = [self._passed(k, s, e, least) for k, (s, e) in enumerate(zip(starts, ends, strict=True))]
        self._months(at + 3, "Month up to which it is dearer", passed, "0.00")
        return self._result(at, ends[-1], passed, least)

    def _months(self, at: int, title: str, nodes: list[Node], number: str) -> None:
        self.sheet.text(at, 0, title)
        for k, node in enumerate(nodes):
            self.sheet.node(at, FIRST_MONTH + k, node, number, monthly=True)

    def _starts(self, ends: list[Node]) -> list[Node]:
        make = self.tape.make
        lumps = [make("sub", a, b) for a, b in zip(self.ours.lumps, self.todays.lumps, strict=True)]
        paid = [make("mul", lump, factor) for lump, factor in zip(lumps, self.trace.discount, strict=True)]
        return [paid[0], *(make("add", end, lump) for end, lump in zip(ends, paid[1:], strict=False))]

    def _least(self, at: int) -> Node:
        """A difference that is no more than rounding."""
        make = self.tape.make
        sizes = make("add", make("abs", self.ours.cost), make("abs", self.todays.cost))
        least = make("mul", self.tape.const(ROUNDING), sizes)
        self.sheet.node(at, TOTAL, least, _rounding_format(least.value), "faint right")
        return least

    def _passed(self, k: int, start: Node, end: Node, least: Node) -> Node:
        """When in this month the difference ends; 0 where it is not dearer in it."""
        make, month = self.tape.make, self.trace.months[k]
        before = make("sub", month, self.tape.const(1.0))
        inside = make("add", before, make("div", start, make("sub", start, end)))
        from_start = make("where", make("gt", start, least), inside, self.tape.const(0.0))
        return make("where", make("gt", end, least), month, from_start)

    def _result(self, at: int, last: Node, passed: list[Node], least: Node) -> Crossing:
        months = len(passed)
        never = last.value > least.value
        value = math.inf if never else max(node.value for node in passed)
        first, last_one = (
            Cell(sheet=self.sheet.name, row=at + 3, column=FIRST_MONTH + k) for k in (0, months - 1)
        )
        span = row_range(first, last_one, self.sheet.name)
        places = self.sheet.places
        dearer = f"{places.expression(last, self.sheet.name)}>{places.expression(least, self.sheet.name)}"
        self.sheet.formula(at, TOTAL, f'=IF({dearer},"never",MAX({span}))', value, "0.00", "strong right")
        return Crossing(cell=Cell(sheet=self.sheet.name, row=at, column=TOTAL), months=value)


def _volumes(
    sheet: Sheet, at: int, trace: Trace, written: Mapping[str, Written], others: list[str], lines: tuple[CostLine, ...]
) -> None:  # fmt: skip
    """Calls a month from which each is cheaper, over the whole horizon."""
    sheet.text(at, 0, "Break-even volume", "heading")
    sheet.text(at + 1, 0, "Calls a month from which it costs less than today's over the horizon.", "subtitle")
    sheet.texts(at + 2, 0, "Candidate", "", "", "", look="head")
    sheet.texts(
        at + 2, TOTAL, "Calls a month", "Fixed cost", "Cost with calls", "In steps", look="head right"
    )
    sums = {name: _Sorted(written[name], sheet.name) for name in written}
    for row, name in enumerate([trace.study.today, *others], start=at + 3):
        sheet.text(row, 0, name)
        for column, sort in enumerate(("fixed", "with calls", "in steps"), start=FIRST_MONTH):
            sheet.formula(row, column, sums[name].formula(sort), sums[name].value(sort), MONEY)
        if name != trace.study.today:
            _volume(sheet, row, at + 3, trace, name, sums, lines)


class _Sorted:
    """A candidate's bill by how it follows volume."""

    def __init__(self, written: Written, sheet: str) -> None:
        self.written, self.sheet = written, sheet
        self.paid = [(row, at) for row, at in written.rows if not row.line.consequence]
        self.has_steps = any(row.sort == "in steps" for row, _ in self.paid)

    def value(self, sort: str) -> float:
        return sum(row.rate.value * row.discounted.value for row, _ in self.paid if row.sort == sort)

    def formula(self, sort: str) -> str:
        cells = [self.written.total(at).ref(self.sheet) for row, at in self.paid if row.sort == sort]
        return "=" + ("+".join(cells) or "0")


def _volume(
    sheet: Sheet, row: int, todays_row: int, trace: Trace, name: str, sums: Mapping[str, _Sorted],
    lines: tuple[CostLine, ...],
) -> None:  # fmt: skip
    study = trace.study
    value = float(break_even_volume(study, study.centres(), name, lines)[0])
    if sums[name].has_steps or sums[study.today].has_steps:
        sheet.number(row, TOTAL, value, "#,##0", "static right")
        sheet.text(
            row,
            FIRST_MONTH + 3,
            "static: a search over volumes, which no formula can follow",
            "static beside",
        )
        return
    fixed, calls = (f"({c}{row + 1}-{c}${todays_row + 1})" for c in ("F", "G"))
    volume = sheet.places.names[study.workload.volume.name]
    gives = f'=IF({calls}<0,{volume}*MAX(0,{fixed})/-{calls},IF(AND({calls}=0,{fixed}<=0),0,"never"))'
    sheet.formula(row, TOTAL, gives, value, "#,##0", "strong right")


def _rounding_format(value: float) -> str:
    """The figure with a word on what it is."""
    return f'"rounding: $"{small_format(value or ROUNDING)}'
