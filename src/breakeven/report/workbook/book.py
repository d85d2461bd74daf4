"""A decision as a workbook whose formulas are those of the money model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.errors import MissingExtraError
from breakeven.report.cleaning import cleaned
from breakeven.report.page import to_page
from breakeven.report.text import clean, shorten
from breakeven.report.workbook.break_even import write_break_even
from breakeven.report.workbook.candidates import Written, write_candidate, write_rates
from breakeven.report.workbook.curve import write_curves
from breakeven.report.workbook.formulas import Places
from breakeven.report.workbook.front import Live, write_front
from breakeven.report.workbook.inputs import used_inputs, write_inputs
from breakeven.report.workbook.months import TOTAL, write_months, write_workings
from breakeven.report.workbook.names import formula_names, sheet_names
from breakeven.report.workbook.sensitivity import write_sensitivity
from breakeven.report.workbook.sheets import Sheet, Styles
from breakeven.report.workbook.totals import figures_of, write_totals
from breakeven.report.workbook.tracing import Trace, trace
from breakeven.report.workbook.words import write_assumptions, write_rules

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from breakeven.advice.decision import Decision
    from breakeven.study.model import Study

__all__ = ["to_workbook"]

BEFORE: Final = ("Decision", "Inputs", "Totals", "Break-even", "Sensitivity")
CURVE: Final = "Learning curve"
"""A sheet only where the study has one."""
BEHIND: Final = ("Months", "Workings", CURVE, "Rules", "Assumptions")
_PLAIN: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def to_workbook(study: Study, decision: Decision, *, lines: Sequence[CostLine] = COST_LINES) -> bytes:
    """The .xlsx file. Every formula carries its value, so that programs that compute nothing show the right figures.

    ``decision`` is the one on this study. Raises MissingExtraError without the extra `report`.
    """
    try:
        import xlsxwriter
    except ImportError as exc:
        raise MissingExtraError("xlsxwriter", "report") from exc
    buffer = BytesIO()
    workbook = xlsxwriter.Workbook(buffer, _PLAIN)
    shown = cleaned(decision)
    # The day of the study and not that of the writing: the same decision gives the same file.
    made = dt.datetime.combine(decision.start, dt.time())
    workbook.set_properties(
        {"title": shorten(shown.study, 255), "comments": "Written by Breakeven.", "created": made}
    )
    _Book(workbook, trace(study, lines), shown, tuple(lines)).write()
    workbook.close()
    return buffer.getvalue()


class _Book:
    """The sheets, in the order in which people read them; they are written in the order in which they depend."""

    def __init__(
        self, workbook: Workbook, traced: Trace, decision: Decision, lines: tuple[CostLine, ...]
    ) -> None:
        self.workbook, self.trace, self.decision, self.lines = workbook, traced, decision, lines
        self.names = list(traced.study.candidates)
        self.inputs = used_inputs(traced)
        places = Places(names=formula_names(traced.inputs))
        styles = Styles(workbook)
        own = sheet_names(map(clean, self.names), taken=(*BEFORE, *BEHIND))
        self.sheet_of = {name: own[clean(name)] for name in self.names}
        behind = [name for name in BEHIND if name != CURVE or decision.learning_curves]
        order = (*BEFORE, *self.sheet_of.values(), *behind)
        self.sheets = {name: Sheet(workbook.add_worksheet(name), name, styles, places) for name in order}

    def write(self) -> None:
        s, places = self.sheets, self.sheets["Inputs"].places
        rows = write_inputs(self.workbook, s["Inputs"], self.inputs, places.names)
        for name in self.names:
            write_rates(s[self.sheet_of[name]], self.trace.candidates[name])
        write_workings(s["Workings"], self.trace)
        write_months(s["Months"], self.trace)
        written = {name: self._candidate(name) for name in self.names}
        figures = figures_of(self.trace, written)
        write_totals(s["Totals"], self.trace, written, figures)
        crossings = write_break_even(s["Break-even"], self.trace, written, self.lines)
        write_sensitivity(s["Sensitivity"], self.trace, written, figures, self.inputs, rows, self.lines)
        page = to_page(self.decision)
        live = Live(trace=self.trace, written=written, figures=figures, crossings=crossings)
        write_front(self.workbook, s["Decision"], self.decision, page, live)
        if CURVE in s:
            write_curves(self.workbook, s[CURVE], self.decision.learning_curves)
        write_rules(s["Rules"], page)
        write_assumptions(s["Assumptions"], page)
        for name, sheet in s.items():
            _printed(
                sheet,
                is_front=name == "Decision",
                is_wide=name in {*self.sheet_of.values(), "Months", "Break-even"},
            )

    def _candidate(self, name: str) -> Written:
        describe = self.decision.candidates[clean(name)].describe
        return write_candidate(self.sheets[self.sheet_of[name]], self.trace, name, describe, "Months")


def _printed(sheet: Sheet, *, is_front: bool, is_wide: bool) -> None:
    """On paper: the answer on one page; a sheet of months over three, its lines named on each."""
    page: Any = sheet.worksheet
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(3 if is_wide else 1, 1 if is_front else 0)
    if is_wide:
        page.repeat_columns(0, TOTAL)
