"""The YAML tables: their figures, each with its source and day, and what is said of a malformed row."""

from __future__ import annotations

import datetime as dt

import pytest

from breakeven.errors import InputError
from breakeven.prices import load_book, price_steps
from breakeven.prices.tables import (
    cache_rules,
    gpu_offers,
    lifetimes,
    read_table,
    read_tuning,
    retirements,
    throughputs,
    tuning_offers,
)

# Azure's global tier on 2026-08-11, from its retail meters: training, developer training, input, cached, output,
# hosting.
AZURE = {
    "azure/gpt-4.1": (25, 12.5, 2, 0.5, 8, 1.70),
    "azure/gpt-4.1-mini": (5, 2.5, 0.4, 0.1, 1.6, 1.70),
    "azure/gpt-4.1-nano": (1.5, 0.75, 0.1, 0.025, 0.4, 1.70),
    "azure/gpt-4o-2024-08-06": (25, 12.5, 2.5, 1.25, 10, 1.70),
    "azure/gpt-4o-mini": (3, 1.5, 0.15, 0.075, 0.6, 1.70),
}
# OpenAI's tuned models: input, cached, output, batch input.
OPENAI = {
    "openai/gpt-4.1": (3, 0.75, 12, 1.5),
    "openai/gpt-4.1-mini": (0.8, 0.2, 3.2, 0.4),
    "openai/gpt-4.1-nano": (0.2, 0.05, 0.8, 0.1),
    "openai/gpt-4o-2024-08-06": (3.75, 1.875, 15, 2.225),
    "openai/gpt-4o-mini": (0.3, 0.15, 1.2, 0.15),
    "openai/o4-mini": (4, 1, 16, 2),
}


@pytest.mark.parametrize("base", AZURE)
def test_azure_tuning(base):
    training, developer, price_in, cached, price_out, hosting = AZURE[base]
    book = load_book()
    offer, cheap = book.tuning(base), book.tuning(base, variant="developer")
    assert (offer.training_usd_per_mtok, cheap.training_usd_per_mtok) == (training, developer)
    for each in (offer, cheap):
        tuned = each.inference
        assert tuned.key == f"{base}:tuned"
        assert (tuned.input_usd_per_mtok, tuned.cached_usd_per_mtok, tuned.output_usd_per_mtok) == (
            price_in,
            cached,
            price_out,
        )
        assert each.hosting_usd_per_hour == hosting
        assert each.source.date == dt.date(2026, 8, 11)
    # A tuned model on Azure costs the same for a token as its base; only hosting comes on top.
    untuned = book.model(base)
    assert untuned.input_usd_per_mtok == price_in
    assert untuned.output_usd_per_mtok == price_out


def test_azure_reinforcement_tuning_is_sold_by_the_hour():
    offer = load_book().tuning("azure/o4-mini")
    assert (offer.method, offer.training_usd_per_mtok, offer.training_usd_per_hour) == ("rft", None, 100)
    assert load_book().tuning("azure/o4-mini", variant="developer").training_usd_per_hour == 50
    tuned = offer.inference
    assert (tuned.input_usd_per_mtok, tuned.cached_usd_per_mtok, tuned.output_usd_per_mtok) == (
        1.1,
        0.275,
        4.4,
    )
    assert offer.hosting_usd_per_hour == 1.70


@pytest.mark.parametrize(
    ("base", "hosting"),
    [
        ("azure_ai/gpt-oss-20b", 0.30),
        ("azure_ai/Llama-3.3-70B-Instruct", 0.30),
        ("azure_ai/ministral-3b", 0.65),
    ],
)
def test_azure_hosting_of_open_models(base, hosting):
    assert load_book().tuning(base).hosting_usd_per_hour == hosting


