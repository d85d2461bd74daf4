"""Templates that are hard to tell apart, each with the static tokens that a reader would find."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("rs_bpe")

from breakeven.evidence.prompts.findings import prompt_findings
from breakeven.evidence.prompts.tokens import MESSAGE_TOKENS, counter_for
from breakeven.prices import load_book
from tests.prompts.planted import prose, rng_of

COUNT = counter_for("gpt-4o").count


def system(text):
    return {"role": "system", "content": text}


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


@pytest.fixture
def found(tmp_path):
    def read(prompts):
        with (tmp_path / "calls.jsonl").open("w") as out:
            for messages in prompts:
                request = {"model": "gpt-4o", "messages": messages}
                out.write(json.dumps({"request": request, "response": {}}) + "\n")
        return prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())

    return read


def test_features_that_share_boilerplate_stay_apart(found):
    rng = rng_of(0)
    shared, own = prose(rng, 100), [prose(rng, 100) for _ in range(5)]
    drawn = rng.integers(0, 5, 300)
    texts = [f"{shared}\n{own[k]}" for k in drawn]
    result = found([system(text), user(prose(rng, 30))] for text in texts)
    assert len(result["templates"]) == 5
    want = sum(COUNT(text) + MESSAGE_TOKENS for text in texts)
    assert result["removable"]["tokens"] == pytest.approx(want, rel=0.01)


def test_retrieved_documents_are_no_static_text(found):
    rng = rng_of(1)
    rules, documents = prose(rng, 150), [prose(rng, 120) for _ in range(40)]

    def asked():
        context = "\n".join(documents[k] for k in rng.choice(40, 3, replace=False))
        return f"Context:\n{context}\n\nQuestion: {prose(rng, 10)}"

    result = found([system(rules), user(asked())] for _ in range(200))
    (template,) = result["templates"]
    want = COUNT(rules) + MESSAGE_TOKENS + COUNT("Context:\n") + COUNT("\n\nQuestion:")
    static = template["per_call"]["static_prefix"] + template["per_call"]["static_elsewhere"]
    assert static == pytest.approx(want, rel=0.01)


def test_the_history_of_a_conversation_is_no_example(found):
    rng = rng_of(2)
    rules, prompts = prose(rng, 150), []
    for _ in range(40):
        history = [system(rules)]
        for _ in range(int(rng.integers(1, 7))):
            history = [*history, user(prose(rng, 15))]
            prompts.append(history)
            history = [*history, assistant(prose(rng, 30))]
    result = found(prompts)
    assert result["removable"]["kinds"]["few_shot"] == 0
    want = len(prompts) * (COUNT(rules) + MESSAGE_TOKENS)
    assert result["removable"]["tokens"] == pytest.approx(want, rel=0.01)


def test_a_date_that_changes_costs_the_template_no_more_than_the_date(found):
    rng = rng_of(3)
    before, after = prose(rng, 150), prose(rng, 150)
    texts = [f"{before}\nToday is the {20 + i // 200}th of November.\n{after}" for i in range(600)]
    (template,) = found([system(text), user(prose(rng, 30))] for text in texts)["templates"]
    assert template["calls"] == 600
    static = template["per_call"]["static_prefix"] + template["per_call"]["static_elsewhere"]
    assert COUNT(before) + COUNT(after) <= static <= COUNT(texts[0]) + MESSAGE_TOKENS


def test_a_template_that_appears_late_behind_a_common_system_prompt_is_found(found):
    rng = rng_of(4)
    kind, rules = "You are a helpful assistant.", prose(rng, 150)
    plain = [[system(kind), user(prose(rng, 40))] for _ in range(500)]
    late = [[system(kind), user(f"{rules}\n\nText: {prose(rng, 40)}")] for _ in range(60)]
    result = found([*plain, *late])
    assert [one["calls"] for one in result["templates"]] == [500, 60]
    want = 560 * (COUNT(kind) + MESSAGE_TOKENS) + 60 * COUNT(f"{rules}\n\nText:")
    assert result["removable"]["tokens"] == pytest.approx(want, rel=0.02)


def test_a_rare_template_is_found_beside_a_frequent_one(found):
    rng = rng_of(5)
    often, seldom = prose(rng, 150), prose(rng, 60)
    prompts = [[system(seldom if i % 40 == 0 else often), user(prose(rng, 30))] for i in range(400)]
    result = found(prompts)
    assert [one["calls"] for one in result["templates"]] == [390, 10]


def test_a_language_without_spaces_is_mined_too(found):
    rng = rng_of(6)
    rules = "次の文章を読んで、感情を肯定か否定かで答えてください。理由は書かないでください。文章は次のとおりです。"
    signs = "山川空海花鳥風月雪星光雨森石火水木金土日"

    def asked():
        return rules + "".join(rng.choice(list(signs), 40))

    (template,) = found([user(asked())] for _ in range(60))["templates"]
    static = template["per_call"]["static_prefix"] + template["per_call"]["static_elsewhere"]
    assert static == pytest.approx(COUNT(rules), rel=0.05)


def test_marks_in_the_texts_themselves_do_no_harm(found):
    rng = rng_of(7)
    odd = "\ue000system\ue001 is \ue002 no mark"
    prompts = [[system(f"{odd} {prose(rng_of(1), 40)}"), user(f"{prose(rng, 20)}\ue000")] for _ in range(20)]
    (template,) = found(prompts)["templates"]
    assert template["calls"] == 20
