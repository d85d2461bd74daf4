"""Input tokens of a model with another tokenizer: counted in the log's texts, else a guess that shows."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from click.testing import CliRunner

from breakeven.cli.reprice import reprice
from breakeven.evidence.prompts.messages import Message
from breakeven.evidence.prompts.reading import LoggedPrompt
from breakeven.evidence.repricing.tokens import (
    GUESSED,
    SAME_TOKENS,
    counted_ratios,
    ratio_between,
    tokenizer_of,
)
from tests.reprice.logs import call, write


@pytest.mark.parametrize(("model", "family"), [
    ("gpt-4.1-mini", "o200k_base"), ("openai/gpt-4-turbo", "cl100k_base"), ("ft:gpt-4o-mini:me::1", "o200k_base"),
    ("anthropic/claude-haiku-5-5", "claude"), ("bedrock/us.anthropic.claude-x", "claude"),
    ("gemini/gemini-2.5-flash", "gemini"),
    ("my-deployment", None), (None, None),
])  # fmt: skip
def test_whose_tokenizer_a_model_has(model, family):
    assert tokenizer_of(model) == family


def test_one_tokenizer_is_no_guess_and_two_are():
    assert ratio_between("gpt-4o", "openai/gpt-4.1-mini") is SAME_TOKENS
    assert ratio_between("my-deployment", "openai/gpt-4.1-mini") is SAME_TOKENS
    assert ratio_between("gpt-4o", "gemini/gemini-2.5-flash") is GUESSED
    assert "EXTRAPOLATED" in GUESSED.source.reference


def prompt(model, tokens, text):
    return LoggedPrompt(
        time_s=None, provider=None, model=model, feature=None, session=None, call_id=None, input_tokens=tokens,
        cached_tokens=None, batch=False, messages=(Message("user", text),),
    )  # fmt: skip


def test_a_counted_ratio_by_hand():
    # "one two three" has 3 tokens in o200k, one message 4 and the answer's opening 3: 10 counted, 8 billed.
    prompts = [prompt("claude-x", 8, "one two three")] * 30
    found = counted_ratios(prompts, ["openai/gpt-4.1", "gemini/gemini-2.5-flash"])
    assert set(found) == {("claude-x", "o200k_base")}
    ratio = found["claude-x", "o200k_base"]
    assert ratio.value == pytest.approx(10 / 8)
    # all alike: no variance, so the 2% of the chat format
    assert (ratio.low, ratio.high) == pytest.approx((1.225, 1.275))
    assert ratio.source.kind == "measured"
    assert counted_ratios(prompts[:29], ["openai/gpt-4.1"]) == {}


def test_texts_that_are_not_the_whole_prompt_tell_nothing():
    cut = [prompt("claude-x", 800, "one two three")] * 30
    assert counted_ratios(cut, ["openai/gpt-4.1"]) == {}


def run(path, *models):
    words = [word for model in models for word in ("--on", model)]
    done = CliRunner().invoke(
        reprice, [str(path), *words, "--json", "--output-length", "1..1"], catch_exceptions=False
    )
    return json.loads(done.output)


def test_another_tokenizer_opens_the_cost_of_input(tmp_path):
    path = write(tmp_path / "a.jsonl", [call(1_000, 0, model="gpt-4.1-mini") for _ in range(40)])
    same, other = run(path, "openai/gpt-4.1", "gemini/gemini-2.5-flash")["alternatives"]
    assert same["cost_usd"]["low"] == same["cost_usd"]["high"] == same["cost_usd"]["value"]
    cost = other["cost_usd"]
    assert cost["low"] == pytest.approx(GUESSED.low * cost["value"])
    assert cost["high"] == pytest.approx(GUESSED.high * cost["value"])


def test_texts_in_the_log_take_the_place_of_the_guess(tmp_path):
    text = [{"role": "user", "content": "one two three"}]
    rows = [{**call(8, 0, model="claude-sonnet-4-5"), "request": {"messages": text}} for _ in range(40)]
    found = run(write(tmp_path / "a.jsonl", rows), "openai/gpt-4.1")
    cost = found["alternatives"][0]["cost_usd"]
    # 40 calls of 10 tokens for 2 dollars a million
    price = found["alternatives"][0]["parts_usd"]["input"] / (40 * 8)
    assert cost["value"] == pytest.approx(40 * 10 * price)
    (tokens,) = [one for one in found["assumptions"] if one["input"] == "input tokens"]
    assert "40 prompts of the log counted with o200k_base" in tokens["source"]
