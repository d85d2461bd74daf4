"""Planted templates are found: how many calls, how many static tokens, which of them are examples."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rs_bpe")

from breakeven.errors import EvidenceError
from breakeven.evidence.prompts.findings import prompt_findings
from breakeven.evidence.prompts.tokens import MESSAGE_TOKENS, counter_for
from breakeven.prices import load_book
from tests.prompts.planted import planted, prose, rng_of, write_log

COUNT = counter_for("gpt-4o-mini").count


def static_tokens(template):
    """All static texts, and the marks of every message but the last, which a question needs anyway."""
    marks = MESSAGE_TOKENS * (bool(template.system) + 2 * len(template.shots))
    return sum(map(COUNT, template.static_texts())) + marks


def shot_tokens(template):
    return sum(map(COUNT, template.shot_texts())) + 2 * MESSAGE_TOKENS * len(template.shots)


@settings(max_examples=12)
@given(
    seed=st.integers(0, 10_000), templates=st.integers(1, 4), words=st.sampled_from([40, 200, 800]),
    shots=st.integers(0, 3), slot_words=st.sampled_from([6, 60, 300]),
)  # fmt: skip
def test_planted_static_tokens_are_found_within_two_percent(
    tmp_path_factory, seed, templates, words, shots, slot_words
):
    rng = rng_of(seed)
    made = [planted(rng, words, shots) for _ in range(templates)]
    path = tmp_path_factory.mktemp("logs") / "calls.jsonl"
    drawn = write_log(path, made, rng, calls=60 * templates, slot_words=slot_words)
    found = prompt_findings([str(path)], book=load_book())
    want = sum(static_tokens(made[k]) for k in drawn)
    assert found["removable"]["tokens"] == pytest.approx(want, rel=0.02)
    want_shots = sum(shot_tokens(made[k]) for k in drawn)
    assert found["removable"]["kinds"]["few_shot"] == pytest.approx(want_shots, rel=0.02)
    assert sorted(one["calls"] for one in found["templates"]) == sorted(
        int((drawn == k).sum()) for k in range(templates) if (drawn == k).any()
    )
    assert found["unmatched"]["calls"] == 0


def test_static_variable_and_dollars_add_up(tmp_path):
    rng = rng_of(1)
    one = planted(rng)
    write_log(tmp_path / "calls.jsonl", [one], rng, calls=50, usage=2_000)
    found = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())
    removable = found["removable"]
    assert removable["input"] == 50 * 2_000
    assert removable["tokens"] + removable["variable"] == removable["input"]
    assert removable["static_prefix"] + removable["static_elsewhere"] == removable["tokens"]
    assert sum(removable["kinds"].values()) == removable["tokens"]
    price = load_book().model("openai/gpt-4o-mini").input_usd_per_mtok
    assert removable["usd"] == pytest.approx(removable["tokens"] * price / 1e6)
    assert removable["usd_after_cache"] == removable["usd"]
    assert found["counting"]["method"] == "billed"


def test_a_prompt_that_opens_with_a_slot_has_no_static_prefix(tmp_path):
    rng = rng_of(2)
    rules = prose(rng, 200)
    with (tmp_path / "calls.jsonl").open("w") as out:
        for i in range(40):
            asked = f"{prose(rng, 5)} asks on day {i}. {rules}"
            request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": asked}]}
            out.write(json.dumps({"request": request, "response": {}}) + "\n")
    (template,) = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())["templates"]
    # The one message's mark is constant, but a question needs it anyway: it is worth no tokens.
    assert template["per_call"]["static_prefix"] == 0
    assert template["per_call"]["static_elsewhere"] == pytest.approx(COUNT(rules), rel=0.02)


def test_two_versions_of_a_prompt_lose_nothing_of_either(tmp_path):
    rng = rng_of(3)
    shared, old, new = prose(rng, 300), prose(rng, 60), prose(rng, 90)
    n = 120
    with (tmp_path / "calls.jsonl").open("w") as out:
        for i in range(n):
            system = f"{shared}\n{old if i < 70 else new}"
            messages = [{"role": "system", "content": system}, {"role": "user", "content": prose(rng, 40)}]
            out.write(
                json.dumps({"request": {"model": "gpt-4o", "messages": messages}, "response": {}}) + "\n"
            )
    found = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())
    want = sum(COUNT(f"{shared}\n{old if i < 70 else new}") + MESSAGE_TOKENS for i in range(n))
    assert found["removable"]["tokens"] == pytest.approx(want, rel=0.02)
    assert sorted(one["calls"] for one in found["templates"]) == [50, 70]


def test_prompts_with_nothing_in_common_have_no_static_part(tmp_path):
    rng = rng_of(4)
    with (tmp_path / "calls.jsonl").open("w") as out:
        for _ in range(60):
            messages = [{"role": "user", "content": prose(rng, 80)}]
            out.write(
                json.dumps({"request": {"model": "gpt-4o", "messages": messages}, "response": {}}) + "\n"
            )
    found = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())
    assert found["removable"]["tokens"] < 0.01 * found["removable"]["input"]


def test_results_hold_hashes_and_texts_only_when_asked(tmp_path):
    rng = rng_of(5)
    secret = "Write to chief.of.staff@example.com when in doubt."
    with (tmp_path / "calls.jsonl").open("w") as out:
        for _ in range(20):
            system = f"{prose(rng_of(9), 50)} {secret}"
            messages = [{"role": "system", "content": system}, {"role": "user", "content": prose(rng, 30)}]
            out.write(
                json.dumps({"request": {"model": "gpt-4o", "messages": messages}, "response": {}}) + "\n"
            )
    paths = [str(tmp_path / "calls.jsonl")]
    plain = json.dumps(prompt_findings(paths, book=load_book()))
    assert "in doubt" not in plain
    kept = json.dumps(prompt_findings(paths, book=load_book(), keep_texts=True))
    assert "[EMAIL] when in doubt" in kept
    assert "chief.of.staff" not in kept
    raw = json.dumps(prompt_findings(paths, book=load_book(), keep_texts=True, redacted=False))
    assert "chief.of.staff@example.com" in raw


def test_a_log_without_texts_says_what_can_not_be_known(tmp_path):
    record = {"timestamp": 1, "model": "gpt-4o", "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    (tmp_path / "calls.jsonl").write_text(json.dumps(record) + "\n")
    found = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())
    assert (found["calls"], found["with_texts"]) == (1, 0)
    assert found["removable"] is None
    assert "can not be known" in found["reason"]
    assert found["batchable"]["share"] is None


def test_dollars_are_not_known_without_a_price(tmp_path):
    rng = rng_of(6)
    write_log(tmp_path / "calls.jsonl", [planted(rng)], rng, calls=20, model="nobody-sells-this")
    removable = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())["removable"]
    assert removable["usd"] is None
    assert removable["unpriced"] == ["nobody-sells-this"]
    assert removable["tokens"] > 0


def test_batchable_is_bounded_by_sessions(tmp_path):
    """Of four calls, the first of session a is followed within a day; that of b only after two days."""
    times = [("a", 0), ("a", 60), ("b", 0), ("b", 2 * 86_400)]
    with (tmp_path / "calls.jsonl").open("w") as out:
        for session, at in times:
            request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
            record = {
                "timestamp": 1_760_000_000 + at,
                "session_id": session,
                "request": request,
                "response": {},
            }
            out.write(json.dumps(record) + "\n")
    batchable = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())["batchable"]
    assert batchable["share"] is None
    assert batchable["at_most"] == 0.75


def test_no_file_is_an_error(tmp_path):
    with pytest.raises(EvidenceError):
        prompt_findings([str(tmp_path / "absent.jsonl")], book=load_book())


def test_only_the_first_calls_are_read_when_told(tmp_path):
    rng = rng_of(7)
    write_log(tmp_path / "calls.jsonl", [planted(rng)], rng, calls=40)
    assert prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book(), most=25)["calls"] == 25


def test_a_long_static_prefix_that_comes_every_ten_seconds_is_cached(tmp_path):
    """Two templates of some 3,000 static tokens: every call but the first of each reads its prefix."""
    rng = rng_of(8)
    made = [planted(rng, words=2_000, shots=0) for _ in range(2)]
    write_log(tmp_path / "calls.jsonl", made, rng, calls=50, every_s=10.0)
    caching = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())["caching"]
    replayed = {row["provider"]: row for row in caching["replay"]}
    assert replayed["openai"]["hit_share_of_calls"] == 48 / 50
    shares = {row["provider"]: row for row in caching["cacheable"]}
    assert shares["openai"]["share_of_calls"] == 1
    # The replay sees whole blocks only, and not the first call of each template.
    assert 0.85 * 0.96 * shares["openai"]["share_of_input"] < replayed["openai"]["hit_share_of_tokens"]
    assert replayed["openai"]["hit_share_of_tokens"] < shares["openai"]["share_of_input"]
    apart = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book(), most=1)["caching"]
    assert all(row["hit_share_of_calls"] == 0 for row in apart["replay"])


def test_few_calls_without_a_template_leave_the_static_part_unknown(tmp_path):
    rng = rng_of(9)
    write_log(tmp_path / "calls.jsonl", [planted(rng)], rng, calls=2)
    found = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())
    assert found["removable"] is None
    assert "2 calls keep texts" in found["reason"]