@pytest.mark.parametrize("base", OPENAI)
def test_openai_tuned_inference_and_its_end(base):
    offer = load_book().tuning(base)
    tuned = offer.inference
    assert (
        tuned.input_usd_per_mtok,
        tuned.cached_usd_per_mtok,
        tuned.output_usd_per_mtok,
        tuned.batch_input_usd_per_mtok,
    ) == OPENAI[base]
    assert offer.hosting_usd_per_hour == 0.0
    assert offer.retires_on is not None
    assert offer.retires_on <= dt.date(2027, 1, 14)
    assert offer.train_until is not None
    assert offer.train_until <= dt.date(2027, 1, 6)


@pytest.mark.parametrize("base", ["openai/gpt-4.1-mini", "openai/gpt-4o-mini"])
def test_the_dates_of_openais_end(base):
    offer = load_book().tuning(base)
    assert (offer.train_until, offer.retires_on) == (dt.date(2027, 1, 6), dt.date(2027, 1, 14))
    assert "2026-05-07" in str(offer.note)
    assert "2026-07-02" in str(offer.note)


def test_nano_has_ended_already():
    assert load_book().tuning("openai/gpt-4.1-nano").retires_on == dt.date(2026, 10, 23)


@pytest.mark.parametrize(
    ("base", "training"),
    [
        ("openai/gpt-4.1", 25.00),
        ("openai/gpt-4.1-mini", 5.00),
        ("openai/gpt-4.1-nano", 1.50),
        ("openai/gpt-4o-2024-08-06", 25.00),
        ("openai/gpt-4o-mini", 3.00),
    ],
)
def test_openai_training_prices_are_those_of_its_price_page(base, training):
    offer = load_book().tuning(base)
    assert offer.training_usd_per_mtok == training
    assert (offer.seen, offer.source.kind, offer.source.date) == ("copy", "quoted", dt.date(2026, 8, 5))
    assert offer.source.reference.startswith("OpenAI price page")
    assert offer.inference.source.kind == "quoted"
    assert offer.min_examples == 10


def test_reinforcement_tuning_at_openai_is_sold_by_the_hour():
    assert load_book().tuning("openai/o4-mini").training_usd_per_hour == 100


def test_openais_tuned_prices_are_those_of_the_price_list():
    book = load_book()
    for base, listed in {
        "openai/gpt-4.1": "openai/ft:gpt-4.1-2025-04-14",
        "openai/gpt-4.1-mini": "openai/ft:gpt-4.1-mini-2025-04-14",
        "openai/gpt-4.1-nano": "openai/ft:gpt-4.1-nano-2025-04-14",
        "openai/gpt-4o-2024-08-06": "openai/ft:gpt-4o-2024-08-06",
        "openai/gpt-4o-mini": "openai/ft:gpt-4o-mini-2024-07-18",
        "openai/o4-mini": "openai/ft:o4-mini-2025-04-16",
    }.items():
        tuned, price = book.tuning(base).inference, book.model(listed)
        for name in ("input", "output", "cached", "batch_input", "batch_output"):
            assert getattr(tuned, f"{name}_usd_per_mtok") == getattr(price, f"{name}_usd_per_mtok"), (
                base,
                name,
            )
        assert tuned.retires_on == price.retires_on


def test_other_names_of_a_base_have_the_same_offer():
    book = load_book()
    one, other = book.tuning("azure/gpt-4.1-mini"), book.tuning("azure/gpt-4.1-mini-2025-04-14")
    assert one.training_usd_per_mtok == other.training_usd_per_mtok
    assert other.inference.key == "azure/gpt-4.1-mini-2025-04-14:tuned"


@pytest.mark.parametrize(
    ("key", "usd_per_hour"),
    [
        ("runpod/h100-80gb-community", 2.69),
        ("runpod/h100-80gb-secure", 3.99),
        ("nebius/h100-80gb", 3.85),
        ("lambda/h100-80gb", 4.29),
        ("aws/h100-80gb", 6.88),
        ("azure/h100-80gb", 12.29),
        ("gcp/h100-80gb", 10.98),
        ("runpod/a100-80gb", 1.79),
        ("aws/a100-80gb", 3.43),
        ("azure/a100-80gb", 3.67),
        ("fireworks_ai/h100-80gb", 8.00),
        ("together_ai/h100-80gb", 6.49),
    ],
)
def test_gpu_hours(key, usd_per_hour):
    assert load_book().gpu(key).usd_per_hour == usd_per_hour


