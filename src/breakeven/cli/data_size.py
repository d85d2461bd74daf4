"""``breakeven data size``: how many examples are worth having."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from breakeven.evidence.training.sizing import Growth
    from breakeven.study.model import Study

__all__ = ["size"]

_DRAWS = 20_000


@click.command()
@click.argument("train", nargs=-1, metavar="[TRAIN…]")
@click.option("--rows", type=click.IntRange(1, 100_000_000), help="Instead of a file: so many examples.")
@click.option("--more", type=click.IntRange(1, 100_000_000), default=1_000, show_default=True,
              help="Further examples whose worth is asked.")  # fmt: skip
@click.option("--curve", "curve", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Training runs: what eval curve --json printed, or a table with size, score, seed.")  # fmt: skip
@click.option(
    "--study", type=click.Path(path_type=Path, exists=True), help="A study: what the gain is worth in it."
)
@click.option(
    "--candidate", metavar="NAME", help="Which tuned candidate of the study [default: its only one]."
)
@click.option(
    "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Where question, answer … stand."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def size(
    train: tuple[str, ...], rows: int | None, more: int, curve: Path | None, study: Path | None,
    as_json: bool, seed: int, **wanted: Any,
) -> None:  # fmt: skip
    """Say what is published for so many training examples, and what more of them would bring and be worth.

    The published ranges are rules of thumb. A learning curve (breakeven eval curve) is a measurement: with one, it says
    what the next 1,000 examples are likely to add; with a study besides, what that is worth, their cost taken off.

    \b
    Examples:
      breakeven data size train.jsonl
      breakeven data size --rows 1500 --curve curve.json
      breakeven data size --rows 1500 --curve curve.json --more 1000 --study my-feature
    """
    if bool(train) == (rows is not None):
        raise click.UsageError("give either training files or --rows.")
    if study is not None and curve is None:
        raise click.UsageError(
            "--study needs --curve: without a measured curve nothing says what more would bring."
        )
    n = rows if rows is not None else _counted(train, wanted["columns"])
    growth = None if curve is None else _grown(curve, n, more, seed)
    worth = None if study is None or growth is None else _worth(study, wanted["candidate"], growth, seed)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(_as_dict(n, growth, worth))
    else:
        _show(n, growth, worth, more)


def _counted(train: tuple[str, ...], columns: tuple[str, ...]) -> int:
    from breakeven.evidence.training.reading import parse_columns, read_training

    return len(read_training(train, mapping=parse_columns(columns)).rows)


def _grown(curve: Path, n: int, more: int, seed: int) -> Growth:
    import numpy as np

    from breakeven.evidence.training.sizing import forecast, read_curve

    return forecast(read_curve(curve), n, more, np.random.default_rng(seed), draws=_DRAWS)


def _worth(path: Path, named: str | None, growth: Growth, seed: int) -> dict[str, Any]:
    """What the examples are worth in a study: its net benefit with and without them, on the same draws."""
    import numpy as np

    from breakeven.cli.common import open_named
    from breakeven.economics import simulate

    study, _ = open_named(path, prices=None, allow_outside=False)
    name = _tuned(study, named)
    if study.workload.error_cost is None and study.workload.value is None:
        raise click.UsageError(f"{path} says neither what an error costs nor what a right answer is worth.")
    found = []
    for column, examples in enumerate((growth.n, growth.n + growth.more)):
        changed, draws = _with(study, name, growth.scores[:, column], float(examples), seed)
        found.append(simulate(changed, draws, only=[name]).candidates[name])
    gained = found[1].net_benefit_usd - found[0].net_benefit_usd
    cost = found[1].cost_usd - found[0].cost_usd
    low, high = np.quantile(gained, [0.05, 0.95])
    return {
        "candidate": name, "study": str(path), "months": study.horizon_months,
        "net_usd": {"mean": float(gained.mean()), "p05": float(low), "p95": float(high)},
        "cost_usd": float(cost.mean()) if study.candidates[name].training else None,
        "benefit_usd": float((gained + cost).mean()),
        "p_pays": float((gained > 0).mean()),
    }  # fmt: skip


def _tuned(study: Study, named: str | None) -> str:
    from breakeven.errors import InputError, Problem

    there = [name for name, one in study.candidates.items() if one.kind in ("tuned", "classifier")]
    if named is None and len(there) == 1:
        return there[0]
    if named in there:
        return named
    what = f"no tuned candidate {named!r}" if named else "which tuned candidate?"
    raise InputError(
        Problem(message=what, hint=f"in this study: {', '.join(there) or 'none'}; --candidate NAME")
    )


def _with(study: Study, name: str, quality: Any, examples: float, seed: int) -> tuple[Study, Any]:
    """The study and its draws, with this candidate's quality and number of examples in place of its own."""
    from dataclasses import replace

    import numpy as np

    from breakeven.beliefs import Draws, renamed
    from breakeven.study.model import Quality

    candidate = study.candidates[name]
    level = renamed(study.workload.volume, f"{name}.quality by the curve")
    count = renamed(study.workload.volume, f"{name}.examples by the curve")
    training = None if candidate.training is None else replace(candidate.training, examples=count)
    changed = replace(candidate, quality=Quality(level=level), training=training)
    drawn = study.sample(quality.size, seed)
    values = {key: drawn.named(key) for key in drawn.names}
    values |= {level.name: np.asarray(quality), count.name: np.array([examples])}
    providers = {one.prices.provider for one in study.candidates.values() if one.prices is not None}
    paths = {key: path for p in providers if (path := drawn.path(key := f"price_change.{p}")) is not None}
    return replace(study, candidates={**study.candidates, name: changed}), Draws(drawn.n, values, paths)


