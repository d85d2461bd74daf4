"""The price book: looking up, stating prices of one's own, and the figures it must give."""

from __future__ import annotations

import datetime as dt
import gzip
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

import breakeven.prices
from breakeven.errors import InputError, UnknownPriceError
from breakeven.prices import ModelPrice, current_book, load_book, user_book_path
from breakeven.prices.snapshot import read_snapshot, write_snapshot
from breakeven.sources import Source

HOURS_PER_MONTH = 730


def usd_per_1000_calls(
    price: ModelPrice, *, tokens_in: int, tokens_out: int, cached_share: float = 0.0
) -> float:
    """1,000 calls × tokens × $/M tokens: the thousand and the million leave a factor of 1/1,000."""
    cached = price.cached_usd_per_mtok
    assert cached is not None
    paid = tokens_in * ((1 - cached_share) * price.input_usd_per_mtok + cached_share * cached)
    return (paid + tokens_out * price.output_usd_per_mtok) / 1000


def test_caching_flips_the_answer():
    # 2,500 tokens of prompt (80% cached) against 400 tokens to a tuned model, 200 tokens out, for 1,000 calls:
    #   4.1-mini, uncached   (2500·0.40 + 200·1.60)/1000              = 1.00 + 0.32        = $1.32
    #   4.1-mini, cached     (500·0.40 + 2000·0.10 + 200·1.60)/1000   = 0.20 + 0.20 + 0.32 = $0.72
    #   OpenAI's tuned       (400·0.80 + 200·3.20)/1000               = 0.32 + 0.64        = $0.96
    #   Azure's tuned        (400·0.40 + 200·1.60)/1000               = 0.16 + 0.32        = $0.48
    book = load_book()
    prompt = book.model("openai/gpt-4.1-mini")
    assert usd_per_1000_calls(prompt, tokens_in=2500, tokens_out=200) == pytest.approx(1.32)
    cached = usd_per_1000_calls(prompt, tokens_in=2500, tokens_out=200, cached_share=0.8)
    assert cached == pytest.approx(0.72)
    # The cached prefix of 2,000 tokens is long enough to be cached at all.
    assert book.cache_rules("openai").min_prefix_tokens <= 2000
    openai = book.tuning("openai/gpt-4.1-mini").inference
    assert usd_per_1000_calls(openai, tokens_in=400, tokens_out=200) == pytest.approx(0.96)
    azure = book.tuning("azure/gpt-4.1-mini")
    tuned = usd_per_1000_calls(azure.inference, tokens_in=400, tokens_out=200)
    assert tuned == pytest.approx(0.48)
    # Hosting: 1.70 × 730 = $1,241 a month. Against the cached prompt a call saves $0.72 − $0.48 = $0.24 for 1,000,
    # so it takes 1,241 / 0.24 × 1,000 = 5.17M calls a month to cover it.
    hosting = azure.hosting_usd_per_hour * HOURS_PER_MONTH
    assert hosting == pytest.approx(1241)
    calls = hosting / (cached - tuned) * 1000
    assert calls == pytest.approx(5_170_833, rel=1e-6)
    assert round(calls / 1e6, 1) == 5.2


def ratios(field: str, provider: str | None = None) -> list[float]:
    found = []
    for price in load_book().models():
        value = getattr(price, field)
        if value is not None and price.mode != "embedding" and provider in (None, price.provider):
            found.append(value / price.input_usd_per_mtok)
    return found


@pytest.mark.parametrize(
    ("field", "provider", "median"),
    [
        ("cached_usd_per_mtok", None, 0.10),
        # 0.07 over LiteLLM's file, which enters six of DeepSeek's models twice; over its ten models, 0.10.
        ("cached_usd_per_mtok", "deepseek", 0.10),
        ("cached_usd_per_mtok", "xai", 0.16),
        ("cached_usd_per_mtok", "fireworks_ai", 0.17),
        ("cached_usd_per_mtok", "together_ai", 0.17),
        ("cached_usd_per_mtok", "groq", 0.5),
        ("cache_write_usd_per_mtok", "openai", 1.25),
        ("cache_write_usd_per_mtok", "anthropic", 1.25),
        ("cache_write_usd_per_mtok", "bedrock", 1.25),
        ("batch_input_usd_per_mtok", None, 0.5),
        ("batch_input_usd_per_mtok", "xai", 0.8),
    ],
)
def test_the_multipliers_of_the_market(field, provider, median):
    assert round(statistics.median(ratios(field, provider)), 2) == pytest.approx(median)


