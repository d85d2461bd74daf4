"""Rows judged in the terminal, one key each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from breakeven.evidence.training.auditing.drawing import Drawn
    from breakeven.evidence.training.auditing.verdicts import Verdict
    from breakeven.evidence.training.row import TrainingRow

__all__ = ["review_rows"]

_KEYS: Final = "y right   n wrong   ? unsure   e edge case   b back   q stop"
_LINES: Final = 24


def review_rows(
    rows: Sequence[TrainingRow], drawn: Sequence[Drawn], *, date: str, to_stderr: bool = False
) -> Iterator[Verdict]:
    """Each row shown and judged: ``y``, ``n`` or ``?``, after ``e`` an edge case; ``q`` or the end of input stops.

    ``b`` shows the row before again, to be judged anew. Reads a pipe as well.
    """
    from breakeven.evidence.training.auditing.verdicts import Verdict, word_of

    at, marked = 0, set[int]()
    while at < len(drawn):
        one = drawn[at]
        row = rows[one.row]
        click.echo(_screen(row, one, at + 1, len(drawn)), err=to_stderr)
        key = _key()
        edge = True if key == "e" else None
        while key == "e":
            click.echo(f"{'':<12}an edge case; and is it right?", err=to_stderr)
            key = _key()
        if key == "q":
            click.echo(f"Stopped after {at:,} of {len(drawn):,}; --review goes on from here.", err=True)
            return
        if key == "b":
            at = max(0, at - 1)
            continue
        said = word_of(key)
        assert said is not None  # only such keys are let through
        if edge is None and at in marked:  # judged anew, and no edge case this time
            edge = False
        marked |= {at} if edge else set()
        yield Verdict(
            row=one.key, sample=one.sample, verdict=said, place=str(row.place), plan=one.plan, date=date, edge=edge
        )  # fmt: skip
        at += 1


def _key() -> str:
    """The next key that means something; ``q`` where input ends."""
    while True:
        try:
            key = click.getchar() if sys.stdin.isatty() else sys.stdin.read(1)
        except (KeyboardInterrupt, EOFError):
            return "q"
        if key in ("", "q", "Q", "\x03", "\x04"):
            return "q"
        if key in "yYnN?eEbB":
            return key.lower()


def _screen(row: TrainingRow, one: Drawn, number: int, n: int) -> str:
    from breakeven.cli.eval_results import page_width
    from breakeven.evidence.training.auditing.sheet import taught
    from breakeven.report.plain_table import wrapped
    from breakeven.report.text import clean

    width = page_width()
    lines = [f"── {number:,} of {n:,}  {clean(str(row.place))} ".ljust(width, "─")]
    for label, text in (("ASKED", row.question), ("TAUGHT", taught(row)), ("LOOKS LIKE", one.guess)):
        if text:
            body = [part for line in text.splitlines() or [""] for part in wrapped(clean(line), width - 12)]
            cut = [*body[:_LINES], f"… {len(body) - _LINES:,} more lines"] if len(body) > _LINES else body
            lines += [f"{label if k == 0 else '':<12}{part}" for k, part in enumerate(cut)]
    return "\n".join([*lines, f"{'':<12}{_KEYS}"])
