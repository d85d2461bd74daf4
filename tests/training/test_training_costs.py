"""What training costs at hosts that sell it by model and size, and on GPUs of one's own: every figure by hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.training.audit_file import read_audit, write_audit
from breakeven.evidence.training.checking import check_data
from breakeven.evidence.training.costs import Cost, HostCost, training_costs
from breakeven.evidence.training.reading import read_training
from breakeven.prices import load_book
from breakeven.report.data_text import data_text

TODAY = dt.date(2026, 11, 22)


def costs(host: str, tokens: int = 10_000_000, **wanted: Any) -> HostCost:
    asked = {"epochs": (2, 4), "runs": (3, 10), "on": TODAY, **wanted}
    [found] = training_costs(tokens, load_book(), (host,), **asked)
    return found


def by_method(host: HostCost) -> dict[str, Cost]:
    return {cost.variant: cost for cost in host.costs}


def test_fireworks_by_size() -> None:
    """10M tokens × 2 epochs × $0.50 = $10 a run, × 3 runs = $30; × 4 epochs = $20, × 10 runs = $200."""
    lora = by_method(costs("fireworks", model="Qwen3-8B"))["lora"]
    assert (lora.low_usd, lora.high_usd, lora.usd_per_mtok) == (30.0, 200.0, 0.50)
    assert (lora.seen, lora.date, lora.low_usd_per_mtok) == ("copy", "2026-10-08", None)


def test_together_spans_what_sources_say() -> None:
    """10M × 2 × $0.34 × 3 = $20.40, after the cut; 10M × 4 × $0.48 × 10 = $192, before it."""
    lora = by_method(costs("together", model="meta-llama/Llama-3.1-8B-Instruct"))["lora"]
    assert (lora.low_usd, lora.high_usd) == pytest.approx((20.4, 192.0))
    assert (lora.low_usd_per_mtok, lora.high_usd_per_mtok, lora.seen) == (0.34, 0.48, "secondary")


def test_a_job_costs_the_minimum_at_least_each_run_by_itself() -> None:
    """1,000 tokens are a fraction of a cent; Together bills $4 a run: $12 to $40. Fireworks' $3 is not sure."""
    together = by_method(costs("together", 1_000, model="Qwen3.5-9B"))["lora"]
    assert (together.low_usd, together.high_usd, together.minimum_usd) == (12.0, 40.0, 4.0)
    fireworks = by_method(costs("fireworks", 1_000, model="Qwen3.5-9B"))["lora"]
    assert (fireworks.low_usd, fireworks.high_usd) == pytest.approx((0.003, 30.0))
    assert fireworks.minimum_usd == 0.0


def test_a_price_that_others_tell_is_widened() -> None:
    """$10 for Gemini 3.5 Flash: $8 to $12.50. 10M × 2 × $8 × 3 = $480; 10M × 4 × $12.50 × 10 = $5,000."""
    [flash] = costs("vertex", model="gemini-3.5-flash").costs
    assert (flash.low_usd, flash.high_usd) == (480.0, 5_000.0)
    assert (flash.seen, flash.hosting_usd_per_hour) == ("secondary", 0.0)


def test_a_model_that_is_gone_is_not_priced() -> None:
    assert costs("vertex", model="gemini-2.5-flash").costs == ()
    assert costs("vertex", model="gemini-2.5-flash", on=dt.date(2026, 10, 1)).low_usd is not None


def test_pairs_are_sold_at_their_own_price() -> None:
    """Fireworks, up to 16B: $1.00 instead of $0.50."""
    answers = by_method(costs("fireworks", model="Qwen3-8B"))["lora"]
    pairs = by_method(costs("fireworks", model="Qwen3-8B", pairs=True))["lora"]
    assert pairs.low_usd == 2 * answers.low_usd


def test_a_model_of_another_host_is_not_priced() -> None:
    assert costs("fireworks", model="together_ai/Qwen/Qwen3.5-9B").costs == ()
    assert costs("together", model="together_ai/Qwen/Qwen3.5-9B").costs
    assert costs("together", model="Qwen/Qwen3.5-9B").costs


@pytest.mark.parametrize("host", ["together", "fireworks"])
def test_a_name_without_a_size_has_no_price(host: str) -> None:
    found = costs(host, model="DeepSeek-V3.1")
    assert (found.costs, found.note) == ((), "sold by size, which DeepSeek-V3.1 does not tell")


# ------------------------------------------------------------------------------------------------ GPUs of one's own


