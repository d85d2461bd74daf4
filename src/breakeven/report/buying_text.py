"""The table of what to buy, for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from breakeven.report.page_types import BuyRow

__all__ = ["purchases_table"]


def purchases_table(rows: Sequence[BuyRow], text: Callable[[str, str], Text], *, stacked: bool) -> Table:
    """Figures in columns; where it is narrow, the standing is beneath the name. ``text``: harmless text in a style."""
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", overflow="fold")
    for heading in ("value", "cost", "delay", "net"):
        table.add_column(text(heading, ""), justify="right", no_wrap=True)
    if not stacked:
        table.add_column("", overflow="fold")
    for row in rows:
        says = text(row.says, "" if row.worth_it else "dim")
        name = text(row.what, "")
        figures = [text(figure, "") for figure in (row.value, row.cost, row.delay, row.net)]
        cells = [Text.assemble(name, "\n", says), *figures] if stacked else [name, *figures, says]
        table.add_row(*cells)
    return table
