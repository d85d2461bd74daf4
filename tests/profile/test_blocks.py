"""Lines taken many at a time are the lines taken one by one, whatever the bytes are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

from breakeven.evidence.calls import blocks, lines
from breakeven.evidence.calls.blocks import Picked, line_batches
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines import duckdb_files
from breakeven.evidence.calls.files import LogFile
from breakeven.evidence.calls.read import read_logs
from tests.profile.corruption import KINDS, good_row

PIECES = st.sampled_from(
    [
        b'{"a": 1}',
        b"\n",
        b"\r\n",
        b" ",
        b"\t",
        b"\0",
        b"\xe4",
        "\u00e4\u20ac".encode(),
        b"\xef\xbb\xbf",
        b"x" * 40,
    ]
)


def _file(path):
    return LogFile(path=path, shown=path.name, compression="none", container="jsonl")


def _found(batches):
    rows = [row for batch in batches for row in batch.to_pylist()]
    rows.sort(key=lambda row: row["number"])
    return [(row["number"], row["text"].strip(" \t\r\n"), row["broken"]) for row in rows]


def _expected(path):
    return [(line.number, line.text, line.broken) for line in lines.read_lines(_file(path), None)]


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(PIECES, max_size=30))
def test_the_same_lines(tmp_path_factory, pieces):
    path = tmp_path_factory.getbasetemp() / "pieces.jsonl"
    path.write_bytes(b"".join(pieces))
    with pytest.MonkeyPatch.context() as patch:  # blocks of a few bytes, and lines of at most 64
        patch.setattr(blocks, "_BLOCK", 16)
        for module in (blocks, lines):
            patch.setattr(module, "LONGEST", 64)
        expected = _expected(path)
        assert _found(line_batches(_file(path), None)) == expected
        every = Picked(_file(path), range(len(expected)), total=len(expected))
        assert _found(every.batches()) == expected
    assert every.sound


def test_records_that_are_not_the_lines_are_not_trusted(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n\n  {"a": 2}\n{"a": "\xe4"}\n{"a": 4}\n')
    few = Picked(_file(path), [1, 2], total=4)
    assert [row[0] for row in _found(few.batches())] == [3, 4]
    assert few.sound
    for records, total in (([1, 2], 5), ([1], 4)):  # a line too few; a broken line that was not told
        picked = Picked(_file(path), records, total=total)
        assert _found(picked.batches())
        assert not picked.sound


@pytest.mark.parametrize("share", [0.002, 0.2])
def test_few_bad_rows_are_picked_out_and_many_are_read_through(tmp_path, monkeypatch, share):
    taken = []

    def counted(*words):
        taken.append(1)
        return line_batches(*words)

    monkeypatch.setattr(duckdb_files, "line_batches", counted)
    kinds = [spoil for spoil, _ in KINDS.values()]
    rows, bad = [], []
    for i in range(6_000):
        if i % round(1 / share) == 3:
            bad.append(i + 1)
            rows.append(kinds[len(bad) % 30](good_row(i)))
        else:
            rows.append(json.dumps(good_row(i)).encode())
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(rows))
    with Engine(threads=2) as engine:
        log = read_logs([str(path)], engine=engine)
        refused = engine.rows(log.rejected.order_by("line").select("line"))
        calls = engine.rows(log.calls.count().as_table())[0][0]
    assert [line for (line,) in refused] == bad
    assert calls == 6_000 - len(bad)
    assert bool(taken) == (share > 0.02)