def test_the_book_is_wide_and_has_no_free_or_impossible_price():
    book = load_book()
    assert len(book) > 3000
    assert len({price.provider for price in book.models()}) > 70
    for price in book.models():
        provider, _, name = price.key.partition("/")
        assert provider == price.provider
        assert name
        assert price.input_usd_per_mtok > 0
        assert price.output_usd_per_mtok > 0 or price.mode == "embedding"
        assert (price.cached_usd_per_mtok or price.input_usd_per_mtok) <= price.input_usd_per_mtok
        assert (price.batch_input_usd_per_mtok or 0) <= price.input_usd_per_mtok
        assert price.source.date == book.as_of
        assert list(price.tiers) == sorted(price.tiers, key=lambda tier: tier.above_tokens)
    assert book.refused
    assert all(row.reason for row in book.refused)


def test_the_book_keeps_tuned_models_tiers_dates_and_regions():
    book = load_book()
    assert book.model("openai/ft:gpt-4.1-mini-2025-04-14").retires_on == dt.date(2027, 1, 14)
    assert sum(":" in key and "/ft:" in key for key in book.snapshot.rows) >= 11
    assert sum(price.retires_on is not None for price in book.models()) > 600
    assert any(price.region_uplift.get("eu") == 1.1 for price in book.models())
    assert any(price.tiers for price in book.models() if price.provider == "gemini")


def test_an_unknown_model_names_the_nearest_and_never_guesses():
    book = load_book()
    with pytest.raises(
        UnknownPriceError, match=r"no price for 'gpt-4\.1-mini'.*Nearest: openai/gpt-4\.1-mini"
    ) as caught:
        book.model("gpt-4.1-mini")
    assert caught.value.near[0] == "openai/gpt-4.1-mini"
    with pytest.raises(UnknownPriceError, match=r"no tuning price for 'openai/gpt-4\.1-mni'") as caught:
        book.tuning("openai/gpt-4.1-mni")
    assert caught.value.near[0] == "openai/gpt-4.1-mini"
    with pytest.raises(UnknownPriceError, match="tariff 'nightly'"):
        book.tuning("azure/gpt-4.1-mini", variant="nightly")
    with pytest.raises(UnknownPriceError, match="lambda/h100-80gb"):
        book.gpu("lamda/h100")
    with pytest.raises(UnknownPriceError, match="qwen3-8b on h100-80gb in fp8"):
        book.throughput("qwen3-70b", "h100-80gb")
    with pytest.raises(UnknownPriceError):
        book.throughput("qwen3-8b", "h100-80gb", precision="int4")
    with pytest.raises(UnknownPriceError, match="openai"):
        book.cache_rules("opnai")


def test_a_tuned_key_is_the_tuned_price():
    book = load_book()
    assert book.model("azure/gpt-4.1-mini:tuned") == book.tuning("azure/gpt-4.1-mini").inference
    with pytest.raises(UnknownPriceError, match="no tuning price"):
        book.model("azure/gpt-5:tuned")


def test_stated_prices_come_before_listed_ones_and_leave_the_book_alone():
    book = load_book()
    said = Source(kind="stated", reference="our contract", date=dt.date(2026, 11, 1))
    mine = replace(book.model("openai/gpt-4.1-mini"), input_usd_per_mtok=0.3, source=said)
    new = ModelPrice(
        key="us/private", provider="us", input_usd_per_mtok=1, output_usd_per_mtok=2, source=said
    )
    other = book.with_model(mine).with_model(new)
    assert other.model("openai/gpt-4.1-mini").input_usd_per_mtok == 0.3
    assert other.model("us/private") is new
    assert "us/private" in other
    assert len(other) == len(book) + 1
    assert other.search("private")[0].key == "us/private"
    assert book.model("openai/gpt-4.1-mini").input_usd_per_mtok == 0.4
    assert "us/private" not in book


