"""One sheet for each candidate: its cost lines by month, and its bill, discounted and summed up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from breakeven.economics.world import DriverKind
from breakeven.report.workbook.formulas import Cell, column_letters, row_range
from breakeven.report.workbook.months import (
    DISCOUNT_ROW,
    FIRST_MONTH,
    HEAD_ROW,
    TOTAL,
    driver_label,
    write_month_heads,
)
from breakeven.report.workbook.nodes import Node, Tape
from breakeven.report.workbook.sheets import MONEY, RATE, Sheet
from breakeven.report.workbook.tracing import CandidateTrace, Row, Trace

__all__ = ["Written", "write_candidate", "write_rates"]

FIRST_ROW = HEAD_ROW + 2
RATE_COLUMN = 3


@dataclass(frozen=True, kw_only=True)
class Written:
    """What other sheets refer to of a candidate's sheet."""

    sheet: str
    rows: tuple[tuple[Row, int], ...]
    """Each row of the bill with its place."""
    cost: Node
    consequence: Node
    upfront: Node
    monthly: Node
    """Mean month of the first year, without the build."""
    lumps: tuple[Node, ...]
    """What is paid at each month's start."""
    cumulative: tuple[Node, ...]
    """Discounted, at each month's end."""
    cumulative_row: int

    def total(self, row: int) -> Cell:
        """The cell with a row's discounted total."""
        return Cell(sheet=self.sheet, row=row, column=TOTAL)


def _placed(trace: CandidateTrace) -> tuple[tuple[Row, int], ...]:
    """Rows with their places: the bill, a line for its sum, then the consequences."""
    paid = [row for row in trace.rows if not row.line.consequence]
    suffered = [row for row in trace.rows if row.line.consequence]
    second = FIRST_ROW + len(paid) + 1
    return (
        *((r, FIRST_ROW + k) for k, r in enumerate(paid)),
        *((r, second + k) for k, r in enumerate(suffered)),
    )


def write_rates(sheet: Sheet, trace: CandidateTrace) -> None:
    """The first pass: every rate. Months and other candidates refer to them."""
    for row, at in _placed(trace):
        sheet.number(at, 0, row.line.number, "0", "number")
        sheet.text(at, 1, row.line.title)
        sheet.text(
            at, 2, driver_label(row.driver) + ("; static, does not follow changes" if row.static else "")
        )
        sheet.node(at, RATE_COLUMN, row.rate, RATE, "static" if row.static else "plain")


def write_candidate(sheet: Sheet, trace: Trace, name: str, describe: str, months_sheet: str) -> Written:
    """The second pass: months, sums and totals."""
    return _Writing(sheet, trace, trace.candidates[name], months_sheet).write(name, describe)


