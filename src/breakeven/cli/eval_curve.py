"""``breakeven eval curve``: what more training examples would bring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from breakeven.cli.common import share_of
from breakeven.cli.eval_results import level_option

if TYPE_CHECKING:
    from breakeven.errors import Problem
    from breakeven.evidence.evals.classifying.curves import TrainingRun
    from breakeven.statistics.estimate import Estimate
    from breakeven.statistics.learning_curve import LearningCurve, Reach

__all__ = ["curve"]

_BARS: Final = 24


def _numbers(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in (value or "").replace("_", "").split(",") if part.strip())
    except ValueError as exc:
        raise click.BadParameter(f"{value!r}: write whole numbers, such as 250,500,1000") from exc
    if any(number < 1 for number in found):
        raise click.BadParameter(f"{value!r}: numbers of examples above 0 are needed")
    return found


def _pairs(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    for value in values:
        if not all(part.strip() for part in value.partition("=")):
            raise click.BadParameter(f"{value!r}: write NAME=VALUE")
    return {name.strip(): rest.strip() for name, _, rest in (value.partition("=") for value in values)}


def _share(ctx: click.Context, option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    share = share_of(value, like="93% or 0.93")
    if not 0 < share < 1:
        raise click.BadParameter(f"{value!r} is not between 0% and 100%")
    return share


def _picture(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in (".svg", ".html"):
        raise click.BadParameter(f"{str(value)!r}: name a file that ends in .svg or .html")
    return value


@click.command()
@click.argument("suite", required=False, type=click.Path(path_type=Path))
@click.option(
    "--candidate", metavar="NAME", help="Which linear candidate of the suite [default: its only one]."
)
@click.option(
    "--sizes", callback=_numbers, metavar="N,N,…", help="Training sizes [default: all rows, ½, ¼, ⅛, 1/16]."
)
@click.option(
    "--runs", type=click.IntRange(2, 50), default=2, show_default=True, help="Training runs of each size."
)
@click.option(
    "--table", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
    help="Instead of a suite: runs made elsewhere, with size, score and seed.",
)  # fmt: skip
@click.option("--map", "columns", multiple=True, callback=_pairs, metavar="FIELD=COLUMN",
              help="With --table: where size, score and seed stand.")  # fmt: skip
@click.option(
    "--where", multiple=True, callback=_pairs, metavar="COLUMN=VALUE", help="With --table: only such rows."
)
@click.option("--percent", is_flag=True, help="With --table: scores go from 0 to 100.")
@click.option(
    "--at", callback=_numbers, metavar="N,N,…", help="Sizes to forecast [default: 2× and 4× the largest]."
)
@click.option(
    "--target", callback=_share, metavar="SHARE", help="How many examples would bring the score to this."
)
@level_option()
@click.option(
    "-o", "--output", callback=_picture, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write the chart here: .svg, or .html for a page with it.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def curve(
    suite: Path | None, table: Path | None, at: tuple[int, ...], target: float | None, level: float, seed: int,
    output: Path | None, as_json: bool, **wanted: Any,
) -> None:  # fmt: skip
    """Say what more training examples would bring, from runs of at least four sizes, one of them run twice.

    With a suite, its linear candidate is trained here on parts of its rows; one on embeddings takes the vectors that
    eval run has kept. For a fine-tune, give a table of the runs that were paid for. A forecast beyond the largest size
    is an extrapolation and says so; beyond four times that there is none (exit code 3).

    \b
    Examples:
      breakeven eval curve examples/small-classifier
      breakeven eval curve --table runs.csv --map size=examples --at 8000 --target 93%
      breakeven eval curve examples/small-classifier --target 98% -o curve.html
    """
    import numpy as np

    from breakeven.statistics.learning_curve import fit_learning_curve

    if (suite is not None) and (table is not None):
        raise click.UsageError("give either a suite or --table.")
    runs, problems, title = (
        _trained(suite or Path(), quiet=as_json, **wanted) if table is None else _read(table, **wanted)
    )
    fitted = fit_learning_curve([run.size for run in runs], [run.score for run in runs])
    rng = np.random.default_rng(seed)
    sizes = at or tuple(round(factor * fitted.sizes[-1]) for factor in (2, 4))
    forecasts = {size: fitted.at(size, rng, level=level) for size in sizes}
    reach = None if target is None else fitted.reach(target, rng)
    if output is not None:
        _draw(output, title, runs, fitted, forecasts, reach, rng, level, shared=table is None)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(_as_json(runs, problems, fitted, forecasts, reach))
    else:
        _show(title, runs, problems, fitted, forecasts, reach, level, shared=table is None)
        if output is not None:
            click.echo(f"Wrote {output}")


def _trained(
    suite: Path, *, quiet: bool, candidate: str | None, sizes: tuple[int, ...], runs: int, **_: Any
) -> tuple[list[TrainingRun], list[Problem], str]:
    from breakeven.errors import InputError, Problem
    from breakeven.evidence.evals.classifying.curves import default_sizes, linear_runs
    from breakeven.evidence.evals.embedding.vectors import EMBEDDINGS, Vectors
    from breakeven.evidence.evals.journal import read_journal
    from breakeven.evidence.evals.suite import open_suite

    opened = open_suite(suite)
    named = [one for one in opened.linear if candidate in (None, one.name)]
    if len(named) != 1:
        there = (
            ", ".join(one.name for one in opened.linear)
            or "none: `small: {linear: {train: train.csv}}` adds one"
        )
        what = (
            "which one?"
            if named and candidate is None
            else f"no linear candidate {candidate or 'to train'!r}"
        )
        raise InputError(Problem(message=what, hint=f"linear candidates here: {there}"))
    [one] = named

    def told(run: TrainingRun) -> None:
        if not quiet:
            click.echo(f"Trained on {run.size:,.0f} rows: {run.score:.1%}", err=True)

    made = linear_runs(
        one,
        opened.cases.cases,
        opened.scorer,
        sizes or default_sizes(len(one.train.texts)),
        runs,
        vectors=Vectors(read_journal(opened.root / "evals" / EMBEDDINGS).embedded)
        if one.embeddings
        else None,
        on_run=told,
    )
    return made, [], f"{one.name} of {opened.file}, scored on {len(opened.cases.cases):,} cases"


def _read(
    table: Path, *, columns: dict[str, str], where: dict[str, str], percent: bool, **_: Any
) -> tuple[list[TrainingRun], list[Problem], str]:
    from breakeven.evidence.evals.classifying.curves import read_runs

    runs, problems = read_runs(table, columns=columns, where=where, percent=percent)
    which = ", ".join(f"{column} {value}" for column, value in where.items())
    return runs, problems, f"{table}{f', {which}' if which else ''}"


def _as_json(
    runs: list[TrainingRun], problems: list[Problem], fitted: LearningCurve, forecasts: dict[int, Estimate],
    reach: Reach | None,
) -> dict[str, Any]:  # fmt: skip
    import math

    return {
        "runs": [{"size": run.size, "seed": run.seed, "score": run.score} for run in runs],
        "problems": list(map(str, problems)), "noise_sd": fitted.noise_sd, "farthest": fitted.farthest,
        "families": dict(fitted.weights),
        "forecasts": [
            {"size": size, "score": f.value, "low": f.low, "high": f.high, "level": f.level, "method": f.method,
             "extrapolated": size > fitted.sizes[-1]}
            for size, f in forecasts.items()
        ],
        "target": None if reach is None else {
            "score": reach.target, "p_within": reach.p_within, "farthest": reach.farthest,
            **{name: v if math.isfinite(v := getattr(reach, name)) else None for name in ("p05", "p50", "p95")},
        },
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------- page


def _show(
    title: str, runs: list[TrainingRun], problems: list[Problem], fitted: LearningCurve,
    forecasts: dict[int, Estimate], reach: Reach | None, level: float, *, shared: bool,
) -> None:  # fmt: skip
    """The page. shared: runs were trained on parts of one file, so they have rows in common."""
    from breakeven.cli.eval_results import say

    lines = _wrapped("CURVE", f"{len(runs)} training runs of {len(fitted.sizes)} sizes: {title}")
    lines += [f"  {'examples':>10}  {'runs':>4}  {'score':>6}"]
    for size in fitted.sizes:
        scores = [run.score for run in runs if run.size == size]
        mean = sum(scores) / len(scores)
        bar = "█" * round(_BARS * mean)
        spread = f"  {min(scores):.1%} to {max(scores):.1%}" if len(scores) > 1 else ""
        lines.append(f"  {size:>10,.0f}  {len(scores):>4}  {mean:>6.1%}  {bar.ljust(_BARS)}{spread}".rstrip())
    lines += ["", *_wrapped("FORECAST", f"of one training run, with {level:.0%} intervals")]
    for size, found in forecasts.items():
        factor = size / fitted.sizes[-1]
        beyond = f"  EXTRAPOLATED {factor:.3g}×" if factor > 1 else ""
        low, high = found.low or 0.0, found.high or 1.0
        lines.append(f"  {size:>10,.0f}        {found.value:>6.1%}  [{low:.1%}, {high:.1%}]{beyond}")
    lines += _wrapped("Limits", "; ".join(_limits(fitted, shared=shared)))
    if reach is not None:
        lines += _wrapped("Target", _reach(reach))
    for problem in problems[:3]:
        lines += _wrapped("Not used", str(problem))
    say("\n".join(lines) + "\n")


def _limits(fitted: LearningCurve, *, shared: bool) -> list[str]:
    scatter = f"runs scatter by ±{fitted.noise_sd:.1%} (one standard deviation) at the largest size"
    fresh = "; they share rows, so that fresh ones would scatter more" if shared else ""
    return [f"nothing is forecast beyond {fitted.farthest:,.0f} examples", scatter + fresh]


def _draw(
    path: Path, title: str, runs: list[TrainingRun], fitted: LearningCurve, forecasts: dict[int, Estimate],
    reach: Reach | None, rng: Any, level: float, *, shared: bool,
) -> None:  # fmt: skip
    """The chart to a file, alone or on a page."""
    from breakeven.report.curve_chart import to_curve_chart
    from breakeven.report.curve_html import curve_html, curve_svg
    from breakeven.report.write import write_text

    seen = [(run.size, run.score) for run in runs]
    chart = to_curve_chart(seen, fitted, forecasts, reach, rng, level=level)
    if path.suffix.lower() == ".svg":
        write_text(path, curve_svg(chart))
        return
    source = f"{len(runs)} training runs of {len(fitted.sizes)} sizes: {title}"
    limits = [*_limits(fitted, shared=shared), *([] if reach is None else [_reach(reach)])]
    write_text(
        path, curve_html(chart, source=source, limits=[f"{line[0].upper()}{line[1:]}." for line in limits])
    )


def _reach(reach: Reach) -> str:
    import math

    within = f"a score of {reach.target:.1%} within {reach.farthest:,.0f} examples: probability {reach.p_within:.0%}"
    if not math.isfinite(reach.p50):
        return within
    high = f"{reach.p95:,.0f}" if math.isfinite(reach.p95) else f"beyond {reach.farthest:,.0f}"
    return f"{within}; most likely near {reach.p50:,.0f} (90%: {reach.p05:,.0f} to {high})"


def _wrapped(label: str, text: str) -> list[str]:
    import textwrap

    from breakeven.cli.eval_results import page_width
    from breakeven.report.text import clean

    return textwrap.wrap(
        clean(text),
        page_width(),
        initial_indent=label.ljust(12),
        subsequent_indent=" " * 12,
        break_on_hyphens=False,
    )
