"""A file whose calls do not fit into memory gives the same profile as one that does."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

import pyarrow as pa
import pyarrow.parquet as pq

from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines import duckdb_files
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
