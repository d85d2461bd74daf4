"""``--to``, ``--system`` and ``--keep``: training rows written in another format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from breakeven.evidence.training.row import Rejected

__all__ = ["check_to", "not_written", "to_options"]

F = TypeVar("F", bound=Callable[..., Any])

_TARGETS: Final = ("chat", "preference", "chosen", "completion", "gemini")
_KEPT: Final = ("id", "label", "cluster", "origin")


def to_options(command: F) -> F:
    """The options of a command that can write rows in another format."""
    for option in (
        click.option("--keep", type=click.Choice(_KEPT), multiple=True, metavar="FIELD",
                     help="With --to: write id, label, cluster or origin beside; some hosts refuse other keys."),
        click.option("--system", metavar="TEXT", help="With --to: instructions for rows that have none."),
        click.option("--to", type=click.Choice(_TARGETS), metavar="FORMAT",
                     help="Write the rows as chat, preference (OpenAI's pairs), chosen or completion (TRL's), gemini."),
    ):  # fmt: skip
        command = option(command)
    return command


def check_to(wanted: dict[str, Any]) -> str | None:
    """The format that is asked for; what goes with it alone is an error without it."""
    if wanted["to"] is None and (wanted["system"] is not None or wanted["keep"]):
        raise click.UsageError("--system and --keep say how rows are written anew: add --to chat.")
    to: str | None = wanted["to"]
    return to


def not_written(refused: Sequence[Rejected], to: str) -> None:
    """Say which rows the format has no words for."""
    from collections import Counter

    from breakeven.cli.eval_results import say
    from breakeven.report.text import clean

    if not refused:
        return
    n, first = len(refused), refused[0]
    why = ", ".join(
        f"{clean(reason)} {k:,}" for reason, k in Counter(one.reason for one in refused).most_common(4)
    )
    rows, them = ("1 row is", "it") if n == 1 else (f"{n:,} rows are", "them")
    say(
        f"! {rows} not written, since {to} has no words for {them} ({why}); the first: {clean(str(first.place))}\n"
    )
