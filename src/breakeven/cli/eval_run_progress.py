"""A run as it goes: how far, what it has cost, what failed; and Ctrl-C, which ends it cleanly."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

from breakeven.evidence.evals.running import Progress, Run
from breakeven.quantities import show_usd

__all__ = ["interruptible", "shown"]

_REDRAWN_S: Final = 0.1
"""Between two looks at a bar: a run may answer a thousand calls a second."""
_EVERY_S: Final = 10.0
"""Between two lines where standard error is no terminal."""


@contextmanager
def shown(calls: int, *, quiet: bool = False) -> Iterator[Callable[[Progress], None]]:
    """A function that shows progress on standard error: a bar on a terminal, else a line from time to time."""
    if sys.stderr.isatty() and not quiet:
        with _bar(calls) as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bar(calls: int) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (
        BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.fields[cost]}", markup=False),
        TextColumn("{task.fields[rate]}", markup=False), TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[failures]}", markup=False),
    )  # fmt: skip
    start = time.monotonic()
    with Bar(*columns, console=console, transient=True, refresh_per_second=5) as bar:
        task = bar.add_task("", total=calls, cost="$0", rate="", failures="")

        drawn = 0.0

        def show(progress: Progress) -> None:
            nonlocal drawn
            if time.monotonic() - drawn < _REDRAWN_S and progress.ended < progress.calls:
                return
            drawn = time.monotonic()
            elapsed = max(time.monotonic() - start, 1e-6)
            rate = f"{progress.answered / elapsed:,.0f}/s" if progress.answered else ""
            bar.update(
                task, completed=progress.ended, total=progress.calls, cost=show_usd(progress.spent_usd), rate=rate,
                failures=_failures(progress),
            )  # fmt: skip

        yield show


def _lines() -> Callable[[Progress], None]:
    last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last < _EVERY_S:
            return
        last = time.monotonic()
        failures = _failures(progress)
        said = f"{progress.ended:,} of {progress.calls:,} calls, {show_usd(progress.spent_usd)}"
        click.echo(said + (f"; {failures}" if failures else ""), err=True)

    return show


def _failures(progress: Progress) -> str:
    kinds = [f"{n:,} {kind}" for kind, n in progress.failures.most_common(3)]
    if progress.format_failures:
        kinds.append(f"{progress.format_failures:,} format")
    return ", ".join(kinds)


def interruptible(run: Run) -> None:
    """Let Ctrl-C stop a run: what is under way is waited for; a second one waits for nothing."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        if run.stopped == "interrupted":
            run.cancel()
            return
        run.stop("interrupted")
        click.echo(
            f"\nStopping: up to {run.under_way:,} calls are under way and waited for, since they are paid for. "
            "Ctrl-C again leaves them.",
            err=True,
        )

    try:
        loop.add_signal_handler(signal.SIGINT, interrupted)
    except (
        NotImplementedError
    ):  # Windows: Ctrl-C raises KeyboardInterrupt; the journal holds what was answered
        return
