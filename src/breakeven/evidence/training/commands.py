"""Commands that a check tells its reader to run next, with the names of the files as they were given."""

from __future__ import annotations

import shlex
from pathlib import Path

from breakeven.evidence.training.check import CheckInput

__all__ = ["clean_command", "named", "split_command"]


def named(given: CheckInput) -> str:
    """The training files as words of a command line; ``TRAIN`` where they are not files."""
    return " ".join(map(shlex.quote, given.train.paths)) or "TRAIN"


def clean_command(given: CheckInput, *, drop: str = "", mask: str = "") -> str:
    """``data clean`` with these checks; a sentence where the files are of a kind that is not cleaned."""
    files = given.train.files
    if len(files) != 1 or files[0].packed or files[0].container not in ("jsonl", "csv"):
        what = f"drop {drop}" if drop else f"mask {mask}"
        return f"write one JSON Lines or CSV file first; then breakeven data clean can {what}"
    words = ["breakeven", "data", "clean", files[0].name]
    if drop:
        words += ["--drop", drop]
    if mask:
        words += ["--mask", mask]
    if mask and (model := given.settings.get("ner")) is not None:
        words += ["--ner", str(model)]
    if "leakage" in drop.split(",") and (cases := given.settings.get("eval")) is not None:
        words += ["--eval", str(cases)]
    return shlex.join([*words, "-o", f"clean{Path(files[0].name).suffix or '.jsonl'}"])


def split_command(given: CheckInput, test: float) -> str:
    """``data split`` with this share held out."""
    return f"breakeven data split {named(given)} --test {test:.0%} -o split"
