"""A file whose calls do not fit into memory gives the same profile as one that does."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

import pyarrow as pa
import pyarrow.parquet as pq

from breakeven.evidence.calls import detect
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines import duckdb_files
from breakeven.evidence.calls.read import read_logs
from tests.profile.corruption import good_row
from tests.profile.engine_logs import differences, profiled


@pytest.mark.parametrize("container", ["jsonl", "parquet"])
@pytest.mark.parametrize("bad", [False, True])
def test_calls_kept_on_disk_are_the_same(tmp_path, monkeypatch, container, bad):
    rows = [{**good_row(i), "error": "timeout" if i % 9 == 0 else None} for i in range(200)]
    if bad:
        rows[7]["response"]["usage"]["prompt_tokens"] = -1
    path = tmp_path / f"calls.{container}"
    if container == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    with Engine(threads=2) as engine:
        small = profiled(engine, path)
    monkeypatch.setattr(duckdb_files, "_MOST_IN_MEMORY", 0)
    with Engine(threads=2) as engine:
        large = profiled(engine, path)
        on_disk = engine._con.execute("select count(*) from duckdb_tables() where not temporary").fetchall()
    assert differences(small, large) == []
    assert (on_disk[0][0] > 0) is not bad
    assert small["rejected"] == ({"input_tokens is negative": 1} if bad else {})


_LATE = {
    "read from the cache, apart": ({"cache_read_input_tokens": 5}, {"input": 5, "cached": 5}, None),
    "nothing read from it": ({"cache_read_input_tokens": 0}, {}, None),
    "as text": ({"cache_read_input_tokens": "5"}, {"input": 5, "cached": 5}, None),
    "true": ({"cache_read_input_tokens": True}, None, "cached_apart_tokens is not a number"),
    "a word": ({"cache_read_input_tokens": "five"}, None, "cached_apart_tokens is not a number"),
    "an object": ({"cache_read_input_tokens": {"n": 5}}, None, "cached_apart_tokens is not a number"),
    "negative": ({"cache_creation_input_tokens": -1}, None, "cache_write_apart_tokens is negative"),
}


@pytest.mark.parametrize(("usage", "more", "reason"), _LATE.values(), ids=_LATE)
def test_a_place_that_no_sampled_record_holds_is_read_where_one_does(
    tmp_path, monkeypatch, usage, more, reason
):
    """One record in 400, of a file of which only the first ones and its end are looked at beforehand."""
    monkeypatch.setattr(detect, "_SMALL", 0)
    monkeypatch.setattr(detect, "_SAMPLE", 10)
    monkeypatch.setattr(detect, "_SPOTS", 1)
    rows = [good_row(i) for i in range(400)]
    with_all = sum(row["response"]["usage"]["prompt_tokens"] for row in rows)
    spoilt = rows[150]["response"]["usage"]
    without = with_all - spoilt["prompt_tokens"]
    spoilt.update(usage)
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    with Engine(threads=2) as engine:
        [source] = engine.find([str(path)])
        sampled = [record["response"]["usage"] for record in engine.sample(source).records]
        assert not any(usage.keys() & one for one in sampled)
        log = read_logs([str(path)], engine=engine)
        calls = log.calls
        [found] = engine.rows(calls.agg(n=calls.count(), given=calls["input_tokens"].sum()))
        [cached] = engine.rows(calls.agg(cached=calls["cached_tokens"].sum()))
        refused = engine.rows(log.rejected.select("line", "reason"))
    if more is None:
        assert (found, refused) == ((399, without), [(151, reason)])
    else:
        assert (found, refused) == ((400, with_all + more.get("input", 0)), [])
        assert cached[0] == 400 * 128 + more.get("cached", 0)
