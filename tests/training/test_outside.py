"""What an eval asks and what production was asked: every text that can be read is compared, and no other counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from breakeven.cli.root import root
from breakeven.errors import EvidenceError
from breakeven.evidence.training.outside import case_texts, table_texts


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(root, ["data", "check", *map(str, words)], env={"COLUMNS": "100"})


def test_a_question_within_an_object_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"userInput": {"text": "Where?"}, "n": 1}])
    assert [text.text for text in case_texts(path).texts] == ["Where?"]


def test_the_column_of_the_training_rows_is_taken_where_the_cases_have_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"body": "Where?", "text": "a remark", "queue": "card"}])
    found = case_texts(path, like={"question": "body", "label": "queue"})
    assert [(text.text, text.label) for text in found.texts] == [("Where?", "card")]
    assert (
        case_texts(path, columns={"question": "text"}, like={"question": "body"}).texts[0].text == "a remark"
    )
    assert case_texts(path, like={"question": "no such"}).texts[0].text == "a remark"
    with pytest.raises(EvidenceError, match="no column 'bodi' for `question`"):
        case_texts(path, columns={"question": "bodi"})


def test_messages_under_a_name_of_questions_are_read_as_messages(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"prompt": [{"role": "user", "content": "Where?"}]}])
    assert [text.text for text in case_texts(path).texts] == ["Where?"]


def test_what_is_not_compared_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"text": "one"}, {"text": "one"}, {"text": " "}, {"text": "two"}])
    found = case_texts(path)
    assert [text.text for text in found.texts] == ["one", "two"]
    twice, blank = found.notes
    assert "1 of 4 rows is not used" in twice
    assert "a.jsonl:2: the same case" in twice
    assert "1 of 3 cases hold no text" in blank
    [told] = case_texts(write(tmp_path / "b.jsonl", [{"a": "one", "b": {"c": ["two", 3]}}])).notes
    assert "all texts of a case are compared" in told


def test_cases_without_a_text_are_never_taken_for_clean_ones(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [{"question": f"question {k}", "answer": "a"} for k in range(5)])
    cases = write(tmp_path / "cases.jsonl", [{"number": 1}, {"number": 2}])
    done = run(train, "--eval", cases, "--only", "leakage", "--only", "holdout", "--json")
    assert [check["verdict"] for check in json.loads(done.stdout)["checks"]] == ["cannot_tell"] * 2
    assert "no eval case holds a text" in done.stdout


def test_a_case_column_can_be_named(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [{"question": f"question {k}", "answer": "a"} for k in range(5)])
    cases = write(tmp_path / "cases.jsonl", [{"text": "other", "q": "Question 3!"}])
    only = ("--only", "leakage", "--json")
    [plain] = json.loads(run(train, "--eval", cases, *only).stdout)["checks"]
    [named] = json.loads(run(train, "--eval", cases, "--eval-map", "question=q", *only).stdout)["checks"]
    assert (plain["verdict"], named["verdict"]) == ("pass", "fail")
    assert named["next_step"] == f"breakeven data clean {train} --drop leakage --eval {cases} -o clean.jsonl"
    assert run(train, "--eval-map", "question=q", *only).exit_code == 2


def test_production_may_be_a_table_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "asked.csv"
    path.write_text("ticket,queue\nWhere is it?,card\nAnd now?,loan\n")
    found = table_texts([str(path)], like={"question": "ticket", "label": "queue"})
    assert found is not None
    assert [(text.text, text.label) for text in found.texts] == [
        ("Where is it?", "card"),
        ("And now?", "loan"),
    ]
    assert "labels from `queue`" in found.notes[0]
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("model,tokens\na,5\n")
    assert table_texts([str(numbers)]) is None


def test_restaurant8k_shares_cases_with_its_training_rows(real_data) -> None:
    """Its questions stand within an object: read as empty they would all look clean."""
    folder = real_data("restaurant8k_slots")
    train = {one["userInput"]["text"].lower() for one in json.loads((folder / "train_5.json").read_text())}
    found = case_texts(folder / "test.json")
    assert len(found.texts) > 3_600
    assert sum(text.text.lower() in train for text in found.texts) > 5


# ------------------------------------------------------------------------------------------------- vectors


def test_vectors_find_what_words_do_not_and_are_asked_for_once(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [
        {"question": "please tell me where my card is", "answer": "a"}, {"question": "nothing like it", "answer": "b"},
    ])  # fmt: skip
    cases = write(tmp_path / "cases.jsonl", [{"text": "tell me where my card went"}, {"text": "who won?"}])
    words = (train, "--eval", cases, "--only", "leakage", "--embed", "fake/one", "-o", tmp_path / "out", "--json",
             "--set", "vectors-cosine=50%")  # fmt: skip
    first, second = run(*words), run(*words)
    assert "Embedding: 4 texts by fake/one" in first.stderr
    assert "nothing is to be asked, 4 are kept" in second.stderr
    [found] = json.loads(second.stdout)["checks"]
    assert json.loads(first.stdout)["checks"] == [found]
    # The fake's vectors know parts of words, so half of them in common is a cosine above a half.
    assert (found["value"], found["details"]["near"], found["details"]["vectors"]) == (0.5, 0, 1)


def test_money_is_spent_only_when_somebody_says_so(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [{"question": "where is my card", "answer": "a"}])
    words = (train, "--eval", train, "--only", "leakage", "--embed", "openai/text-embedding-3-small")
    done = run(*words, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "about $" in done.stderr
    assert "add --yes" in done.stderr
    assert not (tmp_path / "out").exists()
    assert "say where with -o" in run(*words).stderr
    assert (
        "name the cases with --eval, or --logs"
        in run(train, "--embed", "fake/one", "-o", tmp_path / "out").stderr
    )


def test_logs_are_compared_by_meaning_too(tmp_path: Path) -> None:
    """Only what the match draws is embedded: 520 rows and as many of 600 calls, each a text of its own."""
    words = ["card", "transfer", "refund", "login", "rate"]
    train = write(tmp_path / "train.jsonl", [
        {"question": f"{words[k % 5]} question number {k}", "answer": "a"} for k in range(520)
    ])  # fmt: skip
    logs = write(tmp_path / "logs.jsonl", [{"text": f"{words[k % 5]} call number {k}"} for k in range(600)])
    asked = (
        train,
        "--logs",
        logs,
        "--only",
        "production",
        "--embed",
        "fake/one",
        "-o",
        tmp_path / "out",
        "--json",
    )
    done = run(*asked)
    assert "Embedding: 1,040 texts by fake/one" in done.stderr
    [found] = json.loads(done.stdout)["checks"]
    assert "χ² on topics by meaning, permutation MMD by meaning" in found["method"]
    assert "nothing is to be asked, 1,040 are kept" in run(*asked).stderr
