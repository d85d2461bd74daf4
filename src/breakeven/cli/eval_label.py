"""``breakeven eval label``: a sheet on which people check a judge."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["label"]


@click.command()
@click.argument("result", metavar="FILE")
@click.option("-n", "--n", "n", type=click.IntRange(1, 100_000), default=100, show_default=True,
              help="Answers on the sheet.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the sample.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("labels.csv"),
    show_default=True, help="The sheet, a CSV.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a sheet that is there.")
def label(result: str, n: int, seed: int, output: Path, force: bool) -> None:
    """Draw judged answers at random onto a sheet, for people to say which are right.

    FILE is a result that a judge scored, or its name in evals/. The sheet shows what was asked and the answer, not what
    the judge said. Fill in the column `verdict`; its rows are in random order, so stop where you like, but skip none.

    \b
    Examples:
      breakeven eval label evals/large.json --n 100 -o labels.csv
      breakeven eval label large --n 150 --seed 7
    """
    import numpy as np

    from breakeven.cli.eval_results import open_named_results, say
    from breakeven.errors import InputError, Problem
    from breakeven.evidence.evals.calibrating import sample_runs, write_sheet

    [opened] = open_named_results([result]).values()
    if output.exists() and not force:
        hint = "name another with -o, or add --force: labels that are on it are lost then"
        raise InputError(Problem(message=f"{output} is there already", hint=hint))
    runs = sample_runs(opened.result, n, np.random.default_rng(seed))
    write_sheet(output, runs)
    marks = str(opened.result.settings["judge"].get("scale", "pass"))
    wanted = "`pass` or `fail`" if marks == "pass" else f"a mark, {marks}"
    least = 50 if marks == "pass" else 100
    short = f"; there are no more than {len(runs):,} judged answers" if len(runs) < n else ""
    say(f"Wrote {output}: {len(runs):,} answers in random order{short}\n")
    say(f"Write {wanted} into the column `verdict`; at least {least} of them are needed. Then:\n")
    say(f"  breakeven eval calibrate {result} {output}\n")