def test_throughput_of_qwen3_8b_on_one_h100():
    made = load_book().throughput("qwen3-8b", "runpod/h100-80gb-secure", precision="fp8")
    assert {(t.tokens_in, t.tokens_out): t.rps for t in made} == {
        (1024, 128): 32.3,
        (128, 1024): 14.75,
        (2048, 2048): 1.78,
        (8192, 512): 1.54,
        (128, 128): 129,
    }
    (bf16,) = load_book().throughput("qwen3-8b", "h100-80gb", precision="bf16")
    assert bf16.rps == 23.6
    assert "2 s" in bf16.slo


@pytest.mark.parametrize(
    ("provider", "tokens", "write", "ttl"),
    [
        ("openai", 1024, None, 5),
        ("azure", 1024, None, 5),
        ("anthropic", 1024, 1.25, 5),
        ("bedrock", 1024, None, 5),
        ("gemini", 4096, None, None),
        ("deepseek", 64, None, None),
        ("groq", 1024, None, 120),
    ],
)
def test_cache_rules(provider, tokens, write, ttl):
    rules = load_book().cache_rules(provider)
    assert (rules.min_prefix_tokens, rules.write_multiplier, rules.ttl_minutes) == (tokens, write, ttl)


def test_a_models_own_cache_minimum_comes_before_its_hosts():
    book = load_book()
    haiku = book.cache_rules("anthropic/claude-haiku-4-5")
    assert haiku.min_prefix_tokens == book.model("anthropic/claude-haiku-4-5").cache_min_tokens == 4096
    assert haiku.write_multiplier == 1.25
    assert book.cache_rules("openai/gpt-4.1-mini").min_prefix_tokens == 1024


def test_every_claude_on_bedrock_that_caches_bills_writes_by_itself():
    claude = [
        price for price in load_book().models() if price.provider == "bedrock" and "claude" in price.key
    ]
    caching = [price for price in claude if price.cached_usd_per_mtok is not None]
    assert len(caching) > 100
    assert all(price.cache_write_usd_per_mtok for price in caching)


def test_lifetimes_and_steps():
    lived = lifetimes()
    assert (lived.median_months, lived.longest_under_months) == (18.3, 36)
    steps = price_steps()
    assert (steps.changes, steps.up, steps.down, steps.sku_years) == (70, 39, 31, 382)
    assert steps.up_per_year == pytest.approx(39 / 382)
    assert steps.down_per_year == pytest.approx(31 / 382)
    for data_set in ("genai-prices", "model-prices"):
        sizes = price_steps(data_set)
        assert 1 < sizes.sizes_up.p10 <= sizes.sizes_up.median <= sizes.sizes_up.p90
        assert 0 < sizes.sizes_down.p10 <= sizes.sizes_down.median <= sizes.sizes_down.p90 < 1
    with pytest.raises(InputError, match="there are: genai-prices, model-prices"):
        price_steps("elsewhere")


def test_names_that_point_to_a_dated_model_retire_with_it():
    book = load_book()
    for alias, dated in {
        "openai/gpt-4.1-mini": "openai/gpt-4.1-mini-2025-04-14",
        "openai/gpt-4o-mini": "openai/gpt-4o-mini-2024-07-18",
        "openai/gpt-4.1": "openai/gpt-4.1-2025-04-14",
        "openai/gpt-4o": "openai/gpt-4o-2024-08-06",
    }.items():
        assert book.model(alias).retires_on == book.model(dated).retires_on == retirements()[alias].on


