"""Few-shot examples are told from instructions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.prompts.examples import parts_of
from breakeven.evidence.prompts.messages import Message
from breakeven.evidence.prompts.words import BREAK, shown


def kinds(text):
    return [(part.kind, text[part.start : part.end], part.examples) for part in parts_of(text)]


def shots(text):
    return [
        (text[part.start : part.end], part.examples) for part in parts_of(text) if part.kind == "few_shot"
    ]


def test_constant_pairs_of_messages_are_examples_and_the_question_is_not():
    text = shown([
        Message("system", "Say the mood."),
        Message("user", "Great!"), Message("assistant", "good"),
        Message("user", "Awful."), Message("assistant", "bad"),
        Message("user", f"Text: {BREAK}"),
    ]).replace(" " + " ", " ")  # fmt: skip
    text = text[:-1] + BREAK
    found = shots(text)
    assert sum(n for _, n in found) == 2
    assert "Great!" in found[0][0]
    assert not any("Text:" in shot for shot, _ in found)


def test_a_conversation_whose_answers_vary_has_no_examples():
    messages = shown([Message("user", "Hello"), Message("assistant", "X"), Message("user", "More")])
    assert shots(messages.replace("X", BREAK)) == []


@pytest.mark.parametrize(
    ("block", "n"),
    [
        ("Input: a cat\nOutput: animal\n\nInput: an oak\nOutput: plant\n", 2),
        ("Q: 1+1?\nA: 2\nQ: 2+2?\nA: 4\nQ: 3+3?\nA: 6\n", 3),
        ("Example 1:\nfoo bar\nExample 2:\nbaz qux\n", 2),
        ("### Example\nText: x\nLabel: y\n### Example\nText: z\nLabel: w\n", 2),
        ("<example>\nhi\n</example>\n<example>\nho\n</example>\n", 2),
        ("sunny -> good\nrainy -> bad\nfoggy -> bad\n", 3),
    ],
)
def test_repeated_blocks_are_examples(block, n):
    text = shown([Message("system", f"Classify.\n\n{block}")])
    (found,) = shots(text)
    assert found[1] == n
    assert found[0].strip() == block.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Rule 1: be kind\nRule 2: be brief\nRule 3: be right\n",
        "- answer in French\n- never guess\n- cite the source\n",
        "Steps:\n1. read\n2. think\nNote: be calm\n",
    ],
)
def test_lists_of_rules_are_instructions(text):
    assert [kind for kind, *_ in kinds(shown([Message("system", text)]))] == ["instructions"]


def test_the_question_in_the_same_form_is_no_example():
    shown_shots = "Input: a\nOutput: b\nInput: c\nOutput: d\n"
    text = shown([Message("user", shown_shots + "Input: ")]) + BREAK + "\nOutput:"
    (found,) = shots(text)
    assert found == (shown_shots, 2)


def test_tool_definitions_are_a_kind_of_their_own():
    text = shown([Message("tools", '[{"name": "look_up"}]'), Message("system", "Help.")])
    assert [kind for kind, *_ in kinds(text)] == ["tool_definitions", "instructions"]


@given(st.text(alphabet="QA: \nab->\ue002", max_size=200))
def test_parts_cover_the_text_without_gaps(text):
    found = parts_of(text)
    assert "".join(text[part.start : part.end] for part in found) == text
    assert all(part.start < part.end for part in found)
