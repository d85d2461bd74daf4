"""Every expression of a profile and of a repricing can be written in every dialect that is promised."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

import ibis
import sqlglot

from breakeven.errors import EvidenceError, MissingExtraError
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines import open_engine
from breakeven.evidence.calls.engines.base import MissingDriverError
from breakeven.evidence.calls.engines.dialects import adapted
from breakeven.evidence.calls.engines.secrets import masked, scrubbed, secrets_of
from tests.profile.corruption import good_row
from tests.profile.engine_logs import EXAMPLE, profiled, repriced

DIALECTS = ("postgres", "bigquery", "clickhouse", "snowflake")


class Recording(Engine):
    """DuckDB that writes whatever it runs in another dialect as well."""

    def __init__(self, dialect: str) -> None:
        super().__init__(threads=2)
        self.dialect, self.written = dialect, 0

    def sql(self, expression: Any) -> str:
        text = str(ibis.to_sql(adapted(expression, self.dialect), dialect=self.dialect))
        assert sqlglot.parse_one(text, read=self.dialect) is not None
        self.written += 1
        return super().sql(expression)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_all_that_a_profile_asks_can_be_written(dialect, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{**good_row(i), "error": "timeout" if i % 9 == 0 else None, "outcome": "yes"} for i in range(30)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{\n")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    with Recording(dialect) as engine:
        profiled(engine, tmp_path / "a.jsonl")
        profiled(engine, tmp_path / "a.parquet")
        profiled(engine, EXAMPLE)
        repriced(engine, EXAMPLE, cached=0.5)
        assert engine.written > 40


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "clickhouse"])
def test_all_that_a_replayed_cache_asks_can_be_written(dialect, tmp_path):
    rows = [{"timestamp": 900 * i, "input_length": 1000 + i % 3, "output_length": 9, "hash_ids": [0, i % 4]}
            for i in range(20)]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    with Recording(dialect) as engine:
        profiled(engine, tmp_path / "a.jsonl")
        repriced(engine, tmp_path / "a.jsonl", cached="replay")


def test_an_address_is_shown_without_its_secrets():
    url = "clickhouse://me:p%40ss/w@host:8123/db?table=calls&access_token=tok&secure=1"
    assert (
        masked("postgres://me:p%40ss@host:5432/db?table=s.calls")
        == "postgres://me:***@host:5432/db?table=s.calls"
    )
    assert "tok&" not in masked(url)
    assert "access_token=***" in masked(url)
    assert set(secrets_of("postgres://me:p%40ss@host/db?password=x1")) == {"p%40ss", "p@ss", "x1"}
    assert scrubbed("no p@ss for it: a://b:c@d/e", ["p@ss"]) == "no *** for it: a://b:***@d/e"
    assert masked("bigquery://project/data?table=calls") == "bigquery://project/data?table=calls"


def test_the_engine_is_told_by_name_or_address(tmp_path):
    with open_engine(["a.jsonl"]) as engine:
        assert isinstance(engine, Engine)
    with pytest.raises(EvidenceError, match="no engine is called 'dask'"):
        open_engine(["a.jsonl"], "dask")
    with pytest.raises(EvidenceError, match=r"s3://a:\*\*\*@b/c: not a file"):
        open_engine(["s3://a:secret@b/c"])
    with pytest.raises(EvidenceError, match="leave out --engine"):
        open_engine(["postgres://a@b/c?table=d"], "spark")


def test_a_missing_driver_is_named_with_its_install_line():
    assert isinstance(MissingDriverError("clickhouse"), MissingExtraError)
    assert "pip install 'ibis-framework[clickhouse]'" in str(MissingDriverError("clickhouse"))
