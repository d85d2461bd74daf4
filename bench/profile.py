"""Profile millions of calls: time and memory against a hand-written DuckDB script that gives the same figures.

::

    python -m bench.profile                    # 0.5 and 5 million calls, JSON Lines and Parquet, about 3.5 GB of disk
    python -m bench.profile --calls 500_000 --repeat 3
    python -m bench.profile --calls 500_000 5_000_000 50_000_000 --kinds parquet --repeat 1 --only-ours
    python -m bench.profile --write            # and record it in docs/benchmarks.md

Each run is a process of its own, start-up included; ours and the hand-written one take turns, and the medians of their
ratios are what counts. Ours is run as well on the same JSON Lines with one row in ten thousand spoilt. The hand-written
script reads the file once, into typed columns, and checks no row. It computes what the profile of these files holds:
volume, rhythm, growth, tokens, dollars by model, feature and day, failures by kind, segments, retries, caching. It
leaves out the intervals around them, and what these files have nothing of: how answers ended, outcomes, time to the
first token.
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
_PRICES = (
    "select * from (values ('gpt-4.1', 2.0, .5, 8.0), ('gpt-4.1-mini', .4, .1, 1.6), ('gpt-4o-mini', .15, .075, .6)) "
    "t(model, usd_in, usd_cached, usd_out)"
)
_CALLS = """
create temp table calls as
select timestamp::timestamp as time, feature, coalesce(response.model, request.model) as model,
    hash(request.messages) as messages, response.usage.prompt_tokens as tokens_in,
    response.usage.completion_tokens as tokens_out, response.usage.prompt_tokens_details.cached_tokens as cached,
    response.usage.completion_tokens_details.reasoning_tokens as reasoning, latency_ms, error
from {source}
"""
_QUANTILES = "[.5, .9, .95, .99]"
_FIGURES = (
    # tokens and seconds of a call: n, sum, mean, percentiles, most
    *(
        f"select count({name}), sum({name}), avg({name}), quantile_cont({name}, {_QUANTILES}), max({name}) from calls"
        for name in ("tokens_in", "tokens_out", "reasoning", "latency_ms")
    ),
    # all that sums: by day, model, feature and kind of failure; dollars, caching and what could wait come from these
    "create temp table cells as select time::date as day, model, feature, error, count(*) as n, "
    "count(tokens_in) as counted_in, count(tokens_out) as counted_out, count(cached) as counted_cached, "
    "sum(tokens_in) as tokens_in, sum(tokens_in::double * tokens_in) as squares, sum(tokens_out) as tokens_out, "
    "sum(cached) as cached, sum(reasoning) as reasoning, max(tokens_in) as longest, min(time) as first, "
    "max(time) as last from calls group by all",
    "select min(first), max(last), sum(n), sum(cached) / sum(tokens_in) from cells",
    "select error, sum(n) from cells group by all",
    *(
        f"select {key}, sum(n), sum(tokens_in), sum(tokens_out), "
        "sum(((tokens_in - cached) * usd_in + cached * usd_cached + tokens_out * usd_out) / 1e6) "
        f"from cells left join ({_PRICES}) prices using (model) group by all"
        for key in ("model", "feature", "day")
    ),
    "select feature, min(first::time), max(last::time), count(distinct day) from cells group by all",
    # segments: how long their answers are, how much their inputs differ
    "select feature, quantile_cont(tokens_out, .95), avg(tokens_out) from calls group by all",
    "select feature, sqrt(sum(squares) / sum(counted_in) - (sum(tokens_in) / sum(counted_in)) ** 2), "
    "sum(reasoning) / sum(tokens_out) from cells group by all",
    # volume and rhythm: ten minutes, hours of the day, days of the week, peaks, gaps, growth
    "create temp table buckets as select epoch(time)::bigint // 600 as bucket, count(*) as n from calls group by all",
    "select hour, avg(n), stddev_samp(n) from (select bucket // 144 as day, bucket % 144 // 6 as hour, sum(n) as n "
    "from buckets group by all) group by all",
    "select day % 7, avg(n), stddev_samp(n) from (select bucket // 144 as day, sum(n) as n from buckets group by all) "
    "group by all",
    "select max(n) / avg(n) from buckets",
    "select max(n) / avg(n) from (select bucket // 6 as hour, sum(n) as n from buckets group by all)",
    "select * from (select bucket, bucket - lag(bucket) over (order by bucket) as gap from buckets) where gap > 6",
    "select regr_slope(ln(n), day) from (select bucket // 144 as day, sum(n) as n from buckets group by all)",
    # calls that repeat a failed one at most ten minutes earlier
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
