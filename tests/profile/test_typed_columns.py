"""Columns that hold numbers already are checked for what can be wrong with a number, and no more."""

from __future__ import annotations

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")
pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book

INFINITE = float("inf")


def _read(tmp_path, **columns):
    """(profile, reasons by line) of a Parquet file with these columns besides times."""
    n = len(next(iter(columns.values())))
    start = 1_772_409_600_000_000
    times = pa.array([start + i * 1_000_000 for i in range(n)], pa.timestamp("us"))
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.table({"time": times, "model": ["gpt-4o-mini"] * n, **columns}), path)
    with Engine(threads=2) as engine:
        log = read_logs([str(path)], engine=engine)
        refused = dict(engine.rows(log.rejected.select("line", "reason")))
        return build_profile(log, book=load_book()), refused


@pytest.mark.parametrize("kind", ["int16", "int32", "int64", "uint64", "float", "double"])
def test_numbers_of_any_type_are_summed(tmp_path, kind):
    made = pa.array([10, None, 30, 0], kind)
    found, refused = _read(tmp_path, input_tokens=made, output_tokens=pa.array([1, 2, 3, 4], kind))
    assert refused == {}
    assert found["tokens"]["input"]["n"] == 3
    assert found["tokens"]["input"]["sum"] == 40
    assert found["tokens"]["output"]["sum"] == 10


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("int32", -1, "input_tokens is negative"),
        ("int64", -(2**63), "input_tokens is negative"),
        ("int64", 100_000_001, "input_tokens is over 100,000,000"),
        ("int64", 2**63 - 1, "input_tokens is over 100,000,000"),
        ("uint64", 2**64 - 1, "input_tokens is over 100,000,000"),
        ("double", 0.5, "input_tokens is not a whole number"),
        ("double", INFINITE, "input_tokens is not a number"),
        ("double", -3.0, "input_tokens is negative"),
    ],
)
def test_a_wrong_number_is_refused_at_its_line(tmp_path, kind, value, reason):
    given = pa.array([10, value, 30], kind)
    found, refused = _read(tmp_path, input_tokens=given, output_tokens=pa.array([1, 1, 1], "int64"))
    assert refused == {2: reason}
    assert found["rejected"] == {reason: 1}
    assert found["tokens"]["input"]["sum"] == 40


def test_what_is_no_number_is_refused(tmp_path):
    given = pa.array([10, float("nan"), 30], "double")
    found, refused = _read(tmp_path, input_tokens=given, output_tokens=pa.array([1, 1, 1], "int64"))
    assert list(refused) == [2]
    assert found["tokens"]["input"]["sum"] == 40


@pytest.mark.parametrize("kind", ["int64", "double"])
def test_more_cached_tokens_than_input_are_refused_and_unknown_ones_are_not(tmp_path, kind):
    given, cached = pa.array([10, 10, None, 10], kind), pa.array([10, 11, 5, None], kind)
    out = pa.array([1, 1, 1, 1], kind)
    found, refused = _read(tmp_path, input_tokens=given, cached_tokens=cached, output_tokens=out)
    assert refused == {2: "more cached tokens than input tokens"}
    assert found["calls"] == 3


def test_a_column_that_no_log_has_is_known_to_be_empty(tmp_path):
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.table({"time": pa.array([0], pa.timestamp("us")), "input_tokens": [3]}), path)
    with Engine(threads=2) as engine:
        log = read_logs([str(path)], engine=engine)
        assert log.may_hold("input_tokens")
        assert log.may_hold("calls")
        assert not log.may_hold("ending")
        assert not log.may_hold("input_tokens", "ending")
