"""Suites, prompts and the command: what is read, what is refused and where, and what is printed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from breakeven.cli.eval_run import run
from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.files import read_result
from breakeven.evidence.evals.planning import make_plan
from breakeven.evidence.evals.prompting import parse_prompt, render, render_shots
from breakeven.evidence.evals.suite import open_suite
from breakeven.prices import load_book

ROOT = Path(__file__).resolve().parents[2]
CASE = Case(
    id="t-1", variables={"input": "Where is {{expected}}?", "facts": ["a", "b"], "n": 3}, expected="x"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example."""
    return Path(
        shutil.copytree(
            ROOT / "examples" / "evals-run", tmp_path / "suite", ignore=shutil.ignore_patterns("evals")
        )
    )


def edit(folder: Path, old: str, new: str) -> Path:
    text = (folder / "eval.yaml").read_text()
    assert old in text
    (folder / "eval.yaml").write_text(text.replace(old, new))
    return folder


# ------------------------------------------------------------------------------------------------ prompts


def messages(text: str, **options: str) -> list[tuple[str, str]]:
    found = render(parse_prompt(text, file="p.md", name="p"), CASE, **options)  # type: ignore[arg-type]
    return [(message.role, message.content) for message in found]


def test_sections_and_placeholders() -> None:
    text = "---\nversion: 7\n---\nsystem:\nRoute {{ n }}.\n\nuser:\nQ: {{input}}\n"
    # What a case brings is text, never a template: its own braces stay.
    assert messages(text) == [("system", "Route 3."), ("user", "Q: Where is {{expected}}?")]


def test_a_prompt_without_placeholders_stands_before_the_input() -> None:
    assert messages("Route it.\n") == [("system", "Route it."), ("user", "Where is {{expected}}?")]
    assert messages('Answer {"a": {"b": 1}} to {{input}}')[0][1].startswith('Answer {"a": {"b": 1}} to')


def test_context_fills_its_place_or_goes_before_the_question() -> None:
    assert messages("See {{context}}: {{n}}", context="facts") == [("user", "See a\n\nb: 3")]
    assert messages("Q {{n}}", context="facts") == [("user", "Context:\na\n\nb\n\nQ 3")]


def test_shots_are_a_chat_before_the_question() -> None:
    prompt = parse_prompt("system:\nS\n\nuser:\n{{input}}\n", file="p.md", name="p")
    shot = Case(id="s", variables={"input": "q"}, expected={"a": 1})
    found = render(prompt, CASE, shots=render_shots(prompt, [shot]))
    assert [(m.role, m.content) for m in found][1:3] == [("user", "q"), ("assistant", '{"a": 1}')]


