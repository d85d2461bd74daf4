"""``breakeven data clean``: a cleaned copy of a training file, and a log that undoes it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.data_to import check_to, not_written, to_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breakeven.evidence.training.check import CheckResult, Text
    from breakeven.evidence.training.cleaning import Cleaned
    from breakeven.evidence.training.private import Private
    from breakeven.evidence.training.row import TrainingData

__all__ = ["clean"]


def _names(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    return () if names == ("none",) else names


@click.command()
@click.argument("train", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The copy."
)
@click.option("--drop", callback=_names, metavar="CHECK,…",
              help="Leave out rows these flag, `unreadable`, or `none` [default: duplicates, leakage].")  # fmt: skip
@click.option("--mask", callback=_names, metavar="CHECK,…",
              help="Mask what these find [default: personal-data, secrets].")  # fmt: skip
@click.option("--ner", metavar="MODEL_OR_FOLDER",
              help="A spaCy model of this machine: mask names, places, organisations and addresses too.")  # fmt: skip
@click.option("--eval", "cases", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The eval's cases, for leakage.")  # fmt: skip
@to_options
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False),
              help="Where the log is written [default: OUTPUT.undo].")  # fmt: skip
@click.option("--undo", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="LOG",
              help="Instead: TRAIN is a cleaned copy, and OUTPUT becomes its source again.")  # fmt: skip
@click.option(
    "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Where question, answer, label … stand."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the checks.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def clean(
    train: Path, output: Path, undo: Path | None, force: bool, as_json: bool, log: Path | None, **wanted: Any
) -> None:
    """Write a copy of a training file without what checks flag, and with personal data masked.

    TRAIN is never touched. Rows of JSON Lines and CSV that are kept are kept byte for byte. With --to they are written
    as chat messages, or in another format that hosts take, whatever file they come from: a table, ShareGPT, Parquet …
    The log holds what was left out, masked or rewritten, so that --undo gives the source again; only you can read it,
    and it is not to be shared.

    \b
    Examples:
      breakeven data clean train.jsonl -o clean.jsonl
      breakeven data clean train.jsonl -o clean.jsonl --drop duplicates,conflicts --mask personal-data
      breakeven data clean tickets.csv --to chat --system "Name the queue." -o clean.jsonl
      breakeven data clean clean.jsonl --undo clean.undo -o train-again.jsonl
    """
    if undo is not None:
        _undo(train, undo, output, force=force, as_json=as_json)
        return
    from breakeven.evidence.training.cleaning import clean_rows, plan_changes, write_cleaned
    from breakeven.evidence.training.rewriting import rewrite_rows

    to = check_to(wanted)
    log = log or output.with_name(f"{output.name.partition('.')[0] or output.name}.undo")
    _free(output, log, force=force)
    data, dropped, masked, found = _checked(train, wanted)
    changes = plan_changes(data, dropped, masked, found)
    cleaned = clean_rows(train, changes) if to is None else rewrite_rows(
        train, data, changes, to, system=wanted["system"], keep=wanted["keep"]
    )  # fmt: skip
    write_cleaned(cleaned, output, log)
    if as_json:
        from collections import Counter

        from breakeven.cli.common import print_json

        print_json({
            "source": cleaned.source, "output": str(output), "log": str(log), "rows": cleaned.kept,
            "dropped": cleaned.n_dropped, "masked": cleaned.n_masked, "dropped_by": dict(cleaned.dropped),
            "masked_by": dict(cleaned.masked), "to": cleaned.to, "unreadable": len(data.rejected),
            "not_written": dict(Counter(one.reason for one in cleaned.refused)),
        })  # fmt: skip
        return
    _show(cleaned, data, output, log, dropped, masked, ner=wanted["ner"])


def _free(*paths: Path, force: bool) -> None:
    from breakeven.errors import InputError, Problem

    for path in paths:
        if path.exists() and not force:
            hint = "name another, or add --force"
            raise InputError(Problem(message=f"{path} is there already", hint=hint))


def _undo(copy: Path, log: Path, output: Path, *, force: bool, as_json: bool) -> None:
    from breakeven.evidence.training.cleaning import undo

    _free(output, force=force)
    n = undo(copy, log, output)
    if as_json:
        from breakeven.cli.common import print_json

        print_json({"output": str(output), "rows_put_back": n})
        return
    from breakeven.cli.eval_results import say

    say(f"Wrote {output}: the source again, byte for byte; {n:,} rows put back\n")


def _checked(
    train: Path, wanted: dict[str, Any]
) -> tuple[TrainingData, list[CheckResult], list[CheckResult], Sequence[Private]]:
    """The rows; what the checks flag that are to drop rows, and those that are to mask; what a model found in them."""
    from breakeven.evidence.training.check import CheckInput
    from breakeven.evidence.training.checks.personal_data import personal_rows
    from breakeven.evidence.training.cleaning import MASKS, UNREADABLE
    from breakeven.evidence.training.reading import parse_columns, read_training

    data = read_training([train], mapping=parse_columns(wanted["columns"]))
    cases = _cases(wanted["cases"], data) if wanted["cases"] else None
    given = CheckInput(train=data, cases=cases, seed=wanted["seed"], settings={"ner": wanted["ner"]})
    drop, mask = wanted["drop"], wanted["mask"]
    if drop is None and mask is None:
        drop, mask = ("duplicates", *(("leakage",) if cases else ())), tuple(MASKS)
    dropped = _results(given, [name for name in drop or () if name != UNREADABLE])
    if UNREADABLE in (drop or ()):
        dropped.append(_unreadable(data))
    masked = _results(given, mask or ())
    found = personal_rows(given) if wanted["ner"] and "personal-data" in (mask or ()) else ()
    return data, dropped, masked, found


def _cases(path: Path, data: TrainingData) -> Sequence[Text]:
    from breakeven.evidence.training.outside import case_texts

    found = case_texts(path, like=data.mapping)
    for note in found.notes:
        click.echo(f"! {note}", err=True)
    return found.texts


def _results(given: Any, names: Sequence[str]) -> list[CheckResult]:
    from breakeven.evidence.training.checks import named_checks

    found = []
    for check in named_checks(tuple(names)):
        click.echo(f"Checking: {check.title}", err=True)
        found.append(check(given))
    return found


def _unreadable(data: TrainingData) -> CheckResult:
    from breakeven.evidence.training.check import CheckResult, Flagged
    from breakeven.evidence.training.cleaning import UNREADABLE

    flagged = tuple(Flagged(row=-1, place=bad.place, reason=bad.reason) for bad in data.rejected)
    return CheckResult(check=UNREADABLE, title="Unreadable rows", verdict="fail", because="", flagged=flagged)


def _show(
    cleaned: Cleaned, data: TrainingData, output: Path, log: Path, dropped: list[CheckResult],
    masked: list[CheckResult], *, ner: str | None = None,
) -> None:  # fmt: skip
    from breakeven.cli.eval_results import say
    from breakeven.evidence.training.cleaning import UNREADABLE
    from breakeven.report.plain_table import aligned
    from breakeven.report.text import clean

    written = f", written as {cleaned.to}" if cleaned.to else ""
    say(f"Wrote {output}: {cleaned.kept:,} rows of {cleaned.source}{written}\n")
    rows = [("left out", f"{cleaned.dropped.get(r.check, 0):,}", r.check, clean(r.title)) for r in dropped]
    rows += [("masked", f"{cleaned.masked.get(r.check, 0):,}", r.check, clean(r.title)) for r in masked]
    if rows:
        say("\n".join(aligned(rows, right=(1,))) + "\n")
    if data.rejected and UNREADABLE not in {result.check for result in dropped}:
        n = len(data.rejected)
        which = "1 row that can not be read was" if n == 1 else f"{n:,} rows that can not be read were"
        say(
            f"! {which} left out\n"
            if cleaned.to
            else f"! {which} kept; --drop {UNREADABLE} leaves such out\n"
        )
    if cleaned.to is not None:
        not_written(cleaned.refused, cleaned.to)
    for result in dropped:
        if result.verdict == "cannot_tell" and not result.flagged:
            say(f"! {result.check}: {clean(result.because)}\n")
    if any(result.check == "personal-data" for result in masked):
        say(
            f"! Names are masked as {clean(ner)} finds them, which misses some: the copy is not anonymous\n" if ner
            else "! Names and addresses are not masked (--ner MODEL does): the copy is not anonymous\n"
        )  # fmt: skip
    source = Path(cleaned.source)
    held = "the whole source" if cleaned.to else "what was left out and masked"
    again = (
        f"{source.name.partition('.')[0]}-again{''.join(source.suffixes) if cleaned.to else output.suffix}"
    )
    say(f"The log {log} holds {held}; only you can read it. To undo:\n")
    say(
        "  " + shlex.join(["breakeven", "data", "clean", str(output), "--undo", str(log), "-o", again]) + "\n"
    )
