"""The fake: the same seed gives the same run, and it errs as often as it says."""

from __future__ import annotations

import json
from collections import Counter
from math import sqrt

import pytest

from breakeven.errors import InputError
from breakeven.providers import FakeModel, FakeProvider, ProviderError
from breakeven.providers.fake import FAULTS, fake_model, fake_tokens
from tests.providers.asking import Clock, request, run

ANSWERS = {f"case {n}": ("yes", "no", "maybe")[n % 3] for n in range(2000)}


def texts(provider: FakeProvider, model: str, n: int = 300) -> list[str]:
    return [provider.answer(request(f"case {i}", model=model)).text for i in range(n)]


def test_the_same_seed_answers_alike_and_another_does_not() -> None:
    one = texts(FakeProvider(ANSWERS, seed=0), "fake/fair?accuracy=50%")
    assert one == texts(FakeProvider(ANSWERS, seed=0), "fake/fair?accuracy=50%")
    assert one != texts(FakeProvider(ANSWERS, seed=1), "fake/fair?accuracy=50%")
    assert one != texts(FakeProvider(ANSWERS, seed=0), "fake/other?accuracy=50%")


@pytest.mark.parametrize("accuracy", [0.0, 0.7, 0.9, 1.0])
def test_it_is_right_as_often_as_it_says(accuracy: float) -> None:
    found = texts(FakeProvider(ANSWERS), f"fake/m?accuracy={accuracy}", 2000)
    right = sum(text == answer for text, answer in zip(found, ANSWERS.values(), strict=True)) / 2000
    assert abs(right - accuracy) <= 4 * sqrt(accuracy * (1 - accuracy) / 2000)
    assert set(found) <= {"yes", "no", "maybe"}


def test_the_question_is_found_inside_a_prompt_and_the_last_one_counts() -> None:
    provider = FakeProvider({"2 + 2": "4", "3 + 3": "6", "13 + 3": "16"})
    assert provider.answer(request("Example: 2 + 2 = 4.\nNow 13 + 3 = ?", model="fake/m")).text == "16"
    assert provider.answer(request("Add up.\n\n 3 + 3 \n", model="fake/m")).text == "6"


def test_what_it_does_not_know_it_echoes_or_fills_in() -> None:
    schema = {
        "type": "object", "required": ["label", "n", "tags", "part"],
        "properties": {"label": {"enum": ["a", "b"]}, "n": {"type": "integer", "minimum": 2}, "unused": {},
                       "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                       "part": {"$ref": "#/$defs/part"}},
        "$defs": {"part": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}},
    }  # fmt: skip
    provider = FakeProvider()
    assert provider.answer(request("Say this:\nhello", model="fake/m")).text == "hello"
    text = provider.answer(request("x", model="fake/m", json_schema=schema)).text
    assert json.loads(text) == {"label": "a", "n": 2, "tags": [""], "part": {"ok": False}}


def test_a_schema_that_points_at_itself_ends() -> None:
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert FakeProvider().answer(request("x", model="fake/m", json_schema=schema)).text == "null"


def test_tokens_follow_the_stated_rule() -> None:
    assert [fake_tokens(text) for text in ("", "a", "abcd", "abcde", "ü" * 4)] == [0, 1, 1, 2, 2]
    usage = FakeProvider({"abcdefgh": "yes!!"}).answer(request("abcdefgh", model="fake/m")).usage
    # 3 for the opening, 4 for the message, 8 / 4 for its text; 5 bytes of answer are 2 tokens.
    assert (usage.input_tokens, usage.output_tokens) == (9, 2)


def test_an_answer_ends_at_its_limit() -> None:
    reply = FakeProvider({"q": "abcdefghij"}).answer(request("q", model="fake/m", max_output_tokens=2))
    assert (reply.text, reply.finish_reason) == ("abcdefgh", "length")


def test_faults_come_as_often_as_stated_and_the_next_attempt_may_pass() -> None:
    provider = FakeProvider(ANSWERS)
    asked = [request(f"case {n}", model="fake/m?faults=30%") for n in range(2000)]
    first = [provider.fault(one) for one in asked]
    share = sum(fault is not None for fault in first) / 2000
    assert abs(share - 0.3) <= 4 * sqrt(0.3 * 0.7 / 2000)
    assert set(first) == {None, *FAULTS}
    assert min(Counter(first).values()) > 50  # 600 faults of 7 kinds: about 86 each
    second = [provider.fault(one) for one in asked]
    assert second != first
    again = FakeProvider(ANSWERS)
    assert [again.fault(one) for one in asked] == first


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_is_an_error_that_may_pass(kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        run(FakeProvider().complete(request(model=f"fake/m?faults=100%&kinds={kind}")))
    assert caught.value.may_pass
    assert caught.value.maybe_billed == (kind not in ("429", "500"))


def test_latency_is_slept() -> None:
    clock = Clock()
    reply = run(FakeProvider(sleep=clock.sleep).complete(request(model="fake/m?latency=20ms")))
    assert (clock.slept, reply.latency_s) == ([0.02], 0.02)


def test_models_can_be_given_apart_from_their_names() -> None:
    provider = FakeProvider({"q": "a", "r": "b"}, models={"fake/bad": FakeModel(accuracy=0.0)})
    assert provider.answer(request("q", model="fake/bad")).text == "b"


@pytest.mark.parametrize(
    ("model", "word"),
    [
        ("fake/m?acuracy=1", "accuracy"), ("fake/m?accuracy=2", "accuracy"), ("fake/m?latency=20", "20ms"),
        ("fake/m?faults=x", "faults"), ("fake/m?kinds=earthquake", "429"), ("fake/m?latency=-1s", "latency"),
        ("fake/m?latency=nans", "latency"),
    ],
)  # fmt: skip
def test_a_name_that_can_not_be_read(model: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        fake_model(model)