def test_the_hash_tells_the_prompt_and_not_its_notes() -> None:
    one = parse_prompt("---\nnote: a\n---\n{{input}} x\n", file="p.md", name="p")
    two = parse_prompt("---\nnote: b\nparent: v0\n---\n{{input}} x\n", file="p.md", name="p")
    other = parse_prompt("{{input}} y\n", file="p.md", name="p")
    assert one.sha256 == two.sha256 != other.sha256
    assert one.version == one.sha256[:8]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty|the prompt is empty"),
        ("Hi {{inpt}}", r"p.md:1: case 't-1' has no variable 'inpt'\n.*did you mean 'input'"),
        ("system:\nA\n\nuser:\n\nB\n{{x}}", r"p.md:7: case"),
        ("{{#if a}}x{{/if}}", "template logic"),
        ("{% for x in y %}", "template logic"),
        ("{{input | upper}}", "template logic"),
        ("{{__import__('os')}}", "template logic"),
        ("Hello\nuser:\n{{input}}", "belongs to no message"),
        ("user:\n{{input}}\nassistant:\nok", "the last message is not the user's"),
        ("---\nversio: 1\n---\n{{input}}", r"p.md:2:1: the key 'versio' is not known"),
    ],
)
def test_prompts_that_can_not_be_used(text: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        messages(text)


# ------------------------------------------------------------------------------------------------ suites


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("budget: $1 ", "budget: 1 ", r"eval.yaml:9:9: budget: 1 has no unit"),
        ("budget: $1 ", "budgt: $1 ", r"eval.yaml:9:1: .*'budgt' is not known\n    did you mean 'budget'"),
        ("score: exact", "score: exacct", r"eval.yaml:8:8: score: no scorer is called 'exacct'"),
        ("shots_from: train.jsonl", "shots_from: trein.jsonl", r":\d+:17: candidates.small.shots_from: .*\n.*train"),
        ("shots: 4", "shots: 40", r"candidates.small.shots: 40 are wanted; 10 of 11 rows"),
        ("shots: 4", "shot: 4", "did you mean 'shots'"),
        ("cases: cases.jsonl", "cases: ../cases.jsonl", "leads out of the suite's folder"),
        ("temperature: 0", "temperature: 9", "at most 2"),
        ("model: fake/large?accuracy=95%&latency=60ms", "model: gpt-4.1", "provider/model"),
        ("concurrency: 8", "concurrency: 0", "at least 1"),
        ("$2/1M tokens", "$2", r"candidates|prices"),
    ],
)  # fmt: skip
def test_suites_that_can_not_be_used(folder: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        open_suite(edit(folder, old, new))


def test_shots_never_come_from_the_cases(folder: Path) -> None:
    suite = open_suite(edit(folder, "shots: 4", "shots: 10"))
    asked = {case.variables["input"] for case in suite.cases.cases}
    shots = next(it for it in suite.candidates if it.name == "small").shots
    assert len(shots) == 10
    assert not asked & {shot.variables["input"] for shot in shots}
    assert suite.notes == ("1 row of train.jsonl left out as shots: they are among the cases",)


def test_a_missing_variable_is_found_before_any_call(folder: Path) -> None:
    (folder / "prompts" / "route.md").write_text("{{input}} {{topic}}\n")
    with pytest.raises(EvidenceError, match=r"route.md:1: .*case 't-001' has no variable 'topic'"):
        make_plan(open_suite(folder), book=load_book())


def test_a_case_that_can_not_be_scored_is_found_before_any_call(folder: Path) -> None:
    with (folder / "cases.jsonl").open("a") as file:
        file.write('{"id": "t-999", "input": "?"}\n')
    with pytest.raises(EvidenceError, match="case 't-999'"):
        make_plan(open_suite(folder), book=load_book())


# ------------------------------------------------------------------------------------------------ the command


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(run, list(words), env={"COLUMNS": "80"})
    return done.exit_code, done.output if done.exception is None or isinstance(
        done.exception, SystemExit
    ) else str(done.exception)


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    code, text = call(str(folder), "--dry-run")
    assert code == 0
    assert "80 calls" in text
    assert not (folder / "evals").exists()
    assert max(map(len, text.splitlines())) <= 80


def test_it_asks_before_it_spends(folder: Path) -> None:
    code, text = call(str(folder))
    assert code == 2
    assert "add --yes" in text
    assert not (folder / "evals" / "large.json").exists()


def test_a_budget_ends_with_3_and_the_command_that_goes_on(folder: Path) -> None:
    edit(folder, "&faults=4%", "")
    code, text = call(str(folder), "--yes", "--budget", "0.004")
    assert code == 3
    assert "the next call could pass the budget" in text
    assert not read_result(folder / "evals" / "large.json").complete
    code, text = call(str(folder), "--yes", "--json")
    told = json.loads(text)
    assert code == 0
    assert told["complete"]
    assert told["journalled"] > 0
    assert told["calls"] == told["journalled"] + told["answered"] == 80
    assert read_result(folder / "evals" / "large.json").complete


def test_without_a_suite(folder: Path) -> None:
    words = ("--cases", str(folder / "cases.jsonl"), "--prompt", str(folder / "prompts" / "route.md"))
    code, text = call(
        *words, "--model", "fake/one", "--model", "fake/two?accuracy=50%", "-o", str(folder / "out")
    )
    assert code == 0, text
    assert {path.name for path in (folder / "out").iterdir()} == {
        "one.json",
        "two.json",
        "journal.jsonl",
        "history",
    }
    assert all(row.score == 1 for row in read_result(folder / "out" / "one.json").runs)
    code, text = call(*words)
    assert code == 2
    assert "--model is needed" in text


def test_no_key_is_ever_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sk-" + "a" * 30
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    edit(folder, "fake/small?accuracy=80%&latency=20ms", "openai/gpt-4.1")
    edit(folder, "&faults=4%", "")
    edit(folder, "concurrency: 8", "concurrency: 8\nattempts: 1")
    code, text = call(str(folder), "--yes")
    assert code == 3
    assert "connection" in text
    written = [path.read_text() for path in (folder / "evals").rglob("*") if path.is_file()]
    assert all(secret not in it for it in [text, *written])


def test_the_examples_of_the_help_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "evals-run", tmp_path / "examples" / "evals-run")
    monkeypatch.chdir(tmp_path)
    assert run.help is not None
    examples = run.help.replace("\\\n", " ").partition("Examples:")[2].strip().splitlines()
    assert len(examples) == 3
    for example in examples:
        words = example.split()
        assert words[:3] == ["breakeven", "eval", "run"]
        code, text = call(*words[3:])
        assert code == 0, text
