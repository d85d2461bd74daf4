"""Every row that can not be used is counted under its reason, at its line; nothing else changes."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.errors import EvidenceError
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book
from tests.profile.corruption import KINDS, good_row

BAD = int(os.environ.get("BREAKEVEN_BAD_ROWS", "900"))
COUNTED = ("calls", "first", "last", "tokens", "cost_usd", "models", "features", "days", "failures", "caching",
           "latency_s", "retries", "rhythm", "calls_per_month")  # fmt: skip


def _write(path, rows):
    path.write_bytes(b"\n".join(rows) + b"\n")
    return str(path)


def _profile(*paths, **options):
    with Engine(threads=2) as engine:
        log = read_logs(paths, engine=engine, **options)
        refused = engine.rows(log.rejected.order_by("line").select("line", "reason", "text"))
        return build_profile(log, book=load_book()), refused


def test_there_are_thirty_kinds():
    assert len(KINDS) == 30


def test_each_bad_row_is_counted_and_nothing_else_changes(tmp_path):
    good = [json.dumps(good_row(i)).encode() for i in range(BAD // 2)]
    mixed, where = [], {}
    kinds = list(KINDS.values())
    for i in range(BAD):
        if i % 2 == 0:
            mixed.append(good[i // 2])
        spoil, reason = kinds[i % 30]
        mixed.append(spoil(good_row(i)))
        where[len(mixed)] = reason
    clean, none_refused = _profile(_write(tmp_path / "good.jsonl", good))
    found, refused = _profile(_write(tmp_path / "mixed.jsonl", mixed))
    assert none_refused == []
    assert {line: reason for line, reason, _ in refused} == where
    assert found["rejected"] == dict(Counter(where.values()))
    assert {key: found[key] for key in COUNTED} == {key: clean[key] for key in COUNTED}
    assert all(text is None for *_, text in refused)


def test_texts_of_refused_rows_are_kept_only_when_asked(tmp_path):
    path = _write(tmp_path / "a.jsonl", [json.dumps(good_row(0)).encode(), b'{"secret": 1}'])
    _, refused = _profile(path, keep_texts=True)
    assert refused == [(2, "not a record of OpenAI requests and responses", '{"secret": 1}')]


def test_strict_stops_at_the_first_with_its_line(tmp_path):
    rows = [json.dumps(good_row(0)).encode(), b"", b"{", b"[]"]
    with pytest.raises(EvidenceError, match=r"a\.jsonl:3: not JSON"):
        _profile(_write(tmp_path / "a.jsonl", rows), strict=True)


def test_blank_lines_and_a_byte_order_mark_are_no_faults(tmp_path):
    row = json.dumps(good_row(0)).encode()
    found, refused = _profile(_write(tmp_path / "a.jsonl", [b"\xef\xbb\xbf" + row, b"", b"  ", row]))
    assert (found["calls"], refused) == (2, [])


def test_rows_of_a_table_are_refused_by_line_too(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-01-01 00:00:00,5,5\n2026-01-01 00:00:00,x,5\n1,2\n"
    )
    found, refused = _profile(str(path))
    assert found["calls"] == 1
    assert [(line, reason) for line, reason, _ in refused] == [
        (3, "input_tokens is not a number"),
        (4, "another number of columns than the header"),
    ]


def test_a_file_without_a_usable_call_is_an_error(tmp_path):
    with pytest.raises(EvidenceError, match="no usable call"):
        _profile(_write(tmp_path / "a.jsonl", [b'{"x": 1}'] * 3), format_name="openai")


@pytest.mark.parametrize("where", [0, 95, 199], ids=["first row", "amid", "last row"])
@pytest.mark.parametrize("closed_later", [True, False])
def test_a_quote_that_is_not_closed_costs_its_own_row_only(tmp_path, where, closed_later):
    """The next quote closes it, rows later, or none does; a cell that truly holds several lines is left alone."""
    rows = [f"2026-01-{1 + i // 10:02d} 00:{i % 60:02d}:00,{100 + i},5,alpha" for i in range(200)]
    rows[40] = '2026-01-05 00:40:00,140,5,"two lines,\nof one cell, 12, 14"'
    for i in range(20, 200, 30) if closed_later else ():
        rows[i] = rows[i].replace("alpha", '"alpha"')
    rows[where] = rows[where].replace("alpha", '"alpha')
    path = tmp_path / "t.csv"
    path.write_text("TIMESTAMP,ContextTokens,GeneratedTokens,feature\n" + "\n".join(rows) + "\n")
    found, refused = _profile(str(path))
    assert found["calls"] == 199
    [(line, reason, _)] = refused
    assert line == where + 2 + (where > 40)
    assert reason in ("a quote that is not closed", "not CSV")
    assert found["tokens"]["input"]["sum"] == sum(range(100, 300)) - (100 + where)
