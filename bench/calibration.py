"""Whether stated probabilities come true: the whole engine on worlds whose truth is known.

Each world: a truth is drawn from what a user believes before measuring; call logs and evals are simulated from it and
written as files; `profile` reads the logs, the study names both, `decide` states its probabilities; and the same money
model, told the truth, says what was so. A statement that is made with 70% should be true in seven of ten worlds.

::

    python -m bench.calibration                       # 1,500 worlds, about a quarter of an hour
    python -m bench.calibration --worlds 100          # a first look
    python -m bench.calibration --write               # and record it in docs/calibration.md, with its picture
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy import special

from bench.calibration_page import write_page
from breakeven.advice.decide import decide
from breakeven.advice.decision import Decision
from breakeven.beliefs import Draws, Values
from breakeven.cli.measuring import measured
from breakeven.economics import CandidateOutcome, Outcome, simulate
from breakeven.prices import current_book
from breakeven.statistics import Estimate, wilson
from breakeven.study import Study, open_study

__all__ = ["Decile", "Held", "Stated", "World", "deciles", "held_by_interval", "statements", "worlds"]

START: Final = dt.date(2026, 12, 1)
DRAWS: Final = 2_000
DAY_S: Final = 86_400
DAY_NOISE: Final = 0.15
"""Standard deviation of the logarithm of a day's calls, besides chance and the day of the week."""
SAMPLING: Final = 0.1
"""Share of all calls that the logs hold; `profile` is told."""
UNTOLD: Final = "60%..97%"
"""Where an eval stands, the study states no range, and the engine knows none: truth is drawn from a wide one. Who draws
it from a narrow one that the engine is not told sees statements that lean away from it."""
WEEK: Final = np.array([1.15, 1.2, 1.2, 1.15, 1.1, 0.65, 0.55])
"""Calls on each day of the week, against the mean."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One simulated case: what is believed, what is so, and how much was measured."""

    seed: int
    model: str
    """Today's."""
    volume: str
    error_cost: str
    qualities: tuple[str, str]
    n_cases: int
    """Scored by both; 0: nobody ran an eval, and the stated range stands."""
    days: int
    """Of call logs; 0: none, and the stated range stands."""
    alike: float
    """Correlation of the two candidates' answers on one case, on the normal scale."""


@dataclass(frozen=True, kw_only=True)
class Stated:
    """One probability that was stated, and whether it came true."""

    what: str
    p: float
    true: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """One 90% interval that was stated, and whether it held the truth."""

    what: str
    inside: bool


def worlds(n: int, seed: int) -> list[World]:
    """Cases of different size, price of error, quality and evidence."""
    rng = np.random.default_rng(seed)
    return [_world(int(rng.integers(2**31)), rng) for _ in range(n)]


def _world(seed: int, rng: np.random.Generator) -> World:
    calls, dollars = float(np.exp(rng.uniform(np.log(3e4), np.log(6e5)))), float(rng.choice([0.02, 0.1, 0.4]))
    n_cases = int(rng.choice([0, 60, 150, 400]))
    ranges = (f"{rng.uniform(0.6, 0.85):.1%}..95%", f"{rng.uniform(0.7, 0.88):.1%}..96%")
    return World(
        seed=seed,
        model=str(rng.choice(["openai/gpt-5.6-luna", "openai/gpt-4.1"])),
        volume=f"{calls / 2:.0f}..{calls * 2:.0f} calls/month",
        error_cost=f"${dollars / 2:g}..${dollars * 2:g}",
        qualities=ranges if n_cases == 0 else (UNTOLD, UNTOLD),
        n_cases=n_cases,
        days=int(rng.choice([0, 9, 16, 30])),
        alike=float(rng.uniform(0.1, 0.9)),
    )


