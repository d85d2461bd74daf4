"""``breakeven data audit``: rows for people to check, and what their verdicts say of all labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.common import share_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breakeven.evidence.training.auditing.drawing import Drawn
    from breakeven.evidence.training.auditing.verdicts import Verdict
    from breakeven.evidence.training.row import TrainingData

__all__ = ["audit"]


def _share(ctx: click.Context, option: click.Parameter, value: str) -> float:
    share = share_of(value, like="95% or 0.95")
    if not 0.5 <= share < 1:
        raise click.BadParameter(f"{value!r} is not between 50% and 100%")
    return share


@click.command()
@click.argument("train", nargs=-1, required=True, metavar="TRAIN…")
@click.option("-n", "--n", "n", type=click.IntRange(1, 100_000),
              help="Rows of the random sample in all, judged ones too [default: what the claim needs].")  # fmt: skip
@click.option(
    "--suspects", is_flag=True, help="Instead of random rows: the labels that a classifier doubts most."
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a sheet, a CSV.")
@click.option("--review", is_flag=True, help="Judge the rows here in the terminal; resumes where it stopped.")
@click.option("--verdicts", "sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Take the verdicts on a sheet back.")  # fmt: skip
@click.option("--audit", "kept", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where verdicts are kept [default: TRAIN.audit beside it].")  # fmt: skip
@click.option("--target", callback=_share, default="95%", show_default=True, metavar="SHARE",
              help="The share of right labels to be proven.")  # fmt: skip
@click.option("--confidence", callback=_share, default="95%", show_default=True, metavar="SHARE",
              help="At which it is to be proven.")  # fmt: skip
@click.option("--mask", is_flag=True, help="Mask personal data and keys in the texts on the sheet.")
@click.option(
    "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Where question, answer, label … stand."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the sample.")
@click.option("--force", is_flag=True, help="Replace a sheet that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def audit(train: tuple[str, ...], columns: tuple[str, ...], kept: Path | None, **wanted: Any) -> None:
    """Draw rows at random for people to check, and say what their verdicts prove of all labels.

    "More than 95% of the labels are right", at 95% confidence, takes 59 rows without an error. Rows that a classifier
    doubts (--suspects) are worth repairing, but say nothing of the others: they are kept apart. Without -o, --review
    and --verdicts it says how the audit stands. The file of verdicts holds hashes of rows, not their texts.

    \b
    Examples:
      breakeven data audit train.jsonl --n 59 -o sheet.csv
      breakeven data audit train.jsonl --verdicts sheet.csv
      breakeven data audit train.jsonl --review
      breakeven data audit train.jsonl --suspects --n 100 -o suspects.csv
    """
    from breakeven.evidence.training.auditing.verdicts import audit_file, read_audit
    from breakeven.evidence.training.reading import parse_columns, read_training

    _check_modes(wanted)
    data = read_training(train, mapping=parse_columns(columns))
    path = kept or audit_file(data.paths[0])
    verdicts = read_audit(path)
    notes: list[str] = []
    if wanted["sheet"]:
        verdicts, notes = _take_in(wanted["sheet"], path, verdicts)
    elif wanted["output"] or wanted["review"]:
        drawn = _draw(data, verdicts, wanted)
        _too_few(data, wanted)
        if wanted["output"]:
            _write(data, drawn, train, wanted)
            return
        verdicts = _review(data, drawn, path, verdicts, as_json=wanted["as_json"])
    _tell(data, train, verdicts, notes, wanted, path)


def _check_modes(wanted: dict[str, Any]) -> None:
    if sum(bool(wanted[name]) for name in ("output", "review", "sheet")) > 1:
        raise click.UsageError("give one of -o, --review and --verdicts.")
    if wanted["sheet"] and wanted["suspects"]:
        raise click.UsageError("a sheet says itself which rows are suspects; leave --suspects out.")


def _draw(data: TrainingData, verdicts: Sequence[Verdict], wanted: dict[str, Any]) -> list[Drawn]:
    from breakeven.evidence.training.auditing.drawing import draw_random, draw_suspects
    from breakeven.statistics import cases_to_claim

    seed = wanted["seed"]
    if wanted["suspects"]:
        return draw_suspects(data.rows, verdicts, wanted["n"] or 100, seed=seed)[0]
    plans = [one.plan for one in verdicts if one.plan is not None]
    n = wanted["n"] or max(
        [*plans, cases_to_claim(wanted["target"], confidence=wanted["confidence"])], default=0
    )
    return draw_random(data.rows, verdicts, n, seed)


def _too_few(data: TrainingData, wanted: dict[str, Any]) -> None:
    """Say beforehand that so few rows can not prove the claim."""
    from breakeven.statistics import cases_to_claim

    needed, n = cases_to_claim(wanted["target"], confidence=wanted["confidence"]), len(data.rows)
    if n < needed and not wanted["suspects"]:
        share = f"{wanted['target'] * 100:.4g}%"
        click.echo(
            f"! To prove more than {share} right takes {needed:,} rows without an error; there are {n:,}",
            err=True,
        )


def _write(
    data: TrainingData, drawn: Sequence[Drawn], train: tuple[str, ...], wanted: dict[str, Any]
) -> None:
    from breakeven.cli.eval_results import say
    from breakeven.errors import InputError, Problem
    from breakeven.evidence.training.auditing.sheet import write_sheet

    output = wanted["output"]
    if output.exists() and not wanted["force"]:
        hint = "name another with -o, or add --force: verdicts that are on it are lost then"
        raise InputError(Problem(message=f"{output} is there already", hint=hint))
    if not drawn:
        what = (
            "no further suspects" if wanted["suspects"] else "the sample is complete: all its rows are judged"
        )
        say(f"Nothing to look at: {what}\n")
        return
    write_sheet(output, data.rows, drawn, mask=wanted["mask"])
    how = "suspects, the most doubtful first" if wanted["suspects"] else "rows in random order"
    say(f"Wrote {output}: {len(drawn):,} {how}, of {len(data.rows):,}\n")
    say("Write right, wrong or unsure into the column `verdict`, and what would be right into `correct`.\n")
    if not wanted["suspects"]:
        say("Write yes into `edge_case` where a row is one: their share is then known too.\n")
        say("Stop where you like, but skip none: a row that is passed over counts as unsure.\n")
    say(_privacy(data, drawn, masked=wanted["mask"]))
    say(f"Then:\n  breakeven data audit {' '.join(train)} --verdicts {output}\n")


def _privacy(data: TrainingData, drawn: Sequence[Drawn], *, masked: bool) -> str:
    from breakeven.evidence.prompts.redaction import find_personal

    if masked:
        return "! What patterns find of personal data is masked; names and addresses are not\n"
    n = sum(
        bool(find_personal(data.rows[one.row].question + "\n" + data.rows[one.row].answer)) for one in drawn
    )
    seen = (
        f"{n:,} of them hold personal data or keys that patterns find"
        if n
        else "patterns find no personal data"
    )
    return f"! The sheet holds the texts of these rows; {seen}{'; --mask masks it' if n else ''}\n"


def _take_in(
    sheet: Path, path: Path, verdicts: Sequence[Verdict]
) -> tuple[list[Verdict], list[str]]:  # fmt: skip
    from breakeven.cli.common import today
    from breakeven.evidence.training.auditing.sheet import read_sheet
    from breakeven.evidence.training.auditing.verdicts import merged, write_audit

    judged = read_sheet(sheet, date=today().isoformat())
    found = merged(verdicts, judged.verdicts)
    write_audit(path, found)
    notes = [f"{len(judged.verdicts):,} verdicts of {sheet} are kept in {path}"]
    if judged.skipped:
        notes.append(f"{judged.skipped:,} rows were passed over; random ones count as unsure")
    if judged.unread:
        notes.append(f"{judged.unread:,} rows at the end of the sheet have no verdict yet")
    return found, [*notes, *map(str, judged.problems[:5])]


def _review(
    data: TrainingData, drawn: Sequence[Drawn], path: Path, verdicts: Sequence[Verdict], *, as_json: bool
) -> list[Verdict]:
    from breakeven.cli.common import today
    from breakeven.cli.data_review import review_rows
    from breakeven.evidence.training.auditing.verdicts import merged, write_audit

    found = list(verdicts)
    for one in review_rows(data.rows, drawn, date=today().isoformat(), to_stderr=as_json):
        found = merged(found, [one])
        write_audit(path, found)
    return found


def _tell(
    data: TrainingData, train: tuple[str, ...], verdicts: Sequence[Verdict], notes: list[str],
    wanted: dict[str, Any], path: Path,
) -> None:  # fmt: skip
    from breakeven.evidence.training.auditing.claim import take_stock

    stock = take_stock(data.rows, verdicts, target=wanted["target"], confidence=wanted["confidence"])
    named = " ".join(train)
    if wanted["as_json"]:
        from breakeven.cli.common import print_json
        from breakeven.report.audit_text import audit_as_dict

        print_json({"file": str(path), "rows": len(data.rows), **audit_as_dict(stock), "messages": notes})
        return
    from breakeven.cli.eval_results import page_width, say
    from breakeven.report.audit_text import audit_text

    say(audit_text(stock, named, len(data.rows), notes, width=page_width()))
