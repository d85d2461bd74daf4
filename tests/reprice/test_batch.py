"""Repricing in a batch: by share, by feature, as logged, and as open as the log leaves it."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from click.testing import CliRunner

from breakeven.cli.new import new
from breakeven.cli.reprice import reprice
from breakeven.evidence.repricing.batch import Batch
from breakeven.prices import load_book
from breakeven.study import open_study
from tests.reprice.logs import call, priced, write
from tests.reprice.test_repricing import money
from tests.study.studies import TODAY

# openai/now: 1000 in and 100 out cost 0.0028, half in a batch
EACH = 0.0028


def test_a_range_opens_the_interval(tmp_path):
    path = write(tmp_path / "c.jsonl", [call(1000, 100)] * 2)
    found = priced([str(path)], "same", batch=Batch(rest=(0.2, 0.6)))
    [same] = found.alternatives
    # 2 calls at 0.4 of the discount of a half, from 0.2 to 0.6
    assert money(same.cost_usd, 2 * EACH * 0.8, 2 * EACH * 0.7, 2 * EACH * 0.9)
    assert same.difference is not None
    assert money(same.difference.usd, -2 * EACH * 0.2, -2 * EACH * 0.3, -2 * EACH * 0.1)


def test_features_have_shares_of_their_own(tmp_path):
    calls = [call(1000, 100, feature="tags"), call(3000, 300, feature="chat"), call(1000, 100)]
    path = str(write(tmp_path / "c.jsonl", calls))
    [same] = priced([path], "same", batch=Batch(features={"tags": (1.0, 1.0)})).alternatives
    assert money(same.cost_usd, EACH * (0.5 + 3 + 1))
    [same] = priced([path], "same", batch=Batch(features={"tags": (1.0, 1.0)}, rest=(0.5, 0.5))).alternatives
    assert money(same.cost_usd, EACH * (0.5 + 4 * 0.75))


def test_calls_at_the_batch_tier_are_billed_so_and_stay_there(tmp_path):
    calls = [call(1000, 100, service_tier="batch"), call(1000, 100, service_tier="default")]
    found = priced([str(write(tmp_path / "c.jsonl", calls))], "same")
    assert found.baseline.cost_usd == pytest.approx(EACH * 1.5)
    difference = found.alternatives[0].difference
    assert difference is not None
    assert money(difference.usd, 0.0)
    assert "batch" not in {one.input for one in found.assumptions}


@pytest.fixture
def nightly(tmp_path):
    """Six days of a nightly run of 20 calls, and as many streamed ones spread over the day."""
    calls = [
        one
        for day in range(1, 7)
        for i in range(20)
        for one in (
            call(1000, 100, at=f"2026-11-{day:02}T02:{i:02}:00Z", feature="tags", model="gpt-4.1-mini"),
            call(
                1000,
                100,
                at=f"2026-11-{day:02}T{i:02}:30:00Z",
                feature="chat",
                model="gpt-4.1-mini",
                ttft_s=1,
            ),
        )
    ]
    return write(tmp_path / "calls.jsonl", calls)


def _json(command, *words):
    done = CliRunner().invoke(command, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_the_command_takes_shares_features_and_bounds(nightly):
    def cost(*batch):
        [same] = _json(reprice, nightly, "--on", "same", "--json", *batch)["alternatives"]
        return same["difference"]["share"]["value"]

    assert cost() == pytest.approx(0.0)
    assert cost("--batch", "40%") == pytest.approx(-0.2)
    assert cost("--batch", "tags=60%") == pytest.approx(-0.15)
    assert cost("--batch", "bounds") == pytest.approx(-0.25)  # all of tags, and no streamed call
    assert cost("--batch", "bounds", "--batch", "chat") == pytest.approx(-0.5)
    done = CliRunner().invoke(reprice, [str(nightly), "--on", "same", "--batch", "bounds"])
    assert "batch: 50% of calls in all" in done.output
    assert "not measured" in done.output
    wrong = CliRunner().invoke(reprice, [str(nightly), "--on", "same", "--batch", "bounds", "--batch", "4%"])
    assert "leave out `bounds`" in wrong.output


def test_a_new_study_gets_what_can_wait_as_a_candidate(nightly, tmp_path):
    done = CliRunner().invoke(new, [str(tmp_path / "s"), "--from", str(nightly)])
    assert done.exit_code == 0, done.output
    batch = open_study(tmp_path / "s", today=TODAY, book=load_book()).candidates["batched"].batch
    assert batch is not None
    assert (batch.low, batch.high) == pytest.approx((0.5, 0.5))
    assert batch.source.kind == "guess"
    assert "nobody stated it" in batch.source.reference


def test_a_study_of_logs_that_show_nothing_of_waiting_has_no_such_candidate(tmp_path):
    calls = [
        call(900, 10, at=f"2026-11-{1 + i // 24:02}T{i % 24:02}:00:00Z", model="gpt-4.1-mini")
        for i in range(240)
    ]
    CliRunner().invoke(new, [str(tmp_path / "s"), "--from", str(write(tmp_path / "c.jsonl", calls))])
    assert "batched" not in open_study(tmp_path / "s", today=TODAY, book=load_book()).candidates
