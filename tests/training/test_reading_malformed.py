"""Thousands of broken rows of many kinds among good ones: each is counted, placed, and says why."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from breakeven.errors import EvidenceError
from breakeven.evidence.training.reading import read_training

GOOD = b'{"messages": [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": "Here."}]}'


def chat(*messages: object, **more: object) -> bytes:
    return json.dumps({"messages": list(messages), **more}).encode()


ASKED = {"role": "user", "content": "Where?"}
CALL = {"role": "assistant", "tool_calls": {"id": 1}}
KINDS: dict[str, tuple[bytes, str]] = {
    "cut off": (GOOD[:40], "not JSON"),
    "trailing comma": (b'{"messages": [],}', "not JSON"),
    "prose": (b"Once upon a time", "not JSON"),
    "single quotes": (b"{'messages': []}", "not JSON"),
    "two on a line": (GOOD + GOOD, "not JSON"),
    "control character": (b'{"messages": "a\x01b"}', "not JSON"),
    "NaN": (b'{"messages": NaN}', "not JSON"),
    "Infinity": (b'{"messages": -Infinity}', "not JSON"),
    "a number": (b"42", "not an object"),
    "a list": (b"[1, 2]", "not an object"),
    "null": (b"null", "not an object"),
    "a text": (b'"hello"', "not an object"),
    "an empty object": (b"{}", "no columns"),
    "a key twice": (b'{"messages": [], "messages": []}', "name given twice"),
    "a nested key twice": (
        b'{"messages": [{"role": "user", "content": "a", "content": "b"}]}',
        "name given twice",
    ),
    "invalid UTF-8": (b'{"messages": "\xff\xfe"}', "not UTF-8"),
    "half an UTF-8 letter": (b'{"messages": "\xc3"}', "not UTF-8"),
    "NUL": (b'{"messages": "a\x00b"}', "holds a NUL byte"),
    "deep": (b'{"messages": ' + b"[" * 200 + b"]" * 200 + b"}", "nested too deeply"),
    "very deep": (b'{"messages": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001, "nested too deeply"),
    "infinite by size": (b'{"messages": 1e999}', "number too large"),
    "thousands of digits": (b'{"messages": ' + b"9" * 5_000 + b"}", "number too large"),
    "half a surrogate pair": (b'{"messages": [{"role": "user", "content": "\\ud83d"}]}', "not Unicode"),
    "nothing": (b"", "empty line"),
    "spaces": (b"  \t ", "empty line"),
    "other columns": (b'{"foo": 1}', "no messages"),
    "messages as text": (b'{"messages": "hi"}', "no messages"),
    "messages as null": (b'{"messages": null}', "no messages"),
    "no message": (b'{"messages": []}', "no messages"),
    "a message as text": (chat("hi"), "message is no object"),
    "no role": (chat({"content": "hi"}), "message without role"),
    "a role as number": (chat({"role": 7, "content": "hi"}), "message without role"),
    "a blank role": (chat({"role": " ", "content": "hi"}), "message without role"),
    "no content": (chat({"role": "user"}), "message without content"),
    "content as number": (chat({"role": "user", "content": 5}), "content is no text"),
    "a part as number": (chat({"role": "user", "content": [5]}), "content is no text"),
    "calls as object": (chat(ASKED, CALL), "tool calls are no list"),
    "tools as object": (chat(ASKED, tools={"a": 1}), "tools are no list"),
    "empty messages": (chat({"role": "user", "content": ""}), "no text"),
    "a preference pair": (b'{"input": {"messages": []}, "preferred_output": []}', "another format"),
    "question and answer": (b'{"question": "a", "answer": "b"}', "another format"),
    "ShareGPT": (b'{"conversations": []}', "another format"),
    "a byte order mark in the middle": (b"\xef\xbb\xbf" + GOOD, "not JSON"),
    "a comment before it": (b"// " + GOOD, "not JSON"),
    "keys without quotes": (b"{messages: []}", "not JSON"),
    "a hexadecimal number": (b'{"weight": 0x1F}', "not JSON"),
    "a comma after it": (GOOD + b",", "not JSON"),
    "JSON within a text": (json.dumps(GOOD.decode()).encode(), "not an object"),
    "an array of rows": (b"[" + GOOD + b"]", "not an object"),
    "a surrogate as bytes": (b'{"messages": "\xed\xa0\x80"}', "not UTF-8"),
    "too long an encoding": (b'{"messages": "\xc0\xaf"}', "not UTF-8"),
    "the second half of a pair": (b'{"messages": [{"role": "user", "content": "\\uDC00"}]}', "not Unicode"),
    "a role as list": (chat({"role": ["user"], "content": "hi"}), "message without role"),
    "a message as null": (chat(None), "message is no object"),
    "messages as object": (b'{"messages": {"0": 1}}', "no messages"),
}


def test_each_of_five_thousand_broken_rows_is_counted_and_placed(tmp_path: Path) -> None:
    lines: list[bytes] = []
    expected: dict[int, str] = {}
    kinds = list(KINDS.values())
    while len(expected) < 5_000:
        line, reason = kinds[len(expected) % len(kinds)]
        lines += [line, GOOD]
        expected[len(lines) - 1] = reason
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    found = read_training([path])
    assert {bad.place.line: bad.reason for bad in found.rejected} == expected
    assert [row.place.line for row in found.rows] == list(range(2, 10_001, 2))
    assert len(kinds) >= 30


@pytest.mark.parametrize("kind", KINDS)
def test_strict_stops_at_the_first_with_its_line(kind: str, tmp_path: Path) -> None:
    line, reason = KINDS[kind]
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n".join([GOOD, GOOD, line, GOOD]) + b"\n")
    with pytest.raises(EvidenceError) as raised:
        read_training([path], strict=True)
    [problem] = raised.value.problems
    assert problem.place is not None
    assert (problem.place.line, problem.message.partition(":")[0]) == (3, reason)


def test_no_text_of_a_broken_row_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    secret = b'{"messages": [{"role": "user", "content": 5, "note": "sk-very-secret"}]} sk-very-secret'
    path.write_bytes(GOOD + b"\n" + secret + b"\n")
    [bad] = read_training([path]).rejected
    assert "secret" not in bad.reason + bad.detail


def test_a_byte_order_mark_windows_lines_and_gzip_change_nothing(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain.jsonl", tmp_path / "packed.jsonl.gz"
    data = b"\xef\xbb\xbf" + b"\r\n".join([GOOD] * 3)
    plain.write_bytes(data)
    packed.write_bytes(gzip.compress(data))
    for path in (plain, packed):
        found = read_training([path])
        assert (len(found.rows), found.rejected) == (3, ())


def test_a_first_line_of_any_length_is_still_a_line(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    long = GOOD.replace(b"Where?", b"word " * 40_000)
    path.write_bytes(long + b"\n" + GOOD + b"\n{\n")
    found = read_training([path])
    assert [row.place.line for row in found.rows] == [1, 2]
    assert [(bad.place.line, bad.reason) for bad in found.rejected] == [(3, "not JSON")]
    path.write_bytes(long + b"\n")
    assert len(read_training([path]).rows) == 1


def test_rows_of_a_json_document_are_placed_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    good = GOOD.decode()
    path.write_text(f'[{good},\n\n{good}, 7, {{"messages": [], "messages": []}}, {{}}]')
    found = read_training([path])
    assert [row.place.line for row in found.rows] == [1, 2]
    assert [(bad.place.line, bad.reason) for bad in found.rejected] == [
        (3, "not an object"), (4, "name given twice"), (5, "no columns"),
    ]  # fmt: skip


def test_rows_of_a_table_are_placed_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(
        b'question,answer\n"two\nlines",yes\nshort\n,no\nfine,\n"a \x00 b",no\n\xff,no\nlast,yes\n'
    )
    found = read_training([path])
    assert [(row.place.line, row.answer) for row in found.rows] == [(2, "yes"), (9, "yes")]
    assert Counter(bad.reason for bad in found.rejected) == {
        "another number of columns than the header": 1, "no question": 1, "no answer": 1, "holds a NUL byte": 1,
        "not UTF-8": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ('[{"messages": []}', "not JSON"),
        ('{"a": 1}\n{"a": 2}\n', "tell no training format: a"),
        ('{"messages": []}\n{"messages": 5}\n', "no row can be used"),
    ],
)
def test_a_file_that_can_not_be_used_is_one_clear_error(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(text)
    with pytest.raises(EvidenceError, match=message):
        read_training([path])
