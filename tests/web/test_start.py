"""From nothing to a first decision, and evidence that is uploaded."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.web.conftest import Seen, serving
from tests.web.test_access import serious

Serve = Callable[[Path], str]


def call(n: int) -> dict[str, object]:
    """One call as a log has it, one every twenty minutes."""
    day, minute = divmod(20 * n, 1440)
    return {
        "timestamp": f"2026-10-{1 + day:02d}T{minute // 60:02d}:{minute % 60:02d}:00Z", "model": "gpt-4.1-mini",
        "usage": {"prompt_tokens": 900 + n % 50, "completion_tokens": 40},
    }  # fmt: skip


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    """A JSON Lines file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


@pytest.fixture(scope="module")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where no study is."""
    return tmp_path_factory.mktemp("new")


@pytest.fixture(scope="module")
def new_page(new_folder: Path) -> Iterator[str]:
    """One start page for all tests that write no study."""
    with serving(new_folder) as found:
        yield found


def measure(tab: Seen, *files: Path) -> None:
    """Choose logs and have them measured; what was measured before is gone from the page."""
    tab.page.evaluate("document.querySelector('.measured')?.remove()")
    tab.page.set_input_files("#logs", list(files))
    tab.page.click("#from-logs .primary")
    tab.page.wait_for_selector(".measured form, #from-logs .wrong:not([hidden]), #from-logs .problems li")


def test_logs_lead_to_a_decision(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    logs = written(tmp_path / "calls of october.jsonl", [call(n) for n in range(2000)])
    folder = tmp_path / "sorting"
    tab.open(serve(folder))
    assert tab.page.url.endswith("/start")
    measure(tab, logs)
    assert "2,000" in tab.text(".measured")
    assert tab.page.evaluate("document.activeElement.textContent") == "Measured"
    tab.page.select_option("#f-task", "custom-extraction")
    tab.page.fill("#f-error_cost", "$0.40")
    tab.page.click(".measured .primary")
    tab.settle()
    assert tab.text("#part-answer .headline")
    assert (folder / "evidence" / "profile.json").exists()
    study = (folder / "breakeven.yaml").read_text("utf-8")
    assert "cost: $0.40" in study
    assert "nothing is published for this task" not in study  # something is: no guess stands before it


def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(
    new_page: str, tmp_path: Path, tab: Seen
) -> None:
    tab.open(new_page)
    tab.page.fill("#q-name", "Routing")
    tab.page.fill("#q-volume", "480K")
    tab.page.fill("#q-tokens-input", "many")
    tab.page.fill("#q-model", "openai/gpt-0")
    tab.page.click("#from-questions .primary")
    assert tab.text("#q-w-task") == "choose one"
    assert tab.page.evaluate("document.activeElement.id") == "q-task"
    assert tab.text("#w-tokens") == "this is needed"
    assert [tab.page.get_attribute(f"#q-tokens-{p}", "aria-invalid") for p in ("static", "input", "output")] == [
        None, None, "true"
    ]  # fmt: skip
    tab.page.fill("#q-tokens-output", "60")
    tab.page.select_option("#q-task", "ner")
    tab.page.click("#from-questions .primary")
    tab.page.wait_for_selector("#q-w-volume:not([hidden])")
    assert "480K calls/month" in tab.text("#q-w-volume")
    assert "'many'" in tab.text("#w-tokens")
    assert "no price is known" in tab.text("#q-w-model")
    assert tab.page.evaluate("document.activeElement.id") == "q-volume"  # read out with its description
    assert "q-w-volume" in tab.page.get_attribute("#q-volume", "aria-describedby")
    assert tab.page.get_attribute("#q-volume", "aria-invalid") == "true"
    assert tab.page.input_value("#q-name") == "Routing"
    assert tab.page.is_enabled("#from-questions .primary")


def test_a_file_that_can_not_be_used_is_said_beside_it(new_page: str, tmp_path: Path, tab: Seen) -> None:
    logs = written(tmp_path / "calls.jsonl", [call(n) for n in range(50)])
    (tmp_path / "photo.png").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "nothing.jsonl").touch()
    tab.open(new_page)
    tab.page.click("#from-logs .primary")
    assert tab.text("#w-files-logs") == "choose a file first"
    measure(tab, tmp_path / "nothing.jsonl", logs)
    assert not [
        url for url in tab.requests if "/uploads" in url
    ]  # an empty file is told before anything is sent
    assert "this file is empty" in tab.text("#from-logs .files li:nth-child(1)")
    tab.page.keyboard.press("Enter")  # on its button
    assert "calls.jsonl" in tab.text("#from-logs .files")
    assert tab.page.locator("#from-logs .files li").count() == 1
    measure(tab, tmp_path / "photo.png", logs)
    assert "this is no call log" in tab.text("#from-logs .files li:nth-child(1)")
    assert tab.page.locator("#from-logs .files .wrong:visible").count() == 1
    assert "--" not in tab.text("#from-logs")  # no option of the command line


def test_columns_with_names_of_our_own_are_named(new_page: str, tmp_path: Path, tab: Seen) -> None:
    table = tmp_path / "usage.csv"
    table.write_text(
        "am,rein,raus\n" + "".join(f"2026-10-01T00:{n:02d}:00Z,{900 + n},40\n" for n in range(50))
    )
    tab.open(new_page)
    measure(tab, table)
    assert "am, raus, rein" in tab.text("#from-logs .files")
    assert tab.page.locator("#d-logs option").evaluate_all("all => all.map((o) => o.value)") == [
        "am",
        "raus",
        "rein",
    ]
    for field, column in (("input_tokens", "rein"), ("output_tokens", "raus"), ("time", "am")):
        tab.page.fill(f"#logs-{field}", column)
    tab.page.click("#from-logs .primary")
    tab.page.wait_for_selector(".measured form")
    assert "Input tokens a call\n924 (" in tab.text(".measured")  # (900 + 949) / 2 = 924.5, to even


def test_a_zip_is_unpacked_and_a_file_can_be_dropped(new_page: str, tmp_path: Path, tab: Seen) -> None:
    logs = written(tmp_path / "calls.jsonl", [call(n) for n in range(300)])
    with zipfile.ZipFile(tmp_path / "logs.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(logs, "export/october.jsonl")
        packed.writestr("export/LICENSE.txt", "as is")
        packed.writestr("__MACOSX/export/._october.jsonl", "junk")
        packed.writestr("export/stored.jsonl", logs.read_text("utf-8"), zipfile.ZIP_STORED)
    tab.open(new_page)
    tab.page.set_input_files("#logs", tmp_path / "logs.zip")
    tab.page.wait_for_selector("#from-logs .files li:nth-child(2)")
    names = tab.page.locator("#from-logs .files bdi").all_inner_texts()
    assert names == ["october.jsonl", "stored.jsonl"]
    assert tab.text("#from-logs .drop .status") == "2 files chosen, 1 left out"
    tab.page.evaluate(
        """() => {
            const held = new DataTransfer();
            held.items.add(new File(['{"model": 1}'], "<img src=x>.jsonl"));
            document.getElementById("from-logs").dispatchEvent(
                new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
        }"""
    )
    tab.page.locator("#from-logs .files bdi", has_text="<img").wait_for()
    assert tab.text("#from-logs .files bdi") == "<img src=x>.jsonl"


def test_work_can_be_cancelled(new_page: str, tmp_path: Path, tab: Seen) -> None:
    logs = written(tmp_path / "calls.jsonl", [call(n) for n in range(50)])
    tab.page.route("**/start/logs", lambda route: None)  # an answer that never comes
    tab.open(new_page)
    tab.page.set_input_files("#logs", logs)
    tab.page.click("#from-logs .primary")
    tab.page.locator("#from-logs .drop .status", has_text="Reading").wait_for()
    assert tab.page.is_visible("#from-logs progress")
    tab.page.click("#from-logs .cancel")
    assert "Cancelled" in tab.text("#from-logs .drop .status")
    assert tab.page.is_enabled("#from-logs .primary")
    assert "calls.jsonl" in tab.text("#from-logs .files")
    assert tab.page.is_hidden("#from-logs progress")


def test_measured_logs_stay_when_the_page_is_loaded_again(new_page: str, tmp_path: Path, tab: Seen) -> None:
    logs = written(tmp_path / "calls.jsonl", [call(n) for n in range(50)])
    tab.open(new_page)
    measure(tab, logs)
    tab.page.reload()
    assert "50" in tab.text(".measured .pairs")


def test_models_are_found_by_a_part_of_their_name(new_page: str, tmp_path: Path, tab: Seen) -> None:
    tab.open(new_page)
    tab.page.locator("#q-model").press_sequentially("4.1 mini")
    tab.page.wait_for_selector("#q-models option[value='openai/gpt-4.1-mini']", state="attached")


def test_a_profile_of_large_logs_is_taken_as_it_is(
    new_page: str, new_folder: Path, tmp_path: Path, tab: Seen
) -> None:
    tab.open(new_page)
    measure(tab, written(tmp_path / "calls.jsonl", [call(n) for n in range(70)]))
    (profile,) = new_folder.glob("evidence/profile.json")
    tab.requests.clear()
    measure(tab, profile)
    assert "70" in tab.text(".measured .pairs")


def test_the_keyboard_alone_leads_to_a_saved_study(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    folder = tmp_path / "keys"
    tab.open(serve(folder))
    press, write = tab.page.keyboard.press, tab.page.keyboard.type
    press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    press("Enter")
    tab.page.focus("#q-name")  # some Tabs further on
    for text in (
        "Routing",
        "Sort",
        "480K calls/month",
        "2600",
        "400",
        "60",
        "openai/gpt-4.1-mini",
        "$0.40",
        "500",
    ):
        press("Control+a")
        write(text)
        press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Decide"
    press("Enter")
    tab.settle()
    assert tab.text("h1") == "Routing"
    assert "multi-label-classification" in (folder / "breakeven.yaml").read_text("utf-8")


def test_axe_finds_nothing_serious_in_what_is_wrong_and_measured(
    new_page: str, tmp_path: Path, tab: Seen
) -> None:
    logs = written(tmp_path / "calls.jsonl", [call(n) for n in range(50)])
    (tmp_path / "table.csv").write_text("name,age\nBob,3\n")
    tab.open(new_page)
    tab.page.click("#from-questions .primary")
    measure(tab, tmp_path / "table.csv")
    found = serious(tab.page)
    measure(tab, logs)
    tab.page.wait_for_selector(".measured form")
    tab.page.click(".measured .primary")
    assert found + serious(tab.page) == []


def test_seven_answers_lead_to_a_decision(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    tab.open(serve(tmp_path / "questions"))
    for key, value in (("name", "Routing"), ("volume", "480K calls/month"), ("tokens-static", "2600"),
                       ("tokens-input", "400"), ("tokens-output", "60"), ("model", "openai/gpt-4.1-mini"),
                       ("error_cost", "$0.40")):  # fmt: skip
        tab.page.fill(f"#q-{key}", value)
    tab.page.select_option("#q-task", "multi-label-classification")
    tab.page.click("#from-questions .primary")
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
    tab.page.click("form[data-upload='/evidence/scores'] .primary")
    tab.page.wait_for_selector("#r-u-scores .said")
    assert "measured" in tab.text("#r-u-scores")
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
    tab.page.click("form[data-upload='/evidence/training'] .primary")
    tab.page.wait_for_selector("#r-u-training tbody tr")
    assert "60 rows" in tab.text("#r-u-training")


def test_real_logs_are_measured(
    new_page: str, tmp_path: Path, tab: Seen, real_data: Callable[[str], Path]
) -> None:
    folder = real_data("langfuse_traces_a")
    files = sorted(p for p in folder.rglob("*.json*") if p.stat().st_size < 30_000_000)
    assert files, "the data set holds no log"
    tab.open(new_page)
    measure(tab, *files)
    assert "Calls" in tab.text(".measured")
