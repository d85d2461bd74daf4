"""The same question and answer in every format is read as the same row."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence.training.formats import find_training_format, training_formats
from breakeven.evidence.training.reading import parse_columns, read_training
from breakeven.evidence.training.row import Message, TrainingRow

Q, A, B, S = "Where is my card?", "On its way.", "No idea.", "Be kind."
USER, ANSWER, WORSE = (
    {"role": r, "content": c} for r, c in (("user", Q), ("assistant", A), ("assistant", B))
)
SYSTEM = {"role": "system", "content": S}

ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "chat": ({"messages": [SYSTEM, USER, ANSWER]}, "chat"),
    "chat in parts": (
        {"messages": [SYSTEM, {"role": "user", "content": [{"type": "text", "text": Q}]}, ANSWER]}, "chat",
    ),
    "chat as JSON text": ({"messages": json.dumps([SYSTEM, USER, ANSWER])}, "chat"),
    "preference": (
        {"input": {"messages": [SYSTEM, USER]}, "preferred_output": [ANSWER], "non_preferred_output": [WORSE]},
        "preference",
    ),
    "gemini": (
        {"systemInstruction": {"parts": [{"text": S}]},
         "contents": [{"role": "user", "parts": [{"text": Q}]}, {"role": "model", "parts": [{"text": A}]}]},
        "gemini",
    ),
    "sharegpt": (
        {"system": S, "conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]}, "sharegpt",
    ),
    "messages to prompt and completion": ({"prompt": [SYSTEM, USER], "completion": [ANSWER]}, "completion"),
    "messages to chosen": ({"prompt": [SYSTEM, USER], "chosen": [ANSWER], "rejected": [WORSE]}, "chosen"),
    "chosen with the prompt in it": (
        {"chosen": [SYSTEM, USER, ANSWER], "rejected": [SYSTEM, USER, WORSE]}, "chosen",
    ),
    "prompt and completion": ({"prompt": Q, "completion": A}, "completion"),
    "chosen": ({"prompt": Q, "chosen": A, "rejected": B}, "chosen"),
    "alpaca": ({"instruction": "Where is", "input": "my card?", "output": A}, "alpaca"),
    "question and answer": ({"question": Q, "answer": A}, "qa"),
    "a table": ({"utterance": Q, "response": A}, "table"),
    "text": ({"text": A}, "text"),
}  # fmt: skip


def written(folder: Path, *rows: object, name: str = "train.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def only(folder: Path, row: object, **more: Any) -> TrainingRow:
    [found] = read_training([written(folder, row)], **more).rows
    return found


@pytest.mark.parametrize("kind", ROWS)
def test_every_format_gives_the_same_question_and_answer(kind: str, tmp_path: Path) -> None:
    raw, name = ROWS[kind]
    row = only(tmp_path, raw)
    assert (row.format, row.answer, row.raw) == (name, A, raw)
    assert row.question.split() == ("" if kind == "text" else Q).split()
    assert row.rejected == (B if name in ("preference", "chosen") else None)
    assert row.system == (S if S in json.dumps(raw) else "")


def test_tools_calls_and_results_are_kept(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    tool = {"type": "function", "function": {"name": "find"}}
    messages = [USER, {"role": "assistant", "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "1", "content": "found"}, ANSWER]  # fmt: skip
    row = only(tmp_path, {"messages": messages, "tools": [tool]})
    assert row.messages[1] == Message(role="assistant", content="", tool_calls=(call,))
    assert (row.tools, row.answer) == ((tool,), A)
    older = {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": "{}"}}
    [made] = only(tmp_path, {"messages": [USER, older]}).messages[1].tool_calls
    assert made["function"]["name"] == "find"


def test_a_label_an_id_a_cluster_and_an_origin_are_found_by_their_columns(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"text": Q, "category": "card", "id": 7, "customer_id": "c-1", "origin": "Human"},
        {"text": "Hi", "category": "other", "id": 8, "customer_id": "c-2", "origin": "who knows"},
    )  # fmt: skip
    found = read_training([path])
    first, second = found.rows
    assert (first.answer, first.label, first.id, first.cluster, first.origin) == (
        "card",
        "card",
        "7",
        "c-1",
        "human",
    )
    assert second.origin == "unknown"
    assert found.mapping == {
        "question": "text", "label": "category", "id": "id", "cluster": "customer_id", "origin": "origin",
    }  # fmt: skip
    assert "label from `category` (by its name)" in found.notes[0]


def test_a_map_goes_before_a_guess(tmp_path: Path) -> None:
    row = {"text": "not this", "ticket": {"body": Q}, "label": "not this", "queue": "card", "who": "c-9"}
    mapping = parse_columns(["question=ticket.body", "label=queue", "cluster=who"])
    found = only(tmp_path, row, mapping=mapping)
    assert (found.question, found.answer, found.label, found.cluster) == (Q, "card", "card", "c-9")


def test_messages_may_stand_under_any_name(tmp_path: Path) -> None:
    row = only(tmp_path, {"talk": [USER, ANSWER]}, mapping={"messages": "talk"})
    assert (row.question, row.answer) == (Q, A)


def test_a_list_that_is_left_out_is_an_empty_list(tmp_path: Path) -> None:
    """Slots of an utterance that has none are left out in the file; the row is as good as any."""
    path = written(
        tmp_path, {"userInput": {"text": Q}, "labels": [{"slot": "card"}]}, {"userInput": {"text": "Hi"}}
    )
    assert [row.answer for row in read_training([path]).rows] == ['[{"slot": "card"}]', "[]"]


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no column 'utterence' for `question`") as raised:
        read_training([written(tmp_path, {"utterance": Q, "x": 1})], mapping={"question": "utterence"})
    assert "near it: utterance" in str(raised.value)


@pytest.mark.parametrize("pair", ["question", "question=", "questoin=a"])
def test_a_map_that_says_nothing_is_refused(pair: str) -> None:
    with pytest.raises(EvidenceError):
        parse_columns([pair])


def test_several_files_each_have_their_format(tmp_path: Path) -> None:
    one = written(tmp_path, ROWS["chat"][0], name="a.jsonl")
    two = written(tmp_path, ROWS["alpaca"][0], ROWS["alpaca"][0], name="b.jsonl")
    found = read_training([one, two])
    assert [row.format for row in found.rows] == ["chat", "alpaca", "alpaca"]
    assert [(file.format, file.n_rows) for file in found.files] == [("chat", 1), ("alpaca", 2)]
    assert found.sha256 != read_training([two, one]).sha256
    assert found.sha256 == read_training([one, two]).sha256


def test_parquet_is_read(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "train.parquet"
    pq.write_table(pa.Table.from_pylist([{"messages": [USER, ANSWER]}, {"messages": None}]), path)
    found = read_training([path])
    assert [(row.place.line, row.answer) for row in found.rows] == [(1, A)]
    assert [(bad.place.line, bad.reason) for bad in found.rejected] == [(2, "no messages")]


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(ROWS["chat"][0]).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    found = read_training(["-"])
    assert (found.paths, found.rows[0].answer) == (("-",), A)


def test_an_unknown_format_names_the_nearest() -> None:
    assert {known.name for known in training_formats()} >= {"chat", "preference", "alpaca", "qa"}
    with pytest.raises(EvidenceError, match="nearest: chat"):
        find_training_format("chatt")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    str.strip
)


@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_any_texts_survive_the_way_through_json_lines(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = [
        {"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in pairs
    ]
    path = folder / "train.jsonl"
    lines = [json.dumps(row, ensure_ascii=k % 2 == 0) + "\n" for k, row in enumerate(rows)]
    path.write_text("".join(lines), encoding="utf-8", newline="")
    found = read_training([path])
    assert [(row.question, row.answer) for row in found.rows] == pairs
    assert found.rejected == ()


@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_any_texts_survive_the_way_through_csv(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    pairs = [(q.replace("\r", " ") + ".", a.replace("\r", " ") + ".") for q, a in pairs]
    path = tmp_path_factory.mktemp("rows") / "train.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("question", "answer"), *pairs])
    assert [(row.question, row.answer) for row in read_training([path]).rows] == pairs


def test_the_real_files_are_read_whole(real_data: Any) -> None:
    """Counts from the data sets' own descriptions."""
    chat = real_data("chat_finetuning_samples")
    expected = {
        "gsm8k_chat_train": (449, "chat"),
        "stock_toolcall_training": (86, "chat"),
        "sarcasm_questions": (500, "qa"),
    }
    for name, (rows, form) in expected.items():
        found = read_training([chat / f"{name}.jsonl"])
        assert (len(found.rows), found.rejected, {row.format for row in found.rows}) == (rows, (), {form})
    slots = read_training([real_data("restaurant8k_slots") / "test.json"])
    assert (len(slots.rows), slots.rejected) == (3_731, ())
    assert sum(row.answer != "[]" for row in slots.rows) == 2_379
    banking = read_training([real_data("banking77") / "train.csv"])
    assert len({row.label for row in banking.rows}) == 77