# --------------------------------------------------------------------------------------------------- page


def _as_dict(n: int, growth: Growth | None, worth: dict[str, Any] | None) -> dict[str, Any]:
    from breakeven.evidence.training.sizing import bands_of

    def estimate(one: Any) -> dict[str, Any]:
        return {
            "value": one.value,
            "low": one.low,
            "high": one.high,
            "level": one.level,
            "method": one.method,
        }

    return {
        "rows": n,
        "published": [
            {"low": band.low, "high": band.high, "says": band.says, "source": band.source} for band in bands_of(n)
        ],
        "growth": None if growth is None else {
            "more": growth.more, "now": estimate(growth.now), "then": estimate(growth.then),
            "gain": estimate(growth.gain), "p_gains": growth.p_gains, "extrapolated": growth.extrapolated,
        },
        "worth": worth,
    }  # fmt: skip


def _show(n: int, growth: Growth | None, worth: dict[str, Any] | None, more: int) -> None:
    from breakeven.cli.eval_results import page_width, say
    from breakeven.evidence.training.sizing import bands_of
    from breakeven.report.plain_table import wrapped

    entries = [("ROWS", f"{n:,} training examples")]
    for k, band in enumerate(bands_of(n)):
        to = f"{band.low:,} to {band.high:,}" if band.high is not None else f"over {band.low:,}"
        entries.append(("PUBLISHED" if k == 0 else "", f"{band.says} ({to}; {band.source})"))
    if growth is None:
        entries.append(
            (
                "MEASURED",
                f"nothing: a learning curve says what {more:,} more would bring (breakeven eval curve)",
            )
        )
    else:
        entries += _grown_said(growth)
    if worth is not None:
        entries.append(("WORTH", _worth_said(worth, more)))
    lines = [
        line
        for label, text in entries
        for line in wrapped(text, page_width(), indent=f"{label:<12}", hanging=" " * 12)
    ]
    say("\n".join(lines) + "\n")


def _grown_said(growth: Growth) -> list[tuple[str, str]]:
    from breakeven.report.eval_figures import percent, points, points_interval, probability

    beyond = "  EXTRAPOLATED" if growth.extrapolated else ""
    level = f"{growth.gain.level:.0%}"
    return [
        ("MEASURED", f"{percent(growth.now.value)} expected at {growth.n:,} examples, {percent(growth.then.value)} at "
                     f"{growth.n + growth.more:,}{beyond}"),
        ("GAIN", f"{points(growth.gain.value)} points {points_interval(growth.gain)} ({level}) by {growth.more:,} "
                 f"more; better at all with {probability(growth.p_gains)}"),
    ]  # fmt: skip


def _worth_said(worth: dict[str, Any], more: int) -> str:
    from breakeven.quantities import show_usd
    from breakeven.report.eval_figures import probability
    from breakeven.report.text import clean, signed_usd

    net = worth["net_usd"]
    cost = (
        "their cost is not in the study, so it is NOT taken off"
        if worth["cost_usd"] is None
        else f"cost {show_usd(worth['cost_usd'])}, retraining included"
    )
    verdict = "they pay" if net["mean"] > 0 else "they do not pay"
    return (
        f"{signed_usd(net['mean'])} [{signed_usd(net['p05'])}, {signed_usd(net['p95'])}] (90%) net over "
        f"{worth['months']} months if {clean(worth['candidate'])} serves {clean(worth['study'])}: {more:,} more "
        f"examples bring {show_usd(worth['benefit_usd'])}; {cost}; {verdict}, with {probability(worth['p_pays'])}"
    )
