"""What each host takes and refuses: one row for each rule, and the files' limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from breakeven.errors import InputError
from breakeven.evidence.training.check import CheckInput, CheckResult
from breakeven.evidence.training.checks.format import CHECK
from breakeven.evidence.training.hosts import find_host, training_hosts
from breakeven.evidence.training.hosts.limits import read_limits
from breakeven.evidence.training.reading import read_training
from breakeven.evidence.training.row import TrainingRow
from breakeven.prices.tables import read_table

USER, ANSWER = {"role": "user", "content": "Where?"}, {"role": "assistant", "content": "Here."}
SYSTEM = {"role": "system", "content": "Be kind."}
TOOL = {
    "type": "function",
    "function": {
        "name": "find",
        "parameters": {
            "type": "object", "required": ["what"], "additionalProperties": False,
            "properties": {"what": {"type": "string"}, "n": {"type": "integer"}, "how": {"enum": ["far", "near"]}},
        },
    },
}  # fmt: skip


def call(arguments: object, name: str = "find", ids: tuple[str | None, ...] = ("1",)) -> dict[str, Any]:
    made = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "tool_calls": [made if one is None else {"id": one, **made} for one in ids]}


def data(folder: Path, *rows: dict[str, Any]) -> Any:
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_training([path])


def row_of(folder: Path, *messages: dict[str, Any], **more: Any) -> TrainingRow:
    found: TrainingRow = data(folder, {"messages": list(messages), **more}).rows[0]
    return found


def checked(folder: Path, *rows: dict[str, Any], hosts: tuple[str, ...] = ()) -> CheckResult:
    return CHECK(CheckInput(train=data(folder, *rows), settings={"hosts": hosts}))


def test_a_plain_chat_row_and_a_proper_tool_call_are_taken_by_all_chat_hosts(tmp_path: Path) -> None:
    plain = row_of(tmp_path, SYSTEM, USER, ANSWER)
    tooled = row_of(tmp_path, USER, call('{"what": "card", "n": 2, "how": "far"}'), tools=[TOOL])
    for name in ("openai", "azure", "together", "fireworks", "trl"):
        assert find_host(name).problems(plain) == [], name
        assert find_host(name).problems(tooled) == [], name
    assert find_host("vertex").problems(plain)[0].startswith("reads")


@pytest.mark.parametrize(
    ("messages", "more", "problem"),
    [
        ((USER, {"role": "asistant", "content": "x"}, ANSWER), {}, "unknown role 'asistant'"),
        ((USER, SYSTEM, ANSWER), {}, "a system message that does not come first"),
        ((SYSTEM, ANSWER), {}, "no user message"),
        ((SYSTEM, USER), {}, "no assistant message"),
        ((USER, ANSWER, USER), {}, "the last message is not the assistant's"),
        ((USER, {"role": "assistant", "content": " "}), {}, "the answer is empty"),
        ((USER, {**ANSWER, "weight": 2}), {}, "a weight that is neither 0 nor 1"),
        ((USER, {**ANSWER, "weight": True}), {}, "a weight that is neither 0 nor 1"),
        (({**USER, "weight": 1}, ANSWER), {}, "a weight at a message that is not the assistant's"),
        ((USER, {**ANSWER, "weight": 0}), {}, "all weights are 0: nothing is learned"),
        (({"role": "user", "content": [{"type": "video", "text": "x"}]}, ANSWER), {}, "a part of type 'video'"),
        ((USER, call("{")), {"tools": [TOOL]}, "arguments of find are not JSON"),
        ((USER, call({"what": "x"})), {"tools": [TOOL]}, "arguments of find are no JSON text"),
        ((USER, call("[]")), {"tools": [TOOL]}, "arguments of find are no object"),
        ((USER, call('{"what": "x"}')), {}, "calls find, which the row does not declare"),
        ((USER, call("{}")), {"tools": [TOOL]}, "a call of find without what"),
        ((USER, call('{"what": 3}')), {"tools": [TOOL]}, "a call of find with a wrong what"),
        ((USER, call('{"what": "x", "n": 1.5}')), {"tools": [TOOL]}, "a call of find with a wrong n"),
        ((USER, call('{"what": "x", "n": true}')), {"tools": [TOOL]}, "a call of find with a wrong n"),
        ((USER, call('{"what": "x", "how": "up"}')), {"tools": [TOOL]}, "a call of find with a wrong how"),
        ((USER, call('{"what": "x", "z": 1}')), {"tools": [TOOL]}, "a call of find with z, which it does not have"),
        ((USER, call("{}", "")), {"tools": [TOOL]}, "a call of a tool without its name"),
        ((USER, call('{"what": "x"}', ids=(None,))), {"tools": [TOOL]}, "a call of a tool without its id"),
        ((USER, call('{"what": "x"}', ids=("",))), {"tools": [TOOL]}, "a call of a tool without its id"),
        ((USER, call('{"what": "x"}', ids=("1", "1"))), {"tools": [TOOL]}, "two calls of tools with one id"),
        ((USER, {"role": "tool", "content": "x", "tool_call_id": "9"}, ANSWER), {},
         "a tool's result that no call asked for"),
    ],
)  # fmt: skip
def test_openai_refuses(
    messages: tuple[dict[str, Any], ...], more: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    assert find_host("openai").problems(row_of(tmp_path, *messages, **more)) == [problem]


def test_hosts_differ_where_their_documents_do(tmp_path: Path) -> None:
    twice = row_of(tmp_path, USER, USER, ANSWER)
    more = row_of(tmp_path, USER, ANSWER, source="crm")
    objects = row_of(tmp_path, USER, call({"what": "x"}), tools=[TOOL])
    told = {
        host.name: (host.problems(twice), host.problems(more), host.problems(objects))
        for host in training_hosts()
    }
    assert told["together"][:2] == (["two user messages in a row"], ["a key that is refused: source"])
    assert told["openai"][:2] == ([], [])
    assert told["trl"][2] == []
    assert told["openai"][2] == ["arguments of find are no JSON text"]


def test_a_file_with_too_few_rows_fails_at_the_host_that_is_named(tmp_path: Path) -> None:
    nine = [{"messages": [USER, ANSWER]}] * 9
    assert checked(tmp_path, *nine, hosts=("openai",)).verdict == "fail"
    assert checked(tmp_path, *nine, hosts=("fireworks",)).verdict == "pass"
    assert checked(tmp_path, *nine, *nine[:1], hosts=("openai",)).verdict == "pass"
    found = checked(tmp_path, *nine)
    assert (found.verdict, found.details["hosts"]["openai"]["file"]) == (
        "pass",
        ["9 rows, at least 10 are needed"],
    )


def test_offending_rows_are_flagged_with_their_lines(tmp_path: Path) -> None:
    good = [{"messages": [SYSTEM, USER, ANSWER]}] * 10
    bad = [{"messages": [SYSTEM, USER]}, {"messages": [USER, ANSWER]}]
    found = checked(tmp_path, *good, *bad, hosts=("openai", "azure"))
    assert (found.verdict, found.value, found.n) == ("fail", 2 / 12, 12)
    assert [(flag.place.line, flag.reason) for flag in found.flagged] == [
        (11, "no assistant message (openai, azure)"), (12, "no system message, as 11 of 12 rows have"),
    ]  # fmt: skip


def test_rows_in_no_host_s_keys_can_not_be_told_until_a_host_is_named(tmp_path: Path) -> None:
    rows = [{"question": "a", "answer": "b"}] * 10
    assert checked(tmp_path, *rows).verdict == "cannot_tell"
    assert checked(tmp_path, *rows, hosts=("openai",)).verdict == "fail"


def test_the_planted_defects_of_the_toy_file_are_found_with_their_lines(real_data: Any) -> None:
    """One row without a system message, one without a user message, one answer of 26,000 characters."""
    from breakeven.evidence.training.checks.length import CHECK as LENGTH

    train = read_training([real_data("chat_finetuning_samples") / "openai_toy_chat_fine_tuning.jsonl"])
    given = CheckInput(train=train, settings={"hosts": ("openai",)})
    assert [(f.place.line, f.reason.partition(",")[0]) for f in CHECK(given).flagged] == [
        (3, "no system message"), (4, "no user message"),
    ]  # fmt: skip
    assert [(f.place.line, f.reason) for f in LENGTH(given).flagged] == [
        (5, "26,000 characters that repeat themselves")
    ]


def test_real_tool_calls_are_taken(real_data: Any) -> None:
    for name in ("stock_toolcall_training", "stock_toolcall_validation", "gsm8k_chat_train"):
        train = read_training([real_data("chat_finetuning_samples") / f"{name}.jsonl"])
        assert CHECK(CheckInput(train=train, settings={"hosts": ("openai", "azure")})).flagged == (), name


def test_the_longest_beginning_of_a_model_s_name_wins() -> None:
    host = find_host("openai")
    assert host.number("tokens_max") == host.number("tokens_max", "openai/gpt-4.1-mini") == 65_536
    assert host.number("tokens_max", "gpt-4.1-nano-2025-04-14") == 32_768
    assert find_host("trl").number("tokens_max") is None


def test_every_limit_has_a_dated_source() -> None:
    for host in training_hosts():
        assert host.limits, host.name
        assert all(limit.source.date is not None for limit in host.limits)


def test_an_unknown_host_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'openai'"):
        find_host("opnai")


@pytest.mark.parametrize(
    "row", ["limit: rows_mni, value: 3", "limit: rows_min, value: 0", "limit: rows_min, valeu: 3"]
)
def test_a_wrong_row_of_the_table_is_an_error_with_its_line(row: str) -> None:
    source = "{s: {kind: guess, reference: r, date: 2026-01-01}}"
    text = f"sources: {source}\nrows:\n  - {{host: h, {row}, source: s}}\n"
    with pytest.raises(InputError, match=r"t\.yaml:3"):
        read_limits(read_table(text, "t.yaml"))