# ------------------------------------------------------------------------------------------------- Axolotl's own

_TURN = [{"role": "user", "content": "Q"}]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": _TURN, "chosen": {"role": "assistant", "content": "A"},
         "rejected": {"role": "assistant", "content": "B"}},
        {"conversation": _TURN, "chosen": [{"from": "gpt", "value": "A"}], "rejected": "B"},
        {"question": "Q", "chosen": "A", "rejected": "B"},
        {"instruction": "Q", "chosen_response": "A", "rejected_response": "B"},
    ],
)  # fmt: skip
def test_pairs_after_a_conversation_are_no_chat_without_an_answer(
    row: dict[str, Any], tmp_path: Path
) -> None:
    found = only(tmp_path, row)
    assert (found.format, found.question, found.answer, found.rejected) == ("axolotl-pairs", "Q", "A", "B")


def test_segments_with_a_label_are_learned(tmp_path: Path) -> None:
    parts = [(False, "<s>Hi "), (None, "there"), (True, "A"), (True, "B")]
    found = only(tmp_path, {"segments": [{"label": label, "text": text} for label, text in parts]})
    assert (found.format, found.question, found.answer) == ("axolotl-segments", "<s>Hi there", "AB")
    data = read_training([written(tmp_path, {"segments": [{"label": True, "text": "A"}]},
                                  {"segments": [{"text": "A"}]}, {"segments": 5})])  # fmt: skip
    assert [bad.reason for bad in data.rejected] == ["no answer", "no segments"]


def test_an_instruction_may_have_a_response(tmp_path: Path) -> None:
    assert only(tmp_path, {"instruction": "Q", "response": "A"}).answer == "A"
