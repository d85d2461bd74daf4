"""The sheet Sensitivity: each input at its low and its high end, all others as they stand on the sheet Inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from breakeven.beliefs import Belief, Values
from breakeven.economics.lines import CostLine
from breakeven.economics.totals import net_benefits
from breakeven.report.text import clean
from breakeven.report.workbook.candidates import Written
from breakeven.report.workbook.formulas import Places, TooLongError, column_letters
from breakeven.report.workbook.nodes import Node
from breakeven.report.workbook.sheets import MONEY, Sheet, kind_format
from breakeven.report.workbook.totals import Figures
from breakeven.report.workbook.tracing import Row, Trace

__all__ = ["write_sensitivity"]

HEAD_ROW: Final = 4
NOW_ROW: Final = 5
INPUTS_SHEET_COLUMNS: Final = ("E", "F")
"""Low and high, on the sheet Inputs."""


def write_sensitivity(
    sheet: Sheet, trace: Trace, written: Mapping[str, Written], figures: Mapping[str, Figures],
    inputs: Sequence[Belief], input_rows: Mapping[str, int], lines: tuple[CostLine, ...],
) -> None:  # fmt: skip
    """Net benefit of every candidate, and who leads, at both ends of each uncertain input."""
    _Sheet(sheet, trace, written, figures, lines).write([b for b in inputs if not b.is_point], input_rows)


class _Sheet:
    def __init__(
        self, sheet: Sheet, trace: Trace, written: Mapping[str, Written], figures: Mapping[str, Figures],
        lines: tuple[CostLine, ...],
    ) -> None:  # fmt: skip
        self.sheet, self.trace, self.written, self.figures, self.lines = sheet, trace, written, figures, lines
        self.names = list(written)
        self.starts = (4, 4 + len(self.names) + 1)
        """The first columns of low and of high."""

    def write(self, inputs: Sequence[Belief], input_rows: Mapping[str, int]) -> None:
        sheet = self.sheet
        sheet.text(0, 0, "Sensitivity", "title")
        sheet.text(
            1,
            0,
            "Net benefit with one input at its low or high end, all others as on Inputs; widest first, as decided.",
            "subtitle",
        )
        sheet.text(
            2,
            0,
            "Grey italics: static, from the time of the decision, where one formula could not hold the change.",
            "subtitle",
        )
        self._heads()
        sheet.text(NOW_ROW, 0, "All inputs as they stand", "strong")
        for start in self.starts:
            for k, name in enumerate(self.names):
                sheet.node(NOW_ROW, start + k, self.figures[name].net, MONEY, "strong")
            self._leader(
                NOW_ROW, start, [self.figures[name].net.value for name in self.names], "strong beside"
            )
        ends = {belief.name: self._ends(belief) for belief in inputs}
        widest = sorted(inputs, key=lambda b: -float(np.max(np.abs(ends[b.name][1] - ends[b.name][0]))))
        for row, belief in enumerate(widest, start=NOW_ROW + 1):
            self._input(row, belief, input_rows[belief.name], ends[belief.name])

    def _ends(self, belief: Belief) -> tuple[Values, Values]:
        """Net benefit of every candidate with the input at its low and at its high end, by the engine."""
        study = self.trace.study
        low, high = (
            net_benefits(
                study, study.centres().with_values(belief.name, np.array([end])), self.names, self.lines
            )[0]
            for end in (belief.low, belief.high)
        )
        return low, high

    def _heads(self) -> None:
        self.sheet.texts(HEAD_ROW, 0, "Input", look="head")
        self.sheet.texts(HEAD_ROW, 1, "Low", "High", look="head right")
        self.sheet.text(HEAD_ROW, 3, "Who leads", "head beside")
        for start, end in zip(self.starts, ("low", "high"), strict=True):
            for k, name in enumerate(self.names):
                self.sheet.text(HEAD_ROW, start + k, f"{name}, input {end}", "head right")
            self.sheet.text(HEAD_ROW, start + len(self.names), f"leads, input {end}", "head beside")
        self.sheet.worksheet.set_column(0, 0, 44)
        self.sheet.worksheet.set_column(1, 2, 12)
        self.sheet.worksheet.set_column(3, 3, 18)
        self.sheet.worksheet.set_column(4, self.starts[1] + len(self.names), 17)
        self.sheet.worksheet.freeze_panes(NOW_ROW + 1, 1)

    def _input(self, row: int, belief: Belief, input_row: int, ends: tuple[Values, Values]) -> None:
        number = kind_format(belief.kind, belief.centre)
        self.sheet.text(row, 0, belief.name)
        for step, (column, value) in enumerate(
            zip(INPUTS_SHEET_COLUMNS, (belief.low, belief.high), strict=True)
        ):
            self.sheet.formula(row, 1 + step, f"='Inputs'!${column}${input_row + 1}", value, number, "faint")
        leads = [self._end(row, belief, step, found) for step, found in enumerate(ends)]
        low, high = (f"{column_letters(start + len(self.names))}{row + 1}" for start in self.starts)
        now = f"{column_letters(self.starts[0] + len(self.names))}${NOW_ROW + 1}"
        said = "the same" if leads[0] == leads[1] == self._now() else "it changes"
        self.sheet.formula(
            row, 3, f'=IF(AND({low}={now},{high}={now}),"the same","it changes")', said, look="beside"
        )

    def _now(self) -> str:
        return clean(max(self.names, key=lambda name: self.figures[name].net.value))

    def _end(self, row: int, belief: Belief, step: int, found: Values) -> str:
        """All candidates with the input at one end; returns who leads."""
        start, cell = self.starts[step], f"${column_letters(1 + step)}{row + 1}"
        for k, name in enumerate(self.names):
            formula = self._formula(name, belief.name, cell)
            if formula is None:
                self.sheet.number(row, start + k, float(found[k]), MONEY, "static")
            else:
                self.sheet.formula(row, start + k, formula, float(found[k]), MONEY)
        return self._leader(row, start, [float(v) for v in found])

    def _leader(self, row: int, start: int, values: Sequence[float], look: str = "beside") -> str:
        first, last = (column_letters(start + k) for k in (0, len(self.names) - 1))
        here = f"${first}{row + 1}:${last}{row + 1}"
        heads = self._names_range()
        leader = clean(self.names[int(np.argmax(values))])
        self.sheet.formula(
            row,
            start + len(self.names),
            f"=INDEX({heads},MATCH(MAX({here}),{here},0))",
            leader,
            "General",
            look,
        )
        return leader

    def _names_range(self) -> str:
        """The candidates' names, on the sheet Totals."""
        return f"'Totals'!$C$4:${column_letters(1 + len(self.names))}$4"

    def _formula(self, name: str, belief: str, cell: str) -> str | None:
        """Its net benefit as it stands, plus what changes; None where no formula can hold that."""
        if any(row.static for row, _ in self.written[name].rows):
            return None
        changes = _Changes(self.sheet, self.trace, self.trace.inputs[belief], cell)
        try:
            return changes.formula(self.figures[name], self.written[name])
        except TooLongError:
            return None


