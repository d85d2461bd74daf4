"""Rows written in another format: what is read of them again is what was read before, and the source comes back."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, InputError
from breakeven.evidence.training.check import CheckInput
from breakeven.evidence.training.checks import named_checks
from breakeven.evidence.training.cleaning import Change, undo, write_cleaned
from breakeven.evidence.training.converting import TARGETS, convert_row, convert_rows
from breakeven.evidence.training.formats.format import UnusableRowError
from breakeven.evidence.training.reading import read_training
from breakeven.evidence.training.rewriting import rewrite_rows
from breakeven.evidence.training.row import TrainingRow

TOOLS = [{"type": "function", "function": {"name": "price", "parameters": {"type": "object"}}}]
CALL = {"id": "c1", "type": "function", "function": {"name": "price", "arguments": '{"of": "tea"}'}}

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12
).filter(
    lambda text: bool(text.strip()) and text.strip()[:1] != "["  # a text that begins so may be read as a list
)


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[str, str]]:
    """(role, text), with or without instructions, the answer last."""
    turns = [("system", draw(texts))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        turns += [("user", draw(texts)), ("assistant", draw(texts))]
    return turns


Talk = Sequence[tuple[str, str]]


def chat(talk: Talk) -> list[dict[str, str]]:
    return [{"role": role, "content": text} for role, text in talk]


SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}
SOURCES: dict[str, Callable[[Talk, str], dict[str, Any]]] = {
    "chat": lambda talk, _: {"messages": chat(talk)},
    "sharegpt": lambda talk, _: {"conversations": [{"from": SHAREGPT[role], "value": text} for role, text in talk]},
    "completion": lambda talk, _: {"prompt": chat(talk[:-1]), "completion": chat(talk[-1:])},
    "chosen": lambda talk, bad: {"prompt": chat(talk[:-1]), "chosen": chat(talk[-1:]), "rejected": chat(
        [("assistant", bad)])},
    "preference": lambda talk, bad: {"input": {"messages": chat(talk[:-1])}, "preferred_output": chat(talk[-1:]),
                                     "non_preferred_output": chat([("assistant", bad)])},
    "axolotl-pairs": lambda talk, bad: {"messages": chat(talk[:-1]), "chosen": chat(talk[-1:])[0],
                                        "rejected": chat([("assistant", bad)])[0]},
}  # fmt: skip
PAIRS = {"chosen", "preference", "axolotl-pairs"}


def said(row: TrainingRow) -> tuple[Any, ...]:
    return [(m.role, m.content) for m in row.messages], row.rejected, row.tools, row.id


@settings(max_examples=60, deadline=None)
@given(
    st.lists(conversations(), min_size=1, max_size=4), texts, st.sampled_from(sorted(SOURCES)),
    st.sampled_from(sorted(TARGETS)), st.booleans(),
)  # fmt: skip
def test_what_is_written_is_read_as_the_same_and_the_source_comes_back(
    talks: list[Talk], worse: str, source: str, to: str, zipped: bool
) -> None:
    if to in ("preference", "chosen"):
        source = "chosen"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("train.jsonl.gz" if zipped else "train.jsonl")
        rows = [{**SOURCES[source](talk, worse), "id": f"r{k}"} for k, talk in enumerate(talks)]
        data = "".join(json.dumps(row) + "\r\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if zipped else data)
        before, read = path.read_bytes(), read_training([path])
        found = rewrite_rows(path, read, [], to, keep=("id",))
        copy, log, again = (Path(folder) / name for name in ("copy.jsonl", "copy.undo", "again"))
        write_cleaned(found, copy, log)
        written = read_training([copy])
        assert {row.format for row in written.rows} == {to}
        wanted = [said(row) for row in read.rows]
        if to not in (
            "preference",
            "chosen",
        ):  # these formats teach one answer; what is not to be said is left out
            wanted = [(messages, None, *rest) for messages, _, *rest in wanted]
        assert [said(row) for row in written.rows] == wanted
        undo(copy, log, again)
        assert again.read_bytes() == before == path.read_bytes()


def test_a_table_is_written_as_chat_with_instructions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    buffer = io.StringIO()
    csv.writer(buffer).writerows(
        [("ticket", "queue", "id"), ("Where, please?\nToday", "orders", "7"), ("", "x", "8")]
    )
    Path("t.csv").write_text(buffer.getvalue(), encoding="utf-8")
    words = "t.csv --map question=ticket --map label=queue --to chat --system Sort. --keep id --drop none -o c.jsonl"
    page = run(*words.split())
    assert page.exit_code == 0, page.exception
    assert "1 row that can not be read was left out" in page.output
    assert [json.loads(line) for line in Path("c.jsonl").read_text().splitlines()] == [
        {"messages": [{"role": "system", "content": "Sort."}, {"role": "user", "content": "Where, please?\nToday"},
                      {"role": "assistant", "content": "orders"}], "id": "7"}
    ]  # fmt: skip
    head, *entries = [json.loads(line) for line in Path("c.undo").read_text().splitlines()]
    assert (head["breakeven_clean"], head["to"]) == (2, "chat")
    assert entries == [{"line": 2, "id": "7", "written": 1}, {"line": 4, "action": "drop", "reasons": [
        "no question: `ticket` is empty or missing"]}]  # fmt: skip
    assert run("c.jsonl", "--undo", "c.undo", "-o", "again.csv").exit_code == 0
    assert Path("again.csv").read_bytes() == Path("t.csv").read_bytes()


def run(*words: str) -> Result:
    return CliRunner().invoke(root, ["data", "clean", *words])


def test_a_parquet_file_is_cleaned_into_chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    monkeypatch.chdir(tmp_path)
    table = pa.table({"question": ["Mail bob@acme.io", "Two", "two!"], "answer": ["yes", "no", "no"]})
    parquet.write_table(table, "t.parquet")
    refused = run("t.parquet", "-o", "c.jsonl").exception
    assert "--to chat cleans it too" in str(refused)
    assert run("t.parquet", "--to", "chat", "-o", "c.jsonl").exit_code == 0
    copy = Path("c.jsonl").read_text()
    assert copy.count("\n") == 2  # "two!" repeats "Two"
    assert "[EMAIL]" in copy
    assert run("c.jsonl", "--undo", "c.undo", "-o", "again.parquet").exit_code == 0
    assert Path("again.parquet").read_bytes() == Path("t.parquet").read_bytes()


def chat_row(*messages: dict[str, Any], **more: Any) -> TrainingRow:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.jsonl"
        path.write_text(json.dumps({"messages": list(messages), **more}) + "\n")
        return read_training([path]).rows[0]


ASKED = {"role": "user", "content": "How much is tea?"}
TOOLED = (ASKED, {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "c1", "content": "2"},
          {"role": "assistant", "content": "Two.", "weight": 1})  # fmt: skip


def test_chat_rows_keep_calls_names_weights_and_parts() -> None:
    parts = {
        "role": "user",
        "content": [{"type": "text", "text": "And this?"}, {"type": "image_url", "image_url": {}}],
    }
    row = chat_row({**ASKED, "name": "ann"}, *TOOLED[1:3], parts, TOOLED[3], tools=TOOLS)
    assert convert_row(row, "chat") == {"messages": list(row.raw["messages"]), "tools": TOOLS}
    told = convert_row(row, "chat", system="Be short.")["messages"]
    assert told[0] == {"role": "system", "content": "Be short."}
    assert told[2] == {"role": "assistant", "content": None, "tool_calls": [CALL]}
    assert [told[1], *told[3:]] == [row.raw["messages"][0], *row.raw["messages"][2:]]
    done = convert_row(row, "completion")
    assert (done["prompt"][-1], done["completion"]) == (parts, [TOOLED[3]])


@pytest.mark.parametrize(
    ("to", "reason"),
    [("gemini", "calls of tools"), ("preference", "no worse answer"), ("chosen", "no worse answer")],
)
def test_a_row_that_a_format_has_no_words_for_is_refused(to: str, reason: str) -> None:
    row = chat_row(*TOOLED, tools=TOOLS)
    with pytest.raises(UnusableRowError, match=reason):
        convert_row(row, to)
    [refused] = convert_rows([row], to).refused
    assert (refused.place.line, refused.reason) == (1, reason)


def sharegpt(tmp_path: Path, *turns: tuple[str, str]) -> TrainingRow:
    path = tmp_path / "t.jsonl"
    row = {"conversations": [{"from": who, "value": text} for who, text in turns], "tools": json.dumps(TOOLS)}
    path.write_text(json.dumps(row) + "\n")
    return read_training([path]).rows[0]


def test_calls_of_tools_in_sharegpt_find_their_results(tmp_path: Path) -> None:
    call = '{"name": "price", "arguments": {"of": "tea"}}'
    turns = [("human", "Tea?"), ("function_call", call), ("observation", "2"), ("function_call", call),
             ("observation", "3"), ("gpt", "Two, no, three.")]  # fmt: skip
    made = convert_row(sharegpt(tmp_path, *turns), "chat")
    assert made["tools"] == TOOLS
    calls, results = ([m for m in made["messages"] if m.get(key)] for key in ("tool_calls", "tool_call_id"))
    assert (
        [m["tool_calls"][0]["id"] for m in calls]
        == [m["tool_call_id"] for m in results]
        == ["call_1", "call_2"]
    )
    assert json.loads(calls[0]["tool_calls"][0]["function"]["arguments"]) == {"of": "tea"}
    (tmp_path / "c.jsonl").write_text((json.dumps(made) + "\n") * 10)
    (check,) = named_checks(("format",))
    found = check(CheckInput(train=read_training([tmp_path / "c.jsonl"]), settings={"hosts": ("openai",)}))
    assert found.verdict == "pass", found.because


def test_a_result_of_a_tool_without_a_call_is_not_written(tmp_path: Path) -> None:
    row = sharegpt(
        tmp_path, ("human", "Tea?"), ("function_call", "no call"), ("observation", "2"), ("gpt", "Two.")
    )
    with pytest.raises(UnusableRowError, match="a tool's result without its call"):
        convert_row(row, "chat")
    path = tmp_path / "t.jsonl"
    with pytest.raises(EvidenceError, match="no row is left to be written as chat"):
        rewrite_rows(path, read_training([path]), [], "chat")


def test_unknown_names_are_errors() -> None:
    with pytest.raises(InputError, match="no format to write is called 'chatt'"):
        convert_row(chat_row(*TOOLED), "chatt")
    with pytest.raises(InputError, match="no field to write is called 'question'"):
        convert_row(chat_row(*TOOLED), "chat", keep=("question",))


def test_changes_are_made_in_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    rows = [{"prompt": f"Mail ann{k}@acme.io", "completion": "yes"} for k in range(3)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    changes = [
        Change(line=1, action="drop", checks=("duplicates",), reasons=("r",)),
        Change(line=3, action="mask", checks=("personal-data",), reasons=("e",), kinds=frozenset({"EMAIL"})),
    ]
    found = rewrite_rows(path, read_training([path]), changes, "chat")
    asked = [json.loads(line)["messages"][0]["content"] for line in found.data.splitlines()]
    assert asked == ["Mail ann1@acme.io", "Mail [EMAIL]"]
    assert (found.kept, found.n_dropped, found.n_masked) == (2, 1, 1)


def test_split_writes_chat_rows_too(tmp_path: Path, real_data: Callable[[str], Path]) -> None:
    words = ["data", "split", str(real_data("banking77") / "test.csv"), "--to", "chat", "--keep", "label", "-o",
             str(tmp_path / "s"), "--json"]  # fmt: skip
    done = CliRunner().invoke(root, words)
    told = json.loads(done.stdout)
    assert (told["to"], told["not_written"]) == ("chat", 0)
    rows = [
        json.loads(line) for part in told["files"].values() for line in Path(part).read_text().splitlines()
    ]
    assert len(rows) == 3_080
    assert all(row["messages"][1]["content"] == row["label"] for row in rows)
    assert "add --to chat" in CliRunner().invoke(root, [*words[:3], "--keep", "id", "-o", "x"]).output