def statements(world: World) -> tuple[list[Stated], list[Held]]:
    """Everything that the engine states of one world, and whether it is so."""
    rng = np.random.default_rng(world.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        believed = _study(world, folder, evidence=False)
        truth = believed.sample(1, world.seed)
        _write_evidence(world, believed, truth, folder, rng)
        decision = decide(_study(world, folder, evidence=True), draws=DRAWS, seed=world.seed + 1)
        return _compared(decision, simulate(believed, truth))


def _study(world: World, folder: Path, *, evidence: bool) -> Study:
    prompt, tuned = (f"{{eval: {name}.csv}}" for name in ("prompt", "tuned"))
    if not (evidence and world.n_cases):
        prompt, tuned = world.qualities
    volume = "profile: profile.json" if evidence and world.days else f"volume: {world.volume}"
    text = f"""\
name: Simulated
start: {START:%Y-%m}
workload:
  task: multi-label-classification
  {volume}
  growth: -1%..3%/month
  tokens: {{static: 1500..2500, input: 200..400, output: 30..60}}
  errors: {{cost: {world.error_cost}, target: 88%}}
wage: $70..$120/hour
today: prompt
candidates:
  prompt: {{kind: prompt, model: {world.model}, quality: {prompt}}}
  tuned: {{kind: tuned, base: azure_ai/gpt-oss-20b, examples: 800..2000, label_cost: $0.50..$2, quality: {tuned}}}
  hybrid: {{kind: hybrid, small: tuned, large: prompt, escalate: 10%..30%}}
"""
    path = folder / f"{'measured' if evidence else 'believed'}.yaml"
    path.write_text(text, "utf-8")
    return open_study(path, today=START, book=current_book())


def _write_evidence(world: World, study: Study, truth: Draws, folder: Path, rng: np.random.Generator) -> None:
    if world.n_cases:
        levels = [float(truth.named(f"candidates.{name}.quality")[0]) for name in ("prompt", "tuned")]
        for name, scores in zip(("prompt", "tuned"), _scores(world, levels, rng), strict=True):
            rows = "".join(f"c{k},{int(score)}\n" for k, score in enumerate(scores))
            (folder / f"{name}.csv").write_text(f"id,score\n{rows}", "utf-8")
    if world.days:
        log = folder / "calls.jsonl"
        log.write_text("".join(_calls(world, float(truth[study.workload.volume][0]), rng)), "utf-8")
        found = measured([str(log)], book=current_book(), prompts=False, sampling=SAMPLING).found
        (folder / "profile.json").write_text(json.dumps(found), "utf-8")


def _scores(world: World, levels: Sequence[float], rng: np.random.Generator) -> Values:
    """(candidates, cases): right or wrong, alike on one case."""
    shared = rng.standard_normal(world.n_cases) * np.sqrt(world.alike)
    own = rng.standard_normal((len(levels), world.n_cases)) * np.sqrt(1 - world.alike)
    return np.asarray(shared + own < special.ndtri(np.array(levels))[:, None], dtype=float)


def _calls(world: World, volume: float, rng: np.random.Generator) -> Iterator[str]:
    """Rows of a call log over whole days: a week's rhythm, days that differ, and chance."""
    begin = dt.datetime(START.year, START.month, START.day, tzinfo=dt.UTC) - dt.timedelta(days=world.days)
    for day in range(world.days):
        at = begin + dt.timedelta(days=day)
        noise = rng.normal(-(DAY_NOISE**2) / 2, DAY_NOISE)
        mean = SAMPLING * volume * 12 / 365 * WEEK[at.weekday()] / WEEK.mean() * np.exp(noise)
        edges = (0, DAY_S - 1)  # the log reaches from the first minute to the last: its days are whole
        for second in np.sort(np.append(rng.integers(0, DAY_S, rng.poisson(mean)), edges)):
            time = (at + dt.timedelta(seconds=int(second))).isoformat()
            yield f'{{"time": "{time}", "model": "m", "input_tokens": 2300, "output_tokens": 45}}\n'


def _compared(decision: Decision, truth: Outcome) -> tuple[list[Stated], list[Held]]:
    benefits = {name: float(c.net_benefit_usd[0]) for name, c in truth.candidates.items()}
    best, today = max(benefits, key=benefits.__getitem__), truth.candidates[decision.today]
    stated, held = [], []
    for name, found in decision.candidates.items():
        so = truth.candidates[name]
        stated.append(Stated(what="best of all", p=found.p_best, true=name == best))
        if found.p_target is not None:
            stated.append(Stated(what="meets the target", p=found.p_target, true=bool(so.quality[0] >= 0.88)))
        if name != decision.today:
            gain = benefits[name] - benefits[decision.today]
            cheaper = bool(so.cost_usd[0] < today.cost_usd[0])
            stated.append(Stated(what="better than today", p=found.p_better_than_today, true=gain > 0))
            stated.append(Stated(what="cheaper than today", p=found.p_cheaper_than_today, true=cheaper))
            held.append(
                _held("net benefit", found.net_benefit_vs_today.p05, gain, found.net_benefit_vs_today.p95)
            )
        held += _intervals(decision, name, so)
    return stated, held


def _intervals(decision: Decision, name: str, so: CandidateOutcome) -> list[Held]:
    found = decision.candidates[name]
    cost, quality = found.cost, found.quality
    return [
        _held("cost", cost.p05, float(so.cost_usd[0]), cost.p95),
        _held("quality", quality.p05, float(so.quality[0]), quality.p95),
    ]


def _held(what: str, low: float, value: float, high: float) -> Held:
    return Held(what=what, inside=low <= value <= high)


@dataclass(frozen=True, kw_only=True)
class Decile:
    """All statements whose probability fell into one tenth."""

    stated: float
    """Their mean probability."""
    seen: Estimate
    """How often they were true; worlds are independent, the statements within one are not."""

    @property
    def off(self) -> float:
        """Seen less stated."""
        return self.seen.value - self.stated


def deciles(found: Sequence[Stated], *, level: float = 0.95) -> list[Decile]:
    """Stated probabilities against frequencies, by tenths; an empty tenth is left out."""
    p = np.array([s.p for s in found])
    true = np.array([s.true for s in found])
    bins = np.minimum((p * 10).astype(int), 9)
    return [
        Decile(
            stated=float(p[bins == k].mean()),
            seen=wilson(int(true[bins == k].sum()), int((bins == k).sum()), level=level),
        )
        for k in np.unique(bins)
    ]


def held_by_interval(found: Sequence[Held]) -> dict[str, Estimate]:
    """How often 90% intervals held the truth, by what they are of."""
    kinds = sorted({h.what for h in found})
    return {
        kind: wilson(sum(h.inside for h in found if h.what == kind), sum(h.what == kind for h in found))
        for kind in kinds
    }


def main() -> None:
    """Simulate, print, and record where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="record the result in docs/calibration.md")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes) as pool:
        found = list(pool.map(statements, worlds(options.worlds, options.seed), chunksize=4))
    stated = [s for some, _ in found for s in some]
    held = [h for _, some in found for h in some]
    by_kind = {kind: [s for s in stated if s.what == kind] for kind in sorted({s.what for s in stated})}
    page = write_page(
        n_worlds=options.worlds, seed=options.seed, everything=deciles(stated),
        kinds={kind: deciles(some) for kind, some in by_kind.items()}, intervals=held_by_interval(held),
        record=options.write,
    )  # fmt: skip
    print(page)


if __name__ == "__main__":
    main()
