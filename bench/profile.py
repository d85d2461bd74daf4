"""Profile millions of calls: time and memory against a hand-written DuckDB script that gives the same figures.

::

    python -m bench.profile                    # 0.5 and 5 million calls, JSON Lines and Parquet, about 3.5 GB of disk
    python -m bench.profile --calls 500_000 --repeat 3

Each run is a process of its own; ours and the hand-written one take turns, and the best of each is compared. The
hand-written script reads typed columns, checks no row, and computes the figures with one statement each.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.make_calls import make_calls

_COLUMNS = (
    "{timestamp: 'TIMESTAMP', feature: 'VARCHAR', request: 'STRUCT(model VARCHAR, messages VARCHAR)', "
    "response: 'STRUCT(model VARCHAR, usage STRUCT(prompt_tokens BIGINT, completion_tokens BIGINT, "
    "prompt_tokens_details STRUCT(cached_tokens BIGINT), completion_tokens_details STRUCT(reasoning_tokens BIGINT)))', "
    "latency_ms: 'DOUBLE', error: 'VARCHAR'}"
)
_CALLS = """
create table calls as select timestamp::timestamp as time, feature, coalesce(response.model, request.model) as model,
    hash(request.messages::varchar) as messages, response.usage.prompt_tokens as tokens_in,
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


def _run(what: str, path: Path) -> tuple[float, float, float]:
    """(wall seconds, CPU seconds, peak MB) of one run in a process of its own, start-up included."""
    start = time.perf_counter()
    done = subprocess.Popen([sys.executable, "-m", "bench.profile", "--only", what, "--file", str(path)])
    _, status, usage = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    if done.returncode != 0:
        raise SystemExit(f"{what} on {path} failed")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(path: Path, *, repeat: int) -> None:
    """Print one line: the best of both, and their ratio."""
    runs = {"hand": [], "ours": []}  # type: dict[str, list[tuple[float, float, float]]]
    for _ in range(repeat):
        for what, found in runs.items():
            found.append(_run(what, path))
    best = {what: tuple(min(run[i] for run in found) for i in range(2)) for what, found in runs.items()}
    peak = {what: max(run[2] for run in found) for what, found in runs.items()}
    wall, cpu = (best["ours"][i] / best["hand"][i] for i in range(2))
    print(
        f"{path.name:<22} hand {best['hand'][0]:6.2f} s, {best['hand'][1]:6.2f} s CPU, {peak['hand']:5.0f} MB   "
        f"ours {best['ours'][0]:6.2f} s, {best['ours'][1]:6.2f} s CPU, {peak['ours']:5.0f} MB   "
        f"ratio {wall:.2f} ({cpu:.2f} CPU)",
        flush=True,
    )


def main() -> None:
    """Make the files, measure each, delete it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, nargs="*", default=[500_000, 5_000_000])
    parser.add_argument("--kinds", nargs="*", default=["jsonl", "parquet"])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=("hand", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.only:
        {"hand": by_hand, "ours": ours}[words.only](words.file)
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="breakeven-bench-") as folder:
        for kind in words.kinds:
            for calls in words.calls:
                path = make_calls(calls, Path(folder) / f"{calls}.{kind}")
                measure(path, repeat=words.repeat)
                path.unlink()


if __name__ == "__main__":
    main()
