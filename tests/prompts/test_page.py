"""The prompt section of the terminal page, where little is known."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("rs_bpe")

from breakeven.cli.prompt_page import prompt_section
from breakeven.evidence.prompts.findings import prompt_findings
from breakeven.prices import load_book
from tests.prompts.planted import planted, rng_of, write_log


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_keep_to_the_width(tmp_path, width):
    rng = rng_of(0)
    write_log(
        tmp_path / "calls.jsonl", [planted(rng) for _ in range(3)], rng, calls=60, model="a-model\x1b[31m"
    )
    page = prompt_section(prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book()), width=width)
    assert max(map(len, page.splitlines())) <= width
    assert "\x1b" not in page
    assert "dollars not known" in page
    assert "few-shot examples" in page


def test_a_log_without_texts_says_so(tmp_path):
    record = {"timestamp": 1, "model": "gpt-4o", "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    (tmp_path / "calls.jsonl").write_text(json.dumps(record) + "\n")
    page = prompt_section(prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book()))
    assert page.startswith("PROMPT     not known: no call in the log keeps the text of its prompt")
    assert "BATCHABLE  not known" in page


def test_findings_are_json(tmp_path):
    rng = rng_of(1)
    write_log(tmp_path / "calls.jsonl", [planted(rng)], rng, calls=20)
    found = prompt_findings([str(tmp_path / "calls.jsonl")], book=load_book())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    keys = (
        "calls with_texts unreadable reason counting removable templates unmatched caching segments batchable"
    )
    assert set(keys.split()) <= set(found)
