"""Logs with texts and no usage: tokens are counted, said to be, and used wherever logged ones would be."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("ibis")
pytest.importorskip("rs_bpe")

from breakeven.cli.new import new
from breakeven.cli.profile import profile
from breakeven.cli.reprice import reprice
from breakeven.evidence.prompts.counting import prompt_tokens
from breakeven.evidence.prompts.messages import messages_of
from breakeven.evidence.prompts.tokens import counter_for
from breakeven.evidence.prompts.words import shown
from tests.profile.corruption import good_row

ANSWERS = ("delivery", "a refund, as the parcel was lost", '{"label": "billing"}')


def row(i, *, model="openai/gpt-4.1-mini", **more):
    messages = [
        {"role": "system", "content": "Label the ticket."},
        {"role": "user", "content": f"Order {i} is late. " * (1 + i % 3)},
    ]
    answer = {"role": "assistant", "content": ANSWERS[i % 3]}
    at = f"2026-03-{1 + i // 10:02d}T{i % 10:02d}:00:00Z"
    return {
        "timestamp": at, "request": {"model": model, "messages": messages},
        "response": {"id": f"r{i}", "model": model, "choices": [{"message": answer, "finish_reason": "stop"}]}, **more,
    }  # fmt: skip


def write(path, rows):
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path


def run(command, *words):
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


def profiled(*words):
    return json.loads(run(profile, *words, "--json").output)


def wanted(rows):
    """(input, output) of the rows, each counted by itself."""
    model = rows[0]["request"]["model"]
    given = sum(prompt_tokens(shown(messages_of(one["request"])), model) for one in rows)
    return given, sum(
        counter_for(model).count(one["response"]["choices"][0]["message"]["content"]) for one in rows
    )


@pytest.mark.parametrize("kind", ["jsonl", "json", "parquet"])
def test_tokens_are_counted_call_by_call_and_said_to_be(tmp_path, kind):
    rows = [row(i) for i in range(90)]
    path = tmp_path / f"calls.{kind}"
    if kind == "parquet":
        pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif kind == "json":
        path.write_text(json.dumps(rows, indent=1))
    else:
        write(path, rows)
    found = profiled(path)
    tokens = found["tokens"]
    assert (tokens["input"]["sum"], tokens["output"]["sum"]) == wanted(rows)
    for side in ("input", "output"):
        assert tokens[side]["counted"] is True
        assert tokens[side]["vocabularies"] == {"o200k_base": True}
    assert found["cost_usd"] > 0
    assert found["prompt"]["removable"]["input"] == tokens["input"]["sum"]
    assert not [warning for warning in found["warnings"] if "no input tokens" in warning]


def test_the_page_says_with_what_was_counted(tmp_path):
    page = run(
        profile, write(tmp_path / "a.jsonl", [row(i, model="claude-opus-4-5") for i in range(9)])
    ).output
    assert "counted with o200k from texts: the log states none; a stand-in" in " ".join(page.split())


def test_bad_rows_keep_their_reasons_and_lines(tmp_path):
    rows = [row(i) for i in range(20)]
    lines = [json.dumps(one).encode() for one in rows]
    lines[3:3] = [b"", b"{", b'{"timestamp": "2026-03-01T00:00:00Z", "request": "\xff"}', b"[]"]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    found = profiled(tmp_path / "a.jsonl", "-o", tmp_path / "p" / "profile.json")
    assert found["rejected"] == {"not JSON": 1, "not UTF-8": 1, "not a JSON object": 1}
    refused = (tmp_path / "p" / "rejected.jsonl").read_text().splitlines()
    assert [json.loads(one)["line"] for one in refused] == [5, 6, 7]
    assert (found["tokens"]["input"]["sum"], found["calls"]) == (wanted(rows)[0], 20)


def test_failed_calls_are_not_counted(tmp_path):
    rows = [row(i) for i in range(9)]
    failed = [row(50, status_code=429), row(51, error="timeout")]
    found = profiled(write(tmp_path / "a.jsonl", rows + failed))
    assert found["tokens"]["input"]["sum"] == wanted(rows)[0]
    assert found["failures"]["n"] == 2


def test_stated_tokens_are_never_counted_over(tmp_path):
    found = profiled(write(tmp_path / "a.jsonl", [good_row(i) for i in range(9)]))
    assert "counted" not in found["tokens"]["input"]
    mixed = profiled(write(tmp_path / "b.jsonl", [good_row(0), *(row(i) for i in range(9))]))
    assert "counted" not in mixed["tokens"]["input"]


def test_unread_texts_are_said_with_what_to_do(tmp_path, monkeypatch):
    path = write(tmp_path / "a.jsonl", [row(i) for i in range(9)])
    found = profiled(path, "--no-prompts")
    assert found["tokens"]["input"] is None
    assert [w for w in found["warnings"] if "without --no-prompts counts them" in w]
    monkeypatch.setattr("breakeven.cli.measuring._READ_UNASKED", 100)
    large = profiled(path)
    assert large["tokens"]["input"] is None
    assert [w for w in large["warnings"] if "`profile --prompts` counts them" in w]
    assert profiled(path, "--prompts")["tokens"]["input"]["counted"] is True


def test_a_study_opens_on_counted_tokens(tmp_path, monkeypatch):
    write(tmp_path / "a.jsonl", [row(i) for i in range(90)])
    monkeypatch.chdir(tmp_path)
    made = run(new, "study", "--from", "a.jsonl")
    assert made.exit_code == 0
    assert "Fill in" not in made.output
    text = (tmp_path / "study" / "breakeven.yaml").read_text()
    assert "tokens counted from texts" in text


def test_a_study_from_uncounted_texts_says_how_they_are_counted(tmp_path, monkeypatch):
    write(tmp_path / "a.jsonl", [row(i) for i in range(90)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("breakeven.cli.measuring._READ_UNASKED", 100)
    said = " ".join(run(new, "study", "--from", "a.jsonl").output.split())
    assert "workload.tokens.input: tokens of one call; the logs do not tell, but keep texts: " in said
    assert "`breakeven profile LOGS --prompts -o FILE` counts them, `--from FILE` takes them" in said


def test_repricing_counts_and_says_so_on_a_narrow_page(tmp_path, monkeypatch):
    path = write(tmp_path / "a.jsonl", [row(i) for i in range(90)])
    monkeypatch.setenv("COLUMNS", "80")
    page = run(reprice, path, "--on", "openai/gpt-4.1").output
    assert "90 of 90 calls priced" in page
    assert "! the log states no tokens: counted with o200k from its texts" in page
    assert max(map(len, page.splitlines())) <= 80