def test_every_row_says_where_it_comes_from_and_when():
    sources = [offer.source for offer in tuning_offers()]
    sources += [offer.inference.source for offer in tuning_offers()]
    sources += [offer.source for offer in gpu_offers()]
    sources += [made.source for made in throughputs()]
    sources += [rules.source for rules in cache_rules()]
    sources += [retirement.source for retirement in retirements().values()]
    sources += [lifetimes().source, price_steps().source, price_steps().sizes_source]
    assert len(sources) > 100
    for source in sources:
        assert source.reference.strip()
        assert source.date is not None
        assert dt.date(2024, 1, 1) <= source.date <= dt.date(2026, 12, 31)


def test_no_offer_is_free_by_accident():
    for offer in tuning_offers():
        assert (offer.training_usd_per_mtok is None) != (offer.training_usd_per_hour is None)
        assert offer.inference.input_usd_per_mtok > 0
        assert offer.inference.output_usd_per_mtok > 0
        if offer.hosting_usd_per_hour == 0:
            assert "Hosting is not billed" in str(offer.note) or "Over." in str(offer.note)


# ---------------------------------------------------------------------------------------------- malformed tables

TUNING = """\
sources:
  list: {kind: quoted, reference: a price list, date: 2026-11-01}
rows:
  - base: azure/gpt-4.1-mini
    method: sft
    training_usd_per_mtok: 5
    input_usd_per_mtok: 0.4
    output_usd_per_mtok: 1.6
    hosting_usd_per_hour: 1.70
    source: list
"""


def test_the_model_table_is_read():
    (offer,) = read_tuning(read_table(TUNING, "tuning.yaml"))
    assert offer.training_usd_per_mtok == 5
    assert offer.inference.cached_usd_per_mtok is None
    assert offer.train_until is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("training_usd_per_mtok: 5", "training_usd_per_mtok: 0", "expected a number above 0, read 0"),
        ("training_usd_per_mtok: 5", "training_usd_per_mtok: free", "expected a number above 0, read 'free'"),
        ("training_usd_per_mtok: 5", "min_examples: 10", "exactly one of training_usd_per_mtok"),
        ("    method: sft", "    method: sft\n    training_usd_per_hour: 100", "exactly one of"),
        ("hosting_usd_per_hour", "hosting_usd_per_hours", "Did you mean 'hosting_usd_per_hour'?"),
        ("    hosting_usd_per_hour: 1.70\n", "", "hosting_usd_per_hour: is missing"),
        ("    output_usd_per_mtok: 1.6\n", "", "output_usd_per_mtok: is missing"),
        ("source: list", "source: lits", "'lits' is not among the file's sources"),
        ("    source: list\n", "", "the row names no source"),
        ("date: 2026-11-01", "date: soon", "expected a date such as 2027-01-14, read 'soon'"),
        (", date: 2026-11-01", "", "a source needs the day it was read"),
        ("kind: quoted", "kind: rumour", "unknown kind 'rumour'"),
        ("azure/gpt-4.1-mini", "gpt-4.1-mini", "expected provider/model"),
        ("    method: sft", "    method: sft\n    cached_usd_per_mtok: 0.5", "costs more than input"),
        ("    method: sft", "    method: sft\n    also: [azure/gpt-4.1-mini]", "offered a second time"),
        ("    method: sft", "    method: sft\n    min_examples: 9.5", "expected a whole number"),
        ("rows:\n", "rows:\n  - 5\n", "expected fields with values, read 5"),
    ],
)
def test_a_malformed_row_is_refused_with_its_place(old, new, message):
    text = TUNING.replace(old, new)
    assert text != TUNING
    with pytest.raises(InputError, match=r"tuning\.yaml:\d+") as caught:
        read_tuning(read_table(text, "tuning.yaml"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"), [("rows: []", "has no `sources`"), ("a: [", "is not YAML"), ("", "no `sources`")]
)
def test_a_file_that_is_no_table(text, message):
    with pytest.raises(InputError, match=message):
        read_table(text, "tuning.yaml")
