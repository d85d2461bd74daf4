"""Synthetic call logs, seeded: request and response pairs as an application would write them.

::

    python -m bench.make_calls 5_000_000 calls.jsonl          # about 2.7 GB
    python -m bench.make_calls 5_000_000 calls.parquet --seed 7

The calls run over 28 days with a daily rhythm; 40% of them repeat a cached prefix, 2% fail. The same
count and seed give the same calls in either format.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

MODELS = ("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-mini", "gpt-4o-mini")
FEATURES = ("triage", "summary", "search", "extract", "reply")
SYSTEM = "You sort support mail into one of nine queues. Answer with the name of the queue, nothing else."

_CALLS = """
with seeds as (
    select i, hash(i, {seed}) as h, hash(i, {seed} + 1) as g, hash(i, {seed} + 2) as k from range({n}) t(i)
), drawn as (
    select i, h, g,
        1 + (h % 1000)::double / 1000 as u,
        (g % 100000)::double / 100000 as v,
        (k % 100000)::double / 100000 as w,
        -- a day's calls come more by day than by night: the inverse of a rising line within each half day
        28 * 86400.0 * i / {n} as even_s
    from seeds
), shaped as (
    select *, even_s + 7200 * sin(2 * pi() * even_s / 86400.0) as at_s,
        200 + floor(-350 * ln(1 - v * 0.999))::bigint as tokens_in,
        1 + floor(-90 * ln(1 - w * 0.999))::bigint as tokens_out,
        h % 50 = 0 as failed
    from drawn
)
select
    strftime(timestamp '2026-03-02' + to_microseconds((at_s * 1e6)::bigint), '%Y-%m-%dT%H:%M:%S.%fZ') as timestamp,
    ({features})[1 + (g % 5)::int] as feature,
    {{
        'model': ({models})[1 + (h % 4)::int],
        'messages': [
            {{'role': 'system', 'content': '{system}'}},
            {{'role': 'user', 'content': 'mail ' || i || ': ' || repeat('why is my invoice wrong? ', (1 + h % 4)::int)}}
        ]
    }} as request,
    case when failed then null else {{
        'id': 'chatcmpl-' || i,
        'model': ({models})[1 + (h % 4)::int],
        'usage': {{
            'prompt_tokens': tokens_in,
            'completion_tokens': tokens_out,
            'total_tokens': tokens_in + tokens_out,
            'prompt_tokens_details': {{'cached_tokens': case when h % 5 < 2 then 128 else 0 end}},
            'completion_tokens_details': {{'reasoning_tokens': 0}}
        }}
    }} end as response,
    round(180 + 9.0 * tokens_out * u, 1) as latency_ms,
    case when failed then 'RateLimitError' else null end as error
from shaped
"""


def make_calls(n: int, path: Path, *, seed: int = 0, memory: str = "700MB") -> Path:
    """Write ``n`` calls as JSON Lines or Parquet, by the name's ending."""
    names = {"features": _list(FEATURES), "models": _list(MODELS), "system": SYSTEM}
    query = _CALLS.format(n=n, seed=seed, **names)
    kind = "parquet" if path.suffix == ".parquet" else "json"
    with duckdb.connect(config={"memory_limit": memory, "threads": 2}) as con:
        con.execute(f"copy ({query}) to '{path}' (format {kind})")
    return path


def _list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"


def main() -> None:
    """Read the words of the command line and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("n", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    print(make_calls(words.n, words.path, seed=words.seed))


if __name__ == "__main__":
    main()
