"""The SQL that is written for ClickHouse, run by ClickHouse itself (chDB, its embedded build): the same profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")
pytest.importorskip("chdb", reason="ClickHouse is not installed: pip install chdb, 500 MB")

import ibis
import pyarrow as pa

from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines.database import DatabaseEngine
from tests.profile.engine_logs import EXAMPLE, differences, profiled, repriced

URL = "clickhouse://reader@127.0.0.1:1/default"
ANYWHERE = {"files": None, "warnings": None}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


class Embedded:
    """What Ibis' ClickHouse backend is asked for, answered within this process."""

    dialect = "clickhouse"

    def __init__(self) -> None:
        from chdb.session import Session

        self.session = Session()
        self.asked = 0

    def compile(self, expression: Any) -> str:
        return str(ibis.to_sql(expression, dialect="clickhouse"))

    def table(self, name: str, database: str | None = None) -> Any:
        from ibis.backends.sql.datatypes import ClickHouseType

        rows = self.session.query(f"DESCRIBE TABLE {name}", "JSONEachRow").bytes().decode().splitlines()
        columns = {row["name"]: ClickHouseType.from_string(row["type"]) for row in map(json.loads, rows)}
        return ibis.table(columns, name=name)

    def sql(self, query: str, schema: Any) -> tuple[str, Any]:
        return query, schema

    def to_pyarrow_batches(self, asked: Any, chunk_size: int = 1_000_000) -> Any:
        query, schema = asked if isinstance(asked, tuple) else (self.compile(asked), asked.schema())
        self.asked += 1
        found = self.session.query(query, "Arrow").bytes()
        if not found:
            return []
        table = pa.ipc.open_file(pa.BufferReader(found)).read_all()
        return table.cast(schema.to_pyarrow()).to_batches(chunk_size)


class ClickHouse(DatabaseEngine):
    def _connected(self) -> Any:
        return Embedded()


@pytest.fixture(scope="module")
def clickhouse():
    with ClickHouse(URL) as engine:
        yield engine


@pytest.fixture
def duck():
    with Engine(threads=2) as engine:
        yield engine


def _filled(engine: Any, name: str, path: Path, columns: str) -> str:
    quoted = columns.replace("'", "\\'")
    engine._con.session.query(
        f"CREATE OR REPLACE TABLE {name} ({columns}) ENGINE = Memory AS "
        f"SELECT * FROM file('{path}', 'JSONEachRow', '{quoted}')"
    )
    return f"{URL}?table={name}"


USAGE = (
    "Tuple(prompt_tokens Nullable(Int64), completion_tokens Nullable(Int64), "
    "prompt_tokens_details Tuple(cached_tokens Nullable(Int64), cache_write_tokens Nullable(Int64)))"
)
NESTED = (
    "timestamp String, feature Nullable(String), provider Nullable(String), latency_s Nullable(Float64), "
    "status_code Nullable(Int32), request Tuple(model Nullable(String), messages Nullable(String)), "
    f"response Tuple(id Nullable(String), model Nullable(String), usage {USAGE}), "
    "error Nullable(String)"
)


def test_columns_of_tuples_give_the_profile_and_the_prices_of_the_file(clickhouse, duck, tmp_path):
    path = tmp_path / "calls.jsonl"
    rows = [json.loads(line) for line in EXAMPLE.read_text().splitlines()]
    for row in rows:
        row["request"]["messages"] = json.dumps(row["request"]["messages"])
    path.write_text("\n".join(map(json.dumps, rows)))
    table = _filled(clickhouse, "calls", path, NESTED)
    found, near = profiled(clickhouse, table), profiled(duck, path)
    assert differences({**near, **ANYWHERE}, {**found, **ANYWHERE}) == []
    assert found["calls"] == 305
    assert clickhouse._con.asked >= 10
    prices = repriced(clickhouse, table, batch=0.2)
    assert differences({**repriced(duck, path, batch=0.2), **ANYWHERE}, {**prices, **ANYWHERE}) == []


@pytest.mark.parametrize("kind", ["typed", "texts"])
def test_rows_of_a_flat_table_are_refused_for_the_same_reasons(clickhouse, duck, tmp_path, kind):
    rows = []
    for line in EXAMPLE.read_text().splitlines():
        call = json.loads(line)
        usage = (call.get("response") or {}).get("usage") or {}
        counts = {
            "prompt_tokens": usage.get("prompt_tokens"),
            "completion_tokens": usage.get("completion_tokens"),
        }
        rows.append({"created_at": call["timestamp"][:19], "model": call["request"]["model"], **counts})
    rows += [
        {"created_at": "2026-11-05 00:00:00", "model": "gpt-4o", "prompt_tokens": -5, "completion_tokens": 1},
        {"created_at": None, "model": "gpt-4o", "prompt_tokens": 5, "completion_tokens": 900_000_000_000},
    ]
    columns = (
        "created_at Nullable(DateTime64(3, 'UTC')), model Nullable(String), prompt_tokens Nullable(Int32), "
        "completion_tokens Nullable(Int64)"
    )
    if kind == "texts":
        rows = [{k: None if v is None else str(v) for k, v in row.items()} for row in rows]
        rows += [
            {"created_at": "2026-02-30", "model": "m", "prompt_tokens": "1", "completion_tokens": "1"},
            {
                "created_at": "2026-11-02T06:45:06+00:00",
                "model": "m",
                "prompt_tokens": "1d",
                "completion_tokens": "",
            },
        ]
        columns = ", ".join(f"{name} Nullable(String)" for name in rows[0])
    path = tmp_path / "flat.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    table = _filled(clickhouse, kind, path, columns)
    found, near = profiled(clickhouse, table), profiled(duck, path)
    expected = {"input_tokens is negative": 1, "output_tokens is over 100,000,000": 1}
    if kind == "texts":
        expected |= {"time can not be read": 1, "input_tokens is not a number": 1}
    assert found["rejected"] == near["rejected"] == expected
    assert differences({**near, **ANYWHERE}, {**found, **ANYWHERE}) == []
