"""The sheets Months and Workings: what costs follow from month to month, and results on the way to a rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from breakeven.economics.world import Driver, DriverKind
from breakeven.report.workbook.nodes import Node
from breakeven.report.workbook.sheets import Sheet, figure_format
from breakeven.report.workbook.tracing import Trace

__all__ = [
    "DISCOUNT_ROW",
    "FIRST_MONTH",
    "HEAD_ROW",
    "TOTAL",
    "driver_label",
    "write_months",
    "write_workings",
]

TOTAL: Final = 4
"""The column of totals, on every sheet that has months."""
FIRST_MONTH: Final = 5
"""The column of month 1, on every sheet that has months."""
HEAD_ROW: Final = 3
DISCOUNT_ROW: Final = 5
FACTOR: Final = "0.0000"

_LABELS: Final = {
    DriverKind.ONCE: "Once",
    DriverKind.MONTH: "Every month",
    DriverKind.CALLS: "Calls",
    DriverKind.API: "Calls × prices",
    DriverKind.RETRAIN: "Retrainings",
    DriverKind.MIGRATE: "Forced migrations",
    DriverKind.REPLICAS: "Replicas",
    DriverKind.SHORTFALL: "US$ under the commitment",
}


def driver_label(driver: Driver) -> str:
    """What a line follows: ``Calls × prices of openai``, ``Once, in month 13``."""
    label = f"{_LABELS[driver.kind]} of {driver.of}" if driver.of else _LABELS[driver.kind]
    if driver.kind is DriverKind.ONCE:
        return f"{label}, in month {driver.first}"
    if driver.load:
        label += ", its share of the load"
    if driver.payer and driver.payer != driver.of:
        label += f", as {driver.payer} pays it"
    if driver.last:
        return f"{label}, months {driver.first} to {driver.last}"
    return f"{label}, from month {driver.first}" if driver.first > 1 else label


def month_starts(start: dt.date, months: int) -> list[dt.date]:
    """The first day of each month."""
    counted = (start.year * 12 + start.month - 1 + k for k in range(months))
    return [dt.date(k // 12, k % 12 + 1, 1) for k in counted]


def write_month_heads(sheet: Sheet, trace: Trace, heads: Sequence[str]) -> None:
    """The headings of a sheet with months: its own, and each month's number over its first day."""
    sheet.texts(HEAD_ROW, 0, *heads[:3], look="head")
    sheet.texts(HEAD_ROW, 3, *heads[3:], look="head right")
    for k, day in enumerate(month_starts(trace.study.start, len(trace.months))):
        sheet.number(HEAD_ROW, FIRST_MONTH + k, k + 1, '"month "0', "head right")
        sheet.date(HEAD_ROW + 1, FIRST_MONTH + k, day, "faint right")
    sheet.worksheet.freeze_panes(HEAD_ROW + 2, FIRST_MONTH)
    sheet.worksheet.set_column(FIRST_MONTH, FIRST_MONTH + len(trace.months) - 1, 13)


def write_months(sheet: Sheet, trace: Trace) -> None:
    """Discounting and every driver. A shortfall stands here too: it is what a month's bill leaves of a commitment."""
    sheet.text(0, 0, "Months", "title")
    sheet.text(
        1,
        0,
        "What costs follow. A cost line of a month is its rate (sheet of the candidate) × its driver here.",
        "subtitle",
    )
    write_month_heads(sheet, trace, ("Driver", "", "", "", "Discounted sum"))
    sheet.worksheet.set_column(0, 0, 44)
    sheet.worksheet.set_column(1, 3, 1)
    sheet.worksheet.set_column(TOTAL, TOTAL, 16)
    for k, month in enumerate(trace.months):
        sheet.place(HEAD_ROW, FIRST_MONTH + k, month, monthly=True)
    sheet.text(DISCOUNT_ROW, 0, "Discount factor")
    _row(sheet, DISCOUNT_ROW, trace.discount)
    discounted = {row.driver: row.discounted for c in trace.candidates.values() for row in c.rows}
    # The simple ones first: windows and prices are made of them.
    ordered = sorted(
        trace.schedules, key=lambda d: (d.kind is not DriverKind.CALLS, d.first > 1 or d.last > 0, d.kind, d)
    )
    for row, driver in enumerate(ordered, start=DISCOUNT_ROW + 1):
        sheet.text(row, 0, driver_label(driver))
        _row(sheet, row, trace.schedules[driver])
        sheet.node(row, TOTAL, discounted[driver], FACTOR)


def _row(sheet: Sheet, row: int, nodes: Sequence[Node]) -> None:
    for k, node in enumerate(nodes):
        sheet.node(row, FIRST_MONTH + k, node, FACTOR, monthly=True)


def write_workings(sheet: Sheet, trace: Trace) -> None:
    """What the model itself has a name for: tokens in, cached share, the cost of one attempt."""
    sheet.text(0, 0, "Workings", "title")
    sheet.text(
        1,
        0,
        "Results on the way from inputs to rates, for one attempt of a call unless said otherwise.",
        "subtitle",
    )
    sheet.texts(HEAD_ROW, 0, "Candidate", "Result", look="head")
    sheet.text(HEAD_ROW, 2, "Value", "head right")
    sheet.worksheet.set_column(0, 0, 24)
    sheet.worksheet.set_column(1, 1, 34)
    sheet.worksheet.set_column(2, 2, 18)
    sheet.worksheet.freeze_panes(HEAD_ROW + 1, 0)
    for row, (candidate, name, node) in enumerate(trace.workings, start=HEAD_ROW + 1):
        sheet.texts(row, 0, candidate, _RESULTS.get(name, name.replace("_", " ").capitalize()))
        sheet.node(row, 2, node, figure_format(node.value))


_RESULTS: Final = {
    "attempts": "Attempts in month 1, retries included",
    "tokens_in": "Tokens in",
    "tokens_out": "Tokens out, reasoning included",
    "cached_share": "Share of tokens in read from the cache",
    "static_share": "Share of tokens in that never change",
    "writes": "Share of calls that write the cache",
    "input": "Input, US$",
    "cache_reads": "Cached input, US$",
    "cache_writes": "Cache writes, US$",
    "output": "Output, US$",
    "base_in": "Input, cached input and writes, US$",
    "tier_and_region": "Context tier and region, US$",
    "batch": "Batch discount, US$",
    "usd": "All of one attempt, US$",
}
