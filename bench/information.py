"""What knowing inputs is worth: twenty EVPPIs on 100,000 draws, raw and cross-fitted with errors; and one group.

::

    python -m bench.information              # half a minute
    python -m bench.information --write      # and record it in docs/benchmarks.md

Then everything that can be bought for an example, apart and in pairs.

Compared with the same regression written the plain way: a design matrix and ``numpy.linalg.lstsq`` for each fit and
for each of five folds. Ratios are of medians in one run, in which what is compared takes turns.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import numpy as np

from bench.record import machine, table, write_section
from bench.timing import medians
from breakeven import open_study
from breakeven.advice import buying
from breakeven.advice.ranking import rank
from breakeven.economics import simulate
from breakeven.statistics import value_of_inputs
from breakeven.statistics.arrays import FloatArray

CANDIDATES = 6
INPUTS = 20
KNOTS = 7
FOLDS = 5
ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ("with-evals", "with-training-data", "retiring-base", "small-classifier")


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median counts")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    options = parser.parse_args()
    text = f"{machine()}.\n\n{_times(options.draws, options.repeat)}\n\n{_purchases(options.repeat)}"
    print(text)
    if options.write:
        write_section("bench.information", text)


def _times(draws: int, repeat: int) -> str:
    inputs, benefit = _decision(draws)
    found = medians(
        {
            "ours": lambda: value_of_inputs(inputs, benefit),
            "plain": lambda: [_plain(x, benefit) for x in inputs.values()],
            "group": lambda: value_of_inputs({"two": np.column_stack(list(inputs.values())[:2])}, benefit),
        },
        repeat,
    )
    rows = [
        [f"{INPUTS} EVPPIs, raw and cross-fitted, with standard errors", f"{found['ours']:.2f} s", "1"],
        [
            "The same by `lstsq`, without errors",
            f"{found['plain']:.2f} s",
            f"{found['plain'] / found['ours']:.1f}",
        ],
        ["One group of two inputs, with products of pairs", f"{found['group']:.2f} s", ""],
    ]
    said = f"{draws:,} draws, {CANDIDATES} candidates. Medians of {repeat}."
    return f"{said}\n\n{table(('What', 'Time', 'Ratio'), rows)}"


def _purchases(repeat: int) -> str:
    """Seconds for all purchases of some examples, and for those alone that are not pairs."""
    rows = [[f"`{name}`", *_bought(name, repeat)] for name in EXAMPLES]
    said = f"Everything that can be bought, on {buying.BUYING_DRAWS:,} draws. Medians of {repeat}."
    return f"{said}\n\n{table(('Example', 'Offers', 'Pairs', 'Time', 'Of which pairs'), rows)}"


def _bought(name: str, repeat: int) -> list[str]:
    study = open_study(ROOT / "examples" / name, today=dt.date(2026, 11, 22))
    draws = study.sample(buying.BUYING_DRAWS, 0)
    outcome = simulate(study, draws)
    ranking = rank(study, outcome)
    found = buying.buy_next(study, draws, outcome, ranking, seed=0)
    pairs = [p for p in found if "+" in p.kind]
    took = medians(
        {
            "all": lambda: buying.buy_next(study, draws, outcome, ranking, seed=0),
            "apart": lambda: buying.buy_next(study, draws, outcome, ranking, seed=0, pairs=False),
        },
        repeat,
    )
    extra = max(0.0, took["all"] - took["apart"])
    return [
        str(len(found) - len(pairs)),
        str(len(pairs)),
        f"{took['all'] * 1e3:.0f} ms",
        f"{extra * 1e3:.0f} ms",
    ]


def _decision(draws: int) -> tuple[dict[str, FloatArray], FloatArray]:
    """Candidates whose gains are smooth in twenty inputs, with noise of their own."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(draws, INPUTS))
    gains = x @ rng.normal(size=(INPUTS, CANDIDATES)) + np.sin(2 * x[:, :CANDIDATES])
    return {f"x{k}": x[:, k] for k in range(INPUTS)}, gains + rng.normal(size=gains.shape)


def _plain(x: FloatArray, benefit: FloatArray) -> tuple[float, float]:
    """One EVPPI as one would write it: truncated cubes, fitted once and once for each fold."""
    at = np.quantile(x, np.linspace(0.025, 0.975, KNOTS))
    design = np.column_stack([np.ones_like(x), x, *(np.maximum(x - t, 0) ** 3 for t in at[:-2])])
    fitted = design @ np.linalg.lstsq(design, benefit, rcond=None)[0]
    part = np.arange(x.size) % FOLDS
    crossed = np.empty_like(benefit)
    for k in range(FOLDS):
        held = part == k
        crossed[held] = design[held] @ np.linalg.lstsq(design[~held], benefit[~held], rcond=None)[0]
    best = benefit.mean(axis=0).max()
    earned = benefit[np.arange(x.size), crossed.argmax(axis=1)]
    return float(fitted.max(axis=1).mean() - best), float(earned.mean() - best)


if __name__ == "__main__":
    main()
