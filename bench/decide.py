"""Simulate a study with every cost line: time, memory and ratios to straightforward ways to do the same.

::

    python -m bench.decide                   # 100,000 draws × 36 months × 6 candidates, about five minutes
    python -m bench.decide --write           # and record it in docs/benchmarks.md
    python -m bench.decide --draws 20_000 --repeat 3

All ratios are of medians in one run, in which what is compared takes turns.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import numpy as np

from bench.calculator import arguments, loop_over_draws
from bench.record import machine, table, write_section
from bench.reference import simulate_whole_arrays
from bench.studies import calculator_study, copies, full_study
from bench.timing import medians, peak_mb
from breakeven.economics import simulate
from breakeven.study.model import Study

LOOPED = 1_000
"""Draws that the plain Python loop is timed on; its time is proportional to them."""
MULTIPLIED = 500
"""Passes over an array in the cache, to time arithmetic alone."""


def main() -> None:
    """Measure, print, and record where asked."""
    options = _options()
    if options.memory_of:
        print(_memory_here(options.memory_of, options.draws))
        return
    parts = (_times, _memory, _floor, _by_draws, _by_candidates)
    text = "\n\n".join([f"{machine()}.", *(part(options.draws, options.repeat) for part in parts)])
    print(text)
    if options.write:
        write_section("bench.decide", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    parser.add_argument(
        "--memory-of", choices=("ours", "whole arrays"), help="print one peak only: for internal use"
    )
    return parser.parse_args()


def _uncertain(study: Study) -> int:
    return sum(not belief.is_point for belief in study.beliefs)


def _times(draws: int, repeat: int) -> str:
    """Ours against whole arrays with all lines, and against the calculator with the lines that it knows."""
    full, simple = full_study(), calculator_study()
    worlds, few = full.sample(draws, 0), simple.sample(draws, 0)
    looped = {name: arguments(simple, few.first(LOOPED), name) for name in simple.candidates}
    found = medians(
        {
            "draw": lambda: full.sample(draws, 0),
            "simulate": lambda: simulate(full, worlds),
            "whole arrays": lambda: simulate_whole_arrays(full, worlds),
            "few lines": lambda: simulate(simple, few),
            "calculator": lambda: loop_over_draws(simple, looped),
        },
        repeat,
    )
    whole, loop = found["whole arrays"], found["calculator"] * draws / LOOPED
    rows = [
        ["All 29 lines: draw the inputs", f"{found['draw']:.2f} s", ""],
        ["All 29 lines: simulate", f"{found['simulate']:.2f} s", "1"],
        ["All 29 lines: whole arrays in NumPy", f"{whole:.1f} s", f"{whole / found['simulate']:.1f}"],
        ["Five lines: simulate", f"{found['few lines']:.2f} s", "1"],
        ["Five lines: the calculator, looped", f"{loop:.0f} s", f"{loop / found['few lines']:.0f}"],
    ]
    said = (
        f"{draws:,} draws × 36 months × 6 candidates; {_uncertain(full)} uncertain inputs with all lines, "
        f"{_uncertain(simple)} with five. Medians of {repeat}. The loop is timed on {LOOPED:,} draws and scaled up."
    )
    return f"{said}\n\n{table(['What', 'Time', 'Ratio'], rows)}"


def _memory(draws: int, repeat: int) -> str:
    """Each in a process of its own."""
    rows = []
    for what in ("ours", "whole arrays"):
        command = [sys.executable, "-m", "bench.decide", "--draws", str(draws), "--memory-of", what]
        done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
        rows.append([f"All 29 lines: {what}", f"{float(done.stdout):,.0f} MB"])
    return table(["Memory after imports, draws and all, at its peak", ""], rows)


def _memory_here(what: str, draws: int) -> float:
    """In MB, in this process, which has done nothing else."""
    study, before = full_study(), peak_mb()
    run = simulate if what == "ours" else simulate_whole_arrays
    run(study, study.sample(draws, 0))
    return peak_mb() - before


def _floor(draws: int, repeat: int) -> str:
    """What this machine needs for the least that must be done, at speeds measured in the same run."""
    inputs, months, candidates = _uncertain(full_study()), 36, 6
    rng = np.random.default_rng(0)
    scores, block, cached = np.empty(1_000_000), np.ones(16_000_000), np.ones(2_000)
    found = medians(
        {
            "normal": lambda: rng.standard_normal(out=scores),
            "copy": lambda: block.copy(),
            "multiply": lambda: [np.multiply(cached, 1.0, out=cached) for _ in range(MULTIPLIED)],
        },
        repeat,
    )
    moved = 8 * draws * (inputs + 8 * candidates)  # inputs are read, results are written
    operations = (
        6 * draws * months * candidates
    )  # two schedules times their rates, added, discounted, summed, compared
    rows = [
        [f"{inputs * draws / 1e6:.1f} million normal scores", inputs * draws * found["normal"] / scores.size],
        [f"{moved / 1e6:.0f} MB of inputs and results", moved * found["copy"] / (2 * block.nbytes)],
        [f"{operations / 1e6:.0f} million operations", operations * found["multiply"] / (MULTIPLIED * cached.size)],
    ]  # fmt: skip
    return table(["Floor, on one core", ""], [[str(what), f"{s:.2f} s"] for what, s in rows])


def _by_draws(draws: int, repeat: int) -> str:
    study, counts = full_study(), (draws // 8, draws // 4, draws // 2, draws, 2 * draws)
    worlds = study.sample(counts[-1], 0)
    found = medians({str(n): lambda n=n: simulate(study, worlds.first(n)) for n in counts}, repeat)  # type: ignore[misc]
    rows = [[f"{n:,}", f"{found[str(n)]:.2f} s", f"{found[str(n)] / n / 6 * 1e6:.2f} µs"] for n in counts]
    return table(["Draws, with 6 candidates", "Simulate", "For each draw and candidate"], rows)


def _by_candidates(draws: int, repeat: int) -> str:
    n, counts = draws // 4, (2, 4, 8, 16)
    studies = {k: copies(k) for k in counts}
    worlds = {k: study.sample(n, 0) for k, study in studies.items()}
    found = medians({str(k): lambda k=k: simulate(studies[k], worlds[k]) for k in counts}, repeat)  # type: ignore[misc]
    rows = [[str(k), f"{found[str(k)]:.2f} s", f"{found[str(k)] / n / k * 1e6:.2f} µs"] for k in counts]
    return table([f"Candidates, with {n:,} draws", "Simulate", "For each draw and candidate"], rows)


if __name__ == "__main__":
    main()
