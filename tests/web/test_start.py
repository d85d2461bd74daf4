"""From nothing to a first decision, and evidence that is uploaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.web.conftest import Seen

Serve = Callable[[Path], str]


def call(n: int) -> dict[str, object]:
    """One call as a log has it, one every twenty minutes."""
    day, minute = divmod(20 * n, 1440)
    return {
        "timestamp": f"2026-10-{1 + day:02d}T{minute // 60:02d}:{minute % 60:02d}:00Z", "model": "gpt-4.1-mini",
        "usage": {"prompt_tokens": 900 + n % 50, "completion_tokens": 40},
    }  # fmt: skip


def test_logs_lead_to_a_decision(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    logs = tmp_path / "calls of october.jsonl"
    logs.write_text("\n".join(json.dumps(call(n)) for n in range(2000)), "utf-8")
    folder = tmp_path / "sorting"
    tab.open(serve(folder))
    assert tab.page.url.endswith("/start")
    tab.page.set_input_files("#logs", logs)
    tab.page.click("form[data-upload] button")
    tab.page.wait_for_selector(".measured form")
    assert "2,000" in tab.text(".measured")
    tab.page.select_option("#f-task", "custom-extraction")
    if tab.page.locator("#f-model").count():
        tab.page.fill("#f-model", "openai/gpt-4.1-mini")
    tab.page.fill("#f-error_cost", "$0.40")
    tab.page.click(".measured button[type=submit]")
    tab.settle()
    assert tab.text("#part-answer .headline")
    assert (folder / "evidence" / "profile.json").exists()
    assert "cost: $0.40" in (folder / "breakeven.yaml").read_text("utf-8")


def test_seven_answers_lead_to_a_decision(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    tab.open(serve(tmp_path / "questions"))
    for key, value in (("name", "Routing"), ("volume", "480K calls/month"), ("tokens", "2600 / 400 / 60"),
                       ("model", "openai/gpt-4.1-mini"), ("error_cost", "$0.40")):  # fmt: skip
        tab.page.fill(f"#q-{key}", value)
    tab.page.click(".questions button[type=submit]")
    tab.settle()
    assert tab.text("h1") == "Routing"


def test_a_template_leads_to_a_decision(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    tab.open(serve(tmp_path / "template"))
    tab.page.click('[data-template="extraction"]')
    tab.settle()
    assert tab.text("#part-answer .headline")


def test_scored_cases_become_a_candidates_quality(
    serve: Serve, study: Path, tmp_path: Path, tab: Seen
) -> None:
    scores = tmp_path / "prompt-v10.csv"
    scores.write_text("id,score\n" + "\n".join(f"case-{n},{int(n % 10 > 0)}" for n in range(200)), "utf-8")
    tab.open(serve(study) + "/evidence")
    tab.page.set_input_files("#u-scores", scores)
    tab.page.click("form[data-upload='/evidence/scores'] button")
    tab.page.wait_for_selector("#r-scores .said")
    assert "measured" in tab.text("#r-scores")
    text = (study / "breakeven.yaml").read_text("utf-8")
    assert "quality: {eval: evidence/evals/prompt-v10.csv}" in text
    assert text.startswith("# A decision on measured answers")


def test_training_data_is_checked(address: str, tmp_path: Path, tab: Seen) -> None:
    rows = [{"messages": [{"role": "user", "content": f"ticket {n % 30}"}, {"role": "assistant", "content": "billing"}]}
            for n in range(60)]  # fmt: skip
    train = tmp_path / "train.jsonl"
    train.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    tab.open(address + "/evidence")
    tab.page.set_input_files("#u-training", train)
    tab.page.click("form[data-upload='/evidence/training'] button")
    tab.page.wait_for_selector("#r-training tbody tr")
    assert "60 rows" in tab.text("#r-training")


def test_real_logs_are_measured(
    serve: Serve, tmp_path: Path, tab: Seen, real_data: Callable[[str], Path]
) -> None:
    folder = real_data("langfuse_traces_a")
    files = sorted(p for p in folder.rglob("*.json*") if p.stat().st_size < 30_000_000)
    assert files, "the data set holds no log"
    tab.open(serve(tmp_path / "real"))
    tab.page.set_input_files("#logs", files[:1])
    tab.page.click("form[data-upload] button")
    tab.page.wait_for_selector(".measured, form[data-upload] .problems li")
    assert "Calls" in tab.text("#measured")
