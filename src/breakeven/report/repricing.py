"""A repricing as a page of text, for the terminal and as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from breakeven.evidence.repricing.result import Alternative, Baseline, Money, Repricing
from breakeven.quantities import show_usd
from breakeven.report.text import MINUS, clean, signed_usd

__all__ = ["Cell", "Row", "baseline_name", "columns", "head_lines", "rows", "title", "to_markdown", "to_text"]

_HEAD = ("over the log", "per 1,000 calls", "a month", "difference", "%")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure and its interval; empty where it is a point, or not known."""

    value: str
    interval: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to make the calls."""

    name: str
    is_baseline: bool
    cells: tuple[Cell, ...]
    """In the order of the page's columns."""
    notes: tuple[str, ...]


def columns(r: Repricing) -> tuple[str, ...]:
    """The heads of the columns; without a month where the log allows none."""
    if r.calls_per_month is None:
        return tuple(head for head in _HEAD if head != "a month")
    return tuple("difference a month" if head == "difference" else head for head in _HEAD)


def rows(r: Repricing) -> tuple[Row, ...]:
    """What was, then every alternative; texts from outside are cleaned."""
    monthly = r.calls_per_month is not None
    return (
        _baseline(r.baseline, monthly=monthly),
        *(_alternative(a, monthly=monthly) for a in r.alternatives),
    )


def _baseline(b: Baseline, *, monthly: bool) -> Row:
    cells = [_usd(b.cost_usd), _usd(b.per_1000_usd)]
    if monthly:
        cells.append(_money(b.per_month_usd))
    notes = (f"{b.calls:,.0f} calls, {b.source}",) if b.cost_usd is not None else ()
    return Row(
        name=baseline_name(b), is_baseline=True, cells=(*cells, Cell(value=""), Cell(value="")), notes=notes
    )


def baseline_name(b: Baseline) -> str:
    """What the calls as they were are called."""
    return "as logged" if b.source == "as logged" else "as made"


def _alternative(a: Alternative, *, monthly: bool) -> Row:
    cells = [_money(a.cost_usd), _money(a.per_1000_usd)]
    if monthly:
        cells.append(_money(a.per_month_usd))
    found = a.difference
    if found is None:
        cells += [Cell(value="–"), Cell(value="")]
    else:
        cells += [
            _money(a.difference_per_month_usd if monthly else found.usd, signed=True),
            _percent(found.share),
        ]
    notes = a.notes
    if a.hosting_usd_per_month:
        hosting = f"hosting: {show_usd(a.hosting_usd_per_month)} a month, whatever the calls"
        notes = (hosting + _covered(a), *notes)
    return Row(name=clean(a.name), is_baseline=False, cells=tuple(cells), notes=tuple(map(clean, notes)))


def _covered(a: Alternative) -> str:
    """From how many calls a month on cheaper tokens cover the hosting."""
    if a.difference is None:
        return ""
    if a.covered_from is None:
        return "; its tokens cost no less, so no volume covers it"
    most = "" if a.covered_from.high is None else f", {_rough(a.covered_from.high)}"
    least = (
        f" [{_rough(a.covered_from.low)}{most or ', never'}]"
        if a.covered_from.low != a.covered_from.high
        else ""
    )
    return f"; covered from {_rough(a.covered_from.value)} calls a month on{least}"