def test_a_stated_tuning_offer_comes_before_the_listed_one():
    book = load_book()
    listed = book.tuning("azure/gpt-4.1-mini")
    other = book.with_tuning(replace(listed, training_usd_per_mtok=4.0)).with_tuning(
        replace(listed, base="us/private")
    )
    assert other.tuning("azure/gpt-4.1-mini").training_usd_per_mtok == 4.0
    assert other.tuning("us/private").hosting_usd_per_hour == 1.7
    assert other.tuning("azure/gpt-4.1-mini", variant="developer").training_usd_per_mtok == 2.5
    assert book.tuning("azure/gpt-4.1-mini").training_usd_per_mtok == 5.0


def test_search_puts_exact_names_first_and_retired_models_last():
    book = load_book()
    found = book.search("gpt-4.1 nano")
    assert found[0].key == "openai/gpt-4.1-nano"
    assert found[0].retires_on == dt.date(2026, 10, 23)
    retired = [price.retires_on is not None and price.retires_on <= book.as_of for price in found]
    inexact = retired[
        [price.name for price in found].index(next(p.name for p in found if p.name != "gpt-4.1-nano")) :
    ]
    assert inexact == sorted(inexact)
    assert book.search("no such model") == []


def test_the_packaged_book_is_read_once():
    assert load_book() is load_book()
    assert load_book().model("openai/gpt-4.1-mini") is load_book().model("openai/gpt-4.1-mini")


def test_a_written_book_reads_back_the_same_and_writes_the_same_bytes(tmp_path):
    book = load_book()
    for name in ("book.json.gz", "book.json"):
        path = tmp_path / "new" / name
        write_snapshot(book.snapshot, path)
        first = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o644
        again = load_book(path)
        assert again.keys() == book.keys()
        assert list(again.models()) == list(book.models())
        assert again.refused == book.refused
        write_snapshot(again.snapshot, path)
        assert path.read_bytes() == first
        assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []
    assert load_book(path) is load_book(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"[]", "is not a price book of format 1"),
        (b'{"format": 2}', "found 2"),
        (b'{"format": 1}', "damaged"),
    ],
)
def test_a_damaged_book_says_so_and_how_to_mend_it(tmp_path, content, message):
    for name, data in (("b.json", content), ("b.json.gz", gzip.compress(content))):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(InputError, match=message) as caught:
            load_book(path)
        assert str(path) in str(caught.value)
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(content * 100)[:-5])
    with pytest.raises(InputError, match="could not be read"):
        read_snapshot(tmp_path / "cut.json.gz")
    with pytest.raises(InputError, match="could not be read"):
        load_book(tmp_path / "absent.json.gz")


def test_the_users_book_lies_in_the_xdg_data_folder(tmp_path, monkeypatch):
    assert (
        user_book_path({"XDG_DATA_HOME": str(tmp_path)})
        == tmp_path / "breakeven" / "prices" / "models.json.gz"
    )
    # The XDG rules: a relative path is to be ignored.
    expected = Path.home() / ".local" / "share" / "breakeven" / "prices" / "models.json.gz"
    assert user_book_path({"XDG_DATA_HOME": "relative"}) == expected
    assert user_book_path({}) == expected


def test_the_newer_of_the_users_and_the_packaged_book_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert current_book() is load_book()
    old = load_book()
    for days, own in ((30, True), (-30, False)):
        day = old.as_of + dt.timedelta(days=days)
        source = replace(old.source, date=day)
        write_snapshot(replace(old.snapshot, as_of=day, source=source), user_book_path())
        assert (current_book() is not load_book()) is own


def test_the_front_door_of_the_room_is_sorted_and_complete():
    names = breakeven.prices.__all__
    assert list(names) == sorted(names)
    assert all(hasattr(breakeven.prices, name) for name in names)
