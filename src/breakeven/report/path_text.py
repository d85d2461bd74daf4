"""A path for the terminal."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from breakeven.advice.path_types import PathAdvice
from breakeven.report.path_words import Sheet, sheets, steps_words
from breakeven.report.plain_table import aligned, wrapped
from breakeven.report.text import clean

__all__ = ["path_block", "path_text"]

_GUTTER: Final = "          "


def path_text(p: PathAdvice, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    lines = [clean(p.study), *wrapped(f"ANSWER    {clean(p.headline)}", width, hanging=_GUTTER), ""]
    lines += path_block(p, width)
    for sheet in sheets(p):
        lines += ["", *_sheet(sheet, width)]
    lines += ["", "ASSUMED   and not in the study"]
    for a in p.assumptions:
        text = f"{clean(a.input)}: {clean(a.value)} ({clean(str(a.source))})"
        lines += wrapped(text, width, indent="  ", hanging="    ")
    for note in p.notes:
        lines += wrapped(f"! {clean(note)}", width, hanging="  ")
    lines += ["", f"{p.draws:,} draws, seed {p.seed}; error: Monte Carlo's alone"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def path_block(p: PathAdvice, width: int) -> list[str]:
    """The steps alone: for a page that shows the path among other things."""
    shown = next((o.title for o in p.options if o.key == p.shown and not o.chosen), "")
    lines = [f"PATH  {shown}, as asked" if shown else "PATH"]
    for k, step in enumerate(steps_words(p), start=1):
        reached = f"  {step.p_reached}" if step.p_reached else ""
        lines += wrapped(f"{k}. {step.what}  ({step.when}){reached}", width, indent="  ", hanging="     ")
        said = (("gate", step.gate), ("cost", step.cost), ("back to", step.rollback))
        for label, text in said:
            if text:
                lines += wrapped(f"{label:<8} {text}", width, indent="     ", hanging=" " * 14)
    return lines


def _sheet(s: Sheet, width: int) -> list[str]:
    lines = wrapped(f"{s.title}  {s.aside}", width, hanging="  ")
    table = [s.head, *s.rows]
    lines += _fitted(table, s, width)
    for text in s.says:
        lines += wrapped(text, width, indent="  ", hanging="  ")
    return lines


def _fitted(table: list[tuple[str, ...]], s: Sheet, width: int) -> list[str]:
    """The table; where it is too wide, its last column goes under each row, or its middle columns go."""
    made = aligned(table, right=s.right)
    if max(map(cell_len, made)) <= width:
        return made
    if not s.right or len(table[0]) - 1 not in s.right:
        rows = aligned([row[:-1] for row in table], right=s.right)
        if max(map(cell_len, rows)) <= width:
            lines = rows[:1]
            for line, row in zip(rows[1:], table[1:], strict=True):
                lines += [line, *wrapped(row[-1], width, indent="      ")]
            return lines
    for gone in range(len(table[0]) - 2, 1, -1):
        kept = [row[:gone] for row in table]
        made = aligned(kept, right=s.right)
        if max(map(cell_len, made)) <= width:
            return made
    return [line[:width] for line in made]
