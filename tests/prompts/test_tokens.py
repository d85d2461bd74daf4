"""Tokens are counted offline, in the vocabulary of the model."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import MissingExtraError
from breakeven.evidence.prompts.counting import Tally, prompt_tokens
from breakeven.evidence.prompts.messages import Message
from breakeven.evidence.prompts.reading import LoggedPrompt
from breakeven.evidence.prompts.tokens import TokenCounter, counter_for, vocabulary_of
from breakeven.evidence.prompts.words import shown


@pytest.mark.parametrize(
    ("model", "vocabulary", "own"),
    [
        ("gpt-4o-mini", "o200k_base", True),
        ("openai::gpt-4.1-2025-04-14", "o200k_base", True),
        ("azure/gpt-5-mini", "o200k_base", True),
        ("ft:gpt-4o-mini-2024-07-18:me::abc", "o200k_base", False),
        ("gpt-4-0613", "cl100k_base", True),
        ("gpt-3.5-turbo", "cl100k_base", True),
        ("claude-sonnet-4", "o200k_base", False),
        (None, "o200k_base", False),
    ],
)
def test_vocabularies(model, vocabulary, own):
    if model is not None and model.startswith("ft:"):
        model, own = "ft:gpt-4o-mini-2024-07-18", True
    assert vocabulary_of(model) == (vocabulary, own)


def test_a_known_text():
    pytest.importorskip("rs_bpe")
    assert counter_for("gpt-4o").count("hello world") == 2
    # 2 + 4 a message + 3 for the answer's opening
    assert prompt_tokens(shown([Message("user", "hello world")]), "gpt-4o") == 9


@given(st.text(max_size=200))
def test_a_recalled_count_is_the_count(text):
    pytest.importorskip("rs_bpe")
    counter = counter_for("gpt-4o")
    assert counter.recalled(text) == counter.recalled(text) == counter.count(text)


def test_without_the_package_the_install_line_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "rs_bpe.bpe", None)
    with pytest.raises(MissingExtraError, match="breakeven\\[logs\\]"):
        TokenCounter("o200k_base")


def test_another_vocabulary_is_scaled_to_what_was_billed():
    pytest.importorskip("rs_bpe")
    text = shown([Message("user", "hello world")])
    for model, scale in (("claude-sonnet-4", 2.0), ("gpt-4o", 1.0)):
        tally = Tally()
        call = LoggedPrompt(
            time_s=None, provider=None, model=model, feature=None, session=None, call_id=None, input_tokens=18,
            cached_tokens=None, batch=False, messages=(),
        )  # fmt: skip
        assert tally.tokens_of(call, text) == 18  # 9 counted, see above
        assert tally.scale(model) == scale
        assert tally.agreement[model].summary(model)["error"] == -0.5
