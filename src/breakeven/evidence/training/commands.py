"""Commands that a check tells its reader to run next, with the names of the files as they were given."""

from __future__ import annotations

import shlex
from pathlib import Path

from breakeven.evidence.training.check import CheckInput

__all__ = ["clean_command", "mapped", "named", "split_command"]


def named(given: CheckInput) -> str:
    """The training files as words of a command line; ``TRAIN`` where they are not files."""
    return " ".join(map(shlex.quote, given.train.paths)) or "TRAIN"


def mapped(given: CheckInput) -> list[str]:
    """``--map`` as it was given: without it, the rows of a table may be read in another way."""
    return [word for pair in given.settings.get("map") or () for word in ("--map", str(pair))]


def clean_command(given: CheckInput, *, drop: str = "", mask: str = "") -> str:
    """``data clean`` with these checks, written as chat where the file is of a kind that has no lines to keep.

    A sentence where there are several files, which are cleaned one by one.
    """
    files = given.train.files
    if len(files) != 1 or files[0].name == "-":
        what = f"drop {drop}" if drop else f"mask {mask}" if mask else "write them as chat"
        return f"clean one file at a time: breakeven data clean can {what}"
    kept = not files[0].packed and files[0].container in ("jsonl", "csv")
    words = ["breakeven", "data", "clean", files[0].name, *mapped(given)]
    if drop:
        words += ["--drop", drop]
    if mask:
        words += ["--mask", mask]
    if mask and (model := given.settings.get("ner")) is not None:
        words += ["--ner", str(model)]
    if "leakage" in drop.split(",") and (cases := given.settings.get("eval")) is not None:
        words += ["--eval", str(cases)]
    if kept and (drop or mask):
        return shlex.join([*words, "-o", f"clean{Path(files[0].name).suffix or '.jsonl'}"])
    return shlex.join(
        [*words, *([] if drop or mask else ["--drop", "none"]), "--to", "chat", "-o", "clean.jsonl"]
    )


def split_command(given: CheckInput, test: float) -> str:
    """``data split`` with this share held out."""
    words = [shlex.join(mapped(given))] if mapped(given) else []
    return " ".join(["breakeven data split", named(given), *words, f"--test {test:.0%} -o split"])
