"""What a profile keeps of a log: counts, names and hashes. Canaries in every text must not come out again."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.cli.profile import profile

CANARY = "zq-canary"
PERSONAL = ("anna.karlsson@example.com", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "10.20.30.40",
            "sk-proj-abcdefghijklmnop1234", "+49 170 1234567", "hunter2secret")  # fmt: skip
SAID = (
    "Write to anna.karlsson@example.com, card 4111 1111 1111 1111, account\nDE89 3704 0044 0532 0130 00, host "
    "10.20.30.40, key sk-proj-abcdefghijklmnop1234, phone +49 170 1234567, password: hunter2secret."
)


def run(*words):
    return CliRunner().invoke(profile, [str(word) for word in words], catch_exceptions=False)


def call(i, **more):
    return {
        "timestamp": f"2026-03-{1 + i // 20:02}T{i % 20:02}:00:00Z", "feature": "triage", "call_id": f"{CANARY}-id-{i}",
        "session_id": f"{CANARY}-session-{i}", "error": f"timeout while reading {CANARY}-error" if i % 9 == 0 else None,
        "user": f"{CANARY}-user", "metadata": {"note": f"{CANARY}-note"},
        "request": {"model": "gpt-4.1", "messages": [
            {"role": "system", "content": f"{CANARY}-system sorts the mail into queues, one of nine, by rule. {SAID}"},
            {"role": "user", "content": f"{CANARY}-user-{i} asks where parcel {i * 7919} is"}]},
        "response": {"id": f"{CANARY}-{i}", "model": "gpt-4.1", "choices": [{"finish_reason": "stop", "message":
            {"role": "assistant", "content": f"{CANARY}-answer-{i}"}}], "usage": {"prompt_tokens": 90,
            "completion_tokens": 5}},
        **more,
    }  # fmt: skip


def everything(tmp_path, rows, *words):
    """(profile.json, rejected.jsonl, pages) as texts."""
    log = tmp_path / "calls.jsonl"
    log.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    out = tmp_path / "out" / "profile.json"
    out.parent.mkdir(exist_ok=True)
    page = run(log, "-o", out, *words).output + run(log, "--json", *words).output
    sidecar = out.parent / "rejected.jsonl"
    return out.read_text(), sidecar.read_text() if sidecar.exists() else "", page


BAD = [
    json.dumps(call(1, timestamp=f"{CANARY}-time")),
    '{"request": "' + CANARY + " " + SAID.replace("\n", "\\n"),
    json.dumps([f"{CANARY}-list"]),
    json.dumps(call(2, latency_s=f"{CANARY} {SAID}")),
    f"{CANARY} {SAID}".replace("\n", " "),
]


def test_no_text_of_the_log_is_kept_unasked(tmp_path):
    kept = everything(tmp_path, [*(call(i) for i in range(180)), *BAD])
    assert json.loads(kept[0])["prompt"]["templates"]
    assert len(kept[1].splitlines()) == len(BAD)
    for text in kept:
        assert CANARY not in text
        assert not [one for one in PERSONAL if one in text]


def test_texts_are_kept_when_asked(tmp_path):
    found, refused, _ = everything(tmp_path, [*(call(i) for i in range(180)), *BAD], "--keep-texts")
    assert f"{CANARY}-system" in found
    assert f"{CANARY}-user-7 " not in found  # only what prompts share
    assert refused.count(CANARY) >= len(BAD)
    assert all(one in found for one in PERSONAL)


def test_what_is_kept_is_masked_when_asked(tmp_path):
    kept = everything(tmp_path, [*(call(i) for i in range(180)), *BAD], "--keep-texts", "--redact")
    assert f"{CANARY}-system" in kept[0]
    assert CANARY in kept[1]
    for text in kept:
        assert not [one for one in PERSONAL if one in text]
    masks = ("[EMAIL]", "[CARD]", "[IBAN]", "[IP]", "[API_KEY]", "[PHONE]", "[SECRET]")
    assert all(mask in kept[0] and mask in kept[1] for mask in masks)


def test_names_are_kept_and_masked_on_request(tmp_path):
    rows = [call(i, feature=f"mail of user{i % 2}@example.com") for i in range(20)]
    plain, _, _ = everything(tmp_path, rows, "--no-prompts")
    assert set(json.loads(plain)["features"]) == {"mail of user0@example.com", "mail of user1@example.com"}
    masked, _, page = everything(tmp_path, rows, "--redact")
    assert set(json.loads(masked)["features"]) == {"mail of [EMAIL]", "mail of [EMAIL] 2"}
    assert "@example.com" not in masked + page


@pytest.mark.parametrize("place", ["feature", "model", "template"])
def test_a_name_that_is_a_text_is_not_kept(tmp_path, place):
    text = f"{CANARY} Dear sir,\nI write to you as my parcel is late"
    rows = [call(i, **{place: text}) for i in range(60)]
    rows = (
        [{**row, "response": {**row["response"], "model": text}} for row in rows]
        if place == "model"
        else rows
    )
    for kept in everything(tmp_path, rows):
        assert CANARY not in kept


def test_a_key_called_broken_is_no_reason(tmp_path):
    one = {"id": "a", "type": "GENERATION", "startTime": "2026-03-01T00:00:00Z", "model": "gpt-4.1",
           "usageDetails": {"input": 5, "output": 1}, "broken": f"{CANARY}"}  # fmt: skip
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"trace": {"id": "t"}, "observations": [one, one]}))
    found = json.loads(run(path, "--json", "--no-prompts").output)
    assert (found["calls"], found["rejected"]) == (2, {})
