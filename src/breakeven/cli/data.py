"""``breakeven data``: training data checked, audited, cleaned and split; a subcommand is imported when it is called."""

from __future__ import annotations

from typing import Final

import click

from breakeven.cli.lazy import LazyGroup

__all__ = ["data"]

_COMMANDS: Final = {
    "check": "Is it ready: format, duplicates, leakage, labels, personal data, match with production, cost.",
    "audit": "A random sample of rows for people to check, and what it says of all labels.",
    "clean": "The rows without what the checks flagged, and a list of what was left out.",
    "size": "How many examples are worth having.",
    "split": "Training and hold-out rows, apart by cluster and by text.",
}
"""Subcommand → what the help says of it. Each is defined in ``cli/data_NAME.py``."""


@click.group(cls=LazyGroup, modules=_COMMANDS, prefix="data_")
def data() -> None:
    """Training data, before money is spent on it: checked, audited, cleaned and split.

    \b
    Start with:
      breakeven data check train.jsonl --eval cases.jsonl
      breakeven data check train.jsonl --eval cases.jsonl --logs logs/ --host openai -o evidence/data
    """
