"""What training costs by the token at hosts that sell it by model or size, each figure by hand from its source."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError, UnknownPriceError
from breakeven.prices import TrainingRate, load_book
from breakeven.prices.names import billions_in
from breakeven.prices.tables import read_table
from breakeven.prices.training import read_rates, read_speeds

# Together AI's blog of 2026-09-11: new prices of LoRA, answers and pairs.
TOGETHER = {
    "together_ai/Qwen/Qwen3.5-9B": (0.34, 0.84),
    "together_ai/Qwen/Qwen3.8-27B": (1.05, 2.62),
    "together_ai/google/gemma-4-31B-it": (1.05, 2.62),
    "together_ai/openai/gpt-oss-120b": (2.50, 6.25),
    "together_ai/openai/gpt-oss-20b": (0.40, 1.00),
}
# Fireworks AI's price page, copied 2026-10-08: LoRA and full, answers and pairs, by billions of parameters.
FIREWORKS = {
    "fireworks_ai/accounts/fireworks/models/qwen3-8b": (0.50, 1.00, 1.00, 2.00),
    "fireworks_ai/accounts/fireworks/models/starcoder-16b": (0.50, 1.00, 1.00, 2.00),
    "fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct": (3.00, 6.00, 6.00, 12.00),
    "fireworks_ai/gpt-oss-120b": (6.00, 12.00, 12.00, 24.00),
    "fireworks_ai/accounts/fireworks/models/qwen3-coder-480b-a35b-instruct": (10.00, 20.00, 20.00, 40.00),
}
# Readings of Google Cloud's price page of 2026-09-02 and 2026-09-28, and what its tuned models cost over their base.
GEMINI = {
    "vertex_ai/gemini-3.5-flash": (10.00, 1.5),
    "vertex_ai/gemini-3.1-flash-lite": (3.00, 1.5),
    "vertex_ai/gemini-2.5-pro": (25.00, 1.0),
    "vertex_ai/gemini-2.5-flash": (5.00, 1.0),
    "vertex_ai/gemini-2.5-flash-lite": (1.50, 1.0),
}


def one(base: str, method: str, objective: str = "sft") -> TrainingRate:
    return next(
        rate for rate in load_book().training_rates(base, objective=objective) if rate.method == method
    )


@pytest.mark.parametrize("base", TOGETHER)
def test_together_by_model(base):
    answers, pairs = TOGETHER[base]
    for objective, price in (("sft", answers), ("dpo", pairs)):
        rate = one(base, "lora", objective)
        assert (rate.low_usd_per_mtok, rate.usd_per_mtok, rate.high_usd_per_mtok) == (price, price, price)
        assert (rate.minimum_usd, rate.seen, rate.source.date) == (4, "primary", dt.date(2026, 9, 11))


def test_together_by_size_spans_the_price_before_its_cut_and_after():
    small = one("together_ai/meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", "lora")
    assert (small.low_usd_per_mtok, small.high_usd_per_mtok) == (0.34, 0.48)
    large = one("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo", "lora", "dpo")
    assert (large.low_usd_per_mtok, large.high_usd_per_mtok) == pytest.approx((0.7 * 7.25, 7.25), abs=0.01)
    assert small.seen == large.seen == "secondary"


@pytest.mark.parametrize("base", FIREWORKS)
def test_fireworks_by_size(base):
    found = tuple(one(base, method, objective).usd_per_mtok
                  for method in ("lora", "full") for objective in ("sft", "dpo"))  # fmt: skip
    assert found == FIREWORKS[base]
    assert (one(base, "lora").seen, one(base, "lora").source.date) == ("copy", dt.date(2026, 10, 8))


@pytest.mark.parametrize("base", GEMINI)
def test_gemini_is_an_offer_at_the_bases_own_price_per_call(base):
    training, factor = GEMINI[base]
    book = load_book()
    offer, untuned = book.tuning(base), book.model(base)
    assert offer.training_usd_per_mtok == training
    # Told by others only: between ÷ 1.25 and × 1.25.
    assert offer.training_range == (training / 1.25, training * 1.25)
    assert offer.seen == "secondary"
    assert offer.inference.key == f"{base}:tuned"
    assert offer.inference.input_usd_per_mtok == untuned.input_usd_per_mtok * factor
    assert offer.inference.output_usd_per_mtok == untuned.output_usd_per_mtok * factor
    assert untuned.cached_usd_per_mtok is not None
    assert offer.inference.cached_usd_per_mtok == pytest.approx(untuned.cached_usd_per_mtok * factor)
    assert (offer.hosting_usd_per_hour, offer.retires_on) == (0.0, untuned.retires_on)
    assert offer.min_examples == 20


def test_a_dear_context_stays_dear_when_tuned():
    tuned = load_book().tuning("vertex_ai/gemini-2.5-pro").inference
    assert tuned.tiers == load_book().model("vertex_ai/gemini-2.5-pro").tiers != ()


def test_what_has_no_size_in_its_name_has_no_price():
    book = load_book()
    for base in (
        "together_ai/deepseek-ai/DeepSeek-V3",
        "together_ai/meta-llama/Llama-4-Scout-17B-16E-Instruct",
    ):
        assert book.training_rates(base) == ()
    with pytest.raises(UnknownPriceError):
        book.tuning("together_ai/Qwen/Qwen3.5-9B")  # training has a price; a call to the tuned model has none


def test_a_short_name_of_a_host_is_its_provider():
    book = load_book()
    assert book.training_rates("together/Qwen3-8B") == book.training_rates("together_ai/Qwen3-8B") != ()


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("Qwen3-30B-A3B-Instruct", 30),
        ("qwen2p5-0p5b-instruct", 0.5),
        ("llama-v3p1-8b", 8),
        ("Mixtral-8x7B-Instruct-v0.1", 56),
        ("Qwen3.8-2.4T-A95B", 2_400),
        ("Qwen3.5-397B-A17B", 397),
        ("gpt-oss-120b", 120),
        ("Llama-4-Maverick-17B-128E-Instruct", None),
        ("DeepSeek-V3.1", None),
        ("gpt-4.1-mini", None),
        ("bge-base-en-v1.5", None),
    ],
)
def test_the_size_in_a_name(name, billions):
    assert billions_in(name) == billions


@given(st.floats(0.1, 2_000).map(lambda size: round(size, 1)))
def test_every_size_has_one_price_a_method_and_a_larger_model_never_a_lower_one(size):
    def price(billions: float) -> float:
        rates = load_book().training_rates(f"fireworks_ai/some-{billions:g}b")
        assert sorted(rate.method for rate in rates) == ["full", "lora"]
        return one(f"fireworks_ai/some-{billions:g}b", "lora").usd_per_mtok

    assert price(size) <= price(size * 2)


def test_each_rate_says_where_it_is_from():
    book = load_book()
    for rate in (*book.training_rates(), *book.training_rates(objective="dpo")):
        assert rate.low_usd_per_mtok <= rate.usd_per_mtok <= rate.high_usd_per_mtok
        assert rate.source.date is not None
        if rate.seen == "secondary":
            assert rate.low_usd_per_mtok < rate.high_usd_per_mtok, rate


SOURCES = "sources: {list: {kind: quoted, reference: a list, date: 2026-11-20}}\nrows:\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{host: h, up_to_b: 16, seen: copy, source: list}", "has no price"),
        ("{host: h, up_to_b: 16, lora_sft: 1, seen: rumour, source: list}", "unknown value 'rumour'"),
        ("{host: h, up_to_b: 16, lora_sft: [2, 1, 3], seen: copy, source: list}", "expected [low, price, high]"),
        ("{host: h, up_to_b: 16, lora_sft: 0, seen: copy, source: list}", "expected a number above 0"),
        ("{host: h, lora_sft: 1, seen: copy, source: list}", "needs either models or a size"),
        ("{host: h, up_to_b: 16, lora_stf: 1, seen: copy, source: list}", "no field is called 'lora_stf'"),
    ],
)  # fmt: skip
def test_a_malformed_row_is_an_error_with_its_place(row, said):
    with pytest.raises(InputError, match=r"rates\.yaml:3") as caught:
        read_rates(read_table(f"{SOURCES}  - {row}\n", "rates.yaml"))
    assert said in str(caught.value)


def test_the_same_price_twice_is_an_error():
    row = "  - {host: h, up_to_b: 16, lora_sft: 1, seen: copy, source: list}\n"
    with pytest.raises(InputError, match="stands here a second time"):
        read_rates(read_table(SOURCES + row + row, "rates.yaml"))


def test_speeds_as_measured():
    speeds = {(s.model, s.gpu, s.method, s.rows): s.tokens_per_s for s in load_book().training_speeds()}
    assert speeds["Llama 2 7B", "h100-80gb", "lora", "packed"] == 25_206
    # Two sequences of 8,192 tokens in 6.4 seconds.
    assert speeds["Llama 3.1 8B", "h100-80gb", "lora", "packed"] == pytest.approx(2 * 8_192 / 6.4)
    assert speeds["Qwen3.5-9B", "a100-80gb", "lora", "unpacked"] == 124.4


def test_a_speed_of_unknown_kind_is_an_error():
    row = "  - {model: m, billions: 7, gpu: h100-80gb, method: lora, rows: loose, tokens_per_s: 9, source: list}\n"
    with pytest.raises(InputError, match=r"speed\.yaml:3"):
        read_speeds(read_table(SOURCES + row, "speed.yaml"))
