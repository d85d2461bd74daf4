"""``breakeven data size``: how many examples are worth having."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from breakeven.advice.more_labels import LabelsWorth
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
    what the next 1,000 examples are likely to add. With a study, it says what that is worth in dollars, their cost
    taken off; without a curve the gain is then a wide guess, and says so. Neither TRAIN nor --rows: the study's own
    examples, by its audited data where it names one.

    \b
    Examples:
      breakeven data size train.jsonl
      breakeven data size --rows 1500 --curve curve.json
      breakeven data size --rows 1500 --curve curve.json --more 1000 --study my-feature
      breakeven data size --study my-feature --candidate tuned
    """
    if (train and rows is not None) or not (train or rows is not None or study is not None):
        raise click.UsageError("give either training files, --rows, or a --study.")
    opened, name = (None, "") if study is None else _opened(study, wanted["candidate"])
    n = rows if rows is not None else _counted(train, wanted["columns"]) if train else _stated(opened, name)
    growth = _grown(curve, n, more, seed) if curve is not None else None
    if growth is None and opened is not None:
        growth = _guessed(opened, name, n, more, seed)
    worth = None if opened is None or growth is None else _worth(opened, name, growth, seed)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(_as_dict(n, growth, worth, str(study)))
    else:
        _show(n, more, growth, worth, str(study))


def _counted(train: tuple[str, ...], columns: tuple[str, ...]) -> int:
    from breakeven.evidence.training.reading import parse_columns, read_training

    return len(read_training(train, mapping=parse_columns(columns)).rows)


def _opened(path: Path, named: str | None) -> tuple[Study, str]:
    """The study, and its tuned candidate."""
    from breakeven.advice.more_labels import trained_candidate
    from breakeven.cli.common import open_named

    study, _ = open_named(path, prices=None, allow_outside=False)
    return study, trained_candidate(study, named)


def _stated(study: Study | None, name: str) -> int:
    """The study's own examples."""
    from breakeven.advice.more_labels import examples_in

    assert study is not None
    n = examples_in(study, name)
    if n is None:
        raise click.UsageError(f"{study.name} does not say how many examples {name} has: --rows, or TRAIN.")
    return n


def _grown(curve: Path, n: int, more: int, seed: int) -> Growth:
    import numpy as np

    from breakeven.evidence.training.sizing import forecast, read_curve

    return forecast(read_curve(curve), n, more, np.random.default_rng(seed), draws=_DRAWS)


def _guessed(study: Study, name: str, n: int, more: int, seed: int) -> Growth:
    import numpy as np

    from breakeven.advice.more_labels import FARTHEST, GUESS, guess_scores
    from breakeven.evidence.training.sizing import growth_of

    rng = np.random.default_rng(seed)
    scores = guess_scores(study, name, n, more, rng, draws=_DRAWS, seed=seed)
    far = (n + more) / n
    beyond = (
        f" ({far:.3g}× the examples; no gain is counted beyond {FARTHEST:.0f}×)" if far > FARTHEST else ""
    )
    return growth_of(scores, n, more, method=f"EXTRAPOLATED: {GUESS}{beyond}")


def _worth(study: Study, name: str, growth: Growth, seed: int) -> LabelsWorth:
    """What the examples are worth in a study: its net benefit with and without them, on the same draws."""
    from breakeven.advice.more_labels import worth_of_labels

    return worth_of_labels(study, name, growth.scores, growth.n, growth.more, seed=seed)


# --------------------------------------------------------------------------------------------------- page


def _spread(values: Any) -> dict[str, float]:
    import numpy as np

    low, high = np.quantile(values, [0.05, 0.95])
    return {"mean": float(values.mean()), "p05": float(low), "p95": float(high)}


def _as_dict(n: int, growth: Growth | None, worth: LabelsWorth | None, study: str) -> dict[str, Any]:
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
            "source": "measured" if growth.measured else "guess",
        },
        "worth": None if worth is None else _worth_dict(worth, study),
    }  # fmt: skip


