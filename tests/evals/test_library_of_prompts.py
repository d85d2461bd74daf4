"""The prompt library: versions as files, what changed, what was measured, and how often a prompt was tried."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, InputError
from breakeven.evidence.evals.kept import iterations_of, keep_result, kept_results, recorded
from breakeven.evidence.evals.library import (
    Version,
    changed_since,
    diff_versions,
    find_library,
    next_free,
    read_library,
    save_version,
)
from breakeven.evidence.evals.prompting import parse_prompt, read_prompt
from breakeven.evidence.evals.result import CaseRun, EvalResult

TEXT = "system:\nName the queue.\n\nuser:\n{{input}}\n"


def library(path: Path, **versions: str) -> Path:
    folder = path / "prompts"
    for name, text in (versions or {"1.0.0": TEXT}).items():
        file = folder / "route" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def result(file: Path, *, cases: str = "c1", score: float = 1.0, candidate: str = "small") -> EvalResult:
    runs = tuple(CaseRun(id=str(k), score=score, output="secret text") for k in range(3))
    return EvalResult(
        candidate=candidate, runs=runs, date=dt.date(2026, 3, 1), model="fake/small",
        prompt=read_prompt(file).reference, cases_sha256=cases, scorer="exact match",
    )  # fmt: skip


def test_a_file_named_by_a_version_is_that_version_of_its_folders_prompt(tmp_path: Path) -> None:
    prompt = read_prompt(library(tmp_path) / "route" / "1.0.0.md")
    assert (prompt.name, prompt.version) == ("route", "1.0.0")


def test_versions_are_in_the_order_of_their_numbers_not_of_their_letters(tmp_path: Path) -> None:
    folder = library(tmp_path, **{"1.10.0": TEXT, "1.9.0": TEXT, "1.9.1": TEXT})
    assert [one.version for one in read_library(folder).prompts["route"]] == ["1.9.0", "1.9.1", "1.10.0"]


def test_a_next_version_is_a_copy_with_its_parent_and_can_be_read(tmp_path: Path) -> None:
    folder = library(tmp_path)
    parent = read_library(folder).find("route")
    made = save_version(read_library(folder), parent, note='says "one word": #only')
    assert (made.version, made.parent, made.note) == ("1.1.0", "1.0.0", 'says "one word": #only')
    assert made.sha256 == parent.sha256
    assert diff_versions(parent, made) == []


def test_no_version_is_ever_overwritten(tmp_path: Path) -> None:
    folder = library(tmp_path, **{"1.0.0": TEXT, "1.1.0": TEXT + "more\n"})
    found = read_library(folder)
    made = save_version(found, found.find("route", "1.0.0"))
    assert made.version == "1.2.0"
    assert (folder / "route" / "1.1.0.md").read_text() == TEXT + "more\n"
    with pytest.raises(EvidenceError, match="there already"):
        save_version(found, found.find("route", "1.0.0"))


def test_a_text_that_can_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    folder = library(tmp_path)
    found = read_library(folder)
    with pytest.raises(EvidenceError):
        save_version(found, found.find("route"), text="{% if x %}")
    assert [file.name for file in (folder / "route").iterdir()] == ["1.0.0.md"]


def test_a_file_and_its_front_matter_may_not_disagree(tmp_path: Path) -> None:
    folder = library(tmp_path, **{"1.0.0": TEXT, "1.1.0": "---\nversion: 1.2.0\n---\n" + TEXT})
    found = read_library(folder)
    assert [one.version for one in found.prompts["route"]] == ["1.0.0"]
    assert "its name says 1.1.0" in str(found.rejected[0])


def test_an_edit_after_measuring_is_noticed_and_a_note_is_no_edit(tmp_path: Path) -> None:
    folder = library(tmp_path)
    file = folder / "route" / "1.0.0.md"
    measured = [result(file)]
    file.write_text("---\nnote: another note\n---\n" + TEXT)
    assert changed_since(read_library(folder), measured) == []
    file.write_text(TEXT.replace("queue", "team"))
    [changed] = changed_since(read_library(folder), measured)
    assert str(changed) == "route 1.0.0 has changed since it was measured: save it as 1.0.1"
    assert changed_since(read_library(folder), [*measured, result(file)]) == []


@given(st.tuples(*[st.integers(0, 50)] * 3), st.sampled_from(["major", "minor", "patch"]))
def test_the_next_version_is_later(parts: tuple[int, int, int], step: str) -> None:
    version = Version(major=parts[0], minor=parts[1], patch=parts[2])
    assert version < version.next(step)  # type: ignore[arg-type]
    assert Version.of(str(version)) == version


def test_a_prompt_without_a_number_begins_at_one() -> None:
    assert next_free((), parse_prompt(TEXT, file="p", name="route")) == "1.0.0"


def test_unknown_names_say_what_is_near(tmp_path: Path) -> None:
    found = read_library(library(tmp_path))
    for arguments in (("rout",), ("route", "1.0.1")):
        with pytest.raises(InputError, match="did you mean"):
            found.find(*arguments)


def test_results_are_kept_by_version_without_their_answers(tmp_path: Path) -> None:
    folder = library(tmp_path, **{"1.0.0": TEXT, "1.1.0": TEXT + "more\n"})
    for version in ("1.0.0", "1.1.0", "1.1.0"):
        recorded(tmp_path / "evals", [result(folder / "route" / f"{version}.md")])
    kept, problems = kept_results(tmp_path / "evals")
    assert sorted(one.prompt.version for one in kept if one.prompt) == ["1.0.0", "1.1.0"]
    assert not problems
    texts = [file.read_text() for file in (tmp_path / "evals" / "history" / "route").iterdir()]
    assert len(texts) == 2
    assert not any("secret text" in text for text in texts)


def test_iterations_count_texts_on_the_same_cases_only(tmp_path: Path) -> None:
    folder = library(tmp_path, **{"1.0.0": TEXT, "1.1.0": TEXT + "more\n", "1.2.0": TEXT + "most\n"})
    files = [folder / "route" / f"1.{k}.0.md" for k in range(3)]
    others = [result(files[0]), result(files[0], candidate="other"), result(files[1], cases="c2")]
    assert iterations_of(result(files[2]), others) == 2
    assert iterations_of(replace(result(files[2]), prompt=None), others) is None


def test_a_result_that_was_cut_short_is_not_kept(tmp_path: Path) -> None:
    file = library(tmp_path) / "route" / "1.0.0.md"
    assert keep_result(tmp_path, replace(result(file), complete=False)) is None


def test_a_prompts_name_can_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    found = result(library(tmp_path) / "route" / "1.0.0.md")
    assert found.prompt is not None
    odd = replace(found, prompt=replace(found.prompt, name="../../up", version="../x"))
    path = keep_result(tmp_path / "evals", odd)
    assert path is not None
    assert path.resolve().is_relative_to((tmp_path / "evals" / "history").resolve())


def test_the_commands(tmp_path: Path) -> None:
    folder = library(tmp_path)

    def run(*arguments: str) -> str:
        found = CliRunner().invoke(root, ["eval", "prompts", *arguments], env={"COLUMNS": "80"})
        assert found.exit_code == 0, found.output
        assert all(
            len(line) <= 80
            for line in found.stdout.splitlines()
            if "--json" not in arguments and "tmp" not in line
        )
        return found.stdout

    run("new", "route", "--note", "names \x1b[31mred", "--library", str(folder))
    file = folder / "route" / "1.1.0.md"
    file.write_text(file.read_text().replace("queue", "team"))
    shown = run(str(folder))
    assert "\x1b" not in shown
    assert "1.1.0" in shown
    assert "-Name the queue.\n+Name the team.\n" in run("diff", "route@1.1.0", "--library", str(folder))
    found = json.loads(run("list", str(folder), "--json"))
    assert [one["version"] for one in found["prompts"]["route"]] == ["1.0.0", "1.1.0"]


def test_a_suite_leads_to_its_prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = library(tmp_path / "texts")
    suite = tmp_path / "eval.yaml"
    suite.write_text("candidates: {a: {model: m/x, prompt: texts/prompts/route/1.0.0.md}}\n")
    assert find_library(folder) == folder
    assert find_library(suite) == folder
    assert find_library(tmp_path) == folder
    monkeypatch.chdir(tmp_path)
    assert find_library().resolve() == folder.resolve()
    for words in (["eval.yaml"], ["list", "."], []):
        assert "route: 1 version" in CliRunner().invoke(root, ["eval", "prompts", *words]).output
    made = CliRunner().invoke(root, ["eval", "prompts", "new", "route", "--library", "eval.yaml"])
    assert "route 1.1.0, a copy of 1.0.0" in made.output
    (tmp_path / "prompts").mkdir()
    assert find_library() == Path("prompts")


def test_a_suite_of_two_libraries_asks_which(tmp_path: Path) -> None:
    suite = tmp_path / "eval.yaml"
    suite.write_text("candidates: {a: {prompt: one/x.md}, b: {prompt: two/y/1.0.0.md}}\n")
    with pytest.raises(EvidenceError, match="several folders"):
        find_library(suite)
    suite.write_text("candidates: {a: {linear: {train: t.csv}}}\n")
    assert find_library(suite) == tmp_path / "prompts"
    suite.write_text("candidates: [\n")
    with pytest.raises(EvidenceError):
        find_library(suite)