def _rough(value: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _usd(value: float | None) -> Cell:
    return Cell(value="not known" if value is None else show_usd(value))


def _money(money: Money | None, *, signed: bool = False) -> Cell:
    if money is None:
        return Cell(value="not known")
    shown = signed_usd if signed else show_usd
    if money.low == money.high:
        return Cell(value=shown(money.value))
    return Cell(value=shown(money.value), interval=f"[{shown(money.low)}, {shown(money.high)}]")


def _percent(money: Money | None) -> Cell:
    if money is None:
        return Cell(value="")
    value, low, high = (_signed(x) for x in (money.value, money.low, money.high))
    return Cell(value=value, interval="" if low == high else f"[{low}, {high}]")


def _signed(p: float) -> str:
    if p == 0:
        return "0%"
    if p >= 9.995:
        return f"{_rough(1 + p)} ×"
    size = 100 * abs(p)
    shown = f"{size:,.0f}%" if size >= 9.95 else f"{size:.1f}%" if size >= 0.05 else "<0.1%"
    return ("+" if p > 0 else MINUS) + shown


def title(r: Repricing) -> str:
    """The finding, one sentence; only a difference that holds over its whole interval is called one."""
    answering = [a for a in r.alternatives if a.retires_on is None or a.retires_on > r.prices_as_of]
    known = [(a, found) for a in answering if (found := _compared(a, r)) is not None]
    if not known:
        ways = len(r.alternatives)
        return f"{r.priced_calls:,.0f} calls, priced {'once' if ways == 1 else f'in {ways} ways'}"
    best, usd = min(known, key=lambda pair: pair[1].value)
    name, when = clean(best.name), "" if r.calls_per_month is None else " a month"
    if usd.high < 0:
        ends = f" [{show_usd(-usd.high)}, {show_usd(-usd.low)}] (90%)" if usd.low < usd.high else ""
        return f"{name} would have cost {show_usd(-usd.value)}{when} less{ends}"
    if usd.low >= 0:
        return "None of these would have cost less"
    return f"Whether {name} would have cost less, its interval does not tell"


def _compared(a: Alternative, r: Repricing) -> Money | None:
    """The difference by which alternatives are ranked: a month's, where there is one; else the log's.

    Hosting is paid whatever the calls, so a tuned model is ranked by the month only.
    """
    if r.calls_per_month is not None:
        return a.difference_per_month_usd
    return None if a.difference is None or a.hosting_usd_per_month else a.difference.usd


def head_lines(r: Repricing) -> Iterator[str]:
    """What was read."""
    span = "" if r.span_days is None else f", over {_days(r.span_days)}"
    yield f"{r.priced_calls:,.0f} of {r.calls:,.0f} calls priced{span}; prices of {r.prices_as_of.isoformat()}"
    if r.calls_per_month is not None:
        month = r.calls_per_month
        yield f"{month['mean']:,.0f} calls a month [{month['p05']:,.0f}, {month['p95']:,.0f}] (90%)"
    if sum(r.rejected.values()):
        yield f"{sum(r.rejected.values()):,} rows could not be used"


def _days(days: float) -> str:
    if days >= 2:
        return f"{days:.1f} days"
    return f"{days * 24:.1f} hours" if days >= 1 / 12 else f"{days * 1440:.1f} minutes"


# -------------------------------------------------------------------------------------------- the terminal


def to_text(r: Repricing, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    lines = [*_wrap(title(r), width), *(line for text in head_lines(r) for line in _wrap(text, width)), ""]
    lines += _table(columns(r), rows(r), width)
    lines += ["", "ASSUMED"]
    for a in r.assumptions:
        lines += _wrap(f"  {clean(a.input)}: {clean(a.value)} ({clean(str(a.source))})", width, "    ")
    for warning in r.warnings:
        lines += _wrap(f"! {clean(warning)}", width, "  ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=indent)


_SPARE: Final = ("per 1,000 calls", "over the log")
"""Columns that a narrow page can spare, the first one first."""


def _table(head: Sequence[str], body: Sequence[Row], width: int) -> Iterator[str]:
    """A name on its own line where the table would be wider than the page; intervals under their figures.

    A page too narrow even so goes without the figures that follow from others.
    """
    sizes = [
        max(len(head[k]), *(max(len(row.cells[k].value), len(row.cells[k].interval)) for row in body))
        for k in range(len(head))
    ]
    for spare in _SPARE if "a month" in head else _SPARE[:1]:
        if sum(sizes) + 2 * len(sizes) + 2 > width and spare in head:
            k = head.index(spare)
            head, sizes = [*head[:k], *head[k + 1 :]], [*sizes[:k], *sizes[k + 1 :]]
            body = [replace(row, cells=(*row.cells[:k], *row.cells[k + 1 :])) for row in body]
    figures = sum(sizes) + 2 * len(sizes)
    name_size = max(len(row.name) for row in body)
    beside = name_size + figures <= width
    left = name_size if beside else max(2, min(8, width - figures))
    yield " " * left + _cells(head, sizes)
    for row in body:
        values, intervals = ([getattr(cell, side) for cell in row.cells] for side in ("value", "interval"))
        if beside:
            yield f"{row.name:<{left}}{_cells(values, sizes)}"
        else:
            yield from _wrap(row.name, width, "  ")
            yield " " * left + _cells(values, sizes)
        if any(intervals):
            yield " " * left + _cells(intervals, sizes)
        for note in row.notes:
            yield from _wrap(f"  · {note}", width, "    ")


def _cells(texts: Sequence[str], sizes: Sequence[int]) -> str:
    return "".join(f"  {text:>{size}}" for text, size in zip(texts, sizes, strict=True)).rstrip()


# ----------------------------------------------------------------------------------------------- Markdown


def to_markdown(r: Repricing) -> str:
    """The page as Markdown; what comes from outside can make no markup."""
    head = ("", *columns(r))
    lines = [f"# {_plain(title(r))}", "", *(f"{_plain(line)}  " for line in head_lines(r)), ""]
    lines += ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for row in rows(r):
        cells = [f"{cell.value} {cell.interval}".strip() for cell in row.cells]
        lines.append("| " + " | ".join((_plain(row.name), *map(_plain, cells))) + " |")
    lines.append("")
    lines += [f"- {_plain(row.name)}: {_plain(note)}" for row in rows(r) for note in row.notes]
    lines += ["", "## Assumed", ""]
    lines += [f"- {_plain(a.input)}: {_plain(a.value)} ({_plain(str(a.source))})" for a in r.assumptions]
    if r.warnings:
        lines += ["", "## Warnings", "", *(f"- {_plain(warning)}" for warning in r.warnings)]
    return "\n".join(lines) + "\n"


_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>#|!~"})


def _plain(text: str) -> str:
    return clean(text).translate(_MARKS)
