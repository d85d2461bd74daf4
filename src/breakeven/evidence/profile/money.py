"""Dollars: of all calls, and by model, feature and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from breakeven.evidence.profile.cells import Cell
from breakeven.evidence.profile.costs import Prices, Tokens, cost_usd
from breakeven.evidence.profile.volume import as_time
from breakeven.prices import PriceBook

__all__ = ["cell_costs", "money", "total_usd"]

_UNNAMED: Final = "(no model named)"


def cell_costs(cells: Sequence[Cell], prices: Prices) -> dict[Cell, float | None]:
    """Dollars of each cell; None where its price, or its tokens, are not known."""
    return {cell: _cell_usd(cell, prices) for cell in cells}


def money(
    cells: Sequence[Cell],
    costs: Mapping[Cell, float | None],
    book: PriceBook,
    warnings: list[str],
    *,
    dated: bool,
) -> dict[str, Any]:
    """Dollars in all and by model, feature and day. One unknown price makes the sum unknown, never smaller.

    ``dated``: whether days have dates; else they are counted from the start of the log's clock.
    """
    warnings += _unstated([cell for cell in cells if costs[cell] is None], Prices(book))
    groups: dict[str, Callable[[Cell], str | None]] = {
        "models": lambda cell: cell.model,
        "features": lambda cell: cell.feature,
        "days": lambda cell: _day(cell, dated),
    }
    found: dict[str, Any] = {
        "cost_usd": total_usd(costs.values()),
        "cost_source": _cost_source(cells, book),
    }
    for name, key in groups.items():
        found[name] = _grouped(cells, costs, key)
    return found


def _unstated(cells: Sequence[Cell], prices: Prices) -> list[str]:
    """Why the cost is not known: prices that are missing, else tokens."""
    unpriced = [cell for cell in cells if cell.model is None or prices.of(cell.provider, cell.model) is None]
    names = sorted({cell.model or _UNNAMED for cell in unpriced})
    if names:
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        why = f"no price is known for {shown}" if names != [_UNNAMED] else "no model is named"
        return [f"{why}: the cost is not stated (an unknown price is not zero)"]
    n = sum(max(cell.no_input, cell.no_output) for cell in cells)
    return [f"{n:,.0f} calls do not say their tokens: the cost is not stated"] if n else []


def _day(cell: Cell, dated: bool) -> str | None:
    if cell.day is None:
        return None
    return as_time(cell.day * 86_400)[:10] if dated else f"day {cell.day + 1:03.0f}"


def _cell_usd(cell: Cell, prices: Prices) -> float | None:
    """Logged where every call says its cost, else at list price; failed calls without tokens cost nothing known."""
    if cell.logged == cell.rows:
        return cell.logged_usd
    priced = cell.rows - max(cell.no_input, cell.no_output)
    if cell.failure is not None and priced == 0:
        return 0.0
    price = None if cell.model is None else prices.of(cell.provider, cell.model)
    if price is None or (cell.failure is None and priced < cell.rows):
        return None
    tokens = Tokens(
        input=cell.input, cached=cell.cached, written=cell.written, output=cell.output, longest=cell.longest,
        batch=bool(cell.at_batch),
    )  # fmt: skip
    return cost_usd(price, tokens)


def _cost_source(cells: Sequence[Cell], book: PriceBook) -> str:
    logged = [cell.logged == cell.rows for cell in cells]
    if all(logged):
        return "as logged"
    listed = f"list prices of {book.as_of.isoformat()}"
    return f"as logged, else {listed}" if any(logged) else listed


def total_usd(costs: Iterable[float | None]) -> float | None:
    """The sum; None where one of them is not known."""
    known = list(costs)
    return None if any(cost is None for cost in known) else sum(cost for cost in known if cost is not None)


def _grouped(
    cells: Sequence[Cell], costs: Mapping[Cell, float | None], key: Callable[[Cell], str | None]
) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if (name := key(cell)) is not None:
            groups[name].append(cell)
    ordered = sorted(groups.items(), key=lambda item: item[0])
    return {
        name: {
            "calls": round(sum(c.calls for c in group)), "cost_usd": total_usd(costs[c] for c in group),
            "input_tokens": round(sum(c.input for c in group)), "output_tokens": round(sum(c.output for c in group)),
        }
        for name, group in ordered
    }  # fmt: skip