def test_gpus_of_ones_own_by_hand() -> None:
    """Packed LoRA of 70B: fastest 2,621 tokens/s on an H100 at $2.69, slowest 195 on an A100 at $3.67 or 408 on an H100
    at $12.29. $2.69 ÷ 3,600 ÷ 2,621 × 1e6 = $0.2851; $12.29 ÷ 3,600 ÷ 408 × 1e6 = $8.367 (A100: $5.228)."""
    large = next(c for c in costs("trl", model="Llama-3.3-70B").costs if c.base == "trl/70B, rows packed"
                 and c.variant == "lora")  # fmt: skip
    assert (
        large.low_usd_per_mtok == pytest.approx(2.69 / 3_600 / 2_621 * 1e6) == pytest.approx(0.2851, abs=1e-4)
    )
    assert (
        large.high_usd_per_mtok == pytest.approx(12.29 / 3_600 / 408 * 1e6) == pytest.approx(8.367, abs=1e-3)
    )
    assert large.low_usd == pytest.approx(0.2851 * 20 * 3, rel=1e-3)
    assert large.seen == "measured"


def test_a_size_between_is_extrapolated_and_one_far_off_has_no_price() -> None:
    """20B: Llama 2 13B on the H100, 14,760 tokens/s × 13/20."""
    middle = {(c.base, c.variant): c for c in costs("trl", model="some-20b").costs}[
        "trl/20B, rows packed", "lora"
    ]
    assert middle.seen == "extrapolated"
    assert middle.low_usd_per_mtok == pytest.approx(2.69 / 3_600 / (14_760 * 13 / 20) * 1e6)
    far = costs("trl", model="some-700b")
    assert far.costs == ()
    assert "700B" in far.note


def test_packing_is_what_matters_most() -> None:
    found = {(c.base, c.variant): c for c in costs("trl", model="Qwen3-8B").costs}
    packed, loose = found["trl/8B, rows packed", "lora"], found["trl/8B, rows unpacked", "lora"]
    assert packed.high_usd_per_mtok is not None
    assert loose.low_usd_per_mtok is not None
    assert packed.high_usd_per_mtok < loose.low_usd_per_mtok


@given(tokens=st.integers(0, 10**9), host=st.sampled_from(["vertex", "together", "fireworks", "trl"]))
def test_a_cost_is_a_range_and_more_tokens_never_cost_less(tokens: int, host: str) -> None:
    few, more = costs(host, tokens), costs(host, 2 * tokens)
    for a, b in zip(few.costs, sorted(more.costs, key=lambda c: few.costs.index(_same(few, c))), strict=True):
        assert 0 <= a.low_usd <= a.high_usd
        assert a.low_usd <= b.low_usd
        assert a.high_usd <= b.high_usd


def _same(host: HostCost, cost: Cost) -> Cost:
    return next(one for one in host.costs if (one.base, one.variant) == (cost.base, cost.variant))


# ------------------------------------------------------------------------------------------------- on the page


def _audit(tmp_path: Path, **wanted: Any) -> Any:
    path = tmp_path / "train.jsonl"
    rows = [{"messages": [{"role": "user", "content": f"Q {k}"}, {"role": "assistant", "content": "A"}]}
            for k in range(30)]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return check_data(read_training([path]), book=load_book(), on=TODAY, checks=(), **wanted)


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_says_where_prices_are_from(tmp_path: Path, width: int) -> None:
    page = data_text(_audit(tmp_path), width=width)
    assert all(len(line) <= width for line in page.splitlines())
    said = " ".join(page.split())
    assert "Prices of openai 2026-08-05 (a copy of its page); azure 2026-08-11; vertex" in said
    assert "Serving it then: openai by the token alone; azure $0.30..$1.70 an hour;" in said
    assert "together, fireworks, trl GPUs by the hour." in said
    assert "no price" not in page
    one = " ".join(data_text(_audit(tmp_path, hosts=("fireworks",), model="Qwen3-8B"), width=width).split())
    assert "Price: quoted, Fireworks AI price page (fireworks.ai/pricing)" in one


def test_costs_are_kept_in_the_file_of_the_audit(tmp_path: Path) -> None:
    audit = _audit(tmp_path)
    again = read_audit(write_audit(tmp_path, audit))
    assert again.costs == audit.costs
    old = json.loads((tmp_path / "data.json").read_text())
    for host in old["costs"]:
        host["models"] = [
            {name: one[name] for name in ("base", "variant", "usd_per_mtok", "low_usd", "high_usd", "source")}
            for one in host["models"]
        ]
    (tmp_path / "data.json").write_text(json.dumps(old))
    assert [one.low_usd for one in read_audit(tmp_path).costs] == [one.low_usd for one in audit.costs]