class _Writing:
    def __init__(self, sheet: Sheet, trace: Trace, candidate: CandidateTrace, months_sheet: str) -> None:
        self.sheet, self.trace, self.candidate = sheet, trace, candidate
        self.tape: Tape = trace.tape
        self.placed = _placed(candidate)
        self.paid = [(r, at) for r, at in self.placed if not r.line.consequence]
        self.suffered = [(r, at) for r, at in self.placed if r.line.consequence]
        self.months = len(trace.months)
        self.months_sheet = months_sheet

    def write(self, name: str, describe: str) -> Written:
        sheet = self.sheet
        sheet.text(0, 0, name, "title")
        sheet.text(1, 0, describe, "subtitle")
        write_month_heads(
            sheet, self.trace, ("No.", "Cost line", "Follows", "Rate, US$ a unit", "Total, discounted")
        )
        for column, width in enumerate((5, 30, 40, 18, 20)):
            sheet.worksheet.set_column(column, column, width)
        by_row = {at: self._line(row, at) for row, at in self.placed}
        bill_row = FIRST_ROW + len(self.paid)
        bill = self._sums(bill_row, "Bill", self.paid, by_row)
        cost = self._sum_total(bill_row, self.paid)
        consequence = self.tape.sum([self._total(row) for row, _ in self.suffered])
        below = bill_row + len(self.suffered) + 1
        if self.suffered:
            self._sums(below, "Consequences, not on the bill", self.suffered, by_row)
            self._sum_total(below, self.suffered)
        return self._below(below + 2, bill, by_row, cost, consequence)

    def _line(self, row: Row, at: int) -> list[Node]:
        """One line's months; returns them."""
        schedule = self.trace.schedules[row.driver]
        nodes = [self.tape.make("mul", row.rate, factor) for factor in schedule]
        self._write_months(at, nodes)
        discount = self._range(DISCOUNT_ROW, self.months_sheet)
        total = self._total(row)
        self.sheet.formula(at, TOTAL, f"=SUMPRODUCT({self._range(at)},{discount})", total.value, MONEY)
        self.sheet.place(at, TOTAL, total)
        return nodes

    def _total(self, row: Row) -> Node:
        return self.tape.make("mul", row.rate, row.discounted)

    def _write_months(self, at: int, nodes: Sequence[Node], look: str = "plain") -> None:
        for k, node in enumerate(nodes):
            self.sheet.node(at, FIRST_MONTH + k, node, MONEY, look, monthly=True)

    def _range(self, row: int, of: str | None = None) -> str:
        sheet = of or self.sheet.name
        first, last = (Cell(sheet=sheet, row=row, column=FIRST_MONTH + k) for k in (0, self.months - 1))
        return row_range(first, last, self.sheet.name)

    def _sums(
        self, at: int, title: str, rows: Sequence[tuple[Row, int]], by_row: dict[int, list[Node]]
    ) -> list[Node]:  # fmt: skip
        """The sum of rows, month by month."""
        self.sheet.texts(at, 0, "", title, "", "", look="sum")
        sums = [self.tape.sum([by_row[r][k] for _, r in rows]) for k in range(self.months)]
        for k, node in enumerate(sums):
            self._sum_cell(at, FIRST_MONTH + k, rows, node, monthly=True)
        return sums

    def _sum_cell(
        self, at: int, column: int, rows: Sequence[tuple[Row, int]], node: Node, *, monthly: bool = False
    ) -> None:  # fmt: skip
        if not rows:
            self.sheet.number(at, column, 0.0, MONEY, "sum")
            return
        letters = column_letters(column)
        text = f"=SUM({letters}{rows[0][1] + 1}:{letters}{rows[-1][1] + 1})"
        self.sheet.formula(at, column, text, node.value, MONEY, "sum")
        self.sheet.place(at, column, node, monthly=monthly)

    def _sum_total(self, at: int, rows: Sequence[tuple[Row, int]]) -> Node:
        node = self.tape.sum([self._total(row) for row, _ in rows])
        self._sum_cell(at, TOTAL, rows, node)
        return node

    def _below(
        self, at: int, bill: list[Node], by_row: dict[int, list[Node]], cost: Node, consequence: Node
    ) -> Written:  # fmt: skip
        """What is paid at months' starts, and the bill discounted and summed up."""
        lumps = self._some(at, "Of the bill, paid at a month's start", by_row, lambda row: row.is_lump)
        once = self._some(
            at + 1, "… and paid once, to build", by_row, lambda row: row.driver.kind is DriverKind.ONCE
        )
        self.sheet.texts(at + 2, 1, "Bill, discounted")
        discounted = [self.tape.make("mul", b, d) for b, d in zip(bill, self.trace.discount, strict=True)]
        self._write_months(at + 2, discounted)
        self.sheet.texts(at + 3, 1, "Cumulative, discounted", look="strong")
        cumulative: list[Node] = []
        for node in discounted:
            cumulative.append(node if not cumulative else self.tape.make("add", cumulative[-1], node))
        self._write_months(at + 3, cumulative, "strong")
        return Written(
            sheet=self.sheet.name, rows=self.placed, cost=cost, consequence=consequence,
            upfront=self._upfront(at + 5, at + 1, once), monthly=self._monthly(at + 6, at + 1, bill, once),
            lumps=tuple(lumps), cumulative=tuple(cumulative), cumulative_row=at + 3,
        )  # fmt: skip

    def _some(
        self, at: int, title: str, by_row: dict[int, list[Node]], wanted: Callable[[Row], bool]
    ) -> list[Node]:  # fmt: skip
        """The sum of some rows of the bill, month by month."""
        self.sheet.text(at, 1, title)
        chosen = [by_row[r] for row, r in self.paid if wanted(row)]
        sums = [self.tape.sum([months[k] for months in chosen]) for k in range(self.months)]
        self._write_months(at, sums)
        return sums

    def _upfront(self, at: int, once_row: int, once: Sequence[Node]) -> Node:
        self.sheet.text(at, 1, "Paid once, to build, undiscounted")
        node = self.tape.sum(once)
        self.sheet.formula(at, TOTAL, f"=SUM({self._range(once_row)})", node.value, MONEY)
        self.sheet.place(at, TOTAL, node)
        return node

    def _monthly(self, at: int, once_row: int, bill: Sequence[Node], once: Sequence[Node]) -> Node:
        self.sheet.text(at, 1, "Mean month of the first year, without the build")
        year = min(12, self.months)
        running = self.tape.make("sub", self.tape.sum(bill[:year]), self.tape.sum(once[:year]))
        node = self.tape.make("div", running, self.tape.const(year))
        bill_row = FIRST_ROW + len(self.paid)
        first, last = (column_letters(FIRST_MONTH + k) for k in (0, year - 1))
        sums = [f"SUM({first}{row + 1}:{last}{row + 1})" for row in (bill_row, once_row)]
        self.sheet.formula(at, TOTAL, f"=({sums[0]}-{sums[1]})/{year}", node.value, MONEY)
        self.sheet.place(at, TOTAL, node)
        return node
