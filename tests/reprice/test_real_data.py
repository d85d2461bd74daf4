"""Public logs, repriced: equal to plain sums over their columns at list prices."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.prices import load_book
from tests.reprice.logs import priced


def of(path, *models, **terms):
    return priced([str(path)], *models, prices=load_book(), **terms)


def test_tensorzero_on_its_own_models_costs_what_its_publisher_counts(real_data):
    found = of(real_data("tensorzero_haiku_log_a"), "same", "openai/gpt-4o-mini")
    same, small = found.alternatives
    assert {name: round(usd, 6) for name, (_, usd) in found.baseline.models.items()} == {
        "openai::gpt-4o-2024-08-06": 0.820855, "openai::gpt-4o-mini-2024-07-18": 0.032453,
    }  # fmt: skip
    assert found.baseline.cost_usd == pytest.approx(0.820855 + 0.0324528, abs=1e-12)
    assert (same.cost_usd.value, same.cost_usd.low, same.cost_usd.high) == (
        pytest.approx(found.baseline.cost_usd),
    ) * 3
    # The judge's calls on gpt-4o-mini: 92,198 in at 0.15, 59,036 out at 0.60, whose length is open; the writer's stay,
    # but for their name in the book, which has no date.
    value = 0.0324528 + (92_198 * 0.15 + 59_036 * 0.6) / 1e6
    assert small.cost_usd.value == pytest.approx(value)
    assert small.cost_usd.low < small.cost_usd.value - 0.3 * 59_036 * 0.6 / 1e6 + 1e-12
    assert found.calls_per_month is None


def test_azure_trace_at_list_prices(real_data):
    found = of(real_data("azure_llm_2023_conv"), "openai/gpt-4.1-mini", tuned=("azure/gpt-4.1-mini",))
    mini, tuned = found.alternatives
    price = load_book().model("openai/gpt-4.1-mini")
    given, out = 22_361_870 * price.input_usd_per_mtok / 1e6, 4_088_665 * price.output_usd_per_mtok / 1e6
    assert mini.cost_usd.value == pytest.approx(given + out, rel=1e-12)
    assert mini.cost_usd.low == pytest.approx(given + 0.7 * out, rel=1e-12)
    assert mini.cost_usd.high == pytest.approx(given + 1.4 * out, rel=1e-12)
    assert tuned.parts_usd["hosting"] == pytest.approx(1.7 * 3501.7 / 3600, rel=1e-4)
    assert found.baseline.cost_usd is None
    assert mini.difference is None
    assert mini.per_month_usd is None
    assert any("58.4 minutes" in warning for warning in found.warnings)
    assert any("nothing to compare with" in warning for warning in found.warnings)


def test_mooncake_cache_replayed_equals_a_plain_replay(real_data):
    folder = real_data("mooncake_conversation")
    with (folder / "conversation_trace.jsonl").open() as file:
        calls = [json.loads(line) for line in file]
    calls.sort(key=lambda c: (c["timestamp"], c["input_length"], c["output_length"]))
    book = load_book()
    names = ("openai/gpt-4.1-mini", "gemini/gemini-2.5-flash")
    found = of(folder, *names, cached="replay")
    for name, alternative in zip(names, found.alternatives, strict=True):
        rules, price = book.cache_rules(name), book.model(name)
        read = _read(calls, rules.ttl_minutes, rules.min_prefix_tokens)
        cached = read * price.cached_usd_per_mtok / 1e6
        assert alternative.parts_usd["cached"] == pytest.approx(cached, rel=1e-9)
        fresh = (144_793_823 - read) * price.input_usd_per_mtok / 1e6
        assert alternative.parts_usd["input"] == pytest.approx(fresh, rel=1e-9)
        assert alternative.parts_usd["output"] == pytest.approx(4_122_048 * price.output_usd_per_mtok / 1e6)


def _read(calls, ttl_minutes, least):
    """Cached tokens, call after call, in a dictionary of when each block was last used."""
    used: dict[int, int] = {}
    total = 0
    for one in calls:
        now, leading, going = one["timestamp"], 0, True
        for block in one["hash_ids"]:
            # whole seconds, as the log's times are compared
            fresh = block not in used or (
                ttl_minutes is not None and now // 1000 - used[block] // 1000 > 60 * ttl_minutes
            )
            going = going and not fresh
            leading += going
            used[block] = now
        held = min(leading * 512, one["input_length"])
        total += held if held >= least else 0
    return total
