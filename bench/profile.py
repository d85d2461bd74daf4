"""Profile millions of calls: time and memory against a hand-written DuckDB script that gives the same figures.

::

    python -m bench.profile                    # 0.5 and 5 million calls, JSON Lines and Parquet, about 3.5 GB of disk
    python -m bench.profile --calls 500_000 --repeat 3
    python -m bench.profile --calls 2_500_000 25_000_000 --kinds parquet --repeat 1 --only-ours
    python -m bench.profile --write            # and record it in docs/benchmarks.md

Each run is a process of its own, start-up included; ours and the hand-written one take turns, and the medians of their
ratios are what counts. Ours is run as well on the same JSON Lines with one row in ten thousand spoilt. The hand-written
script reads typed columns, checks no row, and computes the figures with one statement each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.make_calls import make_calls
from bench.record import machine, table, write_section

_COLUMNS = (
    "{timestamp: 'TIMESTAMP', feature: 'VARCHAR', request: 'STRUCT(model VARCHAR, messages VARCHAR)', "
    "response: 'STRUCT(model VARCHAR, usage STRUCT(prompt_tokens BIGINT, completion_tokens BIGINT, "
    "prompt_tokens_details STRUCT(cached_tokens BIGINT), completion_tokens_details STRUCT(reasoning_tokens BIGINT)))', "
    "latency_ms: 'DOUBLE', error: 'VARCHAR'}"
)
_CALLS = """
create temp table calls as
select timestamp::timestamp as time, feature, coalesce(response.model, request.model) as model,
    hash(request.messages) as messages, response.usage.prompt_tokens as tokens_in,
    response.usage.completion_tokens as tokens_out, response.usage.prompt_tokens_details.cached_tokens as cached,
    response.usage.completion_tokens_details.reasoning_tokens as reasoning, latency_ms, error
from {source}
"""
_FIGURES = (
    "select count(*), min(time), max(time), sum(tokens_in), sum(tokens_out), sum(cached), max(tokens_in) from calls",
    "select quantile_cont(tokens_in, [.5, .9, .95, .99]), quantile_cont(tokens_out, [.5, .9, .95, .99]), "
    "quantile_cont(reasoning, [.5, .9, .95, .99]), quantile_cont(latency_ms, [.5, .9, .95, .99]) from calls",
    "select time::date as day, model, feature, error, count(*), sum(tokens_in), sum(tokens_out), sum(cached) "
    "from calls group by all",
    "select epoch(time)::bigint // 600 as bucket, count(*) from calls group by all",
    "select count(*) from (select error, lag(error) over w as was, time - lag(time) over w as since from calls "
    "where messages in (select messages from calls where error is not null) "
    "window w as (partition by messages order by time)) where was is not null and since <= interval 10 minutes",
)


def by_hand(path: Path) -> None:
    """The figures as someone who knows the file writes them down."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "500MB", "threads": 2}
        with duckdb.connect(str(Path(folder) / "calls.db"), config=config) as con:
            con.execute("set preserve_insertion_order = false")
            packed = f"read_json('{path}', columns = {_COLUMNS}, format = 'newline_delimited')"
            con.execute(_CALLS.format(source=f"'{path}'" if path.suffix == ".parquet" else packed))
            for figure in _FIGURES:
                con.execute(figure).fetchall()


def ours(path: Path) -> None:
    """The whole profile."""
    from breakeven.evidence.calls.engine import Engine
    from breakeven.evidence.calls.read import read_logs
    from breakeven.evidence.profile.build import build_profile
    from breakeven.prices import load_book

    with Engine(threads=2) as engine:
        json.dumps(build_profile(read_logs([str(path)], engine=engine), book=load_book()))


class Run(NamedTuple):
    """One run in a process of its own, start-up included."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def _run(what: str, path: Path) -> Run:
    start = time.perf_counter()
    done = subprocess.Popen([sys.executable, "-m", "bench.profile", "--only", what, "--file", str(path)])
    _, status, usage = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    if done.returncode != 0:
        raise SystemExit(f"{what} on {path} failed")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def spoil(path: Path, *, one_in: int = 10_000, seed: int = 0) -> Path:
    """The same JSON Lines with some rows cut off, negative, or of another kind."""
    rng, spoilt = random.Random(seed), path.with_name(f"{path.stem}-spoilt.jsonl")
    with path.open("rb") as lines, spoilt.open("wb") as out:
        for line in lines:
            if rng.random() * one_in < 1:
                wrong = line.replace(b'"prompt_tokens":', b'"prompt_tokens":-')
                line = rng.choice((line[:-30] + b"\n", wrong, b'{"level":"info"}\n'))
            out.write(line)
    return spoilt


def measure(paths: dict[str, tuple[str, Path]], *, repeat: int) -> list[list[str]]:
    """A row of figures for each of the named runs, which take turns; ratios are to the first, pair by pair."""
    runs: dict[str, list[Run]] = {name: [] for name in paths}
    for _ in range(repeat):
        for name, (what, path) in paths.items():
            runs[name].append(_run(what, path))
    return [_row(name, found, next(iter(runs.values()))) for name, found in runs.items()]


def _row(name: str, found: list[Run], first: list[Run]) -> list[str]:
    middle = [statistics.median(run[i] for run in found) for i in range(2)]
    ratios = [statistics.median(a[i] / b[i] for a, b in zip(found, first, strict=True)) for i in range(2)]
    peak = max(run.peak_mb for run in found)
    shown = [f"{ratio:.2f}" for ratio in ratios]
    return [name, f"{middle[0]:.1f} s", f"{middle[1]:.1f} s", *shown, f"{peak:,.0f} MB"]


def _measured(kind: str, calls: int, folder: Path, *, repeat: int, rival: bool) -> list[list[str]]:
    """The rows of one file, which is made and deleted."""
    path = make_calls(calls, folder / f"{calls}.{kind}")
    title = f"{calls:,} calls, {'Parquet' if kind == 'parquet' else 'JSON Lines'}"
    paths = {f"{title}: by hand": ("hand", path)} if rival else {}
    paths[f"{title}: `profile`"] = ("ours", path)
    if kind == "jsonl" and rival:
        paths["the same, 1 row in 10,000 spoilt"] = ("ours", spoil(path))
    found = measure(paths, repeat=repeat)
    for _, file in paths.values():
        file.unlink(missing_ok=True)
    for row in found:
        print("  ".join(row), flush=True)
    return found


def main() -> None:
    """Make the files, measure each, delete it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, nargs="*", default=[500_000, 5_000_000])
    parser.add_argument("--kinds", nargs="*", default=["jsonl", "parquet"])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only-ours", action="store_true", help="how time and memory grow, without a rival")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    parser.add_argument("--only", choices=("hand", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.only:
        {"hand": by_hand, "ours": ours}[words.only](words.file)
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    text, rows = f"{machine()}. Medians of {words.repeat} pairs.", []
    with tempfile.TemporaryDirectory(prefix="breakeven-bench-") as folder:
        for kind in words.kinds:
            for calls in words.calls:
                rows += _measured(kind, calls, Path(folder), repeat=words.repeat, rival=not words.only_ours)
    text += "\n\n" + table(["What", "Wall", "CPU", "Wall, ratio", "CPU, ratio", "Peak memory"], rows)
    print(text)
    if words.write:
        write_section("bench.profile.growth" if words.only_ours else "bench.profile", text)


if __name__ == "__main__":
    main()
