"""What could wait for a batch: bounds from streams, sessions, tiers and hours, and what somebody states."""

from __future__ import annotations

import datetime as dt
import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from click.testing import CliRunner

from breakeven.cli.profile import profile
from breakeven.cli.profile_page import profile_page
from breakeven.errors import EvidenceError
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.evidence.profile.waiting import Stated, narrowed
from breakeven.prices import load_book

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
DAY = 86_400


def _call(at_s, feature="sort", **more):
    return {
        "timestamp": (START + dt.timedelta(seconds=at_s)).isoformat(), "feature": feature,
        "model": "gpt-4.1-mini", "usage": {"prompt_tokens": 100_000, "completion_tokens": 10_000},
    } | more  # fmt: skip


@pytest.fixture
def profiled(tmp_path):
    def make(rows, **options):
        path = tmp_path / "calls.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        with Engine(threads=2) as engine:
            return build_profile(read_logs([str(path)], engine=engine), book=load_book(), **options)

    return make


def test_bounds_go_from_runs_and_batches_to_all_but_what_is_streamed(profiled):
    night = [_call(day * DAY + 7_200 + i, "tags") for day in range(6) for i in range(20)]  # 120
    chat = [_call(day * DAY + i * 4_000, "chat", ttft_s=0.4) for day in range(6) for i in range(10)]  # 60
    half = [
        _call(i * 40_000, "sort", service_tier="batch" if i < 5 else None) for i in range(20)
    ]  # 20, 5 in batch
    found = profiled(night + chat + half)["batchable"]
    assert (found["low"], found["high"]) == pytest.approx((125 / 200, 140 / 200))
    assert found["features"]["sort"] == pytest.approx({"share": 0.1, "low": 0.25, "high": 1.0})
    assert found["features"]["chat"] == pytest.approx({"share": 0.3, "low": 0.0, "high": 0.0})
    assert (found["share"], found["source"]) == (None, "bounds")


def test_who_asks_on_in_a_session_has_waited_for_the_answer(profiled):
    # within a session the second call comes 20 s after the first, whose answer took 5 s; the last is followed by none
    talks = [_call(n * 900 + i * 20, session_id=f"s{n}", latency_s=5.0) for n in range(10) for i in range(3)]
    # four calls at once: none waits for another
    burst = [_call(50_000, session_id="job", latency_s=5.0) for _ in range(10)]
    found = profiled(talks + burst)["batchable"]
    assert found["followed"] == pytest.approx(20 / 40)
    assert (found["low"], found["high"]) == pytest.approx((0.0, 20 / 40))


def test_what_is_stated_of_features_takes_the_place_of_their_bounds(profiled):
    rows = [_call(i * 60, "tags") for i in range(30)] + [_call(i * 61, "chat", ttft_s=1.0) for i in range(10)]
    found = profiled(rows, waits=Stated(features={"tags": (0.2, 0.6)}))["batchable"]
    assert (found["low"], found["high"]) == pytest.approx((30 * 0.2 / 40, 30 * 0.6 / 40))
    assert found["share"] == pytest.approx(30 * 0.4 / 40)
    whole = profiled(rows, waits=Stated(whole=(0.5, 0.5)))["batchable"]
    assert (whole["low"], whole["high"], whole["share"], whole["source"]) == (0.5, 0.5, 0.5, "stated")
    with pytest.raises(EvidenceError, match="no call of the log is of the feature 'tag'"):
        profiled(rows, waits=Stated(features={"tag": (1.0, 1.0)}))


def test_sessions_that_only_the_messages_name_narrow_the_bounds():
    found = {"source": "bounds", "low": 0.1, "high": 0.9, "followed": None}
    made = narrowed(found, {"already": 0.2, "at_most": 0.6})
    assert (made["low"], made["high"]) == (0.2, 0.6)
    assert narrowed({**found, "source": "stated"}, {"already": 0.2, "at_most": 0.6})["high"] == 0.9


def test_calls_at_the_batch_tier_cost_the_batch_price(profiled):
    # gpt-4.1-mini halves both prices in a batch
    price = load_book().model("openai/gpt-4.1-mini")
    each = 0.1 * price.input_usd_per_mtok + 0.01 * price.output_usd_per_mtok
    assert price.batch_input_usd_per_mtok == price.input_usd_per_mtok / 2
    found = profiled(
        [_call(i, service_tier=tier) for i, tier in enumerate(("batch", "flex", "default", None))]
    )
    assert found["cost_usd"] == pytest.approx(3 * each)
    assert found["batchable"]["already"] == pytest.approx(1 / 4)


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_says_what_the_ends_rest_on(profiled, width):
    night = [_call(day * DAY + 7_200 + i, "tags") for day in range(6) for i in range(20)]
    chat = [_call(day * DAY + i * 4_000, "chat", ttft_s=0.4) for day in range(6) for i in range(10)]
    page = profile_page(profiled(night + chat + [_call(9, "nightly-mail")]), width=width)
    said = " ".join(page[page.index("BATCHABLE") :].split())
    assert "66.3% to 66.9% of calls: bounds from what the log shows, not measured" in said
    assert "at least: tags (66.3%), as its calls come between 02:00 and 02:00 only, on 6 days" in said
    assert "at most: 33.1% are streamed, so somebody reads along" in said
    assert "maybe nightly-mail (0.6% of calls): its name says so; not counted" in said
    assert "state it with --batchable 40% or --batchable FEATURE" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--batchable", "120%"), "not between 0% and 100%"),
        (("--batchable", "60%..20%"), "not between 0% and 100%"),
        (("--batchable", "40%", "--batchable", "a"), "stands alone"),
        (("--batchable", "a", "--batchable", "a=3%"), "can be stated once"),
        (("--batchable", "a=x"), "no share"),
        (("--batchable", "=3%"), "names no feature"),
    ],
)
def test_what_can_not_be_meant_is_refused(tmp_path, words, said):
    done = CliRunner().invoke(profile, [str(tmp_path), *words])
    assert done.exit_code == 2
    assert said in done.output
