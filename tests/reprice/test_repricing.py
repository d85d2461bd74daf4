"""Logged calls on other models: every sum made by hand."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import EvidenceError, UnknownPriceError
from breakeven.evidence.repricing.terms import Cut
from tests.reprice.logs import call, priced, write

MTOK = 1e-6


@pytest.fixture
def log(tmp_path):
    """Calls to a Repricing, on the models named."""

    def make(calls, *models, **terms):
        return priced([str(write(tmp_path / "calls.jsonl", calls))], *models, **terms)

    return make


def money(found, value, low=None, high=None):
    low, high = value if low is None else low, value if high is None else high
    return (found.value, found.low, found.high) == pytest.approx((value, low, high), rel=1e-12, abs=1e-15)


def test_another_model_costs_its_prices_and_its_answers_have_another_length(log):
    found = log([call(1000, 100), call(3000, 200)], "openai/cheap")
    [other] = found.alternatives
    # in 4000 × $1/M = 0.004; out 300 × $4/M = 0.0012, of which 0.7 to 1.4 times
    assert money(other.cost_usd, 0.0052, 0.004 + 0.00084, 0.004 + 0.00168)
    # as it was: 4000 × $2/M + 300 × $8/M = 0.0104
    assert found.baseline.cost_usd == pytest.approx(0.0104)
    assert money(other.difference.usd, -0.0052, 0.00484 - 0.0104, 0.00568 - 0.0104)
    assert money(other.difference.share, -0.5, 0.00484 / 0.0104 - 1, 0.00568 / 0.0104 - 1)
    assert money(other.per_1000_usd, 2.6, 2.42, 2.84)
    assert other.per_month_usd is None
    assert [a.input for a in found.assumptions][:2] == ["output length", "input tokens"]


def test_the_same_model_is_a_point_whoever_hosts_it(log):
    calls = [call(1000, 100), call(3000, 200)]
    same, now, azure = log(calls, "same", "openai/now", "azure/now").alternatives
    for one in (same, now, azure):
        assert money(one.cost_usd, 0.0104)
        assert money(one.difference.usd, 0.0)


def test_a_logged_cost_is_the_baseline_and_the_list_price_is_not(log):
    found = log([call(1000, 100, cost_usd=0.5), call(1000, 100)], "same")
    assert found.baseline.cost_usd == pytest.approx(0.5 + 0.0028)
    assert found.baseline.source.startswith("as logged, else list prices")
    assert money(found.alternatives[0].cost_usd, 0.0056)


def test_context_tiers_hold_call_by_call_and_not_on_the_mean(log):
    # One call of 10,000 stays below the tier, one of 10,001 is above it; the mean of the two with a third of 10 is not.
    found = log(
        [call(10_000, 100), call(10_001, 100), call(10, 100)], "openai/tiered", output_length=_exact()
    )
    base, above = (10_010 * 1 + 200 * 4) * MTOK, (10_001 * 2 + 100 * 6) * MTOK
    assert money(found.alternatives[0].cost_usd, base + above)


def _exact():
    from breakeven.evidence.repricing.terms import OutputLength
    from breakeven.sources import Source

    return OutputLength(low=1.0, high=1.0, source=Source(kind="stated", reference="a test"))


def test_cached_tokens_cost_less_from_the_minimum_prefix_on(log):
    calls = [call(2000, 0, cached=1024), call(2000, 0, cached=1023), call(2000, 0, cached=0)]
    tiered, cheap = log(calls, "openai/tiered", "openai/cheap").alternatives
    # 1,024 is OpenAI's minimum: 1,023 tokens in the cache are paid as fresh ones
    assert money(tiered.cost_usd, (6000 - 1024) * MTOK + 1024 * 0.1 * MTOK)
    assert money(cheap.cost_usd, 6000 * MTOK)  # sells no cached input
    assert any("nothing is taken as cached" in note for note in cheap.notes)


def test_a_stated_cached_share_needs_the_minimum_prefix_too(log):
    [found] = log([call(2000, 0), call(1000, 0)], "openai/tiered", cached=0.6).alternatives
    # 1,200 of the first are cached; 600 of the second are under 1,024
    assert money(found.cost_usd, (800 + 120 + 1000) * MTOK)


def test_writes_are_paid_as_logged_and_open_where_the_log_is_silent(log):
    said, silent = (
        log([call(2000, 0, cached=0, written=w)], "openai/writes").alternatives[0] for w in (1500, None)
    )
    assert money(said.cost_usd, (500 + 1500 * 1.25) * MTOK)
    assert money(silent.cost_usd, 2000 * MTOK, 2000 * MTOK, 2500 * MTOK)
    unsaid = log([call(2000, 0)], "openai/writes").alternatives[0]  # nothing said of a cache: none is in use
    assert money(unsaid.cost_usd, 2000 * MTOK)


def test_what_is_cut_was_not_written_either(log):
    whole, cut = log(
        [call(4000, 0, cached=0, written=3000)], "openai/writes", cut=Cut(tokens=1500)
    ).alternatives
    assert money(whole.cost_usd, (1000 + 3000 * 1.25) * MTOK)
    assert money(cut.cost_usd, (1000 + 1500 * 1.25) * MTOK)
    # Of 2,000 read and 1,500 written, the 1,800 that go were read; 200 + 1,500 are over the minimum together
    _, both = log(
        [call(4000, 0, cached=2000, written=1500)], "openai/writes", cut=Cut(tokens=1800)
    ).alternatives
    assert money(both.cost_usd, (500 + 200 * 0.1 + 1500 * 1.25) * MTOK)
    _, gone = log([call(4000, 0, cached=0, written=3000)], "openai/writes", cut=Cut(tokens=2500)).alternatives
    assert money(gone.cost_usd, 1500 * MTOK)  # 500 are too few to be cached, so nothing is written


def test_what_the_log_says_of_its_own_model_is_believed_whatever_the_minimum(log):
    same, tiered = log([call(2000, 0, cached=512)], "same", "openai/tiered").alternatives
    assert money(same.cost_usd, (1488 * 2 + 512 * 0.5) * MTOK)
    assert money(same.difference.usd, 0.0)
    assert money(tiered.cost_usd, 2000 * MTOK)


def test_the_same_unsaid_writes_make_no_difference(log):
    found = log([call(2000, 0, cached=0, model="writes")], "same")
    assert money(found.alternatives[0].difference.usd, 0.0)
    assert any("up to $0.0005 more" in warning for warning in found.warnings)


def test_batch_takes_its_discount_for_its_share(log):
    [found] = log([call(1000, 100)], "same", batch=0.4).alternatives
    assert money(found.cost_usd, 0.0028 * (1 - 0.4 * 0.5))
    [none] = log([call(1000, 100)], "openai/cheap", batch=0.4, output_length=_exact()).alternatives
    assert money(none.cost_usd, 0.0014)
    assert "no batch price is listed: all calls at the standard price" in none.notes


def test_a_region_is_paid_where_it_is_listed_and_said_where_it_is_not(log):
    tiered, cheap = log([call(1000, 0)], "openai/tiered", "openai/cheap", region="eu").alternatives
    assert money(tiered.cost_usd, 0.0011)
    assert money(cheap.cost_usd, 0.001)
    assert any("region eu" in note for note in cheap.notes)


def test_a_shorter_prompt_takes_from_the_input_alone(log):
    whole, cut = log([call(3000, 100), call(500, 100)], "same", cut=Cut(tokens=1000)).alternatives
    assert money(whole.cost_usd, 0.007 + 0.0016)
    assert money(
        cut.cost_usd, (2000 + 500) * 2 * MTOK + 0.0016
    )  # the call of 500 tokens can not hold what is cut
    assert cut.notes[0].startswith("1 call shorter")
    _, share = log([call(3000, 100)], "same", cut=Cut(share=0.5)).alternatives
    assert money(share.cost_usd, 1500 * 2 * MTOK + 0.0008)


def test_what_is_cut_is_cut_from_the_cached_beginning(log):
    _, cut = log([call(4000, 0, cached=3000)], "same", cut=Cut(tokens=1500)).alternatives
    assert money(cut.cost_usd, (1000 * 2 + 1500 * 0.5) * MTOK)
    _, under = log([call(4000, 0, cached=3000)], "same", cut=Cut(tokens=2500)).alternatives
    assert money(under.cost_usd, 1500 * 2 * MTOK)  # 500 are left in the cache: under the minimum


def test_a_tuned_model_is_hosted_for_the_span_of_the_log(log):
    calls = [call(1000, 100, at=f"2026-11-0{day}T00:00:00Z") for day in (2, 3)]
    found = log(calls, tuned=("openai/now",))
    [tuned] = found.alternatives
    # tokens 2000 × 0.5/M + 200 × 2/M = 0.0014; 24 hours at $1
    assert money(tuned.cost_usd, 24.0014, 24.001 + 0.00028, 24.001 + 0.00056)
    assert tuned.parts_usd["hosting"] == 24
    assert tuned.hosting_usd_per_month == 730
    # a call costs 0.0028 as it was and 0.0007 tuned: 730 / 0.0021 calls cover a month of hosting
    assert tuned.covered_from.value == pytest.approx(730 / 0.0021)
    assert tuned.covered_from.low == pytest.approx(730 / (0.0028 - 0.00064))
    assert tuned.covered_from.high == pytest.approx(730 / (0.0028 - 0.00078))


def test_a_sampled_log_carries_its_share_of_the_hosting(log):
    calls = [call(1000, 100, at=f"2026-11-0{day}T00:00:00Z") for day in (2, 3)]
    [tuned] = log(calls, tuned=("openai/now",), sampling=0.1).alternatives
    assert tuned.parts_usd["hosting"] == pytest.approx(2.4)
    assert tuned.covered_from.value == pytest.approx(730 / 0.0021)


def test_hosting_without_times_is_not_zero(log):
    calls = [call(1000, 100)]
    del calls[0]["timestamp"]
    [tuned] = log(calls, tuned=("openai/now",)).alternatives
    assert tuned.cost_usd is None
    assert tuned.difference is None
    assert any("no times" in note for note in tuned.notes)


def days(n, **more):
    """Ten calls on each of n whole days, from ten minutes' end to ten minutes' end."""
    at = [f"2026-11-{d:02}T{h:02}:{m}:00Z" for d in range(2, 2 + n) for h, m in
          [(0, "00"), *((h, "30") for h in range(2, 18, 2)), (23, "59")]]  # fmt: skip
    return [call(1000, 100, at=when, **more) for when in at]


def test_a_month_follows_the_rule_of_the_profile(log):
    assert log(days(6), "openai/cheap").alternatives[0].per_month_usd is None
    found = log(days(8), "openai/cheap", tuned=("openai/now",))
    # 10 calls on every day: 3650/12 a month, without spread
    n = 3650 / 12
    assert found.calls_per_month["mean"] == pytest.approx(n)
    cheap, tuned = found.alternatives
    assert money(cheap.per_month_usd, 0.0014 * n, (0.001 + 0.00028) * n, (0.001 + 0.00056) * n)
    assert money(cheap.difference_per_month_usd, -0.0014 * n, -0.00152 * n, -0.00124 * n)
    assert money(tuned.per_month_usd, 730 + 0.0007 * n, 730 + 0.00064 * n, 730 + 0.00078 * n)
    assert found.baseline.per_month_usd.value == pytest.approx(0.0028 * n)


def test_failed_calls_are_in_the_month_and_cost_nothing_but_silent_ones_cost_the_mean(log):
    calls = days(8)
    for one in calls[1::10]:
        one["usage"] = None
        one["error"] = {"code": "rate_limit_exceeded"}
    for one in calls[2::10]:
        one["usage"]["completion_tokens"] = None
    found = log(calls, "same")
    assert found.not_priced == {"failed, without token counts": 8, "no output tokens": 8}
    assert found.priced_calls == 64
    assert found.alternatives[0].cost_usd.value == pytest.approx(64 * 0.0028)
    assert found.alternatives[0].per_month_usd.value == pytest.approx(0.0028 * 0.9 * 3650 / 12)
    assert any("no output tokens; not priced, not taken as free" in warning for warning in found.warnings)


def test_models_without_a_price_are_named_and_left_out_of_the_difference(log):
    found = log([call(1000, 100), call(5000, 100, model="house-model-x9")], "openai/cheap", "same")
    assert found.baseline.unknown == {"house-model-x9": 1}
    cheap, same = found.alternatives
    assert cheap.calls == 2
    assert (cheap.difference.calls, cheap.difference.baseline_usd) == (1, pytest.approx(0.0028))
    assert cheap.difference.usd.value == pytest.approx(0.0014 - 0.0028)
    assert same.calls == 1
    assert "1 call left out: no price is known for the model" in same.notes
    assert any("house-model-x9 (1 call)" in warning for warning in found.warnings)


def test_calls_over_the_context_are_counted(log):
    [found] = log([call(50_000, 1), call(50_001, 1)], "openai/cheap").alternatives
    assert found.notes == (
        "1 call longer than its context of 50,000 tokens: priced, but it could not answer",
    )


def test_reasoning_tokens_stand_inside_the_output(log):
    [found] = log([call(0, 1000, reasoning=600)], "same").alternatives
    assert money(found.cost_usd, 0.008)


def test_an_unknown_price_is_an_error_that_names_the_nearest(log):
    with pytest.raises(UnknownPriceError, match=r"gpt-4\.1-mini"):
        log([call(1, 1)], "openai/gpt-41-minni")
    with pytest.raises(UnknownPriceError, match="tuning price"):
        log([call(1, 1)], tuned=("openai/cheap",))
    with pytest.raises(EvidenceError, match="embeddings"):
        log([call(1, 1)], "openai/text-embedding-3-small")


def test_a_log_without_tokens_can_not_be_priced(log):
    with pytest.raises(EvidenceError, match="no output tokens: 1"):
        log([call(5, None)], "openai/cheap")


def test_without_hashes_a_cache_is_not_replayed(log):
    with pytest.raises(EvidenceError, match=r"no hashes[\s\S]*--cached 60%"):
        log([call(5, 5)], "openai/tiered", cached="replay")


def block_trace(path, rows):
    keys = ("timestamp", "input_length", "output_length", "hash_ids")
    path.write_text("".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows))
    return str(path)


def test_a_replay_reads_leading_blocks_while_they_live(tmp_path):
    minute = 60_000
    rows = [
        (0, 2048, 0, [1, 2, 3, 4]),
        (minute, 1600, 0, [1, 2, 3, 9]),  # 1,536 tokens lead that were there a minute ago
        (2 * minute, 1500, 0, [1, 2, 3]),  # all 3 blocks: 1,500 of 1,536
        (9 * minute, 2048, 0, [1, 2, 3, 4]),  # gone after 5 minutes
        (10 * minute, 2048, 0, [7, 2, 3, 4]),  # the first is new, so none leads
        (11 * minute, 600, 0, [1, 2]),  # 600 are in the cache, under the minimum
    ]
    [found] = priced([block_trace(tmp_path / "t.jsonl", rows)], "openai/tiered", cached="replay").alternatives
    read, total = 1536 + 1500, sum(row[1] for row in rows)
    assert money(found.cost_usd, (total - read) * MTOK + read * 0.1 * MTOK)


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 5000)), min_size=1, max_size=8))
def test_the_sum_is_the_sum_of_its_calls(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("log") / "calls.jsonl"
    found = priced(
        [str(write(path, [call(*pair) for pair in pairs]))], "openai/tiered", output_length=_exact()
    )
    by_hand = sum(i * (2 if i > 10_000 else 1) + o * (6 if i > 10_000 else 4) for i, o in pairs) * MTOK
    cost = found.alternatives[0].cost_usd
    assert cost is not None
    assert cost.value == pytest.approx(by_hand, rel=1e-12)


def test_the_mapping_is_strict_json_with_stable_keys(log):
    found = log(days(8), "openai/cheap", tuned=("openai/now",)).as_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert list(found) == [
        "breakeven_reprice", "calls", "priced_calls", "not_priced", "span_days", "calls_per_month", "prices_as_of",
        "level", "baseline", "alternatives", "assumptions", "warnings", "rejected", "files",
    ]  # fmt: skip
    assert list(found["alternatives"][0]) == [
        "name", "model", "kind", "shorter_prompt", "calls", "cost_usd", "per_1000_calls_usd", "per_month_usd",
        "parts_usd", "hosting_usd_per_month", "hosting_covered_from_calls_per_month", "difference", "notes",
        "price_source", "retires_on",
    ]  # fmt: skip


def test_calls_on_models_without_a_price_have_no_same(log):
    found = log([call(1000, 100, model="house-model-x9")], "same", "openai/cheap")
    same, cheap = found.alternatives
    assert (same.calls, same.cost_usd, same.per_1000_usd, same.difference) == (0, None, None, None)
    assert cheap.difference is None
    assert found.baseline.cost_usd is None


def test_windows_are_priced_by_their_sums(tmp_path):
    row = {
        "start_time": 1762041600, "model": "now", "num_model_requests": 4, "input_tokens": 30_000,
        "input_cached_tokens": 8_000, "output_tokens": 400,
    }  # fmt: skip
    found = priced([str(write(tmp_path / "w.jsonl", [row]))], "openai/tiered", output_length=_exact())
    # 7,500 tokens a call are under the tier, though 30,000 are not; 2,000 of them are cached
    assert found.priced_calls == 4
    assert money(found.alternatives[0].cost_usd, (22_000 + 8_000 * 0.1 + 400 * 4) * MTOK)
    assert any("windows of counts" in warning for warning in found.warnings)
