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

_KEYS: Final = "y right   n wrong   ? unsure   q stop"
_LINES: Final = 24


def review_rows(
    rows: Sequence[TrainingRow], drawn: Sequence[Drawn], *, date: str, to_stderr: bool = False
) -> Iterator[Verdict]:
    """Each row shown and judged: ``y``, ``n`` or ``?``; ``q`` or the end of input stops. Reads a pipe as well."""
    from breakeven.evidence.training.auditing.verdicts import Verdict, word_of

    for number, one in enumerate(drawn, start=1):
        row = rows[one.row]
        click.echo(_screen(row, one, number, len(drawn)), err=to_stderr)
        key = _key()
        if key == "q":
            click.echo(
                f"Stopped after {number - 1:,} of {len(drawn):,}; --review goes on from here.", err=True
            )
            return
        said = word_of(key)
        assert said is not None  # only such keys are let through
        yield Verdict(
            row=one.key, sample=one.sample, verdict=said, place=str(row.place), plan=one.plan, date=date
        )


def _key() -> str:
    """The next key that means something; ``q`` where input ends."""
    while True:
        try:
            key = click.getchar() if sys.stdin.isatty() else sys.stdin.read(1)
        except (KeyboardInterrupt, EOFError):
            return "q"
        if key in ("", "q", "Q", "\x03", "\x04"):
            return "q"
        if key in "yYnN?":
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
