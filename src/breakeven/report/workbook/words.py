"""The sheets Rules and Assumptions: what does not follow changes, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from breakeven.report.page_types import Page
from breakeven.report.workbook.sheets import Sheet

__all__ = ["write_assumptions", "write_rules"]


_RULES: Final = (40, 26, 22, 16, 90)
_ASSUMPTIONS: Final = (46, 34, 100)
"""Widths of columns, in characters."""


def write_rules(sheet: Sheet, page: Page) -> None:
    """Published rules and gates beside the answer; what could change it, and what to buy."""
    sheet.text(0, 0, "Rules", "title")
    sheet.text(
        1,
        0,
        f"Published rules beside this answer: {page.rules_summary or 'none'}. Static: from the time of the decision.",
        "subtitle",
    )
    _widths(sheet, _RULES)
    rows = [(r.title, r.source, r.verdict, r.standing, r.because) for r in page.rules]
    at = _table(sheet, _RULES, 3, ("Rule", "Source", "Says", "Beside ours", "Because"), rows)
    for sentence in page.contradictions:
        sheet.text(at, 0, sentence)
        at += 1
    if page.gates:
        at = _titled(sheet, at, "Gates before tuning")
        gates = [(g.gate, g.source, g.standing, g.need, g.have) for g in page.gates]
        at = _table(sheet, _RULES, at, ("Gate", "Source", "Standing", "Needed", "You have"), gates)
    if page.flips:
        at = _titled(sheet, at, "What could change the answer")
        flips = [(f.input, f.condition, f.p, f.to) for f in page.flips]
        at = _table(sheet, _RULES, at, ("Input", "Changes the answer", "Chance", "To"), flips)
    if page.buy or page.buy_says:
        at = _titled(sheet, at, "What to buy")
        bought = [(b.what, b.value, b.cost, b.net, b.says) for b in page.buy]
        at = _table(sheet, _RULES, at, ("Evidence", "Worth", "Costs", "Net", ""), bought)
        sheet.text(at, 0, page.buy_says)


def write_assumptions(sheet: Sheet, page: Page) -> None:
    """Every input in words, most influential first; what is not counted; notes."""
    sheet.text(0, 0, "Assumptions", "title")
    sheet.text(
        1, 0, "Most influential first. Static: as decided on. The cells to change are on Inputs.", "subtitle"
    )
    _widths(sheet, _ASSUMPTIONS)
    rows = [(a.input, a.value, str(a.source)) for a in page.assumptions]
    at = _table(sheet, _ASSUMPTIONS, 3, ("Input", "Value, 90%", "Source"), rows)
    if page.not_counted:
        at = _titled(sheet, at, "Not counted: nothing was stated, and unknown is not zero")
        at = _table(
            sheet,
            _ASSUMPTIONS,
            at,
            ("Left out for", "", "Lines"),
            [(r.who, "", r.lines) for r in page.not_counted],
        )
    at = _titled(sheet, at, "Evidence of quality")
    evidence = [(e.name, "EXTRAPOLATED" if e.extrapolated else "", e.source) for e in page.evidence]
    at = _table(sheet, _ASSUMPTIONS, at, ("Candidate", "", "Source"), evidence)
    at = _titled(sheet, at, "Notes")
    for text in (*page.notes, *_LIMITS, *page.footer):
        sheet.text(at, 0, text)
        at += 1


_LIMITS = (
    "This workbook puts every input at one value. The answer rests on draws of all inputs together, so its figures are "
    "means over draws and differ from these.",
    "Which lines are counted, the horizon, the months of retraining and of retirement, and price steps (prices stay as "
    "listed here) are fixed as in the study file.",
    "Probabilities, flips and the value of information do not follow changes: change the study file and run "
    "breakeven decide.",
)


def _titled(sheet: Sheet, at: int, title: str) -> int:
    sheet.text(at + 1, 0, title, "heading")
    return at + 2


def _widths(sheet: Sheet, widths: Iterable[float]) -> None:
    for column, width in enumerate(widths):
        sheet.worksheet.set_column(column, column, width)


def _table(
    sheet: Sheet, widths: Sequence[float], at: int, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> int:
    """A table of texts, its rows as high as they need; returns the row behind it."""
    sheet.texts(at, 0, *heads, look="head")
    for row, cells in enumerate(rows, start=at + 1):
        sheet.texts(row, 0, *cells, look="wrap")
        lines = max(math.ceil(len(text) / width) for text, width in zip(cells, widths, strict=False))
        sheet.height(row, 15.0 * max(lines, 1))
    return at + 1 + len(rows)