LONGEST: Final = 6000
"""Characters: longer than this nobody follows, and all of them together make a file slow to open."""


class _Changes:
    """What one held input changes in a net benefit."""

    def __init__(self, sheet: Sheet, trace: Trace, held: Node, cell: str) -> None:
        self.sheet, self.trace, self.held, self.bits = sheet, trace, (held, cell), held.inputs
        self.places: Places = sheet.places

    def formula(self, figures: Figures, written: Written) -> str:
        parts = [self._expression(figures.net, with_held=False)]
        parts += [self._rows(rows, written) for rows in self._moved(written)]
        if figures.worth.inputs & self.bits:
            parts.append(
                f"+({self._expression(figures.worth)})-{self._expression(figures.worth, with_held=False)}"
            )
        formula = "=" + "".join(parts)
        if len(formula) > LONGEST:
            raise TooLongError
        return formula

    def _moved(self, written: Written) -> list[list[tuple[Row, int]]]:
        """The lines that change, those of one driver together."""
        groups: dict[int, list[tuple[Row, int]]] = {}
        for row, at in written.rows:
            if (row.rate.inputs | row.discounted.inputs) & self.bits:
                groups.setdefault(id(row.discounted), []).append((row, at))
        return list(groups.values())

    def _rows(self, rows: Sequence[tuple[Row, int]], written: Written) -> str:
        """Lines cost more: the net benefit is lower."""
        tape = self.trace.tape
        rates = tape.sum([row.rate for row, _ in rows])
        changed = self._expression(tape.make("mul", rates, rows[0][0].discounted))
        before = "+".join(written.total(at).ref(self.sheet.name) for _, at in rows)
        return f"-({changed})+{before}"

    def _expression(self, node: Node, *, with_held: bool = True) -> str:
        return self.places.expression(node, self.sheet.name, held=self.held if with_held else None)
