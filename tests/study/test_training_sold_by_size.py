"""Candidates of hosts that sell training by model and size, and serve the tuned model on GPUs by the hour."""

from __future__ import annotations

import pytest

from breakeven.study.model import Training
from tests.study.studies import problems, smallest, study

TUNED = "tuned: {{kind: tuned, base: {base}, examples: 6000, hosting: {{gpu: {gpu}, rps: 20/s}}}}"


def training(base: str, gpu: str = "together_ai/h100-80gb") -> Training:
    found = study(smallest(TUNED.format(base=base, gpu=gpu))).candidates["tuned"].training
    assert found is not None
    return found


def test_training_is_priced_and_serving_is_the_gpus_alone() -> None:
    """Qwen3.5-9B by LoRA at Together AI: $0.34, told by itself; its calls cost nothing besides the GPU."""
    opened = study(smallest(TUNED.format(base="together_ai/Qwen/Qwen3.5-9B", gpu="together_ai/h100-80gb")))
    tuned = opened.candidates["tuned"]
    assert tuned.training is not None
    assert tuned.training.price is not None
    assert tuned.training.price.centre == 0.34
    assert str(tuned.training.price.source).startswith("quoted, Together AI")
    assert tuned.prices is None
    assert tuned.hosting is not None
    assert tuned.hosting.gpus is not None
    assert tuned.hosting.gpus.price.centre == 6.49
    assert any("together_ai trains Qwen3.5-9B, lora, at $0.34" in note for note in opened.notes)


def test_a_price_that_sources_differ_on_is_a_range() -> None:
    price = training("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo").price
    assert price is not None
    assert (price.low, price.high) == pytest.approx((2.03, 2.90))


def test_a_study_may_state_its_own() -> None:
    line = TUNED.format(base="fireworks_ai/qwen3-8b", gpu="fireworks_ai/h100-80gb")
    stated = study(smallest(line.replace("examples: 6000", "examples: 6000, training: $400"))).candidates[
        "tuned"
    ]
    assert stated.training is not None
    assert (stated.training.price, stated.training.run_usd and stated.training.run_usd.centre) == (
        None,
        400.0,
    )


def test_gemini_is_served_at_its_own_price_per_call() -> None:
    """$10 for training, between ÷ 1.25 and × 1.25; a call costs half as much again as the base's $1.50 and $9.00."""
    tuned = study(
        smallest("tuned: {kind: tuned, base: vertex_ai/gemini-3.5-flash, examples: 6000}")
    ).candidates["tuned"]
    assert tuned.training is not None
    assert tuned.training.price is not None
    assert (tuned.training.price.low, tuned.training.price.high) == pytest.approx((8.0, 12.5))
    assert tuned.prices is not None
    assert (tuned.prices.input.centre, tuned.prices.output.centre) == (2.25, 13.5)
    assert tuned.hosting is not None
    assert tuned.hosting.usd_per_month is not None
    assert tuned.hosting.usd_per_month.centre == 0


@pytest.mark.parametrize(
    "base", ["together_ai/Qwen/Qwen3.5-9B", "fireworks_ai/qwen3-8b", "vertex_ai/qwen3-8b"]
)
def test_without_gpus_the_study_asks_for_them(base: str) -> None:
    [problem] = problems(smallest(f"tuned: {{kind: tuned, base: {base}, examples: 6000}}"))
    assert "`hosting` is missing: what serving costs is not known" in problem