def _worth_dict(worth: LabelsWorth, study: str) -> dict[str, Any]:
    return {
        "candidate": worth.candidate, "study": study, "months": worth.months, "net_usd": _spread(worth.net_usd),
        "cost_usd": None if worth.cost_usd is None else float(worth.cost_usd.mean()),
        "benefit_usd": float(worth.benefit_usd.mean()), "usd_per_example": _spread(worth.benefit_usd / worth.more),
        "p_pays": float((worth.net_usd > 0).mean()),
    }  # fmt: skip


def _show(n: int, more: int, growth: Growth | None, worth: LabelsWorth | None, study: str) -> None:
    from breakeven.cli.eval_results import page_width, say
    from breakeven.evidence.training.sizing import bands_of
    from breakeven.report.plain_table import wrapped

    entries = [("ROWS", f"{n:,} training examples")]
    for k, band in enumerate(bands_of(n)):
        to = f"{band.low:,} to {band.high:,}" if band.high is not None else f"over {band.low:,}"
        entries.append(("PUBLISHED" if k == 0 else "", f"{band.says} ({to}; {band.source})"))
    if growth is None or not growth.measured:
        entries.append(
            (
                "MEASURED",
                f"nothing: a learning curve says what {more:,} more would bring (breakeven eval curve)",
            )
        )
    if growth is not None:
        entries += _grown_said(growth)
    if worth is not None:
        entries.append(("WORTH", _worth_said(worth, study)))
        entries.append(("", _each_said(worth)))
    lines = [
        line
        for label, text in entries
        for line in wrapped(text, page_width(), indent=f"{label:<12}", hanging=" " * 12)
    ]
    say("\n".join(lines) + "\n")


def _grown_said(growth: Growth) -> list[tuple[str, str]]:
    from breakeven.report.eval_figures import percent, points, points_interval, probability

    level = f"{growth.gain.level:.0%}"
    gain = (
        f"{points(growth.gain.value)} points {points_interval(growth.gain)} ({level}) by {growth.more:,} more; "
        f"better at all with {probability(growth.p_gains)}"
    )
    if not growth.measured:
        return [("GUESSED", f"{gain}; {growth.gain.method}")]
    beyond = "  EXTRAPOLATED" if growth.extrapolated else ""
    return [
        ("MEASURED", f"{percent(growth.now.value)} expected at {growth.n:,} examples, {percent(growth.then.value)} at "
                     f"{growth.n + growth.more:,}{beyond}"),
        ("GAIN", gain),
    ]  # fmt: skip


def _worth_said(worth: LabelsWorth, study: str) -> str:
    from breakeven.quantities import show_usd
    from breakeven.report.eval_figures import probability
    from breakeven.report.text import clean, signed_usd

    net = _spread(worth.net_usd)
    cost = (
        "their cost is not in the study, so it is NOT taken off"
        if worth.cost_usd is None
        else f"cost {show_usd(float(worth.cost_usd.mean()))}, retraining included"
    )
    verdict = "they pay, with" if net["mean"] > 0 else "they are not expected to pay; they do with"
    return (
        f"{signed_usd(net['mean'])} [{signed_usd(net['p05'])}, {signed_usd(net['p95'])}] (90%) net over "
        f"{worth.months} months if {clean(worth.candidate)} serves {clean(study)}: {worth.more:,} more examples bring "
        f"{signed_usd(float(worth.benefit_usd.mean())).removeprefix('+')}; {cost}; {verdict} "
        f"{probability(float((worth.net_usd > 0).mean()))}"
    )


def _each_said(worth: LabelsWorth) -> str:
    """What one more label may cost, all that it brings about included."""
    from breakeven.report.text import signed_usd

    each = _spread(worth.benefit_usd / worth.more)
    low, mean, high = (signed_usd(each[part]).removeprefix("+") for part in ("p05", "mean", "p95"))
    return f"one more may cost up to {mean} [{low}, {high}], training on it included"
