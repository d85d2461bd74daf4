"""A sample of a large log: from all over it, each call once, and an error that is as large as it says."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

pytest.importorskip("duckdb")
pytest.importorskip("rs_bpe", reason="no token counter")

import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner

from breakeven.cli.profile import profile
from breakeven.evidence.prompts.counting import Tally
from breakeven.evidence.prompts.findings import prompt_findings
from breakeven.evidence.prompts.reading import find_prompts, sample_prompts
from breakeven.evidence.prompts.sampling import plan
from breakeven.evidence.prompts.scaling import sampled
from breakeven.prices import load_book

RULES = (
    "You sort support mail into one of nine queues. Answer with the queue's name and nothing else, please. "
    * 3
)


def _row(i):
    return {
        "timestamp": 1_770_000_000 + 60 * i, "call_id": f"c{i}",
        "usage": {"prompt_tokens": 100, "completion_tokens": 3},
        "request": {"model": "gpt-4.1-mini", "messages": [
            {"role": "system", "content": RULES}, {"role": "user", "content": f"mail {i}: {i * 7919} {i % 97}"}]},
        "response": {"id": f"r{i}"}, "model": "gpt-4.1-mini",
    }  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """20 stretches of 20 calls, 400 in all."""
    monkeypatch.setattr("breakeven.evidence.prompts.sampling.CALLS", 400)
    monkeypatch.setattr("breakeven.evidence.prompts.sampling._STRETCHES", 20)


def _written(path, rows):
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    else:
        path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz", "calls.parquet"])
def test_stretches_lie_all_over_the_log_and_no_call_comes_twice(tmp_path, small, name):
    path = _written(tmp_path / name, [_row(i) for i in range(4_000)])
    found = list(sample_prompts(find_prompts([str(path)], spool=tmp_path), records=4_000))
    ids = [int(str(call.call_id)[1:]) for call in found]
    assert len(ids) == len(set(ids)) == 400
    assert ids == sorted(ids)
    assert len({call.stretch for call in found}) == 20
    # one stretch in each twentieth of the log, give or take a neighbour
    assert np.histogram(ids, bins=10, range=(0, 4_000))[0].min() >= 20


def test_a_log_that_is_smaller_than_its_sample_is_read_to_its_end(tmp_path, small):
    path = _written(tmp_path / "calls.jsonl", [_row(i) for i in range(30)])
    ids = [call.call_id for call in sample_prompts(find_prompts([str(path)], spool=tmp_path), records=30)]
    assert len(ids) == len(set(ids)) <= 30


def test_many_files_share_the_stretches_by_their_size():
    plans = plan([100] * 200, records=1_000_000)
    assert {one.stretches for one in plans} == {1}
    assert sum(one.stretches * one.length for one in plans) == pytest.approx(20_000, rel=0.01)
    assert [one.stretches for one in plan([300, 100], records=1_000)] == [60, 20]


def test_sums_are_scaled_up_to_all_calls_and_shares_are_not(tmp_path, small):
    path = _written(tmp_path / "calls.jsonl", [_row(i) for i in range(4_000)])
    every = prompt_findings([str(path)], book=load_book())
    some = prompt_findings([str(path)], book=load_book(), sample_of=4_000)
    assert every["sample"] is None
    assert some["sample"]["calls"] == 400
    assert some["calls"] == every["calls"] == 4_000
    for name in ("tokens", "usd", "static_prefix", "input"):
        assert some["removable"][name] == pytest.approx(every["removable"][name], rel=0.03)
    assert some["removable"]["tokens_per_call"] == pytest.approx(
        every["removable"]["tokens_per_call"], rel=0.03
    )
    ends = some["sample"]["share_of_input"]
    assert ends["low"] <= some["removable"]["share_of_input"] <= ends["high"]


def test_the_interval_holds_as_often_as_it_says():
    # 500 logs of two templates, 300 and 50 of 400 tokens static; stretches hold different shares of the first
    rng, inside = np.random.default_rng(5), 0
    for _ in range(500):
        tally, mix = Tally(), rng.beta(2, 2, 4_000)  # of 4,000 stretches in the log, 40 are drawn
        first = rng.binomial(250, mix)
        for k, n in enumerate(first[:40]):
            n = int(n)
            tally.stretches[k] = {(1, None): (n, 400 * n), (2, None): (250 - n, 400 * (250 - n))}
        truth = float((300 * first + 50 * (250 - first)).sum() / (400 * 250 * first.size))
        found = sampled(tally, {(1, None): 300.0, (2, None): 50.0})
        assert found is not None
        inside += found["share_of_input"]["low"] <= truth <= found["share_of_input"]["high"]
    assert 0.86 <= inside / 500 <= 0.94  # 90%, and three standard errors of a share of 500


def test_a_large_log_has_its_removable_prompt_unasked(tmp_path, small, monkeypatch):
    monkeypatch.setattr("breakeven.cli.measuring._READ_UNASKED", 1_000)
    path = _written(tmp_path / "calls.jsonl", [_row(i) for i in range(4_000)])
    done = CliRunner().invoke(profile, [str(path)])
    assert "from a sample: 400 calls in 20 stretches from all over the log" in " ".join(done.output.split())
    whole = CliRunner().invoke(profile, [str(path), "--prompts"])
    assert "PROMPT" in whole.output
    assert "sample" not in whole.output[whole.output.index("PROMPT") :]
    none = CliRunner().invoke(profile, [str(path), "--no-prompts"])
    assert "PROMPT" not in none.output
