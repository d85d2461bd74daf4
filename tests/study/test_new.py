"""``breakeven new``: from a template, or by seven questions, each answer read at the door."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import breakeven.cli.new as command
from breakeven.errors import InputError, QuantityError, StudyError
from breakeven.study import open_study
from breakeven.study.starting import (
    QUESTIONS,
    Answers,
    read_answer,
    template_names,
    template_text,
    written_study,
)
from breakeven.study.tasks import TASKS
from tests.study.studies import BOOK, TODAY, study

ANSWERS = [
    "Mail sorting",
    "ner",
    "480K calls/month",
    "2600 / 400 / 60",
    "openai/gpt-6.1-terra",
    "$0.10..$0.40",
    "1,200",
]


def run(*words: str, typed: list[str] | None = None) -> Result:
    return CliRunner().invoke(
        command.new, list(words), input=None if typed is None else "\n".join(typed) + "\n"
    )


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_on_terminal", lambda: True)


# ---------------------------------------------------------------------------------------------- templates


def test_there_are_templates_for_the_usual_cases() -> None:
    assert template_names() == {
        "chatbot": "Shop assistant",
        "classification": "Support tickets",
        "extraction": "Invoice fields",
        "self-hosted": "Contract entities",
    }


@pytest.mark.parametrize("name", template_names())
def test_every_template_opens_and_says_how_prices_change(name: str, tmp_path: Path) -> None:
    done = run(str(tmp_path / "new"), "--template", name)
    assert done.exit_code == 0, done.output
    file = tmp_path / "new" / "breakeven.yaml"
    assert done.output == (
        f"Wrote {file}.\nNext: read it, put your own figures in, then:  breakeven decide {tmp_path / 'new'}\n"
    )
    assert file.read_text("utf-8") == template_text(name)
    opened = open_study(tmp_path / "new", today=TODAY)
    assert len(opened.candidates) > 2
    assert "\nprice_change:" in file.read_text("utf-8")


@pytest.mark.parametrize("name", template_names())
def test_templates_explain_themselves(name: str) -> None:
    text = template_text(name)
    assert text.count("#") > 8
    assert max(map(len, text.splitlines())) <= 120


def test_a_misspelt_template_names_the_nearest() -> None:
    done = run("x", "--template", "classifcation")
    assert done.exit_code == 2
    assert "there is no template 'classifcation'. Did you mean classification?" in done.output


def test_the_list_of_templates() -> None:
    assert run("--list").output.splitlines()[0] == "chatbot         Shop assistant"
    assert json.loads(run("--list", "--json").output)["templates"] == template_names()


def test_json_says_where_the_study_is(tmp_path: Path) -> None:
    done = run(str(tmp_path), "--template", "chatbot", "--json")
    assert json.loads(done.output) == {"study": str(tmp_path / "breakeven.yaml"), "template": "chatbot"}


# ------------------------------------------------------------------------------------------------- writing


def test_a_study_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "breakeven.yaml"
    file.write_text("mine")
    done = run(str(tmp_path), "--template", "chatbot")
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == (
        f"{file}: a study is here already\n    name another folder, or --force to overwrite it"
    )
    assert file.read_text() == "mine"
    assert run(str(tmp_path), "--template", "chatbot", "--force").exit_code == 0
    assert file.read_text() == template_text("chatbot")


def test_nothing_is_asked_before_it_is_known_that_it_can_be_written(tmp_path: Path, terminal: None) -> None:
    (tmp_path / "breakeven.yaml").write_text("mine")
    assert "What is the feature called?" not in run(str(tmp_path), typed=ANSWERS).output


def test_a_folder_in_its_place_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "breakeven.yaml").mkdir()
    assert isinstance(run(str(tmp_path), "--template", "chatbot", "--force").exception, InputError)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run(str(tmp_path), "--template", "chatbot")
    assert str(done.exception) == f"{tmp_path / 'breakeven.yaml'} can not be written: No space left on device"
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_readable_like_any_other(tmp_path: Path) -> None:
    run(str(tmp_path), "--template", "chatbot")
    other = tmp_path / "other"
    other.write_text("")
    assert stat.S_IMODE((tmp_path / "breakeven.yaml").stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


# ------------------------------------------------------------------------------------------------ questions


def test_off_a_terminal_a_template_must_be_named() -> None:
    done = run("x")
    assert done.exit_code == 2
    assert "name a template with --template (chatbot, classification, extraction, self-hosted)" in done.output


def test_seven_answers_make_a_study(tmp_path: Path, terminal: None) -> None:
    done = run(str(tmp_path), typed=ANSWERS)
    assert done.exit_code == 0, done.output
    opened = open_study(tmp_path, today=TODAY)
    assert opened.name == "Mail sorting"
    assert opened.workload.task == "ner"
    assert opened.workload.volume.centre == 480_000
    assert opened.workload.error_cost is not None
    assert str(opened.workload.error_cost) == "$0.10 an error .. $0.40 an error"
    assert list(opened.candidates) == ["prompt", "small", "tuned", "hybrid"]
    training = opened.candidates["tuned"].training
    assert training is not None
    assert (training.examples.centre, training.labelled.centre) == (1200, 1200)


def test_an_answer_that_can_not_be_read_is_asked_again(tmp_path: Path, terminal: None) -> None:
    typed = list(ANSWERS)
    typed.insert(2, "480K")
    typed.insert(1, "entities")
    done = run(str(tmp_path), typed=typed)
    assert done.exit_code == 0, done.output
    assert "'entities' is no task" in done.output
    assert "'480K' has no unit: it could be 480K calls/month or 480K calls/day" in done.output


def test_giving_up_writes_nothing(tmp_path: Path, terminal: None) -> None:
    assert run(str(tmp_path), typed=ANSWERS[:3]).exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("name", "  Mail   sorting ", "Mail sorting"), ("task", "Structured output", "structured-output"),
        ("volume", "10K/day", "10K/day"), ("tokens", "2600/400/60", ("2600", "400", "60")),
        ("tokens", "2.6K 400 60", ("2.6K", "400", "60")), ("error_cost", "unknown", None),
        ("error_cost", "$150", "$150"), ("labelled", "1.2K", 1200), ("labelled", "0", 0),
    ],
)  # fmt: skip
def test_answers_are_read(key: str, text: str, value: object) -> None:
    assert read_answer(key, text, BOOK) == value


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("name", "  ", "nothing was written"), ("name", "x" * 201, "that is too long"),
        ("name", "a\x1b[31m", "a name is plain text"),
        ("task", "clasification", "'clasification' is no task"), ("volume", "480K", "'480K' has no unit"),
        ("tokens", "2600 400", "'2600 400' is not instructions / input / output"),
        ("tokens", "a/b/c", "'a' is not a quantity"),
        ("model", "openai/gpt-9000", "no price is known for 'openai/gpt-9000'"),
        ("model", "openai/test-embedder", "openai/test-embedder makes embeddings; it does not answer"),
        ("error_cost", "40 cents", "'40 cents': unknown unit 'cents'"),
        ("labelled", "1..2", "'1..2' is not a number of examples"),
        ("labelled", "1.5", "'1.5' is not a number of examples"), ("labelled", "-3", "'-3' is out of bounds"),
    ],
)  # fmt: skip
def test_answers_that_can_not_be_read_say_why(key: str, text: str, said: str) -> None:
    with pytest.raises(QuantityError) as caught:
        read_answer(key, text, BOOK)
    assert caught.value.message.startswith(said)


def answers(**changes: object) -> Answers:
    given = {
        question.key: read_answer(question.key, text, BOOK)
        for question, text in zip(QUESTIONS, ANSWERS, strict=True)
    }
    return Answers(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_makes_a_study_that_opens(task: str) -> None:
    assert study(written_study(answers(task=task), today=TODAY, book=BOOK)).workload.task == task


@pytest.mark.parametrize(
    "name", ['"quoted" #1: {a}', "it's", "- [ ] &x *y !z %", "日本語", "\\n", "yes", "null", "1e9"]
)
def test_any_name_survives_yaml(name: str) -> None:
    assert study(written_study(answers(name=name), today=TODAY, book=BOOK)).name == name


def test_what_is_not_known_is_left_out_with_a_comment() -> None:
    text = written_study(answers(error_cost=None, labelled=0), today=TODAY, book=BOOK)
    assert "# errors: {cost:" in text
    assert study(text).workload.error_cost is None
    assert "examples:" not in text


def test_the_model_in_use_is_tuned_where_it_can_be() -> None:
    text = written_study(answers(model="azure/gpt-4.1"), today=TODAY, book=BOOK)
    assert "    base: azure/gpt-4.1 " in text
    assert "    base: azure/gpt-4.1-mini " in written_study(answers(), today=TODAY, book=BOOK)


def test_a_model_that_has_retired_is_an_error_before_anything_is_written() -> None:
    with pytest.raises(StudyError, match="stops answering on"):
        written_study(answers(model="openai/gpt-4.1-nano"), today=TODAY, book=BOOK)
